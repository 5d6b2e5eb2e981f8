"""Timelines: the value on a day. Days are integers, intervals are half-open, an open end is FOREVER.

A timeline never overlaps itself; a gap is allowed only where somebody asks for it by name. Frames carry days as int32 day
numbers (days since 1970-01-01), because columns of `date` objects are slow and nanosecond timestamps end in 2262.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Generic, TypeVar

import numpy as np
import pandas as pd

FOREVER = 2**31 - 1
"""The open end of an interval, as a day number."""

LONG_AGO = -(2**31) + 1
"""The open start of an interval, as a day number."""

CELLS_PER_QUESTION = 4
"""A lookup is spread into a table of keys and days when it has at most so many cells for each question."""

_EPOCH = date(1970, 1, 1).toordinal()
Value = TypeVar("Value")


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 1, 31))
    30
    """
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """The date of a day number; raises ValueError for an open end.

    >>> day_of(30)
    datetime.date(1970, 1, 31)
    """
    if number in (FOREVER, LONG_AGO):
        raise ValueError("An open end has no date.")
    return date.fromordinal(int(number) + _EPOCH)


def day_read(text: str) -> date | None:
    """The day that a text writes; None where it writes none.

    >>> day_read("2026-01-31"), day_read("2026-02-30"), day_read("")
    (datetime.date(2026, 1, 31), None, None)
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def day_ends(day: date, zone: tzinfo) -> datetime:
    """The moment at which a day is over somewhere: what was known then was known before it.

    >>> from datetime import UTC
    >>> day_ends(date(2026, 1, 31), UTC).isoformat()
    '2026-02-01T00:00:00+00:00'
    """
    return datetime.combine(day + timedelta(days=1), time.min, zone)


def day_text(number: int) -> str:
    """A day for a reader of logs and traces; an open end is named."""
    return "open" if number in (FOREVER, LONG_AGO) else day_of(number).isoformat()


def day_numbers(values: pd.Series | Sequence[object], *, missing: int) -> np.ndarray:
    """A column of days as int32 day numbers; integers, dates, datetime64 and ISO text are read, empty cells become `missing`.

    Raises ValueError for what is no day.
    """
    series = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    if is_whole(series) or (pd.api.types.is_integer_dtype(series.dtype) and not series.hasnans):
        return _narrow(series.to_numpy(np.int64))
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        days = series.to_numpy().astype("datetime64[D]")
        return _narrow(np.where(np.isnat(days), missing, days.astype(np.int64)))
    return _narrow(np.array([_one_day(value, missing) for value in series.tolist()], dtype=np.int64))


def is_whole(series: pd.Series) -> bool:
    """True for a column of whole numbers that can't have an empty cell."""
    return isinstance(series.dtype, np.dtype) and series.dtype.kind in "iu"


def _one_day(value: object, missing: int) -> int:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return missing
    if isinstance(value, datetime):
        return day_number(value.date())
    if isinstance(value, date):
        return day_number(value)
    if isinstance(value, str):
        return day_number(date.fromisoformat(value)) if value else missing
    if isinstance(value, int | np.integer | float) and int(value) == value:
        return int(value)
    raise ValueError(f"{value!r} is not a day")


def _narrow(days: np.ndarray) -> np.ndarray:
    if len(days) and (days.min() < LONG_AGO or days.max() > FOREVER):
        raise ValueError("A day lies outside of the calendar.")
    return days.astype(np.int32)


@dataclass(frozen=True, slots=True)
class Span(Generic[Value]):
    """A value from a day until another, half-open."""

    start: int
    end: int
    value: Value

    def holds_on(self, day: int) -> bool:
        """True when the day lies in the interval."""
        return self.start <= day < self.end

    def days(self) -> int:
        """The number of days."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Timeline(Generic[Value]):
    """The spans of one thing, in order and without overlap.

    >>> line = Timeline.of([Span(0, 10, "A"), Span(10, 20, "B")])
    >>> line.on(9), line.on(10), line.on(20)
    ('A', 'B', None)
    """

    spans: tuple[Span[Value], ...]

    @classmethod
    def of(cls, spans: Iterable[Span[Value]]) -> Timeline[Value]:
        """A timeline; raises ValueError for an empty span or an overlap."""
        ordered = tuple(sorted(spans, key=lambda span: (span.start, span.end)))
        for span in ordered:
            if span.end <= span.start:
                raise ValueError(f"A span ends on {day_text(span.end)}, before it starts on {day_text(span.start)}.")
        for earlier, later in zip(ordered, ordered[1:], strict=False):
            if later.start < earlier.end:
                raise ValueError(f"Two spans overlap from {day_text(later.start)}.")
        return cls(ordered)

    def on(self, day: int) -> Value | None:
        """The value on a day, None in a gap."""
        return next((span.value for span in self.spans if span.holds_on(day)), None)

    def gaps(self, start: int, end: int) -> list[tuple[int, int]]:
        """The intervals in [start, end) without a value."""
        found, reached = [], start
        for span in self.spans:
            if span.end <= start or span.start >= end:
                continue
            if span.start > reached:
                found.append((reached, span.start))
            reached = max(reached, span.end)
        if reached < end:
            found.append((reached, end))
        return found

    def cut(self, start: int, end: int) -> Timeline[Value]:
        """The part in [start, end)."""
        inside = (Span(max(span.start, start), min(span.end, end), span.value) for span in self.spans)
        return Timeline(tuple(span for span in inside if span.start < span.end))


def overlapping_rows(keys: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The row numbers whose interval starts before an earlier interval of the same key ends."""
    order = np.lexsort((ends, starts, keys))
    same = keys[order][1:] == keys[order][:-1]
    reached = _running_end(keys[order], ends[order])
    return order[1:][same & (starts[order][1:] < reached[:-1])]


def _running_end(keys: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The furthest end so far inside each run of equal keys."""
    if not len(keys):
        return ends.astype(np.int64)
    group = np.cumsum(np.concatenate([[0], keys[1:] != keys[:-1]]))
    width = np.int64(2) ** 33
    return np.maximum.accumulate(ends.astype(np.int64) + group * width) - group * width


LINES_WALKED = 8
"""A lookup of keys that have at most so many lines each walks through them; others are searched."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Rows of many timelines, sorted for questions by the column: which row holds for this key on this day?"""

    keys: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(cls, keys: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> Lookup:
        """A lookup over non-overlapping intervals; keys are non-negative integer codes."""
        order = np.lexsort((starts, keys))
        return cls(keys[order], starts[order], ends[order], order)

    def rows_on(self, keys: np.ndarray, days: np.ndarray) -> np.ndarray:
        """For each key and day the row number that holds, or -1."""
        if not len(self.keys) or not len(keys):
            return np.full(len(keys), -1, dtype=np.int64)
        low, high = int(days.min()), int(days.max()) + 1
        cells = (int(self.keys[-1]) + 2) * (high - low)
        if cells <= len(keys) * CELLS_PER_QUESTION:
            place = np.where(keys < 0, self.keys[-1] + 1, np.minimum(keys, self.keys[-1] + 1))
            return self._spread(low, high).ravel().take(place * (high - low) + (days - low))
        place = self._last_begun(keys, days)
        safe = np.maximum(place, 0)
        hit = (place >= 0) & (self.keys[safe] == keys) & (days < self.ends[safe]) & (keys >= 0)
        return np.where(hit, self.rows[safe], -1)

    def _last_begun(self, keys: np.ndarray, days: np.ndarray) -> np.ndarray:
        """For each key and day the last line of the key that has begun by then, else the one before its first."""
        begin = np.searchsorted(self.keys, np.arange(int(self.keys[-1]) + 3))
        count = np.diff(begin)
        if (most := int(count.max())) <= LINES_WALKED:
            key = np.where((keys < 0) | (keys > self.keys[-1]), self.keys[-1] + 1, keys)
            first, lines = begin[key], count[key]
            place = first - 1
            for step in range(most):
                there = lines > step
                place = place + (there & (self.starts[np.where(there, first + step, 0)] <= days))
            return place
        width, offset = np.int64(2) ** 33, np.int64(2) ** 32
        composed = self.keys.astype(np.int64) * width + self.starts.astype(np.int64) + offset
        wanted = keys.astype(np.int64) * width + days.astype(np.int64) + offset
        return np.searchsorted(composed, wanted, side="right") - 1

    def _spread(self, low: int, high: int) -> np.ndarray:
        """A table of the row that holds for every key on every day; its last line is for unknown keys."""
        table = np.full((int(self.keys[-1]) + 2, high - low), -1, dtype=np.int64)
        start, end = np.clip(self.starts, low, high) - low, np.clip(self.ends, low, high) - low
        last = np.append(self.keys[1:] != self.keys[:-1], True)
        end = np.where(last, end, np.minimum(end, np.append(start[1:], 0)))
        held = np.where(self.keys < 0, 0, np.maximum(end - start, 0)).astype(np.int64)
        day = np.arange(int(held.sum())) + np.repeat(start - np.cumsum(held) + held, held)
        table[np.repeat(self.keys, held), day] = np.repeat(self.rows, held)
        return table
