"""Opens the company's scope around a request, and says who looks."""

from collections.abc import Callable
from uuid import uuid4
from zoneinfo import ZoneInfo

from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.cache import patch_cache_control
from rest_framework.exceptions import AuthenticationFailed

from spm.identity.entry import SESSION_KEY, membership_choose, membership_list, staff_entry_find, token_find
from spm.identity.models import Membership, User
from spm.identity.sessions import session_continue
from spm.roles.policy import Viewer, viewer_get, viewer_of_service, viewer_of_staff
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, actor_change, actor_scope, identity_open, organisation_scope
from spm.web.errors import broken, error_response, is_api, shaped

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
DETOURS = (ImmediateHttpResponse, ReauthenticationRequired)
"""How allauth leaves a view on purpose, such as to ask for the password again."""

OUTSIDE = ("/company/join/", "/company/staff/", "/admin/")
"""Joining or entering a company, and the platform's own tables: never inside another company."""

OWN_ACCOUNT = "/account/"
"""A person's own addresses, factors and sessions, which belong to no company."""

REFUSALS = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)
"""What Django itself answers with 400, 403 or 404; anything else is a fault."""


class ScopeMiddleware:
    """Sets `request.viewer` (None when nobody is signed in or the user has no company) inside an open scope.

    The scope is one transaction: any error response of the server, and any exception a view raised, rolls everything back. Requests that
    write without a company (sign-up, joining) run in one transaction too, so that the audit knows who and half a sign-up never stays.
    Tokens open the API only; nobody reaches a page or an account with one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = None  # type: ignore[attr-defined]
        request.request_id = getattr(request, "request_id", "") or uuid4().hex  # type: ignore[attr-defined]
        response = shaped(request, self._answer(request))
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Undo what the view wrote, an exception is never half a success; answer a fault with its id."""
        if isinstance(exception, DETOURS):
            return None
        request.scope_failed = True  # type: ignore[attr-defined]
        if settings.DEBUG or isinstance(exception, REFUSALS):
            return None
        return broken(request, exception)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        header = request.headers.get("Authorization", "")
        if is_api(request) and header.startswith("Token "):
            return self._by_token(request, header.removeprefix("Token ").strip())
        user = getattr(request, "user", None)
        if isinstance(user, User) and not session_continue(request.session):
            logout(request)
            user = None
        if not isinstance(user, User):
            return self._outside(request, Actor(name="visitor", via="web", request_id=request.request_id))  # type: ignore[attr-defined]
        return self._by_session(request, user)

    def _by_session(self, request: HttpRequest, user: User) -> HttpResponse:
        request_id: str = request.request_id  # type: ignore[attr-defined]
        outsider = Actor(name=str(user), user_id=user.pk, via="web", request_id=request_id)
        if request.path.startswith(OUTSIDE):
            return self._outside(request, outsider)
        chosen = request.session.get(SESSION_KEY)
        entry = staff_entry_find(user, chosen)
        if entry is not None:
            company, entry_id = entry.organisation, entry.id
            return self._inside(
                request,
                company,
                lambda on: viewer_of_staff(
                    user.pk, str(user), company, on=on, entry_id=entry_id, request_id=request_id
                ),
            )
        memberships = membership_list(user)
        membership = membership_choose(memberships, chosen)
        if membership is None:
            return self._outside(request, outsider)
        return self._as_member(
            request, membership, via="web", organisations=tuple(one.organisation for one in memberships)
        )

    def _by_token(self, request: HttpRequest, key: str) -> HttpResponse:
        try:
            entry = token_find(key)
        except AuthenticationFailed as failure:
            fix = "Make a new token under API tokens and send it as 'Authorization: Token …'."
            response = error_response(401, "token_invalid", str(failure.detail), fix=fix)
            response["WWW-Authenticate"] = "Token"
            return response
        request.user = entry.user
        request.auth_token = entry.token  # type: ignore[attr-defined]
        if entry.token.rights is not None:
            request_id: str = request.request_id  # type: ignore[attr-defined]
            company = entry.membership.organisation
            return self._inside(request, company, lambda on: viewer_of_service(entry, on=on, request_id=request_id))
        return self._as_member(request, entry.membership, via="api", is_read_only=entry.token.read_only)

    def _as_member(
        self,
        request: HttpRequest,
        membership: Membership,
        *,
        via: str,
        is_read_only: bool = False,
        organisations: tuple[Organisation, ...] = (),
    ) -> HttpResponse:
        request_id: str = request.request_id  # type: ignore[attr-defined]
        return self._inside(
            request,
            membership.organisation,
            lambda on: viewer_get(
                membership,
                on=on,
                via=via,
                request_id=request_id,
                is_read_only=is_read_only,
                organisations=organisations,
            ),
        )

    def _inside(self, request: HttpRequest, organisation: Organisation, make: Callable[..., Viewer]) -> HttpResponse:
        with organisation_scope(
            organisation.id, actor=Actor(name=str(request.user), user_id=request.user.pk, via="web")
        ):
            viewer = make(organisation.day_of(timezone.now()))
            actor_change(viewer)
            request.viewer = viewer  # type: ignore[attr-defined]
            if request.path.startswith(OWN_ACCOUNT):
                identity_open()
            with timezone.override(ZoneInfo(organisation.time_zone)):
                return self._kept_if_well(request)

    def _outside(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        if request.method in SAFE:
            return self.get_response(request)
        with actor_scope(actor):
            return self._kept_if_well(request)

    def _kept_if_well(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 500 or getattr(request, "scope_failed", False):
            transaction.set_rollback(True)
        return response
