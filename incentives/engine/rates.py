"""Rate tables over columns: MARGINAL, WHOLE and INTERPOLATED, exact at every edge.

A table is asked with a value per row (in the smallest unit of its measure) and, when its edges are shares of a goal, with
that goal. Negative values are paid at the first tier's rate when the table starts at 0: a return costs what its sale paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from incentives.engine.plan import Boundary, RateTable, TierMode, TierUnit
from spm.core.exact import Exact, common_denominator, constant


@dataclass(frozen=True)
class Band:
    """What one tier makes of every row: the edges in units of the value, the slice of the value in it, and its pay."""

    tier: int
    lower: Exact
    upper: Exact | None
    slice: Exact
    pay: Exact


def pay(table: RateTable, value: Exact, goal: np.ndarray | None) -> Exact:
    """The exact pay of every row, before any rounding."""
    total = constant(0, len(value))
    for band in bands(table, value, goal):
        total = total.plus(band.pay)
    return total


def bands(table: RateTable, value: Exact, goal: np.ndarray | None) -> list[Band]:
    """The slices of every row by tier; `goal` is the quota in units of the value where edges are shares of it."""
    lowers, uppers = _edges(table, len(value), goal)
    if table.mode == TierMode.WHOLE:
        return _whole(table, value, lowers, uppers)
    found = []
    for number, (tier, lower, upper) in enumerate(zip(table.tiers, lowers, uppers, strict=True)):
        part = _slice(value, lower, upper, open_below=number == 0 and tier.lower == 0)
        found.append(Band(number, lower, upper, part, _band_pay(table, number, part, lower, upper)))
    return found


def _edges(table: RateTable, length: int, goal: np.ndarray | None) -> tuple[list[Exact], list[Exact | None]]:
    """The edges of the tiers per row, all over one denominator."""
    edges = [edge for tier in table.tiers for edge in (tier.lower, tier.upper) if edge is not None]
    scale = common_denominator(edges)
    if table.unit == TierUnit.ATTAINMENT:
        if goal is None:
            raise ValueError("A table on attainment needs goals.")
        base = Exact(goal, 1)
    else:
        base = constant(1, length)
    made = {edge: _over(base.times(edge), scale) for edge in set(edges)}
    return [made[tier.lower] for tier in table.tiers], [
        None if tier.upper is None else made[tier.upper] for tier in table.tiers
    ]


def _over(column: Exact, denominator: int) -> Exact:
    """The column over a multiple of its denominator."""
    return Exact(column.top * (denominator // int(column.bottom)), denominator)  # type: ignore[call-overload]


def _slice(value: Exact, lower: Exact, upper: Exact | None, *, open_below: bool) -> Exact:
    """The part of a value between two edges."""
    capped = value if upper is None else value.at_most(upper)
    part = capped.minus(lower)
    return part if open_below else part.at_least(constant(0, len(value)))


def _band_pay(table: RateTable, number: int, part: Exact, lower: Exact, upper: Exact | None) -> Exact:
    """The pay of one slice: at the tier's rate, or of its amount."""
    tier = table.tiers[number]
    if tier.rate is not None and table.mode == TierMode.MARGINAL:
        return part.times(tier.rate)
    raise ValueError(f"{table.mode} with this tier is not known.")


def _whole(table: RateTable, value: Exact, lowers: list[Exact], uppers: list[Exact | None]) -> list[Band]:
    """The whole value in the tier that it reaches."""
    found, none = [], constant(0, len(value))
    for number, (tier, lower, upper) in enumerate(zip(table.tiers, lowers, uppers, strict=True)):
        inside = _reached(value, lower, upper, table.boundary, first=number == 0 and tier.lower == 0)
        part = value.where(inside, none)
        pay_of = (
            part.times(tier.rate)
            if tier.rate is not None
            else constant(tier.amount or Fraction(0), len(value)).where(inside, none)
        )
        found.append(Band(number, lower, upper, part, pay_of))
    return found


def _reached(value: Exact, lower: Exact, upper: Exact | None, boundary: Boundary, *, first: bool) -> np.ndarray:
    """True where the value lies in the tier; the first tier from 0 also holds what is below it."""
    if boundary == Boundary.LOWER_INCLUSIVE:
        inside = ~lower.above(value)
        below_end = np.ones(len(value), dtype=bool) if upper is None else upper.above(value)
    else:
        inside = value.above(lower)
        below_end = np.ones(len(value), dtype=bool) if upper is None else ~value.above(upper)
    return (np.ones(len(value), dtype=bool) if first else inside) & below_end
