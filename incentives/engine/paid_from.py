"""Which earnings a payment paid. The ledger books a payment for a person, not for a plan, so a rule tells it, the same every time.

A payment pays the person's oldest earnings first, by the period in which they were earned, of the books that it pays and those before.
What is owed back of them lessens it, so that one of all that is payable leaves nothing of any plan. It changes no sum of a person.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

BEYOND = "Paid beyond what was payable"


class Source(NamedTuple):
    """Where an amount comes from, in the order in which payments pay it; `other` says what it is where it belongs to no plan."""

    earned_on: date
    earned_in: str
    plan: str
    component: str
    other: str


class Payable(NamedTuple):
    """What a journal adds to what is payable to one person in one currency, or pays of it; `until` is the end of the books it stands in."""

    journal: int
    source: Source
    until: date
    minor: int
    is_payment: bool


def paid_from(rows: Iterable[Payable]) -> dict[Source, int]:
    """Give what is left payable of each source of one person and currency, in minor units; what is 0 is left out.

    What was paid beyond all that was payable then stands under `BEYOND`, and the next payment takes it into account.
    """
    left: dict[tuple[date, Source], int] = {}
    for row in sorted(rows, key=lambda row: (row.journal, row.is_payment, row.until, row.source, row.minor)):
        place = (row.until, row.source)
        if row.is_payment and row.minor < 0:
            place = (row.until, row.source._replace(plan="", component="", other=BEYOND))
            within = {each: minor for each, minor in left.items() if each[0] <= row.until}
            beyond = _pay(left, within, -row.minor)
            left[place] = left.get(place, 0) - beyond
        else:
            left[place] = left.get(place, 0) + row.minor
    found: dict[Source, int] = {}
    for (_until, source), minor in left.items():
        found[source] = found.get(source, 0) + minor
    return {source: minor for source, minor in sorted(found.items()) if minor}


def _pay(left: dict[tuple[date, Source], int], within: Mapping[tuple[date, Source], int], minor: int) -> int:
    """Take a payment from what was payable, what is owed back first; gives what it paid beyond all of it."""
    net = sum(within.values())
    if net <= 0:
        return minor
    pool = minor + sum(-each for each in within.values() if each < 0)
    for place in sorted(within, key=lambda place: (place[1], place[0])):
        taken = min(within[place], pool) if within[place] > 0 else within[place]
        left[place] -= taken
        pool -= max(taken, 0)
    return pool
