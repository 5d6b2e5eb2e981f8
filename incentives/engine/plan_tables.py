"""Reads the named tables of a plan, which its formulas ask: tier tables (TIER, TIERRATE) and lookups by keys (LOOKUP)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from incentives.engine.language.context import Table
from incentives.engine.language.lookups import Rows
from incentives.engine.language.units import NUMBER, PERCENT, PLAIN, TEXT, Kind, Type
from incentives.engine.plan import Measure, RateTable
from incentives.engine.reading import Reader, exact_number
from incentives.engine.tables import read_table
from incentives.engine.words import MeasureKind, TierUnit

DEEPEST = 2
"""Keys of a lookup."""

EDGES = {"MONEY": MeasureKind.AMOUNT, "NUMBER": MeasureKind.COUNT, "PERCENT": MeasureKind.AMOUNT}
"""What edges without % are; a table without any edge says PERCENT when it is asked with a percentage."""


def read_tables(reader: Reader, currency: str) -> dict[str, Table]:
    """The tables of a plan by their keys."""
    found: dict[str, Table] = {}
    for child in reader.children("tables"):
        key = child.text("key")
        table = _read_tiers(child, key, currency) if child.has("tiers") else _read_rows(child, key)
        child.finish("name")
        if key in found:
            child.find("KEY_REPEATED", f"Two tables are called {key}.", "Give each its own key.", at="key")
        if table is not None:
            found[key] = table
    return found


def _read_tiers(reader: Reader, key: str, currency: str) -> Table | None:
    """Tiers whose edges are percentages, amounts or numbers (`edges: NUMBER`)."""
    word = reader.text("edges", default="MONEY").upper()
    if word not in EDGES:
        reader.find("CHOICE_UNKNOWN", f"edges is {word}.", f"Write one of {', '.join(EDGES)}.", at="edges")
        return None
    table = read_table(reader, Measure(key, (), EDGES[word], quota=key if word == "PERCENT" else None), currency)
    if table is None:
        return None
    if word == "PERCENT" and table.unit != TierUnit.ATTAINMENT:
        reader.find("UNIT_ERROR", "edges is PERCENT, and an edge is no percentage.", "Write edges with %.", at="tiers")
        return None
    takes = NUMBER if word == "NUMBER" else Type(Kind.MONEY, currency)
    if table.unit == TierUnit.ATTAINMENT:
        takes, table = PERCENT, replace(table, unit=TierUnit.MEASURE)
    return _tier_table(reader, key, takes, table, currency)


def _tier_table(reader: Reader, key: str, takes: Type, table: RateTable, currency: str) -> Table | None:
    by_rate = {tier.rate is not None for tier in table.tiers}
    if len(by_rate) > 1:
        reader.find(
            "UNIT_ERROR", "Some tiers give a rate and some an amount.", "Give all of them one of both.", at="tiers"
        )
        return None
    if any(tier.each is not None for tier in table.tiers) and takes != NUMBER:
        reader.find("UNIT_ERROR", "amount_each needs edges that are numbers.", "Add edges: NUMBER.", at="tiers")
        return None
    gives = takes if by_rate == {True} else Type(Kind.MONEY, currency)
    return Table(key, (takes,), gives, table, is_tier=True)


def _read_rows(reader: Reader, key: str) -> Table | None:
    """`rows: {EMEA: 5 %, APAC: 6 %}`, or with two keys `rows: {EMEA: {new: 5 %, renewal: 2 %}}`."""
    child = reader.child("rows")
    if child is None or not child.document:
        reader.find(
            "TABLE_EMPTY", "The table has neither tiers nor rows.", "Add tiers, or rows with key: value.", at="rows"
        )
        return None
    rows: list[tuple[tuple[object, ...], object]] = []
    _collect(child.document, (), rows)
    widths = {len(keys) for keys, _ in rows}
    if widths not in ({1}, {2}):
        reader.find("TABLE_KEYS", "The rows do not all have one key, or all two.", "Nest one or two keys.", at="rows")
        return None
    width = widths.pop()
    takes = tuple(_key_type(keys[place] for keys, _ in rows) for place in range(width))
    values = [value for _, value in rows] + ([reader.value("otherwise")] if reader.has("otherwise") else [])
    gives = PERCENT if all("%" in str(value) for value in values) else PLAIN
    made = [_value(reader, value, gives) for value in values]
    keyed = [tuple(_key(part, kind) for part, kind in zip(keys, takes, strict=True)) for keys, _ in rows]
    otherwise = made[len(rows)] if len(made) > len(rows) else None
    return Table(key, takes, gives, Rows(tuple(zip(keyed, made[: len(rows)], strict=True)), otherwise), is_tier=False)


def _collect(
    mapping: Mapping[Any, object], above: tuple[object, ...], rows: list[tuple[tuple[object, ...], object]]
) -> None:
    for key, value in mapping.items():
        if isinstance(value, Mapping) and len(above) < DEEPEST:
            _collect(value, (*above, key), rows)
        else:
            rows.append(((*above, key), value))


def _key_type(keys: object) -> Type:
    """Numbers where all keys are numbers, else texts."""
    return NUMBER if all(exact_number(key) is not None for key in keys) else TEXT  # type: ignore[attr-defined]


def _key(value: object, kind: Type) -> object:
    number = exact_number(value)
    return Fraction(number) if kind == NUMBER and number is not None else str(value)


def _value(reader: Reader, value: object, gives: Type) -> Fraction:
    text = str(value).replace("%", "").strip() if gives == PERCENT else value
    try:
        number = exact_number(text)
        exact = Fraction(Decimal(str(text)) if number is None else number)
    except ArithmeticError:
        what = f"{value!r} is no number, and the others are {'percentages' if gives == PERCENT else 'numbers'}."
        reader.find("NUMBER_UNREADABLE", what, "Give all rows percentages, or all numbers.", at="rows")
        return Fraction(0)
    return exact / 100 if gives == PERCENT else exact
