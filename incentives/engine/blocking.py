"""Groups that can't be calculated because a quota, a target or what was brought is missing, each with its finding."""

from __future__ import annotations

import numpy as np

from incentives.engine.measuring import QUOTA, Measured
from incentives.engine.plan import Component
from incentives.engine.room import Room
from incentives.engine.words import TierUnit


def needs_goal(component: Component) -> bool:
    """True when the component's own attainment decides its pay."""
    pay = component.pay
    by_table = pay.table is not None and pay.table.on is None and pay.table.unit == TierUnit.ATTAINMENT
    by_minimum = pay.contest is not None and pay.contest.asks_attainment
    return by_table or by_minimum or (has_target(component) and (pay.rate is not None or pay.table is not None))


def has_target(component: Component) -> bool:
    """True when rates are shares of a target."""
    return component.pay.target is not None or bool(component.pay.target_name)


def block(room: Room, component: Component, blocked: np.ndarray, measured: Measured) -> None:
    """Leaves out the groups whose goal is missing or not above 0, each with its finding."""
    if measured.goal is None:
        blocked[:] = True
        return
    measure = measured.measure
    if measure.against is not None:
        _block_against(room, component, blocked, measured)
        return
    for row in np.flatnonzero(~blocked & ~measured.usable).tolist():
        if measured.known[row]:
            what, code = (
                f"{{person}} has a quota of {measure.quota} in {{period}} that is not above 0.",
                "QUOTA_NOT_POSITIVE",
            )
        else:
            what, code = f"{{person}} has no quota of {measure.quota} in {{period}}.", "QUOTA_MISSING"
        fix = f"Enter the quota of the position or of the person, in {room.cells.plan.currency} where it is money."
        room.findings.append(room.cells.finding(row, code, component.key, what, fix))
    blocked |= ~measured.usable


def _block_against(room: Room, component: Component, blocked: np.ndarray, measured: Measured) -> None:
    """Leaves out the groups in which a measure is held against one that is not above 0: no percentage of that is known."""
    plan, own = room.cells.plan, measured.measure
    key, against = plan.called(own.key), plan.called(own.against or "")
    for row in np.flatnonzero(~blocked & ~measured.usable).tolist():
        what = f"{key} of {{person}} in {{period}} is held against {against}, which is not above 0, so no percentage is known."
        fix = f"Let {against} and {key} accumulate over a longer window, or ask for them in a formula with IF."
        room.findings.append(room.cells.finding(row, "AGAINST_NOT_POSITIVE", component.key, what, fix))
    blocked |= ~measured.usable


def block_unheld(room: Room, component: Component, blocked: np.ndarray, own: Measured) -> None:
    """Leaves out who brought credits without the quota, or the target, that they were held against: what they earned is not known."""
    if own.brought is None:
        return
    lacks = own.brought.of(QUOTA) <= 0
    if has_target(component):
        lacks |= own.brought.of(component.key) <= 0
    for row in np.flatnonzero(lacks & own.brought.since & ~blocked).tolist():
        what = f"{{person}} brought credits of {component.name} without the quota or target pay of the same time."
        fix = "Take the opening balances back, and bring them in with quota and target."
        room.findings.append(room.cells.finding(row, "OPENING_INCOMPLETE", component.key, what, fix))
        blocked[row] = True
