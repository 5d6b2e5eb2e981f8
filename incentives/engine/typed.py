"""What a number or a length of time may mean that is written as people type it, and what to write instead."""

from __future__ import annotations

import re

from spm.core.findings import Finding
from spm.core.money import AmountError, Rate

_MARK = "[,.'’ \u00a0\u202f]"
_GROUPED = re.compile(rf"[+-]?\d{{1,3}}(?:{_MARK}\d{{3}})+(?:[.,]\d+)?(?!\d)")
_GROUPED_PERCENT = re.compile(rf"{_GROUPED.pattern}\s*%")
_ONE_GROUP = re.compile(r"([+-]?[1-9]\d{0,2})[.,](\d{3})")
_TWO_VALUES = re.compile(r"(\d{1,3}),([1-9]\d{2})\s*%")
_LENGTH = re.compile(r"\D*(\d{1,4})\W*([a-z]*)\W*", re.IGNORECASE)
_UNITS = {"d": (1, "days"), "w": (7, "days"), "m": (1, "months"), "q": (3, "months"), "y": (12, "months")}
_QUOTED = re.compile(r"""(["'])([^"']*)\1\s*$""")
_BEGINS_WITH_0 = re.compile(r"[+-]?0\d+")


def number_fix(value: object) -> str:
    """Give what to write in the place of a number with separators.

    >>> number_fix("1 000"), number_fix("1,000,000.50"), number_fix("1,000"), number_fix("12,5"), number_fix("many")
    ('Write 1000.', 'Write 1000000.50.', 'Write 1000 or 1.0.', 'Write 12.5.', 'Write a number.')
    """
    text = str(value).strip()
    one = _ONE_GROUP.fullmatch(text)
    if one is not None:
        return f"Write {one[1]}{one[2]} or {one[1]}.{one[2].rstrip('0') or '0'}."
    if _GROUPED.fullmatch(text):
        return f"Write {_joined(text)}."
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return f"Write {text.replace(',', '.')}."
    return "Write a number."


def rate_read(value: object) -> Rate:
    """Give a rate that is typed; raises AmountError also where a comma in it may stand between thousands."""
    readings = rate_readings(str(value))
    if readings:
        told = f"can be {' or '.join(readings)}" if len(readings) == 2 else "has its thousands apart"
        raise AmountError(Finding("RATE_UNREADABLE", "", f"“{value}” {told}.", fix=f"Write {' or '.join(readings)}."))
    return Rate.parse(str(value))


def rate_readings(text: str) -> tuple[str, ...]:
    """Give what a rate with a comma or thousands apart may be; nothing for one that is read as it stands.

    >>> rate_readings("2,000 %"), rate_readings("2 000%"), rate_readings("0,125 %"), rate_readings("2.000 %")
    (('2000 %', '2.0 %'), ('2000 %',), (), ())
    """
    number = text.strip().removesuffix("%").strip()
    sign = " %" if text.strip().endswith("%") else ""
    one = _ONE_GROUP.fullmatch(number)
    if one is not None and "," in number:
        return f"{one[1]}{one[2]}{sign}", f"{one[1]}.{one[2].rstrip('0') or '0'}{sign}"
    if re.fullmatch(r"[+-]?\d+[.,]\d+", number) or not _GROUPED.fullmatch(number):
        return ()
    return (f"{_joined(number)}{sign}",)


def percent_at(text: str, place: int) -> str | None:
    """Give what to write for the percentage with its thousands apart that a place in a text lies in.

    >>> percent_at("measure * 2,000 %", 16), percent_at("measure * 20 %", 13), percent_at("IF(a > 1,100%, 0%)", 8)
    ('2000 % or 2.0 %', None, '1100 % or 1.1 % or 1, 100 %')
    """
    found = next((each for each in _GROUPED_PERCENT.finditer(text) if each.start() < place < each.end()), None)
    if found is None:
        return None
    two = _TWO_VALUES.fullmatch(found[0])
    before = text[: found.start()]
    values = (f"{two[1]}, {two[2]} %",) if two and before.count("(") > before.count(")") else ()
    return " or ".join((*rate_readings(found[0]), *values)) or None


def _joined(text: str) -> str:
    """Grouped digits without their separators; the last mark is a decimal point where it can't separate thousands."""
    groups, marks = re.split(_MARK, text), re.findall(_MARK, text)
    is_decimal = marks[-1] in ",." and (len(groups[-1]) != 3 or len(set(marks)) > 1)
    return f"{''.join(groups[:-1])}.{groups[-1]}" if is_decimal else "".join(groups)


def grouped_at(text: str, place: int) -> str | None:
    """Give the number without separators that a place in a text lies in, None where it lies in none.

    >>> grouped_at("MIN(measure, 1 000)", 15), grouped_at("MIN(measure, 1 000)", 2)
    ('1000', None)
    """
    found = (each for each in _GROUPED.finditer(text) if each.start() < place < each.end())
    return next((_joined(each[0]) for each in found), None)


def is_thousands(text: str) -> bool:
    """Tell whether a plain number may as well be thousands: 1.000 in half of the world.

    >>> is_thousands("1.000"), is_thousands("1.125"), is_thousands("0.000")
    (True, False, False)
    """
    return re.fullmatch(r"[+-]?[1-9]\d{0,2}\.000", text.strip()) is not None


def begins_with_0(value: object) -> bool:
    """Tell whether a number begins with a 0 that nobody writes: what a comma inside brackets leaves of 1,000."""
    return _BEGINS_WITH_0.fullmatch(str(value).strip()) is not None


def span_fix(value: object) -> str:
    """Give what to write in the place of a length of time.

    >>> span_fix('"90" days'), span_fix("2 weeks"), span_fix("90"), span_fix("soon")
    ('Write 90 days.', 'Write 14 days.', 'Write 90 days or 90 months.', 'Write 3 months or 90 days.')
    """
    found = _LENGTH.fullmatch(str(value).strip())
    if found is None or int(found[1]) == 0 or (found[2] and found[2][0].lower() not in _UNITS):
        return "Write 3 months or 90 days."
    count = int(found[1])
    if not found[2]:
        return f"Write {count} days or {count} months."
    times, unit = _UNITS[found[2][0].lower()]
    return f"Write {count * times} {unit}."


def quoted_fix(text: str, line: int, column: int) -> str | None:
    """Give what to write where YAML stops because a text goes on after its closing quote; line and column count from 0.

    >>> quoted_fix('within: "90" days', 0, 13)
    'Write 90 days without quotes, or all of it in quotes.'
    """
    lines = text.splitlines()
    if line >= len(lines):
        return None
    before, after = lines[line][:column], re.match(r"[^,}\]#]+", lines[line][column:])
    quoted = _QUOTED.search(before)
    if quoted is None or after is None:
        return None
    return f"Write {quoted[2]} {after[0].strip()} without quotes, or all of it in quotes."
