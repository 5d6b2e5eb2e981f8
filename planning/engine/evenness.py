"""How even a plan is: measures over the loads of sellers, their quotas and what a change moves. Floats: nobody is paid by them.

Source: domain.md C8, balance metrics, quota parity, disruption; Rosenbluth: Hall and Tideman 1967.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PARITY_LOW, PARITY_HIGH = 0.85, 1.15
BAND = 0.15


@dataclass(frozen=True)
class Evenness:
    """Measures of loads. None where they are not defined: without any load, or without a smallest one."""

    count: int
    mean: float
    variation: float | None
    largest_to_smallest: float | None
    gini: float | None
    rosenbluth: float | None
    within_band: float


def evenness(loads: Sequence[float], band: float = BAND) -> Evenness:
    """Measure loads (any unit, none negative); `within_band` is the share of sellers within that band around the mean.

    >>> found = evenness([1, 1, 1, 1])
    >>> found.variation, found.gini, found.within_band
    (0.0, 0.0, 1.0)
    """
    values = np.sort(np.asarray(loads, dtype=float))
    count, whole = len(values), float(values.sum())
    if not whole:
        return Evenness(count, 0.0, None, None, None, None, 0.0)
    mean = whole / count
    gini = float((2 * np.arange(1, count + 1) - count - 1) @ values / (count * whole))
    inside = float((np.abs(values - mean) <= band * mean * (1 + 1e-12)).mean())
    ratio = float(values[-1] / values[0]) if values[0] > 0 else None
    return Evenness(count, mean, float(values.std() / mean), ratio, gini, 1 / (count * (1 - gini)), inside)


def parity(quotas: Sequence[float], potentials: Sequence[float]) -> list[float | None]:
    """Each quota's share of all quotas against its potential's share of all potential; 1 is fair, None can't be told.

    >>> parity([100, 100], [100, 300])
    [2.0, 0.6666666666666666]
    """
    quota, potential = sum(quotas), sum(potentials)
    if not quota or not potential:
        return [None] * len(quotas)
    pairs = zip(quotas, potentials, strict=True)
    return [None if not has else (one / quota) / (has / potential) for one, has in pairs]


def is_fair(value: float | None) -> bool:
    """True within the bounds of quota parity, and where it can't be told."""
    return value is None or PARITY_LOW <= value <= PARITY_HIGH


def disruption(values: Sequence[float], before: Sequence[object], after: Sequence[object]) -> float:
    """The value of what changes hands as a share of all value; what nobody had before does not change hands.

    >>> disruption([60, 30, 10], ["ann", "bo", None], ["ann", "ann", "bo"])
    0.3
    """
    whole = sum(values)
    rows = zip(values, before, after, strict=True)
    moved = sum(value for value, was, now in rows if was is not None and was != now)
    return moved / whole if whole else 0.0
