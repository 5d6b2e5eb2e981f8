"""Tiers that end where a sum has been earned: said in the clause, refused where no sum grows with the value."""

from __future__ import annotations

from fractions import Fraction

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text
from incentives.engine.prose import plan_clauses
from incentives.engine.testing import check_text

HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nmeasures: [{key: all, quota: revenue}]\n"
TIERS = "tiers: [{until_earned: 100, rate: 10 %}, {until_earned: 130, rate: 15 %}, {rate: 20 %}]"


def test_the_sum_says_where_the_tier_ends() -> None:
    plan, _ = compile_plan(read_text(f"{HEAD}components: [{{key: c, {TIERS}}}]\n")[0] or {})
    assert plan is not None
    table = plan.components[0].pay.table
    assert table is not None
    assert [tier.upper for tier in table.tiers] == [Fraction(100_000), Fraction(120_000), None]
    text = " ".join(clause.text for clause in plan_clauses(plan))
    assert "10 % up to what has earned 100.00 USD" in text
    assert "20 % above what has earned 130.00 USD" in text


@pytest.mark.parametrize(
    "component",
    [
        f"tier_mode: WHOLE, {TIERS}",
        f"per: DEAL, {TIERS}",
        f"tiers_on: all, tier_mode: MARGINAL, {TIERS}",
        f"quota: revenue, target: 500, {TIERS}",
        "tiers: [{until_earned: 100, rate: 0 %}, {rate: 5 %}]",
        "tiers: [{until_earned: 100, rate: 5 %}, {until_earned: 90, rate: 6 %}, {rate: 7 %}]",
        f"rate: 5 %, multipliers: [{{of: all, {TIERS}}}]",
    ],
)
def test_where_no_sum_grows_with_the_value_the_edge_is_refused(component: str) -> None:
    found = check_text(f"{HEAD}components: [{{key: c, {component}}}]\n")
    assert "EARNED_EDGE" in [each.code for each in found if each.is_error]


def test_sums_and_percentages_of_a_quota_do_not_mix() -> None:
    mixed = "quota: revenue, tiers: [{until_earned: 100, rate: 5 %}, {until: 100 %, rate: 6 %}, {rate: 7 %}]"
    found = check_text(f"{HEAD}components: [{{key: c, {mixed}}}]\n")
    assert "TIER_UNITS_MIXED" in [each.code for each in found if each.is_error]
