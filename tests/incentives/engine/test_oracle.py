"""The engine equals the oracle to the cent on made-up companies and plans over the whole language, whatever the order of rows."""

from __future__ import annotations

from random import Random
from typing import Any

import pandas as pd
import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.plan import Plan
from incentives.engine.run import Result, compute
from incentives.engine.trace import trace
from tests.incentives.engine import oracle_pay
from tests.incentives.engine.worlds import Maker, Row, facts_of

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
    if not len(result.credits):
        return
    parts = result.credits.groupby(KEYS, observed=True).agg(
        credit=("credit_minor", "sum"), part=("earned_minor", "sum")
    )
    both = result.earnings.set_index(KEYS).join(parts, how="inner")
    assert (both["credit_minor"] == both["credit"]).all()
    assert (both["earned_minor"] == both["part"]).all()


def assert_traced(result: Result, dice: Random, most: int) -> None:
    """The trace of every earning (or of some) sums exactly to it."""
    rows = result.earnings.to_dict("records")
    for row in dice.sample(rows, min(most, len(rows))):
        assert trace(
            result, row["participant_key"], row["component_key"], row["period_key"], plan_key=row["plan_key"]
        ).check(), row


def check(seed: str, *, traced: int) -> None:
    maker = Maker(seed)
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


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_engine_equals_the_oracle(block: int) -> None:
    for number in range(USUAL):
        check(f"{block}/{number}", traced=2)


@pytest.mark.deep
@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_engine_equals_the_oracle_on_ten_thousand(block: int) -> None:
    for number in range(USUAL, CASES):
        check(f"{block}/{number}", traced=2)
