"""Days as files write them: ISO always, other orders as the mapping says, never by a guess.

The time of a timestamp is left out as written, without a change of time zone.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from spm.crm.feeds.problems import ValueProblem

FIRST_YEAR, LAST_YEAR = 1900, 2199
_TIME = r"(?:[T ]\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?\s*(?:[AaPp][Mm])?\s*(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
_ISO = re.compile(rf"([0-9]{{4}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}}){_TIME}")
_COMPACT = re.compile(r"((?:19|20|21)[0-9]{2})([0-9]{2})([0-9]{2})")
_ORDERED = re.compile(rf"([0-9]{{1,2}})([./-])([0-9]{{1,2}})\2([0-9]{{2}}|[0-9]{{4}}){_TIME}")
_NAMED = re.compile(rf"([0-9]{{1,2}})[ .-]+([A-Za-z]{{3,9}})[ .,-]+([0-9]{{4}}){_TIME}")
_NAMED_FIRST = re.compile(rf"([A-Za-z]{{3,9}})[ .]+([0-9]{{1,2}}),?[ ]+([0-9]{{4}}){_TIME}")
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_MONTHS = {
    name: number
    for number, name in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        start=1,
    )
}
_SHORT_MONTHS = {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_WRITE = "Write it like 2026-03-31."


def parse_date(text: str, date_order: str | None = None, *, excel_serials: bool = False) -> date:
    """The day a text names; `date_order` is DMY, MDY, YMD or None when only clear texts are to be taken.

    >>> parse_date("31.03.2026"), parse_date("03/04/2026", "MDY")
    (datetime.date(2026, 3, 31), datetime.date(2026, 3, 4))
    """
    text = text.strip()
    if match := _ISO.fullmatch(text):
        return _day(match[1], match[3], match[4], text)
    if match := _COMPACT.fullmatch(text):
        return _day(match[1], match[2], match[3], text)
    if match := _ORDERED.fullmatch(text):
        return _ordered(match[1], match[3], match[4], match[2], text, date_order)
    if match := _NAMED.fullmatch(text):
        return _day(match[3], _month(match[2], text), match[1], text)
    if match := _NAMED_FIRST.fullmatch(text):
        return _day(match[3], _month(match[1], text), match[2], text)
    if match := _SERIAL.fullmatch(text):
        return _serial(int(match[1]), text, excel_serials)
    raise ValueProblem(f"“{text[:40]}” is not a date.", _WRITE)


def _ordered(first: str, second: str, year: str, mark: str, text: str, order: str | None) -> date:
    if len(year) == 2:
        raise ValueProblem(f"The year of “{text}” has two digits.", f"Write all four. {_WRITE}")
    if order in (None, "YMD"):
        order = "DMY" if mark == "." else clear_order(text)
    if order is None:
        months = f"{_named(second)} {int(first)} or {_named(first)} {int(second)}"
        raise ValueProblem(f"“{text}” can be {months}.", "Choose the order of day and month in the mapping.")
    day, month = (first, second) if order == "DMY" else (second, first)
    if int(month) > 12 >= int(day):
        wanted = "day first" if order == "DMY" else "month first"
        raise ValueProblem(
            f"“{text}” has no month {month}: the mapping says {wanted}.",
            f"Correct the date. {_WRITE} Or change the order of dates in the mapping.",
        )
    return _day(year, month, day, text)


def clear_order(text: str) -> str | None:
    """DMY or MDY when a text with numbers allows only one of them (or both name one day); None otherwise.

    >>> clear_order("31/03/2026"), clear_order("03/31/2026"), clear_order("03/04/2026")
    ('DMY', 'MDY', None)
    """
    match = _ORDERED.fullmatch(text.strip())
    if not match:
        return None
    first, second = int(match[1]), int(match[3])
    if first > 12 >= second or first == second or match[2] == ".":
        return "DMY"
    return "MDY" if second > 12 >= first else None


def _named(month: str) -> str:
    names = [name.capitalize() for name in _MONTHS]
    return names[int(month) - 1] if 1 <= int(month) <= 12 else month


def _month(name: str, text: str) -> str:
    number = _MONTHS.get(name.lower()) or _SHORT_MONTHS.get(name.lower())
    if number is None:
        raise ValueProblem(f"“{text[:40]}” is not a date: “{name}” is not an English month.", _WRITE)
    return str(number)


def _serial(number: int, text: str, allowed: bool) -> date:
    if not allowed:
        reason = f"“{text}” looks like the number that a spreadsheet keeps for a day."
        raise ValueProblem(reason, "Format the column as a date and export again, or allow day numbers in the mapping.")
    return date(1899, 12, 30) + timedelta(days=number)


def _day(year: str, month: str, day: str, text: str) -> date:
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueProblem(f"The year of “{text}” is not between {FIRST_YEAR} and {LAST_YEAR}.", "Correct the year.")
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueProblem(f"“{text}” is not a day of the calendar.", f"Correct the date. {_WRITE}") from error
