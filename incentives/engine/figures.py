"""Every figure of a formula for one person and period: each piece as it is written, in words, with its value. Made on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from incentives.engine.earnings import Earned
from incentives.engine.formula_pay import asked_of
from incentives.engine.formulas import Asked, CreditSource, evaluation_of
from incentives.engine.language.evaluating import Evaluation
from incentives.engine.language.tree import Node
from incentives.engine.language.values import Values, spread
from incentives.engine.room import Room
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
    before_returns: bool = False
    """True where it is another value than what is shown of it elsewhere, because it is read as if some returns had not come."""


Seen = Mapping[Node, Values]


def figures_of(earned: Earned, room: Room, row: int) -> tuple[Figure, ...]:
    """The figures behind one group: of the period and, where the measure accumulates, of the period before; or of each credit."""
    assert earned.asked is not None
    rows = np.flatnonzero(earned.own.group == row) if earned.component.per == Per.DEAL else None
    evaluation, read = _evaluated(earned.asked, rows)
    shown = read if earned.asked.measured is room.measured else _evaluated(asked_of(earned.component, room), rows)[1]
    places = [row] if earned.own.first[row] else [row, row - 1]
    places = places if rows is None else list(range(len(rows)))
    return tuple(_figure(evaluation, evaluation.formula.tree, read, shown, place) for place in places)


def _evaluated(asked: Asked, rows: np.ndarray | None) -> tuple[Evaluation, Seen]:
    """Every piece of a formula over all groups, or over some credits."""
    evaluation = evaluation_of(asked)
    if rows is not None:
        assert isinstance(evaluation.source, CreditSource)
        evaluation.source = evaluation.source.only(rows)
    evaluation.seen = {}
    evaluation.value()
    return evaluation, {node: spread(values, evaluation.source.length) for node, values in evaluation.seen.items()}


def _figure(evaluation: Evaluation, node: Node, read: Seen, shown: Seen, row: int) -> Figure:
    parts = tuple(
        _figure(evaluation, part, read, shown, row)
        for part in map(_shown, node.parts)
        if part.what != "CONSTANT" and part in read
    )
    value = _value(read[node], row)
    return Figure(node, evaluation.piece(node), value, parts, node in shown and value != _value(shown[node], row))


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
