"""From exact pay to earnings: rounded once per participant, component and period, and given to the credits that caused it.

How an earning is given to its credits is told by `sharing`, what returns take back of it by `giving_back`, and what later periods change
of earlier sales by `rerating`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from incentives.engine.adjusting import Step, adjust
from incentives.engine.before_returns import as_read, built_on, reads_others, unreadable, without
from incentives.engine.formula_pay import asked_of, formula_pay
from incentives.engine.formulas import Asked
from incentives.engine.giving_back import (
    MOST,
    Taken,
    block_beyond,
    block_lost_returns,
    block_restored,
    returns_of,
    take_back,
)
from incentives.engine.measuring import Measured
from incentives.engine.paying import Raw, raw_pay
from incentives.engine.plan import Component
from incentives.engine.pricing import is_marginal
from incentives.engine.rerating import Returns, brought, moved_by, opens, rerated, spread
from incentives.engine.room import Room
from incentives.engine.sharing import parts_of, rescaled
from incentives.engine.yearly import Later, blocked_in_year, within_years
from spm.core.exact import Exact, constant
from spm.core.money import AMOUNT_LIMIT


@dataclass(frozen=True)
class Earned:
    """One component over all groups of its plan: how it was computed, what it earns, and the part of every credit."""

    component: Component
    own: Measured
    raw: Raw
    steps: list[Step]
    amount: np.ndarray
    blocked: np.ndarray
    parts: np.ndarray
    reversed: np.ndarray
    """Per group, what returns pay back at their original rate."""
    unreturned: tuple[np.ndarray, np.ndarray]
    """The amounts and parts before returns paid anything back."""
    taken: np.ndarray
    """What each credit pays back as a return at its original rate."""
    later: Later
    """What of it was paid in another year."""
    returns: Returns | None
    asked: Asked | None = None
    """What a component that builds on others, or pays by a formula, was asked over."""

    @cached_property
    def moved(self) -> np.ndarray | None:
        """Of what every group pays before returns, what it changes of earlier sales (see `rerated`)."""
        return rerated(self, self.amount - self.reversed)

    @cached_property
    def opens(self) -> np.ndarray:
        """The groups that open the window in which its sales are rated anew."""
        return opens(self)

    @cached_property
    def gives_back(self) -> np.ndarray:
        """The groups that have returns of the component, or of those that it only reads."""
        found = np.zeros(len(self.amount), dtype=bool)
        found[self.own.group[self.own.credited.reversal]] = True
        only_reads = self.asked is not None and not self.component.measure.credit
        for each in self.asked.earlier.values() if self.asked is not None and only_reads else ():
            found |= each.gives_back
        return found

    @property
    def carried(self) -> np.ndarray:
        """What each credit carries of what is paid, without what it takes as a return."""
        return self.parts - self.taken


def earn(component: Component, room: Room) -> Earned:
    """The earnings of a component; the room remembers them for the components that build on it."""
    own = room.measured[component.measure.key]
    originals = room.originals(own)
    rows = np.flatnonzero(originals >= 0)
    seen = _seen(component, room, room.returns(own, rows, originals[rows]))
    asked = asked_of(component, seen) if component.pay.builds_on or component.pay.formula is not None else None
    raw = raw_pay(component, seen) if component.pay.formula is None or asked is None else formula_pay(asked, seen)
    exact, blocked, steps = _priced(component, raw, room)
    sales = Taken(rows, own.group[originals[rows]], np.zeros_like(rows))
    _, later = sales.later(own, room.cells)
    block_lost_returns(component, room, own, originals, blocked)
    blocked = blocked_in_year(component.cap, component.floor, blocked, room.cells, later)
    amount = np.where(blocked, 0, exact.rounded_wide())
    parts = parts_of(component, own, raw, amount, ~blocked)
    amount, parts = _kept(component, room, own, amount, parts, blocked)
    returns = returns_of(component, own, originals, room.deals, room.cells) if len(rows) else None
    nothing = np.zeros_like(amount), np.zeros_like(parts)
    before = (amount, blocked, parts, nothing[0], (amount, parts), nothing[1], later)
    made = _returned(Earned(component, own, raw, steps, *before, returns, asked), room)
    remember(made, room)
    return made


def _priced(component: Component, raw: Raw, room: Room) -> tuple[Exact, np.ndarray, list[Step]]:
    """The exact pay after all changes of it; those who only give back in a period are paid nothing there."""
    exact, blocked, steps = adjust(component, raw, room)
    carried = room.measured[component.measure.key].carried
    if carried.any():
        reads = bool(component.pay.of) and not component.measure.credit  # the returns of what it builds on are its own
        rest = raw.total if reads else constant(0, len(room.cells))
        steps = [replace(step, after=step.after.where(~carried, rest)) for step in steps]
        exact, blocked = exact.where(~carried, rest), blocked & ~carried
        for name in component.pay.of if reads else ():
            blocked = blocked | room.blocked[name]
    return exact, blocked, steps


def _returned(one: Earned, room: Room) -> Earned:
    """The same with what returns take back, within the limits of a year."""
    component, own, blocked, parts = one.component, one.own, one.blocked, one.parts
    found, restored = take_back(one, one.amount, parts)
    if (beyond := found.beyond(own)).any():
        block_beyond(component, room, own, beyond, blocked)
    found = found.without(beyond)
    if (beyond := np.abs(restored) > MOST).any():
        block_restored(component, room, beyond, blocked)
        restored = np.where(beyond, 0, restored)
    crossing, later = found.later(own, room.cells)
    blocked = blocked_in_year(component.cap, component.floor, blocked, room.cells, later)
    restored = restored.astype(np.int64, copy=False)
    amount = one.amount + found.by_group(own, len(room.cells)) + restored
    amount, later = within_years(component.cap, component.floor, amount, room.cells, later, component.key)
    found.minor[crossing] = later.minor
    if blocked.any():
        found, parts = found.without(blocked[own.group]), np.where(blocked[own.group], 0, parts)
        amount, restored = (np.where(blocked, 0, each) for each in (amount, restored))
    given_back, paid_back = found.by_row(len(own.group)), found.by_group(own, len(room.cells))
    parts = rescaled(own, parts, amount - paid_back) + given_back
    back = {"reversed": paid_back + restored, "taken": given_back, "later": found.later(own, room.cells)[1]}
    return replace(one, amount=amount, blocked=blocked, parts=parts, **back)


def remember(one: Earned, room: Room) -> None:
    """Tells the room what a component earns, for those that build on it."""
    key = one.component.key
    room.totals[key], room.blocked[key], room.earned[key] = one.amount, one.blocked, one


def _seen(component: Component, room: Room, returns: np.ndarray) -> Room:
    """What a component reads: everything as if the returns that it takes back itself had not come."""
    if not len(returns) or not reads_others(component):
        return room
    world = without(room, returns)
    if world is None:
        return unreadable(component, room)
    for each in built_on(component, room):
        if each.key not in world.totals:
            earn(each, world)
    return as_read(component, room, world)


def moves(one: Earned, groups: np.ndarray) -> dict[int, dict[int, int]]:
    """By each of the groups, what its pay has to be moved between the rows of credits so that each deal has what it brought and what later
    periods changed of it: from the credits that carry the pay of the group to the earlier sales of its window that it belongs to."""
    own, changed = one.own, one.moved
    if changed is None or not len(own.group) or not (changed[groups] != 0).any():
        return {}
    none = np.zeros(0, dtype=np.int64)
    parts = rescaled(own, one.unreturned[1], one.amount - one.reversed)
    mine = brought(own, parts, changed, is_marginal=is_marginal(one.component))
    found = moved_by(groups, own, mine, changed, one.returns or Returns(none, none, none, none, none, none), one.opens)
    for group, rows in found.items():
        _kept_of(one, group, rows, mine)
    return {
        group: {row: minor for row, minor in rows.items() if minor}
        for group, rows in found.items()
        if not one.blocked[group] and any(rows.values())
    }


def _kept_of(one: Earned, group: int, moved: dict[int, int], mine: np.ndarray) -> None:
    """Adds to what a group moves to earlier sales what its own credits give for that, so that together it is what they carry; a group
    without any moves all that it pays."""
    own = one.own
    rows = range(*np.searchsorted(own.group, [group, group + 1]).tolist())
    sales = [row for row in rows if not own.credited.reversal[row]] or list(rows)
    left = int(one.carried[rows.start : rows.stop].sum()) - sum(moved.values())
    if not rows:
        for row, minor in spread(int(one.amount[group]) + left, moved, own.credited.value).items():
            moved[row] += minor
    kept = {row: int(mine[row]) for row in sales}
    if sum(kept.values()) != left:
        kept = spread(left, kept, own.credited.value)
    moved |= {row: kept.get(row, 0) - int(one.carried[row]) for row in rows}


def _kept(
    component: Component, room: Room, own: Measured, amount: np.ndarray, parts: np.ndarray, blocked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Amounts and parts as int64; a group with one that is larger than any amount that is kept pays nothing and says so."""
    beyond = np.asarray(np.abs(amount) >= AMOUNT_LIMIT, dtype=bool)
    beyond[own.group[np.asarray(np.abs(parts) >= AMOUNT_LIMIT, dtype=bool)]] = True
    for group in np.flatnonzero(beyond & ~blocked).tolist():
        what = f"What {component.name} pays {{person}} is larger than any amount that is kept."
        fix = "Correct the rates of the plan, or the amounts of the deals."
        room.findings.append(room.cells.finding(group, "AMOUNT_OVERFLOW", component.key, what, fix))
    blocked |= beyond
    if parts.dtype == object or beyond.any():
        parts = np.where(beyond[own.group], 0, parts)
    return np.where(blocked, 0, amount).astype(np.int64, copy=False), parts.astype(np.int64, copy=False)


__all__ = ["Earned", "earn", "moves", "remember"]
