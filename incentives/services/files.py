"""Files of target pay, ramps, leave and plan assignments: what their rows mean."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.models import Leave, Plan, PlanAssignment, Ramp, RampSchedule, TargetPay, TargetPer
from incentives.selectors.moving import Wish
from incentives.selectors.terms import leave_list, ramp_list, target_list
from incentives.services.assignments import Assigning
from incentives.services.terms import Holder, holder_key, person_locked, schedule_save, shares_read, target_check
from spm.core.money import AmountError, Rate, to_major
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import (
    CURRENCY,
    FROM,
    PERSON,
    POSITION,
    UNTIL,
    Change,
    Meant,
    RowColumn,
    RowFile,
    Values,
    timeline_put,
)
from spm.people.naming import Names, person_names, position_names, title_names
from spm.roles.policy import Viewer


def _holders() -> Callable[[Values], Holder]:
    people, positions = person_names(), position_names()

    def holder(values: Values) -> Holder:
        if (values["person"] is None) == (values["position"] is None):
            raise ValidationError("Fill in person or position, exactly one of the two.")
        if values["person"] is not None:
            return Holder(participant_id=people.find(values["person"]))
        return Holder(position_id=positions.find(values["position"]))

    return holder


def _targets_open(actor: Viewer) -> Callable[[Values], Meant]:
    holders = _holders()

    def meaning(values: Values) -> Meant:
        holder, name = holders(values), values["target"]
        pay = {
            "target_minor": values["incentive"],
            "base_minor": values["base"],
            "currency": values["currency"] or actor.organisation.currency,
        }
        target_check(name=name, **pay)
        start, until = values["from"], values["until"]

        def write() -> Change:
            key = {**holder_key(holder, actor, start=start, until=until), "name": name}
            return timeline_put(TargetPay, key=key, values={**pay, "per": values["for"]}, start=start, until=until)

        return Meant((holder, name), write, start, until)

    return meaning


def _targets_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people, positions = person_names(), position_names()
    for one in target_list(viewer):
        yield [
            people.word(one.participant_id),
            positions.word(one.position_id),
            one.name,
            to_major(one.target_minor, one.currency),
            to_major(one.base_minor, one.currency),
            one.currency,
            one.per,
            one.during.lower,
            one.during.upper,
        ]


TARGETS = RowFile(
    name="target-pay",
    title="Import target pay",
    purpose="What a year, or each pay period, pays at 100 %.",
    action="target.edit",
    columns=(
        PERSON,
        POSITION,
        RowColumn(name="target", help="What the plan calls it.", sample="variable", default="variable"),
        RowColumn(
            name="incentive", help="The target incentive.", sample="40000.00", type=ValueType.AMOUNT, required=True
        ),
        RowColumn(name="base", help="The base; blank: 0.", sample="60000.00", type=ValueType.AMOUNT, default=0),
        CURRENCY,
        RowColumn(
            name="for",
            help="What the amounts are for; blank: year.",
            sample="year",
            type=ValueType.CHOICE,
            choices=tuple(TargetPer.values),
            default=TargetPer.YEAR.value,
        ),
        FROM,
        UNTIL,
    ),
    open=_targets_open,
    rows=_targets_rows,
)


def _ramps_open(actor: Viewer) -> Callable[[Values], Meant]:
    holders, ramps = _holders(), _Ramps(actor)

    def meaning(values: Values) -> Meant:
        holder, start, until = holders(values), values["from"], values["until"]
        ramps.hear(values)

        def write() -> Change:
            schedule, key = ramps.get(values["ramp"]), holder_key(holder, actor, start=start, until=until)
            return timeline_put(Ramp, key=key, values={"schedule": schedule}, start=start, until=until)

        return Meant(holder, write, start, until)

    return meaning


class _Ramps:
    """The company's ramps and the new ones of a file, whichever of its rows tells their months."""

    def __init__(self, actor: Viewer) -> None:
        self._actor = actor
        self._known = {one.code: one for one in RampSchedule.objects.all()}
        self._told: dict[str, tuple[str, list[int]]] = {}

    def hear(self, values: Values) -> None:
        """Note the months that a row tells; raises ValidationError where they differ from those that are known."""
        code, months = values["ramp"], values["months"]
        if months is None:
            return
        shares, known = _shares(months), self._known.get(code)
        before = known.shares if known is not None else self._told.setdefault(code, (values["name"] or code, shares))[1]
        if shares != before:
            kept = ", ".join(str(Rate(share)) for share in before)
            raise ValidationError(
                f"The ramp {code} is {kept}, and is never changed. Leave months blank, or use another key."
            )

    def get(self, code: str) -> RampSchedule:
        """Give a ramp, made first where it is new."""
        if code not in self._known and code in self._told:
            name, shares = self._told[code]
            self._known[code] = schedule_save(code=code, name=name, shares=shares, actor=self._actor)
        if code not in self._known:
            raise ValidationError(
                f"The ramp {code} is not known. Correct it, or fill in months, such as 25 %, 50 %, 75 %."
            )
        return self._known[code]


def _shares(text: str) -> list[int]:
    try:
        return shares_read(text)
    except AmountError as error:
        raise ValidationError(str(error)) from error


def _ramps_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people, positions = person_names(), position_names()
    for one in ramp_list(viewer):
        yield [
            people.word(one.participant_id),
            positions.word(one.position_id),
            one.schedule.code,
            one.schedule.name,
            ", ".join(str(Rate(share)) for share in one.schedule.shares),
            one.during.lower,
            one.during.upper,
        ]


RAMPS = RowFile(
    name="ramps",
    title="Import ramps",
    purpose="Who ramps, from the first day in the role on.",
    action="target.edit",
    columns=(
        PERSON,
        POSITION,
        RowColumn(name="ramp", help="The key of the ramp.", sample="new-seller", required=True),
        RowColumn(name="name", help="The name of a new ramp.", sample="New seller"),
        RowColumn(
            name="months",
            help="For a new ramp: the part of the quota in each month in the role.",
            sample="25 %, 50 %, 75 %",
        ),
        FROM,
        UNTIL,
    ),
    open=_ramps_open,
    rows=_ramps_rows,
)


def _leaves_open(actor: Viewer) -> Callable[[Values], Meant]:
    people = person_names()

    def meaning(values: Values) -> Meant:
        person, start, until = people.find(values["person"]), values["from"], values["until"]
        if until <= start:
            raise ValidationError("The end lies before the first day. Choose an end after the start.")
        kept = {
            "relieves_quota": values["quota"],
            "relieves_target": values["pay"],
            "reason": values["reason"],
        }
        return Meant(person, lambda: _leave_put(person, DateRange(start, until), kept, actor), start, until)

    return meaning


def _leave_put(person_id: Any, days: DateRange, values: dict[str, Any], actor: Viewer) -> Change:
    person = person_locked(person_id, actor)
    mine = Leave.objects.select_for_update().filter(participant=person)
    same = mine.filter(during__startswith=days.lower).first()
    other = mine.filter(during__overlap=days).exclude(during__startswith=days.lower).first()
    if other is not None:
        raise ValidationError(
            f"{person} is away from {other.during.lower} until {other.during.upper} already. Choose other days."
        )
    if same is None:
        Leave.objects.create(participant=person, during=days, **values)
        return Change.CREATED
    if same.during == days and all(getattr(same, name) == value for name, value in values.items()):
        return Change.UNCHANGED
    Leave.objects.filter(pk=same.pk).update(during=days, **values)
    return Change.UPDATED


def _leaves_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people = person_names()
    for one in leave_list(viewer):
        relieved = ["yes" if each else "no" for each in (one.relieves_quota, one.relieves_target)]
        yield [people.word(one.participant_id), one.during.lower, one.during.upper, *relieved, one.reason]


LEAVES = RowFile(
    name="leave",
    title="Import leave",
    purpose="Who is away on which days, and what these days reduce.",
    action="target.edit",
    columns=(
        RowColumn(name="person", help=PERSON.help, sample=PERSON.sample, required=True),
        RowColumn(name="from", help="The first day away.", sample="2026-05-04", type=ValueType.DATE, required=True),
        RowColumn(name="until", help="The first day back.", sample="2026-05-18", type=ValueType.DATE, required=True),
        RowColumn(
            name="quota",
            help="Whether the quota is less; blank: yes.",
            sample="yes",
            type=ValueType.BOOLEAN,
            default=True,
        ),
        RowColumn(
            name="pay",
            help="Whether the target pay is less; blank: no.",
            sample="no",
            type=ValueType.BOOLEAN,
            default=False,
        ),
        RowColumn(name="reason", help="Why.", sample="Parental leave", default=""),
    ),
    open=_leaves_open,
    rows=_leaves_rows,
)


def _plan_names() -> Names:
    return Names("plan", Plan.objects.values_list("pk", "code", "name"), "A plan's key or name names it.")


def _assignments_open(actor: Viewer) -> Callable[[Values], Meant]:
    names, plans = _plan_names(), Plan.objects.in_bulk()
    kinds = {"title": title_names(), "position": position_names(), "person": person_names()}
    wanted: set[tuple[str, UUID]] = set()
    assigning = cache(lambda: Assigning(wanted, actor=actor))

    def meaning(values: Values) -> Meant:
        named = [kind for kind in kinds if values[kind] is not None]
        if len(named) != 1:
            raise ValidationError("Fill in title, position or person, exactly one of the three.")
        [kind] = named
        whose = "participant" if kind == "person" else kind, kinds[kind].find(values[kind])
        wanted.add(whose)
        wish = Wish(plans[names.find(values["plan"])], *whose, values["from"], values["until"])
        return Meant(whose, lambda: assigning().state(wish), wish.start, wish.until)

    return meaning


def _assignments_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people, positions, titles = person_names(), position_names(), title_names()
    for one in PlanAssignment.objects.select_related("plan").order_by("plan__code", "during", "pk"):
        yield [
            one.plan.code,
            titles.word(one.title_id),
            positions.word(one.position_id),
            people.word(one.participant_id),
            one.during.lower,
            one.during.upper,
        ]


ASSIGNMENTS = RowFile(
    name="plan-assignments",
    title="Import plan assignments",
    purpose="Which titles, positions and people are on which plan, when. The most specific holds: person, then position, then title.",
    action="plan.edit",
    columns=(
        RowColumn(name="plan", help="The key or name of the plan.", sample="reps-2026", required=True),
        RowColumn(name="title", help="Name or code; of title, position and person exactly one is filled in."),
        POSITION,
        PERSON,
        FROM,
        UNTIL,
    ),
    open=_assignments_open,
    rows=_assignments_rows,
)
