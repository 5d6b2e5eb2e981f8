"""Calendars: no gap, no overlap, right names."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm.core.periods import Calendar, CalendarKind, periods_frame


@given(st.sampled_from(CalendarKind), st.integers(1, 12), st.integers(0, 6), st.integers(1990, 2060))
def test_years_meet_without_gap_or_overlap(kind: CalendarKind, month: int, weekday: int, year: int) -> None:
    calendar = Calendar(kind, month, weekday)
    periods = [*calendar.year(year), *calendar.year(year + 1)]
    assert all(earlier.end == later.start for earlier, later in zip(periods, periods[1:], strict=False))
    assert len({period.key for period in periods}) == len(periods)
    assert {period.year_key for period in calendar.year(year)} == {str(year)}


@given(st.sampled_from(CalendarKind), st.integers(1, 12), st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_every_day_has_one_period(kind: CalendarKind, month: int, day: date) -> None:
    period = Calendar(kind, month).containing(day)
    assert period.holds(day)
    assert not period.holds(period.end)


def test_a_fiscal_year_is_named_by_the_year_in_which_it_ends() -> None:
    first = Calendar(CalendarKind.QUARTERLY, first_month=7).year(2026)[0]
    assert (first.key, first.start, first.end) == ("2026-Q1", date(2025, 7, 1), date(2025, 10, 1))


def test_a_445_year_has_quarters_of_thirteen_weeks_and_its_extra_week_at_the_end() -> None:
    periods = Calendar(CalendarKind.FOUR_FOUR_FIVE).year(2026)
    assert [period.days // 7 for period in periods][:3] == [4, 4, 5]
    assert sum(period.days for period in periods) in (364, 371)
    assert periods[0].start.weekday() == 0
    assert abs(periods[0].start - date(2026, 1, 1)) <= timedelta(days=3)


def test_half_months_cut_after_the_15th() -> None:
    first, second = Calendar(CalendarKind.SEMI_MONTHLY).year(2022)[:2]
    assert (first.key, first.end, second.end) == ("2022-01-A", date(2022, 1, 16), date(2022, 2, 1))


def test_fortnights_follow_each_other_without_end() -> None:
    calendar = Calendar(CalendarKind.BIWEEKLY)
    periods = [period for year in range(2020, 2051) for period in calendar.year(year)]
    assert {period.days for period in periods} == {14}
    assert {len(calendar.year(year)) for year in range(2020, 2051)} == {26, 27}
    first = calendar.year(2026)[0]
    assert (first.key, first.start, first.end) == ("2026-B01", date(2025, 12, 29), date(2026, 1, 12))
    quarters = [period.quarter_key for period in calendar.year(2026)]
    assert [quarters.count(f"2026-Q{number}") for number in (1, 2, 3, 4)] == [7, 6, 7, 6]
    assert quarters == sorted(quarters)


def test_fortnights_are_cut_from_any_of_their_first_days() -> None:
    for first in (date(2023, 6, 16), date(2026, 1, 9), date(2031, 8, 15)):
        periods = Calendar(CalendarKind.BIWEEKLY, cut_from=first).year(2026)
        assert periods[0].start == date(2025, 12, 26)
    assert Calendar(CalendarKind.BIWEEKLY, 7, cut_from=date(2026, 1, 9)).year(2026)[0].start == date(2025, 6, 27)


def test_a_frame_of_periods_has_their_quarters_and_years() -> None:
    frame = periods_frame(Calendar(CalendarKind.MONTHLY).year(2026))
    assert frame.loc[3].tolist() == ["2026-04", 20544, 20574, "2026-Q2", "2026"]


@pytest.mark.parametrize(("month", "weekday"), [(0, 0), (13, 0), (1, 7)])
def test_an_impossible_calendar_is_refused(month: int, weekday: int) -> None:
    with pytest.raises(ValueError, match="fiscal year"):
        Calendar(CalendarKind.MONTHLY, month, weekday)
