"""What pay is converted from: who is paid in which currency, what books made payable, the rates, and what was posted and is said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db import connection

from incentives.engine.converting import Conversions, Days, Moved, Place, convert_pay, rounding_of, unconverted
from incentives.engine.words import PayRatePolicy
from incentives.models import (
    BooksState,
    JournalKind,
    LedgerAccount,
    PayConversion,
    PayCurrency,
    PayRateRule,
    PeriodStep,
)
from incentives.selectors.settling import books_until
from planning.selectors import period_list
from spm.core.dated import day_number, day_text
from spm.core.fx import RateBook
from spm.crm.selectors.rates import rate_rows

COMPONENT = "pay-currency:"
"""The component under which conversions stand, followed by the currency that they convert: they belong to no plan."""
OPEN = (BooksState.OPEN, BooksState.CALCULATING)

_MOVED = """
    select e.participant_id::text, e.period_id::text, e.currency,
           coalesce(sum(e.amount_minor) filter (where j.kind <> %(pay)s), 0)::bigint,
           coalesce(sum(e.amount_minor) filter (where j.kind = %(pay)s), 0)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    where e.period_id = any(%(books)s::uuid[]) and e.account = %(payable)s and j.kind <> all(%(beside)s)
      and e.participant_id = any(%(people)s::uuid[])
    group by 1, 2, 3
"""
_POSTED = """
    select e.participant_id::text, e.earned_in_id::text, substr(e.component, %(after)s), e.currency, sum(e.amount_minor)::bigint
    from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
    where e.earned_in_id = any(%(books)s::uuid[]) and e.account = %(payable)s and j.kind = %(convert)s
      and (%(people)s::uuid[] is null or e.participant_id = any(%(people)s::uuid[]))
    group by 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Standing:
    """What should stand converted in the books up to a period, and what does, by place and currency (minor units)."""

    books: dict[str, Days]
    wanted: Conversions
    posted: dict[Place, dict[str, int]]


def pays_in_currencies() -> bool:
    """Tell whether anybody is, or was, paid in a currency of their own."""
    return PayCurrency.objects.exists() or _has_conversions()


def conversions_standing(period: Any, people: Iterable[str] | None) -> Standing | None:
    """Give what should stand converted and what does, of the people or of all; None where nobody is paid in a currency of their own."""
    asked = None if people is None else sorted({str(one) for one in people})
    rows = PayCurrency.objects.all() if asked is None else PayCurrency.objects.filter(participant_id__in=asked)
    paid_in = [(str(one.participant_id), one.during, one.currency) for one in rows]
    if not paid_in and not _has_conversions():
        return None
    periods = books_until(period)
    named: dict[str, Any] = {
        "books": [each.id for each in periods],
        "pay": JournalKind.PAY,
        "convert": JournalKind.CONVERT,
        "beside": [JournalKind.CONVERT, JournalKind.CARRY],
        "payable": LedgerAccount.PAYABLE,
        "after": len(COMPONENT) + 1,
    }
    posted: dict[Place, dict[str, int]] = {}
    for *key, currency, amount in _rows(_POSTED, named | {"people": asked}):
        posted.setdefault(Place(*key), {})[currency] = amount
    named["people"] = sorted({who for who, _, _ in paid_in} | {place.participant for place in posted})
    moved = {
        Place(*key): Moved(*amounts) for *key, payable, paid in _rows(_MOVED, named) for amounts in [(payable, paid)]
    }
    books = _books(periods)
    wanted = convert_pay(books, _ends(periods, paid_in), moved, _rates(periods))
    return Standing({one.key: one for one in books}, wanted, posted)


def pay_unconverted(period: Any, people: Iterable[Any] | None) -> dict[tuple[str, str], str]:
    """Give why what is payable to people in a currency up to a period is not paid out: it is not converted yet. By person and currency."""
    standing = conversions_standing(period, people)
    if standing is None:
        return {}
    found: dict[tuple[str, str], str] = {}
    for place, target in sorted(unconverted(standing.wanted, standing.posted).items()):
        books = standing.books[place.books]
        if place in standing.wanted.unrated:
            words = (
                f"No rate from {place.currency} to {target} is known {when(books)}. Enter it, and post the run again."
            )
        else:
            words = f"Not converted from {place.currency} to {target} yet. Post the run again, or reopen the period."
        found.setdefault((place.participant, place.currency), words)
    return found


def when(books: Days) -> str:
    """Tell on which days books need a rate."""
    if books.policy == PayRatePolicy.PERIOD_AVERAGE:
        return f"on each day from {day_text(books.start)} to {day_text(books.end - 1)}"
    return f"on {day_text(books.end - 1)}"


def conversions_said(period: Any, people: Iterable[str] | None) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Give what statements of a period say of conversions in its books, by participant and currency: each stands with the currency that
    it converts and with the one that it is paid in, and so does pay that no rate is known for."""
    asked = None if people is None else sorted(people)
    rows = (
        PayConversion.objects.filter(period_id=period.id)
        .select_related("converted_in")
        .order_by("journal__number", "pk")
    )
    if asked is not None:
        rows = rows.filter(participant_id__in=asked)
    last: dict[tuple[str, str, str, str], PayConversion] = {}
    moved: dict[tuple[str, str, str, str], tuple[int, int]] = {}
    for one in rows:
        key = (str(one.participant_id), str(one.converted_in_id), one.from_currency, one.to_currency)
        before = moved.get(key, (0, 0))
        last[key], moved[key] = one, (before[0] + one.from_change_minor, before[1] + one.to_change_minor)
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for key, one in sorted(last.items()):
        if one.rate or any(moved[key]):
            _add(found, key[0], (one.from_currency, one.to_currency), _said(one, moved[key]))
    standing = conversions_standing(period, asked)
    if standing is not None:
        for place, (target, amount) in sorted(standing.wanted.unrated.items()):
            if place.books == str(period.id):
                words = f"No rate from {place.currency} to {target} is known {when(standing.books[place.books])}."
                row = {"from_currency": place.currency, "to_currency": target, "from_minor": amount, "missing": words}
                _add(found, place.participant, (place.currency,), row)
    return found


def _add(
    found: dict[tuple[str, str], list[dict[str, Any]]], who: str, currencies: Iterable[str], row: dict[str, Any]
) -> None:
    for currency in currencies:
        found.setdefault((who, currency), []).append(row)


def _said(one: PayConversion, moved: tuple[int, int]) -> dict[str, Any]:
    """A conversion as a statement keeps it; `rounding` is what the rounding added, in units of the currency's smallest one."""
    exact = Fraction(one.rate) if one.rate else Fraction(0)
    rounding = rounding_of(one.from_currency, one.to_currency, one.from_minor, one.to_minor, exact)
    through = one.taken_until - timedelta(days=1) if one.taken_until is not None else one.taken_on
    return {
        "from_currency": one.from_currency,
        "to_currency": one.to_currency,
        "from_minor": one.from_minor,
        "to_minor": one.to_minor,
        "before_minor": one.to_minor - moved[1],
        "from_change_minor": moved[0],
        "to_change_minor": moved[1],
        "converted_in": one.converted_in.key,
        "is_prior": one.converted_in_id != one.period_id,
        "rate": one.rate,
        "rounding": str(rounding),
        "policy": one.policy,
        "taken_on": one.taken_on.isoformat() if one.taken_on else None,
        "taken_through": through.isoformat() if through else None,
        "rate_on": one.rate_on.isoformat() if one.rate_on else None,
        "table_name": one.table_name,
    }


def pay_rate_on(rules: Sequence[PayRateRule], day: date) -> PayRatePolicy:
    """Give the company's policy on a day."""
    held = (one for one in rules if one.during.lower <= day and (one.during.upper is None or day < one.during.upper))
    return next((PayRatePolicy(one.policy) for one in held), PayRatePolicy.PERIOD_END)


def _has_conversions() -> bool:
    return PayConversion.objects.exists()


def _books(periods: Sequence[Any]) -> list[Days]:
    steps = PeriodStep.objects.filter(period_id__in=[each.id for each in periods]).order_by("period_id", "-number")
    state = dict(steps.distinct("period_id").values_list("period_id", "to_state"))
    rules = list(PayRateRule.objects.all())
    return [
        Days(
            str(each.id),
            day_number(each.during.lower),
            day_number(each.during.upper),
            pay_rate_on(rules, each.during.upper - timedelta(days=1)),
            state.get(each.id, BooksState.OPEN) not in OPEN,
        )
        for each in periods
    ]


def _ends(periods: Sequence[Any], paid_in: Sequence[tuple[str, Any, str]]) -> dict[tuple[str, str], str]:
    """The currency that each person is paid in at the end of each of the periods."""
    found = {}
    for each in periods:
        last = each.during.upper - timedelta(days=1)
        for who, during, currency in paid_in:
            if during.lower <= last and (during.upper is None or last < during.upper):
                found[who, str(each.id)] = currency
    return found


def _rates(periods: Sequence[Any]) -> RateBook:
    rows = rate_rows(start=periods[0].during.lower, until=periods[-1].during.upper)
    return RateBook.of([row[:5] for row in rows], pivot=rows[0][5] if rows else "")


def people_paid() -> set[str]:
    """Give who is, or was, paid in a currency of their own."""
    return {str(key) for key in PayCurrency.objects.values_list("participant_id", flat=True)}


def shut_until(people: Iterable[Any] | None = None) -> date | None:
    """Give the day after the last books that take no entries and hold something payable to the people; conversions to anybody where none
    are named. None where there are no such books."""
    query = """
        select max(upper(p.during)) from planning_period p
        where coalesce((select s.to_state from incentives_periodstep s where s.period_id = p.id order by s.number desc limit 1), 'open')
              <> all(%(open)s)
          and exists (select 1 from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id
                      where e.period_id = p.id and e.account = %(payable)s
                        and case when %(people)s::uuid[] is null then j.kind = %(convert)s
                                 else e.participant_id = any(%(people)s::uuid[]) end)
    """
    asked = {
        "open": list(OPEN),
        "payable": LedgerAccount.PAYABLE,
        "convert": JournalKind.CONVERT,
        "people": None if people is None else [str(one) for one in people],
    }
    found: date | None = _rows(query, asked)[0][0]
    return found


def books_payable(people: Iterable[str]) -> list[Any]:
    """Give the open books that hold anything payable to the people, the earliest first."""
    rows = _rows(
        "select distinct period_id from incentives_ledgerentry where account = %(payable)s and participant_id = any(%(people)s::uuid[])",
        {"payable": LedgerAccount.PAYABLE, "people": sorted(people)},
    )
    periods = list(period_list().filter(pk__in=[key for (key,) in rows]).order_by("during"))
    return [one for one, days in zip(periods, _books(periods), strict=True) if not days.is_shut]


def _rows(query: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
