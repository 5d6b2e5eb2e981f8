"""What has no unit, no quota or no reader is refused with its clause, not computed as something else."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.engine.compiling import compile_plan

HEAD: dict[str, Any] = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01"}
COUNTED = {"key": "d", "measure": "COUNT", "amount_each": 5}
TIERS = [{"until": 10, "rate": "5 %"}, {"rate": "6 %"}]
EACH = [{"until": 10, "amount_each": 5}, {"amount_each": 6}]


@pytest.mark.parametrize(
    ("fields", "code", "where"),
    [
        ({"measure": "COUNT", "rate": "5 %"}, "UNIT_ERROR", "rate"),
        ({"measure": "COUNT", "tiers": TIERS}, "UNIT_ERROR", "tiers[0].rate"),
        ({"tiers": EACH}, "UNIT_ERROR", "tiers[1].amount_each"),
        (
            {"measure": "COUNT", "tier_mode": "INTERPOLATED", "tiers": EACH[:1]},
            "UNIT_ERROR",
            "tiers[0].amount_each",
        ),
        ({"measure": "UNITS", "lookup": [{"rate": "5 %"}]}, "UNIT_ERROR", "lookup[0].rate"),
        ({"lookup": [{"amount_each": 5}]}, "UNIT_ERROR", "lookup[0].amount_each"),
        ({"rate": "5 %", "kickers": [{"of": "c", "amount_each": 5}]}, "UNIT_ERROR", "kickers[0].amount_each"),
        ({"rate": "5 %", "multipliers": [{"of": "d", "tiers": [{"amount": 5}]}]}, "UNIT_ERROR", "multipliers[0].tiers"),
        (
            {"rate": "5 %", "multipliers": [{"of": "d", "tier_mode": "MARGINAL", "tiers": [{"rate": "5 %"}]}]},
            "MULTIPLIER_MODE",
            "multipliers[0].tier_mode",
        ),
        ({"rate": "5 %", "gates": [{"of": "d", "at_least": "50 %"}]}, "QUOTA_MISSING", "gates[0].of"),
        ({"rate": "5 %", "kickers": [{"of": "d", "at_least": "50 %", "amount": 5}]}, "QUOTA_MISSING", "kickers[0].of"),
        (
            {"rate": "5 %", "multipliers": [{"of": "d", "tiers": [{"until": "50 %", "rate": 0}, {"rate": 1}]}]},
            "QUOTA_MISSING",
            "multipliers[0].of",
        ),
        ({"tiers_on": "d", "tiers": [{"until": "50 %", "rate": 0}, {"rate": "5 %"}]}, "QUOTA_MISSING", "tiers_on"),
        ({"target": 1000, "rate": "100 %"}, "QUOTA_MISSING", "quota"),
        ({"target": 1000, "quota": "q", "tiers": [{"amount": 5}]}, "UNIT_ERROR", "tiers[0].rate"),
        ({"target": 1000, "quota": "q", "bonus": 5}, "TARGET_UNUSED", "target"),
        ({"quota": "q", "curve": [{"at": 0, "pays": 0}, {"at": 1, "pays": 1}]}, "TARGET_MISSING", "target"),
        ({"quota": "q", "per": "DEAL", "target": 1000, "rate": "100 %"}, "PER_DEAL", "per"),
        ({"per": "DEAL", "bonus": 1000}, "PER_DEAL", "per"),
        ({"rate": "5 %", "cap": {"deal": 5}}, "BOUND_UNUSED", "cap.deal"),
        ({"rate": "5 %", "of": "d", "quota": "q"}, "FIELD_UNUSED", "quota"),
    ],
)
def test_what_has_no_meaning_is_refused(fields: dict[str, Any], code: str, where: str) -> None:
    plan, findings = compile_plan(HEAD | {"components": [{"key": "c", **fields}, COUNTED]})
    assert plan is None
    assert (code, f"components[0].{where}") in {(each.code, each.where) for each in findings}


def test_a_limit_of_single_deals_does_not_belong_to_the_plan() -> None:
    plan, findings = compile_plan(HEAD | {"cap": {"deal": 5}, "components": [COUNTED]})
    assert plan is None
    assert [(each.code, each.where) for each in findings] == [("BOUND_UNUSED", "cap.deal")]


def test_a_share_of_a_target_may_be_held_against_a_count() -> None:
    fields = {"key": "c", "measure": "COUNT", "quota": "calls", "target": 1000, "rate": "100 %"}
    assert compile_plan(HEAD | {"components": [fields]})[1] == []


def test_a_cap_of_a_deal_offers_the_credit_cap_of_one_deal() -> None:
    (finding,) = compile_plan(HEAD | {"components": [{"key": "c", "rate": "5 %", "cap": {"deal": 5}}]})[1]
    assert "per: DEAL" in finding.fix and "cap the credit of one deal" in finding.fix
