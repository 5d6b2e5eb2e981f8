"""Reads the named tables of a plan, which its formulas ask: tier tables (TIER, TIERRATE), curves (CURVE), lookups by keys (LOOKUP)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from incentives.engine.language.context import Table
from incentives.engine.language.lookups import Rows
from incentives.engine.language.points import Points
from incentives.engine.language.units import NUMBER, PERCENT, PLAIN, TEXT, Kind, Type
from incentives.engine.plan import UNIT_SCALE, Measure, RateTable
from incentives.engine.reading import Reader, exact_number
from incentives.engine.tables import points_in_order, read_edge, read_table
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
        if child.has("curve"):
            table = _read_curve(child, key, currency)
        else:
            table = _read_tiers(child, key, currency) if child.has("tiers") else _read_rows(child, key)
        child.finish("name")
        if key in found:
            child.find("KEY_REPEATED", f"Two tables are called {key}.", "Give each its own key.", at="key")
        if table is not None:
            found[key] = table
    return found


def _read_tiers(reader: Reader, key: str, currency: str) -> Table | None:
    """Tiers whose edges are percentages, amounts or numbers (`edges: NUMBER`)."""
    word = _read_word(reader)
    if word is None:
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


def _read_word(reader: Reader) -> str | None:
    """What edges without % are."""
    word = reader.text("edges", default="MONEY").upper()
    if word in EDGES:
        return word
    reader.find("CHOICE_UNKNOWN", f"edges is {word}.", f"Write one of {', '.join(EDGES)}.", at="edges")
    return None


def _read_curve(reader: Reader, key: str, currency: str) -> Table | None:
    """Points `{at: 50 %, pays: 10 %}`; `at` is a percentage, an amount or a number (`edges: NUMBER`), `pays` a percentage or a number."""
    word, children = _read_word(reader), reader.children("curve")
    shares = {"%" in str(child.document.get("at")) for child in children if exact_number(child.document.get("at")) != 0}
    if len(shares) > 1 or (word == "PERCENT" and shares == {False}):
        what = "Some points of the curve stand at percentages and some do not."
        reader.find("TIER_UNITS_MIXED", what, "Write at of all of them with % or none.", at="curve")
        return None
    if word is None:
        return None
    by_share = True in shares or word == "PERCENT"
    unit, measure = TierUnit.ATTAINMENT if by_share else TierUnit.MEASURE, Measure(key, (), EDGES[word])
    ats = [read_edge(child, "at", unit, measure, currency) for child in children]
    values = [child.value("pays") for child in children]
    for child in children:
        child.finish()
    known = [at for at in ats if at is not None]
    if len(known) < max(len(children), 2) or None in values:
        what = "A curve has at least two points, each with at and pays."
        reader.find("CURVE_INCOMPLETE", what, "Add the points.", at="curve")
        return None
    if not points_in_order(reader, children, known):
        return None
    gives = PERCENT if all("%" in str(value) for value in values) else PLAIN
    heights = [_value(child, value, gives, at="pays") for child, value in zip(children, values, strict=True)]
    takes = PERCENT if by_share else NUMBER if word == "NUMBER" else Type(Kind.MONEY, currency)
    scale = UNIT_SCALE if takes == NUMBER else 1
    places = [at / scale for at in known]
    return Table(key, (takes,), gives, Points(tuple(zip(places, heights, strict=True))), is_tier=False)


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
            "TABLE_EMPTY",
            "The table has neither tiers nor rows nor a curve.",
            "Add tiers, a curve, or rows with key: value.",
            at="rows",
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


def _value(reader: Reader, value: object, gives: Type, *, at: str = "rows") -> Fraction:
    text = str(value).replace("%", "").strip() if gives == PERCENT else value
    try:
        number = exact_number(text)
        exact = Fraction(Decimal(str(text)) if number is None else number)
    except ArithmeticError:
        what = f"{value!r} is no number, and the others are {'percentages' if gives == PERCENT else 'numbers'}."
        reader.find("NUMBER_UNREADABLE", what, "Give all of them percentages, or all numbers.", at=at)
        return Fraction(0)
    return exact / 100 if gives == PERCENT else exact
