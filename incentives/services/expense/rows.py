"""Terms and entries of a book as rows, all of them in one statement."""

from collections.abc import Sequence
from typing import Any

from incentives.models import ExpenseEntry, ExpenseTerm
from spm.tenancy.copying import insert_rows

TERM = {
    "asset_id": "uuid",
    "number": "integer",
    "month": "date",
    "start_on": "date",
    "base_on": "date",
    "until_on": "date",
    "contract_until": "date",
    "convention": "text",
    "carried_minor": "bigint",
    "reason": "text",
}
ENTRY = {
    "book_id": "uuid",
    "month": "date",
    "kind": "text",
    "asset_id": "uuid",
    "amount_minor": "bigint",
    "currency": "text",
    "created_at": "timestamptz",
    "reason": "text",
    "period_id": "uuid",
    "plan_id": "uuid",
    "component": "text",
    "incurred": "date",
}
OF_NO_PERIOD = ("", None, None, "", None)
"""The last values of an entry that comes from the book itself and not from the ledger."""


def terms_insert(rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert terms, each with the values of `TERM`."""
    insert_rows(ExpenseTerm._meta.db_table, TERM, rows)


def entries_insert(rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert entries, each with the values of `ENTRY`."""
    insert_rows(ExpenseEntry._meta.db_table, ENTRY, rows)
