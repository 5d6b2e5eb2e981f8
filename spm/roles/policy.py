"""The only two questions about rights: `can(viewer, action)` and `visible(viewer, rows)`.

A viewer is who looks, in which company, with which roles, as of which day. It is made once per request or task from the database
(`viewer_get`), so a role that was taken away is gone with the next request.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet

from spm.identity.models import Membership
from spm.people import selectors as people
from spm.people.models import Participant
from spm.roles.catalogue import ACTIONS, ROLE_ACTIONS, ROLE_REACH, Reach
from spm.roles.models import Role, RoleGrant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Viewer(Actor):
    """Who looks. `participant` is the person of the company behind the account, where there is one."""

    organisation: Organisation
    on: date
    roles: frozenset[str] = frozenset()
    membership_id: int | None = None
    participant: Participant | None = None
    is_system: bool = False
    is_read_only: bool = False
    staff_entry_id: int | None = None

    def can(self, action: str) -> bool:
        """Tell whether the viewer may do the action at all."""
        return can(self, action)

    @cached_property
    def reach(self) -> Reach:
        """Give how far the widest role sees."""
        if self.is_system:
            return Reach.ALL
        return max((ROLE_REACH[role] for role in self.roles), default=Reach.SELF)

    @cached_property
    def participant_ids(self) -> frozenset[UUID]:
        """Give the participants within reach; not meant for reach ALL, which needs no list."""
        if self.participant is None:
            return frozenset()
        own = {self.participant.id}
        if self.reach is Reach.TEAM:
            own |= people.subordinate_ids(self.participant.id, on=self.on)
        elif self.reach is Reach.UNIT:
            own |= people.unit_member_ids(self.participant.id, on=self.on)
        return frozenset(own)


def viewer_get(membership: Membership, *, on: date, via: str, request_id: str = "", is_read_only: bool = False) -> Viewer:
    """Make the viewer of a member, inside the company's scope, with the roles that hold on the day."""
    roles = RoleGrant.objects.filter(membership=membership, during__contains=on).values_list("role", flat=True)
    return Viewer(
        name=str(membership.user),
        user_id=membership.user_id,
        via=via,
        request_id=request_id,
        organisation=membership.organisation,
        on=on,
        roles=frozenset(roles),
        membership_id=membership.id,
        participant=Participant.objects.filter(membership=membership).first(),
        is_read_only=is_read_only,
    )


def viewer_of_system(organisation: Organisation, *, on: date, name: str, via: str = "task") -> Viewer:
    """Make the viewer of a task or command that acts for the company itself."""
    return Viewer(name=name, via=via, organisation=organisation, on=on, is_system=True)


def viewer_of_staff(user_id: int, name: str, organisation: Organisation, *, on: date, entry_id: int, request_id: str = "") -> Viewer:
    """Make the viewer of platform staff inside a company: sees like an auditor, changes nothing."""
    return Viewer(
        name=f"{name} (platform staff)",
        user_id=user_id,
        via="staff",
        request_id=request_id,
        organisation=organisation,
        on=on,
        roles=frozenset({Role.AUDITOR}),
        staff_entry_id=entry_id,
        is_read_only=True,
    )


def can(viewer: Viewer | None, action: str) -> bool:
    """Tell whether the viewer may do the action; raises KeyError for an action that is not in the catalogue."""
    ACTIONS[action]
    if viewer is None or (viewer.is_read_only and not _only_reads(action)):
        return False
    return viewer.is_system or any(action in ROLE_ACTIONS[role] for role in viewer.roles)


def _only_reads(action: str) -> bool:
    return action.endswith(".view") or action == "export"


def require(viewer: Viewer, action: str) -> None:
    """Raise PermissionDenied where the viewer may not do the action. Services call it before they write."""
    if not can(viewer, action):
        raise PermissionDenied(f"This needs the right to: {ACTIONS[action]} Ask your company admin for a role that has it.")


def visible(viewer: Viewer, rows: QuerySet[M], *, participant: str = "participant") -> QuerySet[M]:
    """Keep the rows within the viewer's reach; `participant` is the path from a row to the participant it belongs to.

    Rows that belong to nobody in particular (plans, calendars) are not asked about here: `can` decides.
    """
    if viewer.reach is Reach.ALL:
        return rows
    return rows.filter(**{f"{participant}__in": viewer.participant_ids})
