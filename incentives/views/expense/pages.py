"""Pages of commission expense: the roll-forward, a month, costs of contracts, the reconciliation."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from incentives.engine.expense.words import EntryKind, Reason
from incentives.forms.expense import AssetFilterForm
from incentives.models import ExpenseAsset, ExpenseClose
from incentives.selectors.expense.assets import (
    asset_list,
    month_entries,
    schedule_of,
    sources_of,
    terms_of,
)
from incentives.selectors.expense.books import book_list, day_closed, month_open
from incentives.selectors.expense.company import book_in_company
from incentives.selectors.expense.figures import (
    MonthRow,
    book_currencies,
    book_reconciled,
    months_rolled,
    months_summed,
    open_month,
    periods_before,
)
from incentives.views.expense.base import KINDS, REASONS, BookPage, assets_asked, month_asked
from spm.web.views import PageMixin


class ExpensePage(PageMixin, TemplateView):
    """Leads to the first book, or says how to open one."""

    template_name = "incentives/expense_empty.html"
    actions = {"GET": "expense.view"}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        book = book_list(self.viewer).first()
        if book is not None:
            return redirect("incentives:expense_book", book.pk)
        return self.render_to_response(self.get_context_data(may_edit=self.viewer.can("expense.edit")))


class ExpenseBookPage(BookPage, TemplateView):
    """The roll-forward of a book by month, a year at a time."""

    template_name = "incentives/expense_book.html"
    tab = "roll"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        book = self.book
        currencies = book_currencies(self.viewer, book)
        currency = _chosen(self.request.GET.get("currency"), currencies)
        rows = months_rolled(self.viewer, book, currency)
        years = sorted({row.month.year for row in rows}, reverse=True)
        closed = [row for row in rows if row.is_closed]
        year = int(_chosen(self.request.GET.get("year"), [str(each) for each in years])) if years else 0
        shown = [row for row in rows if row.month.year == year]
        return super().get_context_data(
            **self.about(book),
            books=book_list(self.viewer),
            currency=currency,
            currencies=currencies,
            years=years,
            year=year,
            rows=shown,
            summed=months_summed(shown),
            company=[each for each in book_in_company(self.viewer, book) if each.month.year == year],
            latest=closed[-1] if closed else None,
            open_month=open_month(book),
            closes_on=day_closed(book, month_open(book)),
            chart=_chart(closed[-24:], currency) if len(closed) > 1 else None,
            **kwargs,
        )


def _chosen(asked: str | None, known: list[str]) -> str:
    """The choice of the address, or the first there is."""
    if asked is not None and asked not in known:
        raise Http404
    return asked or known[0]


def _chart(rows: list[MonthRow], currency: str) -> dict[str, Any]:
    return {
        "categories": [f"{row.month:%Y-%m}" for row in rows],
        "series": [
            {"name": _("Current"), "values": [row.forward.current.closing for row in rows]},
            {"name": _("Non-current"), "values": [row.forward.non_current.closing for row in rows]},
        ],
        "unit": "money",
        "currency": currency,
    }


class ExpenseMonthPage(BookPage, TemplateView):
    """What moved the balance of a book in a month, contract by contract."""

    template_name = "incentives/expense_month.html"
    tab = "roll"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        book, month = self.book, month_asked(self.kwargs["month"])
        rows = month_entries(self.viewer, book, month)
        page = Paginator(rows, 50).get_page(self.request.GET.get("page"))
        rolled = [
            (currency, row)
            for currency in book_currencies(self.viewer, book)
            for row in months_rolled(self.viewer, book, currency)
            if row.month == month
        ]
        return super().get_context_data(
            **self.about(book),
            month=month,
            page=page,
            table=[(entry, KINDS[EntryKind(entry.kind)]) for entry in page],
            rolled=rolled,
            closed=ExpenseClose.objects.filter(book=book, month=month).first(),
        )


class ExpenseContractsPage(BookPage, TemplateView):
    """What was paid for each contract, and what is left of it."""

    template_name = "incentives/expense_contracts.html"
    tab = "contracts"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        book, form = self.book, AssetFilterForm(self.request.GET)
        page = Paginator(assets_asked(self, book), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            **self.about(book),
            form=form,
            page=page,
            table=[(each, REASONS[Reason(each.reason)]) for each in page],
            has_filter=any(self.request.GET.get(name) for name in ("q", "standing")),
            **kwargs,
        )


class ExpenseAssetPage(BookPage, TemplateView):
    """The cost of one contract: its schedule, where it comes from, and why it is treated so."""

    template_name = "incentives/expense_asset.html"
    tab = "contracts"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        book = self.book
        assets = asset_list(self.viewer, book).select_related("policy", "book")
        asset: ExpenseAsset = get_object_or_404(assets, pk=self.kwargs["asset"])
        return super().get_context_data(
            **self.about(book),
            asset=asset,
            reason=REASONS[Reason(asset.reason)],
            is_capitalised=asset.reason == Reason.CAPITALISED,
            schedule=schedule_of(asset),
            terms=terms_of(asset),
            sources=sources_of(asset),
        )


class ExpenseReconciliationPage(BookPage, TemplateView):
    """The ledger's expense of each pay period beside what the book has of it."""

    template_name = "incentives/expense_reconciliation.html"
    tab = "ledger"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        book = self.book
        rows = book_reconciled(self.viewer, book)
        return super().get_context_data(
            **self.about(book),
            rows=[(row, [(REASONS[Reason(key)], total) for key, total in sorted(row.at_once.items())]) for row in rows],
            differs=sum(bool(row.difference_minor) for row in rows),
            stale=sum(row.is_stale for row in rows),
            before=periods_before(book),
            **kwargs,
        )
