"""What the pages of a book share: its head, the words of reasons and movements, what an address asks."""

from datetime import date
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.engine.expense.words import EntryKind, Reason
from incentives.forms.expense import AssetFilterForm
from incentives.models import ExpenseBook
from incentives.selectors.expense.assets import (
    asset_list,
)
from incentives.selectors.expense.books import book_list, month_read
from spm.web.views import PageMixin

REASONS = {
    Reason.CAPITALISED: gettext_lazy("Capitalised"),
    Reason.NOT_CAPITALISED: gettext_lazy("This book expenses commissions at once"),
    Reason.NOT_INCREMENTAL: gettext_lazy("No incremental cost of a contract"),
    Reason.EXPEDIENT: gettext_lazy("Expensed within a year, so at once"),
    Reason.NO_CONTRACT: gettext_lazy("The deal has no contract"),
    Reason.UNALLOCATED: gettext_lazy("Belongs to no deal"),
}
KINDS = {
    EntryKind.ADDED: gettext_lazy("Added"),
    EntryKind.CLAWED_BACK: gettext_lazy("Clawed back"),
    EntryKind.AMORTISED: gettext_lazy("Amortised"),
    EntryKind.IMPAIRED: gettext_lazy("Impaired"),
    EntryKind.WRITTEN_OFF: gettext_lazy("Written off"),
}


class BookPage(PageMixin):
    """A page of one book, with the tabs of all that is asked of it."""

    actions = {"GET": "expense.view"}
    tab = ""
    kwargs: dict[str, Any]

    @property
    def book(self) -> ExpenseBook:
        """Give the book of the address."""
        return get_object_or_404(book_list(self.viewer), pk=self.kwargs["pk"])

    def about(self, book: ExpenseBook) -> dict[str, Any]:
        """Give what the head of each page of a book shows."""
        tabs = [
            ("roll", _("Roll-forward"), reverse("incentives:expense_book", args=[book.pk])),
            ("contracts", _("Contracts"), reverse("incentives:expense_contracts", args=[book.pk])),
            ("ledger", _("Reconciliation"), reverse("incentives:expense_reconciliation", args=[book.pk])),
            ("policy", _("Policy"), reverse("incentives:expense_policy", args=[book.pk])),
        ]
        return {
            "book": book,
            "tabs": [{"label": label, "url": url, "current": key == self.tab} for key, label, url in tabs],
            "may_edit": self.viewer.can("expense.edit"),
        }


def assets_asked(page: BookPage, book: ExpenseBook) -> Any:
    """Give the costs of contracts that the address asks for."""
    form = AssetFilterForm(page.request.GET)
    values = form.cleaned_data if form.is_valid() else {}
    standing, text = bool(values.get("standing")), values.get("q") or ""
    return asset_list(page.viewer, book, standing=standing, text=text)


def month_asked(text: str) -> date:
    """Give the month that an address names; 404 for any other text."""
    month = month_read(text)
    if month is None:
        raise Http404
    return month
