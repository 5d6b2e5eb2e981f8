"""A book's balance in the currency of the company, at historical rates: a cost keeps the rate of the month that capitalised it first.

Each amount is rounded as what stands to date, so that a cost that is expensed to its last unit leaves nothing in the other currency.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from incentives.engine.expense.words import BALANCE_KINDS, EntryKind


class Moved(NamedTuple):
    """What is summed: the month that first capitalised the costs, the month that moved them, and the kind of entry."""

    since: int
    month: int
    kind: str


def translate(sums: Mapping[Moved, int], into: Callable[[int, int], int]) -> dict[int, dict[str, int]]:
    """Give by month and kind what entries come to; `into` converts an amount at the rate of a month, rounded once.

    What was expensed at once has the rate of its own month.

    >>> sums = {Moved(1, 1, "ADDED"): 100, Moved(1, 1, "AMORTISED"): -33, Moved(1, 2, "AMORTISED"): -67}
    >>> translate(sums, lambda amount, month: round(amount * 1.5))
    {1: {'ADDED': 150, 'AMORTISED': -50}, 2: {'AMORTISED': -100}}
    """
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    months: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for (since, month, kind), amount in sums.items():
        if kind == EntryKind.EXPENSED:
            found[month][kind] += into(amount, month)
        else:
            months[since, month][kind] = amount
    stood: dict[int, int] = defaultdict(int)
    for (since, month), moved in sorted(months.items()):
        before, stood[since] = stood[since], stood[since] + sum(moved.values())
        for kind, amount in _shared(moved, since, into, into(stood[since], since) - into(before, since)).items():
            found[month][kind] += amount
    return {month: dict(kinds) for month, kinds in sorted(found.items())}


def _shared(moved: Mapping[str, int], since: int, into: Callable[[int, int], int], change: int) -> dict[str, int]:
    """What a month moves, by kind, so that it comes to the change of the balance: the straight line, else the largest, takes the units
    that rounding leaves."""
    found = {kind: into(moved[kind], since) for kind in BALANCE_KINDS if kind in moved}
    rest = EntryKind.AMORTISED if EntryKind.AMORTISED in found else max(found, key=lambda kind: abs(found[kind]))
    found[rest] += change - sum(found.values())
    return {str(kind): amount for kind, amount in found.items()}
