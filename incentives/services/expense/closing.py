"""Closes a month of a book: takes what the ledger says until then, follows changed contracts, and expenses the month.

A closed month is never touched again. What is known later moves the first open month.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from incentives.engine.conversions import converted
from incentives.engine.expense.amortising import Lines, Month, month, recoverable
from incentives.engine.expense.policy import (
    Contract,
    Policy,
    Span,
    lost_on,
    month_first,
    span_of,
    unit_of,
    units,
)
from incentives.engine.expense.words import Basis, Convention, EntryKind
from incentives.models import ExpenseBook, ExpenseClose, TermReason
from incentives.selectors.expense.books import month_open, policies_of
from incentives.selectors.expense.contracts import Contracts, KnownContract, contracts_read, rates_on
from incentives.selectors.expense.states import State, states_read
from incentives.services.expense.rows import OF_NO_PERIOD, entries_insert, terms_insert
from incentives.services.expense.taking import Taken, take_locked
from spm.core.dated import day_number
from spm.core.findings import Finding, Severity
from spm.core.fx import RateBook
from spm.core.money import INT64_MAX
from spm.core.periods import months_later
from spm.crm.models import Contract as CrmContract
from spm.roles.policy import Viewer, require

YEAR_MONTHS = 12


@dataclass(frozen=True)
class Followed:
    """A cost as its contract is known now: the line of the month, whether it was lost, and what may still stand; None where no rate
    from the currency of the contract tells."""

    state: State
    span: Span
    base: date
    convention: Convention
    cost: int
    contract_until: date | None
    lost: date | None
    is_changed: bool
    most: int | None


@transaction.atomic
def month_close(*, book_id: UUID, number: int, actor: Viewer) -> Taken:
    """Close a month by its number; closing it again does nothing.

    Raises ValidationError for a month that has not ended, or one before which another is open.
    """
    require(actor, "expense.edit")
    book = ExpenseBook.objects.select_for_update().get(pk=book_id)
    first, close = month_first(number), month_first(number + 1)
    if number < month_open(book):
        return Taken()
    if number != month_open(book) or close > actor.on:
        raise ValidationError(
            f"{first:%Y-%m} of {book.name} can't be closed: it has not ended, or a month before it is open. Nothing was written."
        )
    taken = take_locked(book, until=close)
    held = policies_of(book).on(number)
    if held is None:
        raise ValidationError(f"No policy of {book.name} holds on {first}. Set one from that month on.")
    costs = _followed(book, number, held[1])
    taken.findings += _untested(book, costs, close)
    result = month(_lines(costs, close))
    now = timezone.now()
    _terms_write(costs, result, number)
    _entries_write(book, costs, result, first, now)
    later = _by_currency(costs, result.non_current)
    ExpenseClose.objects.create(book=book, month=first, closed_at=now, closed_by=actor.name, non_current=later)
    return taken


def _followed(book: ExpenseBook, number: int, policy: Policy) -> list[Followed]:
    contracts, close = contracts_read(), month_first(number + 1)
    rates = rates_on(close - timedelta(days=1))
    return [_follow(state, contracts, policy, close, rates) for state in states_read(book.pk, month_first(number))]


def _untested(book: ExpenseBook, costs: list[Followed], close: date) -> Iterator[Finding]:
    """Contracts whose cost could not be held against what the customer will still pay."""
    last = close - timedelta(days=1)
    untested = [each.state.contract_id for each in costs if each.most is None and each.lost is None]
    keys = {key for key in untested if key is not None}
    for name in CrmContract.objects.filter(pk__in=keys).order_by("source_key").values_list("source_key", flat=True):
        yield Finding(
            "EXPENSE_NO_RATE",
            f"{book.name}, {last:%Y-%m}",
            f"The cost of contract {name} is in another currency than its value, and no rate between them is known on {last}.",
            "Whether it is impaired was not tested; the next month is tested again.",
            "Enter the rate under Currency rates.",
            severity=Severity.WARNING,
        )


def _follow(state: State, contracts: Contracts, policy: Policy, close: date, rates: RateBook) -> Followed:
    """What holds of a cost in the month that ends before `close`: its terms go on, change from the month on, or end."""
    known = contracts.by_id.get(state.contract_id) if state.contract_id else None
    old = Span(state.start_on, state.until_on)
    convention, base, cost = (
        Convention(state.convention),
        state.base_on,
        state.opening + state.expensed + state.came_now,
    )
    if state.term_reason == TermReason.LOST:
        return Followed(state, old, base, convention, cost, state.contract_until, None, False, INT64_MAX)
    ends = _ends(known, policy) if known else state.contract_until
    is_renewed = bool(known and known.is_renewed and ends == known.terms.ends)
    lost = lost_on(ends, state.contract_until, is_renewed=is_renewed, policy=policy, close=close)
    terms = known.terms if known else Contract(state.start_on)
    span = span_of(terms, policy)
    is_later = ends is not None and state.contract_until is not None and ends > state.contract_until
    is_changed = lost is None and (span != old or policy.convention != convention or is_later)
    until = state.contract_until
    if is_changed:
        start = months_later(close, -1)
        old, convention, base, cost, until = (
            span,
            policy.convention,
            max(start, span.start),
            state.opening + state.came_now,
            ends,
        )
    most = _most(known, state, policy, Span(max(close, old.start), old.until), rates)
    return Followed(state, old, base, convention, cost, until, lost, is_changed, most)


def _ends(known: KnownContract, policy: Policy) -> date | None:
    """The end that matters: the contract's own where it is expensed over its term, else that of its last renewal."""
    follows_term = known.terms.is_renewal or span_of(known.terms, policy).until == known.terms.ends
    return known.terms.ends if follows_term or policy.basis == Basis.TERM else known.chain_ends


def _most(known: KnownContract | None, state: State, policy: Policy, to_come: Span, rates: RateBook) -> int | None:
    """The most that may stand for the days to come; no limit where it is not tested or the contract's value is unknown."""
    if policy.direct_cost_rate is None or known is None or not (known.annual_minor and known.currency):
        return INT64_MAX
    quote = rates.quote(known.currency, state.currency, day_number(to_come.start))
    if quote is None:
        return None
    annual = known.annual_minor
    if known.currency != state.currency:
        annual = converted(annual, quote.rate, known.currency, state.currency)
    days = (to_come.until - to_come.start).days
    return int(recoverable(np.array([annual]), np.array([days]), policy.direct_cost_rate)[0])


def _lines(costs: list[Followed], close: date) -> Lines:
    places = [units(each.span, each.base, each.convention) for each in costs]
    # A loss that is known late takes back nothing of closed months: the rest goes in the month in which it is known.
    begun, year = months_later(close, -1), months_later(close, YEAR_MONTHS)
    columns = {
        "cost": [each.cost for each in costs],
        "carried": [each.state.opening + each.state.came_now for each in costs],
        "base": [base for base, _ in places],
        "until": [until for _, until in places],
        "close": [unit_of(close, each.convention) for each in costs],
        "ahead": [unit_of(year, each.convention) for each in costs],
        "lost": [unit_of(max(each.lost or close, begun), each.convention) for each in costs],
        "recoverable": [INT64_MAX if each.most is None else each.most for each in costs],
    }
    arrays = {name: np.array(values, dtype=np.int64) for name, values in columns.items()}
    return Lines(**arrays, is_lost=np.array([each.lost is not None for each in costs], dtype=bool))


def _terms_write(costs: list[Followed], result: Month, number: int) -> None:
    """Terms of this month where they changed; of the next one where the month ended with a loss or an impairment."""
    rows, this, following = [], month_first(number), month_first(number + 1)
    for row, each in enumerate(costs):
        count, carried = each.state.number, int(result.closing[row])
        if each.is_changed:
            count += 1
            rows.append(_term(each, count, this, each.base, each.span.until, each.state.opening, TermReason.CHANGED))
        if each.lost is not None:
            rows.append(_term(each, count + 1, following, each.lost, each.lost, 0, TermReason.LOST))
        elif result.impaired[row]:
            base = max(following, each.span.start)
            rows.append(_term(each, count + 1, following, base, each.span.until, carried, TermReason.IMPAIRED))
    terms_insert(rows)


def _term(
    cost: Followed, number: int, begins: date, base: date, until: date, carried: int, reason: TermReason
) -> tuple[Any, ...]:
    days = (begins, cost.span.start, base, until, cost.contract_until)
    return (cost.state.asset_id, number, *days, cost.convention.value, carried, reason.value)


def _entries_write(book: ExpenseBook, costs: list[Followed], result: Month, first: date, now: datetime) -> None:
    moved = (
        (EntryKind.AMORTISED, result.amortised),
        (EntryKind.IMPAIRED, result.impaired),
        (EntryKind.WRITTEN_OFF, result.written_off),
    )
    entries = []
    for kind, amounts in moved:
        for row in np.flatnonzero(amounts).tolist():
            state, amount = costs[row].state, -int(amounts[row])
            entry = (book.pk, first, kind.value, state.asset_id, amount, state.currency, now)
            entries.append((*entry, *OF_NO_PERIOD))
    entries_insert(entries)


def _by_currency(costs: list[Followed], amounts: np.ndarray) -> dict[str, int]:
    found: dict[str, int] = {}
    for each, amount in zip(costs, amounts.tolist(), strict=True):
        if amount:
            found[each.state.currency] = found.get(each.state.currency, 0) + amount
    return dict(sorted(found.items()))
