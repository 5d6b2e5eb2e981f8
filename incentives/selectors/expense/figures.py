"""What a book says: the roll-forward by month, and its reconciliation with the ledger by pay period."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Sum

from incentives.engine.expense.policy import month_first, month_number
from incentives.engine.expense.rolling import Roll, RollForward, in_parts, roll
from incentives.engine.expense.words import EntryKind, Reason
from incentives.models import ExpenseBook, ExpenseClose, ExpenseEntry, LedgerAccount, LedgerEntry
from incentives.selectors.expense.books import month_open, policies_of
from incentives.selectors.expense.earned import fingerprint, periods_posted, taken_prints
from planning.selectors import period_list
from spm.roles.policy import Viewer


@dataclass(frozen=True)
class MonthRow:
    """A month of a book in one currency. An open month shows what has come so far; it is expensed when it is closed."""

    month: date
    is_closed: bool
    forward: RollForward
    expensed_at_once: int

    @property
    def total(self) -> Roll:
        """Give the roll-forward of both parts together."""
        return self.forward.total

    @property
    def cost(self) -> int:
        """Give what the month costs: what was expensed at once and what the balance gave up."""
        total = self.total
        return self.expensed_at_once + total.amortised + total.impaired + total.written_off

    @property
    def lost(self) -> int:
        """Give what was impaired or written off."""
        return self.total.impaired + self.total.written_off


@dataclass(frozen=True)
class Reconciled:
    """A pay period in one currency: what the ledger expensed, and where the book has it."""

    period_id: UUID
    period_key: str
    currency: str
    ledger_minor: int
    capitalised_minor: int
    at_once: dict[str, int] = field(default_factory=dict)
    is_stale: bool = False

    @property
    def expensed_minor(self) -> int:
        """Give what was expensed at once."""
        return sum(self.at_once.values())

    @property
    def difference_minor(self) -> int:
        """Give what the ledger has that the book has not taken yet."""
        return self.ledger_minor - self.capitalised_minor - self.expensed_minor


def book_currencies(viewer: Viewer, book: ExpenseBook) -> list[str]:
    """Give the currencies of a book, that of the company first."""
    found = set(ExpenseEntry.objects.filter(book=book).order_by().values_list("currency", flat=True).distinct())
    own = viewer.organisation.currency
    return sorted(found, key=lambda currency: (currency != own, currency)) or [own]


def months_rolled(viewer: Viewer, book: ExpenseBook, currency: str) -> list[MonthRow]:
    """Give the roll-forward of every month of a book that is closed or has entries, earliest first."""
    rows = ExpenseEntry.objects.filter(book=book, currency=currency).order_by().values_list("month", "kind")
    moved: dict[int, dict[str, int]] = {}
    for month, kind, total in rows.annotate(total=Sum("amount_minor")):
        moved.setdefault(month_number(month), {})[kind] = total
    closed = dict(ExpenseClose.objects.filter(book=book).values_list("month", "non_current"))
    first = month_number(book.starts_on)
    last = max([*moved, *map(month_number, closed)], default=first - 1)
    found, opening, later = [], 0, 0
    for number in range(first, last + 1):
        kept = closed.get(month_first(number))
        later_now = kept.get(currency, 0) if kept is not None else later
        own = moved.get(number, {})
        whole = roll(opening, own)
        forward = in_parts(whole, opening_non_current=later, closing_non_current=later_now)
        row = MonthRow(month_first(number), kept is not None, forward, own.get(EntryKind.EXPENSED, 0))
        found.append(row)
        opening, later = whole.closing, later_now
    return found


def months_summed(rows: list[MonthRow]) -> MonthRow | None:
    """Give consecutive months as one: the first opening, the last closing, all that moved; None of none."""
    if not rows:
        return None
    names = [name for name in Roll.__slots__ if name != "opening"]
    parts = []
    for part in ("current", "non_current"):
        rolls = [getattr(row.forward, part) for row in rows]
        parts.append(
            Roll(opening=rolls[0].opening, **{name: sum(getattr(each, name) for each in rolls) for name in names})
        )
    at_once = sum(row.expensed_at_once for row in rows)
    return MonthRow(rows[0].month, all(row.is_closed for row in rows), RollForward(*parts), at_once)


def book_reconciled(viewer: Viewer, book: ExpenseBook) -> list[Reconciled]:
    """Give each posted pay period since the book began beside the ledger, latest first."""
    periods = list(periods_posted(book.starts_on, date.max))
    ledger = _ledger([period.pk for period in periods])
    taken = _taken(book)
    prints = taken_prints(book.pk)
    words = policies_of(book).words
    found = []
    for period in reversed(periods):
        is_stale = prints.get(period.pk) != fingerprint(period.pk, words)
        for currency in sorted(ledger.get(period.pk, {}).keys() | taken.get(period.pk, {}).keys()):
            by_reason = dict(taken.get(period.pk, {}).get(currency, {}))
            capitalised = by_reason.pop(Reason.CAPITALISED.value, 0)
            posted = ledger.get(period.pk, {}).get(currency, 0)
            found.append(Reconciled(period.pk, period.key, currency, posted, capitalised, by_reason, is_stale))
    return found


def periods_before(book: ExpenseBook) -> int:
    """Give the number of posted pay periods that began before the book: they are in no figure of it."""
    return (
        period_list()
        .filter(pk__in=LedgerEntry.objects.values("earned_in"), during__startswith__lt=book.starts_on)
        .count()
    )


def _ledger(period_ids: list[Any]) -> dict[Any, dict[str, int]]:
    rows = LedgerEntry.objects.filter(earned_in__in=period_ids, account=LedgerAccount.EXPENSE).order_by()
    found: dict[Any, dict[str, int]] = {}
    for period, currency, total in rows.values_list("earned_in_id", "currency").annotate(total=Sum("amount_minor")):
        found.setdefault(period, {})[currency] = -total
    return found


def _taken(book: ExpenseBook) -> dict[Any, dict[str, dict[str, int]]]:
    rows = ExpenseEntry.objects.filter(book=book, period__isnull=False).order_by()
    sums = rows.values_list("period_id", "currency", "reason").annotate(total=Sum("amount_minor"))
    found: dict[Any, dict[str, dict[str, int]]] = {}
    for period, currency, reason, total in sums:
        found.setdefault(period, {}).setdefault(currency, {})[reason] = total
    return found


def open_month(book: ExpenseBook) -> date:
    """Give the first day of the first open month."""
    return month_first(month_open(book))
