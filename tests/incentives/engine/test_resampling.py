"""Resampled years: what is drawn is priced as the engine prices it, and the same seed gives the same cost."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.engine.resampling import resample
from incentives.engine.run import compute
from tests.incentives.engine import test_whatif
from tests.incentives.engine.generated import generated, rows
from tests.incentives.engine.test_whatif import HEAD, Rows, compiled, documents, sample, sellers


class First:
    """Dice that always draw the first deal of an owner's month, as often as there are deals in it."""

    def integers(self, low: int, high: int, size: tuple[int, ...], dtype: type) -> np.ndarray:
        return np.full(size, low, dtype=dtype)


@st.composite
def companies(draw: st.DrawFn) -> tuple[Rows, list[Plan]]:
    """Facts without returns, and plans."""
    found: Rows = draw(rows())
    for deal in found["deals"]:
        deal |= {"reverses_key": None, "source_key": deal["deal_key"]}
    for period in found["periods"]:
        period |= {"quarter_key": period["period_key"], "year_key": "2026"}
    return found, compiled(draw(documents()))


def first_deals(found: Rows) -> Rows:
    """The facts in which every deal of an owner and month is the first of them."""
    firsts: dict[tuple[object, ...], dict[str, Any]] = {}
    deals, splits = [], []
    for deal in sorted(found["deals"], key=lambda one: str(one["source_key"])):
        key = (deal["owner_key"], deal["credit_on"].year, deal["credit_on"].month)
        first = firsts.setdefault(key, deal)
        deals.append({**first, "deal_key": deal["deal_key"], "source_key": deal["source_key"]})
        of_first = [split for split in found["splits"] if split["deal_key"] == first["deal_key"]]
        splits += [{**split, "deal_key": deal["deal_key"]} for split in of_first]
    return found | {"deals": deals, "splits": splits}


@generated
@given(companies())
def test_a_drawn_year_costs_what_the_engine_pays_for_its_deals(case: tuple[Rows, list[Plan]]) -> None:
    found, plans = case
    base = compute(test_whatif.facts(found), plans)
    drawn = compute(test_whatif.facts(first_deals(found)), plans)
    for result in base.computed:
        costs = resample(result, years=2, dice=First())
        assume(not costs.kept_parts)
        mine = drawn.earnings["plan_key"] == result.plan.key
        assert costs.amounts.tolist() == [int(drawn.earnings["earned_minor"][mine].sum())] * 2


def costs_of(facts: Facts, plans: list[Plan], years: int = 4000, seed: int = 1) -> Any:
    return resample(compute(facts, plans).computed[0], years=years, dice=np.random.default_rng(seed))


def test_two_deals_are_drawn_in_all_four_ways() -> None:
    costs = costs_of(sample([20_000, 40_000]), sellers())
    assert sorted(set(costs.amounts.tolist())) == [2_000, 3_000, 4_000]
    counted = [int((costs.amounts == amount).sum()) for amount in (2_000, 3_000, 4_000)]
    assert all(abs(count - expected) < 150 for count, expected in zip(counted, (1000, 2000, 1000), strict=True))
    assert costs.above(3_000) == counted[2] and costs.above(3_999) == counted[2] and costs.above(4_000) == 0
    assert costs.draws == 4000 and costs.kept_parts == ()


def test_the_same_seed_gives_the_same_years() -> None:
    facts = sample([20_000, 40_000, 90_000])
    first, again, other = (costs_of(facts, sellers(), seed=seed) for seed in (1, 1, 2))
    assert first.amounts.tolist() == again.amounts.tolist() != other.amounts.tolist()


def test_fewer_draws_than_years_are_put_together_by_month(monkeypatch: Any) -> None:
    monkeypatch.setattr("incentives.engine.resampling.KEPT", 0)
    costs = costs_of(sample([20_000, 40_000]), sellers())
    assert costs.draws == 64 and len(costs.amounts) == 4000
    assert set(costs.amounts.tolist()) == {2_000, 3_000, 4_000}


def test_a_component_that_rates_deals_alone_brings_what_they_earned() -> None:
    costs = costs_of(sample([20_000, 40_000]), sellers("3 %", per="DEAL"))
    assert costs.kept_parts == ("c",)
    assert set(costs.amounts.tolist()) == {1_200, 1_800, 2_400}


def test_a_plan_that_credits_nothing_costs_nothing() -> None:
    costs = costs_of(sample([]), sellers(), years=10)
    assert costs.amounts.tolist() == [0] * 10 and costs.mean == 0 and costs.percentile(95) == 0


def test_every_year_is_a_contest_and_a_cap_of_its_own() -> None:
    contest = {"contest": {"prizes": [100, 50]}}
    plans = compiled(
        [{"plan": "sellers", **HEAD, "components": [{"key": "c", "credit": {"kind": "DIRECT"}, **contest}]}]
    )
    assert set(costs_of(sample([20_000, 40_000]), plans, years=50).amounts.tolist()) == {10_000}
    capped = costs_of(sample([20_000, 40_000]), sellers(cap={"year": 25}), years=50)
    assert set(capped.amounts.tolist()) == {2_000, 2_500}


def test_one_period_of_the_window_is_counted() -> None:
    facts = sample([20_000, 40_000])
    base = compute(facts, sellers()).computed[0]
    dice = np.random.default_rng
    whole, own, none = (
        resample(base, years=20, dice=dice(1), period_key=key).amounts.tolist() for key in (None, "2026-Q1", "2025-Q4")
    )
    assert whole == own and none == [0] * 20


def test_costs_of_two_periods_add_up_draw_by_draw() -> None:
    first = costs_of(sample([20_000, 40_000]), sellers(), years=100)
    both = first.and_then(costs_of(sample([20_000, 40_000]), sellers("3 %", per="DEAL"), years=100, seed=2))
    assert both.kept_parts == ("c",) and set(both.amounts.tolist()) <= {
        a + b for a in (2_000, 3_000, 4_000) for b in (1_200, 1_800, 2_400)
    }
    assert both.ascending.tolist() == sorted(both.amounts.tolist())
