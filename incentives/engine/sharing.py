"""An earning given to the credits that caused it, in whole minor units that sum to it.

Credits are taken in the order of their day (then source key); each receives what the sum so far earns more than before it. Where
crossing a tier pays earlier credits again, and where the pay is not a sum over credits, the earning is shared in proportion to the credits.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from incentives.engine.measuring import Measured, sum_by
from incentives.engine.paying import Raw
from incentives.engine.plan import Component
from incentives.engine.pricing import is_marginal, paid_before, period_pay, rate_value
from spm.core.columns import first_rows, running_sum, steps_of
from spm.core.exact import Exact, constant
from spm.core.money import AMOUNT_LIMIT, multiply_columns, round_half_away, round_wide


def parts_of(component: Component, own: Measured, raw: Raw, amount: np.ndarray, computed: np.ndarray) -> np.ndarray:
    """The part of its group's earning that each credit caused; credits are sorted by group, day and source key."""
    parts, rows = np.zeros(len(own.group), dtype=np.int64), carriers(own)
    if not len(rows):
        return parts
    group, first = own.group[rows], first_rows(own.group[rows])
    value = np.where(own.credited.reversal, 0, own.credited.value)[rows]
    if raw.lines is not None:
        after = _line_sums(raw.lines.take(rows), first)
    elif is_marginal(component):
        after = _caused(component, own, raw, group, running_sum(value, first), computed)
    else:
        after = in_proportion(amount[group], value, first)
    steps = steps_of(after, first)
    parts = parts.astype(steps.dtype, copy=False)
    parts[rows] = steps
    return rescaled(own, parts, amount)


def carriers(own: Measured) -> np.ndarray:
    """The credits that carry what their group is paid: returns at the original rate only where there is nothing else."""
    back = own.credited.reversal
    if not back.any():
        return np.arange(len(back))
    sells = np.zeros(len(own.first), dtype=bool)
    sells[own.group[~back]] = True
    return np.flatnonzero(~back | ~sells[own.group])


def _line_sums(lines: Exact, first: np.ndarray) -> np.ndarray:
    """Rounded sums so far of exact line pay."""
    if isinstance(lines.bottom, int) and lines.top.dtype != object:
        return round_wide(running_sum(lines.top, first), lines.bottom)
    sums, total = [], Fraction(0)
    for row in range(len(lines)):
        total = lines.fraction(row) + (0 if first[row] else total)
        sums.append(round_half_away(total.numerator, total.denominator))
    return np.array(sums, dtype=object if max(map(abs, sums)) >= AMOUNT_LIMIT else np.int64)


def _caused(
    component: Component, own: Measured, raw: Raw, group: np.ndarray, reached: np.ndarray, computed: np.ndarray
) -> np.ndarray:
    """Rounded pay of the value so far in the period, on top of the window's value before the period."""
    scale = own.measure.scale
    goal = None
    if own.goal is not None:
        goal = np.where(computed & own.usable & (own.goal.after > 0), own.goal.after, 1)[group]
    target = None if raw.target is None else raw.target.after[group]
    if own.is_fresh:
        return rate_value(component, Exact(reached), goal, target, None, scale).rounded_wide()
    so_far = rate_value(component, Exact(own.rated.before[group] + reached), goal, target, None, scale)
    before = period_pay(component, own, None, raw.target, after=False, safe=computed)
    none = constant(0, len(before))
    return so_far.minus(before.where(paid_before(component, own), none).take(group)).rounded_wide()


def in_proportion(amount: np.ndarray, value: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Sums so far of an amount shared by value, or evenly where the values sum to 0."""
    reached = running_sum(value, first)
    last = np.append(np.flatnonzero(first)[1:], len(first)) - 1
    group = np.cumsum(first) - 1
    total = reached[last][group]
    count = running_sum(np.ones(len(first), dtype=np.int64), first)
    even = total == 0
    whole = np.where(even, count[last][group], total)
    part = np.where(even, count, reached) * np.sign(whole)
    return round_wide(multiply_columns(amount, part), np.abs(whole))


def rescaled(own: Measured, parts: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """The parts scaled to another total, where multipliers, gates or caps have changed it."""
    if not len(parts):
        return parts
    total = sum_by(own.group, parts, len(amount))
    rows = carriers(own)
    rows = rows[(total != amount)[own.group[rows]]]
    if not len(rows):
        return parts
    group, first = own.group[rows], first_rows(own.group[rows])
    value = np.where(own.credited.reversal, 0, own.credited.value)[rows]
    after = in_proportion(amount[group], np.where(total[group] == 0, value, parts[rows]), first)
    found = parts.astype(np.result_type(parts, after), copy=True)
    found[rows] = steps_of(after, first)
    return found
