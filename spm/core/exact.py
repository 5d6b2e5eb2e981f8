"""Columns of exact numbers: integer numerators over denominators, int64 while it fits and Python integers when it does not.

Rates and tier edges are decimals, so a whole pay calculation keeps small denominators and stays in 64 bits; the rare row
that would overflow is computed with Python integers instead of wrongly. Rounding happens once, by `rounded`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from spm.core.money import INT64_MAX, multiply_columns, round_columns, round_wide


def common_denominator(values: Iterable[Fraction]) -> int:
    """The least common denominator of some fractions."""
    return lcm(1, *(value.denominator for value in values))


def add_columns(left: np.ndarray, right: np.ndarray | int) -> np.ndarray:
    """The exact sum of integer columns, as int64 when it can't overflow."""
    left, right = np.asarray(left), np.asarray(right)
    if left.dtype != object and right.dtype != object and _largest(left) + _largest(right) <= INT64_MAX:
        return left + right
    return np.asarray(left.astype(object) + right.astype(object), dtype=object)


def _largest(column: np.ndarray) -> int:
    return max(abs(int(column.min(initial=0))), abs(int(column.max(initial=0))))


@dataclass(frozen=True, slots=True)
class Exact:
    """A column `top / bottom`; `bottom` is one positive integer or a column of them."""

    top: np.ndarray
    bottom: np.ndarray | int = 1

    def __len__(self) -> int:
        return len(self.top)

    def times(self, factor: Fraction) -> Exact:
        """The column times one number, in lowest terms."""
        if isinstance(self.bottom, int):
            shared = gcd(factor.numerator, self.bottom) or 1
            return Exact(
                multiply_columns(self.top, factor.numerator // shared), self.bottom // shared * factor.denominator
            )
        return Exact(multiply_columns(self.top, factor.numerator), multiply_columns(self.bottom, factor.denominator))

    def multiply(self, other: Exact) -> Exact:
        """The product, row by row."""
        return Exact(multiply_columns(self.top, other.top), _product(self.bottom, other.bottom))

    def divide(self, other: Exact) -> Exact:
        """The quotient, row by row; the other column is nowhere 0."""
        sign = np.where(np.asarray(other.top < 0, dtype=bool), -1, 1)
        return Exact(
            multiply_columns(multiply_columns(self.top, np.asarray(other.bottom)), sign),
            multiply_columns(np.asarray(self.bottom), multiply_columns(other.top, sign)),
        )

    def plus(self, other: Exact) -> Exact:
        """The sum, row by row."""
        left, right, bottom = self._aligned(other)
        return Exact(add_columns(left, right), bottom)

    def minus(self, other: Exact) -> Exact:
        """The difference, row by row."""
        return self.plus(Exact(-other.top, other.bottom))

    def at_most(self, other: Exact) -> Exact:
        """The smaller of both, row by row."""
        left, right, bottom = self._aligned(other)
        return Exact(np.minimum(left, right), bottom)

    def at_least(self, other: Exact) -> Exact:
        """The larger of both, row by row."""
        left, right, bottom = self._aligned(other)
        return Exact(np.maximum(left, right), bottom)

    def where(self, mask: np.ndarray, other: Exact) -> Exact:
        """This column where the mask is true, the other elsewhere."""
        left, right, bottom = self._aligned(other)
        return Exact(np.where(mask, left, right), bottom)

    def above(self, other: Exact) -> np.ndarray:
        """True where this column is larger."""
        left, right, _ = self._aligned(other)
        return np.asarray(left > right, dtype=bool)

    def equals(self, other: Exact) -> np.ndarray:
        """True where both are equal."""
        left, right, _ = self._aligned(other)
        return np.asarray(left == right, dtype=bool)

    def take(self, rows: np.ndarray) -> Exact:
        """Some rows, in the order asked."""
        return Exact(self.top[rows], self.bottom if isinstance(self.bottom, int) else self.bottom[rows])

    def rounded(self) -> np.ndarray:
        """The nearest integers, halves away from zero, as int64."""
        return round_columns(self.top, self.bottom)

    def rounded_wide(self) -> np.ndarray:
        """The nearest integers, halves away from zero: int64, or Python integers where 64 bits are too few."""
        return round_wide(self.top, self.bottom)

    def fraction(self, row: int) -> Fraction:
        """One row as a Fraction."""
        bottom = self.bottom if isinstance(self.bottom, int) else int(self.bottom[row])
        return Fraction(int(self.top[row]), bottom)

    def decimals(self) -> list[Decimal]:
        """The rows as Decimals; exact when the denominators divide a power of ten, else to 28 digits."""
        bottoms = np.broadcast_to(np.asarray(self.bottom), self.top.shape).tolist()
        return [
            Decimal(int(top)) / Decimal(int(bottom)) for top, bottom in zip(self.top.tolist(), bottoms, strict=True)
        ]

    def _aligned(self, other: Exact) -> tuple[np.ndarray, np.ndarray, np.ndarray | int]:
        """Both numerators over one denominator."""
        if isinstance(self.bottom, int) and isinstance(other.bottom, int):
            bottom = lcm(self.bottom, other.bottom)
            return (
                multiply_columns(self.top, bottom // self.bottom),
                multiply_columns(other.top, bottom // other.bottom),
                bottom,
            )
        return (
            multiply_columns(self.top, np.asarray(other.bottom)),
            multiply_columns(other.top, np.asarray(self.bottom)),
            _product(self.bottom, other.bottom),
        )


def _product(left: np.ndarray | int, right: np.ndarray | int) -> np.ndarray | int:
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    return multiply_columns(np.asarray(left), np.asarray(right))


def constant(value: Fraction | int, length: int) -> Exact:
    """A column of one number."""
    exact = Fraction(value)
    dtype = np.int64 if abs(exact.numerator) <= INT64_MAX else object
    return Exact(np.full(length, exact.numerator, dtype=dtype), exact.denominator)
