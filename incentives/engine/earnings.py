"""From attained groups to earnings: the rates of one component over all its groups, rounded once at the earning line.

An earning is also given to the credits that caused it: credits are taken in the order of their day (then source key), each
receives what the sum so far earns more than before it, so that the parts sum to the earning exactly. Where crossing a tier
pays earlier credits again (WHOLE), the earning is shared in proportion to the credits instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incentives.engine import rates
from incentives.engine.plan import Component, TierMode
from spm.core.exact import Exact
from spm.core.money import RATE_SCALE, multiply_columns, round_columns


@dataclass(frozen=True)
class Groups:
    """The groups of one component: codes of participant and period, credit and goal in minor units (-1: no goal used)."""

    participant: np.ndarray
    period: np.ndarray
    credit: np.ndarray
    goal: np.ndarray | None
    computed: np.ndarray
    """False where the group can't be calculated; a finding says why."""


def raw_pay(component: Component, value: Exact, goal: np.ndarray | None) -> Exact:
    """The exact pay of a component for values of its measure, before rounding."""
    if component.table is None:
        assert component.rate is not None
        return value.times(component.rate)
    return rates.pay(component.table, value, goal)


def earn(component: Component, groups: Groups) -> np.ndarray:
    """Earned minor units of every group, 0 where it is not computed."""
    rows = np.flatnonzero(groups.computed)
    goal = None if groups.goal is None else groups.goal[rows]
    earned = np.zeros(len(groups.credit), dtype=np.int64)
    earned[rows] = raw_pay(component, Exact(groups.credit[rows]), goal).rounded()
    return earned


def attainment_of(groups: Groups) -> np.ndarray:
    """Credit over goal at RATE_SCALE, for showing; pay is computed from the exact fraction."""
    assert groups.goal is not None
    goal = np.where(groups.computed, groups.goal, 1)
    return round_columns(multiply_columns(groups.credit, RATE_SCALE), goal)


def share_earning(
    component: Component, groups: Groups, earned: np.ndarray, group: np.ndarray, credit: np.ndarray
) -> np.ndarray:
    """The part of its group's earning that each credit caused; lines are sorted by group and credit order."""
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    first = np.concatenate([[True], group[1:] != group[:-1]])
    reached = running_sum(credit, first)
    whole = component.table is not None and component.table.mode == TierMode.WHOLE
    after = _shared(earned, groups, group, reached) if whole else _caused(component, groups, group, reached)
    before = np.where(first, 0, np.concatenate([[0], after[:-1]]))
    return np.where(groups.computed[group], after - before, 0)


def running_sum(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The sum so far inside each run of lines that starts where `first` is true."""
    total = np.cumsum(values)
    starts = np.flatnonzero(first)
    offset = np.where(starts > 0, total[np.maximum(starts - 1, 0)], 0)
    return total - offset[np.cumsum(first) - 1]


def _caused(component: Component, groups: Groups, group: np.ndarray, reached: np.ndarray) -> np.ndarray:
    goal = None if groups.goal is None else np.where(groups.computed, groups.goal, 1)[group]
    return raw_pay(component, Exact(reached), goal).rounded()


def _shared(earned: np.ndarray, groups: Groups, group: np.ndarray, reached: np.ndarray) -> np.ndarray:
    credit = groups.credit[group]
    return round_columns(multiply_columns(earned[group], reached * np.sign(credit)), np.maximum(np.abs(credit), 1))
