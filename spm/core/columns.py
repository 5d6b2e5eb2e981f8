"""Whole columns of integers put in order and looked up quickly, with the same outcome as the plain way.

Sorting several keys one after another is the dearest step of a calculation; keys that fit into 63 bits together with the row number
are sorted as one number instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from spm.core.money import INT64_MAX

ROOM = 63
"""Bits of a sorted number."""
CELLS_PER_ROW = 16
"""A table of marks is filled rather than a column sorted, as long as it has no more cells for each row."""


def order_of(*keys: np.ndarray) -> np.ndarray:
    """The rows in the order of the keys, the first one first; equal rows stay in their order.

    >>> order_of(np.array([2, 1, 2]), np.array([5, 9, 4])).tolist()
    [1, 2, 0]
    """
    length = len(keys[0])
    packed = _packed(keys) if length else None
    if packed is None:
        return np.lexsort(keys[::-1])
    whole, bits = packed
    if not (whole[1:] < whole[:-1]).any():
        return np.arange(length)
    row = length.bit_length()
    if bits + row > ROOM:
        return np.argsort(whole, kind="stable")
    return np.sort(whole << row | np.arange(length)) & ((1 << row) - 1)


def _packed(keys: tuple[np.ndarray, ...]) -> tuple[np.ndarray, int] | None:
    """All keys as one number per row, and its bits; None when they don't fit."""
    lows = [int(key.min()) for key in keys]
    widths = [(int(key.max()) - low).bit_length() for key, low in zip(keys, lows, strict=True)]
    if sum(widths) > ROOM:
        return None
    whole = keys[0].astype(np.int64) - lows[0]
    for key, low, width in zip(keys[1:], lows[1:], widths[1:], strict=True):
        whole = whole << width | (key.astype(np.int64, copy=False) - low)
    return whole, sum(widths)


def is_increasing(column: np.ndarray) -> bool:
    """True when every number is larger than the one before it."""
    return bool((column[1:] > column[:-1]).all())


def distinct(column: np.ndarray) -> np.ndarray:
    """The different whole numbers of a column, in order.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    if is_increasing(column):
        return column
    low, high = int(column.min()), int(column.max())
    if high - low >= CELLS_PER_ROW * len(column):
        ordered = np.sort(column)
        return ordered[first_rows(ordered)]
    seen = np.zeros(high - low + 1, dtype=bool)
    seen[column - low] = True
    return np.flatnonzero(seen) + low


def first_rows(*keys: np.ndarray) -> np.ndarray:
    """True where a row differs from the row before it in one of the keys.

    >>> first_rows(np.array([1, 1, 2])).tolist()
    [True, False, True]
    """
    found = np.ones(len(keys[0]), dtype=bool)
    if len(found) > 1:
        np.not_equal(keys[0][1:], keys[0][:-1], out=found[1:])
        for key in keys[1:]:
            found[1:] |= key[1:] != key[:-1]
    return found


def pairs_of(asked: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every row of `asked` with every row of `keys` that holds the same number, in the order of the rows.

    >>> [rows.tolist() for rows in pairs_of(np.array([7, 5, 7]), np.array([7, 9, 7]))]
    [[0, 0, 2, 2], [0, 2, 0, 2]]
    """
    order = np.argsort(keys, kind="stable")
    first, last = (np.searchsorted(keys[order], asked, side=side) for side in ("left", "right"))
    count = last - first
    row = np.repeat(np.arange(len(asked)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, order[first[row] + nth]


def chosen(column: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Some rows of a column; a column that repeats one value stays one value."""
    if column.strides == (0,):
        return np.broadcast_to(column[:1].reshape(()), (len(rows),)) if len(column) else column[:0]
    return column.take(rows)


def repeated(value: object, length: int, dtype: type = np.int64) -> np.ndarray:
    """A column of one value, which takes no room; it can't be written to."""
    return np.broadcast_to(np.asarray(value, dtype=dtype), (length,))


def sums_fit(values: np.ndarray) -> bool:
    """True when no sum over some of the values can leave 64 bits."""
    if values.dtype == object or not len(values):
        return values.dtype != object
    widest = max(abs(int(values.min())), abs(int(values.max())))
    return widest <= INT64_MAX // len(values)


def running_sum(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The sum so far inside each run of rows that starts where `first` is true."""
    if not len(values):
        return values
    total = np.cumsum(values)
    starts = np.flatnonzero(first)
    offset = np.where(starts > 0, total[np.maximum(starts - 1, 0)], 0)
    return total - np.repeat(offset, np.diff(starts, append=len(values)))


def steps_of(after: np.ndarray, first: np.ndarray) -> np.ndarray:
    """What each row adds to the sum so far inside its run of rows; a run starts where `first` is true.

    >>> steps_of(np.array([1, 3, 2]), np.array([True, False, True])).tolist()
    [1, 2, 2]
    """
    steps = after.copy()
    steps[1:] -= np.where(first[1:], 0, after[:-1])
    return steps


def factorized(column: pd.Series) -> tuple[np.ndarray, list[Any]]:
    """The code of every value, -1 where it is missing, and the values in the order in which they first stand.

    Texts are hashed as the objects that they are: pandas 3 takes twice as long for its own column of them.
    """
    values = column.to_numpy(dtype=object) if column.dtype == "str" else column
    codes, names = pd.factorize(values)
    return np.asarray(codes), names.tolist()


def side_by_side(columns: Sequence[np.ndarray], order: Sequence[int], codes: int) -> list[np.ndarray]:
    """The row of every entry of sorted columns of codes, where entries of one code stand together, and those of the columns in an order.

    `free` is the next row of each code: no table of codes by columns is made.

    >>> [rows.tolist() for rows in side_by_side([np.array([0, 0, 2]), np.array([0, 1, 2])], [1, 0], 3)]
    [[1, 2, 5], [0, 3, 4]]
    """
    each = sum((np.bincount(column, minlength=codes) for column in columns), np.zeros(codes, dtype=np.int64))
    free, rows = np.cumsum(each) - each, [*columns]
    for place in order:
        count = np.bincount(columns[place], minlength=codes)
        shift = free - np.cumsum(count) + count
        rows[place] = np.arange(len(columns[place])) + shift[columns[place]]
        free += count
    return rows
