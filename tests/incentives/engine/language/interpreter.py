"""A second, independent way to compute formulas: one row at a time, in Fractions, over trees that the generator made.

It shares no code with the engine and never sees the text. An expression is a tuple (operator, …); what has no value is `LOST`.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

LOST = "LOST"
Row = dict[str, Any]


def value(node: tuple[Any, ...], row: Row) -> Any:
    """The value of a tree for a row."""
    what, parts = node[0], node[1:]
    if what == "literal":
        return parts[0]
    if what == "name":
        return row[parts[0]]
    if what == "if":
        condition = value(parts[0], row)
        return LOST if condition is LOST else value(parts[1] if condition else parts[2], row)
    if what in ("and", "or"):
        return joined(what, [value(part, row) for part in parts])
    found = [value(part, row) for part in parts if isinstance(part, tuple)]
    if any(each is LOST for each in found):
        return LOST
    return computed(what, found, parts)


def joined(what: str, found: list[Any]) -> Any:
    """A condition that decides alone decides; else what is lost stays lost."""
    decides = what == "or"
    if any(each is not LOST and each == decides for each in found):
        return decides
    return LOST if any(each is LOST for each in found) else not decides


def computed(what: str, found: list[Any], parts: tuple[Any, ...]) -> Any:
    """Operators whose arguments all have values."""
    first, second = found[0], found[1] if len(found) > 1 else None
    if what == "/":
        return LOST if second == 0 else first / second
    if what in ("round", "roundup", "rounddown"):
        return rounded(what, first, parts[1])
    simple = {
        "+": lambda: first + second,
        "-": lambda: first - second,
        "*": lambda: first * second,
        "negate": lambda: -first,
        "abs": lambda: abs(first),
        "min": lambda: min(found),
        "max": lambda: max(found),
        "not": lambda: not first,
        "=": lambda: first == second,
        "<>": lambda: first != second,
        "<": lambda: first < second,
        "<=": lambda: first <= second,
        ">": lambda: first > second,
        ">=": lambda: first >= second,
        "in": lambda: first in found[1:],
        "starts": lambda: first[: len(second)] == second,
        "year": lambda: Fraction(date.fromordinal(first).year),
        "month": lambda: Fraction(date.fromordinal(first).month),
        "days": lambda: Fraction(first - second),
        "tier": lambda: tiered(first),
        "curve": lambda: curved(first),
        "tierrate": lambda: Fraction(1, 100) if first < 1000 else Fraction(2, 100),
    }
    return simple[what]()


def curved(amount: Fraction) -> Fraction:
    """10 % at 0, 20 % just below 1,000 and 30 % from there, 50 % from 3,000 on; nothing below 0."""
    if amount < 0:
        return Fraction(0)
    if amount < 1000:
        return Fraction(1, 10) + amount / 10_000
    return min(Fraction(3, 10) + (amount - 1000) / 10_000, Fraction(1, 2))


def tiered(amount: Fraction) -> Fraction:
    """1 % up to 1,000, 2 % above, marginal."""
    return min(amount, Fraction(1000)) * Fraction(1, 100) + max(amount - 1000, Fraction(0)) * Fraction(2, 100)


def rounded(what: str, number: Fraction, digits: int) -> Fraction:
    """Half away from zero, away from zero, towards zero."""
    scaled = abs(number) * Fraction(10) ** digits
    below = scaled.numerator // scaled.denominator
    rest = scaled - below
    if (what == "roundup" and rest) or (what == "round" and rest >= Fraction(1, 2)):
        below += 1
    return Fraction(below) / Fraction(10) ** digits * (1 if number >= 0 else -1)
