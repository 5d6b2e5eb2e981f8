"""The full credit of deals, and its parts.

Parts of one deal sum to it: the residue goes to the largest remainder, ties by participant key.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incentives.engine.candidates import Lines
from incentives.engine.coming_back import ComingBack
from incentives.engine.plan import CreditRule
from incentives.engine.words import CreditKind
from spm.core.columns import first_rows, order_of
from spm.core.money import RATE_SCALE, multiply_columns, round_columns


@dataclass(frozen=True)
class Wholes:
    """The full credit of every deal under a rule, of a return together with those that came back of its deal before it, and of these."""

    upto: np.ndarray
    before: np.ndarray
    returns: np.ndarray
    """True for the returns of known deals."""

    @classmethod
    def of(cls, amounts: np.ndarray, rule: CreditRule, back: ComingBack) -> Wholes:
        """Amount × credit rate of the rule, at most its cap; a return has its part of what its deal has."""
        whole = amounts
        if rule.share != 1:
            whole = round_columns(multiply_columns(whole, rule.share.numerator), rule.share.denominator)
        if rule.cap is not None:
            whole = np.clip(whole, -rule.cap, rule.cap)
        upto, before = back.upto(amounts) if whole is amounts else back.in_part(whole, amounts)
        returns = np.zeros(len(amounts), dtype=bool)
        returns[back.row] = True
        return cls(upto, before, returns)

    def shared(self, lines: Lines, rule: CreditRule) -> tuple[np.ndarray, np.ndarray]:
        """Credit in minor units of direct lines, and of those what came back of it before: shared so that the parts of a deal sum to it.

        Overlay shares stand alone and are rounded alone.
        """
        upto, before = _shared(lines, self.upto[lines.deal], rule), np.zeros(len(lines), dtype=np.int64)
        rows = np.flatnonzero(self.returns[lines.deal])
        if not len(rows):
            return upto, before
        part = lines.take(rows)
        before[rows] = _shared(part, self.before[part.deal], rule)
        return upto - before, before

    def in_full(self, lines: Lines) -> tuple[np.ndarray, np.ndarray]:
        """The full credit of each line's deal, and what came back of it before."""
        before = self.before[lines.deal]
        return self.upto[lines.deal] - before, before


def _shared(lines: Lines, whole: np.ndarray, rule: CreditRule) -> np.ndarray:
    if (lines.share == RATE_SCALE).all():
        return whole
    if rule.kind == CreditKind.OVERLAY:
        return round_columns(multiply_columns(whole, lines.share), RATE_SCALE)
    return _largest_remainder(lines, whole)


def _largest_remainder(lines: Lines, whole: np.ndarray) -> np.ndarray:
    size = np.abs(whole)
    exact = multiply_columns(size, lines.share)
    part = (exact // RATE_SCALE).astype(np.int64, copy=False)
    rest = (exact - multiply_columns(part, RATE_SCALE)).astype(np.int64)
    _give_residue(lines, part, rest)
    return np.where(whole < 0, -part, part)


def _give_residue(lines: Lines, part: np.ndarray, rest: np.ndarray) -> None:
    """Adds to `part` what the rests of a deal sum to: one unit for each of its largest rests, ties by participant."""
    rows = np.flatnonzero(rest)
    rows = rows[order_of(lines.deal[rows], lines.origin[rows])] if len(rows) else rows
    while len(rows):
        starts = np.flatnonzero(first_rows(lines.deal[rows]))
        width = np.diff(starts, append=len(rows))
        left = np.add.reduceat(rest[rows], starts) // RATE_SCALE
        if not left.any():
            return
        largest = np.repeat(np.maximum.reduceat(rest[rows], starts), width)
        ahead = np.flatnonzero((rest[rows] == largest) & np.repeat(left > 0, width))
        winner = rows[ahead[first_rows(lines.deal[rows[ahead]])]]
        part[winner] += 1
        rest[winner] -= RATE_SCALE
        rows = rows[np.repeat(left > 1, width)]


def deduplicated(lines: Lines, person: np.ndarray) -> np.ndarray:
    """Of the roll-up lines of one deal and manager the one with the largest share, which has the largest part; by the name of equals."""
    order = order_of(lines.deal, person, -lines.share, lines.origin)
    return np.sort(order[first_rows(lines.deal[order], person[order])])
