"""Conditions that name a value which no deal of the company has: a misspelt word pays nobody, and nothing else tells of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from incentives.engine.compiling import NO_CURRENCY
from incentives.engine.conditions import read_conditions
from incentives.engine.language.checking import nearest
from incentives.engine.plan import Condition
from incentives.engine.reading import Reader
from spm.core.findings import Finding, Severity
from spm.core.money import is_currency

TESTS = ("IN", "NOT_IN")
Known = Callable[[Mapping[str, Sequence[str]]], Mapping[str, tuple[Collection[str], Sequence[str]]]]
"""Gives, by column, which of the values asked no deal has, and those that deals have (none where they may not be told)."""


def values_unknown(document: Mapping[str, Any], known: Known) -> list[Finding]:
    """Give a warning for each value that a condition names and no deal has, with the nearest that one has; each column is asked once."""
    currency = str(document.get("currency", ""))
    currency = currency if is_currency(currency) else NO_CURRENCY
    parts = _with_conditions(document, "")
    conditions = [(path, each) for path, entry in parts for each in _conditions(path, entry, currency)]
    asked: dict[str, dict[str, None]] = {}
    for _path, condition in conditions:
        asked.setdefault(condition.column, {}).update(dict.fromkeys(_words(condition)))
    unknown = known({column: list(words) for column, words in asked.items()})
    return [
        finding
        for path, condition in conditions
        for finding in _found(path, condition, *unknown.get(condition.column, ((), ())))
    ]


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


def _conditions(path: str, entry: Mapping[str, Any], currency: str) -> Iterator[Condition]:
    read = read_conditions(Reader(entry, path, []), "where", currency)
    return (condition for condition in read if condition.operator in TESTS and _words(condition))


def _words(condition: Condition) -> list[str]:
    return list(dict.fromkeys(value for value in condition.values if isinstance(value, str)))


def _found(path: str, condition: Condition, missing: Collection[str], there: Sequence[str]) -> Iterator[Finding]:
    where, is_left_out = f"{path}.where", condition.operator == "NOT_IN"
    for value in _words(condition):
        if value not in missing:
            continue
        near, others = nearest(value, there), f"Deals have {', '.join(there[:10])}." if there else "Check its spelling."
        fix = f"Did you mean “{near}”?" if near else others
        if is_left_out:
            what = f"{condition.column} is not “{value}”, which no deal has."
            yield Finding("VALUE_UNUSED", where, what, "It leaves nothing out.", fix, severity=Severity.WARNING)
        else:
            what = f"{condition.column} is “{value}”, which no deal has."
            yield Finding("VALUE_UNUSED", where, what, "It fits no deal.", fix, severity=Severity.WARNING)
