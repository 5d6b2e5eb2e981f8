"""Contests: who is ranked on which place by a measure, and what the place pays.

People with equal values share a rank. With ties SHARE they divide the prizes of the places they fill; with EACH every one of
them receives the prize of the best of these places.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from incentives.engine.measuring import Cells
from incentives.engine.plan import Contest
from incentives.engine.words import Ties
from spm.core.exact import Exact, common_denominator


def contest_pay(contest: Contest, cells: Cells, value: np.ndarray, taking_part: np.ndarray) -> Exact:
    """The exact prize of every group; each period is a contest of its own."""
    prizes = [Fraction(0)] * len(cells)
    ranked: dict[int, list[int]] = {}
    for row in np.flatnonzero(taking_part).tolist():
        if contest.minimum is None or value[row] >= contest.minimum:
            ranked.setdefault(int(cells.period[row]), []).append(row)
    for rows in ranked.values():
        for row, prize in _prizes(contest, sorted(rows, key=lambda row: -int(value[row])), value):
            prizes[row] = prize
    bottom = common_denominator(prizes)
    return Exact(np.array([int(prize * bottom) for prize in prizes], dtype=np.int64), bottom)


def _prizes(contest: Contest, rows: list[int], value: np.ndarray) -> list[tuple[int, Fraction]]:
    found, place = [], 0
    while place < len(rows):
        tied = [row for row in rows[place:] if value[row] == value[rows[place]]]
        places = contest.prizes[place : place + len(tied)]
        best = contest.prizes[place] if place < len(contest.prizes) else Fraction(0)
        each = best if contest.ties == Ties.EACH else sum(places, Fraction(0)) / len(tied)
        found += [(row, each) for row in tied]
        place += len(tied)
    return found
