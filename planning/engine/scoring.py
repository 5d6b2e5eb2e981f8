"""Scores of accounts: weighted factors, each a field scaled from nothing to full marks, and what each gives to the score.

A score is in hundredths of a point, from 0 to 100 points. The shares of the factors sum to it exactly. What an account lacks is unknown
and counts as its factor says. Frames in, columns out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

POINTS = 100_00
"""Full marks, in hundredths of a point."""
PART = 10**6
UNKNOWN = -1
MOST_FACTORS = 20
MOST_WEIGHT = 10_000


class Scaling(StrEnum):
    """How a value becomes a part of full marks."""

    LINEAR = "LINEAR"
    LOG = "LOG"
    TABLE = "TABLE"


class Missing(StrEnum):
    """How an unknown value counts."""

    ZERO = "ZERO"
    HALF = "HALF"
    LEFT_OUT = "LEFT_OUT"


@dataclass(frozen=True, slots=True)
class Factor:
    """A field and its weight. Numbers give nothing at `low` and full marks at `high`, evenly or by magnitude; `low` may lie above.

    Texts give the points of their row in `table` (0 to 100) without regard to case, and nothing where they have none.
    """

    name: str
    field: str
    scaling: Scaling
    weight: int
    missing: Missing
    low: int = 0
    high: int = 0
    table: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Scores:
    """In the order of the accounts: `points` (UNKNOWN: no factor counts), and by factor `shares` of it and whether the value is known."""

    points: np.ndarray
    shares: np.ndarray
    known: np.ndarray


def score(accounts: pd.DataFrame, factors: Sequence[Factor]) -> Scores:
    """Score every account by its fields.

    >>> frame = pd.DataFrame({"employees": pd.array([50, None], dtype="Int64"), "industry": ["retail", "mining"]})
    >>> size = Factor("Size", "employees", Scaling.LINEAR, 2, Missing.LEFT_OUT, low=0, high=100)
    >>> trade = Factor("Trade", "industry", Scaling.TABLE, 1, Missing.ZERO, table=(("Retail", 100),))
    >>> found = score(frame, [size, trade])
    >>> found.points.tolist(), found.shares.tolist()
    ([6667, 0], [[3334, 3333], [0, 0]])
    """
    shape = (len(accounts), len(factors))
    parts, known = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    weights = np.zeros(shape, dtype=np.int64)
    for row, factor in enumerate(factors):
        part, has = _part(accounts[factor.field], factor)
        parts[:, row] = np.where(has, part, PART // 2 if factor.missing == Missing.HALF else 0)
        weights[:, row] = np.where(has | (factor.missing != Missing.LEFT_OUT), factor.weight, 0)
        known[:, row] = has
    whole = weights.sum(axis=1)
    counts = whole > 0
    shares = _shared(parts * weights * POINTS, np.where(counts, whole, 1) * PART)
    return Scores(np.where(counts, shares.sum(axis=1), UNKNOWN), shares, known)


def bands(points: np.ndarray) -> list[int]:
    """How many scores lie in each ten points; full marks are in the last ten."""
    known = points[points != UNKNOWN]
    return np.bincount(np.minimum(known // (POINTS // 10), 9), minlength=10).tolist()


def _shared(numerators: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Each row in whole hundredths that sum to its rounded sum: what rounding down leaves goes to the largest remainders, then in order."""
    floors = numerators // whole[:, None]
    rests = numerators - floors * whole[:, None]
    wanted = (2 * numerators.sum(axis=1) + whole) // (2 * whole) - floors.sum(axis=1)
    place = np.argsort(np.argsort(-rests, axis=1, kind="stable"), axis=1, kind="stable")
    return floors + (place < wanted[:, None])


def _part(column: pd.Series, factor: Factor) -> tuple[np.ndarray, np.ndarray]:
    """What each value is of full marks, at PART, and whether it is known."""
    if factor.scaling == Scaling.TABLE:
        texts = column.fillna("").astype(str).str.strip().str.casefold()
        points = {text.strip().casefold(): each for text, each in factor.table}
        return texts.map(points).fillna(0).to_numpy(np.int64) * (PART // 100), (texts != "").to_numpy(bool)
    known = column.notna().to_numpy(dtype=bool)
    values = column.fillna(0).to_numpy(dtype=np.float64)
    low, high = float(factor.low), float(factor.high)
    if factor.scaling == Scaling.LOG:
        values, low, high = np.log(np.maximum(values, 1)), float(np.log(max(low, 1))), float(np.log(max(high, 1)))
    risen = np.clip((values - low) / (high - low), 0, 1)
    return np.floor(risen * PART + 0.5).astype(np.int64), known
