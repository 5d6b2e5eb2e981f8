"""One number of a trace with its words: a tree whose children sum to it, or explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class TraceNode:
    """One number with its words. `keys` name the thing behind it (deal_key, source_key, clause, tier …)."""

    label: str
    words: str
    exact: Fraction | Decimal | None = None
    unit: str = ""
    keys: dict[str, object] = field(default_factory=dict)
    children: tuple[TraceNode, ...] = ()
    sums: bool = False

    @property
    def amount(self) -> Decimal | None:
        """The number as a Decimal; to 28 digits where it has no end (the share of an interpolated tier)."""
        if self.exact is None or isinstance(self.exact, Decimal):
            return self.exact
        return Decimal(self.exact.numerator) / Decimal(self.exact.denominator)

    def check(self) -> bool:
        """True when every node that claims to be the sum of its children is."""
        return (not self.sums or total_of(self.children) == _exact(self)) and all(
            child.check() for child in self.children
        )

    def lines(self, depth: int = 0) -> list[str]:
        """The tree as indented text."""
        amount = "" if self.amount is None else f" {self.amount:,f} {self.unit}".rstrip()
        own = f"{'  ' * depth}{self.label}:{amount}{' — ' if self.words else ''}{self.words}"
        return [own, *(line for child in self.children for line in child.lines(depth + 1))]


def _exact(node: TraceNode) -> Fraction:
    return Fraction(0) if node.exact is None else Fraction(node.exact)


def total_of(nodes: Sequence[TraceNode]) -> Fraction:
    return sum((_exact(node) for node in nodes), Fraction(0))
