"""Files of manual adjustments: what their rows mean. A file is approved and posted as a whole; the same file again changes nothing."""

from collections.abc import Iterator
from itertools import count

from incentives.models import Adjustment, AdjustmentReason
from incentives.selectors.adjustments import adjustment_list, batch_warnings
from incentives.services.adjustments import AdjustmentWish, adjustments_ask, adjustments_taken
from incentives.services.file_places import place_names
from spm.core.findings import Finding
from spm.core.money import to_major
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import CURRENCY, PERSON, Change, Meant, RowColumn, RowFile, Values, Whole, lines_from_file
from spm.people.naming import person_names
from spm.roles.policy import Viewer


def _open(actor: Viewer) -> Whole:
    people = person_names()
    place = place_names()
    wishes: list[AdjustmentWish] = []
    numbers = count(1)

    def meaning(values: Values) -> Meant:
        period, plan = place(values)
        wish = AdjustmentWish(
            participant_id=people.find(values["person"]),
            period_id=period.pk,
            amount_minor=values["amount"],
            currency=values["currency"] or actor.organisation.currency,
            reason_code=values["kind"],
            reason=values["reason"],
            plan_id=plan.pk if plan else None,
            component=values["component"] or "",
        )

        def write() -> Change:
            wishes.append(wish)
            return Change.CREATED

        return Meant(next(numbers), write)

    def finish(digest: str) -> list[Finding]:
        batch = adjustments_ask(wishes=wishes, title=lines_from_file(len(wishes)), actor=actor, digest=digest)
        return batch_warnings(Adjustment.objects.filter(batch=batch), on=actor.on)

    return Whole(meaning, finish, adjustments_taken)


def _rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people = person_names()
    for one in adjustment_list(viewer):
        yield [
            people.word(one.participant_id),
            one.period.key,
            to_major(one.amount_minor, one.currency),
            one.currency,
            one.plan.code if one.plan is not None else None,
            one.component or None,
            one.reason_code,
            one.reason,
        ]


ADJUSTMENTS = RowFile(
    name="adjustments",
    title="Import adjustments",
    purpose="Pay that is granted or taken back by hand. The file is approved as a whole; the same file again changes nothing.",
    action="adjustment.edit",
    columns=(
        RowColumn(name="person", help=PERSON.help, sample="Rex Roe", required=True),
        RowColumn(name="period", help="The key of the period it is for.", sample="2026-Q3", required=True),
        RowColumn(name="amount", help="Below 0 takes pay back.", sample="250.00", type=ValueType.AMOUNT, required=True),
        CURRENCY,
        RowColumn(name="plan", help="The code of the plan; blank: none.", sample="reps-2026"),
        RowColumn(name="component", help="Its key in the plan; blank: none.", sample="commission"),
        RowColumn(
            name="kind",
            help="Why, in one word; blank: correction.",
            sample="correction",
            type=ValueType.CHOICE,
            choices=tuple(AdjustmentReason.values),
            default=AdjustmentReason.CORRECTION.value,
        ),
        RowColumn(name="reason", help="It stands on the statement.", sample="Deal booked too late", required=True),
    ),
    open=_open,
    rows=_rows,
)
