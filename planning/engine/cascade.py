"""Top-down quotas: a target is handed down a tree, level by level, so that parts sum to the whole to the cent.

A value that a person has set is kept, and the others share what it leaves. Guardrails bound a share from below and above; what a
bound takes or gives is shared by those that are free. What can't be shared is a finding with the amount, and nothing is made up.
This module knows no history and no calendar: weights come from its caller.

Source: domain.md C8, top-down and bottom-up; the freezing of bounded shares is that of the flexible lengths of CSS (9.7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from spm.core.findings import Finding
from spm.core.money import split

SCALE = 10**8
"""Rates are integers at this scale: 100 % is 10**8."""


class Kept(StrEnum):
    """Why a node has the value it has."""

    SHARED = "SHARED"
    MANUAL = "MANUAL"
    LEAST = "LEAST"
    MOST = "MOST"


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the tree. `weight` counts among its siblings; `manual` is a value set by a person; `least` and `most` bound a share.

    `padding_rate` is over-assignment: what the children of the node carry together above its own value, at scale 10**8.
    """

    key: str
    parent: str | None = None
    weight: int = 0
    manual: int | None = None
    least: int = 0
    most: int | None = None
    padding_rate: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What a node is given, in minor units or pieces, and why."""

    value: int
    kept: Kept


@dataclass(frozen=True)
class Cascade:
    """The parts by key, parents before children, and what could not be shared."""

    parts: Mapping[str, Part]
    findings: tuple[Finding, ...]


def cascade(total: int, nodes: Iterable[Node]) -> Cascade:
    """Hand `total` down from the roots, which share it like siblings.

    Raises ValueError for a key that stands twice, a parent that is not there or a loop, negative weights and bounds that cross.

    >>> found = cascade(100, [Node("west", weight=1), Node("east", weight=2), Node("ann", "east", 1), Node("bo", "east", 1, manual=40)])
    >>> {key: part.value for key, part in found.parts.items()}
    {'east': 67, 'west': 33, 'ann': 27, 'bo': 40}
    """
    by_key, children = _tree(nodes)
    parts: dict[str, Part] = {}
    findings: list[Finding] = []
    level: list[tuple[str | None, int]] = [(None, total)]
    while level:
        below: list[tuple[str | None, int]] = []
        for parent, value in level:
            siblings = children.get(parent, [])
            if not siblings:
                continue
            given, missing = share(value, siblings)
            if missing:
                findings.append(_unshared(parent, value, missing))
            parts |= {node.key: part for node, part in zip(siblings, given, strict=True)}
            below += [(node.key, _padded(node, part.value)) for node, part in zip(siblings, given, strict=True)]
        level = below
    if len(parts) != len(by_key):
        raise ValueError(f"The tree has a loop at {min(by_key.keys() - parts.keys())}. Correct its parent.")
    return Cascade(parts, tuple(findings))


def share(total: int, siblings: Sequence[Node]) -> tuple[list[Part], int]:
    """Share `total` among siblings by weight, between their bounds; gives the parts and what is left over (negative: given too much).

    Manual values stand. Without any weight the free ones share evenly.
    """
    fixed = {index: Part(node.manual, Kept.MANUAL) for index, node in enumerate(siblings) if node.manual is not None}
    rest = total - sum(part.value for part in fixed.values())
    free = [index for index in range(len(siblings)) if index not in fixed]
    while free:
        wanted = _wanted(rest, _weights(siblings, free))
        low = {i: siblings[i].least - wanted[i] for i in free if wanted[i] < siblings[i].least}
        high = {i: wanted[i] - most for i in free if (most := siblings[i].most) is not None and wanted[i] > most}
        if not low and not high:
            break
        frozen = low if sum(low.values()) >= sum(high.values()) else high
        for index in frozen:
            node = siblings[index]
            fixed[index] = Part(node.least, Kept.LEAST) if frozen is low else Part(node.most or 0, Kept.MOST)
            rest -= fixed[index].value
            free.remove(index)
    if not free:
        return [fixed[index] for index in range(len(siblings))], rest
    found = split(rest, list(_weights(siblings, free).values()), [siblings[index].key for index in free])
    fixed |= {index: Part(value, Kept.SHARED) for index, value in zip(free, found, strict=True)}
    return [fixed[index] for index in range(len(siblings))], 0


def by_period(value: int, weights: Sequence[int]) -> list[int]:
    """Cut a value into its periods by seasonal weights; the parts sum to it, equal remainders go to the earlier period.

    >>> by_period(100_00, [1, 1, 1])
    [3334, 3333, 3333]
    """
    return split(value, list(weights), list(range(len(weights))))


def over_assignment(parts: Iterable[int], target: int) -> Fraction | None:
    """How much all parts together exceed the target, as a share of it; None without a target. Source: domain.md C8."""
    return Fraction(sum(parts), target) - 1 if target else None


def _wanted(rest: int, weights: Mapping[int, int]) -> dict[int, Fraction]:
    whole = sum(weights.values())
    return {index: Fraction(rest * weight, whole) for index, weight in weights.items()}


def _weights(siblings: Sequence[Node], free: Sequence[int]) -> dict[int, int]:
    """The weights of those who still share, in order; where none of them has any, they share evenly."""
    found = {index: siblings[index].weight for index in free}
    return found if any(found.values()) else dict.fromkeys(free, 1)


def _tree(nodes: Iterable[Node]) -> tuple[dict[str, Node], dict[str | None, list[Node]]]:
    by_key: dict[str, Node] = {}
    children: dict[str | None, list[Node]] = defaultdict(list)
    for node in sorted(nodes, key=lambda each: each.key):
        if node.key in by_key:
            raise ValueError(f"{node.key} stands twice in the tree. Keep one of them.")
        if node.weight < 0 or (node.most is not None and node.most < node.least):
            raise ValueError(f"{node.key} has a negative weight, or a least above its most. Correct it.")
        by_key[node.key] = node
        children[node.parent].append(node)
    unknown = sorted(parent for parent in children if parent is not None and parent not in by_key)
    if unknown:
        raise ValueError(f"The parent {unknown[0]} is not in the tree. Add it, or name another.")
    return by_key, children


def _padded(node: Node, value: int) -> int:
    """What the children of a node carry together: its value and the over-assignment, rounded half up."""
    return value + (value * node.padding_rate * 2 + SCALE) // (2 * SCALE)


def _unshared(parent: str | None, value: int, missing: int) -> Finding:
    more = "could not be given to anybody" if missing > 0 else "is given out beyond it"
    return Finding(
        "CASCADE_UNSHARED",
        parent or "the target",
        f"Of {value} an amount of {abs(missing)} {more}, because manual values and guardrails fix every part.",
        "The parts don't sum to the whole.",
        "Release a manual value, or widen a guardrail.",
        about=(("parent", parent or ""), ("missing", missing), ("value", value)),
    )
