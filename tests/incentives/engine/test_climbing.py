"""Tiers that all deals climb together: said, explained, and refused where they can't be paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text
from incentives.engine.examples import computed, read_given
from incentives.engine.prose import plan_clauses
from incentives.engine.reading import Reader
from incentives.engine.testing import check_text
from incentives.engine.trace import TraceNode, trace

CASE = (Path(__file__).parents[2] / "cases" / "tiers-climbed-together.yaml").read_text(encoding="utf-8")
HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nmeasures: [{key: all, quota: revenue}]\n"


def words(node: TraceNode) -> list[str]:
    return [node.words, *(each for child in node.children for each in words(child))]


def test_the_why_shows_the_parts_of_each_way() -> None:
    document, _ = read_text(CASE)
    assert document is not None
    plan, _ = compile_plan(document)
    assert plan is not None
    result = computed(read_given(Reader(document["examples"][0]["given"], "", []), [plan]))
    node = trace(result, "seller", "services", "2026-02")
    assert node.check()
    assert "30,000.00 USD × 8 % + 30,000.00 USD × 10 %" in words(node)


def test_the_clause_says_who_climbs() -> None:
    plan, _ = compile_plan(read_text(CASE)[0] or {})
    assert plan is not None
    text = " ".join(clause.text for clause in plan_clauses(plan))
    assert "All deals of everything climb the tiers together, in the order of their days" in text


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("tiers: [{until: 100, amount: 5}, {amount: 6}]", "UNIT_ERROR"),
        ("target: 500, tiers: [{until: 100, rate: 5 %}, {rate: 6 %}]", "TARGET_UNUSED"),
    ],
)
def test_what_deals_can_not_climb_is_refused(more: str, code: str) -> None:
    found = check_text(f"{HEAD}components: [{{key: c, tiers_on: all, tier_mode: MARGINAL, {more}}}]\n")
    assert code in [each.code for each in found if each.is_error]
