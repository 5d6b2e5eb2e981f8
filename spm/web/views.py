"""The base of every page: the right is declared, the viewer is there, a foreign object is 404."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from spm.core.dated import day_read
from spm.core.ids import id_of
from spm.roles.policy import Viewer, can, refusal


class PageMixin:
    """Put first in the bases of a class-based view. `actions` maps methods to actions of the catalogue; other methods are refused."""

    actions: ClassVar[dict[str, str]] = {}
    takes_any_text: ClassVar[bool] = False
    """A page that finds nothing for a text that the database can't hold, rather than refusing it."""
    request: HttpRequest

    @property
    def viewer(self) -> Viewer:
        """Give who looks; never None inside a page."""
        return self.request.viewer  # type: ignore[attr-defined]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let the viewer in, or send to sign-in, to company choice, or away with 403. `visible` cuts by the declared right.

        What a service does not find by the key in an address is 404, whether it never was or is another company's.
        """
        viewer: Viewer | None = request.viewer  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if viewer is None:
            return redirect("identity:company_none")
        method = "GET" if request.method in ("HEAD", "OPTIONS") else str(request.method)
        action = self.actions.get(method)
        if action is None:
            return self.http_method_not_allowed(request)  # type: ignore[attr-defined]
        if not can(viewer, action):
            raise PermissionDenied(refusal(viewer, action))
        request.viewer = viewer.acting(action)  # type: ignore[attr-defined]
        if not self.takes_any_text:
            _refuse_unreadable(request)
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except ObjectDoesNotExist as error:
            raise Http404 from error

    def day_asked(self) -> date:
        """Give the day `on` of the address, today where it names none; raises BadRequest for what is no day."""
        text = self.request.GET.get("on", "")
        if not text:
            return self.viewer.on
        day = day_read(text)
        if day is None:
            raise BadRequest(_("“%(text)s” is not a day. Write it as 2026-01-31.") % {"text": text[:20]})
        return day


def _refuse_unreadable(request: HttpRequest) -> None:
    """Refuse the NUL character once for all pages: no text has it, and the database takes none."""
    sent = [request.GET] if request.method in ("GET", "HEAD") else [request.GET, request.POST]
    if any("\0" in value for values in sent for _name, all_of in values.lists() for value in all_of):
        raise BadRequest(_("It holds the NUL character, which no text has."))


class SignedInMixin:
    """Put first in the bases of a page for anybody who is signed in, also without a company."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send visitors to sign-in."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


def id_posted(text: str, otherwise: str) -> UUID:
    """Give the id that a form sends; raises BadRequest with these words for what is none."""
    found = id_of(text)
    if found is None:
        raise BadRequest(otherwise)
    return found
