"""What a component pays, exactly and before any change: one way of paying per component, over all groups at once.

The pay of a deal is known alone where the component rates deals (lookup, matrix on deal columns, `per: DEAL`); elsewhere it is
the pay of the group. An accumulating measure pays the difference that the period makes: F(after) - F(before).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine import rates
from incentives.engine.asked_deals import DatedAmounts, axis_values, lookup_places, unstated_per, why_unknown
from incentives.engine.climbing import codes_per, reached_per, way_of, way_per
from incentives.engine.conditions import column_of
from incentives.engine.contests import contest_pay, undecided
from incentives.engine.credited import Credited
from incentives.engine.formulas import sum_exact
from incentives.engine.growth import base_per, block_without_before, paid_value
from incentives.engine.measuring import (
    QUOTA,
    Cells,
    Column,
    GoalReader,
    Measured,
    known_so_far,
    so_far,
    sum_by,
    windowed,
)
from incentives.engine.plan import Axis, Component, Contest, Matrix, Payment, RateTable
from incentives.engine.returning import original_rows
from incentives.engine.words import Boundary, Per, TierMode, TierUnit
from spm.core.exact import Exact, common_denominator, constant
from spm.core.findings import Finding
from spm.core.money import RATE_SCALE


@dataclass
class Room:
    """What the components of one plan share while they are computed."""

    cells: Cells
    deals: pd.DataFrame
    measured: Mapping[str, Measured]
    goals: GoalReader
    scores: Mapping[tuple[int, int, str], int]
    totals: dict[str, np.ndarray] = field(default_factory=dict)
    """Earned minor units of the components computed so far, by key."""
    blocked: dict[str, np.ndarray] = field(default_factory=dict)
    caused: dict[str, tuple[Measured, np.ndarray, np.ndarray]] = field(default_factory=dict)
    """What each credit of those components causes them to earn, and what it takes back as a return at the original rate."""
    findings: list[Finding] = field(default_factory=list)
    amounts: DatedAmounts | None = None
    """Gives the money of deals in the plan's currency."""

    def totals_for(self, component: Component, returns: np.ndarray) -> Mapping[str, np.ndarray]:
        """What the earlier components that a component builds on earn, before the returns (see `returns_of`) that it takes back itself."""
        if not len(returns):
            return self.totals
        found = dict(self.totals)
        for key in set(component.pay.builds_on):
            of, parts, taken = self.caused[key]
            twice = np.flatnonzero(np.isin(of.group * len(self.deals) + of.credited.deal, returns))
            part = np.where(of.credited.reversal[twice], taken[twice], _anew(parts[twice], of.credited.value[twice]))
            found[key] = found[key] - sum_by(of.group[twice], part, len(self.cells))
        return found

    def returns_of(self, component: Component) -> np.ndarray:
        """The returns that the measure of a component takes back by itself: group and deal as one number."""
        own = self.measured[component.measure.key]
        rows = np.flatnonzero(own.credited.reversal)
        if len(rows):
            rows = np.flatnonzero(original_rows(own.credited, own.measure, self.deals) >= 0)
        return np.asarray(own.group[rows] * len(self.deals) + own.credited.deal[rows])


def _anew(parts: np.ndarray, value: np.ndarray) -> np.ndarray:
    """What returns that are rated anew take: nothing where their credit carries pay that they don't cause, such as a kicker's."""
    return np.where(np.sign(parts) == np.sign(value), parts, 0)


@dataclass(frozen=True)
class Raw:
    """Exact pay per group; per credit where credits are paid one by one; `target` where pay is a share of one."""

    total: Exact
    lines: Exact | None
    blocked: np.ndarray
    target: Column | None = None


def raw_pay(component: Component, room: Room) -> Raw:
    """The exact pay of every group, and which groups can't be calculated (their findings are added to the room)."""
    own = room.measured[component.measure.key]
    blocked = own.blocked.copy()
    if needs_goal(component):
        block(room, component, blocked, own)
        block_unheld(room, component, blocked, own)
    target = _target(component, own, room, blocked)
    _block_axes(component, room, blocked)
    other = _found_by(component, room, blocked)
    line_pay = _line_pay(component, own, room)
    if line_pay is not None:
        _block_brought(component, own, room, blocked)
        block_without_before(component, own, room, blocked)
        _block_unknown(component, own, room, blocked)
        return Raw(sum_exact(line_pay, own.group, len(room.cells)), line_pay, blocked)
    special = _special_pay(component, own, room, blocked)
    if special is not None:
        return Raw(special, None, blocked)
    after = period_pay(component, own, other, target, after=True, safe=~blocked)
    if own.is_fresh:
        return Raw(after, None, blocked, target)
    before = period_pay(component, own, other, target, after=False, safe=~blocked)
    return Raw(
        after.minus(before.where(paid_before(component, own, other), constant(0, len(before)))), None, blocked, target
    )


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


def needs_goal(component: Component) -> bool:
    """True when the component's own attainment decides its pay."""
    pay = component.pay
    by_table = pay.table is not None and pay.table.on is None and pay.table.unit == TierUnit.ATTAINMENT
    by_minimum = pay.contest is not None and pay.contest.unit == TierUnit.ATTAINMENT
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
    key, against = measured.measure.key, measured.measure.against
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


def _special_pay(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> Exact | None:
    """Ways of paying that are not a rate on the value."""
    pay = component.pay
    if pay.bonus is not None:
        return constant(pay.bonus, len(room.cells))
    if pay.of:
        for name in pay.of:
            blocked |= room.blocked[name]
        totals = room.totals_for(component, room.returns_of(component))
        return Exact(np.maximum.reduce([totals[name] for name in pay.of]))
    if pay.objectives:
        return _objectives_pay(component, own, room, blocked)
    if pay.contest is not None:
        return _contest_pay(component, pay.contest, own, room, blocked)
    if pay.matrix is not None:
        return _group_matrix(own, room, pay.matrix)
    return None


def _contest_pay(component: Component, contest: Contest, own: Measured, room: Room, blocked: np.ndarray) -> Exact:
    """Prizes by rank, or parts of a pot: these are known only where everybody who could share it is."""
    cells = room.cells
    for row, other in undecided(contest, cells, blocked):
        name = str(cells.names[cells.participant[other]]).replace("{", "(").replace("}", ")")
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


def rates_deals(component: Component) -> bool:
    """True when the component pays credits one by one, so that totals don't tell what it pays."""
    pay = component.pay
    if pay.lookup is not None:
        return True
    if pay.matrix is not None:
        return component.per == Per.DEAL or bool(pay.matrix.rows.column or pay.matrix.columns.column)
    if pay.table is not None and pay.table.rates_deals:
        return True
    return component.per == Per.DEAL and (pay.rate is not None or pay.each is not None or pay.table is not None)


def _line_pay(component: Component, own: Measured, room: Room) -> Exact | None:
    """Exact pay of every credit where the component rates deals one by one."""
    if not rates_deals(component):
        return None
    pay, value = component.pay, Exact(np.where(own.credited.reversal, 0, own.credited.value))
    if pay.lookup is not None:
        paid = constant(0, len(value))
        place = lookup_places(room.deals, pay.lookup.rows, room.amounts, own)
        for number, row in enumerate(pay.lookup.rows):
            here = place == number
            paid = paid.plus(_pays(row.pays, value, own.measure.scale).where(here, constant(0, len(value))))
    elif pay.matrix is not None:
        paid = _matrix_pay(pay.matrix, value, own, room)
    elif pay.table is not None and pay.table.rates_deals:
        paid = constant(0, len(value))
        for band in climbed_bands(pay.table, own, room):
            paid = paid.plus(band.pay)
    else:
        goal = None if own.goal is None else np.where(own.usable, own.goal.after, 1)[own.group]
        paid = rate_value(component, value, goal, None, None, own.measure.scale)
        paid = paid.where(~own.credited.reversal, constant(0, len(value)))
    return bounded_deals(component, paid, own.credited, room.deals)


def climbed_bands(table: RateTable, own: Measured, room: Room) -> list[rates.Band]:
    """The slices of every credit by the tiers that all deals of another measure, or of its customer, climb."""
    if table.per:
        return _bands_per(table, own, room)
    other = room.measured[table.on or ""]
    goal = None
    if table.unit == TierUnit.ATTAINMENT and other.goal is not None:
        goal = np.where(other.usable, other.goal.after, 1)[own.group]
    value = Exact(np.where(own.credited.reversal, 0, own.credited.value))
    return rates.climbed(table, value, way_of(own, other), goal, scale=own.measure.scale)


def _bands_per(table: RateTable, own: Measured, room: Room) -> list[rates.Band]:
    """The same where each value of a column has the tiers for itself; of a deal that states none nothing is known."""
    column = column_of(room.deals, table.per)
    if column is None:
        return []
    code, scale = codes_per(column, own), own.measure.scale
    base = None if table.against is None else base_per(table, own, code, room.cells)[0]
    value = Exact(paid_value(table, np.where(own.credited.reversal, 0, own.credited.value), base))
    if table.mode == TierMode.WHOLE:
        return rates.bands_reached(table, value, Exact(reached_per(own, code)), base, scale=scale)
    return rates.climbed(table, value, way_per(own, code), base, scale=scale)


def _block_brought(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> None:
    """Leaves out who brought credits from a former system: they say nothing of single customers."""
    table = component.pay.table
    if table is None or not table.per or own.brought is None:
        return
    for row in np.flatnonzero(own.brought.since & ~blocked).tolist():
        what = (
            f"{{person}} brought credits of {component.name} into {{period}}, and they don't say of which {table.per}."
        )
        fix = f"Take the opening balances of {component.name} back, and import the deals of the window."
        room.findings.append(room.cells.finding(row, "OPENING_INCOMPLETE", component.key, what, fix))
        blocked[row] = True


def _block_unknown(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> None:
    """Leaves out who has a deal that lacks what a lookup or matrix compares: it could be paid at any of the rates."""
    per = component.pay.table.per if component.pay.table is not None else ""
    if per:
        unknown, reasons = unstated_per(room.deals, per, own)
    else:
        unknown, reasons = why_unknown(room.deals, component.pay, room.amounts, own)
    for row in np.flatnonzero((unknown > 0) & ~own.blocked[own.group]).tolist():
        group, deal = int(own.group[row]), room.deals["source_key"].iloc[int(own.credited.deal[row])]
        reason = reasons[unknown[row] - 1]
        what = f"Deal {deal}: {reason.what}.".replace("{", "(").replace("}", ")")
        room.findings.append(room.cells.finding(group, reason.code, component.key, what, reason.fix))
        blocked[group] = True
    if per:
        blocked |= so_far(blocked, own.first, own.brought)  # it may have lifted any of them


def _pays(payment: Payment, value: Exact, scale: int) -> Exact:
    """A payment for every value: a rate of it, an amount per unit, or an amount with the sign of the value."""
    if payment.rate is not None:
        return value.times(payment.rate)
    if payment.each is not None:
        return value.times(payment.each / scale)
    return Exact(np.sign(value.top).astype(np.int64)).times(payment.amount or Fraction(0))


def bounded_deals(component: Component, paid: Exact, credited: Credited, deals: pd.DataFrame) -> Exact:
    """Caps and floors of single deals; what takes back is bounded on its negative side, and a return at its original rate not at all.

    The amount of the deal says whether it sells or takes back: a sale at a loss has a margin below 0 and is a sale.
    """
    cap, floor = component.cap.deal, component.floor.deal
    if floor is not None:
        sold = deals["amount_minor"].to_numpy(np.int64)[credited.deal]
        sign = np.where(credited.reversal, 0, np.sign(np.where(sold != 0, sold, credited.value)))
        low, high = constant(floor, len(paid)), constant(-floor, len(paid))
        paid = paid.at_least(low).where(sign > 0, paid.at_most(high).where(sign < 0, paid))
    if cap is not None:
        paid = paid.at_most(constant(cap, len(paid))).at_least(constant(-cap, len(paid)))
    return paid


def _matrix_pay(matrix: Matrix, value: Exact, own: Measured, room: Room) -> Exact:
    """Matrix cells found by deal columns or by measures of the deal's group."""
    row = _places(matrix.rows, matrix.boundary, own, room)
    column = _places(matrix.columns, matrix.boundary, own, room)
    return _cells_pay(matrix, value, row, column, own.measure.scale)


def _cells_pay(matrix: Matrix, value: Exact, row: np.ndarray, column: np.ndarray, scale: int) -> Exact:
    paid = constant(0, len(value))
    for number, line in enumerate(matrix.cells):
        for place, cell in enumerate(line):
            here = (row == number) & (column == place)
            if here.any():
                paid = paid.plus(_pays(cell, value, scale).where(here, constant(0, len(value))))
    return paid


def _block_axes(component: Component, room: Room, blocked: np.ndarray) -> None:
    """Leaves out the groups for which a measure that finds the cell can't be known."""
    matrix = component.pay.matrix
    for axis in (matrix.rows, matrix.columns) if matrix is not None else ():
        if axis.of:
            if axis.unit == TierUnit.ATTAINMENT:
                block(room, component, blocked, room.measured[axis.of])
            blocked |= room.measured[axis.of].blocked


def _places(axis: Axis, boundary: Boundary, own: Measured, room: Room) -> np.ndarray:
    """The row or column of the matrix for every credit."""
    if not axis.column:
        return _group_places(axis, boundary, room)[own.group]
    values = axis_values(room.deals, axis, room.amounts, own)
    if values is None:
        return np.full(len(own.credited), -1, dtype=np.int64)
    return place_of(Exact(values), axis.edges, None, boundary)


def _group_places(axis: Axis, boundary: Boundary, room: Room) -> np.ndarray:
    other = room.measured[axis.of or ""]
    goal = None
    if axis.unit == TierUnit.ATTAINMENT:
        goal = np.where(other.usable, other.goal.after if other.goal is not None else 1, 1)
    return place_of(Exact(other.value.after), axis.edges, goal, boundary)


def place_of(value: Exact, edges: tuple[Fraction, ...], goal: np.ndarray | None, boundary: Boundary) -> np.ndarray:
    """How many edges each value has passed."""
    passed = np.zeros(len(value), dtype=np.int64)
    for edge in edges:
        limit = constant(edge, len(value)) if goal is None else Exact(goal).times(edge)
        passed += ~limit.above(value) if boundary == Boundary.LOWER_INCLUSIVE else value.above(limit)
    return passed


def _group_matrix(own: Measured, room: Room, matrix: Matrix) -> Exact:
    places = [_group_places(axis, matrix.boundary, room) for axis in (matrix.rows, matrix.columns)]
    return _cells_pay(matrix, Exact(own.rated.own), places[0], places[1], own.measure.scale)


def is_whole(component: Component) -> bool:
    """True when crossing a tier pays earlier credits again."""
    return component.pay.table is not None and component.pay.table.mode != TierMode.MARGINAL
