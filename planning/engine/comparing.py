"""A plan of a day measured: coverage, evenness, parity, and what goes to other hands beside another one. Nobody is paid by it.

Source: domain.md C8, balance metrics, quota parity, disruption.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from planning.engine.evenness import Evenness, disruption, evenness, is_fair, parity
from spm.core.money import RATE_SCALE


@dataclass(frozen=True)
class World:
    """Who covers what (territory, position: share at 10**8), where accounts belong (None: nowhere), their worth, quotas by position."""

    territories: tuple[str, ...]
    cover: Mapping[tuple[str, str], int]
    places: Mapping[str, str | None]
    worth: Mapping[str, int]
    quotas: Mapping[str, int]

    def seats(self) -> dict[str, dict[str, int]]:
        """Give who covers each territory, with the share."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for (territory, position), share in sorted(self.cover.items()):
            found[territory][position] = share
        return found


@dataclass(frozen=True)
class Measures:
    """What a world comes to. `work` and `value` are the evenness of accounts and of their worth over those who cover anything.

    `over` and `double` are territories, and accounts in them, whose shares pass 100 %. `unfair` of `judged` quotas lie outside parity.
    """

    uncovered: int
    over: int
    accounts: int
    unassigned: int
    unowned: int
    double: int
    work: Evenness
    value: Evenness
    quota: int
    judged: int
    unfair: int
    moved: int
    moved_value: float


def measured(world: World, live: World) -> Measures:
    """Measure a world, and what it moves against the live one.

    >>> live = World(("W", "E"), {("W", "ann"): 10**8}, {"a": "W", "b": "E", "c": None}, {"a": 60, "b": 40}, {"ann": 100})
    >>> found = measured(live, live)
    >>> found.uncovered, found.unassigned, found.unowned, found.moved
    (1, 1, 1, 0)
    """
    seats = world.seats()
    crowded = {each for each, shares in seats.items() if sum(shares.values()) > RATE_SCALE}
    work, value = _loads(world, seats)
    fair = parity(*_sides(world, value))
    known = [each for each in fair if each is not None]
    accounts = sorted(world.places)
    was, now = _hands(live, accounts), _hands(world, accounts)
    worth = [world.worth.get(each, 0) for each in accounts]
    return Measures(
        uncovered=sum(each not in seats for each in world.territories),
        over=len(crowded),
        accounts=len(accounts),
        unassigned=sum(place is None for place in world.places.values()),
        unowned=sum(place is not None and place not in seats for place in world.places.values()),
        double=sum(place in crowded for place in world.places.values()),
        work=evenness(list(work.values())),
        value=evenness(list(value.values())),
        quota=sum(world.quotas.values()),
        judged=len(known),
        unfair=sum(not is_fair(each) for each in known),
        moved=sum(before is not None and before != after for before, after in zip(was, now, strict=True)),
        moved_value=disruption(worth, was, now),
    )


def _loads(world: World, seats: Mapping[str, Mapping[str, int]]) -> tuple[dict[str, float], dict[str, float]]:
    """Accounts, and their worth, of each position, by its part of the shares of a territory."""
    work = {position: 0.0 for _territory, position in sorted(world.cover)}
    value = dict(work)
    for account, place in world.places.items():
        shares = seats.get(place, {}) if place is not None else {}
        whole = sum(shares.values())
        for position, share in shares.items():
            work[position] += share / whole
            value[position] += world.worth.get(account, 0) * share / whole
    return work, value


def _sides(world: World, value: Mapping[str, float]) -> tuple[list[float], list[float]]:
    positions = sorted(world.quotas)
    return [float(world.quotas[each]) for each in positions], [value.get(each, 0.0) for each in positions]


def _hands(world: World, accounts: list[str]) -> list[frozenset[str] | None]:
    """Who covers each account; None where nobody does."""
    seats = world.seats()
    found = []
    for account in accounts:
        place = world.places.get(account)
        covers = seats.get(place, {}) if place is not None else {}
        found.append(frozenset(covers) or None)
    return found
