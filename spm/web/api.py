"""The base of every API view: who asks, what they may, paging, throttles and the one error shape."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView, set_rollback

from spm.roles.policy import can


class ScopeAuthentication(SessionAuthentication):
    """Takes who the scope middleware found: by token, or by session with CSRF check."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Give the user and token of the open scope."""
        token = getattr(request._request, "auth_token", None)
        if token is not None:
            return request._request.user, token
        return super().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing login is 401 and not 403."""
        return "Token"


class ActionPermission(BasePermission):
    """Asks for the view's `actions[method]`; a view without an entry for the method is refused."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether the viewer may do what the view declares for the method."""
        viewer = getattr(request, "viewer", None)
        if viewer is None:
            return False
        actions: dict[str, str] = getattr(view, "actions", {})
        action = actions.get("GET" if request.method in ("HEAD", "OPTIONS") else str(request.method))
        return action is not None and can(viewer, action)


class Pagination(PageNumberPagination):
    """Pages of 50; `page_size` up to 500."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500


class CompanyThrottle(SimpleRateThrottle):
    """Counts per company and user, so that one company never slows another."""

    scope = "company"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Give the key the count is kept under; None before anybody is known."""
        viewer = getattr(request, "viewer", None)
        return None if viewer is None else f"throttle:{self.scope}:{viewer.user_id}"


class ImportThrottle(CompanyThrottle):
    """The tighter limit of bulk writes."""

    scope = "import"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Give every refused request the shape {code, message, fix, where}; what is unexpected stays an exception (500)."""
    set_rollback()
    request = context["request"]._request
    request.scope_failed = True
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages)
    if isinstance(error, Http404 | ObjectDoesNotExist):
        error = exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if not isinstance(error, exceptions.APIException):
        return None
    return Response(_body(error), status=error.status_code, headers=_headers(error))


def _body(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return {"code": "invalid", "message": "The request has errors.", "fix": "Correct the fields named in 'where'.", "where": error.detail}
    fixes = {
        status.HTTP_401_UNAUTHORIZED: "Send 'Authorization: Token …' or sign in.",
        status.HTTP_403_FORBIDDEN: "Ask your company admin for a role with this right, or use a token that may write.",
        status.HTTP_404_NOT_FOUND: "Check the address; things of other companies don't exist here.",
        status.HTTP_429_TOO_MANY_REQUESTS: "Wait as many seconds as Retry-After says.",
    }
    return {"code": error.default_code, "message": str(error.detail), "fix": fixes.get(error.status_code, ""), "where": None}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    wait = getattr(error, "wait", None)
    headers = {"Retry-After": str(int(wait) + 1)} if wait else {}
    if error.status_code == status.HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Token"
    return headers
