"""The roll-forward in the currency of the company: each contract at the rate of the month that capitalised it, or said to be unknown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from incentives.engine.conversions import converted
from incentives.engine.expense.policy import month_first, month_number
from incentives.engine.expense.rolling import Roll, roll
from incentives.engine.expense.translating import Moved, translate
from incentives.engine.expense.words import EntryKind
from incentives.models import ExpenseBook, ExpenseClose, ExpenseEntry
from incentives.selectors.company_currency import InCompany
from incentives.selectors.expense.figures import MonthRow, book_currencies, months_rolled
from spm.core.dated import day_number, day_of
from spm.core.fx import Quote, RateBook, rate_text
from spm.crm.selectors.rates import RateEntry, rate_entries
from spm.roles.policy import Viewer
from spm.web.templatetags.figures import day_text

_MOVED = """
    select coalesce(f.month, e.month), e.month, e.kind, sum(e.amount_minor)::bigint
    from {entry} e left join (
        select asset_id, min(month) as month from {entry}
        where book_id = %(book)s and currency = %(currency)s and asset_id is not null group by 1
    ) f using (asset_id)
    where e.book_id = %(book)s and e.currency = %(currency)s group by 1, 2, 3
"""


@dataclass(frozen=True)
class CompanyMonth:
    """A month in the currency of the company; `roll` is None where a rate is not known, and `missing` says which. `rates` tells at which
    rates the month capitalised and expensed at once."""

    month: date
    is_closed: bool
    currency: str
    roll: Roll | None
    expensed_at_once: int = 0
    rates: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        """Give what the month costs."""
        assert self.roll is not None
        return self.expensed_at_once + self.roll.amortised + self.lost

    @property
    def lost(self) -> int:
        """Give what was impaired or written off."""
        assert self.roll is not None
        return self.roll.impaired + self.roll.written_off


def months_in_company(viewer: Viewer, book: ExpenseBook, currency: str, rows: Sequence[MonthRow]) -> list[CompanyMonth]:
    """Give the roll-forward of a book in one currency as the company's books have it, month by month.

    A closed month keeps the rate that was known when it was closed; where none was, the one that is known now.
    """
    company = viewer.organisation.currency
    if currency == company:
        return [CompanyMonth(row.month, row.is_closed, company, row.total, row.expensed_at_once) for row in rows]
    quotes = _quotes(book, currency, company, [row.month for row in rows])
    sums = _sums(book, currency)
    asked = {key.month if key.kind == EntryKind.EXPENSED else key.since for key in sums}
    lacks = sorted(month for month in asked if quotes[month] is None)

    def into(amount: int, month: int) -> int:
        quote = quotes[month]
        return 0 if quote is None else converted(amount, quote.rate, currency, company)

    moved = translate(sums, into)
    found, opening = [], 0
    for row in rows:
        number = month_number(row.month)
        own = moved.get(number, {})
        whole = roll(opening, own)
        opening = whole.closing
        missing = tuple(_missing(currency, company, m) for m in lacks if m <= number)
        told = (_told(currency, company, quotes[number]),) if number not in lacks else ()
        at_once = own.get(EntryKind.EXPENSED, 0)
        found.append(
            CompanyMonth(row.month, row.is_closed, company, None if missing else whole, at_once, told, missing)
        )
    return found


def book_in_company(viewer: Viewer, book: ExpenseBook) -> list[CompanyMonth]:
    """Give all currencies of a book together, month by month; none where all of it is in the company's currency."""
    company = viewer.organisation.currency
    currencies = book_currencies(viewer, book)
    if currencies == [company]:
        return []
    by_month: dict[date, list[CompanyMonth]] = {}
    for currency in currencies:
        for one in months_in_company(viewer, book, currency, months_rolled(viewer, book, currency)):
            by_month.setdefault(one.month, []).append(one)
    return [_together(month, company, parts) for month, parts in sorted(by_month.items())]


def _together(month: date, company: str, parts: Sequence[CompanyMonth]) -> CompanyMonth:
    whole: Roll | None = Roll()
    for part in parts:
        whole = None if whole is None or part.roll is None else whole.plus(part.roll)
    return CompanyMonth(
        month,
        all(part.is_closed for part in parts),
        company,
        whole,
        sum(part.expensed_at_once for part in parts),
        tuple(text for part in parts for text in part.rates),
        tuple(text for part in parts for text in part.missing),
    )


def _missing(currency: str, company: str, month: int) -> str:
    on = month_first(month + 1) - timedelta(days=1)
    named = {"currency": currency, "company": company, "on": day_text(on)}
    return _("No rate from %(currency)s to %(company)s is known on %(on)s.") % named


def _told(currency: str, company: str, quote: Quote | None) -> str:
    if quote is None:
        return ""
    said = InCompany(currency, 0, company, 0, rate_text(quote.rate), day_of(quote.rate_on), ", ".join(quote.tables))
    return f"{currency} {said.words}"


def _sums(book: ExpenseBook, currency: str) -> dict[Moved, int]:
    with connection.cursor() as cursor:
        cursor.execute(_MOVED.format(entry=ExpenseEntry._meta.db_table), {"book": book.pk, "currency": currency})
        rows = cursor.fetchall()
    return {Moved(month_number(since), month_number(month), kind): total for since, month, kind, total in rows}


def _quotes(book: ExpenseBook, currency: str, company: str, months: Iterable[date]) -> dict[int, Quote | None]:
    """The rate of the last day of each month, by what was known when it was closed."""
    closed = dict(ExpenseClose.objects.filter(book=book).values_list("month", "closed_at"))
    found: dict[int, Quote | None] = {}
    entries = rate_entries()
    for month in months:
        number = month_number(month)
        on = month_first(number + 1) - timedelta(days=1)
        known = _quote(entries, currency, company, on, closed.get(month))
        found[number] = known or _quote(entries, currency, company, on, None)
    return found


def _quote(
    entries: Iterable[RateEntry], currency: str, company: str, on: date, known_at: datetime | None
) -> Quote | None:
    last: Mapping[tuple[str, str, date], RateEntry] = {
        (one.source, one.target, one.on): one
        for one in entries
        if one.on <= on and (known_at is None or one.at <= known_at)
    }
    rows = [
        (one.source, one.target, day_number(one.on), one.rate, one.table)
        for one in last.values()
        if one.rate is not None
    ]
    return RateBook.of(rows, pivot=company).quote(currency, company, day_number(on))
