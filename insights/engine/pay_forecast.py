"""Scenarios of open deals, and what amounts come to in them: the median and the range that holds four of five.

Deals are drawn apart from each other, so a bad month for all of them is not in the range. The dice come from the caller, who states
their seed: the same seed and the same deals give the same scenarios.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from spm.core.money import RATE_SCALE

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
