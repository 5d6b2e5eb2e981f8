"""What is handed to payroll, its file, and what was answered. The file of a batch is the same, byte for byte, whenever it is asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet, Sum

from incentives.models import (
    LedgerAccount,
    LedgerEntry,
    PayoutAnswer,
    PayoutBatch,
    PayoutFormat,
    PayoutLine,
    PeriodStep,
)
from incentives.selectors.layout import LOOK, Cell, control_text, look_csv, look_of, look_xlsx
from incentives.selectors.periods import UNLOCKED, Payable, books_of, payable_of
from planning.selectors import period_list
from spm.core.money import to_major
from spm.people.models import Participant
from spm.roles.policy import Viewer, require

FIELDS: dict[str, str] = {
    "employee_number": "Employee number",
    "key": "Key of the person",
    "name": "Name",
    "email": "E-mail",
    "amount": "Amount",
    "amount_minor": "Amount in the smallest unit",
    "currency": "Currency",
    "period": "Period",
    "batch": "Number of the payout",
    "line": "Number of the line",
    "text": "A fixed text",
}
"""What a column of the file may hold."""

USUAL: Mapping[str, Any] = look_of(
    [
        ("Employee number", "employee_number"),
        ("Name", "name"),
        ("Amount", "amount"),
        ("Currency", "currency"),
        ("Period", "period"),
    ]
)
"""The file of a company that has not set its own."""


@dataclass(frozen=True)
class Payout:
    """A batch with its lines, what was answered to each, and its file."""

    batch: PayoutBatch
    lines: list[PayoutLine]
    answers: dict[UUID, PayoutAnswer]

    @property
    def waiting(self) -> list[PayoutLine]:
        """Give the lines to which payroll has said nothing yet."""
        return [line for line in self.lines if line.pk not in self.answers]

    @property
    def rows(self) -> list[tuple[PayoutLine, PayoutAnswer | None]]:
        """Give each line with its answer."""
        return [(line, self.answers.get(line.pk)) for line in self.lines]

    @property
    def totals(self) -> list[tuple[str, int]]:
        """Give the control totals: by currency, minor units."""
        return totals_of((line.currency, line.amount_minor) for line in self.lines)

    @property
    def paid_totals(self) -> list[tuple[str, int]]:
        """Give what was confirmed as paid, by currency."""
        return totals_of(
            (line.currency, answer.amount_minor) for line, answer in self.rows if answer and answer.is_paid
        )

    @property
    def unnumbered(self) -> int:
        """Count the lines without an employee number; 0 where the file has no such column."""
        asked = any(column["field"] == "employee_number" for column in self.batch.form["columns"])
        return sum(not line.employee_number.strip() for line in self.lines) if asked else 0

    @property
    def digest(self) -> str:
        """Give the SHA-256 of its CSV file."""
        return sha256(payout_csv(self)).hexdigest()

    @property
    def state(self) -> str:
        """Give where it stands."""
        if self.waiting:
            return "open" if len(self.waiting) == len(self.lines) else "partly answered"
        return "paid" if any(answer.is_paid for answer in self.answers.values()) else "declined"


def totals_of(amounts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Give what amounts come to, by currency."""
    sums: dict[str, int] = {}
    for currency, minor in amounts:
        sums[currency] = sums.get(currency, 0) + minor
    return sorted(sums.items())


def payout_list(viewer: Viewer) -> list[Payout]:
    """Give every batch, latest first."""
    require(viewer, "payout.view")
    return _payouts(PayoutBatch.objects.select_related("period").order_by("-number"))


def payout_get(viewer: Viewer, batch_id: UUID) -> Payout:
    """Give one batch; raises DoesNotExist."""
    require(viewer, "payout.view")
    return payout_of(PayoutBatch.objects.select_related("period").get(pk=batch_id))


def payout_of(batch: PayoutBatch) -> Payout:
    """Give a batch with what belongs to it; for services that have checked the right themselves."""
    return _payouts([batch])[0]


def _payouts(batches: Iterable[PayoutBatch]) -> list[Payout]:
    found = list(batches)
    lines: dict[UUID, list[PayoutLine]] = {batch.pk: [] for batch in found}
    for line in PayoutLine.objects.filter(batch__in=found).order_by("batch", "number"):
        lines[line.batch_id].append(line)
    answers: dict[UUID, dict[UUID, PayoutAnswer]] = {batch.pk: {} for batch in found}
    for answer in PayoutAnswer.objects.filter(line__batch__in=found).select_related("line", "journal"):
        answers[answer.line.batch_id][answer.line_id] = answer
    return [Payout(batch, lines[batch.pk], answers[batch.pk]) for batch in found]


def paid_otherwise(period: Any) -> list[tuple[PayoutAnswer, int]]:
    """Give what payroll paid otherwise than the payouts of a period said, each with what is payable (or, below 0, owed) of it until now.

    Once nothing is left of it the answer is settled, and not given.
    """
    answers = PayoutAnswer.objects.filter(line__batch__period=period.id, paid_minor__isnull=False)
    found = []
    for answer in answers.select_related("line").order_by("line__batch__number", "line__number"):
        line = answer.line
        rows = LedgerEntry.objects.filter(
            account=LedgerAccount.PAYABLE, participant=line.participant_id, currency=line.currency, period=period.id
        )
        left = rows.aggregate(total=Sum("amount_minor"))["total"] or 0
        if left * (line.amount_minor - answer.amount_minor) > 0:
            found.append((answer, left))
    return found


def payout_held(payout: Payout) -> list[tuple[Participant, Payable]]:
    """Give whom the period of a payout owes now and who is not paid yet, each with the reason, by name."""
    held = [each for each in payable_of(payout.batch.period) if each.held]
    people = Participant.objects.in_bulk({each.participant_id for each in held})
    return sorted(
        ((people[each.participant_id], each) for each in held), key=lambda one: (one[0].name, one[1].currency)
    )


def payable_periods(viewer: Viewer) -> list[Any]:
    """Give the periods that may be handed to payroll: approved, or paid but for what payroll rejected; latest first."""
    require(viewer, "payout.view")
    return [books.period for books in books_of(period_list().order_by("-during")) if books.state in UNLOCKED]


def format_of() -> Mapping[str, Any]:
    """Give how the file for payroll looks now."""
    row = PayoutFormat.objects.order_by("-number").first()
    if row is None:
        return USUAL
    return {name: getattr(row, name) for name in LOOK}


def payout_rows(payout: Payout) -> list[list[Cell]]:
    """Give the cells of the file, line by line; amounts are exact numbers."""
    return [[_cell(column, payout, line) for column in payout.batch.form["columns"]] for line in payout.lines]


def _cell(column: Mapping[str, str], payout: Payout, line: PayoutLine) -> Cell:
    field = column["field"]
    if field == "amount":
        return to_major(line.amount_minor, line.currency)
    if field == "amount_minor":
        return line.amount_minor
    fixed = {"text": column["text"], "period": payout.batch.period.key, "batch": str(payout.batch.number)}
    found = fixed.get(field)
    return str(line.number if field == "line" else getattr(line, field)) if found is None else found


def payout_csv(payout: Payout) -> bytes:
    """Give the file as text; the trailer, where asked, counts the lines, sums them by currency and holds the hash of what is above."""
    return look_csv(payout.batch.form, payout_rows(payout), payout.totals)


def payout_xlsx(payout: Payout) -> bytes:
    """Give the same as a sheet, with amounts as numbers."""
    return look_xlsx(payout.batch.form, payout_rows(payout), str(payout.batch))


def file_name(payout: Payout) -> str:
    """Give the name of the file without its ending."""
    return f"payout-{payout.batch.number}-{payout.batch.period.key}"


def payout_control(payout: Payout) -> bytes:
    """Give the sidecar with hash and control totals."""
    return control_text(payout.batch.form, file_name(payout), payout.digest, len(payout.lines), payout.totals)


def paid_alone(start: date, until: date) -> list[tuple[str, str, str, datetime]]:
    """Give what who closed or approved a period handed over, confirmed or said to be paid, from a day on and before another: person,
    what, detail, when. Answers that were given together are one.
    """
    batches = PayoutBatch.objects.filter(is_single_operator=True, made_at__date__gte=start, made_at__date__lt=until)
    answers = PayoutAnswer.objects.filter(is_single_operator=True, at__date__gte=start, at__date__lt=until)
    steps = PeriodStep.objects.filter(is_single_operator=True, at__date__gte=start, at__date__lt=until)
    given = answers.values_list("by_name", "line__batch__number", "line__batch__period__key").annotate(last=Max("at"))
    made = "The company's policy let who closed or approved the period hand it to payroll."
    paid = "The company's policy let who closed or approved the period confirm what was paid."
    return [
        *(
            (one.made_by_name, f"{one}, {one.period.key}", made, one.made_at)
            for one in batches.select_related("period")
        ),
        *((who, f"Payout {number}, {key}", paid, at) for who, number, key, at in given.order_by("last")),
        *((one.by_name, f"{one.period.key} paid", paid, one.at) for one in steps.select_related("period")),
    ]


def batch_list() -> QuerySet[PayoutBatch]:
    """Give the batches, for doors that look for one of them."""
    return PayoutBatch.objects.all()
