"""What the later periods of a window change of the pay of its earlier sales, and what a return therefore takes back.

With an accumulation a period earns the pay to date less what stood there before, so a goal or tier that moves on rates the earlier
sales of the window anew. That belongs to those sales, in proportion to what each stands at: a return takes back what its sale has
brought to date, and what later periods change of a sale that came back is changed back. Without it a sale that was paid, rated
anew and returned in full would leave a rest of pay, or a debt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from incentives.engine.formula_pay import moved_pay
from incentives.engine.formulas import Asked
from incentives.engine.measuring import Measured, sum_by
from incentives.engine.paying import Raw
from incentives.engine.plan import Component
from incentives.engine.pricing import paid_before, period_pay
from incentives.engine.sharing import carriers
from spm.core.columns import first_rows, running_sum
from spm.core.exact import Exact, constant
from spm.core.money import multiply_columns, round_half_away, round_wide

if TYPE_CHECKING:
    from incentives.engine.earnings import Earned


@dataclass(frozen=True)
class Returns:
    """The returns at their original rate: their rows, the rows of their sales, and the part of the sale's pay that each takes, below 0
    because it is taken back: `top` ÷ `bottom`, after the part that those before it took, `before` ÷ `bottom`."""

    row: np.ndarray
    sale: np.ndarray
    top: np.ndarray
    before: np.ndarray
    bottom: np.ndarray
    years: np.ndarray
    """The first group of each group's year."""

    def taken(self, amounts: np.ndarray) -> np.ndarray:
        """What each takes of the amount of its sale: that of all until then less that of those before it, so that together they take the
        whole; objects where 64 bits are too few."""
        upto, before = (
            round_wide(multiply_columns(amounts, part), self.bottom) for part in (self.before + self.top, self.before)
        )
        return np.asarray(upto - before)

    def part(self, place: int, amount: int) -> int:
        """What one of them takes of an amount of its sale."""
        before, bottom = int(self.before[place]), int(self.bottom[place])
        upto = before + int(self.top[place])
        return round_half_away(amount * upto, bottom) - round_half_away(amount * before, bottom)

    def of_years(self, place: int, stands: Mapping[int, int]) -> dict[int, int]:
        """What one of them takes of what its sale stood at by the end of each year: of each what was paid in it."""
        upto = [self.part(place, amount) for amount in stands.values()]
        return {year: after - before for year, (before, after) in zip(stands, pairwise([0, *upto]), strict=True)}


@dataclass
class Changes:
    """What the returns of rerated sales take back, by row of the return and the year in which it was paid (the first group of it), and what
    is changed back, by group."""

    taken: dict[int, dict[int, int]] = field(default_factory=dict)
    restored: dict[int, int] = field(default_factory=dict)
    moved: dict[int, dict[int, int]] = field(default_factory=dict)
    """By group, what it changes of each earlier sale (by row) once what came back is changed back."""


def rerated(one: Earned, amount: np.ndarray) -> np.ndarray | None:
    """Of every group's amount, what it changes of the pay of earlier sales of its window; None where nothing can be.

    All of it where a measure to date has no sale of its own there, nothing where it was not calculated or nothing was sold before.
    """
    own, raw, asked = one.own, one.raw, one.asked
    if not _is_to_date(one.component) or raw.lines is not None or one.opens.all() and own.brought is None:
        return None
    changed = _changed(one.component, own, raw) if asked is None else moved_pay(asked, _moved_of(asked))
    has_earlier, whole = np.ones(len(amount), dtype=bool), np.zeros(len(amount), dtype=bool)
    if own.measure.credit:  # else the sales are those of what it builds on
        sales = sum_by(own.group, (~own.credited.reversal).astype(np.int64), len(amount))
        has_earlier = _has_earlier(own, sales, one.opens)
        whole = own.has_before & (sales == 0) & (not one.component.pay.of)
    found = np.where(has_earlier & whole, amount, 0)
    rounded, computed = raw.total.rounded_wide(), changed.rounded_wide()
    beside = has_earlier & ~whole & ~one.blocked & ~own.carried
    found = np.where(beside & (rounded == amount), computed, found)
    for row in np.flatnonzero(beside & (rounded != amount) & (rounded != 0) & (computed != 0)).tolist():
        exact = changed.fraction(row) * int(amount[row]) / raw.total.fraction(row)
        found[row] = round_half_away(exact.numerator, exact.denominator)
    return found


def _is_to_date(component: Component) -> bool:
    pay = component.pay
    return bool(pay.builds_on) or not all(each is None for each in (pay.formula, pay.rate, pay.each, pay.table))


def opens(one: Earned) -> np.ndarray:
    """The groups that open the window in which sales are rated anew: a component's own one, or the widest of those it builds on."""
    first = one.own.first
    for each in () if one.asked is None else one.asked.earlier.values():
        if _is_to_date(each.component) and each.raw.lines is None:
            first = first & each.opens
    return first


def _moved_of(asked: Asked) -> dict[str, np.ndarray]:
    """What each earlier component changes of the pay of earlier sales."""
    none = np.zeros(len(asked.cells), dtype=np.int64)
    found = {key: each.moved for key, each in asked.earlier.items()}
    return {key: none if each is None else np.where(asked.blocked[key], 0, each) for key, each in found.items()}


def _has_earlier(own: Measured, sales: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Whether anything was sold in the window before each group, here or before a cut-over."""
    found = running_sum(sales, first) - sales > 0
    return found if own.brought is None else found | own.brought.since


def _changed(component: Component, own: Measured, raw: Raw) -> Exact:
    """The pay of the value before each period, by the goals and tiers of the period (where these pay one rate on the whole value, by the
    rate that the period reaches), less what it was before."""
    table, safe, other = component.pay.table, ~raw.blocked, raw.other
    now = period_pay(component, own, other, raw.target, after=True, safe=safe, value=own.rated.before)
    if table is not None and table.rates_whole:
        now = _at_the_rate_reached(period_pay(component, own, other, raw.target, after=True, safe=safe), own, now)
    then = period_pay(component, own, other, raw.target, after=False, safe=safe)
    return now.minus(then.where(paid_before(component, own, other), constant(0, len(then))))


def _at_the_rate_reached(pay: Exact, own: Measured, otherwise: Exact) -> Exact:
    """Of pay by one rate on the whole value to date, what falls on the value before the period."""
    after, before = own.rated.after, own.rated.before
    part = pay.multiply(Exact(before)).divide(Exact(np.where(after == 0, 1, after)))
    return part.where(after != 0, otherwise)


def brought(own: Measured, parts: np.ndarray, changed: np.ndarray, *, is_marginal: bool) -> np.ndarray:
    """The parts of credits without what their group changes of earlier sales: its first one carries that where pay is marginal."""
    first, found = first_rows(own.group), parts.copy()
    if is_marginal:
        rows = carriers(own)
        rows = rows[first_rows(own.group[rows])]
        found[rows] -= changed[own.group[rows]]
        return found
    ends = np.append(np.flatnonzero(first)[1:], len(first))
    for begin, end in zip(np.flatnonzero(first).tolist(), ends.tolist(), strict=True):
        left = int(changed[own.group[begin]])
        if left:
            weights = {row: int(found[row]) for row in range(begin, end) if not own.credited.reversal[row]}
            for row, part in spread(-left, weights, own.credited.value).items():
                found[row] += part
    return found


def taken(own: Measured, parts: np.ndarray, changed: np.ndarray, returns: Returns, first: np.ndarray) -> Changes:
    """What returns take back of sales whose windows (each from its `first` group on) were rated anew, and what later periods of them are
    given back."""
    found, window = Changes(), np.cumsum(first)
    for code in np.intersect1d(window[changed != 0], window[own.group[returns.sale]]).tolist():
        begin, end = (int(np.searchsorted(window, code, side=side)) for side in ("left", "right"))
        mine = np.flatnonzero(window[own.group[returns.sale]] == code).tolist()
        _window(own, parts, changed, returns, (begin, end, mine), found)
    return found


def moved_by(
    groups: np.ndarray, own: Measured, parts: np.ndarray, changed: np.ndarray, returns: Returns, first: np.ndarray
) -> dict[int, dict[int, int]]:
    """What each of the groups changes of each earlier sale (by row) of its window, once what came back until then is changed back."""
    found, window = Changes(), np.cumsum(first)
    sold, came = own.group[returns.sale], own.group[returns.row]
    for group in groups[changed[groups] != 0].tolist():
        begin = int(np.searchsorted(window, window[group]))
        mine = np.flatnonzero((window[sold] == window[group]) & (np.maximum(came, sold) <= group)).tolist()
        _window(own, parts, changed, returns, (begin, group + 1, mine), found)
    return {group: found.moved[group] for group in groups.tolist() if group in found.moved}


def _window(
    own: Measured,
    parts: np.ndarray,
    changed: np.ndarray,
    returns: Returns,
    asked: tuple[int, int, list[int]],
    found: Changes,
) -> None:
    """One window, group by group: its sales at what they stand, and the returns that came until then, one before its sale with that."""
    begin, end, places = asked
    sold = set(returns.sale[places].tolist())
    taken_in = np.maximum(own.group[returns.row], own.group[returns.sale]).tolist()
    standing: dict[int, int] = {}
    stood: dict[int, dict[int, int]] = {}
    back: list[int] = []
    for group in range(begin, end):
        steps = spread(int(changed[group]), standing, own.credited.value) if changed[group] else {}
        if steps:
            found.moved[group] = _moved(group, steps, standing, back, returns, found.restored)
        for sale, step in steps.items():
            standing[sale] += step
        for row in range(*np.searchsorted(own.group, [group, group + 1]).tolist()):
            if not own.credited.reversal[row]:
                standing[row] = int(parts[row])
        for sale in standing.keys() & sold:
            stood.setdefault(sale, {})[int(returns.years[group])] = standing[sale]
        now = [each for each in places if taken_in[each] == group]
        found.taken |= _taken_of(now, returns, stood)
        back += now
    found.taken |= _taken_of([each for each in places if taken_in[each] >= end], returns, stood)


def _taken_of(places: list[int], returns: Returns, stood: Mapping[int, Mapping[int, int]]) -> dict[int, dict[int, int]]:
    """What some returns take of what their sales stood at by the end of each year, by row."""
    return {int(returns.row[place]): returns.of_years(place, stood[int(returns.sale[place])]) for place in places}


def _moved(
    group: int,
    steps: Mapping[int, int],
    standing: Mapping[int, int],
    back: list[int],
    returns: Returns,
    restored: dict[int, int],
) -> dict[int, int]:
    """What a group changes of each earlier sale, less what is changed back of those that came back, which is added up."""
    moved = dict(steps)
    for place in back:
        sale = int(returns.sale[place])
        before, now = standing[sale], standing[sale] + steps[sale]
        changed_back = returns.part(place, now) - returns.part(place, before)
        restored[group] = restored.get(group, 0) + changed_back
        moved[sale] += changed_back
    return moved


def spread(amount: int, standing: Mapping[int, int], values: np.ndarray) -> dict[int, int]:
    """An amount in whole units by what each sale stands at, else by what it counts, else evenly."""
    weights = [abs(each) for each in standing.values()]
    if not sum(weights):
        weights = [abs(int(values[row])) for row in standing]
    if not sum(weights):
        weights = [1] * len(standing)
    total = sum(weights)
    upto = [round_half_away(amount * each, total) for each in accumulate(weights)]
    return {row: after - before for row, (before, after) in zip(standing, pairwise([0, *upto]), strict=True)}
