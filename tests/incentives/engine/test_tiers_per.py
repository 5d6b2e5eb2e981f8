"""Tiers that each customer has for itself: said, explained, refused where they can't be paid, and unknown where the customer is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text
from incentives.engine.examples import computed, read_given
from incentives.engine.prose import plan_clauses
from incentives.engine.reading import Reader
from incentives.engine.run import Result
from incentives.engine.sentences_german import GERMAN
from incentives.engine.testing import check_text
from incentives.engine.trace import TraceNode, trace

CASE = (Path(__file__).parents[2] / "cases" / "tiers-per-customer.yaml").read_text(encoding="utf-8")
HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: MONTHLY\n"


def result_of(text: str, **given: Any) -> Result:
    plan, findings = compile_plan(read_text(text)[0] or {})
    assert plan is not None, findings
    return computed(read_given(Reader(given, "", []), [plan]))


def words(node: TraceNode) -> str:
    return "; ".join([node.label, node.words, *(words(child) for child in node.children)])


def test_the_clauses_say_whose_tiers_they_are() -> None:
    plan, _ = compile_plan(read_text(CASE)[0] or {})
    assert plan is not None
    english = " ".join(each.text for each in plan_clauses(plan))
    assert "Each account has these tiers for itself: its deals climb them in the order of their days." in english
    assert (
        "Each account has these tiers for itself: what counts of it by the end of the period finds the tier." in english
    )
    german = " ".join(each.text for each in plan_clauses(plan, GERMAN))
    assert "Die Stufen gelten für jeden Wert von account gesondert: dessen Geschäfte steigen sie" in german
    assert "was davon bis zum Ende des Zeitraums zählt, findet die Stufe." in german


def test_the_why_shows_the_parts_of_each_deal() -> None:
    deals = [
        {"key": "a", "account": "Acme", "product": "A", "amount": 40000, "on": "2026-01-10"},
        {"key": "b", "account": "Acme", "product": "A", "amount": 20000, "on": "2026-02-03"},
    ]
    result = result_of(CASE, periods=["2026-01", "2026-02"], deals=[{**deal, "quantity": 1} for deal in deals])
    node = trace(result, "seller", "commission", "2026-02")
    assert node.check() and "10,000.00 USD × 5 % + 10,000.00 USD × 8 %" in words(node)
    whole = trace(result, "seller", "volume", "2026-02")
    assert whole.check() and "20,000.00 USD × 1 %" in words(whole)


@pytest.mark.parametrize(("mode", "earned"), [("MARGINAL", 2_300), ("WHOLE", 3_200)])
def test_a_return_at_the_rate_of_its_sale_leaves_the_tiers_where_they_are(mode: str, earned: int) -> None:
    """50,000 fill the first tier; 20,000 of it come back at its rate, and 10,000 are in the second: 2,500 - 1,000 + 800. By the tier of the
    whole all are at 8 %: 4,000 - 1,600 + 800."""
    tiers = f"tier_mode: {mode}, tiers: [{{until: 50000, rate: 5 %}}, {{rate: 8 %}}]"
    deals = [
        {"key": "s1", "account": "Acme", "amount": 50000, "on": "2026-01-10"},
        {"key": "back", "account": "Acme", "amount": -20000, "on": "2026-01-12", "reverses": "s1"},
        {"key": "s2", "account": "Acme", "amount": 10000, "on": "2026-01-20"},
    ]
    for more in ("", ", reverse_attainment: yes"):
        result = result_of(f"{HEAD}components: [{{key: c, tiers_per: account, {tiers}{more}}}]\n", deals=deals)
        assert result.earnings["earned_minor"].sum() == earned * 100


def test_after_a_deal_of_an_unknown_customer_nothing_of_the_window_is_known() -> None:
    """It may be of any of them, so that the later periods of the year could stand at either rate."""
    text = (
        HEAD
        + "components: [{key: c, accumulation: YTD, tiers_per: account, tiers: [{until: 100, rate: 5 %}, {rate: 8 %}]}]\n"
    )
    deals = [
        {"account": "Acme", "amount": 80, "on": "2026-01-05"},
        {"key": "whose", "amount": 50, "on": "2026-02-05"},
        {"account": "Acme", "amount": 80, "on": "2026-03-05"},
    ]
    result = result_of(text, periods=["2026-01", "2026-02", "2026-03"], deals=deals)
    assert result.earnings["period_key"].tolist() == ["2026-01"]
    [found] = [each for each in result.findings if each.is_error]
    assert found.code == "FACT_EMPTY" and "whose: it does not state its account" in found.what
    assert "Enter the account of the deal." in found.message


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ("tiers_per: account, quota: q, tiers: [{until: 100 %, rate: 5 %}, {rate: 8 %}]", "TIERS_PER"),
        ("tiers_per: amount, tiers: [{until: 100, rate: 5 %}, {rate: 8 %}]", "TIERS_PER"),
        ("tiers_per: closed_on, tiers: [{until: 100, rate: 5 %}, {rate: 8 %}]", "TIERS_PER"),
        ("tiers_per: account, tiers: [{until: 100, amount: 5}, {rate: 8 %}]", "TIERS_PER"),
        ("tiers_per: account, tiers: [{until_earned: 100, rate: 5 %}, {rate: 8 %}]", "TIERS_PER"),
        ("tiers_per: account, tier_mode: INTERPOLATED, tiers: [{until: 100, rate: 5 %}]", "TIERS_PER"),
        ("tiers_per: account, target: 500, quota: q, tiers: [{until: 100, rate: 5 %}, {rate: 8 %}]", "TIERS_PER"),
        ("tiers_per: account, tiers_on: m, tiers: [{until: 100, rate: 5 %}, {rate: 8 %}]", "TIERS_PER"),
        ("tiers_per: account, measure: {kind: DISTINCT, column: x}, tiers: [{until: 1, amount_each: 5}, {amount_each: 8}]", "TIERS_PER"),
        ("tiers_per: account, per: DEAL, tiers: [{until: 100, rate: 5 %}, {rate: 8 %}]", "PER_DEAL"),
        ("tiers_per: account, rate: 5 %", "FIELD_UNUSED"),
        ("tiers_per: account, tiers_against: PRIOR_YEAR, tiers: [{until: 100, rate: 5 %}, {rate: 8 %}]", "TIERS_PER"),
        ("tiers_per: account, tiers_against: PRIOR, accumulation: YTD, tiers: [{until: 100 %, rate: 5 %}, {rate: 8 %}]", "TIERS_PER"),
        ("tiers_per: account, tiers_against: PRIOR_YEAR, accumulation: CONTRACT, tiers: [{until: 100 %, rate: 5 %}]", "TIERS_PER"),
        ("tiers_per: account, tiers_new: UNPAID, tiers: [{until: 100, rate: 5 %}, {rate: 8 %}]", "FIELD_UNUSED"),
        ("tiers_against: PRIOR_YEAR, quota: q, tiers: [{until: 100 %, rate: 5 %}, {rate: 8 %}]", "FIELD_UNUSED"),
        ("tiers_per: account, tiers_against: LAST_YEAR, tiers: [{until: 100 %, rate: 5 %}, {rate: 8 %}]", "CHOICE_UNKNOWN"),
    ],
)  # fmt: skip
def test_what_no_customer_can_climb_is_refused(component: str, code: str) -> None:
    found = check_text(f"{HEAD}measures: [{{key: m}}]\ncomponents: [{{key: c, {component}}}]\n")
    assert code in [each.code for each in found if each.is_error], [(each.code, each.what) for each in found]
