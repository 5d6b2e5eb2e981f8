"""Lengths of time from a day: months keep the day of the month where the month has it, else end with the month."""

from __future__ import annotations

from incentives.engine.plan_settling import Span
from spm.core.dated import FOREVER, day_number, day_of
from spm.core.periods import months_later

LAST_YEAR = 9999


def after(day: int, span: Span) -> int:
    """The day that much later; FOREVER beyond the last year that has days.

    >>> from datetime import date
    >>> from spm.core.dated import day_text
    >>> day_text(after(day_number(date(2026, 1, 31)), Span(months=1)))
    '2026-02-28'
    """
    start = day_of(day)
    if start.year * 12 + start.month - 1 + span.months >= LAST_YEAR * 12:
        return FOREVER
    return day_number(months_later(start, span.months)) + span.days
