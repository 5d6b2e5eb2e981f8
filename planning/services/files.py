"""Files of quotas and of scores: what their rows mean."""

from collections.abc import Callable, Iterator

from planning.models import CapacityHire, CapacityPlan, Period, QuotaMeasure, Score
from planning.selectors import quota_list, score_list
from planning.selectors.quotas import QuotaGrid
from planning.services.capacity import capacity_hire_set
from planning.services.goals import score_enter
from planning.services.quotas import QuotaValue, quota_set_many, quota_value
from spm.core.money import RATE_SCALE, Rate, to_major
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import CURRENCY, PERSON, Change, Meant, RowColumn, RowFile, Values
from spm.people.models import Unit
from spm.people.naming import CODED, Names, person_names, position_names, title_names
from spm.roles.policy import Viewer

PERIOD = RowColumn(name="period", help="The key of the period.", sample="2026-Q1", required=True)


def _period_names() -> Names:
    rows = Period.objects.values_list("pk", "key")
    return Names("period", rows, "Make the calendar's periods on the page Quotas; a key is like 2026-Q1.")


def _quotas_open(actor: Viewer) -> Callable[[Values], Meant]:
    positions, periods = position_names(), _period_names()

    def meaning(values: Values) -> Meant:
        place = (positions.find(values["position"]), periods.find(values["period"]))
        measure = QuotaMeasure(values["measure"])
        currency = (values["currency"] or actor.organisation.currency) if measure.is_money else ""
        value = quota_value(values["amount"], currency)

        def write() -> Change:
            change = quota_set_many(values=[QuotaValue(*place, value)], measure=measure, currency=currency, actor=actor)
            return Change.CREATED if change.created else Change.UPDATED if change.updated else Change.UNCHANGED

        return Meant((*place, measure), write)

    return meaning


def _quotas_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    positions = position_names()
    for quota in quota_list(viewer):
        amount = to_major(quota.value, quota.currency) if quota.currency else quota.value
        yield [positions.word(quota.position_id), quota.period.key, quota.measure, amount, quota.currency]


def grid_rows(grid: QuotaGrid, measure: QuotaMeasure) -> Iterator[list[Cell]]:
    """Give a row of the file for each quota of a grid."""
    positions = position_names()
    for row in grid.rows:
        for period, cell in zip(grid.periods, row.cells, strict=True):
            if cell.value is not None:
                amount = to_major(cell.value, cell.currency) if cell.currency else cell.value
                yield [positions.word(row.position.pk), period.key, measure.value, amount, cell.currency]


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
