"""Formulas in words, for plan documents and traces: the same data that is computed, read aloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from incentives.engine.language.context import MONEY_NAMES, Table
from incentives.engine.language.tree import Node
from incentives.engine.language.units import Kind
from spm.core.dated import day_text
from spm.core.money import minor_digits, round_half_away

_NAMES = {column: name for name, column in MONEY_NAMES.items()}
_COMPARED = {
    "=": "is", "<>": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least",
}  # fmt: skip
_DATED = _COMPARED | {"<": "is before", "<=": "is on or before", ">": "is after", ">=": "is on or after"}
_CALLS: Mapping[str, str] = {
    "MIN": "the smallest of {all}",
    "MAX": "the largest of {all}",
    "ABS": "{0} without its sign",
    "YEAR": "the year of {0}",
    "MONTH": "the month of {0}",
    "DAY": "the day of the month of {0}",
    "DAYS": "the days from {1} to {0}",
    "DATE": "the day {2} of month {1} of year {0}",
    "STARTSWITH": "{0} begins with {1}",
    "ENDSWITH": "{0} ends with {1}",
    "CONTAINS": "{0} contains {1}",
    "UNDER": "{0} is under {1}",
    "LOWER": "{0} in small letters",
    "UPPER": "{0} in capital letters",
    "TRIM": "{0} without spaces around it",
    "LENGTH": "the length of {0}",
    "ISEMPTY": "{0} is not given",
    "TO_MONEY": "{0}",
    "NEGATE": "minus {0}",
    "INVERT": "1 by {0}",
}
_WINDOWS = {
    "PERIOD": "of the period",
    "QTD": "of the quarter to date",
    "YTD": "of the fiscal year to date",
    "CONTRACT": "since the start of the plan",
    "PRIOR": "of the period before",
    "PRIOR_YEAR": "of the same period a year before",
    None: "of the window",
}
_ROUNDED = {"ROUND": "rounded", "ROUNDUP": "rounded away from zero", "ROUNDDOWN": "rounded towards zero"}


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


def words(node: Node) -> str:
    """One piece of a formula in words."""
    if node.what == "CONSTANT":
        return figure(node.value, node)
    handler = _HANDLERS.get(node.what)
    if handler is not None:
        return handler(node)
    parts = [_inner(part) for part in node.parts]
    if node.what == "DATE":
        parts = [part.replace(",", "") for part in parts]
    if node.what in _CALLS:
        return _CALLS[node.what].format(*parts, all=_listed(parts))
    return _name(node)


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


def figure(value: object, node: Node) -> str:
    """A value as a reader expects it, in the type of its piece."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, Fraction):
        return "nothing" if value is None else f"“{value}”"
    kind = node.type.kind
    if kind == Kind.DATE:
        return day_text(int(value))
    if kind == Kind.PERCENT:
        return f"{decimal(value * 100)} %"
    if kind == Kind.MONEY:
        digits = minor_digits(node.type.currency)
        major = value / 10**digits
        exact = major * 10**digits
        return f"{_grouped(major, digits if exact.denominator == 1 else 6)} {node.type.currency}"
    return decimal(value)


def decimal(value: Fraction) -> str:
    """A number with as many decimals as it needs, at most six."""
    return f"{_rounded(value, 6).normalize():,f}"


def _rounded(value: Fraction, digits: int) -> Decimal:
    return round(Decimal(value.numerator) / Decimal(value.denominator), digits)


def _grouped(value: Fraction, digits: int) -> str:
    return f"{_rounded(value, digits):,.{digits}f}"


def _inner(node: Node) -> str:
    """A piece inside another one: in brackets where it could be misread."""
    text = words(node)
    return f"({text})" if node.what in ("ADD", "MULTIPLY", "AND", "OR", "IF", "COMPARE", "NOT") else text


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _added(node: Node) -> str:
    text = _inner(node.parts[0])
    for part in node.parts[1:]:
        text += f" less {_inner(part.parts[0])}" if part.what == "NEGATE" else f" plus {_inner(part)}"
    return text


def _multiplied(node: Node) -> str:
    """“5 % of the amount”, “a times b”, “a divided by b”."""
    first, *others = node.parts
    if len(others) == 1 and others[0].what == "CONSTANT" and others[0].type.kind == Kind.PERCENT:
        return f"{words(others[0])} of {_inner(first)}"
    text = _inner(first)
    for part in others:
        text += f" divided by {_inner(part.parts[0])}" if part.what == "INVERT" else f" times {_inner(part)}"
    return text


def _compared(node: Node) -> str:
    left, right = (_inner(part) for part in node.parts)
    verbs = _DATED if node.parts[0].type.kind == Kind.DATE else _COMPARED
    return f"{left} {verbs[str(node.value)]} {right}"


def _member(node: Node) -> str:
    first, *others = (_inner(part) for part in node.parts)
    return f"{first} is {others[0] if len(others) == 1 else f'one of {_listed(others)}'}"


def _joined(node: Node) -> str:
    word = f" {node.what.lower()} "
    return word.join(words(part) if part.what in ("COMPARE", "IN") else _inner(part) for part in node.parts)


def _chosen(node: Node) -> str:
    condition, then, otherwise = node.parts
    return f"{_inner(then)} if {words(condition)}, otherwise {words(otherwise)}"


def _rounded_call(node: Node) -> str:
    assert isinstance(node.value, int)
    places = (
        f"to {node.value} decimals" if node.value > 0 else f"to {10**-node.value:,}" if node.value else "to whole units"
    )
    return f"{_inner(node.parts[0])} {_ROUNDED[node.what]} {places}"


def table_rows(table: Table) -> str:
    """The rows of a lookup: “5 % for EMEA, 6 % for APAC; 1 % otherwise”."""
    rows: Any = table.content
    shown = Node("CONSTANT", table.gives)
    parts = [f"{figure(value, shown)} for {' and '.join(_key(key) for key in keys)}" for keys, value in rows.values]
    last = "" if rows.otherwise is None else f"; {figure(rows.otherwise, shown)} otherwise"
    return f"{', '.join(parts)}{last}"


def table_points(table: Table) -> str:
    """The points of a curve: “0 % at 50 %, 100 % at 100 %”."""
    curve: Any = table.content
    value, at = Node("CONSTANT", table.gives), Node("CONSTANT", table.takes[0])
    return ", ".join(f"{figure(height, value)} at {figure(place, at)}" for place, height in curve.points)


def _key(key: object) -> str:
    return decimal(key).replace(",", "") if isinstance(key, Fraction) else str(key)


def _table(node: Node) -> str:
    assert isinstance(node.value, Table)
    parts = _listed([_inner(part) for part in node.parts])
    if node.what == "TIERRATE":
        return f"the rate of the tier of {node.value.key} that {parts} reaches"
    if node.what == "CURVE":
        return f"the height of the curve {node.value.key} at {parts}"
    return (
        f"what {node.value.key} pays for {parts}"
        if node.what == "TIER"
        else f"the value of {node.value.key} for {parts}"
    )


def _summed(node: Node) -> str:
    assert isinstance(node.value, tuple)
    window, has_condition = node.value
    condition = f" with {words(node.parts[-1])}" if has_condition else ""
    value = _inner(node.parts[0]) if len(node.parts) > has_condition else ""
    what = {
        "SUM": f"the sum of {value} over",
        "COUNT": "the number of",
        "AVERAGE": f"the mean of {value} over",
        "DISTINCT": f"the number of different {value} among",
    }[node.what]
    return f"{what} the credits {_WINDOWS[window]}{condition}"


def _name(node: Node) -> str:
    """A name, a quota, a target."""
    text = str(node.value)
    if node.what == "COLUMN":
        plain = _NAMES.get(text, text.removesuffix("_minor").removesuffix("_key"))
        return (f"{plain[:-3]} day" if plain.endswith("_on") else plain).replace("_", " ")
    fixed = {
        "CREDIT": "the credit",
        "PERIOD_START": "the first day of the period",
        "PERIOD_END": "the first day after the period",
        "TARGET": "the target",
        "TENURE": "the completed months of employment",
    }
    if node.what in fixed:
        return fixed[node.what]
    form = {
        "MEASURE": "what counts for {0}",
        "COMPONENT": "what {0} earns",
        "ATTAINMENT": "the attainment of {0}",
        "QUOTA": "the quota of {0}",
    }
    return form[node.what].format(text)


_HANDLERS = {
    "ADD": _added,
    "MULTIPLY": _multiplied,
    "COMPARE": _compared,
    "IN": _member,
    "AND": _joined,
    "OR": _joined,
    "NOT": lambda node: f"not ({words(node.parts[0])})",
    "IF": _chosen,
    **dict.fromkeys(_ROUNDED, _rounded_call),
    **dict.fromkeys(("TIER", "TIERRATE", "CURVE", "LOOKUP"), _table),
    **dict.fromkeys(("SUM", "COUNT", "AVERAGE", "DISTINCT"), _summed),
}
