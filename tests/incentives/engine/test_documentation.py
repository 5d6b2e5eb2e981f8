"""Every plan in the documentation of the plan language compiles, and its examples come out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from incentives.engine.language.functions import FUNCTIONS
from incentives.engine.testing import check_text, test_text

TABLE = re.compile(r"^\| name \| from \|\n\|---\|---\|\n((?:\|.*\n)+)", flags=re.MULTILINE)
PAGE = Path(__file__).resolve().parents[3] / "docs" / "plan-language.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)

DEAL_NAMES = sorted(
    {
        name
        for row in TABLE.findall(PAGE.read_text(encoding="utf-8"))[0].splitlines()
        for name in re.findall(r"`([a-z_]+)`", row.split("|")[1] + row.split("|")[2].partition("(and")[2])
    }
)
MONEY = ("amount", "cost", "list", "margin", "annual_value", "contract_value")
PLACES = (
    'credit: {{where: "NOT ISEMPTY({name})"}}, rate: 1 %',
    "credit: {{where: {{{name}: {{empty: false}}}}}}, rate: 1 %",
    'per: DEAL, formula: "IF(ISEMPTY({name}), 0, credit)"',
    'formula: "SUM(credit, NOT ISEMPTY({name}))"',
    'measure: {{formula: "IF(ISEMPTY({name}), 0 USD, amount)"}}, rate: 1 %',
)
AMOUNTS = (
    "measure: {{kind: COLUMN, column: {name}}}, rate: 1 %",
    'measure: {{formula: "{name} * 2"}}, rate: 1 %',
    'credit: {{where: "{name} > 1,000"}}, rate: 1 %',
    "credit: {{where: {{{name}: {{above: 1000}}}}}}, rate: 1 %",
    'formula: "SUM({name}) * 1 %"',
    'per: DEAL, formula: "{name} * 1 %"',
    "lookup: [{{where: {{{name}: {{above: 1000}}}}, rate: 1 %}}]",
    "matrix: {{rows: {{column: {name}, edges: [1000]}}, columns: {{column: quantity, edges: [2]}}, rates: [[1 %, 1 %], [1 %, 1 %]]}}",
)
HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\ncomponents: [{key: c, "


def test_the_names_of_a_deal_are_found_in_the_page() -> None:
    assert {"amount", "annual_value", "contract_months", "margin_rate", "territory", "paid_on"} <= set(DEAL_NAMES)


@pytest.mark.parametrize("name", DEAL_NAMES)
def test_every_name_of_a_deal_may_stand_where_the_page_says(name: str) -> None:
    for place in (*PLACES, *(AMOUNTS if name in MONEY else ())):
        findings = check_text(f"{HEAD}{place.format(name=name)}}}]\n")
        assert not [each.message for each in findings if each.is_error or each.code == "NAME_RESEMBLES"], place


@pytest.mark.parametrize("text", BLOCKS, ids=lambda text: text.split("\n")[0])
def test_a_plan_of_the_documentation_runs(text: str) -> None:
    assert not [finding.message for finding in check_text(text) if finding.is_error]
    for result in test_text(text):
        assert result.passed, f"{result.name}: {result.differences} {[finding.message for finding in result.findings]}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_an_example_that_runs(name: str) -> None:
    assert any(f"{name}(" in text for text in BLOCKS)
    assert f"| `{FUNCTIONS[name].form}` |" in PAGE.read_text(encoding="utf-8")
