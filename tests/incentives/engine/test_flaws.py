"""Of each flaw that plans are checked for a bad plan that has it, and the good plan beside it that has not."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.engine.checks import check_plan
from incentives.engine.compiling import compile_plan
from incentives.engine.gaming import find_gaming
from incentives.engine.testing import test_document
from tests.incentives.engine.test_checks import HEAD

STEPS = [{"until": 10000, "rate": "1 %"}, {"rate": "2 %"}]
NEW = {"credit": {"where": {"product": "N"}}}
KICKER = {"kickers": [{"at_least": 10000, "amount": 300}]}
Plan = list[dict[str, Any]]

FLAWS: list[tuple[str, Plan, Plan]] = [
    ("TIER_GAP", [{"key": "c", "tiers": [{"until": 100, "rate": "1 %"}, {"from": 200, "rate": "2 %"}]}],
     [{"key": "c", "tiers": STEPS}]),
    ("TIER_OVERLAP", [{"key": "c", "tiers": [{"until": 100, "rate": "1 %"}, {"from": 50, "rate": "2 %"}]}],
     [{"key": "c", "tiers": STEPS}]),
    ("COMPONENT_ORDER", [{"key": "a", "formula": "b * 2"}, {"key": "b", "formula": "a * 2"}],
     [{"key": "b", "rate": "2 %"}, {"key": "a", "formula": "b * 2"}]),
    ("TIER_UNREACHABLE", [{"key": "c", "tier_mode": "WHOLE", "tiers": STEPS, "gates": [{"of": "c", "at_least": 20000}]}],
     [{"key": "c", "tier_mode": "WHOLE", "tiers": STEPS, "gates": [{"of": "c", "at_least": 5000}]}]),
    ("KICKER_UNREACHABLE", [{"key": "c", "rate": "5 %", "cap": 400, **KICKER}],
     [{"key": "c", "rate": "5 %", "cap": 4000, **KICKER}]),
    ("CREDIT_UNREACHABLE", [{"key": "c", "rate": "5 %", "credit": {"where": "quantity > 9 AND quantity < 5"}}],
     [{"key": "c", "rate": "5 %", "credit": {"where": "quantity > 5 AND quantity < 9"}}]),
    ("CLIFF", [{"key": "c", "tier_mode": "WHOLE", "tiers": STEPS}], [{"key": "c", "tiers": STEPS}]),
    ("PAY_FALLS", [{"key": "c", "tiers": [*STEPS[:1], {"rate": "-1 %"}]}], [{"key": "c", "tiers": STEPS}]),
    ("PAY_EXCEEDS_SALES", [{"key": "c", "rate": "120 %"}], [{"key": "c", "rate": "12 %"}]),
    ("TARGET_SUMMED", [{"key": "c", "quota": "q", "rate": "100 %", "target": 64000, "accumulation": "QTD", "goal": "WHOLE_WINDOW"}],
     [{"key": "c", "quota": "q", "rate": "100 %", "target": 64000}]),
    ("CLAWBACK_UNREAD", [{"key": "c", "rate": "5 %", "clawback": {"within": "90 days"}, "reversal_rate": "CURRENT"}],
     [{"key": "c", "rate": "5 %", "clawback": {"instalments": 3}, "reversal_rate": "CURRENT"}]),
    ("DOUBLE_PAY", [{"key": "c", "rate": "5 %"}, {"key": "d", "rate": "2 %", **NEW}],
     [{"key": "c", "rate": "5 %", "credit": {"where": {"product": {"not": "N"}}}}, {"key": "d", "rate": "2 %", **NEW}]),
    ("GAMING_SPLIT", [{"key": "c", "rate": "5 %", "per": "DEAL", "cap": {"deal": 100}}],
     [{"key": "c", "rate": "5 %", "cap": 100}]),
    ("GAMING_SPLIT", [{"key": "b", "bonus": 500, "kickers": [{"of": "n", "at_least": 40, "amount": 900}]},
                      {"key": "n", "measure": "COUNT", "amount_each": 1, "paid": "no"}],
     [{"key": "b", "bonus": 500}, {"key": "n", "measure": "COUNT", "amount_each": 1, "paid": "no"}]),
    ("GAMING_PERIOD", [{"key": "n", "measure": "COUNT", "amount_each": 50, "gates": [{"of": "c", "at_least": 900000}]},
                       {"key": "c", "rate": "5 %"}],
     [{"key": "n", "measure": "COUNT", "amount_each": 50}, {"key": "c", "rate": "5 %"}]),
    ("GAMING_JOIN", [{"key": "c", "per": "DEAL", "tier_mode": "WHOLE", "tiers": STEPS}],
     [{"key": "c", "tier_mode": "WHOLE", "tiers": STEPS}]),
    ("GAMING_PERIOD", [{"key": "c", "rate": "5 %", **KICKER}], [{"key": "c", "rate": "5 %"}]),
    ("GAMING_DISCOUNT", [{"key": "c", "tier_mode": "WHOLE", "tiers": [{"until": 10000, "rate": "2 %"}, {"rate": "1 %"}]}],
     [{"key": "c", "tiers": [{"until": 10000, "rate": "2 %"}, {"rate": "1 %"}]}]),
    ("GAMING_SHIFT", [{"key": "c", "rate": "5 %", "cap": 1000}], [{"key": "c", "rate": "5 %"}]),
]  # fmt: skip


def codes_of(components: Plan) -> set[str]:
    plan, findings = compile_plan({**HEAD, "components": components})
    if plan is None:
        return {each.code for each in findings}
    found = [*check_plan(plan), *find_gaming(plan)]
    assert all(each.example is not None for each in found), found
    return {each.code for each in found}


@pytest.mark.parametrize(
    ("flaw", "bad", "good"), FLAWS, ids=[f"{place}-{flaw}" for place, (flaw, _, _) in enumerate(FLAWS)]
)
def test_the_bad_plan_has_the_flaw_and_the_good_one_has_not(flaw: str, bad: Plan, good: Plan) -> None:
    assert flaw in codes_of(bad)
    assert flaw not in codes_of(good)


@pytest.mark.parametrize(("quota", "codes"), [(0, ["QUOTA_NOT_POSITIVE"]), (1000, [])])
def test_a_quota_of_zero_is_a_finding_and_pays_nobody_by_chance(quota: int, codes: list[str]) -> None:
    tiers = [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]
    given = {"period": "2026-01", "quotas": {"q": quota}, "deals": [{"amount": 100}]}
    example = {"name": "x", "given": given, "then": {"earned": 5}}
    component = {"key": "c", "quota": "q", "tiers": tiers}
    (result,) = test_document({**HEAD, "components": [component], "examples": [example]})
    assert [each.code for each in result.findings] == codes
    assert result.passed == (not codes)
