"""What attainment to expect of new quotas if everybody sells again what they sold. Exact fractions; nobody is paid by them.

Source: domain.md C8, attainment health: more than half, commonly 60 to 70 %, at or over quota.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

EDGES = tuple(Fraction(percent, 100) for percent in (50, 70, 90, 100, 120))
"""The bands: below the first, from each to the next, and from the last on."""


@dataclass(frozen=True)
class Distribution:
    """How many stand in each band, the share at or over quota, and how many have no history or no quota to tell by."""

    counts: tuple[int, ...]
    over: Fraction | None
    unknown: int

    @property
    def known(self) -> int:
        """Give how many can be told."""
        return sum(self.counts)


def distribution(sold: Sequence[int | None], quotas: Sequence[int]) -> Distribution:
    """Put each who sold against each quota; None sold, or a quota of 0, can't be told.

    >>> found = distribution([50, 100, 130, None], [100, 100, 100, 100])
    >>> found.counts, found.over, found.unknown
    ((0, 1, 0, 0, 1, 1), Fraction(2, 3), 1)
    """
    told = [
        Fraction(value, quota) for value, quota in zip(sold, quotas, strict=True) if value is not None and quota > 0
    ]
    counts = [0] * (len(EDGES) + 1)
    for one in told:
        counts[sum(one >= edge for edge in EDGES)] += 1
    over = Fraction(sum(one >= 1 for one in told), len(told)) if told else None
    return Distribution(tuple(counts), over, len(quotas) - len(told))


def band_names() -> tuple[str, ...]:
    """Name the bands in percent.

    >>> band_names()[0], band_names()[1], band_names()[-1]
    ('below 50 %', '50–70 %', '120 % and more')
    """
    whole = [int(edge * 100) for edge in EDGES]
    middle = [f"{low}–{high} %" for low, high in pairwise(whole)]
    return (f"below {whole[0]} %", *middle, f"{whole[-1]} % and more")


def growth(value: int, before: int | None) -> Fraction | None:
    """By which part a quota is above (or, negative, below) that of the year before; None without one.

    >>> growth(120, 100), growth(80, 100), growth(80, 0)
    (Fraction(1, 5), Fraction(-1, 5), None)
    """
    return Fraction(value - before, before) if before else None
