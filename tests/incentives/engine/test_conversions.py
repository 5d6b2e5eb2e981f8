"""Each converted credit names the amount of its deal and the rate that lead to it, under every policy of rates."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pandas as pd
import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.conversions import conversions, converted
from incentives.engine.run import Result, compute
from incentives.engine.trace import trace
from spm.core.dated import day_of

HEAD = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY"}
MARGIN = {"key": "margin", "measure": "MARGIN", "rate": "10 %"}
COUNT = {"key": "count", "measure": "COUNT", "amount_each": 5}
POLICIES: dict[str, dict[str, Any]] = {
    "spot": {},
    "mean": {"currency_rate": "PERIOD_AVERAGE"},
    "year": {"currency_rate": "PLAN_YEAR", "fixed_on": "2026-01-01"},
}


def facts(dice: Random) -> Facts:
    """Sixty deals of January and February in three currencies, some of them returns of another."""
    rows = [
        {
            "deal_key": f"d{number}", "source_key": f"s{number:02}", "owner_key": "ada", "amount_minor": dice.randrange(-10**6, 10**7),
            "cost_minor": dice.randrange(10**6), "currency": dice.choice(["USD", "EUR", "JPY"]),
            "credit_on": f"2026-0{dice.randrange(1, 3)}-{dice.randrange(1, 29):02}",
        }
        for number in range(60)
    ]  # fmt: skip
    rates = [
        {"from_currency": "EUR", "to_currency": "USD", "on": "2025-12-20", "rate": "1.05", "table": "ECB", "pivot": "USD"},
        {"from_currency": "EUR", "to_currency": "USD", "on": "2026-01-20", "rate": "1.0856", "table": "ECB", "pivot": "USD"},
        {"from_currency": "USD", "to_currency": "JPY", "on": "2025-12-31", "rate": "149.505", "table": "bank", "pivot": "USD"},
    ]  # fmt: skip
    held = {"participant_key": "ada", "position_key": "s", "from_on": "2026-01-01", "until_on": None}
    paid = {"plan_key": "p", "participant_key": "ada", "from_on": "2026-01-01", "until_on": None}
    periods = [
        {"period_key": f"2026-0{month}", "start_on": f"2026-0{month}-01", "end_on": f"2026-0{month + 1}-01"}
        for month in (1, 2)
    ]
    return Facts(*(pd.DataFrame(each) for each in (rows, [held], [paid], periods)), fx=pd.DataFrame(rates))


def result_of(policy: str, *components: dict[str, Any]) -> tuple[Result, Facts]:
    plan, findings = compile_plan(HEAD | POLICIES[policy] | {"components": list(components)})
    assert plan is not None, findings
    given = facts(Random(f"conversions/{policy}"))
    return compute(given, [plan]), given


@pytest.mark.parametrize("policy", POLICIES)
def test_the_amount_of_the_deal_at_the_rate_is_the_credit(policy: str) -> None:
    result, given = result_of(policy, {"key": "amount", "rate": "10 %"}, MARGIN, COUNT)
    deals = given.deals.set_index("deal_key")
    found = conversions(result, result.credits)
    assert not [each for each in result.findings if each.is_error] and len(result.credits) == 180
    for row, number, stated in zip(
        result.credits.to_dict("records"), found.number.tolist(), found.stated.tolist(), strict=True
    ):
        deal = deals.loc[row["deal_key"]]
        if deal["currency"] == "USD":
            assert (number, stated) == (-1, 0)
            continue
        one = found.found[number]
        states = deal["amount_minor"] - (deal["cost_minor"] if row["component_key"] == "margin" else 0)
        assert (one.source, stated) == (deal["currency"], states)
        assert converted(stated, one.quote.rate, one.source, "USD") == row["credit_minor"]
        if policy == "spot":
            assert one.taken_on == row["credit_on"] and one.rate_on <= row["credit_on"]
        if policy == "mean":
            assert one.taken_on <= row["credit_on"] < (one.taken_until or 0)
            assert day_of(one.taken_on).day == 1


def test_a_trace_tells_the_policy_its_days_and_tables() -> None:
    """January has 19 days at 1.05 and 12 at 1.0856: a mean of 32.9772 / 31 = 1.06378…"""
    spot, mean, year = (
        "\n".join(trace(result_of(policy, {"key": "c", "rate": "10 %"})[0], "ada", "c", "2026-01").lines())
        for policy in POLICIES
    )
    assert "EUR at 1.05, spot of 2025-12-20 (ECB) = " in spot and "EUR at 1.0856, spot of 2026-01-20 (ECB) = " in spot
    assert "JPY at 0.006688739507…, spot of 2025-12-31 (bank) = " in spot
    assert "EUR at 1.063780645…, mean of 2026-01-01 to 2026-01-31 (ECB) = " in mean
    assert "EUR at 1.05, rate of the year of 2026-01-01 (ECB) = " in year


def test_returns_in_parts_say_what_was_computed_of_each() -> None:
    """10.00 EUR at 1.05 are 10.50 USD. 3.33 of it are 3.4965; 6.66, with the second part, 6.993: 3.50, then 6.99 - 3.50, then the rest."""
    plan, _ = compile_plan(HEAD | {"components": [{"key": "c", "rate": "10 %"}]})
    assert plan is not None
    given = facts(Random("parts"))
    sale = {"deal_key": "sale", "source_key": "sale", "owner_key": "ada", "cost_minor": 0, "currency": "EUR"}
    amounts = {"sale": 1_000, "r1": -333, "r2": -333, "r3": -334}
    deals = [
        sale | {"deal_key": key, "source_key": key, "amount_minor": minor, "credit_on": f"2026-01-0{day}"}
        | {"reverses_key": None if key == "sale" else "sale"}
        for day, (key, minor) in enumerate(amounts.items(), start=1)
    ]  # fmt: skip
    result = compute(replace(given, deals=pd.DataFrame(deals)), [plan])
    found = conversions(result, result.credits)
    into = dict(zip(result.credits["deal_key"], found.into.tolist(), strict=True))
    assert into == dict(zip(result.credits["deal_key"], result.credits["credit_minor"].tolist(), strict=True))
    assert into == {"sale": 1_050, "r1": -350, "r2": -349, "r3": -351}
    told = "\n".join(trace(result, "ada", "c", "2026-01").lines())
    assert "-3.33 EUR at 1.05, spot of 2025-12-20 (ECB) = -3.49 USD" in told


def test_deals_in_the_currency_of_the_plan_have_no_conversion() -> None:
    plan, _ = compile_plan(HEAD | {"components": [{"key": "c", "rate": "10 %"}]})
    given = facts(Random("own"))
    given.deals["currency"] = "USD"
    assert plan is not None
    result = compute(given, [plan])
    assert not conversions(result, result.credits).found
    assert "spot of" not in "\n".join(trace(result, "ada", "c", "2026-01").lines())
