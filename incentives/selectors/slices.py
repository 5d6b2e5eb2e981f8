"""The tiers in which an earning was paid, as plain values that JSON keeps exactly."""

from typing import Any

import pandas as pd

from incentives.engine.run import Result

Key = tuple[str, str, str]
EDGES = ("from_rate", "until_rate", "from_minor", "until_minor", "rate")


def slices_of(result: Result, period_key: str) -> dict[Key, list[dict[str, Any]]]:
    """The slices of a period by participant, plan, component: tier from 1, edges at RATE_SCALE or minor units, exact amounts as text."""
    found: dict[Key, list[dict[str, Any]]] = {}
    if not len(result.earnings):
        return found
    slices = result.slices
    slices = slices[slices["period_key"] == period_key]
    keys = zip(*(slices[name].tolist() for name in ("participant_key", "plan_key", "component_key")), strict=True)
    tiers = [int(tier) + 1 for tier in slices["tier"].tolist()]
    whole = [_whole(slices[name]) for name in EDGES]
    exact = [[f"{value:f}" for value in slices[name].tolist()] for name in ("credit_exact", "amount_exact")]
    for key, tier, from_rate, until_rate, from_minor, until_minor, rate, credit, amount in zip(
        keys, tiers, *whole, *exact, strict=True
    ):
        found.setdefault(key, []).append(
            {
                "tier": tier,
                "from_rate": from_rate,
                "until_rate": until_rate,
                "from_minor": from_minor,
                "until_minor": until_minor,
                "rate": rate,
                "credit_minor": credit,
                "amount_minor": amount,
            }
        )
    return found


def _whole(column: pd.Series) -> list[int | None]:
    return [None if value is pd.NA else int(value) for value in column.tolist()]
