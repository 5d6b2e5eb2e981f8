"""Pay that waits where later periods rate earlier deals anew: what is changed of a deal waits with it, one that returned leaves nothing.

Held against a reference that goes forward month by month in Fractions, deal by deal, and shares no code with the engine.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incentives.engine.awaiting import Group, Moment, Part, stand
from incentives.engine.compiling import compile_plan
from incentives.engine.earnings import moves
from incentives.engine.examples import computed, read_given
from incentives.engine.reading import Reader
from incentives.engine.releasing import Bill, DealMoney, Money
from spm.core.dated import day_number

MONTHS = 6
KEYS = [f"2026-{month + 1:02}" for month in range(MONTHS)]
TIERS = [{"until": "100 %", "rate": "5 %"}, {"rate": "10 %"}]


@dataclass(frozen=True)
class Sale:
    """A deal: the month it was sold in, its amount in dollars, whether its customer pays, and how much returns when."""

    month: int
    amount: int
    is_paid: bool = False
    back: tuple[int, Fraction] | None = None


@dataclass(frozen=True)
class Story:
    """A monthly quota and the deals of a year to date."""

    quota: int
    sales: tuple[Sale, ...]
    mode: str = "MARGINAL"


@st.composite
def stories(draw: st.DrawFn) -> Story:
    sales = []
    for _ in range(draw(st.integers(1, 4))):
        month = draw(st.integers(0, 3))
        share = draw(st.sampled_from([Fraction(1), Fraction(1), Fraction(1, 2), Fraction(1, 4)]))
        back = draw(st.none() | st.tuples(st.integers(month + 1, 5), st.just(share)))
        sales.append(Sale(month, 4 * draw(st.integers(1, 60_000)), draw(st.booleans()), back))
    return Story(draw(st.integers(1, 60_000)), tuple(sales), draw(st.sampled_from(["MARGINAL", "WHOLE"])))


def parts_of(story: Story) -> tuple[Any, dict[Group, int], list[Part]]:
    """The plan, what each month earned, and what of it settlement gives to each deal."""
    plan, _ = compile_plan(
        {
            "plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY", "release": "CASH_FULL",
            "components": [{"key": "c", "quota": "q", "accumulation": "YTD", "tier_mode": story.mode, "tiers": TIERS}],
        }
    )  # fmt: skip
    assert plan is not None
    deals: list[dict[str, Any]] = []
    for place, sale in enumerate(story.sales):
        deals.append({"key": f"d{place}", "amount": sale.amount, "on": f"{KEYS[sale.month]}-10"})
        if sale.back is not None:
            month, share = sale.back
            amount = -int(sale.amount * share)
            deals.append({"key": f"back{place}", "amount": amount, "on": f"{KEYS[month]}-20", "reverses": f"d{place}"})
    asked = Reader({"periods": KEYS, "quotas": {"q": story.quota}, "deals": deals}, "", [])
    result = computed(read_given(asked, [plan]))
    assert not [each for each in result.findings if each.is_error]
    (own,) = result.computed
    (one,) = own.earned
    named = own.room.deals["source_key"].tolist()
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row, minor in enumerate(one.parts.tolist()):
        group = int(one.own.group[row])
        found[str(own.cells.windows.keys[own.cells.period[group]]), named[one.own.credited.deal[row]]] += minor
    there = set(found)
    for group, rows in moves(one, np.arange(len(own.cells))).items():
        for row, minor in rows.items():
            key = str(own.cells.windows.keys[own.cells.period[group]])
            found[key, named[one.own.credited.deal[row]]] += minor
    groups = {key: Group("rex", "p", "c", "USD", key) for key in KEYS}
    parts = [
        Part(groups[key], name.replace("back", "d"), minor, minor < 0 and (key, name) in there)
        for (key, name), minor in found.items()
    ]
    frame = result.earnings
    earned = dict(zip(frame["period_key"].tolist(), frame["earned_minor"].tolist(), strict=True))
    return plan, {groups[key]: earned[key] for key in KEYS}, parts


def payable(story: Story) -> list[int]:
    """What is payable in all at the end of each month."""
    plan, earned, parts = parts_of(story)
    first = {key: day_number(date.fromisoformat(f"{key}-01")) for key in KEYS}
    last = {key: day_number(date.fromisoformat(f"{key}-28")) for key in KEYS}
    monies = {f"d{place}": money_of(sale, first[KEYS[sale.month]] + 9, last) for place, sale in enumerate(story.sales)}
    found = []
    for now, key in enumerate(KEYS):
        known = {group: minor for group, minor in earned.items() if group.earned_in <= key}
        moment = Moment(last[key], first, last, {each: now - place + 1 for place, each in enumerate(KEYS[: now + 1])})
        said = stand({"p": plan}, known, [part for part in parts if part.group in known], monies, moment)
        found.append(sum(known.values()) - sum(said.waiting.values()))
    return found


def money_of(sale: Sale, day: int, last: dict[str, int]) -> DealMoney:
    minor = sale.amount * 100
    credits = () if sale.back is None else (Money(last[KEYS[sale.back[0]]] - 8, int(minor * sale.back[1]), "USD"),)
    paid = (Money(day, minor, "USD"),) if sale.is_paid else ()
    return DealMoney(day, minor, "USD", (Bill(day, minor, "USD", paid, credits),))


def pay(value: Fraction, quota: int) -> Fraction:
    return min(value, Fraction(quota)) / 20 + max(Fraction(0), value - quota) / 10


def expected(story: Story) -> list[Fraction]:
    """Forward: each deal stands at what it brought; what the quota to date changes is shared by that; a return takes its part for good."""
    stands: dict[int, Fraction] = {}
    value, found = Fraction(0), []
    for now in range(MONTHS):
        quota = story.quota * 100 * (now + 1)
        change = pay(value, quota) - pay(value, quota - story.quota * 100) if stands else Fraction(0)
        whole = sum(stands.values(), Fraction(0))
        stands = {place: one + change * one / whole for place, one in stands.items()}
        for place, sale in enumerate(story.sales):
            if sale.month == now:
                stands[place] = pay(value + sale.amount * 100, quota) - pay(value, quota)
                value += sale.amount * 100
        found.append(sum((_left(story.sales[place], now) * one for place, one in stands.items()), Fraction(0)))
    return found


def _left(sale: Sale, now: int) -> Fraction:
    """The part of what a deal stands at that is payable."""
    back = sale.back is not None and sale.back[0] <= now
    return Fraction(0) if not sale.is_paid else 1 - (sale.back[1] if back and sale.back else 0)


def holds_of(story: Story) -> None:
    """Everything that is earned is some deal's; deals that returned in full leave nothing; what is payable equals the reference."""
    _, earned, parts = parts_of(story)
    sums: dict[Group, int] = defaultdict(int)
    net: dict[str, int] = defaultdict(int)
    for part in parts:
        sums[part.group] += part.earned
        net[part.deal] += part.earned
    assert {group: sums[group] for group in earned} == earned
    for place, sale in enumerate(story.sales):
        if sale.back is not None and sale.back[1] == 1:
            assert net[f"d{place}"] == 0
    found = payable(story)
    if not any(sale.is_paid for sale in story.sales):
        assert found == [0] * MONTHS
    if story.mode == "MARGINAL":
        cents = MONTHS * len(story.sales)
        assert all(abs(one - other) <= cents for one, other in zip(found, expected(story), strict=True))


@given(stories())
@settings(max_examples=25)
def test_what_is_rated_anew_waits_with_its_deal(story: Story) -> None:
    holds_of(story)


@pytest.mark.deep
@given(stories())
@settings(max_examples=300)
def test_what_is_rated_anew_waits_with_its_deal_many_times(story: Story) -> None:
    holds_of(story)


def test_a_month_without_sales_changes_nothing_that_is_payable() -> None:
    """February's -2,500 belong to the deal that waits, and it comes back before its customer pays."""
    deal = Sale(0, 200_000, back=(2, Fraction(1)))
    assert payable(Story(50_000, (deal,))) == [0] * MONTHS


def test_a_deal_that_is_paid_has_what_it_brought_and_the_other_waits() -> None:
    """February brings 1,000 of the second deal; of March's -2,500 it has a sixteenth, of April's 843.75 parts of 13,500."""
    sales = Sale(0, 200_000, back=(2, Fraction(1))), Sale(1, 10_000, is_paid=True)
    assert payable(Story(50_000, sales))[:4] == [0, 1000_00, 843_75, 687_50]
