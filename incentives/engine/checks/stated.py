"""What made-up deals state of the columns that pay compares and no condition chooses: plain values, since what a deal lacks is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from incentives.engine.checks.atoms import OTHER
from incentives.engine.checks.joined import parts_of
from incentives.engine.language.units import Kind
from incentives.engine.plan import Component, Plan

KNOWN = frozenset({"amount_minor", "cost_minor", "list_minor", "margin_minor", "margin_rate", "discount", "quantity"})
"""Columns that every made-up deal states where the plan asks them, or that come from these."""


def stated(plan: Plan, *, amount: object, day: str) -> dict[str, object]:
    """Give by column what a deal of an amount and a day states of what pay compares, as an example writes it.

    >>> from incentives.engine.compiling import compile_plan
    >>> head = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01"}
    >>> pay = {"key": "c", "lookup": [{"where": {"seats": {"above": 5}, "product": "A"}, "rate": "3 %"}, {"rate": "2 %"}]}
    >>> stated(compile_plan({**head, "components": [pay]})[0], amount=1000, day="2026-01-01")
    {'seats': 1}
    """
    found: dict[str, object] = {}
    for component in plan.components:
        for column, kind in _compared(component):
            if column not in KNOWN:
                found.setdefault(column, _plain(column, kind, amount, day))
    return found


def _compared(component: Component) -> Iterator[tuple[str, Kind]]:
    pay = component.pay
    for row in pay.lookup.rows if pay.lookup is not None else ():
        for part in (part for condition in row.where for part in parts_of(condition) or ()):
            if any(isinstance(value, Fraction) for value in part.values):
                yield part.column, Kind.NUMBER
    for axis in (pay.matrix.rows, pay.matrix.columns) if pay.matrix is not None else ():
        if axis.column:
            yield axis.column, Kind.NUMBER
    for node in pay.formula.tree.walk() if pay.formula is not None else ():
        if node.what == "COLUMN":
            yield str(node.value), node.type.kind


def _plain(column: str, kind: Kind, amount: object, day: str) -> object:
    if kind == Kind.MONEY or column.endswith("_minor"):
        return amount
    if kind == Kind.DATE or column.endswith("_on"):
        return day
    if kind == Kind.PERCENT or column.endswith("_rate"):
        return "10 %"
    return {Kind.TEXT: OTHER, Kind.YES_NO: "yes"}.get(kind, 1)
