"""What can't be computed is a finding on that person and component; the others are calculated."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.engine.run import Result, compute
from spm.core.periods import Calendar, CalendarKind, periods_frame

HEAD = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "QUARTERLY"}
PERIODS = periods_frame(Calendar(CalendarKind.QUARTERLY).year(2026)[:1])
TIERS = [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]
COMMISSION = {"key": "c", "quota": "revenue", "tiers": TIERS}
OVERRIDE = {"key": "o", "credit": {"kind": "ROLLUP", "levels": "SUBTREE"}, "rate": "1 %"}


def plan_of(*components: dict[str, Any]) -> Plan:
    plan, findings = compile_plan({**HEAD, "components": list(components)})
    assert plan is not None, findings
    return plan


def frames(**changes: list[dict[str, Any]]) -> Facts:
    """Ada and Bob sell, Cy manages them; each has a deal of 100.00 and a quota of 1,000.00."""
    span = {"from_on": "2026-01-01", "until_on": None}
    people = ("ada", "bob", "cy")
    rows: dict[str, list[dict[str, Any]]] = {
        "deals": [
            {
                "deal_key": f"d-{who}",
                "owner_key": who,
                "amount_minor": 10_000,
                "currency": "USD",
                "credit_on": "2026-02-01",
            }
            for who in people
        ],
        "positions": [{"participant_key": who, "position_key": f"s-{who}", **span} for who in people],
        "assignments": [{"plan_key": "p", "participant_key": who, **span} for who in people],
        "reporting": [{"position_key": f"s-{who}", "manager_position_key": "s-cy", **span} for who in ("ada", "bob")],
        "quotas": [
            {"participant_key": who, "period_key": "2026-Q1", "measure": "revenue", "amount_minor": 100_000}
            for who in people
        ],
    }
    return Facts(periods=PERIODS, **{name: pd.DataFrame(each) for name, each in (rows | changes).items()})


def earned(result: Result) -> dict[str, int]:
    return result.earnings.groupby("participant_key")["earned_minor"].sum().to_dict()


def codes(result: Result) -> list[str]:
    return [finding.code for finding in result.findings]


def test_without_trouble_there_are_no_findings() -> None:
    result = compute(frames(), [plan_of(COMMISSION)])
    assert earned(result) == {"ada": 500, "bob": 500, "cy": 500}
    assert codes(result) == []


@pytest.mark.parametrize(
    ("amount", "code"), [(None, "QUOTA_MISSING"), (0, "QUOTA_NOT_POSITIVE"), (-5, "QUOTA_NOT_POSITIVE")]
)
def test_a_missing_or_empty_quota_stops_only_that_person(amount: int | None, code: str) -> None:
    rows = frames().quotas.to_dict("records")  # type: ignore[union-attr]
    quotas = [row | {"amount_minor": amount} if row["participant_key"] == "ada" else row for row in rows]
    result = compute(frames(quotas=[row for row in quotas if row["amount_minor"] is not None]), [plan_of(COMMISSION)])
    assert earned(result) == {"bob": 500, "cy": 500}
    assert codes(result) == [code]
    assert result.findings[0].keys == {
        "participant_key": "ada",
        "plan_key": "p",
        "component_key": "c",
        "period_key": "2026-Q1",
    }


def test_a_deal_without_a_currency_rate_stops_only_its_seller() -> None:
    rows = [
        row | {"currency": "GBP"} if row["owner_key"] == "bob" else row for row in frames().deals.to_dict("records")
    ]
    result = compute(frames(deals=rows), [plan_of(COMMISSION)])
    assert earned(result) == {"ada": 500, "cy": 500}
    assert codes(result) == ["FX_RATE_MISSING"]


def test_two_quotas_for_one_period_count_as_none() -> None:
    rows = frames().quotas.to_dict("records")  # type: ignore[union-attr]
    result = compute(frames(quotas=[*rows, rows[0]]), [plan_of(COMMISSION)])
    assert earned(result) == {"bob": 500, "cy": 500}
    assert sorted(codes(result)) == ["QUOTA_MISSING", "QUOTA_TWICE"]


def test_an_owner_without_a_position_is_named_with_the_first_deal() -> None:
    rows = frames().deals.to_dict("records")
    rows[0] = rows[0] | {"owner_key": "nobody"}
    result = compute(frames(deals=rows), [plan_of(COMMISSION)])
    assert codes(result) == ["OWNER_WITHOUT_POSITION"]
    assert "d-ada" in result.findings[0].what
    assert earned(result) == {"ada": 0, "bob": 500, "cy": 500}


def test_a_share_of_somebody_unknown_is_named_and_not_blamed_on_the_owner() -> None:
    deal = frames().deals["deal_key"].iloc[0]
    shares = [("ada", 50), ("zoe", 30), ("alf", 20)]
    rows = [
        {"deal_key": deal, "participant_key": who, "share": part * 10**6, "credit_type": "REVENUE"}
        for who, part in shares
    ]
    result = compute(frames(splits=rows), [plan_of(COMMISSION)])
    told = [(each.keys["participant_key"], each.what.split(" and")[0]) for each in result.findings]
    assert told == [("alf", "alf owns or shares 1 deal"), ("zoe", "zoe owns or shares 1 deal")]
    assert earned(result) == {"ada": 250, "bob": 500, "cy": 500}


def test_two_plans_at_one_level_pay_neither() -> None:
    span = {"from_on": "2026-01-01", "until_on": None}
    rows = [{"plan_key": key, "participant_key": "ada", **span} for key in ("p", "q")]
    other, _ = compile_plan({**HEAD, "plan": "q", "components": [{"key": "x", "rate": "1 %"}]})
    assert other is not None
    result = compute(frames(assignments=rows), [plan_of(COMMISSION), other])
    assert earned(result) == {}
    assert "PLANS_COMPETE" in codes(result)


def test_a_second_plan_in_a_layer_of_its_own_pays_beside_the_first() -> None:
    span = {"from_on": "2026-01-01", "until_on": None, "participant_key": "ada"}
    rows = [{"plan_key": "p", "layer": "MAIN", **span}, {"plan_key": "q", "layer": "SPIFF", **span}]
    other, _ = compile_plan({**HEAD, "plan": "q", "components": [{"key": "x", "rate": "1 %"}]})
    assert other is not None
    assert earned(compute(frames(assignments=rows), [plan_of(COMMISSION), other])) == {"ada": 600}


@pytest.mark.parametrize("above", ["s-ada", "s-cy"])
def test_a_reporting_line_that_loops_rolls_up_to_nobody(above: str) -> None:
    span = {"from_on": "2026-01-01", "until_on": None}
    lines = [("s-ada", above), ("s-bob", "s-cy"), ("s-cy", "s-ada" if above == "s-cy" else "s-top")]
    rows = [{"position_key": low, "manager_position_key": high, **span} for low, high in lines]
    result = compute(frames(reporting=rows), [plan_of(OVERRIDE)])
    assert "REPORTING_LOOP" in codes(result)
    assert all(finding.fix for finding in result.findings)


def test_a_vacant_position_does_not_cut_the_line() -> None:
    span = {"from_on": "2026-01-01", "until_on": None}
    lines = [("s-ada", "s-vacant"), ("s-vacant", "s-cy")]
    rows = [{"position_key": low, "manager_position_key": high, **span} for low, high in lines]
    assert earned(compute(frames(reporting=rows), [plan_of(OVERRIDE)])) == {"ada": 0, "bob": 0, "cy": 100}


def test_a_condition_on_an_unknown_column_is_named() -> None:
    result = compute(frames(), [plan_of({"key": "c", "rate": "5 %", "credit": {"where": {"colour": "red"}}})])
    assert codes(result) == ["FACT_COLUMN_MISSING"]
    assert "colour" in result.findings[0].what


def test_a_return_of_an_unknown_sale_is_named() -> None:
    rows = [row | {"reverses_key": None} for row in frames().deals.to_dict("records")]
    rows.append(rows[0] | {"deal_key": "r", "amount_minor": -5_000, "reverses_key": "elsewhere"})
    result = compute(frames(deals=rows), [plan_of(COMMISSION)])
    assert codes(result) == ["RETURN_WITHOUT_SALE"]
    assert earned(result) == {"bob": 500, "cy": 500}


def test_keys_of_two_kinds_are_refused() -> None:
    rows = [row | {"participant_key": 5} for row in frames().assignments.to_dict("records")]
    assert codes(compute(frames(assignments=rows), [plan_of(COMMISSION)])) == ["KEYS_MIXED"]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_missing_quantity_is_a_finding_and_not_a_crash(missing: object) -> None:
    rows = [row | {"quantity": 3} for row in frames().deals.to_dict("records")]
    rows[1] = rows[1] | {"quantity": missing}
    result = compute(frames(deals=rows), [plan_of({"key": "c", "measure": "UNITS", "amount_each": 2})])
    assert earned(result) == {"ada": 600, "cy": 600}
    assert codes(result) == ["QUANTITY_MISSING"]


def test_a_return_beyond_any_amount_is_named_and_blocks_only_its_person() -> None:
    rows = [row | {"reverses_key": None} for row in frames().deals.to_dict("records")]
    rows[0] |= {"amount_minor": 1}
    rows.append(rows[0] | {"deal_key": "r", "amount_minor": -(10**13), "reverses_key": "d-ada"})
    bonus = {"key": "c", "rate": "10 %", "kickers": [{"of": "c", "amount": 100_000}]}
    result = compute(frames(deals=rows), [plan_of(bonus)])
    assert codes(result) == ["AMOUNT_OVERFLOW", "RETURN_ABOVE_SALE"]
    assert earned(result) == {"bob": 10_001_000, "cy": 10_001_000}
    assert "ada" in result.findings[0].what


@pytest.mark.parametrize(
    "way",
    [
        {"rate": "1000000000 %"},
        {"tiers": [{"from": 0, "until": 100, "rate": "1 %"}, {"from": 100, "rate": "9000000000 %"}]},
        {"per": "DEAL", "tiers": [{"from": 0, "until": 100, "rate": "1 %"}, {"from": 100, "rate": "9000000000 %"}]},
        {"rate": "10 %", "multipliers": [{"of": "c", "tiers": [{"from": 0, "rate": "100000000000 %"}]}]},
    ],
    ids=["rate", "tiers", "deal", "multiplier"],
)
def test_pay_beyond_any_amount_is_named_and_blocks_only_its_person(way: dict[str, object]) -> None:
    rows = frames().deals.to_dict("records")
    rows[0] |= {"amount_minor": 10**15}
    result = compute(frames(deals=rows), [plan_of({"key": "c", **way})])
    assert codes(result) == ["AMOUNT_OVERFLOW"]
    assert "ada" in result.findings[0].what
    assert earned(result).keys() == {"bob", "cy"}


def test_a_deal_that_states_no_cost_can_be_asked_for_it() -> None:
    facts = frames()
    facts.deals["cost_minor"] = pd.array([None, 10, 20], dtype="Int64")
    empty = {"key": "c", "measure": "COUNT", "amount_each": 20, "credit": {"where": {"cost": {"empty": True}}}}
    other = {"key": "o", "measure": "COUNT", "amount_each": 3, "credit": {"where": {"cost": {"not": ["0.10"]}}}}
    assert earned(compute(facts, [plan_of(empty, other)])) == {"ada": 2300, "bob": 0, "cy": 300}


@pytest.mark.parametrize(
    ("amounts", "fx"),
    [
        ([2**62], None),
        ([-(2**62)], None),
        ([9 * 10**16, 9 * 10**16], None),
        ([10**16] * 1000, None),
        ([10**15], "9999"),
    ],
    ids=["one", "negative", "two", "many", "converted"],
)
def test_amounts_whose_sum_leaves_64_bits_are_refused_and_never_wrap(amounts: list[int], fx: str | None) -> None:
    rows = frames().deals.to_dict("records")
    currency = "USD" if fx is None else "IDR"
    rows += [
        rows[0] | {"deal_key": f"x{n}", "amount_minor": each, "currency": currency} for n, each in enumerate(amounts)
    ]
    rates = [{"from_currency": "IDR", "to_currency": "USD", "on": "2026-01-01", "rate": Decimal(fx or 1)}]
    plan = plan_of({"key": "c", "rate": "300 %"}, {"key": "n", "measure": "COUNT", "amount_each": 1})
    result = compute(frames(deals=rows, fx=rates), [plan])
    assert set(codes(result)) == {"OVERFLOW"}
    assert all("ada" in finding.where for finding in result.findings)
    assert earned(result) == {"bob": 30_100, "cy": 30_100}


def test_a_count_by_formula_counts_a_return_as_less() -> None:
    rows = [row | {"reverses_key": None} for row in frames().deals.to_dict("records")]
    rows += [rows[0] | {"deal_key": f"s{n}", "amount_minor": 200_000} for n in range(2)]
    rows.append(rows[0] | {"deal_key": "r", "amount_minor": -50_000, "reverses_key": "s0"})
    formula = {"measure": {"formula": "IF(amount > 1000, 1, 0)"}, "reversal_rate": "CURRENT", "amount_each": 10}
    result = compute(frames(deals=rows), [plan_of({"key": "c", **formula})])
    # Two deals above 1,000.00 count; a quarter of one comes back, though a return of -500.00 is itself not above 1,000.00.
    assert earned(result)["ada"] == 1_750


def test_sellers_on_no_plan_are_named_with_what_they_have() -> None:
    rows = [row for row in frames().assignments.to_dict("records") if row["participant_key"] == "ada"]
    quotas = [row for row in frames().quotas.to_dict("records") if row["participant_key"] != "cy"]
    result = compute(frames(assignments=rows, quotas=quotas), [plan_of(COMMISSION)])
    assert [(each.code, each.what, each.is_error) for each in result.unplanned] == [
        ("ON_NO_PLAN", "bob has deals and a quota in 2026-Q1 and is on no plan that pays this period.", False),
        ("ON_NO_PLAN", "cy has deals in 2026-Q1 and is on no plan that pays this period.", False),
    ]
    places = [{"position_key": "s-bob", "period_key": "2026-Q1", "measure": "revenue", "amount_minor": 1}]
    result = compute(
        frames(assignments=rows, quotas=places, deals=frames().deals.to_dict("records")[:1]), [plan_of(COMMISSION)]
    )
    assert [each.what for each in result.unplanned] == [
        "bob has a quota in 2026-Q1 and is on no plan that pays this period."
    ]


NAMED = {"key": "kx", "name": "New business"}
UNNAMED_QUARTERS = PERIODS.drop(columns=["quarter_key", "year_key"], errors="ignore")


@pytest.mark.parametrize(
    "pays",
    [
        {"rate": "5 %", "credit": {"where": {"colour": "red"}}},
        {"formula": "SUM(colour_minor)"},
        {"rate": "5 %", "credit": {"where": {"amount": {"above": 5}, "cost": {"above": 1}}}},
        {"measure": "UNITS", "amount_each": 2},
        {"target": 100, "quota": "units", "rate": "100 %"},
        {"target": "bonus", "objectives": [{"key": "a", "weight": "100 %"}]},
        {"rate": "5 %", "accumulation": "YTD"},
    ],
    ids=str,
)
def test_a_run_names_components_and_plans_as_the_pages_do(pays: dict[str, object]) -> None:
    rows = [row | {"quantity": None, "cost_minor": None} for row in frames().deals.to_dict("records")]
    result = compute(replace(frames(deals=rows), periods=UNNAMED_QUARTERS), [plan_of(NAMED | pays)])
    assert result.findings
    for finding in result.findings:
        assert "New business" in finding.message
        assert "kx" not in finding.message
        assert finding.keys["component_key"] == "kx"
