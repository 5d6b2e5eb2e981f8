"""A plan whose days were changed takes its worked examples along: one that lay within the days before lies within those after.

Examples by months move by whole months, those of weeks, fortnights and 4-4-5 periods by whole weeks, so that a day keeps its place in its
period.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from incentives.forms.designer.places import Document, find, shown
from spm.core.dated import day_read
from spm.core.periods import Calendar, CalendarKind, Period, months_later

Days = tuple[date, date]
Move = Callable[[date], date]

YEARS_APART = 30
MONTHS = {CalendarKind.MONTHLY: 1, CalendarKind.SEMI_MONTHLY: 1, CalendarKind.QUARTERLY: 3, CalendarKind.YEARLY: 12}
"""By calendar: the months of a period. Half a month keeps its place in the month."""
WEEKS = {CalendarKind.WEEKLY: 1, CalendarKind.BIWEEKLY: 2, CalendarKind.FOUR_FOUR_FIVE: 13}
"""By calendar: the weeks after which periods of the same lengths follow each other."""

_DATED = re.compile(
    r"(?<![\w-])(\d{4})-(?:([QWBP])(\d{1,2})|(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)(?=-[AB]\b|(?![\w-]))"
)
"""A quarter, week, fortnight or 4-4-5 period, a day, or a month with or without its half."""
_LETTERS = {
    "Q": CalendarKind.QUARTERLY,
    "W": CalendarKind.WEEKLY,
    "B": CalendarKind.BIWEEKLY,
    "P": CalendarKind.FOUR_FOUR_FIVE,
}
_YEAR = re.compile(r"\d{4}")
BY_PERIOD = ("period", "periods", "paid", "owed")
"""Fields whose values or names are periods, so that four digits are a year in them."""


def redated(before: Document, after: Document) -> Document:
    """Give the document after an edit with its examples moved into its days.

    They move by whole years, or where that does not fit by the fewest whole periods; where nothing fits they stay.
    """
    old, new = _days(before), _days(after)
    examples, kind = after.get("examples"), shown(after.get("period")).upper() or CalendarKind.QUARTERLY
    if new is None or old == new or kind not in {*MONTHS, *WEEKS} or not isinstance(examples, list):
        return after
    return {**after, "examples": [_example(each, old, new, CalendarKind(kind)) for each in examples]}


def _example(example: Any, old: Days | None, new: Days, kind: CalendarKind) -> Any:
    marks = _marks(example, kind)
    if not marks or (old is not None and not _fits(marks, old, partial(_days_later, 0), kind)):
        return example
    moves = _by_weeks(marks, kind) if kind in WEEKS else _by_months(marks, kind)
    move = next((move for move in moves if _fits(marks, new, move, kind)), None)
    return example if move is None or move(new[0]) == new[0] else _moved(example, move)


def _by_months(marks: list[Days], kind: CalendarKind) -> Iterator[Move]:
    """Moves by years, then by the fewest months that keep periods whole: near before far, later before earlier."""
    step = max([MONTHS[kind], *((end.year - start.year) * 12 + end.month - start.month for start, end in marks)])
    yield from (partial(_months_later, months) for months in (*_near(12, 12 * YEARS_APART), *_near(step, 12 * step)))


def _by_weeks(marks: list[Days], kind: CalendarKind) -> Iterator[Move]:
    """Moves from the first period of a year to that of another, then by the fewest weeks that keep periods whole."""
    calendar = Calendar(kind)
    year = int(calendar.containing(_middle(marks[0])).year_key)
    begun = calendar.year(year)[0].start
    by_years = ((calendar.year(year + years)[0].start - begun).days for years in _near(1, YEARS_APART))
    yield from (partial(_days_later, days) for days in (*by_years, *_near(7 * WEEKS[kind], 53 * 7)))


def _months_later(months: int, day: date) -> date:
    return months_later(day, months)


def _days_later(days: int, day: date) -> date:
    return day + timedelta(days=days)


def _near(step: int, most: int) -> list[int]:
    return sorted(range(-(most // step) * step, most + 1, step), key=lambda number: (abs(number), -number))


def _fits(marks: list[Days], days: Days, move: Move, kind: CalendarKind) -> bool:
    """Whether what an example is about lies in the days. A year of weeks begins some days before or after that of the plan, so that of
    such a period the middle counts; it must come to one of the same length."""
    if kind not in WEEKS:
        return all(days[0] <= move(start) and move(end - timedelta(days=1)) < days[1] for start, end in marks)
    calendar = Calendar(kind)
    periods = [mark for mark in marks if mark[1] - mark[0] > timedelta(days=1)]
    found = [calendar.containing(move(start)) for start, _ in periods]
    same = all(
        (move(start), move(end)) == (each.start, each.end) for (start, end), each in zip(periods, found, strict=True)
    )
    return same and all(days[0] <= move(_middle(mark)) < days[1] for mark in marks)


def _middle(days: Days) -> date:
    return days[0] + (days[1] - days[0]) / 2


def _days(document: Document) -> Days | None:
    start, until = (day_read(shown(document.get(name))) for name in ("from", "until"))
    return (start, until) if start is not None and until is not None and start < until else None


def _marks(example: Any, kind: CalendarKind) -> list[Days]:
    """The days that an example is about: its periods, else the days of its deals."""
    named = [find(example, "given.period"), *_listed(find(example, "given.periods"))]
    found = [_span(shown(each), kind) for each in named if each is not None]
    if not found:
        deals = [each for each in _listed(find(example, "given.deals")) if isinstance(each, Mapping)]
        found = [_span(shown(each["on"]), kind) for each in deals if "on" in each]
    return [each for each in found if each is not None]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _span(text: str, kind: CalendarKind) -> Days | None:
    """The days of a day or a period; None for what is neither, and for weeks in a plan of months."""
    if _YEAR.fullmatch(text):
        return date(int(text), 1, 1), date(int(text) + 1, 1, 1)
    found = _DATED.match(text)
    if found is None or (found[2] or "Q") not in ("Q", *(letter for letter, of in _LETTERS.items() if of == kind)):
        return None
    if found[5]:
        day = day_read(found[0])
        return None if day is None else (day, day + timedelta(days=1))
    period = _period(found)
    return None if period is None else (period.start, period.end)


def _period(found: re.Match[str]) -> Period | None:
    """The period that was found; None where the year has no such one."""
    kind, number = _LETTERS[found[2]] if found[2] else CalendarKind.MONTHLY, int(found[3] or found[4])
    periods = Calendar(kind).year(int(found[1])) if "0001" < found[1] < "9990" else ()
    return periods[number - 1] if 1 <= number <= len(periods) else None


def _moved(value: Any, move: Move, name: str = "") -> Any:
    """Every day and period of a part, in names and in values, moved."""
    if isinstance(value, Mapping):
        return {_moved(key, move, name): _moved(each, move, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, move, name) for each in value]
    text = shown(value)
    if name in BY_PERIOD and _YEAR.fullmatch(text):
        return str(move(date(int(text), 7, 1)).year)
    return _DATED.sub(lambda found: _later(found, move), text) if isinstance(value, str) else value


def _later(found: re.Match[str], move: Move) -> str:
    """A day later by the move, or the period of the same kind in which the middle of a period then lies."""
    if found[5]:
        day = day_read(found[0])
        return found[0] if day is None else move(day).isoformat()
    period = _period(found)
    if period is None:
        return found[0]
    kind = _LETTERS[found[2]] if found[2] else CalendarKind.MONTHLY
    return Calendar(kind).containing(move(_middle((period.start, period.end)))).key
