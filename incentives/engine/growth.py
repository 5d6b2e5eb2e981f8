"""Tiers of each customer, product or other value whose percentages are of what the same value came to in an earlier window.

The earlier window is the period before, or the whole window (period, quarter, year) that holds the same period of the year before.
What counts in it is what the same person was credited by the same measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from incentives.engine.attainment import periods_before
from incentives.engine.climbing import codes_per, counted
from incentives.engine.conditions import column_of
from incentives.engine.measuring import Cells, Measured
from incentives.engine.plan import Component, RateTable
from incentives.engine.words import NewValues

if TYPE_CHECKING:
    from incentives.engine.room import Room

UNKNOWN = "the plan does not hold the earlier period that {per} is compared with"
FIX = "Let the plan begin early enough to hold that period."


def base_per(table: RateTable, own: Measured, code: np.ndarray, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """For every credit what its value came to in the earlier window, 0 where that is not above 0, and whether the plan holds it."""
    assert table.against is not None
    window = cells.window(own.measure.accumulation)
    window = cells.period if window is None else window  # then nobody is calculated, and it is said
    of_period = np.full(len(cells.windows.start), -1, dtype=np.int64)
    of_period[cells.period] = window
    before = periods_before(cells.windows, table.against, since=cells.plan.start)[own.credited.period]
    earlier = np.where(before < 0, -1, of_period[np.maximum(before, 0)])
    width, values = int(window.max(initial=0)) + 2, int(code.max(initial=0)) + 2
    person = own.credited.participant * width
    place = (person + window[own.group] + 1) * values + code + 1
    asked = (person + earlier + 1) * values + code + 1
    known, number = np.unique(place, return_inverse=True)
    total = np.zeros(len(known) + 1, dtype=np.int64)
    np.add.at(total, number, counted(own))
    at = np.searchsorted(known, asked)
    found = np.where((at < len(known)) & (known[np.minimum(at, len(known) - 1)] == asked), at, len(known))
    return np.maximum(total[found], 0), before >= 0


def bases_of(component: Component, own: Measured, room: Room) -> tuple[np.ndarray, np.ndarray] | None:
    """The same of a component; None where its tiers ask no such thing."""
    table = component.pay.table
    column = None if table is None or table.against is None else column_of(room.deals, table.per)
    if table is None or column is None:
        return None
    return base_per(table, own, codes_per(column, own), room.cells)


def paid_value(table: RateTable, value: np.ndarray, base: np.ndarray | None) -> np.ndarray:
    """What of each credit is paid: nothing of a value that is new, where new ones are not paid."""
    return value if base is None or table.new != NewValues.UNPAID else np.where(base == 0, 0, value)


def block_without_before(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> None:
    """Leaves out who has a deal in a period of which the plan does not hold the earlier one."""
    table, found = component.pay.table, bases_of(component, own, room)
    if table is None or found is None:
        return
    _, known = found
    for group in np.unique(own.group[~known & ~own.credited.reversal]).tolist():
        if not blocked[group]:
            what = f"What {{person}} sold in {{period}} can't be rated: {UNKNOWN.format(per='each ' + table.per)}."
            room.findings.append(room.cells.finding(group, "PERIOD_BEFORE_UNKNOWN", component.key, what, FIX))
            blocked[group] = True
