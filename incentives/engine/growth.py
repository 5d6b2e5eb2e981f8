"""Tiers of each customer, product or other value whose percentages are of what the same value came to in an earlier window.

The earlier window is the period before, or the whole window (period, quarter, year) that holds the same period of the year before.
What counts in it is what the same person was credited by the same measure, less what came back in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from incentives.engine.attainment import YEAR, windows_before
from incentives.engine.climbing import codes_per
from incentives.engine.conditions import column_of
from incentives.engine.measuring import Cells, Measured
from incentives.engine.plan import Component, RateTable
from incentives.engine.words import EarlierWindow, NewValues
from spm.core.findings import Finding, Severity

if TYPE_CHECKING:
    from incentives.engine.room import Room

UNKNOWN = "the plan does not hold the earlier period that {per} is compared with"
FIX = "Let the plan, and {component} in it, begin early enough to hold that period."


def base_per(table: RateTable, own: Measured, code: np.ndarray, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """For every credit what its value came to in the earlier window, less what came back in it, 0 where that is not above 0, and whether
    the component holds that window."""
    window, before = _windows(table, own, cells, _begun(own, cells))
    earlier = before[own.credited.period]
    width, values = int(window.max(initial=0)) + 2, int(code.max(initial=0)) + 2
    person = own.credited.participant * width
    place = (person + window[own.credited.period] + 1) * values + code + 1
    asked = (person + earlier + 1) * values + code + 1
    known, number = np.unique(place, return_inverse=True)
    total = np.zeros(len(known) + 1, dtype=np.int64)
    np.add.at(total, number, own.credited.value)
    at = np.searchsorted(known, asked)
    found = np.where((at < len(known)) & (known[np.minimum(at, len(known) - 1)] == asked), at, len(known))
    return np.maximum(total[found], 0), earlier >= 0


def _windows(table: RateTable, own: Measured, cells: Cells, since: int) -> tuple[np.ndarray, np.ndarray]:
    assert table.against is not None
    return windows_before(cells.windows, table.against, own.measure.accumulation, since=since)


def _begun(own: Measured, cells: Cells) -> int:
    """The first day of which the component credits deals."""
    return max(cells.plan.start, min((rule.start for rule in own.measure.credit), default=cells.plan.start))


def bases_of(component: Component, own: Measured, room: Room) -> tuple[np.ndarray, np.ndarray] | None:
    """The same of a component; None where its tiers ask no such thing."""
    table = component.pay.table
    column = None if table is None or table.against is None else column_of(room.deals, table.per)
    if table is None or column is None:
        return None
    return base_per(table, own, codes_per(column, own), room.cells)


def paid_value(table: RateTable, value: np.ndarray, found: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    """What of each credit is paid: nothing where nothing earlier is known, nor of a value that is new, where new ones are not paid."""
    if found is None:
        return value
    base, known = found
    return np.where(known & ((base > 0) | (table.new != NewValues.UNPAID)), value, 0)


def block_without_before(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> None:
    """Leaves out who has a deal in a period of which the component lacks the earlier one, and says in which the plan begins: these only
    are what later ones are compared with."""
    table, found = component.pay.table, bases_of(component, own, room)
    if table is None or found is None:
        return
    unknown, period = ~found[1] & ~own.credited.reversal, own.credited.period
    begins = _windows(table, own, room.cells, room.cells.plan.start)[1][period] < 0
    if table.against == EarlierWindow.PRIOR_YEAR and room.cells.plan.end - room.cells.plan.start <= YEAR + 7:
        begins[:] = False  # it holds no year to compare with
    what, fix = UNKNOWN.format(per="each " + table.per), FIX.format(component=component.name)
    for each in np.unique(period[unknown & begins]).tolist():
        room.findings.append(_unpaid(component, room.cells, str(room.cells.windows.keys[each]), what, fix))
    for group in np.unique(own.group[unknown & ~begins]).tolist():
        if not blocked[group]:
            told = f"What {{person}} sold in {{period}} can't be rated: {what}."
            room.findings.append(room.cells.finding(group, "PERIOD_BEFORE_UNKNOWN", component.key, told, fix))
            blocked[group] = True


def _unpaid(component: Component, cells: Cells, period: str, what: str, fix: str) -> Finding:
    return Finding(
        "PERIOD_BEFORE_UNKNOWN",
        f"{cells.plan.name}, {component.name}, {period}",
        f"{component.name} pays nothing for what was sold in {period}: {what}.",
        "Later periods are compared with it.",
        fix,
        severity=Severity.WARNING,
        about=(("plan_key", cells.plan.key), ("component_key", component.key), ("period_key", period)),
    )
