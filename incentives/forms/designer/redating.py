"""A plan whose days were changed takes its worked examples along: one that lay within the days before lies within those after.

Examples of weeks, fortnights and 4-4-5 periods stay where they are: their periods have no such place in another year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from incentives.forms.designer.places import Document, find, shown
from spm.core.dated import day_read
from spm.core.periods import CalendarKind, months_from, months_later

Days = tuple[date, date]

YEARS_APART = 30
WIDTHS = {CalendarKind.MONTHLY: 1, CalendarKind.SEMI_MONTHLY: 1, CalendarKind.QUARTERLY: 3, CalendarKind.YEARLY: 12}
"""By calendar: the months of a period. Half a month keeps its place in the month."""

_DATED = re.compile(r"(?<![\w-])(\d{4})-(?:Q([1-4])|(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)(?=-[AB]\b|(?![\w-]))")
"""A quarter, a day, or a month with or without its half."""
_YEAR = re.compile(r"\d{4}")
BY_PERIOD = ("period", "periods", "paid", "owed")
"""Fields whose values or names are periods, so that four digits are a year in them."""


def redated(before: Document, after: Document) -> Document:
    """Give the document after an edit with its examples moved into its days.

    They move by whole years, or where that does not fit by the fewest whole periods; where nothing fits they stay.
    """
    old, new = _days(before), _days(after)
    examples, kind = after.get("examples"), shown(after.get("period")).upper() or CalendarKind.QUARTERLY
    if new is None or old == new or kind not in WIDTHS or not isinstance(examples, list):
        return after
    return {**after, "examples": [_example(each, old, new, WIDTHS[CalendarKind(kind)]) for each in examples]}


def _example(example: Any, old: Days | None, new: Days, width: int) -> Any:
    marks = list(_marks(example))
    if not marks or (old is not None and not _fits(marks, old, 0)):
        return example
    step = max([width, *(_months(mark) for mark in marks)])
    by_years = sorted(range(-12 * YEARS_APART, 12 * YEARS_APART + 1, 12), key=_nearest)
    by_periods = sorted(range(-12 * step, 12 * step + 1, step), key=_nearest)
    months = next((months for months in (*by_years, *by_periods) if _fits(marks, new, months)), 0)
    return _moved(example, months) if months else example


def _nearest(months: int) -> tuple[int, int]:
    """The order in which moves are tried: near before far, later before earlier."""
    return abs(months), -months


def _days(document: Document) -> Days | None:
    start, until = (day_read(shown(document.get(name))) for name in ("from", "until"))
    return (start, until) if start is not None and until is not None and start < until else None


def _marks(example: Any) -> Iterator[Days]:
    """The days that an example is about: its periods, else the days of its deals."""
    named = [find(example, "given.period"), *_listed(find(example, "given.periods"))]
    found = [_span(shown(each)) for each in named if each is not None]
    if not found:
        deals = [each for each in _listed(find(example, "given.deals")) if isinstance(each, Mapping)]
        found = [_span(shown(each["on"])) for each in deals if "on" in each]
    yield from (each for each in found if each is not None)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _span(text: str) -> Days | None:
    """The days of a day or a period; None for what is neither."""
    if _YEAR.fullmatch(text):
        return date(int(text), 1, 1), date(int(text) + 1, 1, 1)
    found = _DATED.match(text)
    if found is None or (day := _first(found)) is None:
        return None
    if found[4]:
        return day, day + timedelta(days=1)
    return day, months_from(day, 3 if found[2] else 1)


def _first(found: re.Match[str]) -> date | None:
    """The first day of what was found; None for a day that no month has."""
    month = 3 * int(found[2]) - 2 if found[2] else int(found[3])
    return day_read(f"{found[1]}-{month:02d}-{found[4] or '01'}")


def _months(mark: Days) -> int:
    return (mark[1].year - mark[0].year) * 12 + mark[1].month - mark[0].month


def _fits(marks: list[Days], days: Days, months: int) -> bool:
    moved = ((months_later(start, months), months_later(end - timedelta(days=1), months)) for start, end in marks)
    return all(days[0] <= start and end < days[1] for start, end in moved)


def _moved(value: Any, months: int, name: str = "") -> Any:
    """Every day and period of a part, in names and in values, so many months later."""
    if isinstance(value, Mapping):
        return {_moved(key, months, name): _moved(each, months, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, months, name) for each in value]
    text = shown(value)
    if name in BY_PERIOD and _YEAR.fullmatch(text):
        return str(int(text) + months // 12)
    return _DATED.sub(lambda found: _later(found, months), text) if isinstance(value, str) else value


def _later(found: re.Match[str], months: int) -> str:
    first = _first(found)
    if first is None:
        return found[0]
    day = months_later(first, months)
    if found[4]:
        return day.isoformat()
    return f"{day.year}-Q{(day.month + 2) // 3}" if found[2] else f"{day:%Y-%m}"
