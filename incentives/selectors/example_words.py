"""Worked examples as whoever approves a version reads them: the facts, the figures expected, and what both said in the version before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from incentives.engine.testing import ExampleResult


@dataclass(frozen=True)
class Entry:
    """One fact or expected figure; `before` is what the published version said of it, None where it said nothing."""

    label: str
    now: str | None
    before: str | None
    is_changed: bool


@dataclass(frozen=True)
class ExampleTold:
    """One example: how it came out, its facts and what it expects; without a result where the version no longer has it."""

    name: str
    result: ExampleResult | None
    facts: tuple[Entry, ...]
    expected: tuple[Entry, ...]
    is_new: bool
    """Whether the published version has no example of the name."""


def examples_told(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], results: list[ExampleResult]
) -> tuple[ExampleTold, ...]:
    """Give the examples of a definition, each beside that of its name in the definition before, then those that are gone."""
    old, now = {} if before is None else _by_name(before), _by_name(after)
    found = [_told(name, one, old.get(name), _result(results, name)) for name, one in now.items()]
    gone = [_told(name, {}, one, None) for name, one in old.items() if name not in now]
    return (*found, *gone)


def _by_name(definition: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    examples = definition.get("examples")
    listed = [one for one in examples if isinstance(one, Mapping)] if isinstance(examples, list) else []
    return {str(one.get("name", "")): one for one in listed}


def _result(results: list[ExampleResult], name: str) -> ExampleResult | None:
    return next((one for one in results if one.name == name), None)


def _told(
    name: str, now: Mapping[str, Any], old: Mapping[str, Any] | None, result: ExampleResult | None
) -> ExampleTold:
    facts, expected = (_entries(now.get(part), None if old is None else old.get(part)) for part in ("given", "then"))
    return ExampleTold(name, result, facts, expected, is_new=old is None)


def _entries(now: Any, old: Any) -> tuple[Entry, ...]:
    after, before = dict(_flat(now)), dict(_flat(old))
    has_before = old is not None
    return tuple(
        Entry(label, after.get(label), before.get(label), has_before and after.get(label) != before.get(label))
        for label in [*after, *(each for each in before if each not in after)]
    )


def _flat(value: Any, label: str = "") -> Iterator[tuple[str, str]]:
    """The entries of a part, each with the names that lead to it; a fact of several fields, such as a deal, is one entry."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(each, f"{label} · {key}" if label else str(key))
    elif isinstance(value, list) and any(isinstance(each, Mapping | list) for each in value):
        yield from ((f"{label} {number}", _text(each)) for number, each in enumerate(value, start=1))
    elif value is not None:
        yield label, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
