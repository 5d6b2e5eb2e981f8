"""How well a seller suits a territory: by the skills its accounts ask for, and by what was won of such accounts before.

A win rate of an industry is drawn to that of everybody there, as if PRIOR more deals had been closed at it: a few deals prove little.
Floats: nobody is paid by them.

Source: issue 5, match of seller and territory; shrinkage: empirical Bayes with a beta prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PRIOR = 10


@dataclass(frozen=True, slots=True)
class Record:
    """Deals won of those that were closed, won or lost."""

    won: int = 0
    closed: int = 0

    @property
    def rate(self) -> float | None:
        """The win rate; None without a closed deal."""
        return self.won / self.closed if self.closed else None

    def plus(self, other: Record) -> Record:
        """Both together."""
        return Record(self.won + other.won, self.closed + other.closed)


NOTHING = Record()


def together(records: Mapping[str, Record]) -> Record:
    """All records as one."""
    return Record(sum(each.won for each in records.values()), sum(each.closed for each in records.values()))


def expected(mix: Mapping[str, int], own: Mapping[str, Record], everybody: Mapping[str, Record]) -> float | None:
    """The win rate to expect of accounts, `mix` of them by industry; None without accounts, or where nobody closed a deal.

    >>> half = {"Energy": Record(5, 10)}
    >>> expected({"Energy": 3}, {}, half), expected({"Energy": 3}, {"Energy": Record(10, 10)}, half)
    (0.5, 0.75)
    """
    whole, usual = sum(mix.values()), together(everybody).rate
    if not whole or usual is None:
        return None
    found = 0.0
    for industry, count in mix.items():
        there = everybody.get(industry, NOTHING).rate
        mine = own.get(industry, NOTHING)
        found += count * (mine.won + PRIOR * (usual if there is None else there)) / (mine.closed + PRIOR)
    return found / whole
