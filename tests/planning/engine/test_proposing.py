"""From accounts to a proposal: the index, what is fixed, what moving costs, and what is said where it can't be done."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from planning.engine.balancing import NOBODY
from planning.engine.proposing import Patch, Weights, index_of, moved, propose, standing

EQUAL = [Patch("West", 1.0), Patch("East", 1.0)]


def frame(*rows: tuple[int, int], **columns: Any) -> pd.DataFrame:
    """Accounts as (sales, patch of today)."""
    sales, patches = [row[0] for row in rows], [row[1] for row in rows]
    found = {
        "name": [f"A{number}" for number in range(len(rows))],
        "workload": 1,
        "potential": 0,
        "sales": sales,
        "patch": patches,
    }
    return pd.DataFrame({**found, "region": "", "is_fixed": False, **columns})


ONLY_SALES = Weights(workload=0, potential=0, sales=1)


def test_the_index_is_the_weighted_share_of_each_measure_and_says_what_is_empty() -> None:
    """Given sales of 30 and 10 and no potential, then half is by number and half by sales, and the empty measure is named."""
    loads, findings = index_of(frame((30, 0), (10, 0)), Weights())
    assert loads.tolist() == [625.0, 375.0]
    assert [(each.code, each.where) for each in findings] == [("MEASURE_EMPTY", "potential")]


def test_the_fewest_accounts_move_that_make_loads_even() -> None:
    """Given 40, 30, 20, 10 in the west and nothing in the east, then exactly 50 moves, and the bound proves that no less is enough."""
    accounts = frame((40, 0), (30, 0), (20, 0), (10, 0))
    found = propose(accounts, EQUAL, ONLY_SALES, 0.0)
    assert found.findings == () and found.gap == pytest.approx(0)
    after = standing(found.loads, found.patches, accounts["region"], EQUAL)
    assert after.even.variation == pytest.approx(0) and after.even.largest_to_smallest == pytest.approx(1)
    assert moved(found.loads, accounts["patch"].to_numpy(), found.patches) == pytest.approx(0.5)
    before = standing(found.loads, accounts["patch"].to_numpy(), accounts["region"], EQUAL)
    assert before.largest_off == pytest.approx(1) and before.even.largest_to_smallest is None


def test_a_patch_with_more_capacity_gets_more_and_what_nobody_has_is_given() -> None:
    """Given four equal accounts of nobody and capacities 3 and 1, then three go to the first; nothing changes hands by that."""
    accounts = frame(*[(10, NOBODY)] * 4)
    found = propose(accounts, [Patch("West", 3), Patch("East", 1)], ONLY_SALES, 0.0)
    assert sorted(found.patches.tolist()) == [0, 0, 0, 1]
    assert moved(found.loads, accounts["patch"].to_numpy(), found.patches) == 0


def test_a_region_stays_together_where_that_is_asked() -> None:
    """Given equal accounts, two of the coast and two of the plains in the west, one plain in the east: the plains move, not the coast."""
    accounts = frame(
        (10, 0),
        (10, 0),
        (10, 0),
        (10, 0),
        (10, 1),
        (10, 1),
        region=["coast", "coast", "coast", "plain", "plain", "plain"],
    )
    found = propose(accounts, EQUAL, Weights(workload=0, potential=0, regions=1), 0.0)
    assert found.patches.tolist() == [0, 0, 0, 1, 1, 1]
    assert standing(found.loads, found.patches, accounts["region"], EQUAL).outside_region == 0
    assert standing(
        found.loads, accounts["patch"].to_numpy(), accounts["region"], EQUAL
    ).outside_region == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("accounts", "code", "by"),
    [
        (frame((80, 0), (10, 0), (10, 1), is_fixed=[True, False, False]), "FIXED_ABOVE_BAND", 0.5),
        (frame((80, 0), (10, 0), (10, 1)), "ACCOUNT_ABOVE_BAND", 0.25),
        (frame((40, 0), (35, 1), (25, NOBODY)), "BAND_INFEASIBLE", 0.1),
    ],
)
def test_what_can_t_be_even_says_which_constraint_and_by_how_much(accounts: pd.DataFrame, code: str, by: float) -> None:
    """Given a band of 10 %: fixed accounts 60 % above, an account of 80 % where 55 % are the most, and parts that don't fit."""
    found = propose(accounts, EQUAL, ONLY_SALES, 0.1)
    said = {each.code: each for each in found.findings}
    assert found.gap is None and found.bound is None and code in said, found.findings
    assert dict(said[code].about)["by"] == pytest.approx(by, abs=1e-6)


def test_accounts_without_weight_stay_and_nothing_at_all_is_said() -> None:
    """Given one account that sells nothing, then it stays where it is, and that there is nothing to balance is said."""
    found = propose(frame((0, 1)), EQUAL, ONLY_SALES, 0.1)
    assert found.patches.tolist() == [1]
    assert [each.code for each in found.findings] == ["MEASURE_EMPTY", "NOTHING_TO_BALANCE"]
    assert np.all(found.loads == 0)
