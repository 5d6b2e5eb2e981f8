"""Files of payroll's answers: what became of each line of a payout. What was taken, or is answered as it says, changes nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError

from incentives.models import PayoutAnswer, PayoutBatch, PayoutLine
from incentives.selectors.payouts import Payout, payout_of
from incentives.selectors.periods import payout_waiting
from incentives.services.ledger import ledger_lock
from incentives.services.payouts import PaidOtherwise, payout_confirm
from spm.core.money import to_major
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import PERSON, Change, Meant, RowColumn, RowFile, Values, Whole
from spm.people.naming import Names, person_names
from spm.roles.policy import Viewer

PAID, REJECTED = "paid", "rejected"
RUNS = 50
"""The most payroll runs, each with its reference and day, that one file names: each is a journal of its own."""
LONGEST = {"reference": 200, "reason": 300}
"""The most characters that an answer keeps of each text."""

Place = tuple[UUID, str, date | None]


def _open(actor: Viewer) -> Whole:
    ledger_lock()
    lines = _Lines(person_names())
    said: dict[Place, dict[PayoutLine, Values]] = defaultdict(dict)
    answers = set()

    def meaning(values: Values) -> Meant:
        payout, line = lines.find(values)
        _check(values, line, actor)
        answers.add(values["answer"])
        given = payout.answers.get(line.pk)

        def write() -> Change:
            if values["answer"] is None or given is not None:
                return Change.UNCHANGED
            said[payout.batch.pk, values["reference"] or "", values["paid_on"]][line] = values
            return Change.CREATED

        if given is not None:
            _same(values, line, given)
        return Meant(line.pk, write)

    def finish(digest: str) -> None:
        if answers == {None}:
            raise ValidationError("No row says what became of its line. Write paid or rejected in the column answer.")
        _post(said, digest, actor)

    return Whole(meaning, finish, _is_taken)


def _post(said: Mapping[Place, dict[PayoutLine, Values]], digest: str, actor: Viewer) -> None:
    if len(said) > RUNS:
        raise ValidationError(f"It names more than {RUNS} payroll runs. Split it into smaller files.")
    for place, rows in sorted(said.items(), key=lambda one: (one[0][2] or actor.on, one[0][1])):
        _confirm(place, rows, digest, actor)


def _is_taken(digest: str) -> bool:
    return PayoutAnswer.objects.filter(file_digest=digest).exists()


class _Places:
    """The lines of a payout by what names them."""

    def __init__(self, payout: Payout) -> None:
        self.payout = payout
        self._numbered = {}
        self._of: dict[UUID, list[PayoutLine]] = defaultdict(list)
        for line in payout.lines:
            self._numbered[line.number] = line
            self._of[line.participant_id].append(line)

    def found(self, number: int | None, who: UUID | None, currency: str | None) -> list[PayoutLine]:
        """Give the lines that are meant: the one of a number, if it is that person's; else those of the person in that currency."""
        if number is None:
            lines = self._of.get(who, []) if who is not None else []
            return [line for line in lines if currency in (None, line.currency)]
        line = self._numbered.get(number)
        return [line] if line is not None and who in (None, line.participant_id) else []


class _Lines:
    """Finds the line that a row is about, by its number or by the person, in the payout that it names or the only one there is."""

    def __init__(self, people: Names) -> None:
        self._people = people
        self._batches = {batch.number: batch for batch in PayoutBatch.objects.select_related("period")}
        self._places: dict[int, _Places] = {}

    def find(self, values: Values) -> tuple[Payout, PayoutLine]:
        """Give the payout and its line; raises ValidationError where none or several are meant."""
        places, number, person = self._placed(values["payout"]), values["line"], values["person"]
        if number is None and person is None:
            raise ValidationError("Fill in line or person: it says nothing of whose pay it is.")
        who = None if person is None else self._people.find(person)
        found = places.found(number, who, values["currency"])
        return places.payout, _one(places.payout, found, values)

    def _placed(self, number: int | None) -> _Places:
        if number is None and len(self._batches) > 1:
            raise ValidationError(
                "There are several payouts, and the row does not say which. Write the number that the payout's page says."
            )
        meant = next(iter(self._batches), None) if number is None else number
        batch = None if meant is None else self._batches.get(meant)
        if batch is None:
            what = "Nothing was handed to payroll." if number is None else f"There is no payout {number}."
            raise ValidationError(f"{what} Write the number that its page says.")
        if batch.number not in self._places:
            self._places[batch.number] = _Places(payout_of(batch))
        return self._places[batch.number]


def _one(payout: Payout, found: list[PayoutLine], values: Values) -> PayoutLine:
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(f"{payout.batch} pays {values['person']} in several currencies. Write which one.")
    number = "" if values["line"] is None else f" {values['line']}"
    person = "" if values["person"] is None else f" of {values['person']}"
    raise ValidationError(f"{payout.batch} has no line{number}{person}. Compare it with its page.")


def _check(values: Values, line: PayoutLine, actor: Viewer) -> None:
    paid, currency = values["amount"], values["currency"]
    if currency not in (None, line.currency):
        raise ValidationError(f"Line {line.number} is in {line.currency}, not in {currency}.")
    if paid is not None and currency is None and line.currency != actor.organisation.currency:
        raise ValidationError(f"Line {line.number} is in {line.currency}. Write the currency of the amount.")
    for name, most in LONGEST.items():
        if len(values[name] or "") > most:
            raise ValidationError(f"The {name} has more than {most} characters. Shorten it.")
    _ANSWERED[values["answer"]](values, line)


def _check_none(values: Values, line: PayoutLine) -> None:
    is_filled = any(values[name] is not None for name in ("reason", "reference", "paid_on"))
    if is_filled or values["amount"] not in (None, line.amount_minor):
        raise ValidationError(
            f"Line {line.number} has a reason, reference, day or another amount, and no answer. Write paid or rejected."
        )


def _check_rejected(values: Values, _line: PayoutLine) -> None:
    if values["reason"] is None:
        raise ValidationError("Say why it was rejected, such as a wrong account.")


def _check_paid(values: Values, line: PayoutLine) -> None:
    paid = values["amount"]
    if values["reference"] is None:
        raise ValidationError("Name the payroll run or bank file that paid it.")
    if paid is not None and paid <= 0:
        raise ValidationError("It was paid nothing. Write rejected, with the reason.")
    is_other = paid not in (None, line.amount_minor)
    if is_other and values["reason"] is None:
        raise ValidationError("Another amount was paid than was handed over. Say why.")
    if not is_other and values["reason"] is not None:
        raise ValidationError(
            f"Line {line.number} was paid as it was handed over, which has no reason. Leave it blank, or write what was paid."
        )


_ANSWERED = {None: _check_none, PAID: _check_paid, REJECTED: _check_rejected}


def _same(values: Values, line: PayoutLine, given: PayoutAnswer) -> None:
    """A line is answered once: what says anything else of it is refused. A blank cell says nothing."""
    if values["answer"] is None:
        return
    handed = line.amount_minor if values["amount"] is None else values["amount"]
    wanted = (True, handed) if values["answer"] == PAID else (False, 0)
    names = ("reference", "reason", "paid_on") if given.is_paid else ("reference", "reason")
    is_other = any(values[name] not in (None, getattr(given, name)) for name in names)
    if wanted != (given.is_paid, given.amount_minor) or is_other:
        raise ValidationError(f"Line {line.number} was answered otherwise already. An answer is given once.")


def _confirm(place: Place, rows: dict[PayoutLine, Values], digest: str, actor: Viewer) -> None:
    batch, reference, paid_on = place
    paid = {line.number: values for line, values in rows.items() if values["answer"] == PAID}
    payout_confirm(
        batch_id=batch,
        reference=reference,
        paid=sorted(paid),
        rejected={line.number: values["reason"] for line, values in rows.items() if values["answer"] == REJECTED},
        paid_on=paid_on,
        otherwise={
            number: PaidOtherwise(values["amount"], values["reason"] or "")
            for number, values in paid.items()
            if values["amount"] is not None
        },
        file_digest=digest,
        actor=actor,
    )


def _rows(_viewer: Viewer) -> Iterator[list[Cell]]:
    batch = payout_waiting() or PayoutBatch.objects.order_by("-number").first()
    if batch is None:
        return
    people = person_names()
    for line, answer in payout_of(batch).rows:
        minor = line.amount_minor if answer is None or not answer.is_paid else answer.amount_minor
        person = people.word(line.participant_id)
        yield [batch.number, line.number, person, to_major(minor, line.currency), line.currency, *_answered(answer)]


def _answered(answer: PayoutAnswer | None) -> list[Cell]:
    if answer is None:
        return [None] * 4
    return [PAID if answer.is_paid else REJECTED, answer.reason or None, answer.reference or None, answer.paid_on]


PAYOUT_ANSWERS = RowFile(
    name="payroll-answers",
    title="Import payroll's answers",
    purpose="What became of each line of a payout. Lines that no row names still wait; paid ones are posted at once.",
    action="payout.edit",
    columns=(
        RowColumn(
            name="payout",
            help="Its number; blank only while there is one payout.",
            sample="7",
            type=ValueType.INTEGER,
        ),
        RowColumn(
            name="line",
            help="The number of the line; line, person or both are filled in.",
            sample="1",
            type=ValueType.INTEGER,
        ),
        RowColumn(name="person", help=PERSON.help, sample=PERSON.sample),
        RowColumn(
            name="amount",
            help="What was paid; blank: what was handed over.",
            sample="1234.56",
            type=ValueType.AMOUNT,
        ),
        RowColumn(name="currency", help="Of the amount and the line.", sample="USD", type=ValueType.CURRENCY),
        RowColumn(
            name="answer",
            help="What became of it; blank: it still waits.",
            sample=PAID,
            type=ValueType.CHOICE,
            choices=(PAID, REJECTED),
        ),
        RowColumn(name="reason", help="Why it was rejected, or another amount paid."),
        RowColumn(name="reference", help="The payroll run or bank file that paid it.", sample="Run 11"),
        RowColumn(
            name="paid_on", help="The day on which it paid; blank: today.", sample="2026-10-06", type=ValueType.DATE
        ),
    ),
    open=_open,
    rows=_rows,
)
