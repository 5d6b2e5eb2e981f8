"""Finds the company before there is a scope: the only code that reads global tables for that."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from spm.identity.models import ApiToken, Invitation, Membership, StaffEntry, TokenUse, User

SESSION_KEY = "organisation_id"
USE_NOTED_EACH = timedelta(hours=1)


@dataclass(frozen=True)
class TokenEntry:
    """A token that opened the door: whose, and for which company. Of a service key it is who made it."""

    user: User
    token: ApiToken
    membership: Membership


def membership_list(user: User) -> list[Membership]:
    """Give the active memberships of the user by company name; `has_staff_inside` tells whether platform staff are in that company now."""
    inside = StaffEntry.objects.filter(organisation=OuterRef("organisation"), left_at=None, ends_at__gt=timezone.now())
    memberships = Membership.objects.filter(user=user, is_active=True).select_related("organisation", "user")
    return list(memberships.annotate(has_staff_inside=Exists(inside)).order_by("organisation__name", "id"))


def membership_choose(memberships: list[Membership], organisation_id: int | None) -> Membership | None:
    """Give the membership in the chosen company, else the first one; None where there is none."""
    chosen = [one for one in memberships if one.organisation_id == organisation_id]
    return next(iter(chosen or memberships), None)


def staff_entry_find(user: User, organisation_id: int | None) -> StaffEntry | None:
    """Give the open entry of platform staff into the company, if there is one."""
    if not user.is_staff or organisation_id is None:
        return None
    entries = StaffEntry.objects.filter(
        user=user, organisation_id=organisation_id, left_at__isnull=True, ends_at__gt=timezone.now()
    )
    return entries.select_related("organisation").order_by("-entered_at").first()


def token_find(key: str) -> TokenEntry:
    """Give the token's user and membership, and note the use; raises AuthenticationFailed for a wrong, expired or orphaned token."""
    if not key.isascii() or not key.isalnum():
        raise AuthenticationFailed("Invalid token.")
    user, token = TokenAuthentication().authenticate_credentials(key.encode())
    now = timezone.now()
    noted = TokenUse.objects.filter(token=token, last_used_at__gt=now - USE_NOTED_EACH)
    membership = Membership.objects.filter(user=user, organisation_id=token.organisation_id, is_active=True)
    found = membership.select_related("organisation", "user").annotate(is_use_noted=Exists(noted)).first()
    if found is None:
        who = "Who made the key" if token.rights else "The token's user"
        raise AuthenticationFailed(f"{who} is no longer a member of the company.")
    if not found.is_use_noted:
        use = TokenUse(token=token, organisation_id=token.organisation_id, last_used_at=now)
        TokenUse.objects.bulk_create(
            [use], update_conflicts=True, unique_fields=["token"], update_fields=["last_used_at"]
        )
    return TokenEntry(user=user, token=token, membership=found)


def invitation_find(digest: str, *, for_update: bool = False) -> Invitation | None:
    """Give the open invitation of a token's digest; None where it was used, withdrawn, is too old or never was."""
    invitations = Invitation.objects.select_related("organisation").filter(
        digest=digest, accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )
    return (invitations.select_for_update(of=("self",)) if for_update else invitations).first()
