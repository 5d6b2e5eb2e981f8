"""Which route a request takes and who stands in it. Reads only; what is asked and answered is written by `services`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from spm.approvals.following import about_only
from spm.approvals.models import ApprovalRequest, ApprovalRoute, ApprovalStep, Basis, Deputy, Measure
from spm.identity.models import Membership
from spm.people import selectors as people
from spm.people.models import Participant
from spm.roles.catalogue import ROLE_ACTIONS, ROLE_REACH, WHOLE_COMPANY
from spm.roles.models import Reach, RoleGrant
from spm.roles.policy import participant_ids_within
from spm.tenancy.scope import current_organisation_id

DEFAULT_STEPS: tuple[Mapping[str, Any], ...] = ({"basis": Basis.RIGHT, "role": "", "level": 0},)
"""What holds where no route does: one answer by one person with the right."""


@dataclass(frozen=True)
class Line:
    """One amount of a request, in minor units."""

    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Member:
    """Somebody of the company with the roles of the day; `narrowed` holds the reach of those granted with less than their own."""

    user_id: int
    membership_id: int
    name: str
    roles: frozenset[str]
    narrowed: tuple[tuple[str, Reach], ...] = ()
    on: date = date.min
    _reached: dict[Reach, frozenset[UUID]] = field(default_factory=dict, compare=False, repr=False)

    def can(self, action: str) -> bool:
        """Tell whether the roles of the day allow the action, for some people at least."""
        roles = self.whole if action in WHOLE_COMPANY else self.roles
        return any(action in ROLE_ACTIONS[role] for role in roles)

    @property
    def whole(self) -> frozenset[str]:
        """Give the roles with their own reach; only they count for what is about the whole company."""
        return self.roles - {role for role, _reach in self.narrowed}

    def roles_about(self, request: ApprovalRequest) -> frozenset[str]:
        """Give the roles that count for a request: a narrowed one reaches everybody whom it is about, or counts for nothing."""
        if request.action in WHOLE_COMPANY:
            return self.whole
        return self.whole | {role for role, reach in self.narrowed if self._is_within(request, reach)}

    def reached(self, reach: Reach) -> frozenset[UUID]:
        """Give the participants whom the member reaches with a narrowed role."""
        if reach not in self._reached:
            person = Participant.objects.filter(membership=self.membership_id).first()
            self._reached[reach] = participant_ids_within(person, reach, on=self.on)
        return self._reached[reach]

    def _is_within(self, request: ApprovalRequest, reach: Reach) -> bool:
        if request.about_id is not None:
            return request.about_id in self.reached(reach)
        return ApprovalRequest.objects.filter(about_only(self.reached(reach)), pk=request.pk).exists()


@dataclass(frozen=True)
class StepPreview:
    """A step of a route and who could answer it today; `note` says what differs from the route."""

    number: int
    label: str
    names: list[str]
    note: str


def route_for(kind: str, lines: Sequence[Line], *, asked_by_roles: Collection[str], on: date) -> ApprovalRoute | None:
    """Give the first route of the kind that holds on the day, or None: then one person with the right decides."""
    routes = ApprovalRoute.objects.filter(kind=kind, during__contains=on).order_by("position")
    return next((route for route in routes if _holds(route, lines, asked_by_roles)), None)


def _holds(route: ApprovalRoute, lines: Sequence[Line], asked_by_roles: Collection[str]) -> bool:
    if route.asked_by_role and route.asked_by_role not in asked_by_roles:
        return False
    if not route.limits:
        return True
    limits = {limit["currency"]: int(limit["from_minor"]) for limit in route.limits}
    return any(_reaches(currency, amount, limits) for currency, amount in measured(route.measure, lines).items())


def _reaches(currency: str, amount: int, limits: Mapping[str, int]) -> bool:
    """An amount in a currency without a limit counts as reaching it, so that nothing slips under."""
    return amount >= limits[currency] if currency in limits else amount > 0


def measured(measure: str, lines: Sequence[Line]) -> dict[str, int]:
    """Give by currency the largest line, or all lines together. Signs don't count: taking back weighs like giving.

    >>> measured("total", [Line(500, "USD"), Line(-700, "USD"), Line(3, "EUR")])
    {'USD': 1200, 'EUR': 3}
    """
    found: dict[str, int] = {}
    for line in lines:
        before, amount = found.get(line.currency, 0), abs(line.amount_minor)
        found[line.currency] = before + amount if measure == Measure.TOTAL else max(before, amount)
    return found


def line_members(about: UUID | None, level: int, *, on: date, barred: Collection[int]) -> tuple[list[int], str]:
    """Give the users at a level of the reporting line, and a note where it is not as the route says.

    Nobody there who may decide (vacant, no account, or barred): the next one up. Nobody up to the top: no user, and the note says so.
    """
    if about is None:
        return [], "It concerns nobody with a reporting line, so whoever holds the right decides."
    above = people.managers_of(about, on=on)
    for place, person in enumerate(above[level - 1 :], start=level):
        user = _account_of(person)
        if user is not None and user not in barred:
            return [user], "" if place == level else f"Passed up to {person.name}: nobody below could decide it."
    return [], "Nobody stands there in the reporting line who could decide, so whoever holds the right decides."


def above_members(user_ids: Collection[int], *, on: date, barred: Collection[int]) -> list[int]:
    """Give the nearest users above each of these users in the reporting line who are not among them or barred."""
    persons = Participant.objects.filter(membership__user_id__in=user_ids).order_by("pk")
    found: set[int] = set()
    for person in persons:
        accounts = (_account_of(each) for each in people.managers_of(person.pk, on=on))
        nearest = next((user for user in accounts if user is not None and user not in (*user_ids, *barred)), None)
        found |= {nearest} if nearest is not None else set()
    return sorted(found)


def _account_of(person: Participant) -> int | None:
    members = Membership.objects.filter(pk=person.membership_id or 0, is_active=True, user__is_active=True)
    return members.values_list("user_id", flat=True).first()


def members_on(on: date, user_ids: Collection[int] | None = None) -> list[Member]:
    """Give the active members of the company with their roles of the day, by name."""
    members = Membership.objects.filter(
        organisation_id=current_organisation_id(), is_active=True, user__is_active=True
    ).select_related("user")
    if user_ids is not None:
        members = members.filter(user_id__in=user_ids)
    grants: dict[int, dict[str, int | None]] = {}
    rows = RoleGrant.objects.filter(during__contains=on).values_list("membership_id", "role", "reach")
    for membership, role, reach in rows:
        grants.setdefault(membership, {})[role] = reach
    found = [
        Member(one.user_id, one.pk, str(one.user), frozenset(roles), narrowed_of(roles.items()), on)
        for one in members
        for roles in (grants.get(one.pk, {}),)
    ]
    return sorted(found, key=lambda each: (each.name, each.user_id))


def narrowed_of(grants: Iterable[tuple[str, int | None]]) -> tuple[tuple[str, Reach], ...]:
    """Give the roles that were granted with less than their own reach, and that reach."""
    return tuple((role, Reach(reach)) for role, reach in grants if reach is not None and reach < ROLE_REACH[role])


def names(step: ApprovalStep, request: ApprovalRequest, member: Member) -> bool:
    """Tell whether the step names the member: in person, by role, or by the right; a deputy is asked about apart."""
    roles = member.roles_about(request)
    if member.user_id in step.asked_ids and any("approval.decide" in ROLE_ACTIONS[role] for role in roles):
        return True
    if step.basis == Basis.ROLE:
        return step.role in roles
    return step.basis == Basis.RIGHT and any(request.action in ROLE_ACTIONS[role] for role in roles)


def deputies_on(on: date, action: str = "") -> QuerySet[Deputy]:
    """Give who answers for whom on the day, for one right or any."""
    rows = Deputy.objects.filter(during__contains=on)
    return rows.filter(actions=[]) | rows.filter(actions__contains=[action]) if action else rows


def answering(step: ApprovalStep, request: ApprovalRequest, *, on: date) -> list[Member]:
    """Give the members who may answer the step on the day, deputies among them, without those who are barred."""
    everybody = members_on(on)
    members = [each for each in everybody if each.can("approval.decide")]
    named = {each.user_id for each in everybody if names(step, request, each)} - set(step.barred_ids)
    named |= set(deputies_on(on, request.action).filter(person_id__in=named).values_list("deputy_id", flat=True))
    return [each for each in members if each.user_id in named - set(step.barred_ids)]


def step_opened(step: ApprovalStep, about: UUID | None, *, on: date) -> ApprovalStep:
    """Give the step, unsaved, as it stands when its turn comes: a step by reporting line names its person of that day."""
    if step.basis == Basis.LINE:
        step.asked_ids, step.note = line_members(about, step.level, on=on, barred=step.barred_ids)
        if not step.asked_ids:
            step.basis = Basis.RIGHT
    return step


def steps_of(route: ApprovalRoute | None) -> Sequence[Mapping[str, Any]]:
    """Give the steps of a route, or those that hold without one."""
    return route.steps if route is not None else DEFAULT_STEPS


def route_preview(
    route: ApprovalRoute | None, action: str, about: UUID | None, *, barred: Collection[int], on: date
) -> list[StepPreview]:
    """Give the steps that a request would take, with the names of those who could answer them today."""
    found, request = [], ApprovalRequest(action=action, about_id=about)
    for number, given in enumerate(steps_of(route), start=1):
        step = ApprovalStep(number=number, barred_ids=list(barred), **given)
        label = str(step)
        step_opened(step, about, on=on)
        found.append(StepPreview(number, label, [each.name for each in answering(step, request, on=on)], step.note))
    return found
