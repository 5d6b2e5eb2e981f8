"""Rolls amounts of forecast categories up a hierarchy, so that the parts sum to the whole at every level.

Categories from sure to unsure: closed, commit, best case, pipeline. Single: each counts its own deals; cumulative: each counts also the
surer ones (commit = closed + commit, best case = closed + commit + best case), so that the last one is all that can still be won.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

CLOSED, COMMIT, BEST, PIPELINE, OMITTED = "CLOSED", "COMMIT", "BEST", "PIPELINE", "OMITTED"
SUREST_FIRST = (CLOSED, COMMIT, BEST, PIPELINE)
CALLED = (COMMIT, BEST)
"""The categories for which people give a number."""

Amounts = dict[str, int]
NOBODY = ""
"""Whose deals have no owner in a seat: a part of the company like any other."""


@dataclass
class Node:
    """A person: the own deals, those of the team (own and everybody's below), and who stands directly below."""

    person: str
    depth: int = 0
    own: Amounts = field(default_factory=lambda: dict.fromkeys(SUREST_FIRST, 0))
    team: Amounts = field(default_factory=lambda: dict.fromkeys(SUREST_FIRST, 0))
    below: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Tree:
    """Everybody in the order of reading, each above those below, and the whole."""

    nodes: dict[str, Node]
    tops: tuple[str, ...]
    whole: Amounts


def category_of(status: str, category: str, stage: str, mapping: Mapping[str, str]) -> str:
    """Give the category of a deal: won is closed, lost is left out, else what the company says of its category, then of its stage."""
    if status == "won":
        return CLOSED
    if status == "lost":
        return OMITTED
    said = (mapping.get(word.strip().lower()) for word in (category, stage) if word.strip())
    return next((one for one in said if one), PIPELINE)


def shown(amounts: Mapping[str, int], *, cumulative: bool) -> Amounts:
    """Give the amounts as the company counts them."""
    total, found = 0, {}
    for name in SUREST_FIRST:
        total = total + amounts.get(name, 0) if cumulative else amounts.get(name, 0)
        found[name] = total
    return found


def roll_up(own: Mapping[str, Mapping[str, int]], above: Mapping[str, str | None], order: Mapping[str, str]) -> Tree:
    """Sum own amounts up the hierarchy. `above` names everybody's manager; one who is not in it, or stands in a circle, is a top.

    `order` gives the text by which people of one manager are ordered. Amounts of people who are not in `above` count as nobody's.
    """
    nodes = _arranged(above, order)
    for person, amounts in own.items():
        node = nodes[person] if person in nodes else nodes.setdefault(NOBODY, Node(NOBODY))
        _add(node.own, amounts)
    for node in reversed(nodes.values()):
        for part in (node.own, *(nodes[person].team for person in node.below)):
            _add(node.team, part)
    tops = tuple(person for person, node in nodes.items() if node.depth == 0)
    whole = dict.fromkeys(SUREST_FIRST, 0)
    for top in tops:
        _add(whole, nodes[top].team)
    return Tree(nodes, tops, whole)


def from_below(tree: Tree, calls: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Give for everybody what those directly below gave for their teams, in sum, and how many of them gave a number.

    Somebody who gave none counts with what came from below them; deals of a manager's own are not in it.
    """
    found: dict[str, tuple[int, int]] = {}
    for person, node in reversed(tree.nodes.items()):
        parts = [calls[one] if one in calls else found[one][0] for one in node.below]
        found[person] = sum(parts), sum(one in calls or found[one][1] > 0 for one in node.below)
    return found


def called(tree: Tree, calls: Mapping[str, int]) -> tuple[int, int]:
    """Give the sum of the numbers at the top, each else from below, and how many tops have one."""
    below = from_below(tree, calls)
    parts = [(calls[one], 1) if one in calls else (below[one][0], int(below[one][1] > 0)) for one in tree.tops]
    return sum(amount for amount, _ in parts), sum(given for _, given in parts)


def _parent(person: str, above: Mapping[str, str | None]) -> str | None:
    """The manager, none for a top; in a circle the first by key is the top."""
    manager = above[person]
    if manager is None or manager not in above or manager == person:
        return None
    seen: list[str] = [person]
    here: str | None = manager
    while here is not None and here in above and here not in seen:
        seen.append(here)
        here = above[here]
    is_circle = here == person
    return None if is_circle and person == min(seen) else manager


def _arranged(above: Mapping[str, str | None], order: Mapping[str, str]) -> dict[str, Node]:
    """Everybody, each before those below."""
    below: dict[str | None, list[str]] = {}
    for person in sorted(above, key=lambda one: (order.get(one, ""), one)):
        below.setdefault(_parent(person, above), []).append(person)
    nodes: dict[str, Node] = {}
    waiting = [(top, 0) for top in reversed(below.get(None, []))]
    while waiting:
        person, depth = waiting.pop()
        nodes[person] = Node(person, depth, below=below.get(person, []))
        waiting += [(each, depth + 1) for each in reversed(below.get(person, []))]
    return nodes


def _add(total: Amounts, part: Mapping[str, int]) -> None:
    for name in SUREST_FIRST:
        total[name] += part.get(name, 0)
