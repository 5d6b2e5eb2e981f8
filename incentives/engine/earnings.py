"""From exact pay to earnings: rounded once per participant, component and period, and given to the credits that caused it.

Credits are taken in the order of their day (then source key); each receives what the sum so far earns more than before it, so
that the parts sum to the earning exactly. Where crossing a tier pays earlier credits again, and where the pay is not a sum
over credits, the earning is shared in proportion to the credits. A return that pays back at its original rate receives the
negative of what its sale received, in proportion to the value returned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.adjusting import Step, adjust
from incentives.engine.clawing import taken_shares
from incentives.engine.formula_pay import formula_pay
from incentives.engine.measuring import Cells, Measured, sum_by
from incentives.engine.paying import Raw, Room, is_whole, paid_before, period_pay, rate_value, raw_pay
from incentives.engine.plan import Component
from incentives.engine.rerating import Returns, brought, moved_by, rerated, taken
from incentives.engine.returning import original_rows
from incentives.engine.yearly import NO_LATER, Later, blocked_in_year, within_years
from spm.core.columns import first_rows, order_of, running_sum, steps_of
from spm.core.exact import Exact, constant
from spm.core.money import AMOUNT_LIMIT, multiply_columns, round_half_away, round_wide

MOST = 10**15
"""The most that one return may pay back, in minor units: sums of thousands of them still fit 64 bits."""


@dataclass(frozen=True)
class Earned:
    """One component over all groups of its plan: how it was computed, what it earns, and the part of every credit."""

    component: Component
    own: Measured
    raw: Raw
    steps: list[Step]
    amount: np.ndarray
    blocked: np.ndarray
    parts: np.ndarray
    reversed: np.ndarray
    """Per group, what returns pay back at their original rate."""
    unreturned: tuple[np.ndarray, np.ndarray]
    """The amounts and parts before returns paid anything back."""
    taken: np.ndarray
    """What each credit pays back as a return at its original rate."""
    returns: Returns | None


def earn(component: Component, room: Room) -> Earned:
    """The earnings of a component; the room remembers them for the components that build on it."""
    own = room.measured[component.measure.key]
    raw = formula_pay(component, room) if component.pay.formula is not None else raw_pay(component, room)
    exact, blocked, steps = adjust(component, raw, room)
    if own.carried.any():
        none = constant(0, len(room.cells))
        steps = [replace(step, after=step.after.where(~own.carried, none)) for step in steps]
        exact, blocked = exact.where(~own.carried, none), blocked & ~own.carried
    originals = original_rows(own.credited, own.measure, room.deals)
    reversing = np.flatnonzero(originals >= 0)
    crossing, later = _in_later_years(own, reversing, originals[reversing], room.cells)
    _block_lost_returns(component, room, own, originals, blocked)
    blocked = blocked_in_year(component.cap, component.floor, blocked, room.cells, later)
    amount = np.where(blocked, 0, exact.rounded_wide())
    parts = _parts(component, own, raw, amount, ~blocked)
    amount, parts = _kept(component, room, own, amount, parts, blocked)
    unreturned = amount, parts
    returns = _returns(component, own, originals, room.deals) if len(reversing) else None
    given_back, restored = _given_back(component, own, raw, amount, blocked, parts, returns, room)
    if (beyond := np.abs(given_back) > MOST).any():
        _block_beyond(component, room, own, beyond, blocked)
        given_back = np.where(beyond, 0, given_back)
    if (beyond := np.abs(restored) > MOST).any():
        _block_restored(component, room, beyond, blocked)
        restored = np.where(beyond, 0, restored)
    blocked = blocked_in_year(component.cap, component.floor, blocked, room.cells, later)
    given_back, restored = (each.astype(np.int64, copy=False) for each in (given_back, restored))
    later = replace(later, minor=given_back[crossing])
    changed = amount + sum_by(own.group, given_back, len(room.cells)) + restored
    changed, later = within_years(component.cap, component.floor, changed, room.cells, later, component.key)
    given_back[crossing] = later.minor
    if blocked.any():
        given_back, parts = (np.where(blocked[own.group], 0, each) for each in (given_back, parts))
        changed, restored = (np.where(blocked, 0, each) for each in (changed, restored))
    amount, paid_back = changed, sum_by(own.group, given_back, len(room.cells))
    parts = _rescaled(own, parts, amount - paid_back) + given_back
    back = paid_back + restored
    made = Earned(component, own, raw, steps, amount, blocked, parts, back, unreturned, given_back, returns)
    remember(made, room)
    return made


def remember(one: Earned, room: Room) -> None:
    """Tells the room what a component earns, for those that build on it."""
    key = one.component.key
    room.totals[key], room.blocked[key] = one.amount, one.blocked
    room.caused[key] = one.own, one.parts, one.taken


def moves(one: Earned, room: Room, groups: np.ndarray) -> dict[int, dict[int, int]]:
    """By each of the groups, what its pay has to be moved between the rows of credits so that each deal has what it brought and what later
    periods changed of it: from the credits that carry the pay of the group to the earlier sales of its window that it belongs to."""
    own, (amount, parts) = one.own, one.unreturned
    changed = rerated(one.component, own, one.raw, amount, one.blocked, room)
    if changed is None or not (changed[groups] != 0).any():
        return {}
    none = np.zeros(0, dtype=np.int64)
    mine = brought(own, parts, changed, is_marginal=_is_marginal(one.component))
    found = moved_by(groups, own, mine, changed, one.returns or Returns(none, none, none, none, none))
    carried = one.parts - one.taken
    for group, rows in found.items():
        for row in range(*np.searchsorted(own.group, [group, group + 1]).tolist()):
            kept = 0 if own.credited.reversal[row] else int(mine[row])
            rows[row] = kept - int(carried[row])
    return {
        group: {row: minor for row, minor in rows.items() if minor}
        for group, rows in found.items()
        if not one.blocked[group] and any(rows.values())
    }


def taken_of(
    one: Earned, room: Room, amount: np.ndarray | int, parts: np.ndarray | int
) -> tuple[np.ndarray, np.ndarray]:
    """By credit what returns would pay back, and by group what they would change back, had the component earned so much more, and its
    credits, without limits of a year."""
    own, (earned, brought_by) = one.own, one.unreturned
    back = _given_back(one.component, own, one.raw, earned + amount, one.blocked, brought_by + parts, one.returns, room)
    given_back, restored = (np.where(np.abs(each) > MOST, 0, each).astype(np.int64) for each in back)
    return given_back, restored


def later_of(one: Earned, cells: Cells, taken: np.ndarray) -> Later:
    """The returns of a component that come in a later year than their sale, with what each credit gives back."""
    if one.returns is None:
        return NO_LATER
    rows, later = _in_later_years(one.own, one.returns.row, one.returns.sale, cells)
    return replace(later, minor=taken[rows])


def _in_later_years(own: Measured, row: np.ndarray, sale: np.ndarray, cells: Cells) -> tuple[np.ndarray, Later]:
    """The rows of the returns that come in a later year than their sale, and the groups of both; what they take is not known yet."""
    group, sold = own.group[row], own.group[sale]
    kept = cells.years[group] != cells.years[sold]
    return row[kept], Later(group[kept], sold[kept], np.zeros(int(kept.sum()), dtype=np.int64))


def _block_lost_returns(
    component: Component, room: Room, own: Measured, originals: np.ndarray, blocked: np.ndarray
) -> None:
    for row in np.flatnonzero(own.credited.lost).tolist():
        group = int(own.group[row])
        deal = room.deals["source_key"].iloc[int(own.credited.deal[row])]
        what = f"{deal} returns a deal that no known plan version paid to {{person}} or its owner, so what it earned is unknown."
        fix = "Import the deal that it returns with its owner, publish the version that paid it, or set reversal_rate CURRENT."
        room.findings.append(room.cells.finding(group, "RETURN_WITHOUT_SALE", component.key, what, fix))
        blocked[group] = True
    for row in np.flatnonzero(originals >= 0).tolist():
        group, sold = int(own.group[row]), int(own.group[originals[row]])
        if blocked[sold] and not blocked[group]:
            deal = room.deals["source_key"].iloc[int(own.credited.deal[row])]
            what = f"{deal} returns a deal of {room.cells.windows.keys[room.cells.period[sold]]}, which was not calculated for {{person}}."
            fix = "Correct what that period lacks."
            room.findings.append(room.cells.finding(group, "RETURN_WITHOUT_SALE", component.key, what, fix))
            blocked[group] = True


def _kept(
    component: Component, room: Room, own: Measured, amount: np.ndarray, parts: np.ndarray, blocked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Amounts and parts as int64; a group with one that is larger than any amount that is kept pays nothing and says so."""
    beyond = np.asarray(np.abs(amount) >= AMOUNT_LIMIT, dtype=bool)
    beyond[own.group[np.asarray(np.abs(parts) >= AMOUNT_LIMIT, dtype=bool)]] = True
    for group in np.flatnonzero(beyond & ~blocked).tolist():
        what = f"What {component.name} pays {{person}} is larger than any amount that is kept."
        fix = "Correct the rates of the plan, or the amounts of the deals."
        room.findings.append(room.cells.finding(group, "AMOUNT_OVERFLOW", component.key, what, fix))
    blocked |= beyond
    if parts.dtype == object or beyond.any():
        parts = np.where(beyond[own.group], 0, parts)
    return np.where(blocked, 0, amount).astype(np.int64, copy=False), parts.astype(np.int64, copy=False)


def _given_back(
    component: Component,
    own: Measured,
    raw: Raw,
    amount: np.ndarray,
    blocked: np.ndarray,
    parts: np.ndarray,
    returns: Returns | None,
    room: Room,
) -> tuple[np.ndarray, np.ndarray]:
    """What each return pays back: what its sale has brought to date × returned value / sold value × the clawed share, rounded
    once; objects where 64 bits are too few. And per group, what is changed back because it rates sales anew that came back.
    """
    given_back, restored = np.zeros(len(own.credited), dtype=np.int64), np.zeros(len(amount), dtype=np.int64)
    if returns is None:
        return given_back, restored
    changed = rerated(component, own, raw, amount, blocked, room)
    found = None
    if changed is not None and (changed != 0).any():
        parts = brought(own, parts, changed, is_marginal=_is_marginal(component))
        found = taken(own, parts, changed, returns)
    rounded = returns.taken(parts[returns.sale])
    given_back = given_back.astype(rounded.dtype, copy=False)
    given_back[returns.row] = rounded
    if found is not None:
        given_back, restored = _placed(given_back, found.taken), _placed(restored, found.restored)
    return given_back, restored


def _placed(column: np.ndarray, values: Mapping[int, int]) -> np.ndarray:
    """A column with some values in place of its own; objects where 64 bits are too few."""
    if any(abs(value) >= AMOUNT_LIMIT for value in values.values()):
        column = column.astype(object)
    column[list(values)] = list(values.values())
    return column


def _returns(component: Component, own: Measured, originals: np.ndarray, deals: pd.DataFrame) -> Returns:
    """The part of its sale's pay that each return takes. Of a sale that counted nothing (a floor paid it), the amounts of the deals
    say how much of it comes back."""
    rows = np.flatnonzero(originals >= 0)
    sales = originals[rows]
    sold, returned, before = own.credited.value[sales], own.credited.value[rows], own.credited.before[rows]
    if (sold == 0).any():
        amounts = deals["amount_minor"].to_numpy(np.int64)[own.credited.deal]
        stated = amounts[rows]
        returned, before = np.where(sold == 0, stated, returned), np.where(sold == 0, _before(sales, stated), before)
        sold = np.where(sold == 0, amounts[sales], sold)
    top, before = (multiply_columns(each, np.sign(sold)) for each in (returned, before))
    bottom = np.maximum(np.abs(sold), 1)
    shares = taken_shares(component.clawback, own.credited.day[sales], own.credited.day[rows])
    if shares is not None:
        top, before = (multiply_columns(each, shares[0]) for each in (top, before))
        bottom = multiply_columns(bottom, shares[1])
    return Returns(rows, sales, top, before, bottom)


def _before(sales: np.ndarray, returned: np.ndarray) -> np.ndarray:
    """Of returns in the order of their days: what those of the same sale before each come to."""
    order = order_of(sales)
    before = np.zeros(len(sales), dtype=np.int64)
    before[order] = running_sum(returned[order], first_rows(sales[order])) - returned[order]
    return before


def _block_beyond(component: Component, room: Room, own: Measured, beyond: np.ndarray, blocked: np.ndarray) -> None:
    """A return of a thousand times its sale, at a sale paid by the whole period, is a fault of the facts and no pay."""
    for row in np.flatnonzero(beyond).tolist():
        group = int(own.group[row])
        deal = room.deals["source_key"].iloc[int(own.credited.deal[row])]
        what = f"What {deal} takes back of {{person}} is larger than any amount that is kept."
        fix = "Correct the amount of the return, or of the sale that it names."
        room.findings.append(room.cells.finding(group, "AMOUNT_OVERFLOW", component.key, what, fix))
        blocked[group] = True


def _block_restored(component: Component, room: Room, beyond: np.ndarray, blocked: np.ndarray) -> None:
    for group in np.flatnonzero(beyond).tolist():
        what = "What {period} changes back of deals of {person} that came back is larger than any amount that is kept."
        fix = "Correct the amounts of the returns, or of the sales that they name."
        room.findings.append(room.cells.finding(group, "AMOUNT_OVERFLOW", component.key, what, fix))
        blocked[group] = True


def _parts(component: Component, own: Measured, raw: Raw, amount: np.ndarray, computed: np.ndarray) -> np.ndarray:
    """The part of its group's earning that each credit caused; credits are sorted by group, day and source key."""
    if not len(own.group):
        return np.zeros(0, dtype=np.int64)
    first = first_rows(own.group)
    value = own.credited.value
    if own.credited.reversal.any():
        value = np.where(own.credited.reversal, 0, value)
    if raw.lines is not None:
        after = _line_sums(raw.lines, first)
    elif _is_marginal(component):
        after = _caused(component, own, raw, running_sum(value, first), computed)
    else:
        after = in_proportion(amount[own.group], value, first)
    return _rescaled(own, steps_of(after, first), amount)


def _is_marginal(component: Component) -> bool:
    """True when more value pays more without paying earlier credits again."""
    pay = component.pay
    plain = pay.rate is not None or pay.each is not None
    return plain or (pay.table is not None and not is_whole(component) and pay.table.by_own_sum)


def _line_sums(lines: Exact, first: np.ndarray) -> np.ndarray:
    """Rounded sums so far of exact line pay."""
    if isinstance(lines.bottom, int) and lines.top.dtype != object:
        return round_wide(running_sum(lines.top, first), lines.bottom)
    sums, total = [], Fraction(0)
    for row in range(len(lines)):
        total = lines.fraction(row) + (0 if first[row] else total)
        sums.append(round_half_away(total.numerator, total.denominator))
    return np.array(sums, dtype=object if max(map(abs, sums)) >= AMOUNT_LIMIT else np.int64)


def _caused(component: Component, own: Measured, raw: Raw, reached: np.ndarray, computed: np.ndarray) -> np.ndarray:
    """Rounded pay of the value so far in the period, on top of the window's value before the period."""
    group, scale = own.group, own.measure.scale
    goal = None
    if own.goal is not None:
        goal = np.where(computed & own.usable & (own.goal.after > 0), own.goal.after, 1)[group]
    target = None if raw.target is None else raw.target.after[group]
    if own.is_fresh:
        return rate_value(component, Exact(reached), goal, target, None, scale).rounded_wide()
    so_far = rate_value(component, Exact(own.rated.before[group] + reached), goal, target, None, scale)
    before = period_pay(component, own, None, raw.target, after=False, safe=computed)
    none = constant(0, len(before))
    return so_far.minus(before.where(paid_before(component, own), none).take(group)).rounded_wide()


def in_proportion(amount: np.ndarray, value: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Sums so far of an amount shared by value, or evenly where the values sum to 0."""
    reached = running_sum(value, first)
    last = np.append(np.flatnonzero(first)[1:], len(first)) - 1
    group = np.cumsum(first) - 1
    total = reached[last][group]
    count = running_sum(np.ones(len(first), dtype=np.int64), first)
    even = total == 0
    whole = np.where(even, count[last][group], total)
    part = np.where(even, count, reached) * np.sign(whole)
    return round_wide(multiply_columns(amount, part), np.abs(whole))


def _rescaled(own: Measured, parts: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """The parts scaled to another total, where multipliers, gates or caps have changed it."""
    if not len(parts):
        return parts
    first = first_rows(own.group)
    total = sum_by(own.group, parts, len(amount))
    if (total == amount).all():
        return parts
    changed = (total != amount)[own.group]
    whole = total[own.group]
    weight = np.where(whole == 0, np.where(own.credited.reversal, 0, own.credited.value), parts)
    after = in_proportion(amount[own.group], weight, first)
    return np.where(changed, steps_of(after, first), parts)


__all__ = ["Earned", "earn", "moves", "period_pay", "remember"]
