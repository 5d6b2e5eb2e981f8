"""Finds loops in who stands above whom: accounts and their parents, seats and their managers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def loop_find(above: Mapping[str, str]) -> list[str]:
    """Give the keys along one loop, starting with the smallest of them; empty where there is none.

    >>> loop_find({"a": "b", "b": "c", "c": "b"}), loop_find({"a": "b"})
    (['b', 'c'], [])
    """
    cleared: set[str] = set()
    for start in sorted(above):
        path: dict[str, None] = {}
        step: str | None = start
        while step is not None and step not in cleared:
            if step in path:
                keys = list(path)
                return from_smallest(keys[keys.index(step) :])
            path[step] = None
            step = above.get(step)
        cleared.update(path)
    return []


def from_smallest(loop: Sequence[str]) -> list[str]:
    """Give the same loop, said from its smallest key on.

    >>> from_smallest(["c", "a", "b"])
    ['a', 'b', 'c']
    """
    first = loop.index(min(loop))
    return [*loop[first:], *loop[:first]]
