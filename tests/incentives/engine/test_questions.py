"""Published questions about a plan that are not pay: inverses, break-even points, constants. Helpers over the engine."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.examples import facts_of, read_given
from incentives.engine.reading import Reader
from incentives.engine.run import compute
from incentives.engine.settlement import settle_period

HEAD = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY"}


def earned(components: list[dict[str, Any]], deal: dict[str, Any]) -> int:
    """Cents that one deal earns in one month."""
    plan, findings = compile_plan(HEAD | {"components": components})
    assert plan is not None, findings
    given = read_given(Reader({"period": "2026-01", "deals": [deal]}, "given", []), [plan])
    return int(compute(facts_of(given), [plan]).earnings["earned_minor"].sum())


def sales_needed(components: list[dict[str, Any]], pay: int) -> int:
    """The smallest whole dollars of sales that earn at least so many cents, for pay that never falls."""
    low, high = 0, 1
    while earned(components, {"amount": high}) < pay:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if earned(components, {"amount": middle}) >= pay else (middle, high)
    return high


def test_sales_needed_for_a_pay_of_4000() -> None:
    """Source: mathscore.com, Commissions (commission-mathscore-base-and-quota)."""
    tiers = [{"until": 21000, "rate": "0 %"}, {"until": 30000, "rate": "9 %"}, {"rate": "11 %"}]
    assert sales_needed([{"key": "base", "bonus": 1500}, {"key": "c", "tiers": tiers}], 400_000) == 45364


@pytest.mark.parametrize(
    ("salary_a", "each_a", "salary_b", "each_b", "units"),
    [
        (12000, 100, 20000, 50, 160),
        (22000, 10, 28000, 4, 1000),
        (14000, 100, 20000, 25, 80),
        (12000, 150, 24000, 50, 120),
    ],
)
def test_units_at_which_two_plans_are_equal(salary_a: int, each_a: int, salary_b: int, each_b: int, units: int) -> None:
    """Source: OpenStax algebra, github.com/openstax/osbooks-prealgebra-bundle (commission-openstax-plan-breakeven)."""

    def pay(salary: int, each: int, sold: int) -> int:
        components = [{"key": "salary", "bonus": salary}, {"key": "c", "measure": "UNITS", "amount_each": each}]
        return earned(components, {"amount": 0, "quantity": sold})

    assert pay(salary_a, each_a, units) == pay(salary_b, each_b, units)
    assert pay(salary_a, each_a, units - 1) < pay(salary_b, each_b, units - 1)
    assert pay(salary_a, each_a, units + 1) > pay(salary_b, each_b, units + 1)


def test_the_closed_form_of_marginal_tiers() -> None:
    """Rate × sales less a constant in every range. Source: qammunity.org/7400068 (commission-qammunity-four-tier)."""
    tiers = [
        {"until": 5000, "rate": "10 %"},
        {"until": 10000, "rate": "15 %"},
        {"until": 50000, "rate": "25 %"},
        {"rate": "30 %"},
    ]
    for sales, rate, constant in ((4000, 10, 0), (8000, 15, 250), (40000, 25, 1250), (80000, 30, 3750)):
        assert earned([{"key": "c", "tiers": tiers}], {"amount": sales}) == sales * rate - constant * 100


def test_the_marginal_reading_of_a_misprinted_exercise() -> None:
    """The printed expression rates the full 81,500 in the second band. Source: brundtlandnet.com (inconsistent; its note)."""
    tiers = [{"until": 50000, "rate": "3.5 %"}, {"rate": "6.5 %"}]
    assert earned([{"key": "c", "tiers": tiers}], {"amount": 81500}) == 379_750


@pytest.mark.parametrize(("sales", "pay"), [(400, 100_00), (100, 25_00), (1500, 425_00), (5000, 1675_00)])
def test_two_week_tiers(sales: int, pay: int) -> None:
    """Cycle 3 is 425.00 from the stated slices, printed 424.98. Source: help.mytime.com (inconsistent; its note)."""
    tiers = [{"until": 500, "rate": "25 %"}, {"until": 3000, "rate": "30 %"}, {"rate": "40 %"}]
    assert earned([{"key": "c", "tiers": tiers}], {"amount": sales}) == pay


def test_a_weekly_recoverable_draw() -> None:
    """Week 3 repays 200, so that the balance is 800. Source: studypool.com/discuss/183314 (inconsistent; its note)."""
    document = HEAD | {
        "components": [{"key": "c", "rate": "100 %"}],
        "draw": {"kind": "RECOVERABLE_GUARANTEE", "amount": 1000},
    }
    plan, _ = compile_plan(document)
    assert plan is not None
    owed, balances, paid = 0, [], []
    for amount in (400, 600, 1200, 1500, 1400):
        week = settle_period(amount * 100, plan.draw, owed=owed)
        owed = week.owed
        balances.append(week.owed // 100)
        paid.append(week.paid // 100)
    assert balances == [600, 1000, 800, 300, 0]
    assert paid == [1000, 1000, 1000, 1000, 1100]
