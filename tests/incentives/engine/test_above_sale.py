"""Returns of more than was sold are named, in the period in which the sum passes the sale."""

from __future__ import annotations

from incentives.engine.run import compute
from tests.incentives.engine.test_whatif import HEAD, compiled, sample


def said(amounts: list[int], **fields: object) -> list[str]:
    """What is said of returns of the first deal."""
    facts = sample(amounts)
    facts.deals.loc[1:, "reverses_key"] = "d0"
    component = {"key": "c", "credit": {"kind": "DIRECT"}, "rate": "10 %", **fields}
    result = compute(facts, compiled([{"plan": "sellers", **HEAD, "components": [component]}]))
    assert not [finding for finding in result.findings if finding.is_error]
    return [f"{finding.code} {finding.where}: {finding.what}" for finding in result.findings]


def test_only_the_return_that_passes_its_sale_is_named() -> None:
    assert said([100_000, -60_000, -40_000]) == []
    assert said([100_000, -60_000, -40_001]) == [
        "RETURN_ABOVE_SALE return d2, 2026-Q1: With d2 1,000.01 of d0 came back, and 1,000.00 were sold."
    ]
    assert said([-100_000, 60_000, 40_001]) == [
        "RETURN_ABOVE_SALE return d2, 2026-Q1: With d2 1,000.01 of d0 came back, and 1,000.00 were sold."
    ]


def test_what_is_rated_anew_takes_back_no_part_of_a_sale() -> None:
    assert said([100_000, -150_000], reversal_rate="CURRENT") == []
