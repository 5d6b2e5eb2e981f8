"""Django's admin for platform staff: global tables only, behind a second factor, and never a way into a company.

Memberships, tokens and invitations are not here, and an address or password can't be changed here: each would let staff become a member of
a company without its knowing. What staff may see of a company they see by a timed entry (`spm.web.pages.identity.staff`).
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from spm.audit.models import PlatformEntry
from spm.identity.models import StaffEntry, User
from spm.tenancy.models import Organisation


class ReadOnlyAdmin(admin.ModelAdmin):
    """A table to look at."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Who can sign in. An account can be shut and opened again; nothing else changes here."""

    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "last_login", "date_joined")
    readonly_fields = ("email", "name", "is_staff", "last_login", "date_joined")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: accounts begin with a sign-up or an invitation."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what a person did stays theirs."""
        return False


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    """The companies of the installation, by name and settings only."""

    list_display = ("slug", "name", "time_zone", "created_at")
    search_fields = ("slug", "name")


@admin.register(StaffEntry)
class StaffEntryAdmin(ReadOnlyAdmin):
    """Who entered which company, why and until when."""

    list_display = ("user", "organisation", "reason", "entered_at", "ends_at", "left_at")
    list_select_related = ("user", "organisation")


@admin.register(PlatformEntry)
class PlatformEntryAdmin(ReadOnlyAdmin):
    """Changes of the global tables that belong to no company; those of a company are its own to read."""

    list_display = ("at", "actor", "via", "table_name", "row_id", "verb")
    list_filter = ("table_name", "verb")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave out what companies do to their members."""
        return super().get_queryset(request).filter(organisation_id=None)
