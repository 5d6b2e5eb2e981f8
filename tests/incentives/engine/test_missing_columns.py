"""A column that the facts lack is unknown of every deal: whoever it may decide about is not calculated, and never paid 0."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from incentives.engine.contracts import Facts
from incentives.engine.run import Result, compute
from tests.incentives.engine.test_findings import codes, earned, frames, plan_of

RED_OR_LESS = [{"where": {"colour": "red"}, "rate": "5 %"}, {"rate": "2 %"}]


def priced(*, currency: str = "USD", product: str = "B") -> Facts:
    """The deals of Ada, Bob and Cy, where Ada's is of a currency and a product."""
    facts = frames()
    deals = facts.deals.assign(product="B", quantity=1)
    deals.loc[deals["owner_key"] == "ada", ["currency", "product"]] = [currency, product]
    return replace(facts, deals=deals)


@pytest.mark.parametrize(
    "component",
    [
        {"credit": {"where": {"colour": "red"}}, "rate": "5 %"},
        {"credit": {"where": "colour = 'red'"}, "rate": "5 %"},
        {"credit": [{"key": "a"}, {"key": "b", "where": {"colour": "red"}}], "rate": "5 %"},
        {"credit": {"date": "PAID"}, "rate": "5 %"},
        {"measure": {"kind": "DISTINCT", "column": "colour"}, "amount_each": 2},
        {"measure": {"kind": "COLUMN", "column": "margin_minor"}, "rate": "5 %"},
        {"measure": {"formula": "amount - fee_minor"}, "rate": "5 %"},
        {"lookup": RED_OR_LESS},
        {"lookup": [{"where": "colour = 'red'", "rate": "5 %"}, {"rate": "2 %"}]},
        {"tiers_per": "colour", "tiers": [{"until": 10, "rate": "5 %"}, {"rate": "6 %"}]},
        {
            "per": "DEAL",
            "matrix": {
                "rows": {"column": "seats", "edges": [5]},
                "columns": {"column": "amount", "edges": [5]},
                "rates": [["1 %", "2 %"], ["3 %", "4 %"]],
            },
        },
        {"formula": "SUM(fee_minor)"},
    ],
    ids=str,
)
def test_whoever_a_missing_column_decides_about_is_not_calculated(component: dict[str, Any]) -> None:
    result = compute(priced(), [plan_of({"key": "c", **component}, {"key": "d", "bonus": 7})])
    assert earned(result) == {"ada": 700, "bob": 700, "cy": 700}
    assert set(result.earnings["component_key"]) == {"d"}
    assert {each.is_error for each in result.findings} == {True}


@pytest.mark.parametrize(
    "component",
    [
        {"credit": {"where": {"colour": "red"}}, "rate": "5 %"},
        {"formula": "SUM(fee_minor)"},
        {"per": "DEAL", "formula": "credit * 5 % + fee_minor"},
    ],
    ids=str,
)
def test_without_deals_no_column_is_missed(component: dict[str, Any]) -> None:
    facts = frames()
    result = compute(replace(facts, deals=facts.deals.iloc[:0]), [plan_of({"key": "c", **component})])
    assert (earned(result), codes(result)) == ({"ada": 0, "bob": 0, "cy": 0}, [])


def colourless(where: object) -> Result:
    """What a rule pays of three deals of a column that none of them states."""
    facts = frames()
    deals = facts.deals.assign(colour=pd.Series([None] * 3, dtype=object))
    rule = {"key": "c", "credit": {"where": where}, "rate": "5 %"}
    return compute(replace(facts, deals=deals), [plan_of(rule)])


@pytest.mark.parametrize(
    "where",
    [
        {"colour": "red"},
        {"colour": ["red", "blue"]},
        {"colour": {"under": "red"}},
        {"colour": "red", "amount": {"above": 5}},
        "colour = 'red'",
        "colour IN ('red', 'blue')",
        "STARTSWITH(colour, 'r') and amount > 5",
    ],
    ids=str,
)
def test_what_no_deal_states_is_named_where_a_rule_that_asks_it_credits_nothing(where: object) -> None:
    result = colourless(where)
    assert earned(result) == {"ada": 0, "bob": 0, "cy": 0}
    (finding,) = result.findings
    assert (finding.code, finding.is_error) == ("FACT_EMPTY", False)
    assert "The rule compares colour, which 3 deals do not have, first d-ada." in finding.what


@pytest.mark.parametrize(
    "where",
    [
        {"colour": {"not": "red"}},
        {"colour": {"empty": True}},
        {"colour": {"empty": False, "is": "red"}},
        {"colour": "red", "amount": {"above": 500}},
        "colour = 'red' or amount > 5",
        "not ISEMPTY(colour) and colour = 'red'",
    ],
    ids=str,
)
def test_what_no_deal_states_is_no_finding_where_it_decides_nothing_or_is_asked_for(where: object) -> None:
    assert colourless(where).findings == ()


ONLY_FOR_B = [{"where": {"product": "A"}, "rate": "5 %"}, *RED_OR_LESS]


def test_a_row_that_asks_a_missing_column_leaves_alone_whom_a_row_before_it_pays() -> None:
    result = compute(priced(product="A"), [plan_of({"key": "c", "lookup": ONLY_FOR_B})])
    assert earned(result) == {"ada": 500}
    assert sorted((each.code, each.keys["participant_key"]) for each in result.findings) == [
        ("FACT_EMPTY", "bob"),
        ("FACT_EMPTY", "cy"),
    ]
    assert "it has no colour" in result.findings[0].what


LATER = [{"amount": {"above": 50}}, "amount > 50", "quantity / (quantity - 1) > 5"]


@pytest.mark.parametrize("later", LATER, ids=str)
def test_a_row_that_cannot_be_decided_blocks_nobody_whom_a_row_before_it_pays(later: object) -> None:
    rows = [{"where": {"product": "A"}, "amount": 5}, {"where": later, "amount": 1}]
    plan = plan_of({"key": "c", "measure": "COUNT", "lookup": rows})
    assert earned(compute(priced(currency="GBP", product="A"), [plan]))["ada"] == 500
    blocked = compute(priced(currency="GBP"), [plan])
    assert "ada" not in earned(blocked)
    assert "ada" in {each.keys["participant_key"] for each in blocked.findings}


@pytest.mark.parametrize(
    ("column", "fix"),
    [
        ("colour", "Import the column, or correct the condition."),
        ("discount_rate", "Import the column, or correct the condition."),
        ("rate", "Import the column, or correct the condition."),
        ("units", "Did you mean quantity? Or import the column."),
        ("category", "Did you mean product_family? Or import the column."),
    ],
)
def test_a_column_that_no_facts_have_is_answered_with_the_one_that_was_meant(column: str, fix: str) -> None:
    result = compute(frames(), [plan_of({"key": "c", "credit": {"where": {column: "5"}}, "rate": "5 %"})])
    assert [each.fix for each in result.findings] == [fix]
    formula = (
        f"IF([{column}] > 1 %, 1 USD, 0 USD)" if column.endswith("rate") else f"IF([{column}] = '5', 1 USD, 0 USD)"
    )
    paid = compute(frames(), [plan_of({"key": "c", "per": "DEAL", "formula": formula})])
    assert [each.fix for each in paid.findings] == [fix.replace("condition", "formula")]
