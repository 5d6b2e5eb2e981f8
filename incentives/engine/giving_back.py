"""What returns take back of an earning, and what is changed back of sales that came back.

A return that pays back at its original rate receives the negative of what its sale has brought, in proportion to the value returned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from incentives.engine.clawing import taken_shares
from incentives.engine.measuring import Cells, Measured, sum_by
from incentives.engine.plan import Component
from incentives.engine.pricing import is_marginal
from incentives.engine.rerating import Returns, brought, rerated, taken
from incentives.engine.room import Room
from incentives.engine.yearly import Later
from spm.core.columns import first_rows, order_of, running_sum
from spm.core.money import AMOUNT_LIMIT, multiply_columns

if TYPE_CHECKING:
    from incentives.engine.earnings import Earned

MOST = 10**15
"""The most that one return may pay back, in minor units: sums of thousands of them still fit 64 bits."""


@dataclass(frozen=True)
class Taken:
    """What returns take: the row of each, the group of its sale (or any of the year in which it was paid), and the amount; several of one
    return whose sale was paid in several years."""

    row: np.ndarray
    sold: np.ndarray
    minor: np.ndarray

    def by_row(self, count: int) -> np.ndarray:
        """What each credit gives back."""
        return sum_by(self.row, self.minor, count)

    def by_group(self, own: Measured, count: int) -> np.ndarray:
        """What each group takes."""
        return sum_by(own.group[self.row], self.minor, count)

    def times(self, factor: int) -> Taken:
        """So many times of all."""
        return replace(self, minor=factor * self.minor)

    def beyond(self, own: Measured) -> np.ndarray:
        """The credits that take more than any amount that is kept."""
        found = np.abs(self.by_row(len(own.group))) > MOST
        found[self.row[np.abs(self.minor) > MOST]] = True
        return found

    def without(self, rows: np.ndarray) -> Taken:
        """The same where some credits take nothing."""
        return replace(self, minor=np.where(rows[self.row], 0, self.minor).astype(np.int64, copy=False))

    def later(self, own: Measured, cells: Cells) -> tuple[np.ndarray, Later]:
        """What was paid in another year than that of the return, and where it stands among all."""
        group = own.group[self.row]
        kept = np.flatnonzero(cells.years[group] != cells.years[self.sold])
        return kept, Later(group[kept], self.sold[kept], self.minor[kept])


def taken_of(one: Earned, amount: np.ndarray | int, parts: np.ndarray | int) -> tuple[Taken, np.ndarray]:
    """What returns would pay back, and by group what they would change back, had the component earned so much more, and its credits,
    without limits of a year."""
    earned, brought_by = one.unreturned
    found, restored = take_back(one, earned + amount, brought_by + parts)
    return found.without(found.beyond(one.own)), np.where(np.abs(restored) > MOST, 0, restored).astype(np.int64)


NOTHING_TAKEN = Taken(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


def block_lost_returns(
    component: Component, room: Room, own: Measured, originals: np.ndarray, blocked: np.ndarray
) -> None:
    """Leaves out who returns a deal that nobody is known to have paid, or one of a period that was not calculated."""
    for row in np.flatnonzero(own.credited.lost).tolist():
        group = int(own.group[row])
        deal = room.deals["source_key"].iloc[int(own.credited.deal[row])]
        what = f"{deal} returns a deal that no known plan version paid to {{person}} or its owner, so what it earned is unknown."
        fix = "Import the deal that it returns with its owner, publish the version that paid it, or set reversal_rate CURRENT."
        room.findings.append(room.cells.finding(group, "RETURN_WITHOUT_SALE", component.key, what, fix))
        blocked[group] = True
    rows = np.flatnonzero(originals >= 0)
    groups, sold = own.group[rows], own.group[originals[rows]]
    # A return that comes before its sale may leave one uncalculated that was looked at already.
    while len(lost := np.flatnonzero(blocked[sold] & ~blocked[groups])):
        for place in lost[np.unique(groups[lost], return_index=True)[1]].tolist():
            period, deal = room.cells.period[sold[place]], int(own.credited.deal[rows[place]])
            what = (
                f"{room.deals['source_key'].iloc[deal]} returns a deal of {room.cells.windows.keys[period]}, "
                "which was not calculated for {person}."
            )
            fix = "Correct what that period lacks."
            room.findings.append(
                room.cells.finding(int(groups[place]), "RETURN_WITHOUT_SALE", component.key, what, fix)
            )
        blocked[groups[lost]] = True


def take_back(one: Earned, amount: np.ndarray, parts: np.ndarray) -> tuple[Taken, np.ndarray]:
    """What each return pays back: what its sale has brought to date × returned value / sold value × the clawed share, rounded
    once; objects where 64 bits are too few. And per group, what is changed back because it rates sales anew that came back.
    """
    own, returns, restored = one.own, one.returns, np.zeros(len(amount), dtype=np.int64)
    if returns is None:
        return NOTHING_TAKEN, restored
    changed, found = rerated(one, amount), None
    if changed is not None and (changed != 0).any():
        parts = brought(own, parts, changed, is_marginal=is_marginal(one.component))
        found = taken(own, parts, changed, returns, one.opens)
    made = Taken(returns.row, own.group[returns.sale], returns.taken(parts[returns.sale]))
    return (made, restored) if found is None else (_by_year(made, found.taken), _placed(restored, found.restored))


def _by_year(taken: Taken, rerated: Mapping[int, Mapping[int, int]]) -> Taken:
    """The same, of some rows what they take of what was paid in each year."""
    kept = ~np.isin(taken.row, list(rerated))
    entries = [(row, *each) for row, years in rerated.items() for each in years.items()]
    row, sold, minor = ([each[place] for each in entries] for place in range(3))
    kind = np.int64 if all(abs(each) < AMOUNT_LIMIT for each in minor) else object
    rows = np.concatenate([taken.row[kept], np.array(row, dtype=np.int64)])
    order = order_of(rows)
    sold_in = np.concatenate([taken.sold[kept], np.array(sold, dtype=np.int64)])
    return Taken(rows[order], sold_in[order], np.concatenate([taken.minor[kept], np.array(minor, dtype=kind)])[order])


def _placed(column: np.ndarray, values: Mapping[int, int]) -> np.ndarray:
    """A column with some values in place of its own; objects where 64 bits are too few."""
    if any(abs(value) >= AMOUNT_LIMIT for value in values.values()):
        column = column.astype(object)
    column[list(values)] = list(values.values())
    return column


def returns_of(
    component: Component, own: Measured, originals: np.ndarray, deals: pd.DataFrame, cells: Cells
) -> Returns:
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
    return Returns(rows, sales, top, before, bottom, cells.opened_years)


def _before(sales: np.ndarray, returned: np.ndarray) -> np.ndarray:
    """Of returns in the order of their days: what those of the same sale before each come to."""
    order = order_of(sales)
    before = np.zeros(len(sales), dtype=np.int64)
    before[order] = running_sum(returned[order], first_rows(sales[order])) - returned[order]
    return before


def block_beyond(component: Component, room: Room, own: Measured, beyond: np.ndarray, blocked: np.ndarray) -> None:
    """A return of a thousand times its sale, at a sale paid by the whole period, is a fault of the facts and no pay."""
    for row in np.flatnonzero(beyond).tolist():
        group = int(own.group[row])
        deal = room.deals["source_key"].iloc[int(own.credited.deal[row])]
        what = f"What {deal} takes back of {{person}} is larger than any amount that is kept."
        fix = "Correct the amount of the return, or of the sale that it names."
        room.findings.append(room.cells.finding(group, "AMOUNT_OVERFLOW", component.key, what, fix))
        blocked[group] = True


def block_restored(component: Component, room: Room, beyond: np.ndarray, blocked: np.ndarray) -> None:
    for group in np.flatnonzero(beyond).tolist():
        what = "What {period} changes back of deals of {person} that came back is larger than any amount that is kept."
        fix = "Correct the amounts of the returns, or of the sales that they name."
        room.findings.append(room.cells.finding(group, "AMOUNT_OVERFLOW", component.key, what, fix))
        blocked[group] = True
