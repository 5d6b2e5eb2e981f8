"""The types of formulas: money in a currency, percent, number, count, date, text, yes/no, and how they go together.

A number that is written out (PLAIN) becomes money of the plan's currency beside money; an attribute of a deal of which the
plan language does not know the type (OPEN) takes the type of what it is compared with. Nothing is computed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a value is."""

    MONEY = "MONEY"
    PERCENT = "PERCENT"
    NUMBER = "NUMBER"
    COUNT = "COUNT"
    DATE = "DATE"
    TEXT = "TEXT"
    YES_NO = "YES_NO"
    PLAIN = "PLAIN"
    OPEN = "OPEN"


WORDS = {
    Kind.MONEY: "an amount of money",
    Kind.PERCENT: "a percentage",
    Kind.NUMBER: "a number",
    Kind.COUNT: "a count",
    Kind.DATE: "a date",
    Kind.TEXT: "a text",
    Kind.YES_NO: "yes or no",
    Kind.PLAIN: "a number",
    Kind.OPEN: "an attribute",
}
NUMERIC = frozenset({Kind.NUMBER, Kind.COUNT, Kind.PLAIN, Kind.OPEN})
"""Kinds without a unit."""

RATIOS = frozenset({Kind.PERCENT, Kind.NUMBER, Kind.COUNT, Kind.PLAIN, Kind.OPEN})
"""Kinds that money can be multiplied with."""


@dataclass(frozen=True, slots=True)
class Type:
    """A kind, and the currency of money."""

    kind: Kind
    currency: str = ""

    def __str__(self) -> str:
        if self.kind == Kind.YES_NO:
            return WORDS[self.kind]
        return f"money in {self.currency}" if self.kind == Kind.MONEY else WORDS[self.kind].split(" ", 1)[-1]

    @property
    def words(self) -> str:
        """The type in a sentence.

        >>> Type(Kind.MONEY, "USD").words, Type(Kind.YES_NO).words
        ('an amount in USD', 'yes or no')
        """
        return f"an amount in {self.currency}" if self.kind == Kind.MONEY else WORDS[self.kind]


PERCENT, NUMBER, COUNT, DATE, TEXT, YES_NO, PLAIN, OPEN = (
    Type(kind)
    for kind in (
        Kind.PERCENT,
        Kind.NUMBER,
        Kind.COUNT,
        Kind.DATE,
        Kind.TEXT,
        Kind.YES_NO,
        Kind.PLAIN,
        Kind.OPEN,
    )
)


def common(left: Type, right: Type) -> Type | None:
    """The type of values that may stand for one another (branches of IF, arguments of MIN, both sides of a comparison or sum)."""
    if left == right:
        return left
    kinds = {left.kind, right.kind}
    if Kind.OPEN in kinds:
        return _with_attribute(left if right.kind == Kind.OPEN else right)
    if Kind.PLAIN in kinds:
        other = left if right.kind == Kind.PLAIN else right
        return other if other.kind in (Kind.MONEY, Kind.PERCENT, Kind.NUMBER, Kind.COUNT) else None
    if kinds == {Kind.NUMBER, Kind.COUNT}:
        return NUMBER
    return None


def _with_attribute(other: Type) -> Type | None:
    """An attribute is a number beside numbers and percentages, a text beside texts, yes or no beside yes or no."""
    if other.kind in (Kind.PLAIN, Kind.COUNT, Kind.NUMBER):
        return NUMBER
    return other if other.kind in (Kind.TEXT, Kind.YES_NO, Kind.PERCENT) else None


def summed(left: Type, right: Type, *, minus: bool) -> Type | None:
    """The type of a sum or difference, None when there is none."""
    kinds = (left.kind, right.kind)
    if Kind.DATE in kinds:
        if kinds == (Kind.DATE, Kind.DATE):
            return COUNT if minus else None
        other = right if left.kind == Kind.DATE else left
        allowed = other.kind in NUMERIC and (not minus or left.kind == Kind.DATE)
        return DATE if allowed else None
    if kinds == (Kind.OPEN, Kind.OPEN):
        return NUMBER
    found = common(left, right)
    return found if found is not None and found.kind not in (Kind.TEXT, Kind.YES_NO) else None


def multiplied(left: Type, right: Type) -> Type | None:
    """The type of a product, None when there is none (money × money)."""
    for one, other in ((left, right), (right, left)):
        if one.kind == Kind.MONEY:
            return one if other.kind in RATIOS else None
    if not {left.kind, right.kind} <= RATIOS:
        return None
    return _ratio(left, right)


def _ratio(left: Type, right: Type) -> Type:
    kinds = {left.kind, right.kind}
    if kinds == {Kind.PLAIN}:
        return PLAIN
    if kinds <= {Kind.PERCENT, Kind.PLAIN}:
        return PERCENT
    return COUNT if kinds <= {Kind.COUNT, Kind.PLAIN} else NUMBER


def divided(left: Type, right: Type) -> Type | None:
    """The type of a quotient, None when there is none. Money by money is a percentage."""
    if left.kind == Kind.MONEY and right.kind == Kind.MONEY:
        return PERCENT if left == right else None
    if left.kind == Kind.MONEY:
        return left if right.kind in RATIOS else None
    if not {left.kind, right.kind} <= RATIOS:
        return None
    if (left.kind, right.kind) == (Kind.PLAIN, Kind.PLAIN):
        return PLAIN
    return PERCENT if left.kind == Kind.PERCENT and right.kind == Kind.PLAIN else NUMBER
