"""Holdbacks: the share of released pay that is held until a day, for a time after its period, or until an event of its deal."""

from __future__ import annotations

from incentives.engine.plan_settling import Holdback, Wait
from incentives.engine.releasing import DealMoney, reach
from incentives.engine.spans import after
from spm.core.money import round_half_away


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
