"""The tiers in which an earning was paid: edges, the part of the value in each, its rate and its exact amount.

Made on demand from a calculation, because nobody needs a million of them at once. Where a measure accumulates, a slice is
what the period adds to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine import rates
from incentives.engine.earnings import Earned
from incentives.engine.measuring import Cells
from incentives.engine.paying import paid_before
from incentives.engine.plan import Plan, RateTable, Tier
from incentives.engine.words import Per, TierUnit
from spm.core.exact import Exact, constant
from spm.core.money import RATE_SCALE, round_half_away

KEYS = ["participant_key", "plan_key", "component_key", "period_key"]
COLUMNS = [
    *KEYS,
    "tier",
    "from_rate",
    "until_rate",
    "from_minor",
    "until_minor",
    "credit_exact",
    "rate",
    "amount_exact",
]


def slices_frame(earned: Iterable[tuple[Plan, Cells, Earned]]) -> pd.DataFrame:
    """One row per earning and tier that holds a part of its value; see the columns in the engine's documentation."""
    parts = [part for plan, cells, one in earned for part in _component_slices(plan, cells, one)]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})
    return pd.concat(filled, ignore_index=True).sort_values([*KEYS, "tier"], kind="stable", ignore_index=True)


def _component_slices(plan: Plan, cells: Cells, one: Earned) -> list[pd.DataFrame]:
    pay = one.component.pay
    if one.component.per == Per.DEAL or one.raw.lines is not None or one.raw.target is not None:
        return []
    if pay.rate is not None:
        value = Exact(one.own.rated.own)
        return [
            _rows(
                plan, cells, one, rates.Band(0, value, value.times(pay.rate)), Tier(Fraction(0), None, pay.rate), None
            )
        ]
    if pay.table is None or pay.table.on is not None:
        return []
    bands = period_bands(one, pay.table)
    return [_rows(plan, cells, one, band, tier, pay.table) for band, tier in zip(bands, pay.table.tiers, strict=True)]


def period_bands(one: Earned, table: RateTable) -> list[rates.Band]:
    """The slices that the period adds: those of the window up to it less those before it."""
    own = one.own
    goals: tuple[np.ndarray | None, np.ndarray | None] = (None, None)
    if own.goal is not None and table.unit == TierUnit.ATTAINMENT:
        safe = [np.where(own.usable & (goal > 0), goal, 1) for goal in (own.goal.after, own.goal.before)]
        goals = (safe[0], safe[1])
    after = rates.bands(table, Exact(own.rated.after), goals[0], scale=own.measure.scale)
    if own.first.all():
        return after
    before = rates.bands(table, Exact(own.rated.before), goals[1], scale=own.measure.scale)
    none, earned_before = constant(0, len(own.first)), paid_before(one.component, own)
    return [
        rates.Band(
            late.tier,
            late.slice.minus(early.slice.where(earned_before, none)),
            late.pay.minus(early.pay.where(earned_before, none)),
        )
        for late, early in zip(after, before, strict=True)
    ]


def _rows(plan: Plan, cells: Cells, one: Earned, band: rates.Band, tier: Tier, table: RateTable | None) -> pd.DataFrame:
    something = np.asarray((band.slice.top != 0) | (band.pay.top != 0), dtype=bool)
    kept = np.flatnonzero(something & ~one.blocked)
    by_goal = table is not None and table.unit == TierUnit.ATTAINMENT
    return pd.DataFrame(
        {
            "participant_key": cells.names.take(cells.participant[kept]),
            "plan_key": plan.key,
            "component_key": one.component.key,
            "period_key": cells.windows.keys.take(cells.period[kept]),
            "tier": band.tier,
            "from_rate": _whole(tier.lower, RATE_SCALE, len(kept), shown=by_goal),
            "until_rate": _whole(tier.upper, RATE_SCALE, len(kept), shown=by_goal),
            "from_minor": _whole(tier.lower, 1, len(kept), shown=table is not None and not by_goal),
            "until_minor": _whole(tier.upper, 1, len(kept), shown=table is not None and not by_goal),
            "credit_exact": pd.Series(band.slice.take(kept).decimals(), dtype=object),
            "rate": _whole(tier.rate, RATE_SCALE, len(kept), shown=True),
            "amount_exact": pd.Series(band.pay.take(kept).decimals(), dtype=object),
        }
    )


def _whole(value: Fraction | None, scale: int, length: int, *, shown: bool) -> pd.arrays.IntegerArray:
    exact = None if value is None or not shown else value * scale
    number = pd.NA if exact is None else round_half_away(exact.numerator, exact.denominator)
    return pd.array([number] * length, dtype="Int64")
