"""The base of every API view: who asks, what they may, paging, throttles and the one error shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError
from django.forms import BaseForm
from django.http import Http404
from psycopg2.errors import ExclusionViolation, ForeignKeyViolation, UniqueViolation
from rest_framework import exceptions, serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from spm.core.findings import FindingError
from spm.roles.policy import RightMissing, can, refusal
from spm.web.errors import error_body

if TYPE_CHECKING:
    from rest_framework.views import APIView


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
    """Asks for the view's `actions[method]`; a view without an entry for a method that it handles is refused."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether the viewer may do what the view declares for the method, and let `visible` cut by that right."""
        viewer = getattr(request, "viewer", None)
        if viewer is None:
            return False
        method = "GET" if request.method in ("HEAD", "OPTIONS") else str(request.method)
        if getattr(view, method.lower(), None) is None:
            return True  # 405 follows
        action = getattr(view, "actions", {}).get(method)
        if action is None:
            return False
        if not can(viewer, action):
            self.message = refusal(viewer, action)
            return False
        request._request.viewer = viewer.acting(action)  # type: ignore[attr-defined]
        return True


class Pagination(PageNumberPagination):
    """Pages of 50; `page_size` up to 500."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500


class CompanyThrottle(SimpleRateThrottle):
    """Counts per company and user or service key, so that one company never slows another."""

    scope = "company"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Give the key the count is kept under; None before anybody is known."""
        viewer = getattr(request, "viewer", None)
        return None if viewer is None else f"throttle:{self.scope}:{viewer.key_id or viewer.user_id}"


class ImportThrottle(CompanyThrottle):
    """The tighter limit of bulk writes."""

    scope = "import"


NAMED_CHOICES = 40
"""A wrong choice is answered with those that there are up to so many; the time zones of the world would be no answer."""


class Input(serializers.Serializer[Any]):
    """The base of what a request may hold. A name that is not known is refused: a misspelt amount would be left out of somebody's pay."""

    def to_internal_value(self, data: Any) -> Any:
        """Read the fields; raises ValidationError naming each field that is not known."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
            raise serializers.ValidationError(
                {name: [f"There is no such field here. There are: {known}."] for name in unknown}
            )
        return super().to_internal_value(data)

    def get_fields(self) -> dict[str, Any]:
        """Give the fields; a wrong choice is answered with those that there are."""
        fields: dict[str, Any] = super().get_fields()
        for field in fields.values():
            if isinstance(field, serializers.ChoiceField) and len(field.choices) <= NAMED_CHOICES:
                choices = ", ".join(str(each).replace("{", "{{").replace("}", "}}") for each in field.choices)
                field.error_messages["invalid_choice"] = f'"{{input}}" is not a valid choice. It may be: {choices}.'
        return fields


PAGING = frozenset({"page", "page_size"})


def query_known(view: Any) -> set[str]:
    """Give what may stand in the query of a view: its `query_names`, its filters and, for a list, the paging."""
    names = set(getattr(view, "query_names", ()))
    filters = getattr(view, "filterset_fields", {})
    names |= {*getattr(getattr(view, "filterset_class", None), "base_filters", ())}
    names |= {name if lookup == "exact" else f"{name}__{lookup}" for name in filters for lookup in filters[name]}
    return names | PAGING if hasattr(view, "list") or hasattr(view, "pages") else names


class KnownQuery(BasePermission):
    """Asked of every API view, after the right: a name in the query that it does not know is refused, and so is the NUL character.

    Left unread, a misspelt filter would give a list that is longer than what was asked for.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raise ValidationError naming what is not known and what is; else let the request in."""
        known = query_known(view)
        there = f"There are: {', '.join(sorted(known))}." if known else "It takes none."
        wrong = {
            name: [f"There is no such filter here. {there}"] for name in set(request.query_params) - known - {"format"}
        }
        for name, values in request.query_params.lists():
            if any("\0" in text for text in (name, *values)):
                wrong[name.replace("\0", "")] = ["It holds the NUL character, which no text has."]
        if wrong:
            raise exceptions.ValidationError(wrong)
        return True


class Conflict(exceptions.APIException):
    """What was asked contradicts what is there."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This contradicts something that is there already."
    default_code = "conflict"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Give every refused request the shape {code, message, fix, where}; what is unexpected stays an exception (500)."""
    context["request"]._request.scope_failed = True
    known = _as_api_error(error)
    if known is None:
        return None
    return Response(_body(known), status=known.status_code, headers=_headers(known))


class Barred(exceptions.PermissionDenied):
    """Refused to who has the right: what they did before, or whose it is, keeps them from it."""


def input_read(request: Request, form: type[Input]) -> dict[str, Any]:
    """Give what a request holds, as its form reads it; raises what the form found wrong."""
    read = form(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def form_refused(form: BaseForm) -> exceptions.ValidationError:
    """Give the error by which an endpoint refuses what a form found wrong, by field."""
    return exceptions.ValidationError({name: [str(text) for text in texts] for name, texts in form.errors.items()})


def _as_api_error(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, FindingError):
        return exceptions.ValidationError([error.finding.message])
    if isinstance(error, ValidationError):
        return exceptions.ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages)
    if isinstance(error, IntegrityError):
        return _as_conflict(error)
    if isinstance(error, Http404 | ObjectDoesNotExist):
        return exceptions.NotFound()
    if isinstance(error, RightMissing):
        return exceptions.PermissionDenied(str(error))
    if isinstance(error, PermissionDenied):
        return Barred(str(error) or None)
    return error if isinstance(error, exceptions.APIException) else None


def _as_conflict(error: IntegrityError) -> exceptions.APIException | None:
    """Tell a reference to nothing and a contradiction apart; what else the database refuses is a fault of ours."""
    if isinstance(error.__cause__, ForeignKeyViolation):
        return exceptions.ValidationError(["A key refers to something that is not there."])
    return Conflict() if isinstance(error.__cause__, UniqueViolation | ExclusionViolation) else None


_FIXES = {
    status.HTTP_400_BAD_REQUEST: "Send a body that can be read as its Content-Type says.",
    status.HTTP_401_UNAUTHORIZED: "Send 'Authorization: Token …' or sign in.",
    status.HTTP_403_FORBIDDEN: "Ask your company admin for a role with this right, or use a token that may write.",
    status.HTTP_404_NOT_FOUND: "Check the address; things of other companies don't exist here.",
    status.HTTP_405_METHOD_NOT_ALLOWED: "Use one of the methods that the Allow header names.",
    status.HTTP_406_NOT_ACCEPTABLE: "Accept application/json.",
    status.HTTP_409_CONFLICT: "Read what is there, then change that, or choose another key or other days.",
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "Send application/json.",
    status.HTTP_429_TOO_MANY_REQUESTS: "Wait as many seconds as Retry-After says.",
}


def _body(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        if isinstance(error.detail, list):  # about no field: what is there does not allow it
            said = " ".join(_sentence(str(each)) for each in error.detail)
            return error_body("invalid", said, fix="Do as the message says, and ask again.", where=error.detail)
        return error_body(
            "invalid", "The request has errors.", fix="Correct the fields named in 'where'.", where=error.detail
        )
    return error_body(str(error.default_code), _sentence(str(error.detail)), fix=_fix(error))


def _fix(error: exceptions.APIException) -> str:
    if isinstance(error, Barred):
        return "Let somebody else do it: the right alone does not allow it here."
    return _FIXES.get(error.status_code, "")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _headers(error: exceptions.APIException) -> dict[str, str]:
    if error.status_code == status.HTTP_429_TOO_MANY_REQUESTS:
        return {"Retry-After": str(int(getattr(error, "wait", None) or 0) + 1)}
    if error.status_code == status.HTTP_401_UNAUTHORIZED:
        return {"WWW-Authenticate": "Token"}
    return {}
