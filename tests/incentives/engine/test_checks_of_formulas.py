"""Conditions written as formulas are judged where they join simple ones, as the engine computes them; the rest is said."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.engine.checks import check_plan
from incentives.engine.checks.asking import Case, Stage
from incentives.engine.checks.atoms import combinations, fits
from incentives.engine.checks.dealing import deal_like
from incentives.engine.compiling import compile_plan
from incentives.engine.examples import SELLER
from incentives.engine.placing import place_text
from spm.core.findings import Finding
from tests.incentives.engine.test_checks import HEAD, shown


def found_in(**component: Any) -> tuple[dict[str, Any], list[Finding]]:
    document = {**HEAD, "components": [{"key": "c", **component}]}
    plan, findings = compile_plan(document)
    assert plan is not None, findings
    return document, check_plan(plan)


def rows(*wheres: str) -> dict[str, Any]:
    return {"lookup": [{"where": where, "rate": f"{place + 1} %"} for place, where in enumerate(wheres)]}


def credit(where: str) -> dict[str, Any]:
    return {"credit": {"where": where}, "rate": "5 %"}


@pytest.mark.parametrize(
    ("component", "code", "where"),
    [
        (credit("1 > 2"), "CREDIT_UNREACHABLE", "credit"),
        (credit("contract_months > 24 AND contract_months < 12"), "CREDIT_UNREACHABLE", "credit"),
        (credit("(discount > 50 % OR product = 'A') AND (discount < 10 % AND product = 'B')"), "CREDIT_UNREACHABLE", "credit"),
        (credit("amount > 500 OR amount <= 500"), "CONDITION_ALWAYS_MET", "credit"),
        (credit("NOT (1 > 2)"), "CONDITION_ALWAYS_MET", "credit"),
        (rows("product = 'A' OR discount > 20 %", "product = 'A' AND contract_months >= 12"), "LOOKUP_UNREACHABLE", "lookup[1]"),
        (rows("product = 'A' OR product = 'B'", "NOT (product = 'A' OR product = 'B')", "product = 'C'"),
         "LOOKUP_UNREACHABLE", "lookup[2]"),
        (rows("product = 'A' OR discount > 20 %", "discount > 30 % AND discount < 25 %"), "LOOKUP_CONTRADICTS", "lookup[1]"),
        (rows("product = 'A' OR discount > 20 %"), "LOOKUP_GAP", "lookup"),
        (rows("amount > 500 OR product = 'A'", "amount <= 500"), "CLIFF", "lookup[0]"),
    ],
    ids=str,
)  # fmt: skip
def test_a_formula_that_joins_conditions_is_judged(component: dict[str, Any], code: str, where: str) -> None:
    document, findings = found_in(**component)
    named = {(each.code, each.where): each for each in findings}
    assert (code, f"components.c.{where}") in named, list(named)
    assert "NOT_JUDGED" not in {each.code for each in findings}
    shown(document, named[code, f"components.c.{where}"])


@pytest.mark.parametrize(
    "component",
    [
        credit("product = 'A' OR discount > 20 %"),
        credit("contract_months >= 24"),
        credit("NOT (product = 'A' OR product = 'B')"),
        rows("product = 'A' OR product = 'B'", "NOT (product = 'A' OR product = 'B')"),
    ],
    ids=str,
)
def test_a_sound_formula_has_no_finding(component: dict[str, Any]) -> None:
    assert [each.message for each in found_in(**component)[1]] == []


@pytest.mark.parametrize(
    "where", ["amount > 2 * cost", "closed_on + 30 < 2026-05-01", "product = 'A' OR amount > cost"]
)
def test_a_formula_that_compares_what_is_computed_is_said_not_to_be_judged(where: str) -> None:
    codes = [each.code for each in found_in(**credit(where))[1]]
    assert "NOT_JUDGED" in codes
    assert "CONDITION_ALWAYS_MET" not in codes
    assert "CREDIT_UNREACHABLE" not in codes


@pytest.mark.parametrize(
    "where",
    [
        "product = 'A' OR contract_months > 20",
        "NOT (product = 'A' AND contract_months >= 24)",
        "product <> 'A' AND (quantity <= 20 OR contract_months = 12)",
        "(product = 'A' OR product = 'B') AND NOT (contract_months < 24)",
        "product = 'A' OR contract_months <> 36",
    ],
)
def test_what_is_judged_of_a_deal_is_what_the_engine_credits(where: str) -> None:
    plan, findings = compile_plan({**HEAD, "components": [{"key": "c", **credit(where)}]})
    assert plan is not None, findings
    stage, rule = Stage.of(plan, plan.start), plan.components[0].measure.credit[0]
    deals = combinations([rule.where])
    assert deals is not None
    assert len(deals) > 3
    cases = [Case((deal_like(stage, plan.components[0].measure, deal, owner=SELLER),)) for deal in deals]
    paid = [answer is not None and answer.total > 0 for answer in stage.ask(cases)]
    assert paid == [fits(rule.where, deal) for deal in deals]
    assert True in paid
    assert False in paid


LACKS = [
    {"key": "terms", "lookup": [{"where": {"contract_months": {"above": 12}}, "rate": "3 %"}, {"rate": "2 %"}]},
    {"key": "terms", "lookup": [{"where": "seats > 5", "rate": "3 %"}, {"rate": "2 %"}]},
    {"key": "terms", "per": "DEAL", "formula": "IF(seats > 5, credit * 1 %, credit * 2 %)"},
    {"key": "terms", "per": "DEAL", "matrix": {
        "rows": {"column": "seats", "edges": [10]}, "columns": {"column": "discount", "edges": ["10 %"]},
        "rates": [["1 %", "2 %"], ["1 %", "2 %"]]}},
]  # fmt: skip


def whole(*components: dict[str, Any], **head: Any) -> tuple[dict[str, Any], list[Finding]]:
    document = {**HEAD, **head, "components": list(components)}
    plan, findings = compile_plan(document)
    assert plan is not None, findings
    return document, check_plan(plan)


@pytest.mark.parametrize("other", LACKS, ids=["lookup", "condition", "formula", "matrix"])
def test_what_another_component_asks_of_a_deal_silences_no_check(other: dict[str, Any]) -> None:
    """A made-up deal that lacks what any component compares calculates nobody: then nothing was found anywhere in the plan."""
    jump = {"key": "jump", "formula": "IF(measure > 1000, measure * 5 %, 0)"}
    document, found = whole(jump, other)
    named = {each.code: each for each in found}
    assert {"CLIFF", "DOUBLE_PAY"} <= set(named)
    shown(document, named["CLIFF"])


def test_a_cliff_of_a_formula_names_the_piece_that_makes_it() -> None:
    formula = "measure * 1 %\n + IF(ATTAINMENT() >= 90 %, 5000, 0)"
    _, found = found_in(key="c", quota="q", formula=formula)
    [cliff] = [each for each in found if each.code == "CLIFF"]
    assert cliff.where == "components.c.formula, line 2, column 7"
    assert place_text(cliff.where, {"components": [{"key": "c"}]}) == "component c, formula, line 2, character 7"
    assert cliff.fix.startswith("Let the formula pay the higher rate on what is above the value only")


def test_a_table_that_no_formula_asks_is_told() -> None:
    tables = [
        {"key": "asked", "tiers": [{"until": 1000, "rate": "1 %"}, {"rate": "2 %"}]},
        {"key": "rates", "rows": {"A": "1 %"}, "otherwise": "2 %"},
        {"key": "idle", "rows": {"A": "1 %"}, "otherwise": "2 %"},
    ]
    component = {
        "key": "c",
        "measure": {"formula": "amount * LOOKUP(rates, product)"},
        "formula": "TIER(asked, measure)",
    }
    _, found = whole(component, tables=tables)
    told = [(each.where, each.what, each.fix) for each in found if each.code == "TABLE_UNUSED"]
    assert told == [
        ("tables.idle", "No formula asks the table idle.", "Ask it in a formula, LOOKUP(idle, …), or remove it.")
    ]
