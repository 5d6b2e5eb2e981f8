"""What one person is held against by a plan, period by period, before anything is sold: quotas and targets by the days in the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from incentives.engine.assigning import Seats, seat
from incentives.engine.attainment import Goals, Stays, Windows, quotas_of
from incentives.engine.contracts import Facts, admit
from incentives.engine.plan import Plan
from incentives.engine.terms import Room, Terms, terms_applied


@dataclass(frozen=True)
class HeldGoal:
    """What holds for the person in a period, and the whole quotas of the positions held in it; in smallest units."""

    period_key: str
    name: str
    amount: int
    whole: tuple[int, ...]

    @property
    def is_part(self) -> bool:
        """Tell whether it is less than, or otherwise than, the whole quota."""
        return sum(self.whole) != self.amount


@dataclass(frozen=True)
class HeldGoals:
    """The goals of one person under a plan, by period; `days` are those in the plan."""

    days: int = 0
    goals: tuple[HeldGoal, ...] = ()
    yearly: dict[str, int] = field(default_factory=dict)
    """By name: the quotas of the whole plan, where one position is held all the time."""


def goals_held(facts: Facts, plans: Sequence[Plan], key: str, names: Iterable[str]) -> HeldGoals:
    """Give what the one person of the facts is held against by the plan with this key; nothing where the facts can't be admitted."""
    admitted, findings = admit(facts)
    if findings or admitted.quotas is None:
        return HeldGoals()
    number = next(place for place, plan in enumerate(plans) if plan.key == key)
    plan = plans[number]
    seats, _found = seat(admitted, plans)
    windows = Windows.of(admitted.periods)
    stays = Stays.of(seats, number, windows)
    goals = Goals.of(admitted.quotas, seats, windows, plan.currency)
    terms, groups = Terms.of(admitted, seats, plan.currency), stays.groups(seats)
    held: list[HeldGoal] = []
    yearly: dict[str, int] = {}
    for name in names:
        read = quotas_of(goals, seats, stays, windows, plan, name, groups)
        if terms is not None:
            read = terms_applied(terms, Room(plan, number, seats, stays, windows), goals, name, read, groups)
        whole = _whole(goals, name, seats, stays, len(windows.keys))
        held += [
            HeldGoal(str(windows.keys[period]), name, amount, tuple(whole.get(period, ())))
            for period, amount, known in zip(groups[1].tolist(), read[0].tolist(), read[1].tolist(), strict=True)
            if known
        ]
        total = _yearly(goals, name, seats, stays, windows, plan)
        yearly |= {} if total is None else {name: total}
    return HeldGoals(int(stays.days.sum()), tuple(held), yearly)


def _whole(goals: Goals, name: str, seats: Seats, stays: Stays, width: int) -> dict[int, list[int]]:
    """By period: the whole quotas of the positions held."""
    goal, found = goals.places.get(name), dict[int, list[int]]()
    if goal is not None:
        rows = goal.found(seats.position[stays.holding] * width + stays.period)
        for period, row in zip(stays.period.tolist(), rows.tolist(), strict=True):
            if row >= 0:
                found.setdefault(period, []).append(int(goal.amount[row]))
    return found


def _yearly(goals: Goals, name: str, seats: Seats, stays: Stays, windows: Windows, plan: Plan) -> int | None:
    goal, positions = goals.places.get(name), np.unique(seats.position[stays.holding])
    if goal is None or len(positions) != 1:
        return None
    inside = np.flatnonzero((windows.start < plan.end) & (windows.end > plan.start))
    rows = goal.found(positions[0] * len(windows.keys) + inside)
    return int(goal.amount[rows[rows >= 0]].sum()) if (rows >= 0).all() else None
