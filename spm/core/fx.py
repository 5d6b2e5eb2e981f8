"""Dated currency rates. An inverse is derived, never typed; a cross rate goes through the pivot currency.

A rate holds from its day until the next rate of the same pair. Rates are exact fractions; amounts are rounded once, by the
one rounding, when they are converted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pandas as pd

from spm.core.dated import day_numbers
from spm.core.money import minor_digits, multiply_columns, round_columns

Pair = tuple[str, str]
Row = tuple[str, str, int, Decimal | str | int] | tuple[str, str, int, Decimal | str | int, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """From `day` on, 1 of `source` is worth `rate` of `target`; `table` names the list that says so."""

    source: str
    target: str
    day: int
    rate: Fraction
    table: str = ""

    def worth(self, currency: str) -> Fraction:
        """The worth of 1 of either currency in the other one."""
        return self.rate if currency == self.source else 1 / self.rate


@dataclass(frozen=True, slots=True)
class Quote:
    """A rate and the entries that it is made of."""

    rate: Fraction
    entries: tuple[Entry, ...] = ()

    @property
    def rate_on(self) -> int:
        """The first day of the newest entry behind the rate."""
        return max(entry.day for entry in self.entries)

    @property
    def tables(self) -> tuple[str, ...]:
        """The lists that the entries are from."""
        return tuple(sorted({entry.table for entry in self.entries} - {""}))


SAME = Quote(Fraction(1))


@dataclass(frozen=True, slots=True)
class RateBook:
    """The known rates of currency pairs by day.

    >>> book = RateBook.of([("GBP", "USD", 0, "1.25")], pivot="USD")
    >>> book.rate("USD", "GBP", 5)
    Fraction(4, 5)
    """

    entries: Mapping[Pair, tuple[Entry, ...]]
    pivot: str

    @classmethod
    def of(cls, rows: Iterable[Row], *, pivot: str) -> RateBook:
        """A book from (from, to, day, rate, table or nothing): 1 of `from` is worth `rate` of `to`. Raises ValueError for a rate not
        above 0, and for a pair given twice or in both directions on one day."""
        found: dict[Pair, dict[int, Entry]] = {}
        for row in rows:
            source, target, day, rate = row[:4]
            table = row[4] if len(row) == 5 else ""
            exact = Fraction(Decimal(rate))
            if exact <= 0:
                raise ValueError(f"The rate {source} to {target} is {rate}; a rate is above 0.")
            if day in found.get((source, target), {}) or day in found.get((target, source), {}):
                raise ValueError(f"The rate {source} to {target} is given twice for one day.")
            found.setdefault((source, target), {})[int(day)] = Entry(source, target, int(day), exact, table)
        return cls({pair: tuple(dated[day] for day in sorted(dated)) for pair, dated in found.items()}, pivot)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, pivot: str) -> RateBook:
        """A book from columns from_currency, to_currency, on (day), rate (Decimal or text), and table where it is known."""
        days = day_numbers(frame["on"], missing=0)
        rates = (rate if isinstance(rate, Decimal | str | int) else str(rate) for rate in frame["rate"].tolist())
        tables = frame["table"].fillna("").astype(str) if "table" in frame.columns else [""] * len(frame)
        rows = zip(frame["from_currency"], frame["to_currency"], days.tolist(), rates, tables, strict=True)
        return cls.of(rows, pivot=pivot)

    def rate(self, source: str, target: str, on: int) -> Fraction | None:
        """The worth of 1 `source` in `target` on a day; None when the book does not know it."""
        quote = self.quote(source, target, on)
        return None if quote is None else quote.rate

    def quote(self, source: str, target: str, on: int) -> Quote | None:
        """The same with the entries behind it: one of the pair itself, or two that meet in the pivot."""
        if source == target:
            return SAME
        direct = self._latest(source, target, on)
        if direct is not None:
            return Quote(direct.worth(source), (direct,))
        if self.pivot in (source, target):
            return None
        first, second = self._latest(source, self.pivot, on), self._latest(target, self.pivot, on)
        if first is None or second is None:
            return None
        return Quote(first.worth(source) / second.worth(target), (first, second))

    def average(self, source: str, target: str, start: int, end: int) -> Quote | None:
        """The worth of 1 `source` in `target` by the day-weighted mean of the pair's own rates over [start, end), in the direction in which
        the first of them was given; where they have none on a day, each by that of its rates into the pivot. None when a day has no rate.

        >>> RateBook.of([("GBP", "USD", 0, "1.2"), ("GBP", "USD", 3, "1.6")], pivot="USD").average("GBP", "USD", 0, 4).rate
        Fraction(13, 10)
        """
        if source == target:
            return SAME
        if self.pivot not in (source, target) and (own := self._own_mean(source, target, start, end)) is not None:
            return own
        first, second = (self._mean(each, self.pivot, start, end) for each in (source, target))
        if first is None or second is None:
            return None
        return Quote(first.rate / second.rate, (*first.entries, *second.entries))

    def _own_mean(self, source: str, target: str, start: int, end: int) -> Quote | None:
        """The mean of a pair's own rates, of which the other direction has the inverse."""
        first = self._latest(source, target, start)
        mean = None if first is None else self._mean(first.source, first.target, start, end)
        if first is None or mean is None:
            return None
        return mean if first.source == source else Quote(1 / mean.rate, mean.entries)

    def _mean(self, source: str, target: str, start: int, end: int) -> Quote | None:
        """The mean worth of a currency in another by rates of the pair itself, each weighted by its days."""
        if source == target:
            return SAME
        pairs = ((source, target), (target, source))
        edges = sorted(
            {start, *(one.day for pair in pairs for one in self.entries.get(pair, ()) if start < one.day < end)}
        )
        found, total = [], Fraction(0)
        for day, until in zip(edges, [*edges[1:], end], strict=True):
            entry = self._latest(source, target, day)
            if entry is None:
                return None
            found.append(entry)
            total += entry.worth(source) * (until - day)
        return Quote(total / (end - start), tuple(found))

    def _latest(self, source: str, target: str, on: int) -> Entry | None:
        """The newest entry of a pair in either direction."""
        ahead, back = self._dated(source, target, on), self._dated(target, source, on)
        return back if ahead is None or (back is not None and back.day > ahead.day) else ahead

    def _dated(self, source: str, target: str, on: int) -> Entry | None:
        known = self.entries.get((source, target), ())
        place = bisect_right(known, on, key=lambda one: one.day) - 1
        return known[place] if place >= 0 else None


def rate_text(rate: Fraction) -> str:
    """A rate in digits: exact where it ends, else its first ten digits and a mark that more follow.

    >>> rate_text(Fraction("1.0856")), rate_text(Fraction(100)), rate_text(1 / Fraction("1.08"))
    ('1.0856', '100', '0.9259259259…')
    """
    with localcontext(prec=30, rounding=ROUND_DOWN):
        number = Decimal(rate.numerator) / Decimal(rate.denominator)
        if Fraction(number) == rate:
            return f"{number.normalize():f}"
    with localcontext(prec=10, rounding=ROUND_DOWN):
        return f"{+number:f}…"


def convert(amounts: np.ndarray, *, rate: Fraction, source: str, target: str) -> np.ndarray:
    """Minor units of `source` as minor units of `target`, rounded once."""
    exact = rate * Fraction(10) ** (minor_digits(target) - minor_digits(source))
    return round_columns(multiply_columns(amounts, np.array(exact.numerator, dtype=object)), exact.denominator)
