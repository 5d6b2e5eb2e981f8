"""Pay by a matrix, whose cells are found by columns of deals or by measures of the group."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from incentives.engine.asked_deals import axis_values
from incentives.engine.blocking import block
from incentives.engine.measuring import Measured
from incentives.engine.plan import Axis, Component, Matrix
from incentives.engine.pricing import payment
from incentives.engine.room import Room
from incentives.engine.words import Boundary, TierUnit
from spm.core.exact import Exact, constant


def block_axes(component: Component, room: Room, blocked: np.ndarray) -> None:
    """Leaves out the groups for which a measure that finds the cell can't be known."""
    matrix = component.pay.matrix
    for axis in (matrix.rows, matrix.columns) if matrix is not None else ():
        if axis.of:
            if axis.unit == TierUnit.ATTAINMENT:
                block(room, component, blocked, room.measured[axis.of])
            blocked |= room.measured[axis.of].blocked


def matrix_pay(matrix: Matrix, value: Exact, own: Measured, room: Room) -> Exact:
    """Matrix cells found by deal columns or by measures of the deal's group."""
    row = _places(matrix.rows, matrix.boundary, own, room)
    column = _places(matrix.columns, matrix.boundary, own, room)
    return _cells_pay(matrix, value, row, column, own.measure.scale)


def group_matrix(own: Measured, room: Room, matrix: Matrix) -> Exact:
    places = [_group_places(axis, matrix.boundary, room) for axis in (matrix.rows, matrix.columns)]
    return _cells_pay(matrix, Exact(own.rated.own), places[0], places[1], own.measure.scale)


def _cells_pay(matrix: Matrix, value: Exact, row: np.ndarray, column: np.ndarray, scale: int) -> Exact:
    paid = constant(0, len(value))
    for number, line in enumerate(matrix.cells):
        for place, cell in enumerate(line):
            here = (row == number) & (column == place)
            if here.any():
                paid = paid.plus(payment(cell, value, scale).where(here, constant(0, len(value))))
    return paid


def _places(axis: Axis, boundary: Boundary, own: Measured, room: Room) -> np.ndarray:
    """The row or column of the matrix for every credit."""
    if not axis.column:
        return _group_places(axis, boundary, room)[own.group]
    values = axis_values(room.deals, axis, room.amounts, own)
    if values is None:
        return np.full(len(own.credited), -1, dtype=np.int64)
    return place_of(Exact(values), axis.edges, None, boundary)


def _group_places(axis: Axis, boundary: Boundary, room: Room) -> np.ndarray:
    other = room.measured[axis.of or ""]
    goal = None
    if axis.unit == TierUnit.ATTAINMENT:
        goal = np.where(other.usable, other.goal.after if other.goal is not None else 1, 1)
    return place_of(Exact(other.value.after), axis.edges, goal, boundary)


def place_of(value: Exact, edges: tuple[Fraction, ...], goal: np.ndarray | None, boundary: Boundary) -> np.ndarray:
    """How many edges each value has passed."""
    passed = np.zeros(len(value), dtype=np.int64)
    for edge in edges:
        limit = constant(edge, len(value)) if goal is None else Exact(goal).times(edge)
        passed += ~limit.above(value) if boundary == Boundary.LOWER_INCLUSIVE else value.above(limit)
    return passed
