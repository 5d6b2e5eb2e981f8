"""What part of a goal a seller carries: joiners, leavers, ramps and relief. Exact fractions; the rounding is the caller's, once.

Source: domain.md C3, proration, quota relief, ramp.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction

from spm.core.money import round_half_away
from spm.core.periods import Period


class ProrateBy(StrEnum):
    """How the part of a period is counted in which somebody takes part."""

    DAYS = "DAYS"
    MONTHS = "MONTHS"
    WHOLE = "WHOLE"


def participation(period: Period, start: date, end: date | None, by: ProrateBy) -> Fraction:
    """The part of the period that lies in [start, end); an `end` of None is open.

    By months, a month counts in full when its first day is taken part in (a joiner of the 1st carries it, one of the 2nd does not).
    WHOLE counts any day as all.

    >>> from spm.core.periods import Calendar, CalendarKind
    >>> first = Calendar(CalendarKind.QUARTERLY).year(2019)[0]
    >>> participation(first, date(2019, 3, 1), None, ProrateBy.MONTHS), participation(first, date(2019, 3, 1), None, ProrateBy.DAYS)
    (Fraction(1, 3), Fraction(31, 90))
    """
    first, until = max(period.start, start), min(period.end, end or period.end)
    if first >= until:
        return Fraction(0)
    if by == ProrateBy.WHOLE:
        return Fraction(1)
    if by == ProrateBy.DAYS:
        return Fraction((until - first).days, period.days)
    months = _firsts(period.start, period.end)
    return Fraction(sum(first <= each < until for each in months), len(months)) if months else Fraction(1)


def ramp_share(shares: Sequence[Fraction], month_in_role: int) -> Fraction:
    """The share of a full quota in a month in role, counted from 1; beyond the ramp it is full.

    >>> ramp_share([Fraction(0), Fraction(1, 4), Fraction(1, 2)], 3), ramp_share([Fraction(1, 4)], 2)
    (Fraction(1, 2), Fraction(1, 1))
    """
    return shares[month_in_role - 1] if month_in_role <= len(shares) else Fraction(1)


def month_in_role(since: date, day: date) -> int:
    """Count the month of a day in a role since its first day: the month of joining is 1.

    >>> month_in_role(date(2026, 1, 15), date(2026, 3, 1))
    3
    """
    return (day.year - since.year) * 12 + day.month - since.month + 1


def prorated(value: int, share: Fraction) -> int:
    """The part of a value, rounded half away from 0, in its own unit.

    >>> prorated(800_000, Fraction(214, 365))
    469041
    """
    return round_half_away(value * share.numerator, share.denominator)


def by_days(steps: Sequence[tuple[date, int]], until: date) -> int:
    """What values that each hold from a day on until the next come to over all days, rounded once, half away from 0.

    `steps` are in the order of their days; the last holds until the day before `until`.

    >>> by_days([(date(2026, 4, 1), 9_000_000), (date(2026, 5, 15), 18_000_000)], date(2026, 7, 1))
    13648352
    """
    ends = [day for day, _ in steps[1:]] + [until]
    weighed = sum(value * (end - day).days for (day, value), end in zip(steps, ends, strict=True))
    return round_half_away(weighed, (until - steps[0][0]).days)


def relieved(value: int, *, days: int = 0, of_days: int = 1, amount: int = 0) -> int:
    """A goal less relief, by days of its interval or by a stated amount; never below 0.

    >>> relieved(90_000, days=30, of_days=90)
    60000
    """
    return max(0, value - prorated(value, Fraction(days, of_days)) - amount)


def _firsts(start: date, end: date) -> list[date]:
    """The first days of months in [start, end)."""
    found, step = [], date(start.year, start.month, 1)
    while step < end:
        if step >= start:
            found.append(step)
        step = date(step.year + step.month // 12, step.month % 12 + 1, 1)
    return found
