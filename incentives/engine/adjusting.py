"""What changes a component's pay after its rates, in this order: multipliers, kickers, gates, period floor, period cap.

All of it is exact; the one rounding comes after, and the limits of a year after that (`yearly`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incentives.engine import rates
from incentives.engine.blocking import block
from incentives.engine.measuring import Measured
from incentives.engine.paying import Raw
from incentives.engine.plan import Component, Gate, Kicker
from incentives.engine.room import Room
from incentives.engine.words import TierUnit
from spm.core.exact import Exact, constant


@dataclass(frozen=True)
class Step:
    """One change of the pay: what it did to every group."""

    label: str
    where: str
    after: Exact


def adjust(component: Component, raw: Raw, room: Room) -> tuple[Exact, np.ndarray, list[Step]]:
    """The exact pay after all changes, the groups that can't be calculated, and the steps for the trace."""
    pay, blocked, steps = raw.total, raw.blocked.copy(), [Step("Rates", "pay", raw.total)]

    def step(label: str, where: str, changed: Exact) -> Exact:
        steps.append(Step(label, where, changed))
        return changed

    for number, multiplier in enumerate(component.multipliers):
        value, goal = _asked(room, component, multiplier.of, multiplier.table.unit, blocked)
        pay = step("Multiplier", f"multipliers[{number}]", pay.multiply(rates.factor(multiplier.table, value, goal)))
    for number, kicker in enumerate(component.kickers):
        pay = step("Kicker", f"kickers[{number}]", _kicked(room, component, kicker, pay, blocked))
    for number, gate in enumerate(component.gates):
        held = _holds(room, component, gate, blocked)
        pay = step("Gate", f"gates[{number}]", pay.where(held, constant(0, len(pay))))
    if component.floor.period is not None:
        pay = step("Floor", "floor", pay.at_least(constant(component.floor.period, len(pay))))
    if component.cap.period is not None:
        pay = step("Cap", "cap", pay.at_most(constant(component.cap.period, len(pay))))
    return pay, blocked, steps


def _asked(
    room: Room, component: Component, of: str, unit: TierUnit, blocked: np.ndarray
) -> tuple[Exact, np.ndarray | None]:
    """Value and goal of the measure that decides; groups without a needed goal are blocked."""
    measured: Measured = room.measured[of]
    goal = None
    if unit == TierUnit.ATTAINMENT:
        block(room, component, blocked, measured)
        goal = np.where(measured.usable, measured.goal.after if measured.goal is not None else 1, 1)
    blocked |= measured.blocked
    return Exact(measured.value.after), goal


def _holds(room: Room, component: Component, gate: Gate | Kicker, blocked: np.ndarray) -> np.ndarray:
    """True where the measure reaches what is asked."""
    if gate.at_least is None:
        return np.ones(len(room.cells), dtype=bool)
    value, goal = _asked(room, component, gate.of, gate.unit, blocked)
    limit = constant(gate.at_least, len(value)) if goal is None else Exact(goal).times(gate.at_least)
    return ~limit.above(value)


def _kicked(room: Room, component: Component, kicker: Kicker, pay: Exact, blocked: np.ndarray) -> Exact:
    held, none = _holds(room, component, kicker, blocked), constant(0, len(pay))
    if kicker.pays.rate is not None:
        extra = pay.times(kicker.pays.rate)
    elif kicker.pays.each is not None:
        measured = room.measured[kicker.of]
        extra = Exact(measured.value.own).times(kicker.pays.each / measured.measure.scale)
    else:
        extra = constant(kicker.pays.amount or 0, len(pay))
    return pay.plus(extra.where(held, none))
