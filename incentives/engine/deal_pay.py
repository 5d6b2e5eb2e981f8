"""Pay of deals one by one: by a lookup, a matrix, tiers that all deals climb, or the rates of the component asked of each deal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from incentives.engine import rates
from incentives.engine.asked_deals import lookup_places, unstated_per, why_unknown
from incentives.engine.climbing import codes_per, reached_per, way_of, way_per
from incentives.engine.conditions import column_of
from incentives.engine.credited import Credited
from incentives.engine.growth import base_per, paid_value
from incentives.engine.matrices import matrix_pay
from incentives.engine.measuring import Measured, so_far
from incentives.engine.plan import Component, RateTable
from incentives.engine.pricing import payment, rate_value
from incentives.engine.room import Room
from incentives.engine.words import Per, TierMode, TierUnit
from spm.core.exact import Exact, constant


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


def line_pay(component: Component, own: Measured, room: Room) -> Exact | None:
    """Exact pay of every credit where the component rates deals one by one."""
    if not rates_deals(component):
        return None
    pay, value = component.pay, Exact(np.where(own.credited.reversal, 0, own.credited.value))
    if pay.lookup is not None:
        paid = constant(0, len(value))
        place = lookup_places(room.deals, pay.lookup.rows, room.amounts, own)
        for number, row in enumerate(pay.lookup.rows):
            here = place == number
            paid = paid.plus(payment(row.pays, value, own.measure.scale).where(here, constant(0, len(value))))
    elif pay.matrix is not None:
        paid = matrix_pay(pay.matrix, value, own, room)
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
    found = None if table.against is None else base_per(table, own, code, room.cells)
    base = None if found is None else found[0]
    value = Exact(paid_value(table, np.where(own.credited.reversal, 0, own.credited.value), found))
    if table.mode == TierMode.WHOLE:
        return rates.bands_reached(table, value, Exact(reached_per(own, code)), base, scale=scale)
    return rates.climbed(table, value, way_per(own, code), base, scale=scale)


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


def block_brought(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> None:
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


def block_unknown(component: Component, own: Measured, room: Room, blocked: np.ndarray) -> None:
    """Leaves out who has a deal that lacks what a lookup or matrix compares: it could be paid at any of the rates."""
    per = component.pay.table.per if component.pay.table is not None else ""
    if per:
        unknown, reasons = unstated_per(room.deals, per, own)
    else:
        unknown, reasons = why_unknown(room.deals, component.pay, room.amounts, own)
    for row in np.flatnonzero((unknown > 0) & ~own.blocked[own.group]).tolist():
        group, deal = int(own.group[row]), room.deals["source_key"].iloc[int(own.credited.deal[row])]
        reason = reasons[unknown[row] - 1]
        what = f"Deal {deal}: {reason.what}."
        room.findings.append(room.cells.finding(group, reason.code, component.key, what, reason.fix))
        blocked[group] = True
    if per:
        blocked |= so_far(blocked, own.first, own.brought)  # it may have lifted any of them
