"""The values at which a formula changes its way, each with the place of the piece that says so."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from incentives.engine.language.context import Table
from incentives.engine.language.points import Points
from incentives.engine.language.tree import Formula, Node, position_text
from incentives.engine.language.units import Kind
from incentives.engine.plan import UNIT_SCALE, RateTable
from incentives.engine.words import TierUnit

Edge = tuple[str, TierUnit, Fraction, str]
"""The measure that is asked, in which unit, the value, and the clause that asks it."""


def formula_edges(own: str, formula: Formula) -> Iterable[Edge]:
    """The values that a formula compares a measure, a credit or an attainment with, and the edges of the tiers it asks.

    The clause of each says at which line and column of the formula the piece stands.
    """
    for node in formula.tree.walk():
        clause = f"formula{position_text(formula.text, node.span[0])}"
        for of, unit, edge in _node_edges(own, node):
            yield of, unit, edge, clause


def _node_edges(own: str, node: Node) -> Iterable[tuple[str, TierUnit, Fraction]]:
    """The same of one piece."""
    if node.what == "COMPARE":
        left, right = node.parts
        for asked, other in ((left, right), (right, left)):
            if isinstance(other.value, Fraction):
                yield from _formula_edge(own, asked, [other.value])
    elif node.what in ("TIER", "TIERRATE") and isinstance(node.value, Table):
        table = node.value.content
        if isinstance(table, RateTable):
            edges = [edge for tier in table.tiers for edge in (tier.lower, tier.upper) if edge is not None]
            scale = UNIT_SCALE if node.value.takes[0].kind == Kind.NUMBER else 1
            yield from _formula_edge(own, node.parts[0], [edge / scale for edge in edges])
    elif node.what == "CURVE" and isinstance(node.value, Table) and isinstance(node.value.content, Points):
        yield from _formula_edge(own, node.parts[0], [at for at, _ in node.value.content.points])


def _formula_edge(own: str, asked: Node, values: Iterable[Fraction]) -> Iterable[tuple[str, TierUnit, Fraction]]:
    of = own if asked.what == "CREDIT" else str(asked.value)
    if asked.what == "ATTAINMENT":
        yield from ((of, TierUnit.ATTAINMENT, value) for value in values)
    elif asked.what in ("MEASURE", "CREDIT"):
        scale = 1 if asked.type.kind == Kind.MONEY else UNIT_SCALE
        yield from ((of, TierUnit.MEASURE, value * scale) for value in values)
