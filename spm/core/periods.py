"""Fiscal calendars: months, half months, quarters, years, 4-4-5 periods, weeks and fortnights, all half-open.

A period carries the quarter and the fiscal year it belongs to, because goals and accumulations are asked by them. A fiscal
year is named by the calendar year in which it ends. This module knows no holidays and no time zones: a day is a date.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd

from spm.core.dated import day_number


class CalendarKind(StrEnum):
    """How a fiscal year is cut."""

    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    YEARLY = "YEARLY"
    FOUR_FOUR_FIVE = "445"
    WEEKLY = "WEEKLY"
    BIWEEKLY = "BIWEEKLY"
    SEMI_MONTHLY = "SEMI_MONTHLY"


PER_YEAR = {
    CalendarKind.MONTHLY: 12,
    CalendarKind.QUARTERLY: 4,
    CalendarKind.YEARLY: 1,
    CalendarKind.FOUR_FOUR_FIVE: 12,
    CalendarKind.WEEKLY: 52,
    CalendarKind.BIWEEKLY: 26,
    CalendarKind.SEMI_MONTHLY: 24,
}
"""How many periods a usual year has; one of weeks has another week, one of fortnights another fortnight, in some years."""

FORTNIGHT = timedelta(days=14)
FIRST_FORTNIGHT = date(2024, 1, 1)
"""The first day of a fortnight, where a calendar names no other."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open stretch of days with a name, and the quarter and fiscal year around it."""

    start: date
    end: date
    key: str
    quarter_key: str
    year_key: str

    def holds(self, day: date) -> bool:
        """True when the day lies in the period."""
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class Calendar:
    """A fiscal calendar. `first_month` starts the fiscal year; 4-4-5 and weekly years start on `first_weekday` (0 is Monday)
    nearest to the first day of that month. Fortnights follow each other without end from `cut_from` on, so that payroll never has
    a longer one; a fiscal year begins with the one that starts nearest to its first day, and has 26 or 27.

    >>> [period.key for period in Calendar(CalendarKind.QUARTERLY).year(2017)]
    ['2017-Q1', '2017-Q2', '2017-Q3', '2017-Q4']
    """

    kind: CalendarKind
    first_month: int = 1
    first_weekday: int = 0
    cut_from: date = FIRST_FORTNIGHT

    def __post_init__(self) -> None:
        if not 1 <= self.first_month <= 12 or not 0 <= self.first_weekday <= 6:
            raise ValueError("A fiscal year starts in a month 1 to 12 and a week on a day 0 to 6.")

    def year(self, fiscal_year: int) -> tuple[Period, ...]:
        """The periods of one fiscal year, without gap or overlap."""
        if self.kind in (CalendarKind.FOUR_FOUR_FIVE, CalendarKind.WEEKLY):
            return self._by_weeks(fiscal_year)
        if self.kind == CalendarKind.BIWEEKLY:
            return self._by_fortnights(fiscal_year)
        if self.kind == CalendarKind.SEMI_MONTHLY:
            return self._by_half_months(fiscal_year)
        return self._by_months(fiscal_year)

    def periods(self, start: date, until: date) -> tuple[Period, ...]:
        """The periods that share a day with [start, until), in order."""
        years = range(start.year - 1, until.year + 3)
        return tuple(each for year in years for each in self.year(year) if each.start < until and each.end > start)

    def containing(self, day: date) -> Period:
        """The period of a day."""
        return self.periods(day, day + timedelta(days=1))[0]

    def _year_start(self, fiscal_year: int) -> date:
        """The first day of a fiscal year that is cut by months."""
        return date(fiscal_year if self.first_month == 1 else fiscal_year - 1, self.first_month, 1)

    def _by_months(self, fiscal_year: int) -> tuple[Period, ...]:
        width = {CalendarKind.MONTHLY: 1, CalendarKind.QUARTERLY: 3, CalendarKind.YEARLY: 12}[self.kind]
        start = self._year_start(fiscal_year)
        return tuple(
            self._named(fiscal_year, index, months_from(start, index * width), months_from(start, (index + 1) * width))
            for index in range(12 // width)
        )

    def _by_half_months(self, fiscal_year: int) -> tuple[Period, ...]:
        start, found = self._year_start(fiscal_year), []
        for month in range(12):
            first, until = months_from(start, month), months_from(start, month + 1)
            middle = first + timedelta(days=15)
            quarter, year = f"{fiscal_year}-Q{month // 3 + 1}", str(fiscal_year)
            found.append(Period(first, middle, f"{first:%Y-%m}-A", quarter, year))
            found.append(Period(middle, until, f"{first:%Y-%m}-B", quarter, year))
        return tuple(found)

    def _named(self, fiscal_year: int, index: int, start: date, end: date) -> Period:
        year = str(fiscal_year)
        if self.kind == CalendarKind.YEARLY:
            return Period(start, end, year, year, year)
        if self.kind == CalendarKind.QUARTERLY:
            return Period(start, end, f"{year}-Q{index + 1}", f"{year}-Q{index + 1}", year)
        key = f"{start:%Y-%m}" if self.first_month == 1 else f"{year}-M{index + 1:02d}"
        return Period(start, end, key, f"{year}-Q{index // 3 + 1}", year)

    def _by_weeks(self, fiscal_year: int) -> tuple[Period, ...]:
        """Periods of whole weeks; a year of 53 weeks has its extra week at the end."""
        start, until = self._week_year_start(fiscal_year), self._week_year_start(fiscal_year + 1)
        weeks = (until - start).days // 7
        if self.kind == CalendarKind.WEEKLY:
            cuts, letter = list(range(weeks)), "W"
        else:
            cuts, letter = [quarter * 13 + offset for quarter in range(4) for offset in (0, 4, 8)], "P"
        starts = [start + timedelta(weeks=cut) for cut in cuts]
        return tuple(
            Period(
                first,
                last,
                f"{fiscal_year}-{letter}{index + 1:02d}",
                f"{fiscal_year}-Q{min(cut // 13, 3) + 1}",
                str(fiscal_year),
            )
            for index, (cut, first, last) in enumerate(zip(cuts, starts, [*starts[1:], until], strict=True))
        )

    def _by_fortnights(self, fiscal_year: int) -> tuple[Period, ...]:
        """Whole fortnights; a quarter is the one in which, by months, the middle day of the fortnight lies."""
        start, until = (self._fortnight_year_start(year) for year in (fiscal_year, fiscal_year + 1))
        found = []
        for index in range((until - start) // FORTNIGHT):
            first = start + index * FORTNIGHT
            middle, begun = first + timedelta(days=7), self._year_start(fiscal_year)
            months = (middle.year - begun.year) * 12 + middle.month - begun.month
            quarter = min(max(months // 3, 0), 3) + 1
            key = f"{fiscal_year}-B{index + 1:02d}"
            found.append(Period(first, first + FORTNIGHT, key, f"{fiscal_year}-Q{quarter}", str(fiscal_year)))
        return tuple(found)

    def _fortnight_year_start(self, fiscal_year: int) -> date:
        """The first day of the fortnight that starts nearest to the first day of the fiscal year; of two the earlier."""
        first = self._year_start(fiscal_year)
        back = (first - self.cut_from).days % 14
        return first - timedelta(days=back) if back <= 7 else first + timedelta(days=14 - back)

    def _week_year_start(self, fiscal_year: int) -> date:
        """The chosen weekday nearest to the first day of the fiscal year."""
        first = self._year_start(fiscal_year)
        back = (first.weekday() - self.first_weekday) % 7
        return first - timedelta(days=back) if back <= 3 else first + timedelta(days=7 - back)


def months_from(day: date, months: int) -> date:
    """The first day of the month that many months later (or, below 0, earlier)."""
    return months_later(day.replace(day=1), months)


def months_later(day: date, months: int) -> date:
    """The same day that many months later (or, below 0, earlier), or the last of a shorter month.

    >>> months_later(date(2019, 2, 28), 12), months_later(date(2024, 1, 31), 1)
    (datetime.date(2020, 2, 28), datetime.date(2024, 2, 29))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def year_before(day: date) -> date:
    """The same day a year earlier, the last of February where there is none: [year_before(day), day) are the twelve months before a day.

    >>> year_before(date(2026, 6, 15)), year_before(date(2028, 2, 29))
    (datetime.date(2025, 6, 15), datetime.date(2027, 2, 28))
    """
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def periods_frame(periods: Iterable[Period]) -> pd.DataFrame:
    """Periods as a frame: period_key, start_on and end_on as int32 day numbers, quarter_key, year_key."""
    rows = [
        (each.key, day_number(each.start), day_number(each.end), each.quarter_key, each.year_key)
        for each in sorted(periods)
    ]
    frame = pd.DataFrame(rows, columns=["period_key", "start_on", "end_on", "quarter_key", "year_key"])
    return frame.astype({"start_on": "int32", "end_on": "int32"})
