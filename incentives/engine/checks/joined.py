"""What a condition that is written as a formula joins: simple conditions by AND, OR and NOT. Anything else is not judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from incentives.engine.formula_conditions import plain_condition
from incentives.engine.language.tree import Node
from incentives.engine.language.units import Kind
from incentives.engine.plan import Condition

_NUMBERS = {">=": "AT_LEAST", ">": "ABOVE", "<=": "AT_MOST", "<": "BELOW", "=": "IN", "<>": "NOT_IN"}
_TURNED = {">=": "<=", ">": "<", "<=": ">=", "<": ">", "=": "=", "<>": "<>"}
_JOINS = ("AND", "OR", "NOT")


def parts_of(condition: Condition) -> tuple[Condition, ...] | None:
    """The simple conditions in a condition, itself where it is simple; None where a formula says something else."""
    if condition.formula is None:
        return (condition,)
    return _parts(condition.formula.tree)


def is_judged(conditions: Iterable[Condition]) -> bool:
    """True where every condition comes to simple ones."""
    return all(parts_of(condition) is not None for condition in conditions)


def is_met(condition: Condition, holds: Callable[[Condition], bool]) -> bool:
    """Whether a judged condition is met, by what tells it of a simple one."""
    return holds(condition) if condition.formula is None else _met(condition.formula.tree, holds)


def _parts(node: Node) -> tuple[Condition, ...] | None:
    simple = _simple(node)
    if simple is not None:
        return (simple,)
    if _fixed(node) is not None:
        return ()
    if node.what not in _JOINS:
        return None
    found: list[Condition] = []
    for part in node.parts:
        inner = _parts(part)
        if inner is None:
            return None
        found += inner
    return tuple(found)


def _met(node: Node, holds: Callable[[Condition], bool]) -> bool:
    simple, fixed = _simple(node), _fixed(node)
    if simple is not None:
        return holds(simple)
    if fixed is not None:
        return fixed
    inner = (_met(part, holds) for part in node.parts)
    if node.what == "NOT":
        return not next(inner)
    return all(inner) if node.what == "AND" else any(inner)


def _simple(node: Node) -> Condition | None:
    """The condition of the mapping form, or a comparison of a plain number, which has no mapping form."""
    plain = plain_condition(node)
    if plain is not None or node.what != "COMPARE":
        return plain
    left, right = node.parts
    sign = str(node.value)
    if left.what == "CONSTANT":
        left, right, sign = right, left, _TURNED[sign]
    is_number = left.type.kind in (Kind.NUMBER, Kind.COUNT) and isinstance(right.value, Fraction)
    if left.what != "COLUMN" or right.what != "CONSTANT" or not is_number or sign not in _NUMBERS:
        return None
    return Condition(str(left.value), _NUMBERS[sign], (right.value,))


def _fixed(node: Node) -> bool | None:
    """What a condition without a column is: true or false for every deal."""
    if node.what == "CONSTANT" and isinstance(node.value, bool):
        return node.value
    if node.what != "COMPARE" or any(part.what != "CONSTANT" for part in node.parts):
        return None
    left, right = (part.value for part in node.parts)
    if not isinstance(left, Fraction) or not isinstance(right, Fraction):
        return None
    orders = {">=": left >= right, ">": left > right, "<=": left <= right, "<": left < right, "=": left == right}
    return orders.get(str(node.value), left != right)
