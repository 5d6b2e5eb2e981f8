"""The decisions of a book: what is an incremental cost of obtaining a contract, whether it is capitalised, and until when it is expensed.

A policy is data. Nothing here knows amounts but the commensurate-renewal rule, which compares two rates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from incentives.engine.expense.words import Basis, Convention, Reason
from spm.core.periods import months_later

EXPEDIENT_MONTHS = 12
"""Up to this period a cost may be expensed at once. Source: ASC 340-40-25-4, IFRS 15.94."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How one book treats commissions. Rates are at RATE_SCALE.

    `components` holds the decisions for single components, by (plan, component): True is an incremental cost, False is none. `lapse_months`
    after its end a contract that nobody renewed is lost, None to ask no such question; without `direct_cost_rate` nothing is impaired.
    """

    capitalises: bool = True
    uses_expedient: bool = False
    basis: Basis = Basis.TERM
    benefit_months: int = 60
    convention: Convention = Convention.DAYS
    new_rate: int = 0
    renewal_rate: int = 0
    includes_overrides: bool = True
    capitalises_without_contract: bool = False
    lapse_months: int | None = None
    direct_cost_rate: int | None = None
    components: Mapping[tuple[str, str], bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contract:
    """What a cost was paid for: its days, [start, ends), open where it has no end, and whether it renews another.

    A deal without a contract starts on the day that credits it and has no end.
    """

    start: date
    ends: date | None = None
    is_renewal: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """The days, half-open, over which a cost is expensed."""

    start: date
    until: date


def incremental(
    component: tuple[str, str], policy: Policy, *, is_of_deal: bool, is_override: bool = False
) -> Reason | None:
    """Give why pay is no incremental cost of obtaining a contract; None where it is one.

    Pay that no deal caused would have been paid without the contract. What a manager gets for the deals of the team is one by policy.
    Source: ASC 340-40-25-1 to 25-3, IFRS 15.91 to 93.

    >>> incremental(("reps", "bonus"), Policy(), is_of_deal=False)
    <Reason.NOT_INCREMENTAL: 'NOT_INCREMENTAL'>
    """
    chosen = policy.components.get(component)
    if chosen is None:
        chosen = is_of_deal and (policy.includes_overrides or not is_override)
    return None if chosen else Reason.NOT_INCREMENTAL


def is_commensurate(new: tuple[int, int], renewal: tuple[int, int]) -> bool:
    """Tell whether a renewal is paid at least in proportion to the first contract; each is (commission, contract value).

    5 % and 5 % is; 6 % and 2 % is not; nothing for renewals is not. Source: TRG memo 57 of 11/2016.

    >>> is_commensurate((5, 100), (10, 200)), is_commensurate((6, 100), (2, 100)), is_commensurate((5, 100), (0, 100))
    (True, False, False)
    """
    (paid, value), (paid_again, value_again) = new, renewal
    return paid_again > 0 and value > 0 and value_again > 0 and paid_again * value >= paid * value_again


def span_of(contract: Contract, policy: Policy) -> Span:
    """Give the days over which the cost of a contract is expensed.

    A renewal's cost belongs to its own term. The period of benefit is never shorter than the contract.
    """
    benefit = months_later(contract.start, policy.benefit_months)
    if contract.ends is None:
        return Span(contract.start, benefit)
    if contract.is_renewal or policy.basis == Basis.TERM or _follows_term(policy):
        return Span(contract.start, max(contract.ends, contract.start))
    return Span(contract.start, max(contract.ends, benefit))


def _follows_term(policy: Policy) -> bool:
    rates = (policy.new_rate, 1), (policy.renewal_rate, 1)
    return policy.basis == Basis.COMMENSURATE and is_commensurate(*rates)


def treatment(contract: Contract | None, policy: Policy) -> Reason:
    """Give what becomes of the incremental cost of a contract; None is a deal that has none.

    Source: ASC 340-40-25-4, IFRS 15.94 (the expedient).
    """
    if not policy.capitalises:
        return Reason.NOT_CAPITALISED
    if contract is None:
        return Reason.CAPITALISED if policy.capitalises_without_contract else Reason.NO_CONTRACT
    span = span_of(contract, policy)
    if policy.uses_expedient and span.until <= months_later(span.start, EXPEDIENT_MONTHS):
        return Reason.EXPEDIENT
    return Reason.CAPITALISED


def lost_on(
    ends: date | None, ended_before: date | None, *, is_renewed: bool, policy: Policy, close: date
) -> date | None:
    """Give the day from which a contract has brought no more, seen from the close (first day after the month); None while it lives.

    It was ended early when its end is before the one known until now; it lapsed when it ended and nobody renewed it for `lapse_months`.
    """
    if ends is None or is_renewed or ends > close:
        return None
    if ended_before is not None and ends < ended_before:
        return ends
    if policy.lapse_months is not None and months_later(ends, policy.lapse_months) <= close:
        return ends
    return None


def month_number(day: date) -> int:
    """Give the number of a day's month, counted from the year 0."""
    return day.year * 12 + day.month - 1


def month_first(number: int) -> date:
    """Give the first day of a month by its number.

    >>> month_first(month_number(date(2026, 5, 17)))
    datetime.date(2026, 5, 1)
    """
    return date(number // 12, number % 12 + 1, 1)


def months_between(start: date, until: date) -> int:
    """Give the months of [start, until), a begun one counting whole.

    >>> months_between(date(2026, 1, 15), date(2027, 1, 15)), months_between(date(2026, 1, 1), date(2026, 12, 31))
    (12, 12)
    """
    months = max(0, month_number(until) - month_number(start))
    return months + 1 if months_later(start, months) < until else months


def units(span: Span, base: date, convention: Convention) -> tuple[int, int]:
    """Give [from, until) of the straight line from a base day on, in days or in months."""
    if convention == Convention.DAYS:
        return max(base, span.start).toordinal(), span.until.toordinal()
    first = month_number(span.start)
    return max(month_number(base), first), first + months_between(span.start, span.until)


def unit_of(day: date, convention: Convention) -> int:
    """Give the place of a day on the line: the close of a month is the first day after it."""
    return day.toordinal() if convention == Convention.DAYS else month_number(day)
