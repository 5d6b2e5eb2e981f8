"""How well a seller suits a territory: by the skills its accounts ask for, and by what was won of such accounts before.

A few deals prove little: a seller's win rate in an industry is drawn to that of the others there, as if PRIOR more deals had been closed at
it, and that of the others in the same way to the one of all deals. The seller's own deals are no part of what the others won there, or they
would count twice. The rate of all deals is the same for everybody, so that who won more of as many is never expected to win less.
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

    def without(self, part: Record) -> Record:
        """What is left without a part of it."""
        return Record(self.won - part.won, self.closed - part.closed)

    def drawn(self, to: float) -> float:
        """The win rate as if PRIOR more deals had been closed at another rate."""
        return (self.won + PRIOR * to) / (self.closed + PRIOR)


NOTHING = Record()


def together(records: Mapping[str, Record]) -> Record:
    """All records as one."""
    return Record(sum(each.won for each in records.values()), sum(each.closed for each in records.values()))


def expected(mix: Mapping[str, int], own: Mapping[str, Record], everybody: Mapping[str, Record]) -> float | None:
    """The win rate to expect of accounts, `mix` of them by industry; None without accounts, or where nobody closed a deal.

    `own` is part of `everybody`.

    >>> half = {"Energy": Record(10, 20)}
    >>> expected({"Energy": 3}, {}, half), expected({"Energy": 3}, {"Energy": Record(10, 10)}, half)
    (0.5, 0.625)
    """
    whole, usual = sum(mix.values()), together(everybody).rate
    if not whole or usual is None:
        return None
    found = 0.0
    for industry, count in mix.items():
        mine = own.get(industry, NOTHING)
        others = everybody.get(industry, NOTHING).without(mine)
        found += count * mine.drawn(others.drawn(usual))
    return found / whole
