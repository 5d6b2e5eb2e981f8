"""A statement as rows of a sheet: its lines, tiers and every deal, what is said beside them, and the states.

Its words are in the company's language, as those of its paper are: one statement is one file, whoever takes it.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from incentives.models import Statement
from incentives.selectors.changed import changed_told, statement_before
from incentives.selectors.lines import Line, lines_of
from incentives.selectors.parts import Part, Row, bridge_told, earned_elsewhere, parts_of
from incentives.selectors.why import statement_line_why
from spm.core.money import to_major
from spm.crm.exports import Cell
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id

SHEET = (
    "Statement", "Version", "Person", "Period", "Row", "Plan", "Component", "Source", "Deal", "Account", "Product", "Credited on",
    "Credit", "Rate", "Amount", "Currency", "Note",
)  # fmt: skip


def statement_sheet(statement: Statement) -> Iterator[tuple[Cell, ...]]:
    """Give the rows of a statement's sheet: each line, its tiers and all its deals, what is said beside them, then the states."""
    company = Organisation.objects.get(pk=current_organisation_id())
    with translation.override(company.locale), timezone.override(ZoneInfo(company.time_zone)):
        before = statement_before(statement)
        changed = () if before is None else (changed_told(before, statement),)
        parts = (*parts_of(statement, bridge_told(statement)), *changed)
        beside = [_part_cells(statement, part, row) for part in parts for row in part.rows]
    for line in lines_of(statement):
        yield _cells(statement, "Line", line, line.credit_minor, line.effective_rate, line.earned_minor)
        for one in line.slices:
            credit = to_major(one.credit_minor, line.currency) if one.counted is None else one.counted
            row = _cells(statement, "Tier", line, 0, one.rate, 0)
            yield (*row[:12], credit, row[13], one.amount, line.currency, None)
        why = statement_line_why(statement, line)
        for deal in why.credits if why else ():
            row = _cells(statement, "Deal", line, deal.credit_minor, None, deal.earned_minor)
            named = (deal.source, deal.source_key, deal.account, deal.product, deal.credit_on)
            yield (*row[:7], *named, *row[12:])
    yield from beside
    elsewhere = earned_elsewhere(statement)
    sums = [(name.title(), statement.content[f"{name}_minor"]) for name in ("earned", "payable", "paid")]
    for name, minor in [*([("Other books", elsewhere)] if elsewhere else []), *sums]:
        yield (*_place(statement), name, *[None] * 9, to_major(minor, statement.currency), statement.currency, None)


def _part_cells(statement: Statement, part: Part, row: Row) -> tuple[Cell, ...]:
    """A row of what is said beside the lines: its last amount as the amount, all else in words."""
    *others, last = row.cells
    amount = None if last.minor is None else to_major(last.minor, statement.currency)
    said = zip(part.columns[1:], others if amount is not None else row.cells, strict=False)
    notes = (*row.label.notes, *(f"{name}: {cell.text(statement.currency)}" for name, cell in said))
    return (
        *_place(statement),
        part.sheet_name,
        None,
        row.label.words,
        *[None] * 7,
        amount,
        statement.currency,
        "; ".join(notes),
    )


def _place(statement: Statement) -> tuple[Cell, ...]:
    return str(statement.pk), statement.number, statement.participant.name, statement.period.key


def _cells(
    statement: Statement, row: str, line: Line, credit_minor: int, rate: int | None, earned_minor: int
) -> tuple[Cell, ...]:
    credit, earned = (to_major(minor, line.currency) for minor in (credit_minor, earned_minor))
    shown = None if rate is None else to_major(rate, "JPY").scaleb(-8)
    names = (row, line.plan_name, line.component_name, *[None] * 5)
    return (*_place(statement), *names, credit, shown, earned, line.currency, None)
