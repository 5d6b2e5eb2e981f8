"""A measure or component whose key was changed keeps what refers to it: whoever renames it means the same measure."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from incentives.engine.language.context import DEAL_NAMES, MONEY_NAMES
from incentives.engine.language.grammar import parse
from incentives.engine.language.tree import SUMS, Raw, Span
from incentives.forms.designer.places import Document, entries_of, find, key_of, put

CHANGES = ("multipliers", "kickers", "gates")
_BARE = re.compile(r"(?!(?:and|or|not|in|yes|true|no|false)$)[A-Za-z_][A-Za-z0-9_]*", re.IGNORECASE)
"""A name that a formula takes without square brackets."""


def carried(before: Document, after: Document) -> Document:
    """Give the document after an edit with the references to renamed keys carried along; both have the same entries."""
    keys = _renamed(before, after)
    if not keys:
        return after
    result = copy.deepcopy(after)
    for component in [*entries_of(result, "measures"), *entries_of(result, "components")]:
        for container, name in _references(component):
            value = container.get(name)
            if isinstance(value, str) and value in keys:
                container[name] = keys[value]
        names = component.get("greater_of")
        if isinstance(names, list):
            component["greater_of"] = [keys.get(each, each) if isinstance(each, str) else each for each in names]
        if isinstance(component.get("formula"), str):
            component["formula"] = _formula(component["formula"], keys)
    for example in entries_of(result, "examples"):
        _expected(example, keys)
    return result


def _renamed(before: Document, after: Document) -> dict[str, str]:
    """Old keys with their new ones; none where the old or the new key is another entry's too, for then it is open which is meant."""
    found: dict[str, str] = {}
    now = [key_of(each) for name in ("measures", "components") for each in entries_of(after, name)]
    for name in ("measures", "components"):
        for old, new in zip(entries_of(before, name), entries_of(after, name), strict=False):
            if key_of(old) != key_of(new) and key_of(old) and now.count(key_of(new)) == 1 and key_of(old) not in now:
                found[key_of(old)] = key_of(new)
    return {old: new for old, new in found.items() if new}


def _references(component: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """The fields of a component that hold the key of a measure or component."""
    yield component, "of"
    yield component, "tiers_on"
    yield component, "against"
    for name in CHANGES:
        for change in entries_of(component, name):
            yield change, "of"
    for axis in ("rows", "columns"):
        held = find(component, f"matrix.{axis}")
        if isinstance(held, dict):
            yield held, "of"


def _formula(text: str, keys: Mapping[str, str]) -> str:
    """A formula with the new names; one that can't be read stays as it is."""
    raw = parse(text)
    if not isinstance(raw, Raw):
        return text
    for (start, end), name in sorted(_names(raw), reverse=True):
        new = keys.get(name, name)
        if new != name and name not in DEAL_NAMES and name not in MONEY_NAMES:
            text = text[:start] + (new if _BARE.fullmatch(new) else f"[{new}]") + text[end:]
    return text


def _names(raw: Raw) -> Iterator[tuple[Span, str]]:
    """The names outside sums over deals, where a name is a column."""
    if raw.what == "NAME":
        yield raw.span, raw.value
    if raw.value.upper() not in SUMS:
        for part in raw.parts:
            yield from _names(part)


def _expected(example: Any, keys: Mapping[str, str]) -> None:
    """What an example states by component or measure."""
    people = find(example, "then.people")
    paths = [f"then.{name}" for name in ("components", "slices", "attainment")]
    paths += [f"then.people.{person}" for person in (people if isinstance(people, dict) else {})]
    for path in paths:
        held = find(example, path)
        if isinstance(held, dict) and held.keys() & keys.keys():
            put(example, path, {keys.get(name, name): value for name, value in held.items()})
