"""Finds loops in who stands above whom."""

from collections.abc import Mapping


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
                loop = keys[keys.index(step) :]
                first = loop.index(min(loop))
                return loop[first:] + loop[:first]
            path[step] = None
            step = above.get(step)
        cleared.update(path)
    return []
