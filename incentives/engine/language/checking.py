"""Gives every piece of a formula its type, or says what is wrong with it, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from rapidfuzz.process import extractOne

from incentives.engine.language.context import WANTED, Context, Place
from incentives.engine.language.grammar import Problem
from incentives.engine.language.tree import Node, Raw, Span
from incentives.engine.language.units import (
    COUNT,
    DATE,
    NUMBER,
    OPEN,
    PLAIN,
    TEXT,
    YES_NO,
    Kind,
    Type,
    common,
)
from incentives.engine.language.wording import decimal_text
from spm.core.dated import day_number
from spm.core.money import minor_digits

DIGITS = 18
"""Digits of the largest number that is read; amounts of the product have fewer."""


@dataclass
class Checker:
    """One formula while it is checked. `in_credits` is true inside SUM, COUNT, AVERAGE and DISTINCT."""

    text: str
    context: Context
    checks: Mapping[str, Check]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    in_credits: bool = False

    def find(self, code: str, span: Span, what: str, fix: str) -> None:
        """Notes a problem and gives nothing."""
        self.problems.append(Problem(code, span, what, fix))

    def piece(self, span: Span) -> str:
        """A piece of the formula for a message."""
        found = " ".join(self.text[span[0] : span[1]].split())
        return found if len(found) <= 60 else f"{found[:57]}…"

    def node(self, raw: Raw) -> Node | None:
        """The typed node of a raw one; None when something below it is wrong."""
        return self.checks[raw.what](self, raw)

    def nodes(self, parts: Sequence[Raw]) -> list[Node] | None:
        """All of them, or None."""
        found = [self.node(part) for part in parts]
        kept = [each for each in found if each is not None]
        return kept if len(kept) == len(found) else None

    def coerced(self, node: Node, wanted: Type) -> Node | None:
        """The node as a value of another type that it may stand for."""
        if node.type == wanted:
            return node
        kind = node.type.kind
        if kind == Kind.PLAIN and wanted.kind == Kind.MONEY:
            units = 10 ** minor_digits(wanted.currency)
            if isinstance(node.value, Fraction):
                return replace(node, type=wanted, value=node.value * units)
            return Node("TO_MONEY", wanted, (node,), units, node.span)
        if kind == Kind.PLAIN and wanted.kind == Kind.PERCENT and _above_one(node):
            what = f"A percentage stands beside {self.piece(node.span)}, which would be {_as_percent(node)} %."
            self.find("PERCENT_EXPECTED", node.span, what, f"Write {self.piece(node.span)} % if that is meant.")
            return None
        return retyped(node, wanted)

    def truth(self, raw: Raw) -> Node | None:
        """A condition: yes or no."""
        node = self.node(raw)
        if node is None or node.type == YES_NO:
            return node
        if node.type == OPEN:
            return retyped(node, YES_NO)
        piece = self.piece(raw.span)
        self.find("UNIT_ERROR", raw.span, f"{piece} is {node.type.words}, not yes or no.", f"Compare it: {piece} > 0.")
        return None

    def number(self, raw: Raw) -> Node | None:
        """Any value that can be computed with: no text, no yes or no; a date is not one either."""
        node = self.node(raw)
        if node is None:
            return None
        if node.type == OPEN:
            return retyped(node, NUMBER)
        if node.type.kind in (Kind.TEXT, Kind.YES_NO, Kind.DATE):
            what = f"{self.piece(raw.span)} is {node.type.words}, and nothing can be computed with it here."
            self.find("UNIT_ERROR", raw.span, what, "Give an amount, a number or a percentage.")
            return None
        return node

    def as_kind(self, raw: Raw, wanted: Type) -> Node | None:
        """A value of one type: a text, a date, a plain number."""
        node = self.node(raw)
        if node is None:
            return None
        if wanted == DATE and node.what == "CONSTANT" and node.type == TEXT:
            node = self.day(node) or node
        fits = node.type == wanted or node.type == OPEN and wanted in (TEXT, NUMBER)
        if fits or (wanted == NUMBER and node.type in (PLAIN, COUNT)):
            return retyped(node, wanted)
        what = f"{self.piece(raw.span)} is {node.type.words}, not {wanted.words}."
        self.find("UNIT_ERROR", raw.span, what, _EXAMPLES[wanted.kind])
        return None

    def day(self, node: Node) -> Node | None:
        """A text that is written like a day, as that day."""
        try:
            return Node("CONSTANT", DATE, (), Fraction(day_number(date.fromisoformat(str(node.value)))), node.span)
        except ValueError:
            return None

    def alike(self, nodes: list[Node], raw: Raw) -> list[Node] | None:
        """Values that may stand for one another, all as their common type."""
        kind = nodes[0].type
        for node in nodes[1:]:
            found = NUMBER if kind == node.type == OPEN else common(kind, node.type)
            if found is None:
                self.differ(nodes[0], node, kind, raw)
                return None
            kind = found
        made = [self.coerced(node, kind) for node in nodes]
        return [node for node in made if node is not None] if None not in made else None

    def differ(self, left: Node, right: Node, kind: Type, raw: Raw) -> None:
        """Notes that two values do not go together."""
        span = (min(left.span[0], right.span[0]), max(left.span[1], right.span[1]))
        what = f"{self.piece(left.span)} is {kind.words} and {self.piece(right.span)} is {right.type.words}."
        self.find("UNIT_ERROR", span, what, hint(self, left, right, kind))


def retyped(node: Node, wanted: Type) -> Node:
    """An attribute or a written number as a value of a type; both branches of an IF between attributes."""
    if node.what == "IF" and node.type == OPEN:
        condition, *branches = node.parts
        return replace(node, type=wanted, parts=(condition, *(retyped(branch, wanted) for branch in branches)))
    return replace(node, type=wanted)


def hint(checker: Checker, left: Node, right: Node, kind: Type) -> str:
    """What to write where two units do not go together."""
    kinds = {kind.kind, right.type.kind}
    money = left if kind.kind == Kind.MONEY else right
    other = right if money is left else left
    if kinds == {Kind.MONEY, Kind.PERCENT}:
        return f"A percentage is of something: {checker.piece(money.span)} * {checker.piece(other.span)}."
    if Kind.MONEY in kinds and kinds & {Kind.NUMBER, Kind.COUNT, Kind.OPEN}:
        return f"Give the number a price: {checker.piece(other.span)} * 1 {checker.context.currency}."
    if Kind.TEXT in kinds:
        return "Leave the quotes out where a number is meant, or compare with another text."
    if Kind.DATE in kinds:
        return "Write a day like 2026-01-31."
    return "Compare and add values of one kind."


_EXAMPLES = {
    Kind.TEXT: "Give a text in quotes, or an attribute such as product.",
    Kind.DATE: "Give a day such as 2026-01-31 or closed_on.",
    Kind.NUMBER: "Give a number.",
}


def _as_percent(node: Node) -> str:
    assert isinstance(node.value, Fraction)
    return decimal_text(node.value * 100)


def _above_one(node: Node) -> bool:
    return node.what == "CONSTANT" and isinstance(node.value, Fraction) and abs(node.value) > 1


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known name that a misspelt one resembles."""
    near = extractOne(word, [each for each in known if 2 * len(each) >= len(word)], score_cutoff=60)
    return str(near[0]) if near else None


Check = Callable[[Checker, Raw], Node | None]


def finished(checker: Checker, node: Node) -> Node | None:
    """The result as one of the types that its place wants."""
    wanted, kind = WANTED[checker.context.place], node.type.kind
    money = Type(Kind.MONEY, checker.context.currency)
    if kind == Kind.OPEN:
        node = retyped(node, YES_NO if Kind.YES_NO in wanted else NUMBER)
    elif kind == Kind.PLAIN:
        node = checker.coerced(node, money if wanted == (Kind.MONEY,) else NUMBER) or node
    if node.type.kind in wanted:
        return node
    what, fix = _result_words(checker, node)
    meant = [each.fix for each in checker.warnings if each.code == "NAME_RESEMBLES"]
    checker.find("UNIT_ERROR", node.span, what, " ".join([*dict.fromkeys(meant), *(("Else:",) if meant else ()), fix]))
    return None


def _result_words(checker: Checker, node: Node) -> tuple[str, str]:
    place = checker.context.place
    what = f"The formula gives {node.type.words}"
    if place == Place.CONDITION:
        return f"{what}, and a condition is yes or no.", f"Compare it: {checker.piece(node.span)} > 0."
    if place == Place.MEASURE:
        return f"{what}, and a measure is an amount, a count or a number.", "Give for example amount - cost."
    if place == Place.FIGURE:
        return (
            f"{what}, and a figure is an amount, a percentage, a count or a number.",
            "Divide one measure by another.",
        )
    of = "credit" if place == Place.DEAL else "measure"
    fix = f"Multiply it with an amount: {of} * ({checker.piece(node.span)})."
    if node.type.kind in (Kind.NUMBER, Kind.COUNT):
        fix = f"Give it a price: ({checker.piece(node.span)}) * 1 {checker.context.currency}."
    return f"{what}, and pay is an amount.", fix
