"""From earned to payable: what of a deal's pay is released on a day, what waits, why, and for which event.

A deal's money is told by its invoices as known: what an invoice is credited lowers what is to be received, what is paid beyond an
invoice counts for no other, and a payment in another currency than its invoice is held against nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from incentives.engine.plan_settling import Release, Wait
from incentives.engine.spans import after
from incentives.engine.words import ReleaseWhen
from spm.core.money import RATE_SCALE, round_half_away, split


class Reason(StrEnum):
    """Why pay is not released."""

    NOT_INVOICED = "NOT_INVOICED"
    NOT_PAID = "NOT_PAID"
    PARTLY_PAID = "PARTLY_PAID"
    CREDITED = "CREDITED"
    CURRENCY = "CURRENCY"
    SCHEDULED = "SCHEDULED"
    INSTALMENTS = "INSTALMENTS"


@dataclass(frozen=True, slots=True)
class Money:
    """Money received or credited, on a day."""

    day: int
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice of a deal with what was paid and what was credited for it; a cancelled one is none."""

    day: int
    amount: int
    currency: str
    payments: tuple[Money, ...] = ()
    credits: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class DealMoney:
    """What is known of a deal: its day, its amount, its invoices."""

    day: int
    amount: int
    currency: str
    bills: tuple[Bill, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Pay that waits: how much (minor units), why, and until when where that is a day."""

    amount: int
    reason: Reason
    when: ReleaseWhen
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """How much of a wait is over on a day, and if not all, why."""

    share: Fraction
    reason: Reason = Reason.NOT_INVOICED
    until: int | None = None


OVER = Reached(Fraction(1))
NOTHING = Fraction(0)


def released(
    earned: int, release: Release, deal: DealMoney, day: int, *, net: int | None = None
) -> tuple[int, tuple[Held, ...]]:
    """What of the pay of a deal is released at the end of a day, and what waits; the two sum to what was earned.

    `net` is what the deal earned in all with its returns: where nothing is left of it, or less, nothing waits any more, so that
    of a sale taken back only what was paid comes back. Source: domain.md C5.

    >>> bill = Bill(0, 1000_00, "USD", payments=(Money(3, 500_00, "USD"),))
    >>> released(200_00, Release((Wait(when=ReleaseWhen.CASH_PRO_RATA),)), DealMoney(0, 1000_00, "USD", (bill,)), 3)[0]
    10000
    """
    if not earned or (net is not None and net <= 0):
        return earned, ()
    scaled = [int(wait.share * RATE_SCALE) for wait in release.waits]
    parts = split(earned, scaled, range(len(scaled))) if len(scaled) > 1 else [earned]
    free, held = 0, []
    for part, wait in zip(parts, release.waits, strict=True):
        reached = reach(wait, deal, day)
        now = round_half_away(part * reached.share.numerator, reached.share.denominator)
        free += now
        if now != part:
            held.append(Held(part - now, reached.reason, wait.when, reached.until))
    return free, tuple(held)


def reach(wait: Wait, deal: DealMoney, day: int) -> Reached:
    """How much of a wait is over at the end of a day."""
    if wait.when == ReleaseWhen.ON_BOOKING:
        return OVER
    if wait.when == ReleaseWhen.SCHEDULE:
        due = after(deal.day, wait.after)
        return OVER if due <= day else Reached(NOTHING, Reason.SCHEDULED, due)
    bills = [bill for bill in deal.bills if bill.day <= day]
    if wait.when == ReleaseWhen.ON_INVOICE:
        return OVER if bills else Reached(NOTHING, Reason.NOT_INVOICED)
    share = _cash(bills, deal, day)
    if wait.when == ReleaseWhen.CASH_FULL and share.share < 1:
        return Reached(NOTHING, share.reason)
    return share


def _cash(bills: Sequence[Bill], deal: DealMoney, day: int) -> Reached:
    """The share of a deal's money that has come in. What is not invoiced yet is outstanding; what was credited is not, but a deal that
    was credited in full keeps the share that it had reached: what comes back of it is for its return to say."""
    if not bills:
        return Reached(NOTHING, Reason.NOT_INVOICED)
    monies = [money for bill in bills for money in (*bill.payments, *bill.credits) if money.day <= day]
    currencies = {bill.currency for bill in bills}
    if len(currencies) > 1 or any(money.currency not in currencies for money in monies):
        return Reached(NOTHING, Reason.CURRENCY)
    credited = sum(min(bill.amount, _sum(bill.credits, day)) for bill in bills)
    received = sum(min(max(0, bill.amount - _sum(bill.credits, day)), _sum(bill.payments, day)) for bill in bills)
    invoiced = sum(bill.amount for bill in bills)
    whole = max(invoiced, deal.amount) if deal.currency in currencies else invoiced
    due = whole - credited
    if due <= 0:
        kept = sum(min(bill.amount, _sum(bill.payments, day)) for bill in bills)
        return Reached(min(Fraction(1), Fraction(max(0, kept), whole)) if whole > 0 else NOTHING, Reason.CREDITED)
    share = min(Fraction(1), Fraction(max(0, received), due))
    return Reached(share, Reason.PARTLY_PAID if share else Reason.NOT_PAID)


def _sum(monies: Sequence[Money], day: int) -> int:
    return sum(money.amount for money in monies if money.day <= day)


def held_of_period(earned: int, release: Release, end: int, day: int) -> tuple[Held, ...]:
    """What waits of pay that no deal caused: nothing, unless the plan has its schedule count from the end of the period."""
    if not release.without_deal or not earned:
        return ()
    return released(earned, release, DealMoney(end, 0, ""), day)[1]
