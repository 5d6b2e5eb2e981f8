"""Columns put side by side: in the order of a sort, and in room that grows with their rows, not with codes times columns."""

from __future__ import annotations

import tracemalloc

import numpy as np

from spm.core.columns import order_of, side_by_side


def columns_of(*, codes: int, columns: int, length: int) -> list[np.ndarray]:
    dice = np.random.default_rng(11)
    return [np.sort(dice.integers(0, codes, length)) for _ in range(columns)]


def test_they_take_the_rows_of_a_sort_by_code_and_column() -> None:
    given, order = columns_of(codes=40, columns=6, length=90), [3, 0, 5, 1, 2, 4]
    place = np.concatenate([np.full(len(each), order.index(number)) for number, each in enumerate(given)])
    sorted_rows = order_of(np.concatenate(given), place)
    expected = np.empty(len(sorted_rows), dtype=np.int64)
    expected[sorted_rows] = np.arange(len(sorted_rows))
    assert np.concatenate(side_by_side(given, order, 40)).tolist() == expected.tolist()


def test_their_memory_grows_with_rows_and_codes_not_with_codes_times_columns() -> None:
    """Thirty columns of 50,000 codes: a table of both holds 12 MB; the rows 1.2 MB, and each column of codes 0.4 MB."""
    given = columns_of(codes=50_000, columns=30, length=5_000)
    tracemalloc.start()
    side_by_side(given, range(30), 50_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6_000_000
