"""A draft priced from kept sums equals the full calculation, on generated companies, plans and changes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.compiling import compile_plan
from incentives.engine.plan import Plan
from incentives.engine.run import EARNING_KEYS, compute
from incentives.engine.whatif import Way, try_plans
from incentives.engine.words import RatePolicy
from tests.incentives.engine.generated import facts_of, generated, rates, rows, tiers
from tests.incentives.engine.test_mechanics import components

Rows = dict[str, list[dict[str, Any]]]
HEAD = {"currency": "USD", "from": "2026-01-01", "until": "2026-07-01", "period": "QUARTERLY"}
OVERRIDE = {"key": "override", "credit": {"kind": "ROLLUP", "levels": "SUBTREE"}}


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A plan for sellers with two components of any mechanic, limits of the plan, and one for managers."""
    first, second = draw(components()), draw(components())
    returns = draw(st.sampled_from([{}, {"reverse_attainment": True}, {"reversal_rate": "CURRENT"}]))
    second = {**second, "key": "d", "credit": {"kind": "DIRECT", "where": {"product_key": "A"}}}
    for change in ("multipliers", "kickers", "gates"):
        for each in second.get(change, []):
            each["of"] = draw(st.sampled_from(["c", "d"]))
    best = {"key": "best", "credit": {"kind": "DIRECT"}, "greater_of": ["c", "d"]}
    limits = draw(st.sampled_from([{}, {"cap": {"period": 5000}}, {"floor": {"period": 100}}]))
    first = {**first, **returns, "credit": {"kind": "DIRECT"}}
    sellers = {"plan": "sellers", **HEAD, **limits, "components": [first, second, best]}
    return [sellers, {"plan": "managers", **HEAD, "components": [{**OVERRIDE, "rate": draw(rates)}]}]


@st.composite
def changed(draw: st.DrawFn, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same plans with other pay: another mechanic, tiers, a component less, or another rate for managers."""
    sellers, managers = deepcopy(before)
    first = sellers["components"][0]
    returns = {name: first[name] for name in ("reverse_attainment", "reversal_rate") if name in first}
    how = draw(st.sampled_from(["pay", "tiers", "less", "managers", "nothing", "credit"]))
    if how == "pay":
        sellers["components"][0] = {**draw(components()), **returns, "credit": {"kind": "DIRECT"}}
    elif how == "tiers":
        by_tiers = {"key": "c", "credit": {"kind": "DIRECT"}, "quota": "revenue", "tiers": draw(tiers())}
        sellers["components"][0] = {**by_tiers, **returns}
    elif how == "less":
        del sellers["components"][2]
    elif how == "managers":
        managers["components"][0]["rate"] = draw(rates)
    elif how == "credit":
        sellers["components"][0]["credit"] = {"kind": "DIRECT", "share": "50 %"}
    return [sellers, managers]


def compiled(found: list[dict[str, Any]]) -> list[Plan]:
    made = [compile_plan(document) for document in found]
    assert not [finding for _, findings in made for finding in findings if finding.is_error]
    return [plan for plan, _ in made if plan is not None]


@st.composite
def trials(draw: st.DrawFn) -> tuple[Rows, list[Plan], list[Plan], list[dict[str, Any]] | None]:
    """Facts, the live plans, the plans that are tried, and the quotas that are tried with them."""
    found: Rows = draw(rows())
    for number, deal in enumerate(found["deals"]):
        sale = found["deals"][0]
        deal["reverses_key"] = None
        if number and draw(st.integers(0, 3)) == 0:
            deal |= {"reverses_key": sale["deal_key"], "owner_key": sale["owner_key"], "credit_on": sale["credit_on"]}
    returns = {deal["deal_key"] for deal in found["deals"] if deal["reverses_key"]}
    found["splits"] = [split for split in found["splits"] if split["deal_key"] not in returns]
    for period in found["periods"]:
        period |= {"quarter_key": period["period_key"], "year_key": "2026"}
    before = draw(documents())
    quotas = deepcopy(found["quotas"]) if draw(st.booleans()) else None
    for quota in quotas or []:
        quota["amount_minor"] = draw(st.integers(0, 10**9))
    return found, compiled(before), compiled(draw(changed(before))), quotas


def facts(found: Rows) -> Any:
    for deal in found["deals"]:
        deal.setdefault("reverses_key", None)
    made = facts_of(found)
    made.deals["reverses_key"] = [deal["reverses_key"] for deal in found["deals"]]
    return made


@generated
@given(trials())
def test_a_trial_equals_the_full_calculation(case: tuple[Rows, list[Plan], list[Plan], Any]) -> None:
    found, before, after, quotas = case
    given_facts = facts(found)
    base = compute(given_facts, before)
    trial = try_plans(given_facts, base, after, quotas=None if quotas is None else pd.DataFrame(quotas))
    full = compute(facts(found | ({} if quotas is None else {"quotas": quotas})), after)
    pd.testing.assert_frame_equal(trial.earnings, full.earnings)
    assert trial.findings == full.findings


def sample(amounts: list[int]) -> Any:
    """Ada sells under a quota of 1,000.00 a quarter."""
    found: Rows = {
        "deals": [
            {
                "deal_key": f"d{number}", "source_key": f"d{number}", "owner_key": "ada", "amount_minor": amount,
                "currency": "USD", "credit_on": "2026-02-01", "product_key": "A", "reverses_key": None,
            }
            for number, amount in enumerate(amounts)
        ],
        "splits": [],
        "positions": [{"participant_key": "ada", "position_key": "s1", "from_on": "2026-01-01", "until_on": None}],
        "assignments": [{"plan_key": "sellers", "participant_key": "ada", "from_on": "2026-01-01", "until_on": None}],
        "periods": [{"period_key": "2026-Q1", "start_on": "2026-01-01", "end_on": "2026-04-01", "year_key": "2026"}],
        "quotas": [{"participant_key": "ada", "period_key": "2026-Q1", "measure": "revenue", "amount_minor": 100_000}],
    }  # fmt: skip
    return facts(found)


def sellers(rate: str = "10 %", **fields: Any) -> list[Plan]:
    tiers = {"tiers": [{"until": "100 %", "rate": "5 %"}, {"rate": rate}]}
    pay = {"rate": rate} if fields.get("per") else tiers
    component = {"key": "c", "credit": {"kind": "DIRECT"}, "quota": "revenue", **pay, **fields}
    return compiled([{"plan": "sellers", **HEAD, "components": [component]}])


WAYS = [
    (sellers(), Way.KEPT, 10_000),
    (sellers("20 %"), Way.TOTALS, 15_000),
    (sellers("3 %", per="DEAL"), Way.CREDITS, 4_500),
    (sellers(credit={"kind": "DIRECT", "share": "50 %"}), Way.FULL, 3_750),
    ([replace(sellers()[0], currency_rate=RatePolicy.PERIOD_AVERAGE)], Way.FULL, 10_000),
]


@pytest.mark.parametrize(("plans", "way", "earned"), WAYS, ids=[way for _, way, _ in WAYS])
def test_each_change_is_priced_in_the_cheapest_way_that_tells(plans: list[Plan], way: Way, earned: int) -> None:
    given_facts = sample([100_000, 50_000])
    trial = try_plans(given_facts, compute(given_facts, sellers()), plans)
    assert trial.ways == {"sellers": way}
    assert trial.earnings.set_index(EARNING_KEYS)["earned_minor"].tolist() == [earned]


def test_the_cap_of_a_plan_cuts_credits_that_were_priced_from_totals_beside_others() -> None:
    """Of 1,000.00 that pay 100.00, cut to 50.00 beside the second deal's 50.00 + 50.00, a fifth comes back: 100.00 - 10.00."""
    given_facts = sample([100_000, 50_000, -20_000])
    given_facts.deals.loc[2, "reverses_key"] = "d0"
    given_facts.deals.loc[1, "product_key"] = "B"

    def capped(rate: str) -> list[Plan]:
        alone = {"key": "alone", "credit": {"kind": "DIRECT"}, "per": "DEAL", "rate": "10 %"}
        summed = {"key": "summed", "credit": {"kind": "DIRECT", "where": {"product_key": "B"}}, "rate": rate}
        return compiled([{"plan": "sellers", **HEAD, "cap": {"period": 100}, "components": [alone, summed]}])

    trial = try_plans(given_facts, compute(given_facts, capped("5 %")), capped("10 %"))
    assert trial.ways == {"sellers": Way.TOTALS}
    full = compute(given_facts, capped("10 %"))
    pd.testing.assert_frame_equal(trial.earnings, full.earnings)
    assert trial.earnings.set_index(EARNING_KEYS)["earned_minor"].sum() == 9_000


def test_other_quotas_are_priced_from_totals() -> None:
    given_facts = sample([100_000, 50_000])
    assert given_facts.quotas is not None
    trial = try_plans(
        given_facts, compute(given_facts, sellers()), sellers(), quotas=given_facts.quotas.assign(amount_minor=50_000)
    )
    assert trial.ways == {"sellers": Way.TOTALS}
    assert trial.earnings["earned_minor"].tolist() == [12_500]
    assert trial.earnings["attainment"].tolist() == [3 * 10**8]
