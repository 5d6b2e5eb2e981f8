"""Every figure of a formula for one person and period: each piece as it is written, in words, with its value. Made on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from incentives.engine.earnings import Earned
from incentives.engine.formula_pay import asked_of
from incentives.engine.formulas import CreditSource, evaluation_of
from incentives.engine.language.evaluating import Evaluation
from incentives.engine.language.tree import Node
from incentives.engine.language.values import Values, spread
from incentives.engine.paying import Room
from incentives.engine.words import Per
from spm.core.exact import Exact

HIDDEN = ("TO_MONEY", "NEGATE", "INVERT")
"""Pieces that nobody wrote."""


@dataclass(frozen=True)
class Figure:
    """One piece of a formula: as written, its type, its value (None where it has none), and the pieces it is made of."""

    node: Node
    text: str
    value: object
    parts: tuple[Figure, ...]


def figures_of(earned: Earned, room: Room, row: int) -> tuple[Figure, ...]:
    """The figures behind one group: of the period and, where the measure accumulates, of the period before; or of each credit."""
    asked = asked_of(earned.component, room)
    evaluation = evaluation_of(asked)
    if earned.component.per == Per.DEAL:
        rows = np.flatnonzero(earned.own.group == row)
        assert isinstance(evaluation.source, CreditSource)
        evaluation.source = evaluation.source.only(rows)
        places = list(range(len(rows)))
    else:
        places = [row] if earned.own.first[row] else [row, row - 1]
    evaluation.seen = {}
    evaluation.value()
    length = evaluation.source.length
    seen = {node: spread(values, length) for node, values in evaluation.seen.items()}
    return tuple(_figure(evaluation, evaluation.formula.tree, seen, place) for place in places)


def _figure(evaluation: Evaluation, node: Node, seen: Mapping[Node, Values], row: int) -> Figure:
    parts = tuple(
        _figure(evaluation, part, seen, row)
        for part in map(_shown, node.parts)
        if part.what != "CONSTANT" and part in seen
    )
    return Figure(node, evaluation.piece(node), _value(seen[node], row), parts)


def _shown(node: Node) -> Node:
    while node.what in HIDDEN:
        node = node.parts[0]
    return node


def _value(values: Values, row: int) -> object:
    if values.trouble is not None and values.trouble[row]:
        return None
    if isinstance(values.data, Exact):
        return values.data.fraction(row)
    value = values.data[row]
    return bool(value) if isinstance(value, np.bool_) else value
