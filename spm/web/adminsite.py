"""The site of Django's admin: entered by platform staff with a second factor, through the product's own sign-in."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from spm.identity.models import User

SHOWN = ("identity.user", "identity.staffentry", "tenancy.organisation", "audit.platformentry")
"""Tables of the admin. Others (keys, second factors, sessions, addresses) are never registered, whoever asks."""


class PlatformSite(AdminSite):
    """Global tables for platform staff."""

    site_header = site_title = "Platform"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take only what may be shown; other apps register their own tables unasked."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        super().register([model for model in models if model._meta.label_lower in SHOWN], admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in active platform staff with a second factor."""
        user = request.user
        return isinstance(user, User) and user.is_active and user.is_staff and is_mfa_enabled(user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the product's own sign-in, or to the second factor; the admin has no sign-in of its own."""
        if not request.user.is_authenticated:
            return redirect_to_login(reverse("admin:index"), reverse("account_login"))
        if self.has_permission(request):
            return redirect("admin:index")
        if getattr(request.user, "is_staff", False):
            messages.warning(request, _("Platform staff need two-step sign-in. Set it up here, then come back."))
            return redirect("mfa_index")
        raise PermissionDenied("The admin is for platform staff.")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Lead to the product's own page, which asks again who it is."""
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Lead back."""
        return redirect("admin:index")
