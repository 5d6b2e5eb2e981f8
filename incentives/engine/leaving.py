"""What a person who left still has in the books, balance by balance, and what becomes of each: the content of a final statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from incentives.engine.plan import Plan
from incentives.engine.spans import after
from incentives.engine.words import Leaving


class What(StrEnum):
    """The balances of a person who left, in the order in which they are said."""

    PAYABLE = "PAYABLE"
    RECOVERED = "RECOVERED"
    WAITING = "WAITING"
    HELD = "HELD"
    HELD_BY_HAND = "HELD_BY_HAND"
    INSTALMENTS = "INSTALMENTS"
    DRAW = "DRAW"
    FORFEITED = "FORFEITED"
    FORGIVEN = "FORGIVEN"


class Becomes(StrEnum):
    """What becomes of a balance."""

    PAID_OUT = "PAID_OUT"
    CARRIED = "CARRIED"
    TAKEN = "TAKEN"
    RELEASED = "RELEASED"
    BY_HAND = "BY_HAND"
    CONTINUED = "CONTINUED"
    OWED = "OWED"
    SETTLED = "SETTLED"
    GONE = "GONE"


class Stood(NamedTuple):
    """What stands of a balance under a plan (empty: of none), minor units; below 0 the person owes it."""

    what: What
    plan: str
    amount: int


@dataclass(frozen=True, order=True)
class Ending:
    """An amount of a balance, what becomes of it, and until which day that can happen (None: without limit)."""

    what: What
    becomes: Becomes
    until: int | None
    amount: int


_ALWAYS = {
    What.RECOVERED: Becomes.TAKEN,
    What.HELD: Becomes.RELEASED,
    What.HELD_BY_HAND: Becomes.BY_HAND,
    What.INSTALMENTS: Becomes.CONTINUED,
    What.FORFEITED: Becomes.GONE,
    What.FORGIVEN: Becomes.GONE,
}


def endings(stood: Iterable[Stood], plans: Mapping[str, Plan], left_on: int) -> list[Ending]:
    """Say what becomes of each balance of a person whose last day is given; balances of 0 are left out, equal ones are added up.

    >>> endings([Stood(What.DRAW, "", -40_00)], {}, 0)
    [Ending(what=<What.DRAW: 'DRAW'>, becomes=<Becomes.OWED: 'OWED'>, until=None, amount=-4000)]
    """
    sums: dict[tuple[What, Becomes, int | None], int] = defaultdict(int)
    payable = 0
    for what, key, amount in stood:
        if what == What.PAYABLE:
            payable += amount
            continue
        plan = plans.get(key)
        tail = plan.leavers.tail if plan is not None and what == What.WAITING else None
        sums[what, _becomes(what, plan), None if tail is None else after(left_on, tail)] += amount
    sums[What.PAYABLE, Becomes.PAID_OUT if payable > 0 else Becomes.CARRIED, None] = payable
    order: Sequence[What] = list(What)
    found = [Ending(*key, amount) for key, amount in sums.items() if amount]
    return sorted(found, key=lambda each: (order.index(each.what), each.until or 0, each.becomes))


def _becomes(what: What, plan: Plan | None) -> Becomes:
    if what == What.DRAW:
        is_settled = plan is not None and plan.draw is not None and plan.draw.leaving == Leaving.SETTLED
        return Becomes.SETTLED if is_settled else Becomes.OWED
    return _ALWAYS.get(what, Becomes.RELEASED)
