"""The tiers in which an earning was paid, as plain values that JSON keeps exactly."""

from typing import Any

import pandas as pd

from incentives.engine.run import Result

Key = tuple[str, str, str]


def slices_of(result: Result, period_key: str) -> dict[Key, list[dict[str, Any]]]:
    """The slices of a period by participant, plan, component: tier from 1, edges at RATE_SCALE or minor units, exact amounts as text."""
    found: dict[Key, list[dict[str, Any]]] = {}
    if not len(result.earnings):
        return found
    slices = result.slices
    for row in slices[slices["period_key"] == period_key].to_dict("records"):
        key = (row["participant_key"], row["plan_key"], row["component_key"])
        found.setdefault(key, []).append(
            {
                "tier": int(row["tier"]) + 1,
                "from_rate": _whole(row["from_rate"]),
                "until_rate": _whole(row["until_rate"]),
                "from_minor": _whole(row["from_minor"]),
                "until_minor": _whole(row["until_minor"]),
                "rate": _whole(row["rate"]),
                "credit_minor": f"{row['credit_exact']:f}",
                "amount_minor": f"{row['amount_exact']:f}",
            }
        )
    return found


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
