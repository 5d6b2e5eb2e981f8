"""The tiers in which an earning was paid, as plain values that JSON keeps exactly."""

from typing import Any

from incentives.engine.run import Result
from incentives.engine.slicing import COLUMNS, slice_columns

Key = tuple[str, str, str]


def slices_of(result: Result, period_key: str) -> dict[Key, list[dict[str, Any]]]:
    """The slices of a period by participant, plan, component: tier from 1, edges at RATE_SCALE or minor units, exact amounts as text."""
    found: dict[Key, list[dict[str, Any]]] = {}
    for part in slice_columns(result.earned if len(result.earnings) else ()):
        for *key, period, tier, from_rate, until_rate, from_minor, until_minor, credit, rate, amount in zip(
            *(part[name] for name in COLUMNS), strict=True
        ):
            if period == period_key:
                found.setdefault((key[0], key[1], key[2]), []).append(
                    {
                        "tier": tier + 1,
                        "from_rate": from_rate,
                        "until_rate": until_rate,
                        "from_minor": from_minor,
                        "until_minor": until_minor,
                        "rate": rate,
                        "credit_minor": f"{credit:f}",
                        "amount_minor": f"{amount:f}",
                    }
                )
    return found
