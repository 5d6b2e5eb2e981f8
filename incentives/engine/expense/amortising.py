"""The straight line: what is left of each cost at a month's end, exact, in whole minor units.

A cost stands on a line [base, until) in days or months. What is left at a place is `cost × rest of the line / line`, rounded once; the
entry of a month is the difference to what is carried. So a cost that comes late catches up, one that is taken back gives back what was
expensed of it, and at the end of the line nothing is left: what was expensed over life is what was capitalised, to the cent.
A change of the line begins a new one with what is carried. Source: ASC 340-40-35-1 to 35-6, IFRS 15.99 to 104.
"""

from dataclasses import dataclass

import numpy as np

from spm.core.money import RATE_SCALE, multiply_columns, round_columns

YEAR_DAYS = 365


@dataclass(frozen=True)
class Lines:
    """Costs as columns, one row each, in any order: int64 minor units, and places on their own line.

    `cost` is what the line began with and what came since; `carried` is what is left of it before this month is expensed. `close` is
    the end of the month and `ahead` the same a year on. `lost` is the place where the contract was lost, of any value where it was not.
    `recoverable` is the most that may stand, the largest number where nothing is tested.
    """

    cost: np.ndarray
    carried: np.ndarray
    base: np.ndarray
    until: np.ndarray
    close: np.ndarray
    ahead: np.ndarray
    lost: np.ndarray
    is_lost: np.ndarray
    recoverable: np.ndarray


@dataclass(frozen=True)
class Month:
    """What a month does to each cost, positive where it is expensed, and what stands at its end."""

    amortised: np.ndarray
    impaired: np.ndarray
    written_off: np.ndarray
    closing: np.ndarray
    current: np.ndarray

    @property
    def non_current(self) -> np.ndarray:
        """Give what is expensed later than a year after the close."""
        return self.closing - self.current


def left(cost: np.ndarray, base: np.ndarray, until: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Give what is left of costs at a place of their line; nothing of what was taken back altogether, and nothing after the end.

    >>> left(np.array([1200]), np.array([0]), np.array([12]), np.array([5])).tolist()
    [700]
    """
    whole = until - base
    rest = np.clip(until - np.maximum(place, base), 0, np.maximum(whole, 0))
    parts = round_columns(multiply_columns(np.maximum(cost, 0), rest), np.maximum(whole, 1))
    return np.asarray(np.where(whole > 0, parts, 0), dtype=np.int64)


def month(lines: Lines) -> Month:
    """Expense one month of every cost: the line first, then the rest of lost contracts, then what can't be recovered."""
    at = np.where(lines.is_lost, np.minimum(lines.lost, lines.close), lines.close)
    after = left(lines.cost, lines.base, lines.until, at)
    written_off = np.where(lines.is_lost, after, 0)
    stands = after - written_off
    impaired = np.maximum(0, stands - np.maximum(0, lines.recoverable))
    closing = stands - impaired
    later = left(closing, np.maximum(lines.base, lines.close), lines.until, lines.ahead)
    return Month(
        amortised=lines.carried - after,
        impaired=impaired,
        written_off=written_off,
        closing=closing,
        current=closing - later,
    )


def recoverable(annual: np.ndarray, days: np.ndarray, direct_cost_rate: int) -> np.ndarray:
    """Give the consideration of the days to come less the cost of serving them. Source: ASC 340-40-35-3, IFRS 15.101.

    >>> recoverable(np.array([36_500]), np.array([100]), RATE_SCALE // 4).tolist()
    [7500]
    """
    value = multiply_columns(multiply_columns(annual, np.maximum(days, 0)), RATE_SCALE - direct_cost_rate)
    return round_columns(value, YEAR_DAYS * RATE_SCALE)
