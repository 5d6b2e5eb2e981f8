"""Places in a plan document by path ("components.0.tiers.1.rate"), and how a value is shown in a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import slugify

Document = dict[str, Any]


def shown(value: object) -> str:
    """Give a value as a field shows it.

    >>> shown(True), shown(None), shown(5600)
    ('yes', '', '5600')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def is_scalar(value: object) -> bool:
    """Tell whether one field can show the value."""
    return not isinstance(value, Mapping | list | tuple)


def parts_of(path: str) -> list[str]:
    """Give the steps of a path."""
    return [part for part in path.split(".") if part]


def find(document: Any, path: str) -> Any:
    """Give the value at a path, None where there is none."""
    for part in parts_of(path):
        if isinstance(document, Mapping):
            document = document.get(part)
        elif isinstance(document, list):
            document = document[int(part)] if part.isdecimal() and int(part) < len(document) else None
        else:
            return None
    return document


def put(document: Any, path: str, value: object) -> None:
    """Set the value at a path; mappings on the way are made, entries of lists must exist."""
    *above, last = parts_of(path)
    for part in above:
        below = find(document, part)
        if not isinstance(below, Mapping | list):
            below = {}
            _set(document, part, below)
        document = below
    _set(document, last, value)


def _set(container: Any, part: str, value: object) -> None:
    if isinstance(container, list):
        if part.isdecimal() and int(part) < len(container):
            container[int(part)] = value
    elif isinstance(container, dict):
        container[part] = value


def entries_of(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Give the entries of a list that are sets of fields."""
    listed = document.get(name)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def key_of(entry: Mapping[str, Any]) -> str:
    """Give the key of an entry, or the one that its name gives."""
    return shown(entry.get("key")) or slugify(shown(entry.get("name")))


def drop(document: Any, path: str) -> None:
    """Remove a field of a mapping or an entry of a list, with the mapping or list that it leaves empty inside a component."""
    *above, last = parts_of(path)
    container = find(document, ".".join(above))
    if isinstance(container, list) and last.isdecimal() and int(last) < len(container):
        del container[int(last)]
    elif isinstance(container, dict):
        container.pop(last, None)
    if container in ({}, []) and above and not above[-1].isdecimal():
        drop(document, ".".join(above))


@dataclass
class Place:
    """A value of the document with its path; it remembers which of its fields a card shows, so that the others can be shown as text."""

    value: Any
    path: str
    seen: set[str] = field(default_factory=set)

    def get(self, name: str) -> Any:
        """Give the raw value of a field and count it as shown."""
        self.seen.add(name)
        return self.value.get(name) if isinstance(self.value, Mapping) else None

    def has(self, name: str) -> bool:
        """Tell whether the field is given."""
        return isinstance(self.value, Mapping) and name in self.value

    def child(self, name: str) -> Place:
        """Give the place of a field, which counts as shown."""
        return Place(self.get(name), self.at(name))

    def entries(self, name: str) -> list[Place]:
        """Give the entries of a list field that are sets of fields; a list with any other entry is left to the text."""
        value = self.value.get(name) if isinstance(self.value, Mapping) else None
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            return []
        self.seen.add(name)
        return [Place(each, f"{self.at(name)}.{number}") for number, each in enumerate(value)]

    def at(self, name: str) -> str:
        """Give the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def rest(self) -> Document:
        """Give the fields that no card shows."""
        if not isinstance(self.value, Mapping):
            return {}
        return {name: value for name, value in self.value.items() if name not in self.seen}


def joined(value: Any) -> str | None:
    """Give a plain value, or a list of them, as one line; None for anything else.

    >>> joined(["3000", "2000"]), joined(3000), joined([["1"]])
    ('3000; 2000', '3000', None)
    """
    values = value if isinstance(value, list) else [value]
    words = [shown(each) if is_scalar(each) else ";" for each in values]
    return None if any(";" in each or "\n" in each for each in words) else "; ".join(words)
