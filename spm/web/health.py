"""/livez, /readyz?role=… and /metrics, answered before everything else, without a session and without details."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django_permissions_policy import PermissionsPolicyMiddleware

from spm.web.metrics import metrics_answer
from spm.web.readiness import ROLES


class HealthMiddleware:
    """Answers the health addresses; anything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._answer(request)
        if answer is None:
            return self.get_response(request)
        return _guarded(request, answer)

    def _answer(self, request: HttpRequest) -> HttpResponse | None:
        if request.path == "/livez":
            return JsonResponse({"alive": True})
        if request.path == "/readyz":
            return self._ready(request.GET.get("role", "web"))
        if request.path == "/metrics":
            return metrics_answer(request)
        return None

    def _ready(self, role: str) -> JsonResponse:
        if role not in ROLES:
            return JsonResponse({"ready": False, "failed": [f"role must be one of {', '.join(ROLES)}"]}, status=400)
        failed = [name for name, check in ROLES[role].items() if not check()]
        return JsonResponse({"ready": not failed, "failed": failed}, status=503 if failed else 200)


def _guarded(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Give the answer the headers that every page has; nothing may be loaded from it or frame it."""
    answer["Cache-Control"] = "no-store"
    answer["Content-Security-Policy"] = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    for guard in (SecurityMiddleware, XFrameOptionsMiddleware):
        answer = guard(HttpResponse).process_response(request, answer)
    PermissionsPolicyMiddleware(lambda _: answer)(request)
    return answer
