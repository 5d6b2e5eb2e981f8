"""Every rate mechanic equals its plain calculation to the cent, on generated components and deals."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.run import Result, compute
from incentives.engine.trace import trace
from spm.core.periods import Calendar, CalendarKind, periods_frame
from tests.incentives.engine.generated import generated
from tests.incentives.engine.mechanics_reference import pay

PERIODS = Calendar(CalendarKind.QUARTERLY).year(2026)
percents = st.integers(0, 2000).map(lambda value: f"{value / 100:.2f} %")
moneys = st.integers(0, 500_000).map(lambda value: f"{value / 100:.2f}")


def edges(unit: str) -> st.SearchStrategy[list[str]]:
    """One to three ascending edges."""
    made = st.sets(st.integers(1, 300), min_size=1, max_size=3).map(sorted)
    return made.map(lambda values: [f"{value} %" if unit == "%" else f"{value * 10}" for value in values])


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """A flat rate or tiers of any mode."""
    if draw(st.integers(0, 4)) == 0:
        return {"rate": draw(percents)}
    mode = draw(st.sampled_from(["MARGINAL", "WHOLE", "INTERPOLATED"]))
    ends = draw(edges(draw(st.sampled_from(["%", "USD"]))))
    word, values = draw(st.sampled_from([("rate", percents), ("amount", moneys)]))
    tiers = [{"until": end, word: draw(values)} for end in ends]
    if mode != "INTERPOLATED":
        tiers.append({word: draw(values)})
    return {
        "tier_mode": mode,
        "boundary": draw(st.sampled_from(["LOWER_INCLUSIVE", "UPPER_INCLUSIVE"])),
        "tiers": tiers,
    }


@st.composite
def components(draw: st.DrawFn) -> dict[str, Any]:
    """A component with any of the changes."""
    component: dict[str, Any] = {"key": "c", "quota": "revenue", **draw(tables())}
    window = draw(st.sampled_from(["PERIOD", "DEAL", "TO_DATE", "WHOLE_WINDOW"]))
    if window == "DEAL":
        component["per"] = "DEAL"
    elif window != "PERIOD":
        component |= {"accumulation": "YTD", "goal": window}
    if draw(st.booleans()):
        rows = [{"until": end, "rate": draw(percents)} for end in draw(edges("%"))]
        component["multipliers"] = [{"of": "c", "tiers": [*rows, {"rate": draw(percents)}]}]
    if draw(st.booleans()):
        extra = draw(st.sampled_from([{"rate": "10 %"}, {"amount": "12.34"}]))
        component["kickers"] = [{"at_least": draw(edges("%"))[0], **extra}]
    if draw(st.booleans()):
        component["gates"] = [{"of": "c", "at_least": draw(edges("%"))[0]}]
    return component | draw(bounds(window == "DEAL"))


@st.composite
def bounds(draw: st.DrawFn, by_deal: bool) -> dict[str, Any]:
    """A floor, a cap, both or none."""
    found: dict[str, Any] = {}
    for name, kinds in (("floor", ["period"]), ("cap", ["period", "year"])):
        if draw(st.integers(0, 3)) == 0:
            found[name] = {draw(st.sampled_from(["deal", *kinds[1:]] if by_deal else kinds)): draw(moneys)}
    return found


deal_lists = st.lists(st.lists(st.integers(-200_000, 900_000), max_size=4), min_size=4, max_size=4)
goal_lists = st.lists(st.integers(1, 1_000_000), min_size=4, max_size=4)


def computed(component: dict[str, Any], deals: list[list[int]], goals: list[int]) -> Result:
    head = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "QUARTERLY"}
    plan, findings = compile_plan({**head, "components": [component]})
    assert plan is not None, findings
    rows = [
        {
            "deal_key": f"{place}-{row}",
            "owner_key": "ada",
            "amount_minor": amount,
            "currency": "USD",
            "credit_on": period.start,
        }
        for place, (period, amounts) in enumerate(zip(PERIODS, deals, strict=True))
        for row, amount in enumerate(amounts)
    ]
    columns = ["deal_key", "owner_key", "amount_minor", "currency", "credit_on"]
    frame = pd.DataFrame(rows, columns=columns).astype({"amount_minor": "int64"})
    seats = pd.DataFrame(
        {"participant_key": ["ada"], "position_key": ["s"], "from_on": [date(2026, 1, 1)], "until_on": [None]}
    )
    paid = pd.DataFrame(
        {"plan_key": ["p"], "participant_key": ["ada"], "from_on": [date(2026, 1, 1)], "until_on": [None]}
    )
    quotas = pd.DataFrame(
        {
            "participant_key": "ada",
            "period_key": [each.key for each in PERIODS],
            "measure": "revenue",
            "amount_minor": goals,
        }
    )
    return compute(Facts(frame, seats, paid, periods_frame(PERIODS), quotas=quotas), [plan])


@generated
@given(components(), deal_lists, goal_lists)
def test_mechanics_equal_the_plain_calculation(
    component: dict[str, Any], deals: list[list[int]], goals: list[int]
) -> None:
    result = computed(component, deals, goals)
    assert result.findings == ()
    assert result.earnings["earned_minor"].tolist() == pay(component, deals, goals)
    parts = result.credits.groupby("period_key")["earned_minor"].sum()
    for row in result.earnings.itertuples():
        if row.period_key in parts.index:
            assert parts[row.period_key] == row.earned_minor
    assert trace(result, "ada", "c", PERIODS[-1].key).check()


def test_a_quota_in_another_currency_is_no_quota() -> None:
    """A quota of 1,000 EUR says nothing about credits in USD: unknown, not a wrong attainment."""
    frames = {
        "deals": pd.DataFrame(
            [("d1", "D1", "ann", 50_000, "USD", "2026-01-10")],
            columns=["deal_key", "source_key", "owner_key", "amount_minor", "currency", "credit_on"],
        ),
        "positions": pd.DataFrame(
            [("ann", "seat", "rep", "2025-01-01", None)],
            columns=["participant_key", "position_key", "title_key", "from_on", "until_on"],
        ),
        "assignments": pd.DataFrame(
            [("p", "rep", "2025-01-01", None)], columns=["plan_key", "title_key", "from_on", "until_on"]
        ),
        "periods": pd.DataFrame(
            [("2026-Q1", "2026-01-01", "2026-04-01")], columns=["period_key", "start_on", "end_on"]
        ),
    }
    plan, _ = compile_plan(
        {
            "plan": "p",
            "name": "P",
            "currency": "USD",
            "from": "2026-01-01",
            "until": "2027-01-01",
            "period": "QUARTERLY",
            "components": [
                {
                    "key": "c",
                    "name": "C",
                    "credit": {"kind": "DIRECT"},
                    "quota": "amount",
                    "tiers": [{"from": "0 %", "rate": "10 %"}],
                }
            ],
        }
    )
    assert plan is not None
    earned = {}
    for currency in ("USD", "EUR"):
        quotas = pd.DataFrame(
            [("seat", "2026-Q1", "amount", 100_000, currency)],
            columns=["position_key", "period_key", "measure", "amount_minor", "currency"],
        )
        result = compute(Facts(**frames, quotas=quotas), [plan])
        earned[currency] = (result.earnings["earned_minor"].tolist(), [finding.code for finding in result.findings])
    assert earned == {"USD": ([5_000], []), "EUR": ([], ["QUOTA_MISSING"])}
