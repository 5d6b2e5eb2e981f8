"""Files of commission expense: the roll-forward, a month's journal, costs of contracts, the reconciliation."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.generic import View

from incentives.engine.expense.words import Reason
from incentives.models import ExpenseClose
from incentives.selectors.expense.assets import (
    JOURNAL_COLUMNS,
    journal_rows,
)
from incentives.selectors.expense.company import CompanyMonth, months_in_company
from incentives.selectors.expense.figures import (
    MonthRow,
    book_currencies,
    book_reconciled,
    months_rolled,
)
from incentives.views.expense.base import REASONS, BookPage, assets_asked, month_asked
from spm.core.money import to_major
from spm.roles.policy import require
from spm.web.downloads import table_download

ROLL_COLUMNS = (
    "Month", "Currency", "Opening", "Added", "Clawed back", "Amortised", "Impaired", "Written off", "Closing", "Current",
    "Non-current", "Expensed at once", "Cost of the month", "Closed", "Company currency", "Company opening", "Company added",
    "Company clawed back", "Company amortised", "Company impaired", "Company written off", "Company closing",
    "Company expensed at once", "Company cost", "Rate missing",
)  # fmt: skip
COST_COLUMNS = ("Contract", "Deal", "Treatment", "Currency", "Cost", "Expensed", "Left", "From", "Until")
RECONCILED_COLUMNS = ("Period", "Currency", "Ledger", "Capitalised", "Expensed at once", "Difference")


class ExpenseBookExport(BookPage, View):
    """The roll-forward of every month and currency as a file."""

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        book = self.book
        found = []
        for currency in book_currencies(self.viewer, book):
            rows = months_rolled(self.viewer, book, currency)
            company = months_in_company(self.viewer, book, currency, rows)
            pairs = zip(rows, company, strict=True)
            found += [(*_roll_row(row, currency), *_company_row(one)) for row, one in pairs]
        return table_download(found, ROLL_COLUMNS, name=f"roll-forward-{book.code}", form=form)


def _roll_row(row: MonthRow, currency: str) -> tuple[Any, ...]:
    total, forward = row.total, row.forward
    amounts = (
        total.opening, total.added, total.clawed_back, total.amortised, total.impaired, total.written_off, total.closing,
        forward.current.closing, forward.non_current.closing, row.expensed_at_once, row.cost,
    )  # fmt: skip
    shown = (to_major(amount, currency) for amount in amounts)
    return (f"{row.month:%Y-%m}", currency, *shown, "yes" if row.is_closed else "no")


def _company_row(one: CompanyMonth) -> tuple[Any, ...]:
    if one.roll is None:
        return (one.currency, *[""] * 9, " ".join(one.missing))
    total = one.roll
    amounts = (
        total.opening, total.added, total.clawed_back, total.amortised, total.impaired, total.written_off, total.closing,
        one.expensed_at_once, one.cost,
    )  # fmt: skip
    return (one.currency, *(to_major(amount, one.currency) for amount in amounts), "")


class ExpenseJournalExport(BookPage, View):
    """A month as a journal for the books of account; only one that is closed, because nothing is added to it any more."""

    def get(self, request: HttpRequest, pk: UUID, month: str, form: str) -> HttpResponse:
        require(self.viewer, "export")
        book, first = self.book, month_asked(month)
        get_object_or_404(ExpenseClose, book=book, month=first)
        rows = journal_rows(self.viewer, book, first)
        return table_download(rows, JOURNAL_COLUMNS, name=f"journal-{book.code}-{month}", form=form)


class ExpenseContractsExport(BookPage, View):
    """The costs of contracts as a file."""

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        book = self.book
        rows = [
            (
                each.contract.source_key if each.contract else "",
                each.opportunity.source_key,
                str(REASONS[Reason(each.reason)]),
                each.currency,
                *(to_major(amount, each.currency) for amount in (each.cost_minor, each.cost_minor - each.left_minor)),
                to_major(each.left_minor, each.currency),
                each.start_on,
                each.until_on,
            )
            for each in assets_asked(self, book)
        ]
        return table_download(rows, COST_COLUMNS, name=f"contract-costs-{book.code}", form=form)


class ExpenseReconciliationExport(BookPage, View):
    """The reconciliation as a file."""

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        book = self.book
        rows = [
            (
                row.period_key,
                row.currency,
                *(
                    to_major(amount, row.currency)
                    for amount in (row.ledger_minor, row.capitalised_minor, row.expensed_minor, row.difference_minor)
                ),
            )
            for row in book_reconciled(self.viewer, book)
        ]
        return table_download(rows, RECONCILED_COLUMNS, name=f"reconciliation-{book.code}", form=form)
