"""Conditions that name a value which no deal of the company has: a misspelt word pays nobody, and nothing else tells of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from incentives.engine.conditions import read_conditions
from incentives.engine.language.checking import nearest
from incentives.engine.reading import Reader
from spm.core.findings import Finding, Severity

TESTS = ("IN", "NOT_IN")
Known = Callable[[str, Sequence[str]], Sequence[str]]
"""Gives the values that deals have in a column where one of those asked is in none; nothing where all are, or they are no list of words."""


def values_unknown(document: Mapping[str, Any], known: Known) -> list[Finding]:
    """Give a warning for each value that a condition names and no deal has, with the nearest that one has."""
    currency = str(document.get("currency", ""))
    parts = _with_conditions(document, "")
    return [finding for path, entry in parts for finding in _unknown(path, entry, currency, known)]


def _with_conditions(value: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The parts of a document that have conditions, but not its examples, which state their own deals."""
    if isinstance(value, Mapping):
        if isinstance(value.get("where"), Mapping | str):
            yield path, value
        for name, child in value.items():
            if name not in ("where", "examples"):
                yield from _with_conditions(child, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from _with_conditions(child, f"{path}[{number}]")


def _unknown(path: str, entry: Mapping[str, Any], currency: str, known: Known) -> Iterator[Finding]:
    for condition in read_conditions(Reader(entry, path, []), "where", currency):
        asked = [value for value in condition.values if isinstance(value, str)] if condition.operator in TESTS else []
        there = known(condition.column, asked) if asked else ()
        for value in asked if there else ():
            if value not in there:
                near = nearest(value, there)
                what = f"{condition.column} is “{value}”, which no deal has."
                fix = f"Did you mean “{near}”?" if near else f"Deals have {', '.join(there[:10])}."
                where = f"{path}.where"
                yield Finding("VALUE_UNUSED", where, what, "It fits no deal.", fix, severity=Severity.WARNING)
