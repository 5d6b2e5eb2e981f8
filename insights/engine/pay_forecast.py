"""Scenarios of open deals, and what amounts come to in them: the median and the range that holds four of five.

Deals are drawn apart from each other, so a bad month for all of them is not in the range. The dice come from the caller, who states
their seed: the same seed and the same deals give the same scenarios.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from spm.core.money import RATE_SCALE, round_half_away

LOW, MEDIAN, HIGH = 10, 50, 90
"""The percentiles that are told: between the first and the last lie 80 % of the scenarios."""


class Dice(Protocol):
    """What gives uniform whole numbers, such as a seeded NumPy generator."""

    def integers(self, low: int, high: int, size: tuple[int, ...]) -> np.ndarray:
        """Numbers in [low, high)."""


@dataclass(frozen=True)
class Spread:
    """What was earned so far, and what is expected: minor units."""

    earned: int
    low: int
    median: int
    high: int


@dataclass(frozen=True)
class PayRecord:
    """How wrong forecasts of pay were over `tests` past periods: `held` ranges held what came; sums in minor units of |forecast − actual|,
    forecast − actual and |actual|. A rate is at scale 10**8, None where nothing was tried or nothing was paid."""

    tests: int
    held: int
    wrong: int
    over: int
    actual: int

    @classmethod
    def of(cls, records: Iterable["PayRecord"]) -> "PayRecord":
        """Give the record of several together."""
        rows = [(one.tests, one.held, one.wrong, one.over, one.actual) for one in records]
        return cls(*(sum(column) for column in zip(*rows, strict=True))) if rows else cls(0, 0, 0, 0, 0)

    @property
    def wmape_rate(self) -> int | None:
        """Give Σ|F−A| ÷ Σ|A|."""
        return round_half_away(self.wrong * RATE_SCALE, self.actual) if self.actual else None

    @property
    def bias_rate(self) -> int | None:
        """Give Σ(F−A) ÷ Σ|A|: above 0 the forecasts were too high."""
        return round_half_away(self.over * RATE_SCALE, self.actual) if self.actual else None

    @property
    def held_rate(self) -> int | None:
        """Give which part of the ranges held what came; 80 % were meant to."""
        return round_half_away(self.held * RATE_SCALE, self.tests) if self.tests else None


def draw_won(chance_rate: np.ndarray, scenarios: int, dice: Dice) -> np.ndarray:
    """Give which deals are won, scenarios × deals; before them the scenario in which all are lost. Chances are at scale 10**8."""
    drawn = dice.integers(0, RATE_SCALE, (scenarios, len(chance_rate))) < chance_rate
    return np.vstack([np.zeros((1, len(chance_rate)), dtype=bool), drawn])


def spread_of(amounts: np.ndarray) -> Spread | None:
    """Give the spread of what scenarios come to, the first with every deal lost; None where there is no other.

    A percentile is the smallest amount that at least so many of a hundred scenarios don't exceed, so it is one that was drawn.
    """
    earned, drawn = int(amounts[0]), np.sort(amounts[1:])
    if not len(drawn):
        return None
    low, median, high = (int(drawn[max(1, -(-len(drawn) * percent // 100)) - 1]) for percent in (LOW, MEDIAN, HIGH))
    return Spread(earned, low, median, high)
