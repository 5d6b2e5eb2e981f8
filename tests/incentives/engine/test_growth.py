"""Tiers of each customer in percent of what it came to earlier: said, explained, and equal to a small reference of its own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text
from incentives.engine.prose import plan_clauses
from incentives.engine.reach import reach_of
from incentives.engine.run import Result, compute
from incentives.engine.sentences_german import GERMAN
from incentives.engine.testing import check_text
from incentives.engine.trace import trace
from spm.core.findings import Finding
from spm.core.money import round_half_away
from tests.incentives.engine.test_findings import codes, earned, frames, plan_of
from tests.incentives.engine.test_tiers_per import result_of, words

GROWTH = (Path(__file__).parents[2] / "cases" / "growth-per-customer.yaml").read_text(encoding="utf-8")


def test_the_clauses_say_with_what_each_customer_is_compared() -> None:
    plan, _ = compile_plan(read_text(GROWTH)[0] or {})
    assert plan is not None
    english = " ".join(each.text for each in plan_clauses(plan))
    assert (
        "of what the person was credited of the same account in the same quarter of the year before. Where that was"
        in english
    )
    assert "in the whole of the fiscal year before. Where that was nothing, nothing is paid." in english
    assert "in the quarter before. Where that was nothing, all is above it and the last tier pays." in english
    german = " ".join(each.text for each in plan_clauses(plan, GERMAN))
    assert "von demselben Wert von account im selben Zeitraum (Quartal) ein Jahr davor gutgeschrieben wurde." in german
    assert "im ganzen Geschäftsjahr davor gutgeschrieben wurde. War das nichts, so wird nichts bezahlt." in german


def test_the_why_names_what_the_customer_had_and_the_parts_that_follow() -> None:
    deals = [
        {"account": "Acme", "amount": 10000, "quantity": 0, "on": "2025-05-10"},
        {"account": "Acme", "amount": 18000, "quantity": 0, "on": "2026-05-10"},
    ]
    node = trace(result_of(GROWTH, period="2026-Q2", deals=deals), "seller", "growth", "2026-Q2")
    assert node.check()
    assert "5,000.00 USD × 5 % + 3,000.00 USD × 8 %; its account had 10,000.00 USD the year before" in words(node)


def test_a_plan_that_compares_with_the_year_before_reads_back_to_its_start() -> None:
    plan, _ = compile_plan(read_text(GROWTH)[0] or {})
    assert plan is not None and reach_of([plan]).window == "CONTRACT"
    assert not [each.code for each in check_text(GROWTH) if each.code in ("NOT_JUDGED", "GROWTH_WITHOUT_BEFORE")]


def checked(pay: str, since: str = "2025-01-01") -> dict[str, Finding]:
    """The findings of a plan that ends with 2026 and pays so, by code."""
    head = f"plan: p\ncurrency: USD\nfrom: {since}\nuntil: 2027-01-01\nperiod: QUARTERLY\n"
    return {each.code: each for each in check_text(f"{head}components: [{{key: g, {pay}}}]\n")}


@pytest.mark.parametrize("window", ["PRIOR_YEAR", "PRIOR_YEAR, accumulation: YTD", "PRIOR"])
def test_the_cliff_of_growth_is_found_with_an_example_of_both_years(window: str) -> None:
    pay = f"tiers_per: account, tiers_against: {window}, tiers: [{{until: 100 %, rate: 1 %}}, {{rate: 5 %}}]"
    found = checked(f"{pay}, tier_mode: WHOLE")["CLIFF"]
    assert "raises the pay of a period by 4,000.01 USD" in found.what
    assert "(of what counts of one account, with 100,000.00 USD earlier)" in found.what
    assert found.example is not None and found.example["then"]["people"] == {
        "one step less": {"g": "999.99"},
        "one step more": {"g": 5000},
    }
    assert "CLIFF" not in checked(pay)


def test_moving_deals_is_tried_in_periods_that_have_an_earlier_one() -> None:
    pay = "tiers_per: account, tiers_against: PRIOR_YEAR, tiers: [{until: 100 %, rate: 1 %}, {rate: 5 %}]"
    found = checked(f"{pay}, tier_mode: WHOLE")
    assert found.keys() >= {"GAMING_PERIOD", "GAMING_REBOOK"} and "NOT_SEARCHED" not in found
    example = found["GAMING_PERIOD"].example
    assert example is not None and example["given"]["periods"] == ["2026-Q1", "2026-Q2"]
    assert {each["on"][:4] for each in example["given"]["deals"]} == {"2025", "2026"}


def test_growth_over_a_year_that_no_period_of_the_plan_has_is_told_before_it_runs() -> None:
    formula = 'formula: "MAX(measure - SUM(credit, PRIOR_YEAR), 0) * 5 %"'
    for pay, at in ((ABOVE, "tiers_against"), (formula, "formula"), (f"{ABOVE}, from: 2026-01-01", "tiers_against")):
        begun = "2025-01-01" if "from" in pay else "2026-01-01"
        found = checked(pay, begun)["GROWTH_WITHOUT_BEFORE"]
        assert found.where.endswith(f"components.g.{at}") and "no period of the plan has one" in found.what
    assert "GROWTH_WITHOUT_BEFORE" not in {*checked(ABOVE), *checked(formula)}
    assert "GROWTH_WITHOUT_BEFORE" not in checked(ABOVE.replace("PRIOR_YEAR", "PRIOR"), "2026-01-01")


ABOVE = "tiers_per: account, tiers_against: PRIOR_YEAR, tiers: [{until: 100 %, rate: 0 %}, {rate: 5 %}]"


def growth(deals: list[tuple[str, int, str]], more: str = "", **head: str) -> Result:
    """What a plan of two years pays of what each account buys above the year before, computed over all its periods."""
    head = {"from": "2025-01-01", "until": "2027-01-01", "period": "QUARTERLY"} | head
    lines = "".join(f"{name}: {value}\n" for name, value in head.items())
    sold = [{"key": key, "account": "Acme", "amount": amount, "on": on} for key, amount, on in deals]
    returns = [each | {"reverses": each["key"].partition("-")[2]} if each["amount"] < 0 else each for each in sold]
    return result_of(f"plan: p\ncurrency: USD\n{lines}components: [{{key: g, {ABOVE}{more}}}]\n", deals=returns)


def paid(result: Result) -> dict[str, int]:
    """What each period pays where it pays anything, in whole units."""
    by_period = result.earnings.groupby("period_key")["earned_minor"].sum().to_dict()
    return {period: minor / 100 for period, minor in by_period.items() if minor}


def test_a_return_of_the_first_year_takes_nothing_because_nothing_was_paid() -> None:
    result = growth([("a", 10000, "2025-05-10"), ("b", 14000, "2026-04-10"), ("r-a", -10, "2026-05-10")])
    assert paid(result) == {"2026-Q2": 200}
    [found] = [each for each in result.findings if each.code == "PERIOD_BEFORE_UNKNOWN"]
    assert (found.severity, found.keys["period_key"]) == ("WARNING", "2025-Q2")
    assert "g pays nothing for what was sold in 2025-Q2" in found.what


def test_the_why_of_the_first_year_does_not_say_that_the_customer_had_nothing() -> None:
    node = trace(growth([("a", 10000, "2025-05-10")]), "seller", "g", "2025-Q2")
    assert node.check() and "nothing is known of its account the year before" in words(node)


@pytest.mark.parametrize("rate", ["", ", reversal_rate: CURRENT", ", reverse_attainment: yes"])
def test_what_came_back_in_the_earlier_window_was_not_bought(rate: str) -> None:
    """Of 10,000 Acme returned 4,000 in the quarter: 14,000 are 8,000 more; with all of it returned, 14,000 are new."""
    deals = [("a", 10000, "2025-05-10"), ("r-a", -4000, "2025-06-10"), ("b", 14000, "2026-04-10")]
    assert paid(growth(deals, rate)) == {"2026-Q2": 400}
    deals[1] = ("r-a", -10000, "2025-06-10")
    assert paid(growth(deals, rate)) == {"2026-Q2": 700}


@pytest.mark.parametrize(("more", "begun"), [(", from: 2026-01-01", "2025-01-01"), ("", "2026-01-01")])
def test_where_no_year_can_be_compared_nobody_is_new(more: str, begun: str) -> None:
    result = growth([("a", 10000, "2025-05-10"), ("b", 14000, "2026-04-10")], more, **{"from": begun})
    assert paid(result) == {} and [each.keys["period_key"] for each in result.findings if each.is_error] == ["2026-Q2"]
    assert "PERIOD_BEFORE_UNKNOWN" in codes(result)


def test_a_week_beyond_those_of_the_year_before_is_compared_with_it() -> None:
    """2026 has 53 weeks: its last one is compared with the last of 2025 where weeks are, and is in 2026 where years are."""
    weeks = {"period": "WEEKLY", "until": "2028-01-10"}
    deals = [("a", 10000, "2025-06-10"), ("b", 9000, "2026-12-10"), ("c", 8000, "2026-12-29")]
    assert paid(growth(deals, ", accumulation: YTD", **weeks)) == {"2026-W53": 350}
    deals = [("a", 1000, "2025-12-23"), ("b", 3000, "2026-12-29"), ("c", 100, "2026-01-01"), ("d", 300, "2027-01-05")]
    assert paid(growth(deals, **weeks)) == {"2026-W53": 100, "2027-W01": 10}


def test_a_sum_of_the_year_before_is_that_of_the_same_place_in_its_year() -> None:
    """The weeks of 2027 begin six days later than those of 2026, whose last one has none before it in 2025."""
    formula = 'formula: "IF(period_start < 2025-12-29, 0, SUM(credit, PRIOR_YEAR) * 10 %)"'
    plan = "plan: p\ncurrency: USD\nfrom: 2024-12-30\nuntil: 2028-01-03\nperiod: WEEKLY\n"
    sold = [("2025-12-23", 1000), ("2025-12-30", 500), ("2026-12-22", 300), ("2026-12-29", 200)]
    deals = [{"amount": amount, "on": on} for on, amount in sold]
    result = result_of(f"{plan}components: [{{key: c, {formula}}}]\n", deals=deals)
    assert paid(result) == {"2026-W52": 100, "2026-W53": 100, "2027-W01": 50, "2027-W52": 30}


def test_periods_of_four_and_five_weeks_are_compared_by_their_place_in_the_year() -> None:
    result = growth(
        [("a", 9000, "2026-03-05"), ("b", 18000, "2027-03-05")],
        **{"period": '"445"', "from": "2025-12-29", "until": "2028-01-03"},
    )
    assert paid(result) == {"2027-P03": 450}


def test_fortnights_are_compared_by_the_quarter_that_they_lie_in() -> None:
    """The seventh is in the second quarter of 2024, and in the first one of 2025."""
    deals = [("a", 500, "2024-02-01"), ("b", 1000, "2024-03-26"), ("c", 2000, "2025-03-25")]
    result = growth(deals, ", accumulation: QTD", **{"period": "BIWEEKLY", "from": "2024-01-01", "until": "2026-01-01"})
    assert paid(result) == {"2025-B07": 75}


@pytest.mark.parametrize("begun", ["2025-04-01", "2025-01-01"])
def test_a_year_of_which_the_plan_holds_a_part_is_no_year_to_compare_with(begun: str) -> None:
    deals = [("a", 10000, "2025-05-10"), ("b", 14000, "2026-05-10")]
    result = growth(deals, ", accumulation: YTD", **{"from": begun})
    assert paid(result) == ({"2026-Q2": 200} if begun == "2025-01-01" else {})


EDGES = (Fraction(9, 10), Fraction(3, 2))
RATES = (Fraction(1, 100), Fraction(5, 100), Fraction(8, 100))


def deals_of(dice: Random) -> list[dict[str, Any]]:
    """Thirty deals of two sellers and three customers over eight quarters."""
    return [
        {
            "key": f"d{number:02}", "amount": dice.randrange(1, 5000), "account": dice.choice("ABC"), "owner": dice.choice(["ada", "bob"]),
            "on": f"202{5 + (quarter > 3)}-{quarter % 4 * 3 + 1:02}-{dice.randrange(1, 29):02}",
        }
        for number, quarter in enumerate(dice.choices(range(8), k=30))
    ]  # fmt: skip


def of_tier(reached: Fraction, base: Fraction) -> Fraction:
    """The rate of the tier that holds a value, an edge in the upper one; of a new customer the last one."""
    return RATES[sum(reached >= edge * base for edge in EDGES)]


def climbs(start: Fraction, end: Fraction, base: Fraction) -> Fraction:
    """What the way from start to end is paid, dollar by dollar between the edges."""
    cuts = sorted({start, end, *(edge * base for edge in EDGES if start < edge * base < end)})
    return sum(((high - low) * of_tier(low, base) for low, high in zip(cuts, cuts[1:], strict=False)), Fraction(0))


def reference(deals: list[dict[str, Any]], *, year: bool, whole: bool, unpaid: bool) -> dict[tuple[str, str], int]:
    """What each seller earns in each quarter of 2026, deal by deal, in cents."""
    paid: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    sums: dict[tuple[Any, ...], Fraction] = defaultdict(Fraction)

    def window(deal: dict[str, Any], back: int = 0) -> tuple[Any, ...]:
        of_quarter = 0 if year else (int(deal["on"][5:7]) - 1) // 3
        return deal["owner"], deal["account"], int(deal["on"][:4]) - back, of_quarter

    for deal in deals:
        sums[window(deal)] += deal["amount"]
    climbed: dict[tuple[Any, ...], Fraction] = defaultdict(Fraction)
    quarter_of = {deal["key"]: (int(deal["on"][5:7]) - 1) // 3 for deal in deals}
    for deal in sorted(deals, key=lambda each: (each["on"], each["key"])):
        start, base = climbed[window(deal)], sums[window(deal, back=1)]
        climbed[window(deal)] = start + deal["amount"]
        if deal["on"] < "2026" or (unpaid and not base):
            continue
        mine = (each for each in deals if window(each) == window(deal))
        until = (each["amount"] for each in mine if quarter_of[each["key"]] <= quarter_of[deal["key"]])
        reached = Fraction(sum(until))
        pay = deal["amount"] * of_tier(reached, base) if whole else climbs(start, start + deal["amount"], base)
        paid[deal["owner"], f"2026-Q{quarter_of[deal['key']] + 1}"] += pay
    return {key: round_half_away(*(100 * each).as_integer_ratio()) for key, each in paid.items()}


@pytest.mark.parametrize("number", range(24))
def test_it_equals_a_reference_that_goes_deal_by_deal(number: int) -> None:
    dice = Random(f"growth/{number}")
    year, whole, unpaid = bool(number & 1), bool(number & 2), bool(number & 4)
    text = (
        "plan: p\ncurrency: USD\nfrom: 2025-01-01\nuntil: 2027-01-01\nperiod: QUARTERLY\ncomponents:\n"
        f"  - {{key: c, tiers_per: account, tiers_against: PRIOR_YEAR, {'accumulation: YTD, ' * year}{'tier_mode: WHOLE, ' * whole}"
        f"{'tiers_new: UNPAID, ' * unpaid}tiers: [{{until: 90 %, rate: 1 %}}, {{until: 150 %, rate: 5 %}}, {{rate: 8 %}}]}}\n"
    )
    deals = deals_of(dice)
    result = result_of(text, periods=["2026"], people={"ada": {}, "bob": {}}, deals=deals)
    paid = result.earnings[result.earnings["period_key"] >= "2026"]
    earned = {
        (row["participant_key"], row["period_key"]): row["earned_minor"]
        for row in paid.to_dict("records")
        if row["earned_minor"]
    }
    assert earned == {
        key: each for key, each in reference(deals, year=year, whole=whole, unpaid=unpaid).items() if each
    }
    assert not [each for each in result.findings if each.is_error and each.keys.get("period_key", "") >= "2026"]


def test_without_the_years_of_the_periods_nobody_is_calculated_and_it_is_said() -> None:
    facts = frames()
    growth = {"tiers_per": "owner", "tiers_against": "PRIOR_YEAR", "accumulation": "YTD"}
    plan = plan_of({"key": "c", **growth, "tiers": [{"until": "100 %", "rate": "0 %"}, {"rate": "5 %"}]})
    periods = facts.periods.drop(columns=["year_key", "quarter_key"])
    result = compute(replace(facts, periods=periods), [plan])
    assert earned(result) == {} and "PERIODS_WITHOUT_WINDOW" in codes(result)
