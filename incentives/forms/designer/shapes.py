"""What cards are made of: the shapes that templates draw, and what every maker of them uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from incentives.forms.designer.parts import (
    Condition,
    Field,
    Limits,
    Matrix,
    Payment,
    Tiers,
)
from incentives.forms.designer.places import Place
from incentives.forms.designer.reading import yaml_of


@dataclass
class Rule:
    """A credit rule."""

    path: str
    number: int
    kind: str
    fields: list[Field]
    conditions: Condition | None
    rest: str


@dataclass
class Change:
    """A multiplier, kicker or gate."""

    path: str
    kind: str
    title: str
    fields: list[Field]
    payment: Payment | None = None
    tiers: Tiers | None = None
    rest: str = ""


@dataclass
class Counted:
    """What counts: the measure, its window and its goal, or another measure that is asked."""

    fields: list[Field]
    rules: list[Rule]
    credit_path: str
    can_add: bool


@dataclass
class Card:
    """A component or a measure."""

    path: str
    number: int
    key: str
    title: str
    head: list[Field]
    counted: Counted
    way: Field | None = None
    pays: list[Field] = field(default_factory=list)
    rare: list[Field] = field(default_factory=list)
    """Settings that most plans leave at their default."""
    payment_rows: list[PayRow] = field(default_factory=list)
    tiers: Tiers | None = None
    matrix: Matrix | None = None
    lines: list[Line] = field(default_factory=list)
    lines_path: str = ""
    changes: list[Change] = field(default_factory=list)
    limits: Limits | None = None
    terms: Terms | None = None
    rest: str = ""
    is_first: bool = False
    is_last: bool = False
    current_way: str = ""
    beside: Any = None
    """What stands beside it on the page."""

    @property
    def is_unusual(self) -> bool:
        """Tell whether a setting is given that most plans leave at its default."""
        return any(each.value for each in self.rare)


@dataclass
class PayRow:
    """A row of a lookup: conditions and what they pay."""

    path: str
    number: int
    conditions: Condition | None
    payment: Payment
    rest: str


@dataclass
class Line:
    """A row of plain fields: an objective, a point of a curve, a prize, a component to compare."""

    path: str
    number: int
    fields: list[Field]
    rest: str = ""


@dataclass
class Terms:
    """The way from earned to paid, of the plan or of one component."""

    is_plan: bool
    release: list[Field] = field(default_factory=list)
    parts: list[Line] = field(default_factory=list)
    parts_path: str = ""
    holdback: list[Field] = field(default_factory=list)
    clawback: list[Field] = field(default_factory=list)
    leavers: list[Field] = field(default_factory=list)
    rest: str = ""

    @property
    def is_given(self) -> bool:
        """Tell whether anything is said, so that it is shown without being asked for."""
        return bool(self.rest) or any(
            each.value for each in (*self.release, *self.holdback, *self.clawback, *self.leavers)
        )


@dataclass
class Example:
    """A worked example as text."""

    path: str
    number: int
    name: str
    text: str

    @property
    def rows(self) -> int:
        """Give the height of its field in lines."""
        return min(30, max(4, self.text.count("\n") + 2))


@dataclass
class PlanCards:
    """The whole plan for the page."""

    head: list[Field]
    more: list[Field]
    measures: list[Card]
    components: list[Card]
    limits: Limits
    draw: list[Field]
    draw_rest: str
    terms: Terms
    examples: list[Example]
    tables: list[Example]
    """Tables that formulas ask, as text."""
    rest: str


def kept(fields: Sequence[Field | None]) -> list[Field]:
    """Give the fields that the document has a place for."""
    return [each for each in fields if each is not None]


def rest_of(place: Place) -> str:
    """Give what no field of a card shows, as text."""
    rest = place.rest()
    return yaml_of(rest) if rest else ""


def with_current(options: Sequence[tuple[str, Any]], current: str, default: str = "") -> list[tuple[str, Any]]:
    """Give the options and, where the document's word is none of them, the word itself: it is not changed by being shown."""
    known = [value for value, _label in options]
    if current in known:
        return list(options)
    label = next((each for value, each in options if not value), current) if current.upper() == default else current
    return [*options, (current, label)]
