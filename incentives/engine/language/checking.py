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
    PERCENT,
    PLAIN,
    TEXT,
    WORDS,
    YES_NO,
    Kind,
    Type,
    common,
    divided,
    multiplied,
    summed,
)
from spm.core.dated import day_number
from spm.core.money import is_currency, minor_digits

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
        self.find("UNIT_ERROR", span, what, _hint(self, left, right, kind))


def retyped(node: Node, wanted: Type) -> Node:
    """An attribute or a written number as a value of a type; both branches of an IF between attributes."""
    if node.what == "IF" and node.type == OPEN:
        condition, *branches = node.parts
        return replace(node, type=wanted, parts=(condition, *(retyped(branch, wanted) for branch in branches)))
    return replace(node, type=wanted)


def _hint(checker: Checker, left: Node, right: Node, kind: Type) -> str:
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
    return f"{float(node.value * 100):g}"


def _above_one(node: Node) -> bool:
    return node.what == "CONSTANT" and isinstance(node.value, Fraction) and abs(node.value) > 1


def _literal(checker: Checker, raw: Raw) -> Node | None:
    if raw.what == "TEXT":
        quote, inner = raw.value[0], raw.value[1:-1]
        return Node("CONSTANT", TEXT, (), inner.replace(quote * 2, quote), raw.span)
    if raw.what in ("YES", "NO"):
        return Node("CONSTANT", YES_NO, (), raw.what == "YES", raw.span)
    if raw.what == "DATE":
        return _date(checker, raw)
    return _number(checker, raw)


def _date(checker: Checker, raw: Raw) -> Node | None:
    found = checker.day(Node("CONSTANT", TEXT, (), raw.value, raw.span))
    if found is None:
        checker.find("DAY_UNREADABLE", raw.span, f"{raw.value} is no day of the calendar.", "Write it like 2026-01-31.")
    return found


def _number(checker: Checker, raw: Raw) -> Node | None:
    digits = raw.value.rstrip("%").strip()
    currency = digits[-3:] if raw.what == "MONEY" else ""
    digits = digits[:-3].strip() if currency else digits
    if "," in digits and not currency and _separates(checker.text, raw.span[0]):
        what = f"{digits} can be one number or two arguments."
        checker.find(
            "NUMBER_AMBIGUOUS", raw.span, what, f"Write {digits.replace(',', '')} or {digits.replace(',', ', ')}."
        )
        return None
    if sum(letter.isdigit() for letter in digits) > DIGITS:
        what = f"The number has more than {DIGITS} digits."
        checker.find("NUMBER_TOO_LARGE", raw.span, what, "No amount of the product is that large or that precise.")
        return None
    value = Fraction(digits.replace(",", ""))
    if raw.what == "PERCENT":
        return Node("CONSTANT", PERCENT, (), value / 100, raw.span)
    if raw.what == "NUMBER":
        return Node("CONSTANT", PLAIN, (), value, raw.span)
    return _amount(checker, raw, value, currency)


def _amount(checker: Checker, raw: Raw, value: Fraction, currency: str) -> Node | None:
    own = checker.context.currency
    if not is_currency(currency):
        checker.find("CURRENCY_UNKNOWN", raw.span, f"{currency} is no currency.", f"Write {own}.")
        return None
    if currency != own:
        what = f"{raw.value} is in {currency}, and the plan is in {own}: amounts of two currencies can't be mixed."
        checker.find("CURRENCY_MIXED", raw.span, what, f"Write the amount in {own}.")
        return None
    return Node("CONSTANT", Type(Kind.MONEY, own), (), value * 10 ** minor_digits(own), raw.span)


def _separates(text: str, place: int) -> bool:
    """True inside the brackets of a function or list, where a comma separates arguments."""
    depth, before = 0, text[:place]
    for index in range(len(before) - 1, -1, -1):
        if before[index] == ")":
            depth += 1
        elif before[index] == "(":
            if depth == 0 and before[:index].rstrip()[-1:].isalnum():
                return True
            depth -= depth > 0
    return False


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
            checker.find("UNIT_ERROR", raw.span, what, _hint(checker, nodes[0], node, total))
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
        total = found
        parts.append(Node("INVERT", right.type, (right,), None, right.span) if sign == "/" else right)
    return Node("MULTIPLY", total, tuple(parts), None, raw.span)


def _product_problem(checker: Checker, raw: Raw, sides: tuple[Type, Type], sign: str) -> None:
    left, right = sides
    shown = "×" if sign == "*" else "÷"
    names = ["money" if side.kind == Kind.MONEY else WORDS[side.kind].split(" ", 1)[-1] for side in sides]
    piece = checker.piece(raw.span)
    what = f"{piece} is {names[0]} {shown} {names[1]}, which is nothing that can be paid or compared."
    fix = "Compute with amounts, numbers and percentages."
    if left.kind == right.kind == Kind.MONEY:
        fix = "Multiply an amount by a percentage or a number; divide two amounts first, in brackets, to get a percentage."
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


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known name that a misspelt one resembles."""
    near = extractOne(word, list(known), score_cutoff=60)
    return str(near[0]) if near else None


Check = Callable[[Checker, Raw], Node | None]
CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(("NUMBER", "PERCENT", "MONEY", "DATE", "TEXT", "YES", "NO"), _literal),
    "MINUS": _negative,
    "PLUS": _negative,
    "ADD": _added,
    "MULTIPLY": _multiplied,
    "COMPARE": _compared,
    "IN": _member,
    **dict.fromkeys(("AND", "OR", "NOT"), _logical),
}
"""How each kind of piece is checked; names and functions have their own modules."""


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
    checker.find("UNIT_ERROR", node.span, *_result_words(checker, node))
    return None


def _result_words(checker: Checker, node: Node) -> tuple[str, str]:
    place = checker.context.place
    what = f"The formula gives {node.type.words}"
    if place == Place.CONDITION:
        return f"{what}, and a condition is yes or no.", f"Compare it: {checker.piece(node.span)} > 0."
    if place == Place.MEASURE:
        return f"{what}, and a measure is an amount, a count or a number.", "Give for example amount - cost."
    of = "credit" if place == Place.DEAL else "measure"
    fix = f"Multiply it with an amount: {of} * ({checker.piece(node.span)})."
    if node.type.kind in (Kind.NUMBER, Kind.COUNT):
        fix = f"Give it a price: ({checker.piece(node.span)}) * 1 {checker.context.currency}."
    return f"{what}, and pay is an amount.", fix
