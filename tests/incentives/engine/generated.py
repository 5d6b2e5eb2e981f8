"""Strategies for small companies: people who move, reporting lines, quotas, split deals, plans with tiers and overrides."""

from __future__ import annotations

import os
from datetime import date, timedelta

import pandas as pd
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from incentives.engine.contracts import Facts
from spm.core.periods import Calendar, CalendarKind

EXAMPLES = int(os.getenv("SPM_EXAMPLES", "60"))
PHASES = (Phase.explicit, Phase.generate)
"""Without shrinking: these cases are small already, and shrinking takes minutes."""

generated = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)

START, END = date(2026, 1, 1), date(2026, 7, 1)
PEOPLE = ["ada", "bob", "cy", "dee", "eve"]
SEATS = ["s1", "s2", "s3", "s4", "s5"]
days = st.integers(0, (END - START).days - 1).map(lambda number: START + timedelta(days=number))
rates = st.integers(0, 2_000_000).map(lambda number: f"{number / 100_000:.5f} %")
amounts = st.one_of(
    st.integers(-50_000, 500_000), st.integers(-(10**13), 10**13), st.sampled_from([0, 1, 50, 100, 33333])
)


@st.composite
def tiers(draw: st.DrawFn) -> list[dict[str, str]]:
    """Marginal tiers on attainment, one to four of them."""
    edges = sorted(draw(st.sets(st.integers(1, 30_000), max_size=3)))
    untils = [f"{edge / 100:.2f} %" for edge in edges]
    made = [{"until": until, "rate": draw(rates)} for until in untils]
    return [*made, {"rate": draw(rates)}]


@st.composite
def plans(draw: st.DrawFn) -> list[dict[str, object]]:
    """A plan for sellers and one for managers."""
    where = draw(st.sampled_from([{}, {"product_key": "A"}]))
    sellers = [
        {"key": "commission", "credit": {"kind": "DIRECT", "where": where}, "quota": "revenue", "tiers": draw(tiers())},
        {
            "key": "flat",
            "credit": {"kind": "DIRECT", "share": draw(rates.filter(lambda rate: rate != "0.00000 %"))},
            "rate": draw(rates),
        },
    ]
    rule = {
        "kind": "ROLLUP",
        "levels": draw(st.sampled_from(["DIRECT_REPORTS", "SUBTREE"])),
        "duplicates": draw(st.sampled_from(["SUM", "MAX", "ONCE"])),
    }
    managers = [{"key": "override", "credit": rule, "rate": draw(rates)}]
    head = {"currency": "USD", "from": START, "until": END, "period": "QUARTERLY"}
    return [{"plan": "sellers", **head, "components": sellers}, {"plan": "managers", **head, "components": managers}]


@st.composite
def rows(draw: st.DrawFn) -> dict[str, list[dict[str, object]]]:
    """Facts as dictionaries. Seat s1 is below s2, s3 and s4 below s2 or s5, s2 below s5; people may change seats once."""
    positions: list[dict[str, object]] = []
    for person, seat in zip(PEOPLE, SEATS, strict=True):
        title = "MANAGER" if seat in ("s2", "s5") else "SELLER"
        left = draw(st.one_of(st.none(), days.filter(lambda day: day > START)))
        positions.append(
            {"participant_key": person, "position_key": seat, "title_key": title, "from_on": START, "until_on": left}
        )
        if left is not None and draw(st.booleans()):
            positions.append(
                {
                    "participant_key": person,
                    "position_key": f"{seat}b",
                    "title_key": "SELLER",
                    "from_on": left,
                    "until_on": None,
                }
            )
    lines = [("s1", "s2"), ("s2", "s5"), ("s3", draw(st.sampled_from(["s2", "s5"]))), ("s1b", "s5"), ("s3b", "s2")]
    reporting = [
        {"position_key": low, "manager_position_key": high, "from_on": START, "until_on": END} for low, high in lines
    ]
    moved = draw(days.filter(lambda day: day > START))
    for manager, start, end in (("s2", START, moved), ("s5", moved, END)):
        reporting.append({"position_key": "s4", "manager_position_key": manager, "from_on": start, "until_on": end})
    periods = Calendar(CalendarKind.QUARTERLY).periods(START, END)
    quotas = [
        {
            "position_key": seat,
            "participant_key": None,
            "period_key": each.key,
            "measure": "revenue",
            "amount_minor": draw(st.integers(0, 10**9)),
        }
        for seat in ("s1", "s3", "s4", "s1b", "s2b")
        for each in periods
    ]
    if draw(st.booleans()):
        quotas.append(
            {
                "position_key": None,
                "participant_key": "ada",
                "period_key": "2026-Q2",
                "measure": "revenue",
                "amount_minor": 12345,
            }
        )
    assignments: list[dict[str, object]] = [
        {
            "plan_key": plan,
            "participant_key": None,
            "position_key": None,
            "title_key": title,
            "from_on": START,
            "until_on": END,
        }
        for plan, title in (("sellers", "SELLER"), ("managers", "MANAGER"))
    ]
    if draw(st.booleans()):
        chosen = {"participant_key": draw(st.sampled_from(["bob", "dee"])), "position_key": None}
        assignments.append({"plan_key": "sellers", **chosen, "title_key": None, "from_on": draw(days), "until_on": END})
    deals, splits = draw(_deals())
    period_rows = [{"period_key": each.key, "start_on": each.start, "end_on": each.end} for each in periods]
    return {
        "deals": deals, "splits": splits, "positions": positions, "reporting": reporting,
        "quotas": quotas, "assignments": assignments, "periods": period_rows,
    }  # fmt: skip


@st.composite
def _deals(draw: st.DrawFn) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    deals: list[dict[str, object]] = []
    splits: list[dict[str, object]] = []
    for number in range(draw(st.integers(0, 12))):
        deals.append(
            {
                "deal_key": f"d{number}", "source_key": f"k{draw(st.integers(0, 3))}", "owner_key": draw(st.sampled_from(PEOPLE)),
                "amount_minor": draw(amounts), "currency": "USD", "credit_on": draw(days), "product_key": draw(st.sampled_from("AB")),
            }
        )  # fmt: skip
        if draw(st.integers(0, 2)) == 0:
            people = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True))
            cuts = sorted(draw(st.lists(st.integers(0, 10**8), min_size=len(people) - 1, max_size=len(people) - 1)))
            shares = [end - start for start, end in zip([0, *cuts], [*cuts, 10**8], strict=True)]
            splits += [
                {"deal_key": f"d{number}", "participant_key": who, "share": share}
                for who, share in zip(people, shares, strict=True)
            ]
    return deals, splits


COLUMNS = {
    "deals": ["deal_key", "source_key", "owner_key", "amount_minor", "currency", "credit_on", "product_key"],
    "splits": ["deal_key", "participant_key", "share"],
}


def facts_of(found: dict[str, list[dict[str, object]]]) -> Facts:
    """The rows as frames."""
    frames = {name: pd.DataFrame(each, columns=COLUMNS.get(name)) for name, each in found.items()}
    for name, column in (("deals", "amount_minor"), ("splits", "share")):
        frames[name][column] = frames[name][column].astype("int64")
    return Facts(**frames)
