"""Writes drafts of quota plans: what several people set is kept, the rest is shared anew, and every value has its history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from planning.models import (
    CalendarKind,
    QuotaCell,
    QuotaEdit,
    QuotaMeasure,
    QuotaMethod,
    QuotaPlan,
    QuotaPlanState,
    QuotaSeat,
    Season,
)
from planning.selectors.quota_plans import Stored, plan_computed, plan_periods, plan_stored
from planning.selectors.quota_weights import weights_of
from planning.services.calendars import calendar_extend
from planning.services.quota_names import name_problem
from planning.services.quotas import LARGEST, Seen
from spm.approvals.services import approval_withdraw
from spm.people.models import PositionHolding, ReportingLine
from spm.roles.policy import Viewer, require

KIND = "quota_plan"
YEAR, WEIGHT = "year", "weight"
SETTINGS = ("name", "total", "method", "season", "season_weights", "paddings", "guardrail_rate", "growth_rate")


@dataclass(frozen=True)
class PlanWish:
    """How a target is to be shared; rates at scale 10**8, money in minor units of the company's currency."""

    name: str
    total: int
    method: str = QuotaMethod.EVEN
    season: str = Season.EVEN
    season_weights: Sequence[int] = field(default_factory=tuple)
    paddings: Sequence[int] = field(default_factory=tuple)
    guardrail_rate: int = 10**7
    growth_rate: int | None = None


@dataclass(frozen=True)
class SheetValue:
    """A value that somebody sets: of a `period`, or with `field` of the year or the own weight; None lets it be shared again.

    With `seen` it is refused where somebody else has changed it since.
    """

    seat_id: UUID
    value: int | None
    period_id: UUID | None = None
    field: str = YEAR
    seen: Seen | None = None


@transaction.atomic
def quota_plan_create(
    *,
    wish: PlanWish,
    kind: str,
    year: int,
    actor: Viewer,
    measure: str = QuotaMeasure.AMOUNT,
    top_id: UUID | None = None,
) -> QuotaPlan:
    """Begin a plan of a year with every position that is held in it, by who reports to whom; `top_id` keeps one position and those below.

    Makes the year's periods where they are missing. Raises ValidationError where nobody holds a position.
    """
    require(actor, "cascade.edit")
    _check(wish)
    calendar_extend(kind=CalendarKind(kind), start=date(year, 1, 1), until=date(year + 1, 1, 1), actor=actor)
    periods = plan_periods(kind, year)
    currency = actor.organisation.currency if QuotaMeasure(measure).is_money else ""
    plan = QuotaPlan(
        calendar=periods[0].calendar, year=year, measure=measure, currency=currency, written_by_name=actor.name
    )
    _settings(plan, wish)
    plan.save(force_insert=True)
    _seats_make(plan, date(year, 1, 1), date(year + 1, 1, 1), top_id)
    seats = list(QuotaSeat.objects.filter(plan=plan))
    QuotaCell.objects.bulk_create(QuotaCell(seat=seat, period=period) for seat in seats for period in periods)
    _weigh(plan, actor)
    plan_shared(plan, what="Plan begun", why="", inputs=[], actor=actor)
    return plan


@transaction.atomic
def quota_plan_change(*, plan_id: UUID, wish: PlanWish, actor: Viewer, why: str = "") -> QuotaPlan:
    """Change the target of a draft or how it is shared, with sales and potential as they are known now."""
    require(actor, "cascade.edit")
    plan = plan_draft(plan_id)
    _check(wish, plan)
    before = {name: getattr(plan, name) for name in SETTINGS}
    _settings(plan, wish)
    plan.save()
    inputs = [
        {"seat": "", "period": "", "field": name, "old": old, "new": getattr(plan, name)}
        for name, old in before.items()
        if old != getattr(plan, name)
    ]
    _weigh(plan, actor)
    plan_shared(plan, what="Settings", why=why, inputs=inputs, actor=actor)
    return plan


@transaction.atomic
def quota_plan_set(
    *, plan_id: UUID, values: Iterable[SheetValue], actor: Viewer, why: str = "", what: str = "Values set"
) -> int:
    """Set values of a draft, all or nothing, and share the rest anew; gives how many inputs changed.

    Raises ValidationError naming each value out of range, or changed by somebody else since it was seen.
    """
    require(actor, "cascade.edit")
    plan = plan_draft(plan_id)
    stored = plan_stored(plan)
    inputs = _set(stored, list(values))
    if inputs:
        plan_shared(plan, what=what, why=why, inputs=inputs, actor=actor)
    return len(inputs)


@transaction.atomic
def quota_plan_undo(*, plan_id: UUID, actor: Viewer) -> QuotaEdit:
    """Take back the latest change that is not taken back yet, whoever made it; raises ValidationError where there is none."""
    require(actor, "cascade.edit")
    plan = plan_draft(plan_id)
    edits = list(QuotaEdit.objects.filter(plan=plan).order_by("-number"))
    gone = {edit.undoes for edit in edits}
    last = next((one for one in edits if one.undoes is None and one.number not in gone and _inputs(one)), None)
    if last is None:
        raise ValidationError("There is nothing to take back. Nothing was changed.")
    inputs = [{**one, "old": one["new"], "new": one["old"]} for one in _inputs(last)]
    _restore(plan, inputs)
    return plan_shared(plan, what=f"Undone: {last.what}", why="", inputs=inputs, actor=actor, undoes=last.number)


@transaction.atomic
def quota_plan_discard(*, plan_id: UUID, actor: Viewer) -> None:
    """Throw a draft away; its history is kept."""
    require(actor, "cascade.edit")
    plan = plan_draft(plan_id)
    plan.state = QuotaPlanState.DISCARDED
    plan.save(update_fields=["state"])
    approval_withdraw(kind=KIND, key=plan.pk)


def plan_draft(plan_id: UUID) -> QuotaPlan:
    """Lock a draft; raises ValidationError for a plan that is none."""
    plan = QuotaPlan.objects.select_for_update(of=("self",)).select_related("calendar").get(pk=plan_id)
    if plan.state != QuotaPlanState.DRAFT:
        raise ValidationError(
            f"{plan.name} is {plan.get_state_display().lower()} and does not change. Begin a revision."
        )
    return plan


def plan_shared(
    plan: QuotaPlan,
    *,
    what: str,
    why: str,
    inputs: Sequence[Mapping[str, Any]],
    actor: Viewer,
    undoes: int | None = None,
) -> QuotaEdit:
    """Compute a draft anew and keep what was changed with all that follows; what was asked about the draft before falls."""
    stored = plan_stored(plan)
    try:
        computed = plan_computed(stored)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    follows = []
    for seat in stored.seats:
        row = computed.rows[seat.position.code]
        if seat.value != row.value:
            follows.append(_change(seat.pk, "", "value", seat.value, row.value))
        seat.value, seat.kept = row.value, row.kept
        for place, period in enumerate(stored.periods):
            cell = stored.cells[seat.pk, period.pk]
            if cell.carried != row.carried[place]:
                follows.append(_change(seat.pk, period.key, "carried", cell.carried, row.carried[place]))
            cell.value, cell.carried = row.cells[place], row.carried[place]
    QuotaSeat.objects.bulk_update(stored.seats, ["value", "kept"])
    QuotaCell.objects.bulk_update(stored.cells.values(), ["value", "carried"])
    approval_withdraw(kind=KIND, key=plan.pk)
    return edit_keep(plan, what=what, why=why, changes=[*inputs, *follows], actor=actor, undoes=undoes)


def edit_keep(
    plan: QuotaPlan,
    *,
    what: str,
    why: str,
    changes: Sequence[Mapping[str, Any]],
    actor: Viewer,
    undoes: int | None = None,
) -> QuotaEdit:
    """Keep one change of a plan in its history."""
    last = QuotaEdit.objects.filter(plan=plan).order_by("-number").values_list("number", flat=True).first()
    return QuotaEdit.objects.create(
        plan=plan,
        number=(last or 0) + 1,
        what=what[:200],
        why=why.strip(),
        changes=list(changes),
        undoes=undoes,
        by_user_id=actor.user_id,
        by_name=actor.name,
    )


def _check(wish: PlanWish, plan: QuotaPlan | None = None) -> None:
    if not wish.name.strip():
        raise ValidationError({"name": "Give the plan a name."})
    if problem := name_problem(wish.name, plan):
        raise ValidationError({"name": problem})
    if not 0 < wish.total <= LARGEST:
        raise ValidationError({"total": "The target must be above 0. Correct it."})
    if any(not 0 <= rate <= 10**8 for rate in wish.paddings):
        raise ValidationError({"paddings": "Over-assignment is between 0 and 100 % on each level. Correct it."})
    if not 0 <= wish.guardrail_rate <= 10**8:
        raise ValidationError({"guardrail": "The guardrail is between 0 and 100 %. Correct it."})
    if wish.growth_rate is not None and not 0 <= wish.growth_rate <= 10**9:
        raise ValidationError({"growth": "The growth guardrail is between 0 and 1,000 %, or none. Correct it."})
    if any(weight < 0 for weight in wish.season_weights):
        raise ValidationError({"season_weights": "A weight of a period can't be negative. Correct it."})


def _settings(plan: QuotaPlan, wish: PlanWish) -> None:
    plan.name, plan.total = wish.name.strip(), wish.total
    plan.method, plan.season = QuotaMethod(wish.method), Season(wish.season)
    plan.season_weights, plan.paddings = list(wish.season_weights), list(wish.paddings)
    plan.guardrail_rate, plan.growth_rate = wish.guardrail_rate, wish.growth_rate


def _seats_make(plan: QuotaPlan, start: date, until: date, top_id: UUID | None) -> None:
    held = PositionHolding.objects.filter(during__overlap=(start, until)).values_list("position_id", flat=True)
    lines = ReportingLine.objects.filter(during__overlap=(start, until)).order_by("during")
    manager = {line.position_id: line.manager_id for line in lines}
    wanted = {position for position in held if top_id is None or _is_below(position, top_id, manager)}
    if not wanted:
        raise ValidationError(f"Nobody holds a position in {plan.year}. Import the people first.")
    seats = {position: QuotaSeat(plan=plan, position_id=position) for position in sorted(wanted)}
    QuotaSeat.objects.bulk_create(seats.values())
    for position, seat in seats.items():
        above = None if position == top_id else manager.get(position)
        while above is not None and above not in seats:
            above = manager.get(above)
        seat.parent = seats.get(above) if above is not None else None
    QuotaSeat.objects.bulk_update(seats.values(), ["parent"])


def _is_below(position: UUID, top_id: UUID, manager: Mapping[UUID, UUID]) -> bool:
    seen: set[UUID] = set()
    at: UUID | None = position
    while at is not None and at not in seen:
        if at == top_id:
            return True
        seen.add(at)
        at = manager.get(at)
    return False


def _weigh(plan: QuotaPlan, actor: Viewer) -> None:
    """Read what was sold and what territories promise as it is known now; promises are money of the company also in a plan by count."""
    periods = plan_periods(plan.calendar.kind, plan.year)
    currency = plan.currency or actor.organisation.currency
    found = weights_of(periods, measure=plan.measure, currency=currency, on=actor.on)
    seats = list(QuotaSeat.objects.filter(plan=plan))
    for seat in seats:
        for name in ("history", "trailing", "potential"):
            setattr(seat, name, getattr(found, name).get(seat.position_id, 0))
    QuotaSeat.objects.bulk_update(seats, ["history", "trailing", "potential"])
    plan.season_history = [max(0, each) for each in found.season]
    plan.potential_unit = found.unit
    plan.save(update_fields=["season_history", "potential_unit"])


def _set(stored: Stored, values: Sequence[SheetValue]) -> list[dict[str, Any]]:
    """Write the inputs that differ, and give them with what they were."""
    seats = {seat.pk: seat for seat in stored.seats}
    keys = {period.pk: period.key for period in stored.periods}
    inputs, wrong = [], []
    for one in values:
        seat = seats.get(one.seat_id)
        if seat is None or (one.period_id is not None and one.period_id not in keys):
            raise ValidationError("A value is not of this plan. Reload the page and try again.")
        holder = stored.cells[seat.pk, one.period_id] if one.period_id else seat
        name = "custom" if one.field == WEIGHT and one.period_id is None else "manual"
        shown = getattr(holder, "custom" if name == "custom" else "value")
        key = keys[one.period_id] if one.period_id else ""
        problem = _problem(one, name, shown)
        if problem:
            wrong.append(f"{seat.position.name}, {key or one.field}: {problem}")
        old = getattr(holder, name)
        if not problem and old != one.value:
            setattr(holder, name, one.value)
            holder.save(update_fields=[name])
            inputs.append(_change(seat.pk, key, name, old, one.value))
    if wrong:
        raise ValidationError(wrong)
    return inputs


def _problem(one: SheetValue, name: str, shown: int) -> str:
    if one.value is None and name == "custom":
        return "a weight is a whole number from 0. Write 0 for no part."
    if one.value is not None and not 0 <= one.value <= LARGEST:
        return f"it must be between 0 and {LARGEST}, money in minor units. Correct it."
    if one.seen is not None and shown not in (one.seen.value, one.value):
        return "somebody else has changed this since you opened the page. Its value of now is shown: type yours again to replace it."
    return ""


def _change(seat: UUID, period: str, name: str, old: Any, new: Any) -> dict[str, Any]:
    return {"seat": str(seat), "period": period, "field": name, "old": old, "new": new}


def _inputs(edit: QuotaEdit) -> list[dict[str, Any]]:
    return [one for one in edit.changes if one["field"] in ("manual", "custom", *SETTINGS)]


def _restore(plan: QuotaPlan, inputs: Sequence[Mapping[str, Any]]) -> None:
    for one in inputs:
        if not one["seat"]:
            if one["field"] == "name" and (problem := name_problem(one["new"], plan)):
                raise ValidationError(f"{problem} Nothing was taken back.")
            setattr(plan, one["field"], one["new"])
            plan.save(update_fields=[one["field"]])
        elif one["period"]:
            cells = QuotaCell.objects.filter(seat__plan=plan, seat=one["seat"], period__key=one["period"])
            cells.update(manual=one["new"])
        else:
            QuotaSeat.objects.filter(plan=plan, pk=one["seat"]).update(**{one["field"]: one["new"]})
