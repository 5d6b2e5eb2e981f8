"""Families of accounts: who stands at the top of whom, and where a chain of parents runs in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spm.core.loops import from_smallest


@dataclass(frozen=True)
class Families:
    """`top` of every account that has a parent or is one; accounts below a circle have none. Each circle begins with its smallest key."""

    top: Mapping[str, str]
    circles: tuple[tuple[str, ...], ...]

    def members(self) -> dict[str, list[str]]:
        """The accounts of each family, by its top."""
        found: dict[str, list[str]] = {}
        for key in sorted(self.top):
            found.setdefault(self.top[key], []).append(key)
        return found


def families_of(parents: Mapping[str, str]) -> Families:
    """Find the top of every account from its parent; each account is walked over once.

    >>> found = families_of({"b": "a", "c": "b", "x": "y", "y": "x", "z": "x"})
    >>> sorted(found.top.items()), found.circles
    ([('a', 'a'), ('b', 'a'), ('c', 'a')], (('x', 'y'),))
    """
    top: dict[str, str | None] = {}
    circles: list[tuple[str, ...]] = []
    for start in sorted(parents):
        path: dict[str, None] = {}
        step = start
        while step not in top and step not in path and step in parents:
            path[step] = None
            step = parents[step]
        if step in path:
            keys = list(path)
            circles.append(tuple(from_smallest(keys[keys.index(step) :])))
            found = None
        else:
            found = top.get(step, step)
        top |= dict.fromkeys(path, found)
        if found == step:
            top[step] = step
    return Families({key: value for key, value in top.items() if value is not None}, tuple(sorted(circles)))


def tree_of(top: str, parents: Mapping[str, str], names: Mapping[str, str]) -> list[tuple[str, int]]:
    """The accounts of a family from the top down, each with its depth; those of one parent by name.

    >>> tree_of("a", {"b": "a", "c": "a", "d": "c"}, {"a": "A", "b": "Z", "c": "C", "d": "D"})
    [('a', 0), ('c', 1), ('d', 2), ('b', 1)]
    """
    below: dict[str, list[str]] = {}
    for child, parent in parents.items():
        below.setdefault(parent, []).append(child)
    found: list[tuple[str, int]] = []
    open_ = [(top, 0)]
    while open_:
        key, depth = open_.pop()
        found.append((key, depth))
        children = sorted(below.get(key, ()), key=lambda each: (names.get(each, ""), each), reverse=True)
        open_ += [(child, depth + 1) for child in children]
    return found
