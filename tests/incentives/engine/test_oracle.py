"""The engine equals the oracle to the cent on made-up companies and plans over the whole language, whatever the order of rows."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pandas as pd
import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.plan import Plan
from incentives.engine.run import Result, compute
from incentives.engine.trace import trace
from tests.incentives.engine import oracle_pay
from tests.incentives.engine.formula_worlds import Formulas
from tests.incentives.engine.oracle_credits import World
from tests.incentives.engine.worlds import (
    END,
    PEOPLE,
    START,
    AcrossYears,
    Maker,
    OverContracts,
    Returning,
    Row,
    facts_of,
)

KEYS = ["participant_key", "plan_key", "component_key", "period_key"]
BLOCKS = 40
"""Deep: so many blocks of so many cases each, 10,000 in all."""

CASES = 250
USUAL = 5
"""Cases of each block in the default run."""


def compiled(documents: list[Row]) -> list[Plan]:
    made = [compile_plan(document) for document in documents]
    found = [each.message for _, findings in made for each in findings if each.is_error]
    assert not found, found
    return [plan for plan, _ in made if plan is not None]


def earned(result: Result) -> dict[tuple[Any, ...], int]:
    frame = result.earnings[[*KEYS, "earned_minor"]]
    return {tuple(row[:4]): int(row[4]) for row in frame.itertuples(index=False, name=None)}


def differences(own: dict[Any, int], other: dict[Any, int]) -> dict[Any, tuple[int | None, int | None]]:
    return {key: (own.get(key), other.get(key)) for key in own.keys() | other.keys() if own.get(key) != other.get(key)}


def assert_sums(result: Result) -> None:
    """The parts of the credits sum to the earning, and their amounts to its credit."""
    names = [*KEYS, "credit_minor", "earned_minor"]
    sums: dict[tuple[Any, ...], list[int]] = {}
    for *key, credit, part in result.credits[names].itertuples(index=False, name=None):
        summed = sums.setdefault(tuple(key), [0, 0])
        summed[0] += credit
        summed[1] += part
    earnings = {tuple(row[:4]): list(row[4:]) for row in result.earnings[names].itertuples(index=False, name=None)}
    both = sums.keys() & earnings.keys()  # of what is not calculated there is no earning
    assert {key: earnings[key] for key in both} == {key: sums[key] for key in both}


def assert_traced(result: Result, dice: Random, most: int) -> None:
    """The trace of every earning (or of some) sums exactly to it."""
    rows = result.earnings.to_dict("records")
    for row in dice.sample(rows, min(most, len(rows))):
        assert trace(
            result, row["participant_key"], row["component_key"], row["period_key"], plan_key=row["plan_key"]
        ).check(), row


def check(seed: str, *, traced: int, made_by: type[Maker] = Maker) -> None:
    maker = made_by(seed)
    rows, documents = maker.facts(), maker.plans()
    plans = compiled(documents)
    result = compute(facts_of(rows), plans)
    found = differences(earned(result), oracle_pay.earnings(rows, documents))
    assert not found, (seed, found)
    assert_sums(result)
    dice = Random(seed)
    shuffled = {name: dice.sample(each, len(each)) for name, each in rows.items()}
    again = compute(facts_of(shuffled), plans[::-1])
    pd.testing.assert_frame_equal(result.earnings, again.earnings)
    pd.testing.assert_frame_equal(result.credits, again.credits)
    assert result.findings == again.findings
    assert_traced(result, dice, traced)


def in_chunks(rows: dict[str, list[Row]], documents: list[Row], dice: Random) -> tuple[dict[Any, int], dict[Any, int]]:
    """The earnings of everybody at once, and those of two groups of people computed one after the other.

    Assignments are written out by person and day, because one by title pays more people than a group.
    """
    world, plans = World(rows, documents), compiled(documents)
    days = sorted(
        {period["start_on"] for period in rows["periods"]} | {each for row in rows["positions"] for each in _ends(row)}
    )
    cuts = sorted({START, END, *days, *(each for row in rows["assignments"] for each in _ends(row))})
    spans = [
        {
            "plan_key": plan,
            "participant_key": person,
            "position_key": None,
            "title_key": None,
            "from_on": start,
            "until_on": end,
        }
        for person in PEOPLE
        for start, end in zip(cuts, cuts[1:], strict=False)
        if (plan := world.plan(person, start)) is not None
    ]
    first = set(dice.sample(PEOPLE, 2))
    found: dict[Any, int] = {}
    for group in (first, set(PEOPLE) - first):
        chosen = [row for row in spans if row["participant_key"] in group]
        if chosen:
            found |= earned(compute(facts_of(rows | {"assignments": chosen}), plans))
    return earned(compute(facts_of(rows), plans)), found


def _ends(row: Row) -> list[date]:
    return [day for day in (row["from_on"], row["until_on"]) if day is not None and START <= day <= END]


def check_chunks(seed: str) -> None:
    maker = Maker(seed)
    rows, documents = maker.facts(), maker.plans()
    if any("contest" in component for plan in documents for component in plan["components"]):
        return
    whole, chunks = in_chunks(rows, documents, Random(seed))
    assert not differences(whole, chunks), (seed, differences(whole, chunks))


@pytest.mark.parametrize("block", range(8))
def test_groups_of_people_computed_apart_equal_all_at_once(block: int) -> None:
    for number in range(5):
        check_chunks(f"chunks/{block}/{number}")


@pytest.mark.deep
@pytest.mark.parametrize("block", range(8))
def test_many_groups_of_people_computed_apart_equal_all_at_once(block: int) -> None:
    for number in range(5, 120):
        check_chunks(f"chunks/{block}/{number}")


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_engine_equals_the_oracle(block: int) -> None:
    for number in range(USUAL):
        check(f"{block}/{number}", traced=2)


def test_a_period_that_only_takes_back_has_a_trace_though_its_multiplier_finds_no_quota() -> None:
    check("36/248", traced=2)


def test_a_sale_that_came_back_leaves_nothing_where_the_period_of_its_return_is_not_calculated() -> None:
    check("9/185", traced=2)


def test_a_period_that_a_limit_of_the_year_leaves_uncalculated_changes_no_earlier_sale() -> None:
    check("24/144", traced=2)


def test_a_tier_that_moves_before_anything_was_sold_takes_nothing_from_the_first_sale() -> None:
    check("formulas/2/47", traced=2, made_by=Formulas)


@pytest.mark.parametrize("block", range(4))
def test_deals_that_come_back_in_parts(block: int) -> None:
    for number in range(12):
        check(f"returning/{block}/{number}", traced=2, made_by=Returning)


@pytest.mark.parametrize("block", range(4))
def test_formulas_over_measures_and_earlier_components(block: int) -> None:
    for number in range(12):
        check(f"formulas/{block}/{number}", traced=2, made_by=Formulas)


@pytest.mark.parametrize("block", range(8))
def test_deals_that_come_back_in_a_later_year(block: int) -> None:
    for number in range(12):
        check(f"years/{block}/{number}", traced=2, made_by=AcrossYears)


@pytest.mark.parametrize("seed", ["1/3", "2/2", "5/9", "7/2"])
def test_what_a_later_year_added_to_a_sale_comes_back_out_of_that_year(seed: str) -> None:
    check(f"contracts/{seed}", traced=2, made_by=OverContracts)


@pytest.mark.deep
@pytest.mark.parametrize("block", range(8))
def test_many_deals_that_come_back(block: int) -> None:
    kinds = {"returning": Returning, "years": AcrossYears, "formulas": Formulas, "contracts": OverContracts}
    for number in range(12, 150):
        kind, made_by = [*kinds.items()][number % len(kinds)]
        check(f"{kind}/{block}/{number}", traced=2, made_by=made_by)


@pytest.mark.deep
@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_engine_equals_the_oracle_on_ten_thousand(block: int) -> None:
    for number in range(USUAL, CASES):
        check(f"{block}/{number}", traced=2)


@pytest.mark.parametrize("block", range(4))
def test_a_return_of_a_return_is_one_of_its_sale(block: int) -> None:
    """Returns that name the one before them come to what they come to where they name the sale."""
    for number in range(6):
        maker = Returning(f"chained/{block}/{number}")
        rows, plans = maker.facts(), compiled(maker.plans())
        before, chained = dict[str, str](), []
        for deal in rows["deals"]:
            sale = deal["reverses_key"]
            chained.append(deal if sale is None else deal | {"reverses_key": before.get(sale, sale)})
            before[sale or ""] = deal["deal_key"]
        named = compute(facts_of(rows), plans)
        assert earned(compute(facts_of(rows | {"deals": chained}), plans)) == earned(named)
