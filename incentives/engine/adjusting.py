"""What changes a component's pay after its rates, in this order: multipliers, kickers, gates, period floor, period cap.

All of it is exact; the one rounding comes after. Caps and floors of a year work on rounded amounts, because what has been
paid in the year so far is money.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from incentives.engine import rates
from incentives.engine.measuring import Cells, Column, Measured, first_of, so_far, sum_by
from incentives.engine.paying import Raw, Room, block
from incentives.engine.plan import Bounds, Component, Gate, Kicker
from incentives.engine.words import TierUnit
from spm.core.columns import running_sum
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


def _years(cells: Cells) -> np.ndarray:
    """True where a person's year begins."""
    return first_of(cells.participant, cells.years)


def blocked_in_year(bounds: Bounds, floor: Bounds, blocked: np.ndarray, cells: Cells) -> np.ndarray:
    """The groups that can't be calculated under limits of a year: also those after one whose part of the year is unknown."""
    if (bounds.year is None and floor.year is None) or not blocked.any():
        return blocked
    return so_far(blocked, _years(cells), cells.paid)


def _last_paid(cells: Cells, first: np.ndarray) -> np.ndarray:
    """True for the last period of a person's year in which the plan pays the person."""
    paid = (~cells.carried).astype(np.int64)
    so_far, year = running_sum(paid, first), np.cumsum(first) - 1
    return ~cells.carried & (so_far == sum_by(year, paid, int(first.sum()))[year])


def bounded_by_year(bounds: Bounds, floor: Bounds, earned: np.ndarray, cells: Cells, *keys: str) -> np.ndarray:
    """Rounded earnings within the cap of a year: what is above it is not earned; a year's floor is reached in its last period.

    `keys` are the components that they are of: what a former system paid of them in the year counts as earned before.
    """
    if bounds.year is None and floor.year is None:
        return earned
    stated, first = earned, _years(cells)
    total = Column.running(earned, first)
    if cells.paid is not None:
        total = total.brought(Column.running(earned, first | cells.paid.at), cells.paid, *keys)
    if bounds.year is not None:
        capped, before = (np.minimum(each, int(bounds.year)) for each in (total.after, total.before))
        earned, total = capped - before, replace(total, after=capped)
    if floor.year is not None and len(earned):
        earned = earned + np.where(_last_paid(cells, first), np.maximum(int(floor.year) - total.after, 0), 0)
    return np.where(cells.unlimited, stated, earned)
