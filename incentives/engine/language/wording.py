"""Formulas in words, for plan documents and traces: the same data that is computed, read aloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from incentives.engine.language.context import MONEY_NAMES, Table
from incentives.engine.language.tree import SUMS, Node
from incentives.engine.language.units import Kind
from incentives.engine.language.vocabulary import ENGLISH, Vocabulary
from spm.core.dated import day_text
from spm.core.money import minor_digits, round_half_away

_NAMES = {column: name for name, column in MONEY_NAMES.items()}
GOALS = ("ATTAINMENT", "QUOTA")
DECIMALS = 12
"""Decimals that a number is told with: more than rates (eight) and quantities (four) have."""


def decimal_text(value: Fraction | int) -> str:
    """A number with every digit that it has, never in powers of ten.

    >>> decimal_text(Fraction(12345678901, 10000)), decimal_text(Fraction(-1, 8)), decimal_text(3 * 10**15)
    ('1234567.8901', '-0.125', '3000000000000000')
    """
    exact = Fraction(value)
    scaled = round_half_away(exact.numerator * 10**DECIMALS, exact.denominator)
    digits = str(abs(scaled)).rjust(DECIMALS + 1, "0")
    whole, rest = digits[:-DECIMALS], digits[-DECIMALS:].rstrip("0")
    return f"{'-' if scaled < 0 else ''}{whole}{'.' if rest else ''}{rest}"


def grouped_text(value: Fraction | int) -> str:
    """The same with its thousands grouped.

    >>> grouped_text(Fraction(10001, 10))
    '1,000.1'
    """
    whole, point, rest = decimal_text(value).partition(".")
    return f"{int(whole):,}{point}{rest}" if whole != "-0" else f"-0{point}{rest}"


def words(node: Node, language: Vocabulary = ENGLISH) -> str:
    """One piece of a formula in words."""
    if node.what == "CONSTANT":
        return figure(node.value, node, language)
    handler = _HANDLERS.get(node.what)
    if handler is not None:
        return handler(node, language)
    parts = [_inner(part, language) for part in node.parts]
    if node.what == "DATE":
        parts = [words(part).replace(",", "") for part in node.parts]
    if node.what == "COLUMN":
        return _column(str(node.value), language)
    call = f"{node.what} MANY" if node.what in ("MIN", "MAX") and len(parts) > 2 else node.what
    return language.calls[call].format(*(parts or [str(node.value)]), all=_listed(parts, language))


def named(node: Node, names: Mapping[tuple[str, str], str]) -> Node:
    """The formula with the names that people know of what it asks, by (MEASURE or COMPONENT, key), to be read aloud."""
    parts = tuple(named(part, names) for part in node.parts)
    return replace(node, parts=parts, value=_known(node, names) or node.value)


def written(text: str, node: Node, names: Mapping[tuple[str, str], str]) -> str:
    """A piece of a formula as it is written, but with the names that people know of what it asks."""
    pieces, at = [], node.span[0]
    for each in sorted(node.walk(), key=lambda one: one.span):
        name, (start, end) = _known(each, names), each.span
        if name is None or start < at:
            continue
        asked = text[start:end]
        if each.what in GOALS:
            name = f"{each.what}({name})" if asked.partition("(")[2].strip(" )") else asked
        pieces += [text[at:start], name]
        at = end
    return " ".join("".join([*pieces, text[at : node.span[1]]]).split())


def _known(node: Node, names: Mapping[tuple[str, str], str]) -> str | None:
    """The name of the measure or component that a piece asks."""
    kind = "MEASURE" if node.what in GOALS else node.what
    return names.get((kind, node.value)) if isinstance(node.value, str) else None


def figure(value: object, node: Node, language: Vocabulary = ENGLISH) -> str:
    """A value as a reader expects it, in the type of its piece."""
    if isinstance(value, bool):
        return language.say("yes" if value else "no")
    if not isinstance(value, Fraction):
        return language.say("nothing") if value is None else f"“{value}”"
    kind = node.type.kind
    if kind == Kind.DATE:
        return day_text(int(value))
    if kind == Kind.PERCENT:
        return f"{language.number(decimal(value * 100))} %"
    if kind == Kind.MONEY:
        digits = minor_digits(node.type.currency)
        major = value / 10**digits
        exact = major * 10**digits
        shown = language.number(_grouped(major, digits if exact.denominator == 1 else 6))
        return f"{shown} {node.type.currency}"
    return language.number(decimal(value))


def decimal(value: Fraction) -> str:
    """A number with as many decimals as it needs, at most six."""
    return f"{_rounded(value, 6).normalize():,f}"


def _rounded(value: Fraction, digits: int) -> Decimal:
    return round(Decimal(value.numerator) / Decimal(value.denominator), digits)


def _grouped(value: Fraction, digits: int) -> str:
    return f"{_rounded(value, digits):,.{digits}f}"


def _inner(node: Node, language: Vocabulary) -> str:
    """A piece inside another one: in brackets where it could be misread."""
    text = words(node, language)
    has_condition = node.what in SUMS and isinstance(node.value, tuple) and node.value[1]
    is_open = has_condition or node.what in ("ADD", "MULTIPLY", "AND", "OR", "IF", "COMPARE", "NOT")
    return f"({text})" if is_open else text


def _listed(parts: list[str], language: Vocabulary) -> str:
    return parts[0] if len(parts) == 1 else language.say("list", ", ".join(parts[:-1]), parts[-1]) if parts else ""


def _added(node: Node, language: Vocabulary) -> str:
    text = _inner(node.parts[0], language)
    for part in node.parts[1:]:
        is_less = part.what == "NEGATE"
        text = language.say("less" if is_less else "plus", text, _inner(part.parts[0] if is_less else part, language))
    return text


def _multiplied(node: Node, language: Vocabulary) -> str:
    """“5 % of the amount”, “a times b”, “a divided by b”."""
    first, *others = node.parts
    if len(others) == 1 and others[0].what == "CONSTANT" and others[0].type.kind == Kind.PERCENT:
        return language.say("share", _inner(first, language), words(others[0], language))
    text = _inner(first, language)
    for part in others:
        is_by = part.what == "INVERT"
        text = language.say("by" if is_by else "times", text, _inner(part.parts[0] if is_by else part, language))
    return text


def _compared(node: Node, language: Vocabulary) -> str:
    left, right = (_inner(part, language) for part in node.parts)
    verbs = language.dated if node.parts[0].type.kind == Kind.DATE else language.compared
    return f"{left} {verbs[str(node.value)]} {right}"


def _member(node: Node, language: Vocabulary) -> str:
    first, *others = (_inner(part, language) for part in node.parts)
    return language.say("one" if len(others) == 1 else "one_of", first, _listed(others, language))


def _joined(node: Node, language: Vocabulary) -> str:
    parts = [words(part, language) if part.what in ("COMPARE", "IN") else _inner(part, language) for part in node.parts]
    return language.say(node.what).join(parts)


def _not(node: Node, language: Vocabulary) -> str:
    return language.say("NOT", words(node.parts[0], language))


def _chosen(node: Node, language: Vocabulary) -> str:
    condition, then, otherwise = node.parts
    return language.say("if", words(condition, language), _inner(then, language), words(otherwise, language))


def _rounded_call(node: Node, language: Vocabulary) -> str:
    assert isinstance(node.value, int)
    form = "decimals" if node.value > 0 else "places" if node.value else "whole"
    places = str(node.value) if node.value > 0 else language.number(f"{10**-node.value:,}")
    return language.say(form, _inner(node.parts[0], language), language.say(node.what), places)


def table_rows(table: Table, language: Vocabulary = ENGLISH) -> str:
    """The rows of a lookup: “5 % for EMEA, 6 % for APAC; 1 % otherwise”."""
    rows: Any = table.content
    shown = Node("CONSTANT", table.gives)
    parts = [
        language.say("row", figure(value, shown, language), _listed([_key(key) for key in keys], language))
        for keys, value in rows.values
    ]
    told = ", ".join(parts)
    last = rows.otherwise
    return told if last is None else language.say("otherwise", told, figure(last, shown, language))


def table_points(table: Table, language: Vocabulary = ENGLISH) -> str:
    """The points of a curve: “0 % at 50 %, 100 % at 100 %”."""
    curve: Any = table.content
    value, at = Node("CONSTANT", table.gives), Node("CONSTANT", table.takes[0])
    return ", ".join(
        language.say("point", figure(height, value, language), figure(place, at, language))
        for place, height in curve.points
    )


def _key(key: object) -> str:
    return decimal(key).replace(",", "") if isinstance(key, Fraction) else str(key)


def _table(node: Node, language: Vocabulary) -> str:
    assert isinstance(node.value, Table)
    parts = _listed([_inner(part, language) for part in node.parts], language)
    return language.calls[node.what].format(table=node.value.key, all=parts)


def _summed(node: Node, language: Vocabulary) -> str:
    assert isinstance(node.value, tuple)
    window, has_condition = node.value
    value = _inner(node.parts[0], language) if len(node.parts) > has_condition else ""
    text = language.say("credits", language.calls[node.what].format(value), language.windows[window])
    return language.say("where", text, words(node.parts[-1], language)) if has_condition else text


def _column(column: str, language: Vocabulary) -> str:
    plain = _NAMES.get(column, column.removesuffix("_minor").removesuffix("_key"))
    shown = language.say("day", plain[:-3]) if plain.endswith("_on") else plain
    return shown.replace("_", " ")


_HANDLERS = {
    "ADD": _added,
    "MULTIPLY": _multiplied,
    "COMPARE": _compared,
    "IN": _member,
    "AND": _joined,
    "OR": _joined,
    "NOT": _not,
    "IF": _chosen,
    **dict.fromkeys(("ROUND", "ROUNDUP", "ROUNDDOWN"), _rounded_call),
    **dict.fromkeys(("TIER", "TIERRATE", "CURVE", "LOOKUP"), _table),
    **dict.fromkeys(("SUM", "COUNT", "AVERAGE", "DISTINCT"), _summed),
}
