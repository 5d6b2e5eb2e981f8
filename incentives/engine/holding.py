"""Holdbacks: the share of released pay that is held until a day, for a time after its period, or until an event of its deal."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from incentives.engine.plan_settling import Holdback, Wait
from incentives.engine.releasing import DealMoney, Held, reach
from incentives.engine.spans import after
from incentives.engine.words import ReleaseWhen
from spm.core.money import round_half_away

OVER_BY_THEN = {
    ReleaseWhen.ON_INVOICE: {ReleaseWhen.ON_INVOICE, ReleaseWhen.CASH_PRO_RATA, ReleaseWhen.CASH_FULL},
    ReleaseWhen.CASH_FULL: {ReleaseWhen.CASH_FULL},
}
"""By the event that ends a holdback, the releases that come no earlier: of what these release it holds nothing."""


class Kept(NamedTuple):
    """The share of waiting pay that a holdback goes on to hold after its release: until an event, or until a day."""

    share: Fraction
    when: str
    until: int | None


def held_back(free: int, holdback: Holdback | None, *, period_end: int, day: int, deal: DealMoney | None = None) -> int:
    """How much of released pay is held at the end of a day; `period_end` is the last day of the period that earned it.

    A holdback that waits for an event of a deal holds nothing of pay that no deal caused.
    """
    if holdback is None or not free or ended(holdback, period_end=period_end, day=day, deal=deal):
        return 0
    return round_half_away(free * holdback.share.numerator, holdback.share.denominator)


def ended(holdback: Holdback, *, period_end: int, day: int, deal: DealMoney | None) -> bool:
    """True when the holdback is over at the end of a day."""
    if holdback.event is not None:
        return deal is None or reach(Wait(when=holdback.event), deal, day).share == 1
    until = ends_on(holdback, period_end)
    return until is not None and until <= day


def ends_on(holdback: Holdback, period_end: int) -> int | None:
    """The day on which a holdback ends, None where an event ends it."""
    return after(period_end, holdback.after) if holdback.after is not None else holdback.until


def kept_after(held: Held, holdback: Holdback, *, period_end: int) -> Kept | None:
    """Give what a holdback that has not ended keeps of waiting pay once that is released; None where it is over by the release."""
    if holdback.event is not None:
        is_over = held.when in OVER_BY_THEN[holdback.event]
        return None if is_over else Kept(holdback.share, str(holdback.event), None)
    until = ends_on(holdback, period_end)
    is_over = until is not None and held.until is not None and until <= held.until
    return None if is_over else Kept(holdback.share, "DAY", until)
