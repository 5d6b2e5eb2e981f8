"""Scenarios of open deals: each is priced as the engine prices the facts without the lost ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.plan import Plan
from incentives.engine.run import compute
from incentives.engine.scenarios import price_scenarios
from incentives.engine.whatif import Way
from tests.incentives.engine import test_whatif
from tests.incentives.engine.generated import generated
from tests.incentives.engine.test_resampling import companies
from tests.incentives.engine.test_whatif import Rows, sample, sellers, trials

EVERY_WAY = np.array([[False, False], [True, False], [False, True], [True, True]])


def by_hand(found: Rows, plans: list[Plan], lost: set[str], period: str) -> dict[tuple[str, str], int]:
    """What `compute` pays where the lost deals never were."""
    deals = [deal for deal in found["deals"] if deal["deal_key"] not in lost]
    splits = [split for split in found["splits"] if split["deal_key"] not in lost]
    earnings = compute(test_whatif.facts({**found, "deals": deals, "splits": splits}), plans).earnings
    mine = earnings[earnings["period_key"] == period]
    return {
        (str(person), str(currency)): int(sum(rows["earned_minor"]))
        for (person, currency), rows in mine.groupby(["participant_key", "currency"])
    }


def held(found: Rows, plans: list[Plan], chosen: list[str], won: np.ndarray) -> None:
    for period in sorted(one["period_key"] for one in found["periods"]):
        made = price_scenarios(test_whatif.facts(found), plans, chosen, won, period_key=period)
        for number, each in enumerate(won):
            lost = {key for key, is_won in zip(chosen, each, strict=True) if not is_won}
            paid = by_hand(found, plans, lost, period)
            mine = dict(zip(made.payees, made.amounts[number].tolist(), strict=True))
            assert mine == {payee: paid.get(payee, 0) for payee in mine}
            assert paid.keys() <= mine.keys() | made.unknown.keys()


@generated
@given(companies(), st.data())
def test_a_scenario_is_paid_what_the_engine_pays_without_its_lost_deals(
    case: tuple[Rows, list[Plan]], data: st.DataObject
) -> None:
    found, plans = case
    keys = sorted({deal["deal_key"] for deal in found["deals"]})
    chosen = [key for key in keys if data.draw(st.booleans())]
    draws = [[data.draw(st.booleans()) for _ in chosen] for _ in range(3)]
    held(found, plans, chosen, np.array(draws, dtype=bool).reshape(3, len(chosen)))


@generated
@given(trials())
def test_with_returns_too(case: tuple[Rows, list[Plan], list[Plan], Any]) -> None:
    found, plans = case[0], case[1]
    sold = {deal["reverses_key"] for deal in found["deals"]}
    chosen = [deal["deal_key"] for deal in found["deals"] if not deal["reverses_key"] and deal["deal_key"] not in sold]
    chosen = sorted(chosen)[:2]
    held(found, plans, chosen, EVERY_WAY[:, : len(chosen)])


def test_two_deals_by_hand() -> None:
    """600.00 is won, deals of 400.00 and 800.00 are open; 5 % up to the quota of 1,000.00, 10 % above.

    Nothing: 600.00 × 5 % = 30.00. The small one: 1,000.00 × 5 % = 50.00. The large one: 1,000.00 × 5 % + 400.00 × 10 % = 90.00.
    Both: 1,000.00 × 5 % + 800.00 × 10 % = 130.00, and not 30.00 + 20.00 + 60.00: the tier is crossed once.
    """
    facts = sample([60_000, 40_000, 80_000])
    made = price_scenarios(facts, sellers(), ["d1", "d2"], EVERY_WAY, period_key="2026-Q1")
    assert made.payees == (("ada", "USD"),)
    assert made.amounts.tolist() == [[3_000], [5_000], [9_000], [13_000]]
    assert made.ways == {"sellers": Way.TOTALS} and made.unknown == {}


def test_a_deal_rated_alone_is_computed_in_full() -> None:
    """Each deal is paid 10 % alone."""
    made = price_scenarios(
        sample([60_000, 40_000, 80_000]), sellers(per="DEAL"), ["d1", "d2"], EVERY_WAY, period_key="2026-Q1"
    )
    assert made.amounts.tolist() == [[6_000], [10_000], [14_000], [18_000]]
    assert made.ways == {"sellers": Way.FULL}
