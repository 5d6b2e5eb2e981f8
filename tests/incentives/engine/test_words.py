"""Words about a plan: places of findings, figures with all their digits, what is not judged."""

from fractions import Fraction

import pytest

from incentives.engine.checks import check_plan
from incentives.engine.compiling import compile_plan
from incentives.engine.language.wording import decimal_text, grouped_text
from incentives.engine.placing import place_text

PLAN = {"plan": "p", "name": "P", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY"}
NAMED = {
    "components": [{"key": "new", "name": "New business"}, {"key": "old"}],
    "measures": [{"key": "logos"}],
    "examples": [{"name": "a quarter"}],
}


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("components[0].tiers[2].until", "New business, tier 3, until"),
        ("components.new.cap.deal", "New business, cap of a deal"),
        ("components.old.lookup[1]", "component old, row 2"),
        ("components[7].rate", "component 8, rate"),
        ("components[0].credit.where, line 1, column 7", "New business, credit where, character 7"),
        ("measures.logos.credit[0].where", "measure logos, credit rule 1, where"),
        ("examples.1", "a quarter"),
        ("examples[3].given", "example 4, given"),
        ("tables.rates.tiers[0]", "table rates, tier 1"),
        ("from", "from"),
        ("line 3", "line 3"),
        ("", ""),
    ],
)
def test_the_place_of_a_finding_is_told_in_words(where, words):
    assert place_text(where, NAMED) == words


def test_a_place_of_no_document_stays_readable():
    assert place_text("components[0].rate", {"components": "later"}) == "component 1, rate"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(12345678901, 10000), "1234567.8901"),
        (Fraction(1, 3), "0.333333333333"),
        (10**18, "1" + "0" * 18),
        (0, "0"),
    ],
)
def test_a_number_keeps_its_digits(value, text):
    assert decimal_text(value) == text
    assert decimal_text(-value) == (f"-{text}" if value else text)


def test_a_grouped_number_keeps_its_digits_and_its_sign():
    assert grouped_text(Fraction(-12345678901, 10000)) == "-1,234,567.8901"
    assert grouped_text(Fraction(-1, 2)) == "-0.5"


def codes(component):
    plan, findings = compile_plan({**PLAN, "components": [{"key": "c", "name": "C", **component}]})
    assert plan is not None, findings
    return [(each.code, each.where) for each in check_plan(plan) if each.code == "NOT_JUDGED"]


def test_what_is_written_as_a_formula_is_said_not_to_be_judged():
    row = {"where": "product = 'A' or amount > 2 * cost", "rate": "5 %"}
    assert codes({"lookup": [row, {"rate": "3 %"}]}) == [("NOT_JUDGED", "components.c.lookup")]
    joined = {"where": "product = 'A' or amount > 5000", "rate": "5 %"}
    assert codes({"lookup": [joined, {"rate": "3 %"}]}) == []
    assert codes({"credit": {"where": "closed_on + 30 < 2026-05-01"}, "rate": "5 %"}) == [
        ("NOT_JUDGED", "components.c.credit")
    ]
    assert codes({"lookup": [{"where": {"product": "A"}, "rate": "5 %"}, {"rate": "3 %"}]}) == []


def test_a_part_of_a_long_plan_is_checked():
    one = {"tiers": [{"until": "10000", "rate": "5 %"}, {"rate": "10 %"}], "tier_mode": "WHOLE"}
    plan, _ = compile_plan({**PLAN, "components": [{"key": f"c{number}", **one} for number in range(3)]})
    assert {each.where for each in check_plan(plan, most=1) if each.code == "CLIFF"} == {"components.c0.tiers"}
