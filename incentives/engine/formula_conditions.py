"""Reads conditions that are written as formulas.

What says the same as the mapping form becomes the same conditions, so that checks, documents and examples treat both alike; the rest
stays a formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from incentives.engine.language.analysing import analyse
from incentives.engine.language.context import DEAL_NAMES, Context, Place
from incentives.engine.language.tree import Formula, Node
from incentives.engine.language.units import Kind
from incentives.engine.plan import Condition
from incentives.engine.reading import Reader
from spm.core.money import RATE_SCALE

_ORDER = {">=": "AT_LEAST", ">": "ABOVE", "<=": "AT_MOST", "<": "BELOW"}
_TURNED = {">=": "<=", ">": "<", "<=": ">=", "<": ">", "=": "=", "<>": "<>"}


def read_formula_condition(reader: Reader, name: str, currency: str) -> tuple[Condition, ...]:
    """The conditions of a formula: those that the mapping form has, by column, then what only a formula can say."""
    context = Context(currency, Place.CONDITION, tables=reader.tables)
    where = f"{reader.path}.{name}" if reader.path else name
    analysis = analyse(str(reader.value(name)), context, where=where)
    reader.findings.extend(analysis.findings)
    if analysis.formula is None:
        return ()
    made = [(part, plain_condition(part)) for part in _joined(analysis.formula.tree)]
    plain = [condition for _, condition in made if condition is not None]
    others = [part for part, condition in made if condition is None]
    found = sorted(plain, key=lambda condition: (condition.column, condition.operator))
    return (*found, *(Condition("", "FORMULA", (Formula(analysis.formula.text, part),)) for part in others))


def _joined(node: Node) -> Iterator[Node]:
    """The conditions that must all hold."""
    if node.what != "AND":
        yield node
        return
    for part in node.parts:
        yield from _joined(part)


def plain_condition(node: Node) -> Condition | None:
    """The condition of the mapping form that says the same, None when there is none."""
    if node.what == "NOT":
        inner = plain_condition(node.parts[0])
        turned = {"IN": "NOT_IN", "EMPTY": "NOT_EMPTY"}
        return (
            Condition(inner.column, turned[inner.operator], inner.values)
            if inner and inner.operator in turned
            else None
        )
    first = node.parts[0] if node.parts else node
    if node.what == "ISEMPTY" and not str(first.value).endswith("_on"):
        return Condition(str(first.value), "EMPTY", ())
    if node.what == "COMPARE":
        return _compared(node)
    texts = [part.value for part in node.parts[1:] if part.what == "CONSTANT" and part.type.kind == Kind.TEXT]
    if first.what != "COLUMN" or first.type.kind != Kind.TEXT or len(texts) != len(node.parts) - 1:
        return None
    return Condition(str(first.value), node.what, tuple(texts)) if node.what in ("IN", "UNDER") else None


def _compared(node: Node) -> Condition | None:
    left, right = node.parts
    sign = str(node.value)
    if left.what == "CONSTANT":
        left, right, sign = right, left, _TURNED[sign]
    if left.what != "COLUMN" or right.what != "CONSTANT":
        return None
    column = str(left.value)
    if left.type.kind == Kind.TEXT and right.type.kind == Kind.TEXT and sign in ("=", "<>"):
        return Condition(column, "IN" if sign == "=" else "NOT_IN", (right.value,))
    scale = _scale(column)
    if scale is None or sign not in _ORDER or not isinstance(right.value, Fraction):
        return None
    return Condition(column, _ORDER[sign], (right.value * scale,))


def _scale(column: str) -> int | None:
    """Smallest units in one of an amount or a percentage, None for other columns."""
    known = DEAL_NAMES.get(column)
    if column.endswith("_minor"):
        return 1
    return RATE_SCALE if column.endswith("_rate") or (known is not None and known.kind == Kind.PERCENT) else None
