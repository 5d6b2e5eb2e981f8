"""Files of quotas and of scores: what their rows mean."""

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from django.core.exceptions import ValidationError

from planning.models import CapacityHire, CapacityPlan, Period, Quota, QuotaMeasure, QuotaStep, Score
from planning.selectors import quota_list, score_list
from planning.selectors.quotas import QuotaGrid, quota_matrix, quota_step_list
from planning.services.capacity import capacity_hire_set
from planning.services.goals import score_enter
from planning.services.quota_steps import QuotaFrom, quota_change
from planning.services.quotas import QuotaValue, quota_set_many, quota_value
from spm.core.money import RATE_SCALE, Rate, to_major
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import CURRENCY, PERSON, Change, Meant, RowColumn, RowFile, Values, Whole
from spm.people.models import Unit
from spm.people.naming import CODED, Names, person_names, position_names, title_names
from spm.roles.policy import Viewer

PERIOD = RowColumn(name="period", help="The key of the period.", sample="2026-Q1", required=True)


def _period_names() -> Names:
    rows = Period.objects.values_list("pk", "key")
    return Names("period", rows, "Make the calendar's periods on the page Quotas; a key is like 2026-Q1.")


def _quotas_open(actor: Viewer) -> Whole:
    positions, periods = position_names(), _period_names()
    dated: list[QuotaFrom] = []

    def meaning(values: Values) -> Meant:
        place = (positions.find(values["position"]), periods.find(values["period"]))
        measure = QuotaMeasure(values["measure"])
        currency = (values["currency"] or actor.organisation.currency) if measure.is_money else ""
        value = quota_value(values["amount"], currency)
        if values["from"] is not None:
            wish = _quota_from(place, measure, (value, currency), values)
            return Meant((*place, measure, wish.starts_on), lambda: _dated(wish, place[1], dated))

        def write() -> Change:
            if _begins_with(place, measure, value, currency):
                return Change.UNCHANGED
            change = quota_set_many(values=[QuotaValue(*place, value)], measure=measure, currency=currency, actor=actor)
            return Change.CREATED if change.created else Change.UPDATED if change.updated else Change.UNCHANGED

        return Meant((*place, measure), write)

    def finish(_digest: str) -> None:
        for wish in sorted(dated, key=lambda one: one.starts_on):
            quota_change(wish=wish, actor=actor)

    return Whole(meaning, finish)


def _begins_with(place: tuple[UUID, UUID], measure: QuotaMeasure, value: int, currency: str) -> bool:
    """Tell whether a quota that changes within its period begins with a value: its later steps stay."""
    steps = QuotaStep.objects.filter(quota__position=place[0], quota__period=place[1], quota__measure=measure)
    first = steps.filter(quota__currency=currency).order_by("starts_on").first()
    return first is not None and first.value == value


def _quota_from(place: tuple[UUID, UUID], measure: QuotaMeasure, amount: tuple[int, str], values: Values) -> QuotaFrom:
    period = Period.objects.select_related("calendar").get(pk=place[1])
    day = values["from"]
    if not period.during.lower < day < period.during.upper:
        raise ValidationError(
            f"{day} is no day within {period.key} after its first. Correct it, or leave it blank for the whole period."
        )
    return QuotaFrom(
        position_id=place[0],
        kind=period.calendar.kind,
        measure=measure,
        starts_on=day,
        value=amount[0],
        currency=amount[1],
        reason=values["reason"] or "From a file",
    )


def _dated(wish: QuotaFrom, period_id: UUID, dated: list[QuotaFrom]) -> Change:
    """Note a change from a day on for the end of the file, when every period has its first value."""
    dated.append(wish)
    steps = QuotaStep.objects.filter(quota__position=wish.position_id, quota__period=period_id)
    known = steps.filter(quota__measure=wish.measure, starts_on=wish.starts_on).first()
    if known is None:
        return Change.CREATED
    return Change.UNCHANGED if (known.value, known.reason) == (wish.value, wish.reason) else Change.UPDATED


def _quotas_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    yield from _rows_of(viewer, quota_list(viewer))


def grid_rows(viewer: Viewer, grid: QuotaGrid, measure: QuotaMeasure) -> Iterator[list[Cell]]:
    """Give a row of the file for each quota of a grid, in its order, and one for each change within a period."""
    found = quota_matrix(viewer, list(grid.periods), measure=measure)
    places = [(row.position.pk, period.pk) for row in grid.rows for period in grid.periods]
    yield from _rows_of(viewer, [found[place] for place in places if place in found])


def _rows_of(viewer: Viewer, quotas: Iterable[Quota]) -> Iterator[list[Cell]]:
    positions = position_names()
    steps: dict[UUID, list[tuple[int, str, str]]] = {}
    for step in quota_step_list(viewer):
        day = step.starts_on.isoformat() if step.quota_id in steps else ""
        steps.setdefault(step.quota_id, []).append((step.value, day, step.reason))
    for quota in quotas:
        for value, day, reason in steps.get(quota.pk, [(quota.value, "", "")]):
            amount = to_major(value, quota.currency) if quota.currency else value
            word = positions.word(quota.position_id)
            yield [word, quota.period.key, quota.measure, amount, quota.currency, day, reason]


QUOTAS = RowFile(
    name="quotas",
    title="Import quotas",
    purpose="What each position is expected to sell in each period, one row each.",
    action="quota.edit",
    columns=(
        RowColumn(name="position", help="Name or code of the position.", sample="Rex Roe", required=True),
        PERIOD,
        RowColumn(
            name="measure",
            help="What it counts; blank: amount.",
            sample="amount",
            type=ValueType.CHOICE,
            choices=tuple(QuotaMeasure.values),
            default=QuotaMeasure.AMOUNT.value,
        ),
        RowColumn(name="amount", help="Money, or a whole number.", sample="250000", required=True),
        CURRENCY,
        RowColumn(
            name="from",
            help="A day within the period from which the amount, said for a whole period, holds; blank: all of it.",
            type=ValueType.DATE,
        ),
        RowColumn(name="reason", help="Why it changes on that day."),
    ),
    open=_quotas_open,
    rows=_quotas_rows,
)


def _scores_open(actor: Viewer) -> Callable[[Values], Meant]:
    people, periods = person_names(), _period_names()

    def meaning(values: Values) -> Meant:
        person, period = people.find(values["person"]), periods.find(values["period"])
        objective, rate = values["objective"], int(values["score"] * RATE_SCALE)

        def write() -> Change:
            mine = Score.objects.filter(participant=person, period=period, objective=objective)
            before = mine.values_list("content", flat=True).first()
            score = score_enter(
                participant_id=person,
                period_id=period,
                objective=objective,
                score_rate=rate,
                evidence=values["evidence"],
                actor=actor,
            )
            if before is None:
                return Change.CREATED
            return Change.UNCHANGED if score.content == before else Change.UPDATED

        return Meant((person, period, objective), write)

    return meaning


def _scores_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people = person_names()
    for score in score_list(viewer):
        percent = str(Rate(score.score_rate))
        yield [people.word(score.participant_id), score.period.key, score.objective, percent, score.evidence]


SCORES = RowFile(
    name="scores",
    title="Import scores",
    purpose="How far objectives were met. Each score waits for a second person's approval.",
    action="score.edit",
    columns=(
        RowColumn(name="person", help=PERSON.help, sample=PERSON.sample, required=True),
        PERIOD,
        RowColumn(name="objective", help="The key of the objective in the plan.", sample="training", required=True),
        RowColumn(name="score", help="With a percent sign.", sample="80 %", type=ValueType.PERCENT, required=True),
        RowColumn(
            name="evidence",
            help="What shows it: a document, a figure, a date.",
            sample="Certificate of 12 May",
            required=True,
        ),
    ),
    open=_scores_open,
    rows=_scores_rows,
)


def _hires_open(actor: Viewer) -> Callable[[Values], Meant]:
    rows = CapacityPlan.objects.values_list("pk", "name")
    plans, titles = Names("capacity plan", rows, "Its name stands on the page Capacity."), title_names()
    units = Names("unit", Unit.objects.values_list("pk", *CODED), "A name or a code names a unit.")

    def meaning(values: Values) -> Meant:
        month = values["month"].replace(day=1)
        place = (plans.find(values["plan"]), titles.find(values["title"]))
        unit = units.find(values["unit"]) if values["unit"] else None

        def write() -> Change:
            plan = CapacityPlan.objects.select_for_update().get(pk=place[0])
            mine = CapacityHire.objects.filter(plan=plan, title=place[1], unit=unit, starts_on=month)
            before = mine.values_list("heads", flat=True).first()
            if before == values["heads"] or (before is None and not values["heads"]):
                return Change.UNCHANGED
            capacity_hire_set(
                plan_id=plan.pk,
                version=plan.version,
                title_id=place[1],
                unit_id=unit,
                starts_on=month,
                heads=values["heads"],
                actor=actor,
            )
            return Change.CREATED if before is None else Change.UPDATED

        return Meant((*place, unit, month), write)

    return meaning


def _hires_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    rows = CapacityHire.objects.select_related("plan", "title", "unit")
    for hire in rows.order_by("plan__name", "starts_on", "title__name", "pk"):
        unit = hire.unit.name if hire.unit else ""
        yield [hire.plan.name, hire.title.name, unit, hire.starts_on.isoformat(), hire.heads]


HIRES = RowFile(
    name="hiring-plan",
    title="Import a hiring plan",
    purpose="How many heads of each title are to start in which month, one row each.",
    action="capacity.edit",
    columns=(
        RowColumn(name="plan", help="The name of the capacity plan.", sample="Sales 2027", required=True),
        RowColumn(name="title", help="Name or code of the title.", sample="Account Executive", required=True),
        RowColumn(name="unit", help="Name or code of the unit; blank: no place.", sample="North"),
        RowColumn(name="month", help="A day of the month.", sample="2027-03-01", type=ValueType.DATE, required=True),
        RowColumn(name="heads", help="0 takes them out.", sample="3", type=ValueType.INTEGER, required=True),
    ),
    open=_hires_open,
    rows=_hires_rows,
)
