"""/livez and /readyz?role=…, answered before everything else, without a session and without details."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from spm.web.readiness import ROLES


class HealthMiddleware:
    """Answers the health addresses; anything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/livez":
            return JsonResponse({"alive": True})
        if request.path == "/readyz":
            return self._ready(request.GET.get("role", "web"))
        return self.get_response(request)

    def _ready(self, role: str) -> JsonResponse:
        if role not in ROLES:
            return JsonResponse({"ready": False, "failed": [f"role must be one of {', '.join(ROLES)}"]}, status=400)
        failed = [name for name, check in ROLES[role].items() if not check()]
        return JsonResponse({"ready": not failed, "failed": failed}, status=503 if failed else 200)
