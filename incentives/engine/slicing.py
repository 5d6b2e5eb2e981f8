"""The tiers in which an earning was paid: edges, the part of the credit in each, its rate and its exact amount.

Made on demand from the earnings and the plans, because nobody needs a million of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine import rates
from incentives.engine.plan import Component, Plan, TierUnit
from spm.core.exact import Exact
from spm.core.money import RATE_SCALE, round_half_away

KEYS = ["participant_key", "plan_key", "component_key", "period_key"]


def slices_frame(earnings: pd.DataFrame, plans: Sequence[Plan]) -> pd.DataFrame:
    """One row per earning and tier that holds a part of its credit; see the columns in the engine's documentation."""
    parts = []
    for plan in plans:
        for component in plan.components:
            mine = (earnings["plan_key"] == plan.key) & (earnings["component_key"] == component.key)
            if mine.any():
                parts.append(_component_slices(earnings[mine], component))
    filled = [part for part in parts if len(part)]
    if not filled:
        return parts[0] if parts else pd.DataFrame(columns=[*KEYS, "tier", "credit_exact", "rate", "amount_exact"])
    return pd.concat(filled, ignore_index=True).sort_values([*KEYS, "tier"], kind="stable", ignore_index=True)


def _component_slices(earnings: pd.DataFrame, component: Component) -> pd.DataFrame:
    value = Exact(earnings["credit_minor"].to_numpy(np.int64))
    if component.table is None:
        assert component.rate is not None
        return _rows(
            earnings,
            component,
            rates.Band(0, value, None, value, value.times(component.rate)),
            None,
            None,
            component.rate,
        )
    goal = None
    if component.table.unit == TierUnit.ATTAINMENT:
        goal = earnings["quota_minor"].astype("int64").to_numpy()
    found = []
    for band, tier in zip(rates.bands(component.table, value, goal), component.table.tiers, strict=True):
        found.append(_rows(earnings, component, band, tier.lower, tier.upper, tier.rate))
    return pd.concat(found, ignore_index=True)


def _rows(
    earnings: pd.DataFrame,
    component: Component,
    band: rates.Band,
    lower: Fraction | None,
    upper: Fraction | None,
    rate: Fraction | None,
) -> pd.DataFrame:
    kept = np.flatnonzero(np.asarray(band.slice.top != 0, dtype=bool))
    rows = earnings.iloc[kept][KEYS].reset_index(drop=True)
    by_goal = component.table is not None and component.table.unit == TierUnit.ATTAINMENT
    rows["tier"] = band.tier
    rows["from_rate"] = _whole(lower, RATE_SCALE, len(kept), shown=by_goal)
    rows["until_rate"] = _whole(upper, RATE_SCALE, len(kept), shown=by_goal)
    rows["from_minor"] = _whole(lower, 1, len(kept), shown=not by_goal)
    rows["until_minor"] = _whole(upper, 1, len(kept), shown=not by_goal)
    rows["credit_exact"] = pd.Series(band.slice.take(kept).decimals(), dtype=object)
    rows["rate"] = _whole(rate, RATE_SCALE, len(kept), shown=True)
    rows["amount_exact"] = pd.Series(band.pay.take(kept).decimals(), dtype=object)
    return rows


def _whole(value: Fraction | None, scale: int, length: int, *, shown: bool) -> pd.arrays.IntegerArray:
    exact = None if value is None or not shown else value * scale
    number = pd.NA if exact is None else round_half_away(exact.numerator, exact.denominator)
    return pd.array([number] * length, dtype="Int64")
