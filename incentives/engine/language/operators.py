"""Gives operators their types: what may be added, multiplied, compared, joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import prod

from incentives.engine.language.checking import Check, Checker, hint, retyped
from incentives.engine.language.tree import Node, Raw
from incentives.engine.language.units import (
    DATE,
    NUMBER,
    OPEN,
    TEXT,
    WORDS,
    YES_NO,
    Kind,
    Type,
    divided,
    multiplied,
    summed,
)


def _negative(checker: Checker, raw: Raw) -> Node | None:
    node = checker.number(raw.parts[0])
    if node is None or raw.what == "PLUS":
        return node
    if node.what == "CONSTANT" and isinstance(node.value, Fraction):
        return replace(node, value=-node.value, span=raw.span)
    return Node("NEGATE", node.type, (node,), None, raw.span)


def _added(checker: Checker, raw: Raw) -> Node | None:
    nodes = checker.nodes(raw.parts)
    if nodes is None:
        return None
    if any(node.type == DATE for node in nodes):
        nodes = [checker.day(node) or node if node.type == TEXT else node for node in nodes]
    total = NUMBER if nodes[0].type == OPEN else nodes[0].type
    for sign, node in zip(raw.value, nodes[1:], strict=True):
        found = summed(total, node.type, minus=sign == "-")
        if found is None:
            verb = "taken from" if sign == "-" else "added to"
            what = f"{checker.piece(node.span)} is {node.type.words} and can't be {verb} {total.words}."
            checker.find("UNIT_ERROR", raw.span, what, hint(checker, nodes[0], node, total))
            return None
        total = found
    return _sum_node(checker, raw, nodes, total)


def _sum_node(checker: Checker, raw: Raw, nodes: list[Node], total: Type) -> Node | None:
    """The sum of typed parts; those after a minus are negated."""
    parts: list[Node] = []
    has_days = any(node.type == DATE for node in nodes)
    for sign, node in zip(f"+{raw.value}", nodes, strict=True):
        wanted = NUMBER if node.type == OPEN else node.type if has_days else total
        part = checker.coerced(node, wanted)
        if part is None:
            return None
        parts.append(Node("NEGATE", part.type, (part,), None, part.span) if sign == "-" else part)
    return Node("ADD", total, tuple(parts), None, raw.span)


def _multiplied(checker: Checker, raw: Raw) -> Node | None:
    nodes = checker.nodes(raw.parts)
    if nodes is None:
        return None
    parts = [retyped(nodes[0], NUMBER) if nodes[0].type == OPEN else nodes[0]]
    total = parts[0].type
    for sign, node in zip(raw.value, nodes[1:], strict=True):
        right = retyped(node, NUMBER) if node.type == OPEN else node
        found = multiplied(total, right.type) if sign == "*" else divided(total, right.type)
        if found is None:
            _product_problem(checker, raw, (total, right.type), sign)
            return None
        if sign == "/" and _written(right) == 0:
            what = f"{checker.piece(node.span)} is 0, and nothing can be divided by it."
            checker.find("FORMULA_DIVISION", node.span, what, "Divide by something other than 0.")
            return None
        total = found
        parts.append(Node("INVERT", right.type, (right,), None, right.span) if sign == "/" else right)
    return Node("MULTIPLY", total, tuple(parts), None, raw.span)


def _written(node: Node) -> Fraction | None:
    """What a piece comes to that has numbers and operators alone; None where a row decides. What divides in it is not 0: it was read."""
    if node.what == "CONSTANT":
        return node.value if isinstance(node.value, Fraction) else None
    parts = [_written(part) for part in node.parts]
    values = [part for part in parts if part is not None]
    if len(values) < len(parts):
        return None
    if node.what == "ADD":
        return sum(values, Fraction(0))
    if node.what == "MULTIPLY":
        return prod(values, start=Fraction(1))
    if node.what == "TO_MONEY" and isinstance(node.value, int):
        return values[0] * node.value
    return -values[0] if node.what == "NEGATE" else 1 / values[0] if node.what == "INVERT" else None


def _product_problem(checker: Checker, raw: Raw, sides: tuple[Type, Type], sign: str) -> None:
    left, right = sides
    shown = "×" if sign == "*" else "÷"
    names = ["money" if side.kind == Kind.MONEY else WORDS[side.kind].split(" ", 1)[-1] for side in sides]
    piece = checker.piece(raw.span)
    what = f"{piece} is {names[0]} {shown} {names[1]}, which is nothing that can be paid or compared."
    fix = "Compute with amounts, numbers and percentages."
    if left.kind == right.kind == Kind.MONEY:
        example = f"(… / 100 {checker.context.currency})"
        fix = "Multiply an amount by a percentage or a number; divide two amounts first, in brackets, to get a percentage: "
        fix += f"{example}."
    elif right.kind == Kind.MONEY and sign == "/":
        fix = "Divide the amount by the number, or an amount by an amount."
    checker.find("UNIT_ERROR", raw.span, what, fix)


def _compared(checker: Checker, raw: Raw) -> Node | None:
    nodes = checker.nodes(raw.parts)
    if nodes is None:
        return None
    if DATE in (nodes[0].type, nodes[1].type):
        nodes = [checker.day(node) or node if node.type == TEXT else node for node in nodes]
    left, right = nodes
    ordered = raw.value not in ("=", "<>")
    sides: list[Node] | None = [left, right]
    if left.type == right.type == OPEN and not ordered:
        sides = [retyped(left, TEXT), retyped(right, TEXT)]
    elif not ({left.type.kind, right.type.kind} <= {Kind.PERCENT, Kind.NUMBER, Kind.COUNT}):
        sides = checker.alike([left, right], raw)
    if sides is None:
        return None
    if ordered and sides[0].type in (TEXT, YES_NO):
        what = (
            f"{checker.piece(raw.span)} asks which of two {'texts' if sides[0].type == TEXT else 'answers'} is larger."
        )
        checker.find("UNIT_ERROR", raw.span, what, "Texts and answers are equal (=) or not (<>).")
        return None
    return Node("COMPARE", YES_NO, tuple(sides), raw.value, raw.span)


def _member(checker: Checker, raw: Raw) -> Node | None:
    nodes = checker.nodes(raw.parts)
    if nodes is None:
        return None
    first = nodes[0]
    if first.type == DATE:
        nodes = [first, *(checker.day(node) or node for node in nodes[1:])]
    made = checker.alike(nodes, raw)
    return None if made is None else Node("IN", YES_NO, tuple(made), None, raw.span)


def _logical(checker: Checker, raw: Raw) -> Node | None:
    parts = [checker.truth(part) for part in raw.parts]
    kept = tuple(part for part in parts if part is not None)
    return Node(raw.what, YES_NO, kept, None, raw.span) if len(kept) == len(parts) else None


OPERATORS: Mapping[str, Check] = {
    "MINUS": _negative,
    "PLUS": _negative,
    "ADD": _added,
    "MULTIPLY": _multiplied,
    "COMPARE": _compared,
    "IN": _member,
    **dict.fromkeys(("AND", "OR", "NOT"), _logical),
}
