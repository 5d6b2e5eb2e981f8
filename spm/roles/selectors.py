"""Who may sign in to the company, who is invited, and which platform staff were inside."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from spm.identity.models import ApiToken, Invitation, Membership, StaffEntry
from spm.people.models import Participant
from spm.roles.models import Reach, Role, RoleGrant
from spm.roles.policy import Viewer, require


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """A member as the list shows them."""

    public_id: UUID
    name: str
    email: str
    is_active: bool
    roles: tuple[str, ...]
    participant: Participant | None
    joined_at: datetime


@dataclass(frozen=True, kw_only=True)
class GrantRow:
    """A role of a member on its days; `is_open` where it can still be ended."""

    id: UUID
    role: str
    reach: str
    starts_on: date
    until: date | None
    state: str


def member_list(viewer: Viewer) -> list[MemberRow]:
    """Give the members by name with the roles they have on the viewer's day."""
    require(viewer, "member.view")
    memberships = list(membership_rows(viewer).order_by("-is_active", "user__name", "user__email"))
    roles = _roles_by_membership(memberships, on=viewer.on)
    people = {one.membership_id: one for one in Participant.objects.filter(membership__in=memberships)}
    return [
        MemberRow(
            public_id=one.public_id,
            name=str(one.user),
            email=one.user.email,
            is_active=one.is_active and one.user.is_active,
            roles=tuple(roles[one.pk]),
            participant=people.get(one.pk),
            joined_at=one.created_at,
        )
        for one in memberships
    ]


def membership_rows(viewer: Viewer) -> QuerySet[Membership]:
    """Give the memberships of the viewer's company."""
    return Membership.objects.filter(organisation=viewer.organisation).select_related("user", "organisation")


def invitation_rows(viewer: Viewer) -> QuerySet[Invitation]:
    """Give the open invitations of the viewer's company, also those that are too old to be used."""
    open_ones = Invitation.objects.filter(organisation=viewer.organisation, accepted_at=None, withdrawn_at=None)
    return open_ones.select_related("invited_by").order_by("-created_at")


def invitation_list(viewer: Viewer) -> list[dict[str, object]]:
    """Give the open invitations as the members page shows them."""
    require(viewer, "member.view")
    return [
        {
            "public_id": one.public_id,
            "email": one.email,
            "roles": [Role(role).label for role in one.roles],
            "invited_by": str(one.invited_by),
            "expires_at": one.expires_at,
            "state": "expired" if one.expires_at <= timezone.now() else "open",
        }
        for one in invitation_rows(viewer)
    ]


def grant_list(viewer: Viewer, membership: Membership) -> list[GrantRow]:
    """Give the roles of a member, past, present and to come."""
    require(viewer, "member.view")
    grants = RoleGrant.objects.filter(membership=membership).order_by("during", "role")
    return [
        GrantRow(
            id=one.id,
            role=Role(one.role).label,
            reach=Reach(one.reach).label if one.reach else "",
            starts_on=one.during.lower,
            until=one.during.upper,
            state=_state(one, viewer.on),
        )
        for one in grants
    ]


def staff_entry_list(viewer: Viewer) -> list[dict[str, object]]:
    """Give the entries of platform staff into the company, newest first."""
    require(viewer, "member.view")
    entries = (
        StaffEntry.objects.filter(organisation=viewer.organisation).select_related("user").order_by("-entered_at")[:50]
    )
    return [
        {
            "name": str(one.user),
            "reason": one.reason,
            "entered_at": one.entered_at,
            "left_at": one.left_at or (one.ends_at if one.ends_at <= timezone.now() else None),
            "ends_at": one.ends_at,
        }
        for one in entries
    ]


def key_list(viewer: Viewer) -> QuerySet[ApiToken]:
    """Give the company's service keys by name, each with `last_used_at` to the hour; None where it was never used."""
    require(viewer, "key.view")
    keys = ApiToken.objects.filter(organisation=viewer.organisation, rights__isnull=False).select_related("user")
    return keys.annotate(last_used_at=F("use__last_used_at")).order_by("name")


def _roles_by_membership(memberships: Iterable[Membership], *, on: date) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    grants = RoleGrant.objects.filter(membership__in=list(memberships), during__contains=on).order_by("role")
    for membership_id, role in grants.values_list("membership_id", "role"):
        found[membership_id].append(str(Role(role).label))
    return found


def _state(grant: RoleGrant, on: date) -> str:
    if grant.during.lower > on:
        return "planned"
    if grant.during.upper is not None and grant.during.upper <= on:
        return "ended"
    return "active"
