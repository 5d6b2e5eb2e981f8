"""The tiers in which an earning was paid: edges, the part of the value in each, its rate and its exact amount.

Made on demand from a calculation, because nobody needs a million of them at once. Where a measure accumulates, a slice is
what the period adds to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from incentives.engine import rates
from incentives.engine.earnings import Earned
from incentives.engine.measuring import Cells
from incentives.engine.plan import Plan, RateTable, Tier
from incentives.engine.pricing import paid_before
from incentives.engine.words import Per, TierUnit
from spm.core.exact import Exact, constant
from spm.core.money import RATE_SCALE, round_half_away

KEYS = ["participant_key", "plan_key", "component_key", "period_key"]
EDGES = ("from_rate", "until_rate", "from_minor", "until_minor")
COLUMNS = [
    *KEYS,
    "tier",
    *EDGES,
    "credit_exact",
    "rate",
    "amount_exact",
]


def slices_frame(earned: Iterable[tuple[Plan, Cells, Earned]]) -> pd.DataFrame:
    """One row per earning and tier that holds a part of its value; see the columns in the engine's documentation."""
    filled = list(slice_columns(earned))
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})
    columns = {name: [value for part in filled for value in part[name]] for name in COLUMNS}
    frame = pd.DataFrame({name: _column(name, values) for name, values in columns.items()})
    return frame.sort_values([*KEYS, "tier"], kind="stable", ignore_index=True)


def slice_columns(earned: Iterable[tuple[Plan, Cells, Earned]]) -> Iterator[Mapping[str, Sequence[Any]]]:
    """The same as plain columns, tier by tier: the tiers of an earning come in their order."""
    return (part for plan, cells, one in earned for part in _component_slices(plan, cells, one))


def _column(name: str, values: list[Any]) -> pd.Series:
    if name in (*EDGES, "rate"):
        return pd.Series(values, dtype="Int64")
    return pd.Series(values, dtype="object") if name in ("credit_exact", "amount_exact") else pd.Series(values)


def _component_slices(plan: Plan, cells: Cells, one: Earned) -> Iterator[Mapping[str, Sequence[Any]]]:
    pay = one.component.pay
    if one.component.per == Per.DEAL or one.raw.lines is not None or one.raw.target is not None:
        return
    table = None if pay.rate is not None else pay.table
    if pay.rate is not None:
        value = Exact(one.own.rated.own)
        pairs = [(rates.Band(0, value, value.times(pay.rate)), Tier(Fraction(0), None, pay.rate))]
    elif table is None or not table.by_own_sum:
        return
    else:
        pairs = list(zip(period_bands(one, table), table.tiers, strict=True))
    for band, tier in pairs:
        kept = np.flatnonzero(np.asarray((band.slice.top != 0) | (band.pay.top != 0), dtype=bool) & ~one.blocked)
        if len(kept):
            yield _rows(plan, cells, one, band, tier, table, kept)


def period_bands(one: Earned, table: RateTable) -> list[rates.Band]:
    """The slices that the period adds: those of the window up to it less those before it."""
    own = one.own
    goals: tuple[np.ndarray | None, np.ndarray | None] = (None, None)
    if own.goal is not None and table.unit == TierUnit.ATTAINMENT:
        safe = [np.where(own.usable & (goal > 0), goal, 1) for goal in (own.goal.after, own.goal.before)]
        goals = (safe[0], safe[1])
    after = rates.bands(table, Exact(own.rated.after), goals[0], scale=own.measure.scale)
    if own.is_fresh:
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


def _rows(
    plan: Plan, cells: Cells, one: Earned, band: rates.Band, tier: Tier, table: RateTable | None, kept: np.ndarray
) -> Mapping[str, Sequence[Any]]:
    by_goal = table is not None and table.unit == TierUnit.ATTAINMENT
    by_value = table is not None and not by_goal
    count = len(kept)
    return {
        "participant_key": cells.names.take(cells.participant[kept]).tolist(),
        "plan_key": [plan.key] * count,
        "component_key": [one.component.key] * count,
        "period_key": cells.windows.keys.take(cells.period[kept]).tolist(),
        "tier": [band.tier] * count,
        "from_rate": [_whole(tier.lower, RATE_SCALE, shown=by_goal)] * count,
        "until_rate": [_whole(tier.upper, RATE_SCALE, shown=by_goal)] * count,
        "from_minor": [_whole(tier.lower, 1, shown=by_value)] * count,
        "until_minor": [_whole(tier.upper, 1, shown=by_value)] * count,
        "credit_exact": band.slice.take(kept).decimals(),
        "rate": [_whole(tier.rate, RATE_SCALE, shown=True)] * count,
        "amount_exact": band.pay.take(kept).decimals(),
    }


def _whole(value: Fraction | None, scale: int, *, shown: bool) -> int | None:
    exact = None if value is None or not shown else value * scale
    return None if exact is None else round_half_away(exact.numerator, exact.denominator)
