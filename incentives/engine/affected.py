"""Whom a changed deal can pay otherwise, and whose deals must be read to calculate these people: supersets, never guesses.

Pay of a person comes from the deals that credit them: their own, those of the people below them where a rule rolls up, and those of
somebody they stand in a relation to. Only a contest compares people; a plan with one is calculated as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from incentives.engine.plan import CreditRule, Plan
from incentives.engine.words import CreditKind, DealOwner


@dataclass(frozen=True)
class Affected:
    """The people whose results may change, and everybody whose deals decide them."""

    people: frozenset[str]
    owners: frozenset[str]


def is_separable(plans: Iterable[Plan]) -> bool:
    """True when what one person is paid does not depend on what another is paid, nor on whose a deal was before."""
    plans = tuple(plans)
    rules = [rule for plan in plans for measure in plan.measures for rule in measure.credit]
    contests = [component for plan in plans for component in plan.components if component.pay.contest is not None]
    return not contests and all(rule.owner == DealOwner.NOW for rule in rules)


def affected_by(
    people: Iterable[str],
    plans: Iterable[Plan],
    positions: pd.DataFrame,
    reporting: pd.DataFrame,
    relations: pd.DataFrame | None,
) -> Affected:
    """Those whom deals of `people` can credit, on any day of the frames, and those whose deals credit them."""
    rules = [rule for plan in plans for measure in plan.measures for rule in measure.credit]
    found, named = set(people), {rule.relation for rule in rules if rule.kind == CreditKind.ROLLOVER}
    owners = set(found)
    tree = _Tree(positions, reporting)
    depth = _depth(rules)
    found |= tree.above(found, depth)
    if named and relations is not None:
        found |= _related(relations, named, found, "participant_key", "related_key")
        owners |= _related(relations, named, found, "related_key", "participant_key")
    owners |= found | tree.below(found, depth)
    return Affected(frozenset(found), frozenset(owners))


def deciders_of(
    person: str, plans: Iterable[Plan], positions: pd.DataFrame, reporting: pd.DataFrame, relations: pd.DataFrame | None
) -> frozenset[str]:
    """Everybody whose deals can credit the person, on any day of the frames."""
    rules = [rule for plan in plans for measure in plan.measures for rule in measure.credit]
    named = {rule.relation for rule in rules if rule.kind == CreditKind.ROLLOVER}
    found = {person}
    if named and relations is not None:
        found |= _related(relations, named, found, "related_key", "participant_key")
    return frozenset(found | _Tree(positions, reporting).below(found, _depth(rules)))


def _depth(rules: Iterable[CreditRule]) -> int | None:
    """Levels of roll-up: 0 without any, None for all."""
    depths = [rule.depth for rule in rules if rule.kind == CreditKind.ROLLUP]
    return None if None in depths else max((depth for depth in depths if depth), default=0)


def _related(relations: pd.DataFrame, named: set[str], people: set[str], of: str, other: str) -> set[str]:
    rows = relations[relations["relation"].isin(named) & relations[of].isin(people)]
    return set(rows[other].tolist())


class _Tree:
    """Who stands above or below whom on any day."""

    def __init__(self, positions: pd.DataFrame, reporting: pd.DataFrame) -> None:
        self.held = positions[["participant_key", "position_key"]]
        self.lines = reporting[["position_key", "manager_position_key"]]

    def above(self, people: set[str], depth: int | None) -> set[str]:
        """The people who held a position above one of these people's."""
        return self._walked(people, depth, "position_key", "manager_position_key")

    def below(self, people: set[str], depth: int | None) -> set[str]:
        """The people who held a position below one of these people's."""
        return self._walked(people, depth, "manager_position_key", "position_key")

    def _walked(self, people: set[str], depth: int | None, here: str, there: str) -> set[str]:
        reached: set[str] = set()
        step = set(self.held["position_key"][self.held["participant_key"].isin(people)].tolist())
        level = 0
        while step and (depth is None or level < depth):
            step = set(self.lines[there][self.lines[here].isin(step)].tolist()) - reached
            reached |= step
            level += 1
        return set(self.held["participant_key"][self.held["position_key"].isin(reached)].tolist())
