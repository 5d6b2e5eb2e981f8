"""A measure held against another one in place of a quota: said, explained, refused where it means nothing, kept by what-if."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from incentives.engine.checks import check_plan
from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text
from incentives.engine.examples import computed, facts_of, read_given
from incentives.engine.plan import Plan
from incentives.engine.prose import plan_clauses
from incentives.engine.reading import Reader
from incentives.engine.resampling import resample
from incentives.engine.run import Result, compute
from incentives.engine.sentences_german import GERMAN
from incentives.engine.testing import check_text
from incentives.engine.trace import TraceNode, trace
from incentives.engine.unreached import standing, unreached
from incentives.engine.whatif import Way, try_plans
from spm.core.findings import Finding
from tests.incentives.engine.test_resampling import First

CASE = (Path(__file__).parents[2] / "cases" / "margin-of-the-quarter.yaml").read_text(encoding="utf-8")
HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\n"
MEASURES = "measures: [{key: sales}, {key: offers, measure: COUNT}, {key: part, measure: MARGIN, against: sales}]\n"


def case() -> tuple[dict[str, Any], Plan]:
    document, _ = read_text(CASE)
    plan, findings = compile_plan(document or {})
    assert document is not None and plan is not None, findings
    return document, plan


def result_of(document: dict[str, Any], plan: Plan, place: int = 0) -> Result:
    return computed(read_given(Reader(document["examples"][place]["given"], "", []), [plan]))


def words(node: TraceNode) -> str:
    return "; ".join([node.label, node.words, *(words(child) for child in node.children)])


def test_the_why_says_what_part_was_reached_and_what_is_asked() -> None:
    document, plan = case()
    result = result_of(document, plan)
    node = trace(result, "seller", "commission", "2026-Q1")
    assert node.check()
    assert "margin is 400.00 USD of sales of 2,000.00 USD, which is 20 %, at least 20 % is asked, met" in words(node)
    own = trace(result, "seller", "profit-share", "2026-Q1")
    assert own.check()
    assert "Tier 1 (from 0 % to 15 % of sales)" in words(own)
    assert "Percentage; 400.00 USD of sales of 2,000.00 USD is 20 %" in words(own)


def test_an_earning_shows_no_quota_where_a_measure_stands_in_its_place() -> None:
    document, plan = case()
    earnings = result_of(document, plan).earnings
    assert earnings["quota_minor"].isna().all() and earnings["attainment"].isna().all()


def test_the_clauses_say_of_what_it_is_a_part() -> None:
    _, plan = case()
    english, german = (" ".join(each.text for each in plan_clauses(plan, *more)) for more in ((), (GERMAN,)))
    assert "percentages of it are parts of sales of the same time" in english
    assert "Nothing is paid unless margin reaches 20 % of sales." in english
    assert "10 % up to 15 % of sales, 50 % above 15 % of sales" in english
    assert "Prozente davon sind Anteile von sales derselben Zeit" in german
    assert "20 % von sales" in german and "Quote" not in german


@pytest.mark.parametrize(
    ("part", "code", "at"),
    [
        ("{key: c, rate: 1 %, gates: [{of: sales, at_least: 20 %}]}", "QUOTA_MISSING", "of"),
        ("{key: c, against: sale, rate: 1 %}", "MEASURE_UNKNOWN", "against"),
        ("{key: c, against: c, rate: 1 %}", "MEASURE_UNKNOWN", "against"),
        ("{key: c, against: offers, rate: 1 %}", "UNIT_ERROR", "against"),
        ("{key: c, against: sales, accumulation: YTD, rate: 1 %}", "AGAINST_WINDOW", "against"),
        ("{key: c, against: sales, quota: revenue, rate: 1 %}", "FIELD_UNUSED", "quota"),
        ("{key: c, against: sales, goal: TO_DATE, rate: 1 %}", "FIELD_UNUSED", "goal"),
        ("{key: c, of: sales, against: sales, rate: 1 %}", "FIELD_UNUSED", "against"),
        (
            "{key: c, tiers_on: part, tier_mode: MARGINAL, tiers: [{until: 10 %, rate: 1 %}, {rate: 2 %}]}",
            "AGAINST_BY_DEAL",
            "tier mode",
        ),
        (
            "{key: c, per: DEAL, against: sales, tiers: [{until: 10 %, rate: 1 %}, {rate: 2 %}]}",
            "AGAINST_BY_DEAL",
            "per",
        ),
        ("{key: c, formula: 'QUOTA(part) * 5 %'}", "QUOTA_MISSING", "formula"),
    ],
)
def test_what_means_nothing_is_refused(part: str, code: str, at: str) -> None:
    found = check_text(f"{HEAD}{MEASURES}components: [{part}]\n")
    assert any(each.code == code and at in each.where for each in found), [(each.code, each.where) for each in found]


def test_what_a_payment_waits_for_is_a_part_and_no_share_of_a_quota() -> None:
    document, plan = case()
    result = result_of(document, plan, place=1)
    [one] = unreached(plan, plan.components[0], standing(result.computed[0].room, 0))
    assert (one.of, one.is_part, one.asked, one.reached) == ("margin", True, 20 * 10**6, 19_900_000)


def test_a_part_of_what_is_not_above_nothing_is_a_finding() -> None:
    document, plan = case()
    deals = [{"amount": -100, "cost": -500, "on": "2026-02-01"}]
    result = computed(read_given(Reader({"period": "2026-Q1", "deals": deals}, "", []), [plan]))
    codes = {(each.code, each.keys["component_key"]) for each in result.findings}
    assert ("AGAINST_NOT_POSITIVE", "commission") in codes and ("AGAINST_NOT_POSITIVE", "profit-share") in codes
    assert not len(result.earnings)


def reviewed(components: str, measures: str = MEASURES) -> tuple[Plan, list[Finding]]:
    plan, findings = compile_plan(read_text(f"{HEAD}{measures}components: [{components}]\n")[0] or {})
    assert plan is not None, findings
    return plan, check_plan(plan)


def comes_out(plan: Plan, finding: Finding) -> bool:
    """The example of a finding pays what it says, by the plan as it is."""
    assert finding.example is not None
    given: Any = finding.example["given"]
    frame = computed(read_given(Reader(given, "", []), [plan])).earnings
    then: Any = finding.example["then"]
    paid = {
        person: {
            key: frame[(frame["participant_key"] == person) & (frame["component_key"] == key)]["earned_minor"].sum()
            for key in each
        }
        for person, each in then["people"].items()
    }
    return paid == {
        person: {key: Decimal(str(amount)) * 100 for key, amount in each.items()}
        for person, each in then["people"].items()
    }


WHOLE = "tier_mode: WHOLE, tiers: [{until: 15 %, rate: 10 %}, {rate: 40 %}]"
DOUBLED = "multipliers: [{of: part, tiers: [{until: 40 %, rate: 100 %}, {rate: 200 %}]}]"


@pytest.mark.parametrize(
    ("component", "at", "said"),
    [
        # 20,000 of 100,000 sold: the gate opens on 5 % of the 100,000
        (
            "of: sales, rate: 5 %, gates: [{of: part, at_least: 20 %}]",
            "gates[0]",
            "Reaching 20,000.00 USD of part, one more USD raises the pay of a period by 5,000.00 USD (with 100,000.00 USD of sales)",
        ),
        (
            "of: sales, tiers_on: part, tiers: [{until: 20 %, rate: 1 %}, {rate: 3 %}]",
            "tiers",
            "period by 2,000.00 USD",
        ),
        # 14,999 × 10 % before, 15,000 × 40 % after
        (
            f"of: part, {WHOLE}",
            "tiers",
            "15,000.00 USD of what counts, one more USD raises the pay of a period by 4,500.10",
        ),
        (f"of: sales, rate: 5 %, {DOUBLED}", "multipliers[0]", "40,000.00 USD of part, one more USD"),
    ],
)
def test_a_cliff_at_a_part_is_found_and_its_example_comes_out(component: str, at: str, said: str) -> None:
    plan, found = reviewed(f"{{key: c, {component}}}")
    [cliff] = [each for each in found if each.code == "CLIFF"]
    assert at in cliff.where and said in cliff.message
    assert comes_out(plan, cliff)
    assert "NOT_JUDGED" not in {each.code for each in found}


def test_a_part_that_grows_evenly_has_no_cliff() -> None:
    _, found = reviewed("{key: c, of: part, tiers: [{until: 15 %, rate: 10 %}, {rate: 12 %}]}")
    assert {each.code for each in found} & {"CLIFF", "NOT_JUDGED", "GATE_UNREACHABLE", "TIER_UNREACHABLE"} == set()


def test_a_part_above_the_whole_is_never_reached() -> None:
    _, found = reviewed("{key: c, of: sales, rate: 5 %, gates: [{of: part, at_least: 120 %}]}")
    assert [each.where for each in found if each.code == "GATE_UNREACHABLE"] == ["components.c.gates[0]"]
    _, found = reviewed(f"{{key: c, of: part, gates: [{{of: part, at_least: 30 %}}], {WHOLE}}}")
    assert [each.where for each in found if each.code == "TIER_UNREACHABLE"] == ["components.c.tiers[0]"]
    # tier by tier the first one is paid, too, once the gate is open
    _, found = reviewed(
        f"{{key: c, of: part, gates: [{{of: part, at_least: 30 %}}], {WHOLE.replace('WHOLE', 'MARGINAL')}}}"
    )
    assert "TIER_UNREACHABLE" not in {each.code for each in found}


def test_a_part_of_a_count_is_turned_deal_by_deal() -> None:
    measures = (
        "measures: [{key: all, measure: COUNT}, "
        "{key: new, measure: COUNT, against: all, credit: {kind: DIRECT, where: {type: New}}}]\n"
    )
    plan, found = reviewed("{key: c, of: all, amount_each: 100, gates: [{of: new, at_least: 50 %}]}", measures)
    [cliff] = [each for each in found if each.code == "CLIFF"]
    # five of ten deals are new: 10 × 100
    assert "Reaching 5 of new raises the pay of a period by 1,000.00 USD (with 10 of all)" in cliff.message
    assert comes_out(plan, cliff)


def test_what_no_deals_can_hold_is_said_to_be_not_judged() -> None:
    measures = "measures: [{key: sales, credit: {kind: DIRECT, where: amount > 2 * cost}}, {key: part, measure: MARGIN, against: sales}]\n"
    _, found = reviewed("{key: c, of: part, tiers: [{until: 15 %, rate: 10 %}, {rate: 40 %}]}", measures)
    [left] = [each for each in found if each.code == "NOT_JUDGED"]
    assert "no deals are found that turn it while sales stays" in left.message


def test_another_edge_is_priced_from_the_sums_as_in_full() -> None:
    document, plan = case()
    facts = facts_of(read_given(Reader(document["examples"][0]["given"], "", []), [plan]))
    base = compute(facts, [plan])
    changed, _ = compile_plan(read_text(CASE.replace("at_least: 20 %", "at_least: 20.01 %"))[0] or {})
    assert changed is not None
    trial = try_plans(facts, base, [changed])
    assert trial.ways[plan.key] is not Way.FULL
    paid = dict(zip(trial.earnings["component_key"], trial.earnings["earned_minor"], strict=True))
    assert paid["commission"] == 0 and paid["profit-share"] == 8_000


def test_a_resampled_year_holds_the_drawn_deals_against_each_other() -> None:
    document, plan = case()
    result = result_of(document, plan)
    costs = resample(result.computed[0], years=1, dice=First())
    # twice the first deal: 600 of margin on 2,000, so 30 %
    drawn = [{**document["examples"][0]["given"]["deals"][0], "key": key} for key in ("a", "b")]
    again = computed(read_given(Reader({"period": "2026-Q1", "deals": drawn}, "", []), [plan]))
    assert np.array_equal(costs.amounts, [again.earnings["earned_minor"].sum()])
