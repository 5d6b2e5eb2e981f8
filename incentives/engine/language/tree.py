"""Formulas as data: what was written with its places, and the typed tree that is computed.

A `Raw` node is what the grammar saw; a `Node` has a type, and every name in it is one that the plan knows. Both are frozen and
know how deep they are, so that nothing that walks them can recurse without bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from incentives.engine.language.units import Kind, Type

SUMS = ("SUM", "COUNT", "AVERAGE", "DISTINCT")
"""What is computed over credits."""

Span = tuple[int, int]
"""First character and the one after the last."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One piece of a formula as written: an operator, a function, a literal or a name."""

    what: str
    span: Span
    parts: tuple[Raw, ...] = ()
    value: str = ""
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """One typed piece: `what` is CONSTANT, NAME, an operator or the name of a function; `value` is what it needs besides its
    parts (a Fraction, a text, a table, a window)."""

    what: str
    type: Type
    parts: tuple[Node, ...] = ()
    value: object = None
    span: Span = (0, 0)

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that compiled: its text, its tree and the type of its result."""

    text: str
    tree: Node

    @property
    def type(self) -> Type:
        """The type of the result."""
        return self.tree.type

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of deals that it reads, sorted."""
        return tuple(sorted({str(node.value) for node in self.tree.walk() if node.what == "COLUMN"}))

    @property
    def compared_columns(self) -> tuple[str, ...]:
        """The columns of deals that it reads and does not ask whether they are empty, sorted."""
        asked = {str(node.parts[0].value) for node in self.tree.walk() if node.what == "ISEMPTY"}
        return tuple(name for name in self.columns if name not in asked)

    @property
    def components(self) -> tuple[str, ...]:
        """The components whose earnings it reads, sorted."""
        return tuple(sorted({str(node.value) for node in self.tree.walk() if node.what == "COMPONENT"}))

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that it reads, their quotas included, sorted."""
        asks = ("MEASURE", "ATTAINMENT", "QUOTA")
        return tuple(sorted({str(node.value) for node in self.tree.walk() if node.what in asks}))

    @property
    def divides(self) -> bool:
        """True where it divides."""
        return any(node.what == "INVERT" for node in self.tree.walk())

    @property
    def asks_tenure(self) -> bool:
        """True where it asks how long the person has been employed."""
        return any(node.what == "TENURE" for node in self.tree.walk())

    @property
    def windows(self) -> tuple[str, ...]:
        """The windows that its sums over credits name, sorted."""
        named = [node.value[0] for node in self.tree.walk() if node.what in SUMS and isinstance(node.value, tuple)]
        return tuple(sorted({str(window) for window in named if window}))

    @property
    def is_money(self) -> bool:
        """True when the result is an amount."""
        return self.type.kind == Kind.MONEY


def position_of(text: str, place: int) -> tuple[int, int]:
    """Give line and column, from 1, of a place in a formula.

    >>> position_of("a +\\nb", 4)
    (2, 1)
    """
    return text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)


def position_text(text: str, place: int) -> str:
    """Give the end of a finding's place: where in the formula it is."""
    line, column = position_of(text, place)
    return f", line {line}, column {column}"
