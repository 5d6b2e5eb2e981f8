"""What of an earning belongs to earlier deals of its window, as plain values: settlement lets it wait with them."""

from typing import Any
from uuid import UUID

import numpy as np

from incentives.engine.awaiting import waits
from incentives.engine.earnings import Earned, moves
from incentives.engine.run import PlanResult, Result
from spm.core.dated import day_of

Key = tuple[str, str, str]
Moves = dict[Key, list[dict[str, Any]]]
"""By participant, plan and component: deal, minor units, day."""


def moves_of(result: Result, period_key: str, deals: np.ndarray | None) -> Moves:
    """The moves of a period by participant, plan and component, of the plans whose pay may wait; `deals` are the keys of deals that
    are named by numbers."""
    found: Moves = {}
    for each in result.computed:
        for one in each.earned if waits(each.plan) else ():
            if one.component.paid:
                found |= _moves(each, one, period_key, deals)
    return found


def _moves(result: PlanResult, one: Earned, period_key: str, deals: np.ndarray | None) -> Moves:
    cells, credited = result.cells, one.own.credited
    keys = result.room.deals["deal_key"]
    found = {}
    groups = np.flatnonzero(cells.windows.keys.astype(str).take(cells.period) == period_key)
    for group, rows in moves(one, groups).items():
        moved: dict[tuple[str, int], int] = {}
        for row, minor in sorted(rows.items()):
            key = keys.iloc[int(credited.deal[row])]
            named = str(UUID(str(key)) if deals is None else UUID(bytes=bytes(deals[int(key)])))
            at = named, int(credited.day[row])
            moved[at] = moved.get(at, 0) + minor
        person = str(cells.names[cells.participant[group]])
        found[person, result.plan.key, one.component.key] = [
            {"deal": deal, "minor": minor, "on": day_of(day).isoformat()}
            for (deal, day), minor in moved.items()
            if minor
        ]
    return found
