"""Holds by hand: how much of what is payable each of them keeps in the books of a pay period.

A hold keeps what stands in books that still take entries, and goes on keeping what it kept in the books before them. It gives nobody
money and makes nobody owe: what it keeps of a person in a currency is never below 0, and what stays payable does not fall below 0 by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from incentives.engine.awaiting import Group

Kept = tuple[str, Group]
"""A hold, by key, and the group whose pay it keeps."""


class DealPay(NamedTuple):
    """What of a deal's pay the plan has set free by the end of some books, and by the end of those before them (minor units)."""

    free: int
    before: int


class Hold(NamedTuple):
    """Whose pay is held (empty: anybody's), of which plan, component and deal (empty: of any). One that is off gives back what it kept."""

    key: str
    participant: str
    plan: str
    component: str
    deal: str = ""
    is_on: bool = True

    def covers(self, group: Group) -> bool:
        """True when the pay of a group may be held by it."""
        return (
            self.participant in ("", group.participant)
            and self.plan in ("", group.plan)
            and self.component in ("", group.component)
        )


def keep(
    holds: Sequence[Hold],
    payable: Mapping[Group, int],
    before: Mapping[Kept, int],
    deals: Mapping[tuple[str, Group], DealPay] | None = None,
) -> dict[Kept, int]:
    """What the books of a pay period should have of each hold and group: above 0 is kept, below 0 is given back.

    `payable` is what these books have of each group beside holds by hand, `before` what each hold kept in the books before them. Of
    several holds the first in order keeps; what one gives back is there for the others. `deals` is the pay of the deals that are held.

    >>> group = Group("rex", "plan", "commission", "USD", "2026-01")
    >>> keep([Hold("1", "rex", "", "")], {group: 70_00}, {})[("1", group)]
    7000
    """
    pool: dict[Group, int] = defaultdict(int, payable)
    found: dict[Kept, int] = {}
    for hold in holds:
        if not hold.is_on:
            _give_back(hold, [group for key, group in before if key == hold.key], pool, before, found)
    given: dict[Group, int] = defaultdict(int)
    for (_, group), amount in found.items():
        given[group] -= amount
    for hold in holds:
        if hold.is_on:
            _keep(hold, pool, given, before, deals or {}, found)
    return {key: amount for key, amount in found.items() if amount}


def _keep(
    hold: Hold,
    pool: dict[Group, int],
    given: Mapping[Group, int],
    before: Mapping[Kept, int],
    deals: Mapping[tuple[str, Group], DealPay],
    found: dict[Kept, int],
) -> None:
    places: dict[tuple[str, str], list[Group]] = defaultdict(list)
    for group in sorted(pool.keys() | {group for key, group in before if key == hold.key}):
        if hold.covers(group):
            places[group.participant, group.currency].append(group)
    for place, groups in places.items():
        room = sum(amount for group, amount in pool.items() if (group.participant, group.currency) == place)
        asked = {group: _asked(hold, group, pool[group], given, before, deals) for group in groups}
        taken = _within(asked, max(room, 0))
        if sum(taken.values()) + sum(before.get((hold.key, group), 0) for group in groups) <= 0:
            _give_back(hold, groups, pool, before, found)
            continue
        for group, amount in taken.items():
            pool[group] -= amount
            found[hold.key, group] = amount


def _asked(
    hold: Hold,
    group: Group,
    available: int,
    given: Mapping[Group, int],
    before: Mapping[Kept, int],
    deals: Mapping[tuple[str, Group], DealPay],
) -> int:
    """What of a group a hold takes: all that is there, or what its deal brought these books, and had given back by other holds."""
    if not hold.deal:
        return available
    pay = deals.get((hold.deal, group), DealPay(0, 0))
    brought = pay.free - pay.before + given.get(group, 0)
    return _nearer(_nearer(pay.free - before.get((hold.key, group), 0), brought), available)


def _nearer(first: int, second: int) -> int:
    """The one nearer to 0; 0 where one is above it and the other below."""
    if (first > 0) != (second > 0):
        return 0
    return min(first, second) if first > 0 else max(first, second)


def _within(taken: dict[Group, int], room: int) -> dict[Group, int]:
    """The amounts, cut from the last group on so that together they don't exceed what the person is owed."""
    over = sum(taken.values()) - room
    for group in sorted(taken, reverse=True):
        cut = min(max(over, 0), max(taken[group], 0))
        taken[group] -= cut
        over -= cut
    return taken


def _give_back(
    hold: Hold, groups: Sequence[Group], pool: dict[Group, int], before: Mapping[Kept, int], found: dict[Kept, int]
) -> None:
    for group in groups:
        amount = before.get((hold.key, group), 0)
        pool[group] += amount
        found[hold.key, group] = -amount
