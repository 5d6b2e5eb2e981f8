"""Contests: who takes part, who is ranked on which place and what the place pays, or how a pot is shared.

People with equal values share a rank. With ties SHARE they divide the prizes of the places they fill; with EACH every one of
them receives the prize of the best of these places. The parts of a shared pot are whole minor units that sum to it: what the
division leaves over goes to the largest remainders, one unit each, of equal ones to the first keys of people.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import ceil

import numpy as np

from incentives.engine.measuring import Cells, Measured
from incentives.engine.plan import Contest
from incentives.engine.words import PotShare, Rank, TierUnit, Ties
from spm.core.exact import Exact, common_denominator
from spm.core.money import split


@dataclass(frozen=True)
class PotPart:
    """One person's exact part of a shared pot: `mine` of a `whole` (values, or people where all parts are equal)."""

    mine: int
    whole: int
    people: int
    exact: Fraction


def contest_pay(contest: Contest, cells: Cells, own: Measured, blocked: np.ndarray) -> Exact:
    """The exact prize or part of every group; each period is a contest of its own."""
    paid = [Fraction(0)] * len(cells)
    for rows in _contests(contest, cells, own, blocked).values():
        found = _prizes(contest, rows, own) if contest.share is None else _parts(contest, cells, rows, own)
        for row, prize in found:
            paid[row] = prize
    bottom = common_denominator(paid)
    return Exact(np.array([int(prize * bottom) for prize in paid], dtype=np.int64), bottom)


def undecided(contest: Contest, cells: Cells, blocked: np.ndarray) -> list[tuple[int, int]]:
    """The groups whose part of a shared pot hangs on somebody of their period who can't be calculated, each with that group."""
    if contest.share is None:
        return []
    unknown = {int(cells.period[row]): row for row in np.flatnonzero(blocked & ~cells.carried).tolist()[::-1]}
    known = [(row, int(cells.period[row])) for row in np.flatnonzero(~blocked).tolist()]
    return [(row, unknown[period]) for row, period in known if period in unknown]


def pot_part(contest: Contest, cells: Cells, own: Measured, blocked: np.ndarray, row: int) -> PotPart | None:
    """How a group's part of a shared pot comes about; None for who takes no part."""
    rows = _contests(contest, cells, own, blocked).get(int(cells.period[row]), [])
    if contest.share is None or row not in rows:
        return None
    weights = _weights(contest, rows, own)
    mine, whole = weights[rows.index(row)], sum(weights)
    return PotPart(mine, whole, len(rows), Fraction(contest.pot * mine, whole))


def _contests(contest: Contest, cells: Cells, own: Measured, blocked: np.ndarray) -> dict[int, list[int]]:
    """By period: the groups that take part."""
    taking_part = ~blocked & _reached(contest, own)
    if contest.share == PotShare.PROPORTIONAL:
        taking_part &= own.value.own > 0
    found: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(taking_part).tolist():
        found[int(cells.period[row])].append(row)
    return found


def _reached(contest: Contest, own: Measured) -> np.ndarray:
    if contest.minimum is None:
        return np.ones(len(own.blocked), dtype=bool)
    if contest.unit == TierUnit.MEASURE or own.goal is None:
        return np.asarray(own.value.own >= ceil(contest.minimum), dtype=bool)
    goal = Exact(np.where(own.usable, own.goal.after, 1))
    return ~goal.times(contest.minimum).above(Exact(own.value.after))


def _weights(contest: Contest, rows: list[int], own: Measured) -> list[int]:
    if contest.share == PotShare.EQUAL:
        return [1] * len(rows)
    return [int(own.value.own[row]) for row in rows]


def _parts(contest: Contest, cells: Cells, rows: list[int], own: Measured) -> list[tuple[int, Fraction]]:
    keys = [cells.names[cells.participant[row]] for row in rows]
    parts = split(contest.pot, _weights(contest, rows, own), keys)
    return [(row, Fraction(part)) for row, part in zip(rows, parts, strict=True)]


def _ranked(contest: Contest, rows: list[int], own: Measured) -> dict[int, int | Fraction]:
    """What each group is ranked by: what counts in the period, or its attainment, over the window where the measure accumulates."""
    if contest.by == Rank.MEASURE:
        return {row: int(own.value.own[row]) for row in rows}
    assert own.goal is not None
    return {row: Fraction(int(own.value.after[row]), int(own.goal.after[row])) for row in rows}


def _prizes(contest: Contest, rows: list[int], own: Measured) -> list[tuple[int, Fraction]]:
    value = _ranked(contest, rows, own)
    rows = sorted(rows, key=lambda row: -value[row])
    found, place = [], 0
    for _, group in groupby(rows, key=value.__getitem__):
        tied = list(group)
        places = contest.prizes[place : place + len(tied)]
        best = contest.prizes[place] if place < len(contest.prizes) else Fraction(0)
        each = best if contest.ties == Ties.EACH else sum(places, Fraction(0)) / len(tied)
        found += [(row, each) for row in tied]
        place += len(tied)
    return found
