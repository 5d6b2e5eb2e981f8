"""What values pay by a rate, an amount or a table: of a window to date, before a period, or of a single credit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from incentives.engine import rates
from incentives.engine.blocking import needs_goal
from incentives.engine.measuring import Column, Measured
from incentives.engine.plan import Component, Payment
from incentives.engine.words import TierMode, TierUnit
from spm.core.exact import Exact, constant


def paid_before(component: Component, own: Measured, other: Measured | None = None) -> np.ndarray:
    """The groups whose window has earned before: not its first ones, nor those whose goal was not above 0 until now."""
    before = own.has_before
    if own.goal is not None and needs_goal(component):
        before = before & (own.goal.before > 0)
    table = component.pay.table
    if other is not None and table is not None and table.unit == TierUnit.ATTAINMENT:
        had = np.zeros(len(own.first), dtype=bool) if other.goal is None else other.goal.before > 0
        before = before & _previous(other.usable, own, had)
    return before


def _previous(column: np.ndarray, own: Measured, opened: np.ndarray) -> np.ndarray:
    """The column one group earlier, for the first group since a cut-over what stood before it; for another first one it says nothing."""
    earlier = np.concatenate([column[:1], column[:-1]])
    return earlier if own.brought is None else np.where(own.brought.at, opened, earlier)


def period_pay(
    component: Component,
    own: Measured,
    other: Measured | None,
    target: Column | None,
    *,
    after: bool,
    safe: np.ndarray,
    value: np.ndarray | None = None,
) -> Exact:
    """Pay of the window's value (or of another one) up to and with the period, or before it, with the tier that was reached then."""
    asked = (own.rated.after if after else own.rated.before) if value is None else value
    goal = None if own.goal is None else np.where(safe, own.goal.after if after else own.goal.before, 1)
    if goal is not None:
        goal = np.where(goal > 0, goal, 1)
    base = None if target is None else target.after if after else target.before
    found = None
    if other is not None:
        other_goal = None if other.goal is None else np.where(other.usable, other.goal.after, 1)
        found = (Exact(other.value.after), other_goal)
        if not after:
            goal_before = None if other.goal is None else np.where(other.goal.before > 0, other.goal.before, 1)
            found = (
                Exact(_previous(other.value.after, own, other.value.before)),
                None if other_goal is None or goal_before is None else _previous(other_goal, own, goal_before),
            )
    return rate_value(component, Exact(asked), goal, base, found, own.measure.scale)


def rate_value(
    component: Component,
    value: Exact,
    goal: np.ndarray | None,
    target: np.ndarray | None,
    found: tuple[Exact, np.ndarray | None] | None,
    scale: int,
) -> Exact:
    """Pay of values by rate, amount per unit or table, in proportion to a target where there is one."""
    pay = component.pay
    if pay.rate is not None:
        total = value.times(pay.rate)
    elif pay.each is not None:
        total = value.times(pay.each / scale)
    else:
        assert pay.table is not None
        if found is not None:
            total = rates.pay_reached(pay.table, value, found[0], found[1], scale=scale)
        else:
            total = rates.pay(pay.table, value, goal, scale=scale)
    if target is None or goal is None:
        return total
    share = total.divide(Exact(goal))
    for edge, height in pay.table.heights if pay.table is not None else ():
        there = ~Exact(goal).times(edge).above(value)
        share = share.plus(constant(height, len(value)).where(there, constant(0, len(value))))
    return share.multiply(Exact(target))


def payment(payment: Payment, value: Exact, scale: int) -> Exact:
    """A payment for every value: a rate of it, an amount per unit, or an amount with the sign of the value."""
    if payment.rate is not None:
        return value.times(payment.rate)
    if payment.each is not None:
        return value.times(payment.each / scale)
    return Exact(np.sign(value.top).astype(np.int64)).times(payment.amount or Fraction(0))


def is_whole(component: Component) -> bool:
    """True when crossing a tier pays earlier credits again."""
    return component.pay.table is not None and component.pay.table.mode != TierMode.MARGINAL


def is_marginal(component: Component) -> bool:
    """True when more value pays more without paying earlier credits again."""
    pay = component.pay
    plain = pay.rate is not None or pay.each is not None
    return plain or (pay.table is not None and not is_whole(component) and pay.table.by_own_sum)
