"""The caps and floors of a whole plan: what they change of what its components come to, a row of its own per person and period.

Where a component could not be calculated, a cap holds for what is known, so that nobody is paid above it; a floor is unknown there.

The cap of a period cuts what was sold in it, before returns; the components share the cut in proportion to what their credits brought.
A return takes back its share of what is left of its sale, so the part of the cut that fell on the sale comes back with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from incentives.engine.earnings import Earned
from incentives.engine.giving_back import taken_of
from incentives.engine.measuring import Cells, sum_by
from incentives.engine.opening import WHOLE_PLAN
from incentives.engine.plan import PLAN_CAP, PLAN_FLOOR, Bounds, Plan
from incentives.engine.sharing import in_proportion
from incentives.engine.yearly import Later, blocked_in_year, within_years
from spm.core.columns import first_rows, order_of, steps_of


@dataclass(frozen=True)
class Limit:
    """What a limit adds to every group, which of them have no amount, and what of it came back with returns."""

    key: str
    change: np.ndarray
    blocked: np.ndarray
    back: np.ndarray


def limits(plan: Plan, cells: Cells, earned: Sequence[Earned]) -> list[Limit]:
    """What the floors and then the caps of a plan change."""
    paid = [one for one in earned if one.component.paid]
    if not paid or (plan.cap == Bounds() and plan.floor == Bounds()):
        return []
    unknown = np.logical_or.reduce([one.blocked for one in paid])
    keys = (WHOLE_PLAN, *(each.key for each in plan.components if each.paid))
    total = np.sum([one.amount for one in paid], axis=0)
    cut, back, later = _under_cap(plan, cells, paid)
    blocked = blocked_in_year(Bounds(), plan.floor, unknown, cells, later)
    left, none = total + cut + back, np.zeros(len(cells), dtype=np.int64)
    floored, taken = within_years(Bounds(), plan.floor, _at_least(plan.floor.period, left, cells), cells, later, *keys)
    floored, later = np.where(blocked, left, floored), taken.where(~blocked, later)
    capped, _ = within_years(plan.cap, Bounds(), _at_most(plan.cap.period, floored, cells), cells, later, *keys)
    filled = floored - left
    return [
        Limit(PLAN_FLOOR, filled, blocked, none),
        Limit(PLAN_CAP, capped - total - filled, np.zeros_like(blocked), back),
    ]


def _at_least(floor: Fraction | None, amounts: np.ndarray, cells: Cells) -> np.ndarray:
    return amounts if floor is None else np.where(cells.carried, amounts, np.maximum(amounts, int(floor)))


def _at_most(cap: Fraction | None, amounts: np.ndarray, cells: Cells) -> np.ndarray:
    return amounts if cap is None else np.where(cells.carried, amounts, np.minimum(amounts, int(cap)))


def _under_cap(plan: Plan, cells: Cells, paid: Sequence[Earned]) -> tuple[np.ndarray, np.ndarray, Later]:
    """What the cap of a period cuts of what was sold, and what of earlier cuts comes back with returns, by group; and what comes back in
    later years, without these cuts."""
    back = np.zeros(len(cells), dtype=np.int64)
    sold = np.sum([one.amount - one.reversed for one in paid], axis=0)
    cut = _at_most(plan.cap.period, sold, cells) - sold
    later = [one.later for one in paid]
    if not cut.any() or not any(one.returns is not None for one in paid):
        return cut, back, Later.joined(later)
    for one, (groups, parts) in zip(paid, _allotted(cut, paid), strict=True):
        if one.returns is not None:
            for sign, (taken, restored) in ((1, taken_of(one, groups, parts)), (-1, taken_of(one, 0, 0))):
                taken = taken.without(one.blocked[one.own.group]).times(sign)
                back = back + taken.by_group(one.own, len(cells)) + np.where(one.blocked, 0, sign * restored)
                later.append(taken.later(one.own, cells)[1])
    return cut, back, Later.joined(later)


def _allotted(cut: np.ndarray, paid: Sequence[Earned]) -> list[tuple[np.ndarray, np.ndarray]]:
    """By component: what the cut of each group takes of it, and of its credits, in whole units in proportion to what each brought."""
    rows, count = [], len(cut)
    for one in paid:
        parts = one.carried
        rest = one.amount - one.reversed - sum_by(one.own.group, parts, count)
        rows += [(one.own.group, parts), (np.arange(count), rest)]
    group, weight = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = order_of(group)
    first = first_rows(group[order])
    shared = np.zeros(len(group), dtype=np.int64)
    shared[order] = steps_of(in_proportion(cut[group[order]], weight[order], first), first)
    found, at = [], 0
    for one in paid:
        parts, rest = shared[at : at + len(one.parts)], shared[at + len(one.parts) : at + len(one.parts) + count]
        found.append((rest + sum_by(one.own.group, parts, count), parts))
        at += len(one.parts) + count
    return found
