"""Tiers that the deals of one measure climb together, while each component pays its own deals at its own rates; and tiers that the
deals of each customer, or of another value that they state, climb for themselves.

Deals are taken in the order of their day, then key. Each lifts the measure that has the tiers from what it had reached before the
deal by what the deal counts there; a deal that does not count there stands where the deals before it have come.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from incentives.engine.measuring import Measured, sum_by
from spm.core.columns import first_rows, order_of, running_sum


def way_of(own: Measured, other: Measured) -> tuple[np.ndarray, np.ndarray]:
    """From where to where the deal of every credit of `own` lifts the other measure inside its window."""
    added, first = counted(other), first_rows(other.group)
    reached = running_sum(added, first) + other.value.before[other.group]
    width = 1 + max(int(each.credited.deal.max(initial=0)) for each in (own, other))
    known, opened, number = np.unique(other.group * width + other.credited.deal, return_index=True, return_inverse=True)
    asked = own.group * width + own.credited.deal
    place = np.minimum(np.searchsorted(known, asked), max(len(known) - 1, 0))
    found = known[place] == asked if len(known) else np.zeros(len(asked), dtype=bool)
    start, lift = np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=np.int64)
    start[found] = (reached - added)[opened][place[found]]
    lift[found] = sum_by(number, added, len(known))[place[found]]
    rest = np.flatnonzero(~found)
    if len(rest):
        start[rest] = _reached_by(own, other, added, rest)
    return start, start + lift


def counted(other: Measured) -> np.ndarray:
    """What every credit of a measure adds to its value."""
    return other.credited.value if other.measure.reverse_attainment else _sold(other)


def _sold(own: Measured) -> np.ndarray:
    """What every credit adds to the tiers of its own component, which returns at the rate of their sale do not lower."""
    return np.where(own.credited.reversal, 0, own.credited.value)


def _reached_by(own: Measured, other: Measured, lifts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What the other measure has reached before some credits of `own`, which do not count in it."""
    group = np.concatenate([own.group[rows], other.group])
    day = np.concatenate([own.credited.day[rows], other.credited.day])
    deal = np.concatenate([own.credited.deal[rows], other.credited.deal])
    added = np.concatenate([np.zeros(len(rows), dtype=np.int64), lifts])
    order = order_of(group, day, deal)
    reached = np.empty(len(order), dtype=np.int64)
    reached[order] = running_sum(added[order], first_rows(group[order]))
    return reached[: len(rows)] + other.value.before[own.group[rows]]


def codes_per(deals: pd.Series, own: Measured) -> np.ndarray:
    """A number for the value of the column that each credit's deal states."""
    return pd.factorize(deals)[0].astype(np.int64)[own.credited.deal]


def way_per(own: Measured, code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From where to where every credit lifts what its person has of the same value inside the window."""
    place = _places(own, code)
    order = np.argsort(place, kind="stable")
    added, end = _sold(own), np.empty(len(place), dtype=np.int64)
    end[order] = running_sum(added[order], first_rows(place[order]))
    return end - added, end


def reached_per(own: Measured, code: np.ndarray) -> np.ndarray:
    """For every credit, what its person has of the same value inside the window by the end of its period."""
    place = _places(own, code)
    _, number = np.unique(place * (int(own.group.max(initial=0)) + 1) + own.group, return_inverse=True)
    by_period = sum_by(number, _sold(own), int(number.max(initial=-1)) + 1)
    opened = np.unique(number, return_index=True)[1]
    return running_sum(by_period, first_rows(place[opened]))[number]


def _places(own: Measured, code: np.ndarray) -> np.ndarray:
    """The window and the value of every credit as one number; periods of a window follow each other."""
    window = (np.cumsum(own.first) - 1)[own.group]
    return np.asarray(window * (int(code.max(initial=0)) + 2) + code + 1)
