"""Columns of values while a formula is computed, and the rows that have no value with the reason why.

Numbers, amounts and days are exact columns, texts are object columns with None for what is not stated, answers are booleans. A
column of one row stands for the same value in every row.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from spm.core.exact import Exact
from spm.core.money import INT64_MAX


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row has no value: a finding code, what is the matter (it follows the name of the deal or person), the fix. Without
    a code another finding already says it."""

    code: str
    what: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """One column. `trouble` is 0 where a row has a value, else the number of its reason, counted from 1; None when all have."""

    data: Exact | np.ndarray
    trouble: np.ndarray | None = None

    @property
    def exact(self) -> Exact:
        """The column of a number, an amount or a day."""
        assert isinstance(self.data, Exact)
        return self.data

    @property
    def array(self) -> np.ndarray:
        """The column of a text or an answer."""
        assert isinstance(self.data, np.ndarray)
        return self.data

    def take(self, rows: np.ndarray) -> Values:
        """Some rows, in the order asked; a column of one row stays one."""
        trouble = self.trouble if self.trouble is None or len(self.trouble) == 1 else self.trouble[rows]
        if isinstance(self.data, np.ndarray):
            return Values(self.data if len(self.data) == 1 else self.data[rows], trouble)
        bottom = self.data.bottom
        if isinstance(bottom, np.ndarray) and len(bottom) > 1:
            bottom = bottom[rows]
        return Values(Exact(self.data.top if len(self.data) == 1 else self.data.top[rows], bottom), trouble)


def integers(values: list[int]) -> np.ndarray:
    """Whole numbers as int64 while they fit, as Python integers otherwise."""
    fits = all(abs(value) <= INT64_MAX for value in values)
    return np.array(values, dtype=np.int64 if fits else object)


def fractions(values: list[Fraction]) -> Exact:
    """Fractions over their common denominator while it stays small, else each over its own."""
    bottom = 1
    for value in values:
        bottom = lcm(bottom, value.denominator)
        if bottom > INT64_MAX:
            return Exact(
                np.array([value.numerator for value in values], dtype=object),
                np.array([value.denominator for value in values], dtype=object),
            )
    return Exact(integers([value.numerator * (bottom // value.denominator) for value in values]), bottom)


def troubled(first: np.ndarray | None, *others: np.ndarray | None) -> np.ndarray | None:
    """The first reason of every row."""
    found = first
    for other in others:
        if found is None:
            found = other
        elif other is not None:
            found = np.where(found > 0, found, other)
    return found


def spread(values: Values, length: int) -> Values:
    """The column with one row per row asked."""
    trouble = None if values.trouble is None else np.broadcast_to(values.trouble, length)
    if isinstance(values.data, np.ndarray):
        return Values(np.broadcast_to(values.data, length), trouble)
    bottom = values.data.bottom
    top = np.broadcast_to(values.data.top, length)
    return Values(Exact(top, bottom if isinstance(bottom, int) else np.broadcast_to(bottom, length)), trouble)


def whole(value: Exact, mode: str) -> np.ndarray:
    """The column in whole numbers: ROUND (halves away from zero), ROUNDUP (away from zero), ROUNDDOWN (towards zero)."""
    top, bottom = value.top, np.asarray(value.bottom)
    largest = int(np.abs(top).max(initial=0))
    widest = int(np.max(bottom, initial=1))
    if top.dtype == object or bottom.dtype == object or largest + widest > INT64_MAX // 4:
        top, bottom = top.astype(object), bottom.astype(object)
    size, sign = np.abs(top), np.where(np.asarray(top < 0, dtype=bool), -1, 1)
    if mode == "ROUND":
        size = (2 * size + bottom) // (2 * bottom)
    elif mode == "ROUNDUP":
        size = (size + bottom - 1) // bottom
    else:
        size = size // bottom
    return np.asarray(size * sign)


def floored(value: Exact) -> np.ndarray:
    """The column in whole numbers, rounded down: the day that a moment lies on."""
    return np.asarray(value.top // np.asarray(value.bottom))
