"""What changed the open pipeline between two days: each deal in one class, and all classes sum from what stood first to what stands now.

A deal counts at a moment where it is open, its close date lies in the window asked for, and its owner is within reach. Source: domain.md
C8, change classes. Amounts are minor units of one currency; a deal without an amount counts as a deal and adds nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Change(StrEnum):
    """Why a deal's part of the pipeline is another one than it was."""

    NEW = "NEW"
    REOPENED = "REOPENED"
    PULLED_IN = "PULLED_IN"
    ARRIVED = "ARRIVED"
    UP = "UP"
    DOWN = "DOWN"
    SLIPPED = "SLIPPED"
    LEFT = "LEFT"
    WON = "WON"
    LOST = "LOST"
    WITHDRAWN = "WITHDRAWN"
    CATEGORY = "CATEGORY"
    """The same amount, in another forecast category."""


@dataclass(frozen=True)
class State:
    """A deal as it was known at a moment: status open, won or lost; whether its owner is within reach."""

    status: str
    amount_minor: int | None
    close_on: date | None
    category: str = ""
    within_reach: bool = True


@dataclass(frozen=True)
class Window:
    """Close dates from `start_on` until before `end_on`; None is unbounded. A deal without a close date is in the unbounded window only."""

    start_on: date | None = None
    end_on: date | None = None

    def holds(self, day: date | None) -> bool:
        """Tell whether a close date lies in the window."""
        if day is None:
            return self.start_on is None and self.end_on is None
        return (self.start_on is None or day >= self.start_on) and (self.end_on is None or day < self.end_on)


@dataclass(frozen=True)
class Moved:
    """A deal that changed the pipeline: how, by how much (minor units), and what was known of it before and after (None: not known)."""

    deal: str
    change: Change
    by_minor: int
    before: State | None
    after: State | None


@dataclass(frozen=True)
class Movement:
    """The pipeline before and after (minor units, deals), and every deal that changed it."""

    opening_minor: int
    opening_deals: int
    closing_minor: int
    closing_deals: int
    moved: tuple[Moved, ...]

    @property
    def by_change(self) -> dict[Change, tuple[int, int]]:
        """Deals and amount of each class that occurs, in the order of the classes; the amounts sum to closing less opening."""
        found = {
            change: (len(each), sum(one.by_minor for one in each))
            for change in Change
            if (each := [one for one in self.moved if one.change is change])
        }
        assert self.opening_minor + sum(amount for _, amount in found.values()) == self.closing_minor
        return found


def movement(before: Mapping[str, State], after: Mapping[str, State], window: Window) -> Movement:
    """Compare two moments: the deals known at each, by their id. A deal that was withdrawn is in `before` only."""
    opening = {deal: state for deal, state in before.items() if _counts(state, window)}
    closing = {deal: state for deal, state in after.items() if _counts(state, window)}
    moved = [
        Moved(deal, change, _amount(closing.get(deal)) - _amount(opening.get(deal)), before.get(deal), after.get(deal))
        for deal in sorted(opening.keys() | closing.keys())
        if (change := _change(deal in opening, deal in closing, before.get(deal), after.get(deal))) is not None
    ]
    return Movement(_sum(opening.values()), len(opening), _sum(closing.values()), len(closing), tuple(moved))


def _counts(state: State, window: Window) -> bool:
    return state.status == "open" and state.within_reach and window.holds(state.close_on)


def _amount(state: State | None) -> int:
    return 0 if state is None or state.amount_minor is None else state.amount_minor


def _sum(states: Iterable[State]) -> int:
    return sum(_amount(state) for state in states)


def _change(counted: bool, counts: bool, before: State | None, after: State | None) -> Change | None:
    if counted and counts:
        return _inside(before, after)
    return _joined(before) if counts else _gone(after)


def _inside(before: State | None, after: State | None) -> Change | None:
    by = _amount(after) - _amount(before)
    if by:
        return Change.UP if by > 0 else Change.DOWN
    return Change.CATEGORY if before and after and before.category != after.category else None


def _joined(before: State | None) -> Change:
    if before is None:
        return Change.NEW
    if before.status != "open":
        return Change.REOPENED
    return Change.PULLED_IN if before.within_reach else Change.ARRIVED


def _gone(after: State | None) -> Change:
    if after is None:
        return Change.WITHDRAWN
    if after.status != "open":
        return Change.WON if after.status == "won" else Change.LOST
    return Change.SLIPPED if after.within_reach else Change.LEFT
