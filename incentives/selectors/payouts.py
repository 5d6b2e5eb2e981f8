"""What is handed to payroll, its file, and what was answered. The file of a batch is the same, byte for byte, whenever it is asked for."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from incentives.models import (
    BooksState,
    PayoutAnswer,
    PayoutBatch,
    PayoutFormat,
    PayoutLine,
    PeriodStep,
)
from incentives.selectors.periods import Payable, payable_of
from planning.selectors import period_list
from spm.core.money import to_major
from spm.crm.exports import write_xlsx
from spm.crm.feeds.inert import inert
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

USUAL: Mapping[str, Any] = {
    "columns": [
        {"header": header, "field": field, "text": ""}
        for header, field in (
            ("Employee number", "employee_number"),
            ("Name", "name"),
            ("Amount", "amount"),
            ("Currency", "currency"),
            ("Period", "period"),
        )
    ],
    "delimiter": ",",
    "decimal": ".",
    "has_header": True,
    "has_trailer": False,
}
"""The file of a company that has not set its own."""

SHUT = (BooksState.APPROVED, BooksState.PAID)


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
        return totals_of(self.lines)

    @property
    def paid_totals(self) -> list[tuple[str, int]]:
        """Give what was confirmed as paid, by currency."""
        return totals_of(line for line, answer in self.rows if answer is not None and answer.is_paid)

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
            return "open" if len(self.waiting) == len(self.lines) else "running"
        return "paid" if any(answer.is_paid for answer in self.answers.values()) else "declined"


def totals_of(lines: Iterable[PayoutLine]) -> list[tuple[str, int]]:
    """Give what lines come to, by currency."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount_minor
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
    last = PeriodStep.objects.order_by("period_id", "-number").distinct("period_id")
    shut = {step.period_id for step in last if step.to_state in SHUT}
    return [period for period in period_list().order_by("-during") if period.id in shut]


def format_of() -> Mapping[str, Any]:
    """Give how the file for payroll looks now."""
    row = PayoutFormat.objects.order_by("-number").first()
    if row is None:
        return USUAL
    return {name: getattr(row, name) for name in USUAL}


def payout_rows(payout: Payout, *, as_text: bool) -> list[list[Any]]:
    """Give the cells of the file, line by line; amounts as text in the format's decimal mark, or as exact numbers."""
    form = payout.batch.form
    return [[_cell(column, payout, line, form, as_text) for column in form["columns"]] for line in payout.lines]


def _cell(
    column: Mapping[str, str], payout: Payout, line: PayoutLine, form: Mapping[str, Any], as_text: bool
) -> str | int | Decimal:
    field = column["field"]
    if field == "amount":
        amount = to_major(line.amount_minor, line.currency)
        return format(amount, "f").replace(".", form["decimal"]) if as_text else amount
    if field == "amount_minor":
        return str(line.amount_minor) if as_text else line.amount_minor
    fixed = {"text": column["text"], "period": payout.batch.period.key, "batch": str(payout.batch.number)}
    found = fixed.get(field)
    return str(line.number if field == "line" else getattr(line, field)) if found is None else found


def payout_csv(payout: Payout) -> bytes:
    """Give the file as UTF-8 text; the trailer counts the lines, sums them by currency and holds the hash of all that stands above it."""
    form, buffer = payout.batch.form, io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=form["delimiter"], lineterminator="\r\n")
    if form["has_header"]:
        writer.writerow([inert(column["header"]) for column in form["columns"]])
    writer.writerows([[inert(cell) for cell in row] for row in payout_rows(payout, as_text=True)])
    body = buffer.getvalue().encode("utf-8")
    if not form["has_trailer"]:
        return body
    totals = [f"{currency} {to_major(minor, currency):f}" for currency, minor in payout.totals]
    trailer = ["TRAILER", str(len(payout.lines)), *totals, sha256(body).hexdigest()]
    return body + (form["delimiter"].join(trailer) + "\r\n").encode("utf-8")


def payout_xlsx(payout: Payout) -> bytes:
    """Give the same as a sheet, with amounts as numbers."""
    headers = [column["header"] for column in payout.batch.form["columns"]]
    return write_xlsx(payout_rows(payout, as_text=False), headers, sheet=str(payout.batch))


def file_name(payout: Payout) -> str:
    """Give the name of the file without its ending."""
    return f"payout-{payout.batch.number}-{payout.batch.period.key}"


def payout_control(payout: Payout) -> bytes:
    """Give the sidecar: the hash in the words of `sha256sum -c`, below it the control totals as comments."""
    lines = [f"{payout.digest}  {file_name(payout)}.csv", f"# lines {len(payout.lines)}"]
    lines += [f"# {currency} {to_major(minor, currency):f}" for currency, minor in payout.totals]
    return ("\n".join(lines) + "\n").encode("utf-8")


def batch_list() -> QuerySet[PayoutBatch]:
    """Give the batches, for doors that look for one of them."""
    return PayoutBatch.objects.all()


def columns_sentence(columns: Sequence[Mapping[str, str]]) -> str:
    """Give columns as the page writes them: one a line, header, equals sign, field.

    >>> columns_sentence([{"header": "No", "field": "line", "text": ""}, {"header": "Type", "field": "text", "text": "C1"}])
    'No = line\\nType = text: C1'
    """
    return "\n".join(
        f"{each['header']} = {each['field']}" + (f": {each['text']}" if each["field"] == "text" else "")
        for each in columns
    )
