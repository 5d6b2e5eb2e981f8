"""Files of the sheets of quota plans: out to a spreadsheet, back with what was changed there."""

from collections.abc import Iterator
from functools import cache
from uuid import UUID

from django.core.exceptions import ValidationError

from planning.models import QuotaMeasure, QuotaPlan, QuotaPlanState
from planning.selectors.quota_plans import Stored, plan_stored
from planning.services.quota_plans import SheetValue, quota_plan_set
from planning.services.quotas import quota_value
from spm.core.money import to_major
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import Change, Meant, RowColumn, RowFile, Values, Whole
from spm.people.naming import Names, position_names
from spm.roles.policy import Viewer

YEAR = "year"


def _drafts() -> list[QuotaPlan]:
    return list(QuotaPlan.objects.filter(state=QuotaPlanState.DRAFT).order_by("name", "pk"))


def _open(actor: Viewer) -> Whole:
    drafts = _drafts()
    plans = Names("draft of a quota plan", [(one.pk, one.name) for one in drafts], "Its name stands on the page Plans.")
    by_key, positions = {one.pk: one for one in drafts}, position_names()
    stored = cache(lambda key: plan_stored(by_key[key]))
    wanted: dict[UUID, list[SheetValue]] = {}

    def meaning(values: Values) -> Meant:
        key = plans.find(values["plan"])
        value, shown, held = _place(stored(key), positions.find(values["position"]), values)

        def write() -> Change:
            if value.value == shown or (value.value is None and held is None):
                return Change.UNCHANGED
            wanted.setdefault(key, []).append(value)
            return Change.CREATED if held is None else Change.UPDATED

        return Meant((key, value.seat_id, value.period_id), write)

    def finish(_digest: str) -> None:
        for key, values in sorted(wanted.items()):
            quota_plan_set(plan_id=key, values=values, actor=actor, what="Values of a file")

    return Whole(meaning, finish)


def _place(stored: Stored, position: UUID, values: Values) -> tuple[SheetValue, int, int | None]:
    """The value a row sets, what the sheet shows there now, and what a person set there before, if any."""
    seat = next((one for one in stored.seats if one.position_id == position), None)
    if seat is None:
        raise ValidationError(f"{values['position']} is not in the plan {stored.plan.name}. Take the row out.")
    if values["currency"] not in ("", None, stored.plan.currency):
        kept = stored.plan.currency or "no currency"
        raise ValidationError(
            f"The plan {stored.plan.name} is in {kept}, not in {values['currency']}. Correct the row."
        )
    asked = values["period"].strip()
    value = None if values["amount"] is None else quota_value(values["amount"], stored.plan.currency)
    if asked.casefold() == YEAR:
        return SheetValue(seat.pk, value), seat.value, seat.manual
    period = next((one for one in stored.periods if one.key.casefold() == asked.casefold()), None)
    if period is None:
        keys = ", ".join([YEAR, *(one.key for one in stored.periods)])
        raise ValidationError(f"“{asked[:40]}” is no period of the plan {stored.plan.name}. It has {keys}.")
    cell = stored.cells[seat.pk, period.pk]
    return SheetValue(seat.pk, value, period.pk), cell.value, cell.manual


def _rows(viewer: Viewer) -> Iterator[list[Cell]]:
    positions = position_names()
    for plan in _drafts():
        stored = plan_stored(plan)
        for seat in stored.seats:
            cells = [(one.key, stored.cells[seat.pk, one.pk].value) for one in stored.periods]
            for period, value in [(YEAR, seat.value), *cells]:
                amount = to_major(value, plan.currency) if QuotaMeasure(plan.measure).is_money else value
                yield [plan.name, positions.word(seat.position_id), period, amount, plan.currency]


SHEETS = RowFile(
    name="quota-sheets",
    title="Import quota sheets",
    purpose="Values of the sheets of drafts. What equals the sheet stays as it is; what differs is kept as set, the rest is shared anew.",
    action="cascade.edit",
    columns=(
        RowColumn(name="plan", help="The name of a draft.", sample="Quotas 2027", required=True),
        RowColumn(name="position", help="Name or code of a position of the plan.", sample="Rex Roe", required=True),
        RowColumn(name="period", help="“year”, or the key of a period.", sample="2027-Q1", required=True),
        RowColumn(name="amount", help="Money, or a whole number; blank lets it be shared again.", sample="250000"),
        RowColumn(name="currency", help="Blank: that of the plan.", sample="USD", type=ValueType.CURRENCY),
    ),
    open=_open,
    rows=_rows,
)
