"""Scores: shares that sum to them exactly, what is unknown, and how values are scaled."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from planning.engine.scoring import POINTS, UNKNOWN, Factor, Missing, Scaling, bands, score

SIZE = Factor("Size", "employees", Scaling.LINEAR, 3, Missing.LEFT_OUT, low=0, high=1000)
AGE = Factor("Age", "founded_year", Scaling.LINEAR, 1, Missing.HALF, low=2020, high=2000)
TRADE = Factor("Trade", "industry", Scaling.TABLE, 2, Missing.ZERO, table=(("Retail", 40), ("Tech", 100)))


def frame(employees: list[int | None], years: list[int | None], trades: list[str]) -> pd.DataFrame:
    """Accounts with a size, a year and an industry."""
    numbers = {"employees": employees, "founded_year": years}
    return pd.DataFrame({name: pd.array(each, dtype="Int64") for name, each in numbers.items()} | {"industry": trades})


def test_each_factor_gives_its_part_and_unknown_values_count_as_it_says() -> None:
    """Given three accounts, then parts are by weight: left out shares the weight among the others, half gives half, zero nothing."""
    found = score(frame([500, None, 2000], [2010, 2000, None], ["tech", "", "Mining"]), [SIZE, AGE, TRADE])
    assert found.shares.tolist() == [[2500, 834, 3333], [0, 3333, 0], [5000, 833, 0]]
    assert found.points.tolist() == [6667, 3333, 5833]
    assert found.known.tolist() == [[True, True, True], [False, True, False], [True, False, True]]


def test_magnitudes_are_even_steps_and_full_marks_are_not_passed() -> None:
    """Given sizes of 1, 10, 100 and 10,000 against 1 to 100, then each tenfold is half of full marks and more is not counted."""
    factor = Factor("Size", "employees", Scaling.LOG, 1, Missing.ZERO, low=1, high=100)
    found = score(frame([1, 10, 100, 10_000, 0], [None] * 5, [""] * 5), [factor])
    assert found.points.tolist() == [0, 5000, 10000, 10000, 0]


def test_an_account_of_which_nothing_counts_has_no_score() -> None:
    """Given one factor that leaves unknown values out, then an account without the value has no score, which is no zero."""
    found = score(frame([None, 0], [None] * 2, [""] * 2), [SIZE])
    assert found.points.tolist() == [UNKNOWN, 0] and bands(found.points) == [1] + [0] * 9


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 3000), st.none() | st.integers(1900, 2030)), min_size=1, max_size=20),
    st.lists(st.integers(1, 10_000), min_size=3, max_size=3),
    st.lists(st.sampled_from(Missing), min_size=3, max_size=3),
)
def test_shares_sum_to_the_score_and_stay_within_full_marks(
    rows: list[tuple[int | None, int | None]], weights: list[int], missing: list[Missing]
) -> None:
    """Given any accounts and weights, then shares are whole, none is below 0, they sum to the score, and it is the rounded exact one."""
    factors = [
        Factor(each.name, each.field, each.scaling, weight, lacks, each.low, each.high, each.table)
        for each, weight, lacks in zip((SIZE, AGE, TRADE), weights, missing, strict=True)
    ]
    trades = ["tech" if (size or 0) % 2 else "" for size, _year in rows]
    found = score(frame([size for size, _ in rows], [year for _, year in rows], trades), factors)
    scored = found.points != UNKNOWN
    assert (found.shares >= 0).all() and (found.shares.sum(axis=1)[scored] == found.points[scored]).all()
    assert (found.points[scored] <= POINTS).all() and (found.shares[~scored] == 0).all()
    alone = [score(frame([size for size, _ in rows], [y for _, y in rows], trades), [each]).points for each in factors]
    counted = np.array(weights) * np.array([(column != UNKNOWN) for column in alone]).T
    exact = sum(w * np.maximum(column, 0) for w, column in zip(counted.T, alone, strict=True)) / np.maximum(
        counted.sum(axis=1), 1
    )
    assert (np.abs(exact - found.points)[scored] <= 1).all()
