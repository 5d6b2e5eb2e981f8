"""The file of the currencies that people are paid in: what its rows mean."""

from collections.abc import Iterator
from uuid import UUID

from incentives.selectors.terms import pay_currency_list
from incentives.services.pay_currencies import pay_currencies_convert, pay_currency_put
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import FROM, PERSON, UNTIL, Change, Meant, RowColumn, RowFile, Values, Whole
from spm.people.naming import person_names
from spm.roles.policy import Viewer


def _currencies_open(actor: Viewer) -> Whole:
    """Open books are converted once, after the last row: a file may change a person in several rows."""
    people = person_names()
    moved: set[UUID] = set()

    def meaning(values: Values) -> Meant:
        person, currency, start, until = (
            people.find(values["person"]),
            values["currency"],
            values["from"],
            values["until"],
        )

        def write() -> Change:
            change = pay_currency_put(participant_id=person, currency=currency, start=start, until=until, actor=actor)
            if change != Change.UNCHANGED:
                moved.add(person)
            return change

        return Meant(person, write, start, until)

    return Whole(meaning, lambda _digest: pay_currencies_convert(moved, actor=actor))


def _currencies_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people = person_names()
    for one in pay_currency_list(viewer):
        yield [people.word(one.participant_id), one.currency, one.during.lower, one.during.upper]


PAY_CURRENCIES = RowFile(
    name="pay-currencies",
    title="Import currencies of pay",
    purpose="In which currency each person is paid. Open books are converted at once; shut ones are never changed.",
    action="target.edit",
    columns=(
        RowColumn(name="person", help=PERSON.help, sample=PERSON.sample, required=True),
        RowColumn(
            name="currency",
            help="What the person is paid in, whatever the plan earns in.",
            sample="EUR",
            type=ValueType.CURRENCY,
            required=True,
        ),
        FROM,
        UNTIL,
    ),
    open=_currencies_open,
    rows=_currencies_rows,
)
