"""What a component pays, exactly and before any change: one way of paying per component, over all groups at once.

The pay of a deal is known alone where the component rates deals (lookup, matrix on deal columns, `per: DEAL`); elsewhere it is
the pay of the group. An accumulating measure pays the difference that the period makes: F(after) - F(before).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from incentives.engine.blocking import block, block_unheld, has_target, needs_goal
from incentives.engine.contests import contest_pay, undecided
from incentives.engine.deal_pay import block_brought, block_unknown, line_pay
from incentives.engine.formulas import sum_exact
from incentives.engine.growth import block_without_before
from incentives.engine.matrices import block_axes, group_matrix
from incentives.engine.measuring import Column, Measured, known_so_far, windowed
from incentives.engine.plan import Component, Contest
from incentives.engine.pricing import paid_before, period_pay
from incentives.engine.room import Room
from incentives.engine.words import TierUnit
from spm.core.exact import Exact, common_denominator, constant
from spm.core.money import RATE_SCALE


@dataclass(frozen=True)
class Raw:
    """Exact pay per group; per credit where credits are paid one by one; `target` where pay is a share of one."""

    total: Exact
    lines: Exact | None
    blocked: np.ndarray
    target: Column | None = None
    other: Measured | None = None
    """The measure that finds the tier, where it is another one."""


def raw_pay(component: Component, room: Room) -> Raw:
    """The exact pay of every group, and which groups can't be calculated (their findings are added to the room)."""
    own = room.measured[component.measure.key]
    blocked = own.blocked.copy()
    if needs_goal(component):
        block(room, component, blocked, own)
        block_unheld(room, component, blocked, own)
    target = _target(component, own, room, blocked)
    block_axes(component, room, blocked)
    other = _found_by(component, room, blocked)
    lines = line_pay(component, own, room)
    if lines is not None:
        block_brought(component, own, room, blocked)
        block_without_before(component, own, room, blocked)
        block_unknown(component, own, room, blocked)
        return Raw(sum_exact(lines, own.group, len(room.cells)), lines, blocked)
    special = _special_pay(component, own, room, blocked)
    if special is not None:
        return Raw(special, None, blocked)
    after = period_pay(component, own, other, target, after=True, safe=~blocked)
    if own.is_fresh:
        return Raw(after, None, blocked, target, other)
    before = period_pay(component, own, other, target, after=False, safe=~blocked)
    before = before.where(paid_before(component, own, other), constant(0, len(before)))
    return Raw(after.minus(before), None, blocked, target, other)


def _target(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> Column | None:
    """The target of every group over the window of its measure."""
    if not has_target(component):
        return None
    if component.pay.target is not None:
        exact = component.pay.target
        amounts, known = np.full(len(room.cells), round(exact), dtype=np.int64), np.ones(len(room.cells), dtype=bool)
    else:
        amounts, known = room.goals(component.pay.target_name)
        amounts, known = np.where(room.cells.carried, 0, amounts), known | room.cells.carried
        if not component.pay.objectives:
            known = known_so_far(known, own.first, own.measure.goal, own.brought)
    for row in np.flatnonzero(~known & ~blocked).tolist():
        what = f"{{person}} has no target {component.pay.target_name} in {{period}}."
        fix = "Enter the target of the position or of the person."
        room.findings.append(room.cells.finding(row, "TARGET_MISSING", component.key, what, fix))
    blocked |= ~known
    return windowed(amounts, own.first, own.measure.goal, own.brought, component.key)


def _found_by(component: Component, room: Room, blocked: np.ndarray) -> Measured | None:
    table = component.pay.table
    if table is None or table.on is None:
        return None
    other = room.measured[table.on]
    if table.unit == TierUnit.ATTAINMENT:
        block(room, component, blocked, other)
    blocked |= other.blocked
    return other


def _special_pay(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> Exact | None:
    """Ways of paying that are not a rate on the value."""
    pay = component.pay
    if pay.bonus is not None:
        return constant(pay.bonus, len(room.cells))
    if pay.of:
        for name in pay.of:
            blocked |= room.blocked[name]
        return Exact(np.maximum.reduce([room.totals[name] for name in pay.of]))
    if pay.objectives:
        return _objectives_pay(component, own, room, blocked)
    if pay.contest is not None:
        return _contest_pay(component, pay.contest, own, room, blocked)
    if pay.matrix is not None:
        return group_matrix(own, room, pay.matrix)
    return None


def _contest_pay(component: Component, contest: Contest, own: Measured, room: Room, blocked: np.ndarray) -> Exact:
    """Prizes by rank, or parts of a pot: these are known only where everybody who could share it is."""
    cells = room.cells
    for row, other in undecided(contest, cells, blocked):
        name = cells.names[cells.participant[other]]
        what = f"{{person}} shares a pot with {name}, who can't be calculated in {{period}}, so no part of it is known."
        room.findings.append(cells.finding(row, "POT_UNDECIDED", component.key, what, f"Correct what {name} lacks."))
        blocked[row] = True
    return contest_pay(contest, cells, own, blocked)


def _objectives_pay(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> Exact:
    """Target × sum of weight × score; a missing score leaves the person uncalculated."""
    target = _target(component, own, room, blocked.copy())
    assert target is not None
    shares = []
    for row, (person, period) in enumerate(
        zip(room.cells.participant.tolist(), room.cells.period.tolist(), strict=True)
    ):
        share = Fraction(0)
        for objective in component.pay.objectives:
            score = room.scores.get((person, period, objective.key))
            if score is None:
                if not blocked[row]:
                    what = f"{{person}} has no score for {objective.name} in {{period}}."
                    room.findings.append(
                        room.cells.finding(row, "SCORE_MISSING", component.key, what, "Enter the score.")
                    )
                blocked[row] = True
                continue
            share += objective.weight * Fraction(score, RATE_SCALE)
        shares.append(share)
    bottom = common_denominator(shares)
    return Exact(np.array([int(share * bottom) for share in shares], dtype=np.int64), bottom).multiply(
        Exact(target.own)
    )
