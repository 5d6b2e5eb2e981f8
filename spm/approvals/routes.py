"""Sets routes, deputies and reminders. A route or deputy is never changed, only ended, so that a past decision can be understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from spm.approvals.models import KINDS, ApprovalRequest, ApprovalRoute, Basis, Deputy, Measure, ReminderPolicy
from spm.approvals.routing import Member, members_on
from spm.roles.catalogue import ACTIONS, ROLE_ACTIONS
from spm.roles.models import Role
from spm.roles.policy import RightMissing, Viewer, require

T = TypeVar("T", ApprovalRoute, Deputy)
MOST_STEPS, HIGHEST_LEVEL, LONGEST_DAYS = 9, 9, 365


@dataclass(frozen=True)
class RouteWish:
    """A route to be: mappings as `ApprovalRoute` keeps them, and its first day and end."""

    kind: str
    name: str
    starts_on: date
    steps: Sequence[Mapping[str, Any]]
    until: date | None = None
    position: int = 1
    measure: str = Measure.LARGEST
    limits: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    asked_by_role: str = ""


@transaction.atomic
def route_set(*, wish: RouteWish, actor: Viewer) -> ApprovalRoute:
    """Set a route; requests asked from its first day on take it. Raises ValidationError naming what is wrong with it."""
    require(actor, "route.edit")
    _days_check(wish.starts_on, wish.until)
    steps = [_step(step, number) for number, step in enumerate(wish.steps, start=1)]
    _route_check(wish)
    limits = sorted(
        ({"currency": str(each["currency"]), "from_minor": int(each["from_minor"])} for each in wish.limits),
        key=lambda each: str(each["currency"]),
    )
    try:
        with transaction.atomic():
            return ApprovalRoute.objects.create(
                kind=wish.kind,
                name=wish.name.strip(),
                position=wish.position,
                measure=wish.measure,
                limits=limits,
                asked_by_role=wish.asked_by_role,
                steps=steps,
                during=DateRange(wish.starts_on, wish.until),
                set_by_name=actor.name,
            )
    except IntegrityError as error:
        raise ValidationError(
            {
                "position": "Another route of this kind has this place on some of these days. End it, or take another place."
            }
        ) from error


@transaction.atomic
def route_end(*, route_id: UUID, until: date, actor: Viewer) -> ApprovalRoute:
    """End a route before `until`, the first day without it. What was asked by it goes on by it.

    One that ends on or before its first day is taken away, and only where nothing was asked by it.
    """
    require(actor, "route.edit")
    route = ApprovalRoute.objects.select_for_update(of=("self",)).get(pk=route_id)
    if until <= route.during.lower and ApprovalRequest.objects.filter(route=route).exists():
        raise ValidationError({"until": "Requests were asked by it already. End it on a later day than its first."})
    return _end(route, until)


@transaction.atomic
def deputy_name(
    *,
    person_id: int,
    deputy_id: int,
    starts_on: date,
    until: date,
    actor: Viewer,
    actions: Sequence[str] = (),
    reason: str = "",
) -> Deputy:
    """Name who answers for a person from a day on until another; for oneself, or for others with the right to set routes.

    A deputy answers by the person's own rights only, never by those that the person has as a deputy. Raises ValidationError where either
    is no member who may decide.
    """
    require(actor, "deputy.edit" if person_id == actor.user_id else "route.edit")
    _days_check(starts_on, until)
    person = _decider(person_id, actor, "person")
    deputy = _decider(deputy_id, actor, "deputy")
    if person_id == deputy_id:
        raise ValidationError({"deputy": "Nobody is their own deputy. Choose somebody else."})
    unknown = sorted(set(actions) - {action for _label, action in KINDS.values()})
    if unknown:
        raise ValidationError(
            {"actions": f"No request is decided by {', '.join(unknown)}. Choose among those offered."}
        )
    try:
        with transaction.atomic():
            return Deputy.objects.create(
                person_id=person_id,
                deputy_id=deputy_id,
                person_name=person.name,
                deputy_name=deputy.name,
                actions=sorted(set(actions)),
                during=DateRange(starts_on, until),
                reason=reason.strip(),
                named_by_name=actor.name,
            )
    except IntegrityError as error:
        raise ValidationError(
            {"starts_on": f"{deputy.name} is deputy of {person.name} on some of these days already. End that first."}
        ) from error


@transaction.atomic
def deputy_end(*, deputy_id: UUID, until: date, actor: Viewer) -> Deputy:
    """End a deputyship before `until`, the first day without it; one that ends on or before its first day is taken away."""
    row = Deputy.objects.select_for_update(of=("self",)).get(pk=deputy_id)
    if actor.user_id != row.person_id and not actor.can("route.edit"):
        raise RightMissing(f"This needs the right to: {ACTIONS['route.edit']} Nothing was ended.")
    require(actor, "deputy.edit" if row.person_id == actor.user_id else "route.edit")
    return _end(row, until)


@transaction.atomic
def reminders_set(*, remind_after_days: int, escalate_after_days: int, actor: Viewer) -> ReminderPolicy:
    """Set after how many days a request is brought to mind, and after how many it is passed up; 0 is never."""
    require(actor, "route.edit")
    for name, days in (("remind_after_days", remind_after_days), ("escalate_after_days", escalate_after_days)):
        if not 0 <= days <= LONGEST_DAYS:
            raise ValidationError({name: f"Write 0 for never, or up to {LONGEST_DAYS} days."})
    values = {"remind_after_days": remind_after_days, "escalate_after_days": escalate_after_days}
    return ReminderPolicy.objects.update_or_create(defaults=values)[0]


def _step(given: Mapping[str, Any], number: int) -> dict[str, Any]:
    basis, role, level = given.get("basis"), str(given.get("role") or ""), int(given.get("level") or 0)
    if basis not in Basis.values:
        raise ValidationError({"steps": f"Step {number} doesn't say who answers: right, role or line."})
    if basis == Basis.ROLE and role not in Role.values:
        raise ValidationError({"steps": f"Step {number} names no role. Choose one."})
    if basis == Basis.ROLE and "approval.decide" not in ROLE_ACTIONS[role]:
        raise ValidationError({"steps": f"Step {number}: the role {Role(role).label} decides nothing. Choose another."})
    if basis == Basis.LINE and not 1 <= level <= HIGHEST_LEVEL:
        raise ValidationError({"steps": f"Step {number} needs a level from 1 (the manager) to {HIGHEST_LEVEL}."})
    return {
        "basis": basis,
        "role": role if basis == Basis.ROLE else "",
        "level": level if basis == Basis.LINE else 0,
    }


def _route_check(wish: RouteWish) -> None:
    if wish.kind not in KINDS:
        raise ValidationError({"kind": f"There is no such kind. There are: {', '.join(KINDS)}."})
    if not wish.name.strip():
        raise ValidationError({"name": "Give the route a name."})
    if not 1 <= len(wish.steps) <= MOST_STEPS:
        raise ValidationError({"steps": f"A route has 1 to {MOST_STEPS} steps."})
    if wish.asked_by_role and wish.asked_by_role not in Role.values:
        raise ValidationError({"asked_by_role": "There is no such role. Choose one, or none."})
    if wish.measure not in Measure.values:
        raise ValidationError({"measure": "The limits are held against largest or total."})
    currencies = [str(each["currency"]) for each in wish.limits]
    if len(currencies) != len(set(currencies)):
        raise ValidationError({"limits": "A currency has two limits. Keep one of them."})
    if any(int(each["from_minor"]) <= 0 for each in wish.limits):
        raise ValidationError(
            {"limits": "A limit is an amount above 0. Without limits the route holds for any amount."}
        )


def _days_check(starts_on: date, until: date | None) -> None:
    if until is not None and until <= starts_on:
        raise ValidationError({"until": "The end is not after the first day. Choose a later one."})


def _end(row: T, until: date) -> T:
    """End a dated row; the audit keeps one that is taken away because it would hold on no day."""
    lower, upper = row.during.lower, row.during.upper
    if upper is not None and until >= upper:
        raise ValidationError({"until": f"It ends before {upper} already. Choose an earlier day."})
    if until <= lower:
        type(row)._default_manager.filter(pk=row.pk).delete()
    row.during = DateRange(lower, max(until, lower))
    if until > lower:
        row.save(update_fields=["during"])
    return row


def _decider(user_id: int, actor: Viewer, field_name: str) -> Member:
    found = next(iter(members_on(actor.on, [user_id])), None)
    if found is None or not found.can("approval.decide"):
        raise ValidationError({field_name: "Choose a member of the company who may decide requests."})
    return found
