"""The only two questions about rights: `can(viewer, action)`, of one person `can_for`, and `visible(viewer, rows)`.

A viewer is who looks, in which company, with which roles, as of which day. It is made once per request or task from the database
(`viewer_get`), so a role that was taken away is gone with the next request.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet

from spm.identity.entry import TokenEntry
from spm.identity.models import Membership
from spm.people import selectors as people
from spm.people.models import Participant
from spm.roles.catalogue import ACTION_REACH, ACTIONS, FOR_PEOPLE, ROLE_ACTIONS, ROLE_REACH, WHOLE_COMPANY
from spm.roles.models import Reach, Role, RoleGrant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, current_organisation_id

M = TypeVar("M", bound=Model)
NARROW = (
    "Your role reaches a part of the company, and this is about all of it at once: {} "
    "Ask your company admin for a role that reaches the whole company."
)
BEYOND = NARROW.replace("this is about all of it at once", "this is about somebody beyond it")


@dataclass(frozen=True, kw_only=True)
class Viewer(Actor):
    """Who looks. `participant` is the person of the company behind the account, where there is one.

    `action` is the right that the page or endpoint asked for; `visible` cuts by the reach of the roles that give it. `narrowed` holds the
    reach of roles that were granted with less than their own. `rights` are those of a service key, which has no roles: it sees the whole
    company for what it may, and nothing beside.
    """

    organisation: Organisation
    on: date
    roles: frozenset[str] = frozenset()
    narrowed: tuple[tuple[str, Reach], ...] = ()
    rights: frozenset[str] = frozenset()
    action: str = ""
    membership_id: int | None = None
    participant: Participant | None = None
    organisations: tuple[Organisation, ...] = ()
    is_system: bool = False
    is_read_only: bool = False
    staff_entry_id: int | None = None
    key_id: UUID | None = None
    has_staff_inside: bool = False
    _found: dict[tuple[Reach, date], frozenset[UUID]] = field(default_factory=dict, compare=False, repr=False)

    def can(self, action: str) -> bool:
        """Tell whether the viewer may do the action at all."""
        return can(self, action)

    def acting(self, action: str) -> "Viewer":
        """Give the same viewer about to do the action: what is visible is cut by the reach of that right."""
        ACTIONS[action]
        return replace(self, action=action)

    def seeing(self, right: str) -> "Viewer":
        """Give the same viewer looking up what to act on: by the right to see it where they hold that, as a service key need not."""
        return self.acting(right) if self.can(right) else self

    @property
    def reach(self) -> Reach:
        """Give how far the viewer sees for the action at hand; without one, how far the widest role sees."""
        if self.is_system or self.action in self.rights:
            return Reach.ALL
        giving = [role for role in self.roles if not self.action or self.action in ROLE_ACTIONS[role]]
        return max((self._reach_of(role) for role in giving), default=Reach.SELF)

    def _reach_of(self, role: str) -> Reach:
        reach = ACTION_REACH.get((role, self.action), ROLE_REACH[role])
        return min(dict(self.narrowed).get(role, reach), reach)

    @property
    def participant_ids(self) -> frozenset[UUID]:
        """Give the participants within reach; not meant for reach ALL, which needs no list."""
        key = (self.reach, self.on)
        if key not in self._found:
            self._found[key] = participant_ids_within(self.participant, self.reach, on=self.on)
        return self._found[key]


def participant_ids_within(participant: Participant | None, reach: Reach, *, on: date) -> frozenset[UUID]:
    """Give the participants whom a person reaches on the day; not meant for reach ALL, which needs no list."""
    if participant is None:
        return frozenset()
    own = {participant.id}
    if reach >= Reach.TEAM:
        own |= people.subordinate_ids(participant.id, on=on)
    if reach >= Reach.UNIT:
        own |= people.unit_member_ids(participant.id, on=on)
    return frozenset(own)


def viewer_get(
    membership: Membership,
    *,
    on: date,
    via: str,
    request_id: str = "",
    is_read_only: bool = False,
    organisations: tuple[Organisation, ...] = (),
) -> Viewer:
    """Make the viewer of a member, inside the company's scope, with the roles that hold on the day."""
    grants = list(RoleGrant.objects.filter(membership=membership, during__contains=on).values_list("role", "reach"))
    return Viewer(
        name=str(membership.user),
        user_id=membership.user_id,
        via=via,
        request_id=request_id,
        organisation=membership.organisation,
        on=on,
        roles=frozenset(role for role, _ in grants),
        narrowed=tuple((role, Reach(reach)) for role, reach in grants if reach is not None),
        membership_id=membership.id,
        participant=Participant.objects.filter(membership=membership).first(),
        organisations=organisations,
        is_read_only=is_read_only,
        has_staff_inside=getattr(membership, "has_staff_inside", False),
    )


def viewer_of_service(entry: TokenEntry, *, on: date, request_id: str = "") -> Viewer:
    """Make the viewer of a service key: it may what the key names, under the key's own name, and sees the whole company for it.

    It is no member, and its acts count as those of who made it wherever two people are asked for.
    """
    rights = frozenset(entry.token.rights or ()) - FOR_PEOPLE
    return Viewer(
        name=f"service: {entry.token.name}",
        user_id=entry.user.pk,
        via="service",
        request_id=request_id,
        organisation=entry.membership.organisation,
        on=on,
        rights=rights | {"home.view"},
        key_id=entry.token.pk,
        is_read_only=all(only_reads(each) for each in rights),
    )


def viewer_of_system(organisation: Organisation, *, on: date, name: str, via: str = "task") -> Viewer:
    """Make the viewer of a task or command that acts for the company itself."""
    return Viewer(name=name, via=via, organisation=organisation, on=on, is_system=True)


def viewer_of_staff(
    user_id: int, name: str, organisation: Organisation, *, on: date, entry_id: int, request_id: str = ""
) -> Viewer:
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


def user_id_of(viewer: Viewer) -> int:
    """Give the user behind the viewer; raises PermissionDenied for the company itself, where a person must act."""
    if viewer.user_id is None:
        raise PermissionDenied("A person has to do this, not a command or a task.")
    return viewer.user_id


def can(viewer: Viewer | None, action: str) -> bool:
    """Tell whether the viewer may do the action; raises KeyError for an action that is not in the catalogue."""
    return _holds(viewer, action) and not _is_too_narrow(viewer, action)


def can_for(viewer: Viewer, action: str, participant_id: UUID | None) -> bool:
    """Tell whether the viewer may do the action for a person; None is everybody at once. Forms are shown and taken by it."""
    looking = viewer.acting(action)
    return can(viewer, action) and (looking.reach is Reach.ALL or participant_id in looking.participant_ids)


def _is_too_narrow(viewer: Viewer | None, action: str) -> bool:
    """Tell whether the action is one over the whole company, and the roles that give it reach a part."""
    return viewer is not None and action in WHOLE_COMPANY and viewer.acting(action).reach is not Reach.ALL


def refusal(viewer: Viewer | None, action: str) -> str:
    """Say why the viewer may not do the action."""
    if _holds(viewer, action):
        return NARROW.format(ACTIONS[action])
    return f"This needs the right to: {ACTIONS[action]} Ask your company admin for a role that has it."


def _holds(viewer: Viewer | None, action: str) -> bool:
    ACTIONS[action]
    if viewer is None or (viewer.is_read_only and not only_reads(action)):
        return False
    return viewer.is_system or action in viewer.rights or any(action in ROLE_ACTIONS[role] for role in viewer.roles)


def member_ids_with(action: str, *, on: date, without: Collection[int] = ()) -> list[int]:
    """Give the memberships whose roles of the day allow the action, beside those of the users `without`."""
    members = members_with(action, on=on).exclude(user_id__in=without)
    return list(members.order_by("pk").values_list("pk", flat=True))


def members_with(action: str, *, on: date) -> QuerySet[Membership]:
    """Give the active memberships whose roles of the day allow the action, in no order."""
    roles = [role for role, actions in ROLE_ACTIONS.items() if ACTIONS[action] and action in actions]
    grants = RoleGrant.objects.filter(role__in=roles, during__contains=on)
    if action in WHOLE_COMPANY:
        grants = grants.filter(Q(reach=None) | Q(reach=Reach.ALL))
    granted = grants.values("membership_id")
    return Membership.objects.filter(pk__in=granted, is_active=True, user__is_active=True)


def member_ids_for(action: str, participant_id: UUID, *, on: date) -> list[int]:
    """Give the memberships of `member_ids_with` that may do the action for a person."""
    giving = [role for role, actions in ROLE_ACTIONS.items() if action in actions and ROLE_REACH[role] is Reach.ALL]
    grants = RoleGrant.objects.filter(role__in=giving, during__contains=on)
    whole = set(grants.filter(Q(reach=None) | Q(reach=Reach.ALL)).values_list("membership_id", flat=True))
    members = Membership.objects.select_related("user", "organisation").in_bulk(member_ids_with(action, on=on))
    return [
        key
        for key, one in members.items()
        if key in whole or can_for(viewer_get(one, on=on, via="task"), action, participant_id)
    ]


def member_ids_of(user_ids: Collection[int]) -> list[int]:
    """Give the active memberships of users in the company."""
    members = Membership.objects.filter(user_id__in=user_ids, organisation_id=current_organisation_id())
    return list(members.filter(is_active=True, user__is_active=True).order_by("pk").values_list("pk", flat=True))


def only_reads(action: str) -> bool:
    """Tell whether the action writes nothing."""
    return action.endswith(".view") or action == "export"


class RightMissing(PermissionDenied):
    """The viewer's roles don't hold the right: another role would help, as nothing does where duties are kept apart."""


def require(viewer: Viewer, action: str) -> None:
    """Raise PermissionDenied where the viewer may not do the action. Services call it before they write."""
    if not can(viewer, action):
        raise RightMissing(refusal(viewer, action))


def require_for(viewer: Viewer, action: str, participant_id: UUID | None) -> None:
    """Raise PermissionDenied where the viewer may not do the action for a person; None is everybody at once."""
    require(viewer, action)
    if not can_for(viewer, action, participant_id):
        raise RightMissing((NARROW if participant_id is None else BEYOND).format(ACTIONS[action]))


def can_own(viewer: Viewer, action: str, owner_id: int | None) -> bool:
    """Tell whether the viewer may do the action to what the user `owner_id` began: nobody else may, and no task."""
    return can(viewer, action) and owner_id is not None and viewer.user_id == owner_id


def require_own(viewer: Viewer, action: str, owner_id: int | None) -> None:
    """Raise PermissionDenied where the viewer may not do the action, or somebody else began the thing."""
    require(viewer, action)
    if not can_own(viewer, action, owner_id):
        raise PermissionDenied(f"Somebody else began this, and it is theirs to: {ACTIONS[action]} Nothing was changed.")


def visible(viewer: Viewer, rows: QuerySet[M], *, participant: str = "participant", action: str = "") -> QuerySet[M]:
    """Keep the rows within the viewer's reach; `participant` is the path from a row to the participant it belongs to.

    The reach is that of the action which the page declares, or of `action` where a page shows more than one kind of thing. Rows that
    belong to nobody in particular (plans, calendars) are not asked about here: `can` decides.
    """
    looking = viewer.acting(action) if action else viewer
    if looking.reach is Reach.ALL:
        return rows
    return rows.filter(**{f"{participant}__in": looking.participant_ids})
