"""Dated currency rates. An inverse is derived, never typed; a cross rate goes through the pivot currency.

A rate holds from its day until the next rate of the same pair. Rates are exact fractions; amounts are rounded once, by the
one rounding, when they are converted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from spm.core.dated import day_numbers
from spm.core.money import minor_digits, multiply_columns, round_columns

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RateBook:
    """The known rates of currency pairs by day.

    >>> book = RateBook.of([("GBP", "USD", 0, "1.25")], pivot="USD")
    >>> book.rate("USD", "GBP", 5)
    Fraction(4, 5)
    """

    days: Mapping[Pair, tuple[int, ...]]
    rates: Mapping[Pair, tuple[Fraction, ...]]
    pivot: str

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, int, Decimal | str | int]], *, pivot: str) -> RateBook:
        """A book from (from, to, day, rate): 1 of `from` is worth `rate` of `to`. Raises ValueError for a rate not above 0,
        and for a pair given twice or in both directions on one day."""
        found: dict[Pair, dict[int, Fraction]] = {}
        for source, target, day, rate in rows:
            exact = Fraction(Decimal(rate))
            if exact <= 0:
                raise ValueError(f"The rate {source} to {target} is {rate}; a rate is above 0.")
            if day in found.get((source, target), {}) or day in found.get((target, source), {}):
                raise ValueError(f"The rate {source} to {target} is given twice for one day.")
            found.setdefault((source, target), {})[int(day)] = exact
        ordered = {pair: tuple(sorted(dated.items())) for pair, dated in found.items()}
        return cls(
            {pair: tuple(day for day, _ in dated) for pair, dated in ordered.items()},
            {pair: tuple(rate for _, rate in dated) for pair, dated in ordered.items()},
            pivot,
        )

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, pivot: str) -> RateBook:
        """A book from columns from_currency, to_currency, on (day), rate (Decimal or text)."""
        days = day_numbers(frame["on"], missing=0)
        rates = (rate if isinstance(rate, Decimal | str | int) else str(rate) for rate in frame["rate"].tolist())
        return cls.of(zip(frame["from_currency"], frame["to_currency"], days.tolist(), rates, strict=True), pivot=pivot)

    def rate(self, source: str, target: str, on: int) -> Fraction | None:
        """The worth of 1 `source` in `target` on a day; None when the book does not know it."""
        if source == target:
            return Fraction(1)
        direct = self._latest(source, target, on)
        if direct is not None:
            return direct
        if self.pivot in (source, target):
            return None
        first, second = self._latest(source, self.pivot, on), self._latest(self.pivot, target, on)
        return None if first is None or second is None else first * second

    def average(self, source: str, target: str, start: int, end: int) -> Fraction | None:
        """The worth of 1 `source` in `target`, each by the day-weighted mean of its rates into the pivot over [start, end); None when
        a day has no rate.

        >>> RateBook.of([("GBP", "USD", 0, "1.2"), ("GBP", "USD", 3, "1.6")], pivot="USD").average("GBP", "USD", 0, 4)
        Fraction(13, 10)
        """
        if source == target:
            return Fraction(1)
        first, second = self._mean(source, start, end), self._mean(target, start, end)
        return None if first is None or second is None else first / second

    def _mean(self, source: str, start: int, end: int) -> Fraction | None:
        """The mean worth of a currency in the pivot, each rate weighted by its days."""
        if source == self.pivot:
            return Fraction(1)
        known = {*self.days.get((source, self.pivot), ()), *self.days.get((self.pivot, source), ())}
        edges = sorted({start, *(day for day in known if start < day < end)})
        total = Fraction(0)
        for day, until in zip(edges, [*edges[1:], end], strict=True):
            rate = self._latest(source, self.pivot, day)
            if rate is None:
                return None
            total += rate * (until - day)
        return total / (end - start)

    def _latest(self, source: str, target: str, on: int) -> Fraction | None:
        """The newest rate of a pair in either direction."""
        ahead, back = self._dated(source, target, on), self._dated(target, source, on)
        if back is not None and (ahead is None or back[0] > ahead[0]):
            return 1 / back[1]
        return ahead[1] if ahead else None

    def _dated(self, source: str, target: str, on: int) -> tuple[int, Fraction] | None:
        days = self.days.get((source, target), ())
        place = bisect_right(days, on) - 1
        return (days[place], self.rates[source, target][place]) if place >= 0 else None


def convert(amounts: np.ndarray, *, rate: Fraction, source: str, target: str) -> np.ndarray:
    """Minor units of `source` as minor units of `target`, rounded once."""
    exact = rate * Fraction(10) ** (minor_digits(target) - minor_digits(source))
    return round_columns(multiply_columns(amounts, np.array(exact.numerator, dtype=object)), exact.denominator)
