"""The base of every page: the right is declared, the viewer is there, a foreign object is 404."""

from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from spm.roles.catalogue import ACTIONS
from spm.roles.policy import Viewer, can


class PageMixin:
    """Put first in the bases of a class-based view. `actions` maps methods to actions of the catalogue; other methods are refused."""

    actions: ClassVar[dict[str, str]] = {}
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
            raise PermissionDenied(f"This page needs the right to: {ACTIONS[action]}")
        request.viewer = viewer.acting(action)  # type: ignore[attr-defined]
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except ObjectDoesNotExist as error:
            raise Http404 from error


class SignedInMixin:
    """Put first in the bases of a page for anybody who is signed in, also without a company."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send visitors to sign-in."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
