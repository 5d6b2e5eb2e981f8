"""Opens the company's scope around a request, and says who looks."""

from collections.abc import Callable
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from spm.identity.entry import SESSION_KEY, membership_find, staff_entry_find, token_find
from spm.identity.models import Membership
from spm.roles.policy import Viewer, viewer_get, viewer_of_staff
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, actor_change, organisation_scope
from spm.web.errors import error_response

GetResponse = Callable[[HttpRequest], HttpResponse]


class ScopeMiddleware:
    """Sets `request.viewer` (None when nobody is signed in or the user has no company) inside an open scope.

    The scope is one transaction: any error response of the server, and any exception a view raised, rolls everything back.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = None  # type: ignore[attr-defined]
        request.request_id = getattr(request, "request_id", "") or uuid4().hex  # type: ignore[attr-defined]
        header = request.headers.get("Authorization", "")
        if header.startswith("Token "):
            return self._by_token(request, header.removeprefix("Token ").strip())
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return self.get_response(request)
        chosen = request.session.get(SESSION_KEY)
        entry = staff_entry_find(user, chosen)
        if entry is not None:
            return self._inside(request, entry.organisation, lambda on: viewer_of_staff(
                user.id, str(user), entry.organisation, on=on, entry_id=entry.id, request_id=request.request_id  # type: ignore[attr-defined]
            ))
        membership = membership_find(user, chosen)
        if membership is None:
            return self.get_response(request)
        return self._as_member(request, membership, via="web")

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Undo what the view wrote: an exception is never half a success."""
        request.scope_failed = True  # type: ignore[attr-defined]

    def _by_token(self, request: HttpRequest, key: str) -> HttpResponse:
        try:
            entry = token_find(key)
        except AuthenticationFailed as failure:
            return error_response(401, "token_invalid", str(failure.detail), fix="Make a new token under API tokens and send it as 'Authorization: Token …'.")
        request.user = entry.user
        request.auth_token = entry.token  # type: ignore[attr-defined]
        return self._as_member(request, entry.membership, via="api", is_read_only=entry.token.read_only)

    def _as_member(self, request: HttpRequest, membership: Membership, *, via: str, is_read_only: bool = False) -> HttpResponse:
        request_id: str = request.request_id  # type: ignore[attr-defined]
        return self._inside(
            request,
            membership.organisation,
            lambda on: viewer_get(membership, on=on, via=via, request_id=request_id, is_read_only=is_read_only),
        )

    def _inside(self, request: HttpRequest, organisation: Organisation, make: Callable[..., Viewer]) -> HttpResponse:
        with organisation_scope(organisation.id, actor=Actor(name=str(request.user), user_id=request.user.pk, via="web")):
            viewer = make(timezone.now().astimezone(ZoneInfo(organisation.time_zone)).date())
            actor_change(viewer)
            request.viewer = viewer  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= 500 or getattr(request, "scope_failed", False):
                transaction.set_rollback(True)
        return response
