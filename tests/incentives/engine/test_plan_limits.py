"""The cap and floor of a whole plan where a part of it could not be calculated."""

from __future__ import annotations

from typing import Any

from incentives.engine.run import compute
from tests.incentives.engine.test_whatif import HEAD, compiled, sample

TIERS = [{"until": "100 %", "rate": "5 %"}, {"rate": "10 %"}]
PARTS = [
    {"key": "known", "credit": {"kind": "DIRECT"}, "rate": "10 %"},
    {"key": "unknown", "credit": {"kind": "DIRECT"}, "quota": "logos", "tiers": TIERS},
]


def earned(**limits: Any) -> dict[str, int]:
    """By component, what 1,000.00 earn where nobody has a quota of logos."""
    result = compute(sample([100_000]), compiled([{"plan": "sellers", **HEAD, **limits, "components": PARTS}]))
    assert [finding.code for finding in result.findings] == ["QUOTA_MISSING"]
    return dict(zip(result.earnings["component_key"], result.earnings["earned_minor"], strict=True))


def test_a_cap_holds_for_what_is_known() -> None:
    assert earned(cap={"period": 60}) == {"known": 10_000, "plan-cap": -4_000}
    assert earned(cap={"year": 30}) == {"known": 10_000, "plan-cap": -7_000}


def test_a_floor_is_not_filled_up_before_all_is_known() -> None:
    assert earned(floor={"period": 500}) == {"known": 10_000}
    assert earned(floor={"year": 500}, cap={"period": 60}) == {"known": 10_000, "plan-cap": -4_000}
