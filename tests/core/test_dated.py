"""Timelines: the value on a day, half-open, without overlap."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm.core.dated import FOREVER, Lookup, Span, Timeline, day_number, day_numbers, day_of, day_text, overlapping_rows

spans = st.lists(st.tuples(st.integers(0, 3), st.integers(-50, 50), st.integers(1, 30)), max_size=12)


@given(st.dates())
def test_a_day_survives_being_a_number(day: date) -> None:
    assert day_of(day_number(day)) == day


def test_days_are_read_in_every_form_and_empty_ends_are_open() -> None:
    days = [date(2026, 1, 2), "2026-01-02", 20455, pd.Timestamp("2026-01-02"), None, np.nan, ""]
    assert day_numbers(days, missing=FOREVER).tolist() == [20455] * 4 + [FOREVER] * 3
    assert day_numbers(pd.Series(pd.to_datetime(["2026-01-02", None])), missing=7).tolist() == [20455, 7]
    with pytest.raises(ValueError, match="Invalid isoformat"):
        day_numbers(["soon"], missing=0)
    with pytest.raises(ValueError, match="is not a day"):
        day_numbers([1.5], missing=0)
    with pytest.raises(ValueError, match="open end"):
        day_of(FOREVER)
    assert day_text(FOREVER) == "open"


def test_a_timeline_refuses_overlaps_and_names_gaps() -> None:
    line = Timeline.of([Span(10, 20, "B"), Span(0, 5, "A")])
    assert [line.on(day) for day in (0, 4, 5, 10, 20)] == ["A", "A", None, "B", None]
    assert line.gaps(-2, 25) == [(-2, 0), (5, 10), (20, 25)]
    assert line.cut(3, 12).spans == (Span(3, 5, "A"), Span(10, 12, "B"))
    with pytest.raises(ValueError, match="overlap"):
        Timeline.of([Span(0, 5, "A"), Span(4, 6, "B")])
    with pytest.raises(ValueError, match="before it starts"):
        Timeline.of([Span(5, 5, "A")])


@given(spans, st.lists(st.tuples(st.integers(-1, 3), st.integers(-60, 90)), min_size=1, max_size=20))
def test_a_lookup_finds_what_a_search_row_by_row_finds(
    rows: list[tuple[int, int, int]], asked: list[tuple[int, int]]
) -> None:
    kept: list[tuple[int, int, int]] = []
    for key, start, length in rows:
        if all(key != other or start >= end or start + length <= begin for other, begin, end in kept):
            kept.append((key, start, start + length))
    columns = [np.array([row[place] for row in kept], dtype=np.int64) for place in range(3)]
    keys, days = np.array([key for key, _ in asked]), np.array([day for _, day in asked])
    found = Lookup.of(*columns).rows_on(keys, days)
    spread = Lookup.of(*columns).rows_on(np.tile(keys, 1000), np.tile(days, 1000))
    assert (spread == np.tile(found, 1000)).all()
    for (key, day), row in zip(asked, found.tolist(), strict=True):
        expected = [place for place, (other, start, end) in enumerate(kept) if other == key and start <= day < end]
        assert ([row] if row >= 0 else []) == expected


@given(spans)
def test_overlapping_rows_are_found(rows: list[tuple[int, int, int]]) -> None:
    keys, starts = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(2))
    ends = starts + np.array([row[2] for row in rows], dtype=np.int64)
    pairs = [
        (a, b)
        for a in range(len(rows))
        for b in range(len(rows))
        if a < b and keys[a] == keys[b] and starts[a] < ends[b] and starts[b] < ends[a]
    ]
    assert bool(len(overlapping_rows(keys, starts, ends))) == bool(pairs)
