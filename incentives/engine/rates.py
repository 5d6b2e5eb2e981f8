"""Rate tables over columns: MARGINAL, WHOLE and INTERPOLATED, exact at every edge.

A table is asked with a value per row (in the smallest unit of its measure) and, when its edges are shares of a goal, with
that goal. Negative values are paid at the first tier's rate when the table starts at 0: a return costs what its sale paid.
A curve pays nothing below its first point, wherever that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from incentives.engine.plan import RateTable, Tier
from incentives.engine.words import Boundary, TierMode, TierUnit
from spm.core.exact import Exact, common_denominator, constant
from spm.core.money import multiply_columns


@dataclass(frozen=True)
class Band:
    """What one tier makes of every row: its slice of the value, and its pay in minor units."""

    tier: int
    slice: Exact
    pay: Exact


def pay(table: RateTable, value: Exact, goal: np.ndarray | None, *, scale: int = 1) -> Exact:
    """The exact pay of every row, before any rounding; `scale` is the number of smallest units in one unit of the value."""
    total = constant(0, len(value))
    for band in bands(table, value, goal, scale=scale):
        total = total.plus(band.pay)
    return total


def bands(table: RateTable, value: Exact, goal: np.ndarray | None, *, scale: int = 1) -> list[Band]:
    """The slices of every row by tier; `goal` is the quota in units of the value where edges are shares of it."""
    lowers, uppers = edges(table, len(value), goal)
    value = _beside(value, lowers)
    found = []
    for number, (tier, lower, upper) in enumerate(zip(table.tiers, lowers, uppers, strict=True)):
        first = number == 0 and tier.lower == 0
        if table.mode == TierMode.WHOLE:
            inside = reached(value, lower, upper, table.boundary, first=first)
            found.append(_whole(tier, number, value, inside, scale))
        elif table.mode == TierMode.MARGINAL:
            found.append(_marginal(table, number, value, lower, upper, scale))
        else:
            assert upper is not None
            found.append(_interpolated(tier, number, value, lower, upper))
    return found


def pay_reached(table: RateTable, value: Exact, found_by: Exact, goal: np.ndarray | None, *, scale: int = 1) -> Exact:
    """The pay of every value as a whole, in the tier that another measure reaches."""
    total = constant(0, len(value))
    for band in bands_reached(table, value, found_by, goal, scale=scale):
        total = total.plus(band.pay)
    return total


def bands_reached(
    table: RateTable, value: Exact, found_by: Exact, goal: np.ndarray | None, *, scale: int = 1
) -> list[Band]:
    """The slices of every value: all of it in the tier that another value reaches."""
    lowers, uppers = edges(table, len(value), goal)
    found = []
    for number, (tier, lower, upper) in enumerate(zip(table.tiers, lowers, uppers, strict=True)):
        inside = reached(found_by, lower, upper, table.boundary, first=number == 0 and tier.lower == 0)
        found.append(_whole(tier, number, value, inside, scale))
    return found


def climbed(
    table: RateTable, value: Exact, way: tuple[np.ndarray, np.ndarray], goal: np.ndarray | None, *, scale: int = 1
) -> list[Band]:
    """The slices of values whose deals lift another measure along a way: each value is divided as its way is by the edges.

    A deal that lifts nothing is in the tier that has been reached.
    """
    start, end = way
    still, none = start == end, constant(0, len(value))
    length = Exact(np.where(still, 1, end - start))
    found = []
    lowers, uppers = edges(table, len(value), goal)
    for number, (tier, lower, upper) in enumerate(zip(table.tiers, lowers, uppers, strict=True)):
        first = number == 0 and tier.lower == 0
        above, below = (_slice(Exact(each), lower, upper, open_below=first) for each in (end, start))
        moved = value.multiply(above.minus(below).divide(length))
        inside = reached(Exact(start), lower, upper, table.boundary, first=first)
        part = value.where(inside, none).where(still, moved)
        each = (tier.each or Fraction(0)) / scale
        found.append(Band(number, part, part.times(each if tier.rate is None else tier.rate)))
    return found


def factor(table: RateTable, value: Exact, goal: np.ndarray | None) -> Exact:
    """The rate of the tier that every row reaches, as a factor; 0 below the first tier."""
    lowers, uppers = edges(table, len(value), goal)
    total = constant(0, len(value))
    for number, (tier, lower, upper) in enumerate(zip(table.tiers, lowers, uppers, strict=True)):
        inside = reached(value, lower, upper, table.boundary, first=number == 0 and tier.lower == 0)
        total = total.plus(constant(tier.rate or 0, len(value)).where(inside, constant(0, len(value))))
    return total


def _whole(tier: Tier, number: int, value: Exact, inside: np.ndarray, scale: int) -> Band:
    none = constant(0, len(value))
    part = value.where(inside, none)
    if tier.rate is not None:
        return Band(number, part, part.times(tier.rate))
    if tier.each is not None:
        return Band(number, part, part.times(tier.each / scale))
    return Band(number, part, _amount(tier, value, inside))


def _amount(tier: Tier, value: Exact, inside: np.ndarray) -> Exact:
    """The amount of a tier where it is reached, which nothing below 0 does."""
    none = constant(0, len(value))
    return constant(tier.amount or 0, len(value)).where(inside & ~none.above(value), none)


def _marginal(table: RateTable, number: int, value: Exact, lower: Exact, upper: Exact | None, scale: int) -> Band:
    tier = table.tiers[number]
    first = number == 0 and tier.lower == 0 and table.opening is None
    part = _slice(value, lower, upper, open_below=first)
    if tier.rate is not None:
        return Band(number, part, part.times(tier.rate))
    if tier.each is not None:
        return Band(number, part, part.times(tier.each / scale))
    inside = reached(value, lower, None, table.boundary, first=first)
    return Band(number, part, _amount(tier, value, inside))


def _interpolated(tier: Tier, number: int, value: Exact, lower: Exact, upper: Exact) -> Band:
    """Completed tiers in full, the tier reached in the share of its width: of an amount, or of a rate on the whole value."""
    part = _slice(value, lower, upper, open_below=False)
    share = part.divide(upper.minus(lower))
    if tier.amount is not None:
        return Band(number, part, share.times(tier.amount))
    return Band(number, part, share.times(tier.rate or Fraction(0)).multiply(value))


def edges(table: RateTable, length: int, goal: np.ndarray | None) -> tuple[list[Exact], list[Exact | None]]:
    """The edges of the tiers per row, all over one denominator."""
    cuts = [edge for tier in table.tiers for edge in (tier.lower, tier.upper) if edge is not None]
    scale = common_denominator(cuts)
    if table.unit != TierUnit.MEASURE:
        if goal is None:
            raise ValueError("A table on attainment needs goals.")
        base = Exact(goal, 1)
    else:
        base = constant(1, length)
    made = {edge: _over(base.times(edge), scale) for edge in set(cuts)}
    return [made[tier.lower] for tier in table.tiers], [
        None if tier.upper is None else made[tier.upper] for tier in table.tiers
    ]


def _over(column: Exact, denominator: int) -> Exact:
    """The column over a multiple of its denominator."""
    assert isinstance(column.bottom, int)
    return Exact(multiply_columns(column.top, denominator // column.bottom), denominator)


def _beside(value: Exact, edges: list[Exact]) -> Exact:
    """The value over the denominator of the edges, so that it is brought to it once and not for every tier."""
    bottom = edges[0].bottom
    if isinstance(value.bottom, int) and isinstance(bottom, int) and bottom % value.bottom == 0:
        return _over(value, bottom)
    return value


def _slice(value: Exact, lower: Exact, upper: Exact | None, *, open_below: bool) -> Exact:
    """The part of a value between two edges."""
    capped = value if upper is None else value.at_most(upper)
    part = capped.minus(lower)
    return part if open_below else part.at_least(constant(0, len(value)))


def reached(value: Exact, lower: Exact, upper: Exact | None, boundary: Boundary, *, first: bool) -> np.ndarray:
    """True where the value lies in the tier; the first tier from 0 also holds what is below it."""
    if boundary == Boundary.LOWER_INCLUSIVE:
        inside = ~lower.above(value)
        below_end = np.ones(len(value), dtype=bool) if upper is None else upper.above(value)
    else:
        inside = value.above(lower)
        below_end = np.ones(len(value), dtype=bool) if upper is None else ~value.above(upper)
    return (np.ones(len(value), dtype=bool) if first else inside) & below_end
