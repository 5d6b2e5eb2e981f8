"""Draws and guarantees of a pay period: what should be advanced, recovered and forgiven, minus what its books have."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from incentives.engine.plan import Draw, Plan
from incentives.engine.settlement import RECOVERABLE, Settled, settle_month
from incentives.engine.settlement import Month as PayMonth
from incentives.models import JournalKind, LedgerAccount
from incentives.selectors.drawing import Month, Place, months_of, on_plan
from incentives.selectors.settling import PLAN_DRAW, days_held, left_on
from incentives.services.ledger import Leg
from spm.core.dated import day_number

Legs = list[tuple[JournalKind, Leg]]


def draws_due(
    period: Any,
    books: Sequence[Any],
    plans: Mapping[str, Plan],
    versions: Mapping[str, str],
    people: Sequence[str] | None,
) -> Legs:
    """Give the entries that bring the draws of the period to what its plans grant; `books` are the pay periods up to it."""
    drawn = {key: plan for key, plan in plans.items() if plan.draw is not None}
    if not drawn:
        return []
    months, paying = months_of(books, drawn, people), on_plan(period, drawn, people)
    places = sorted(months.keys() | paying.keys())
    present = days_held({who for who, _, _ in places}, period.during.lower, period.during.upper)
    left = left_on({who for who, _, _ in places}, period.during.upper)
    legs: Legs = []
    for place in places:
        plan = drawn[place[1]]
        version = paying.get(place) or versions.get(place[1], plan.key)
        days = present.get(place[0], 0) if place in paying else 0
        legs += _due(place, version, plan, period, books, months.get(place, {}), days, left.get(place[0]))
    return legs


def _due(
    place: Place,
    version: str,
    plan: Plan,
    period: Any,
    books: Sequence[Any],
    months: Mapping[str, Month],
    days: int,
    left: int | None,
) -> Iterator[tuple[JournalKind, Leg]]:
    draw, now = plan.draw, months.get(str(period.id), Month())
    assert draw is not None
    first = day_number(period.during.lower)
    before = [months[str(each.id)] for each in books[:-1] if str(each.id) in months]
    owed = sum(month.owed for month in before) + now.opened
    carried = 0
    for month in before:
        carried = 0 if plan.negative_pay else min(0, carried + month.payable)
    end = day_number(period.during.upper)
    paid = PayMonth(len(before), first, end, days, has_left=left is not None and left < end)
    made = settle_month(now.pay, draw, paid, owed=owed, carried=carried, negative=plan.negative_pay)
    yield from _legs(place, version, draw, made, now)


def _legs(place: Place, version: str, draw: Draw, made: Settled, now: Month) -> Iterator[tuple[JournalKind, Leg]]:
    """The differences: an advance that is kept is an expense, one that is owed stands against the person."""
    against = LedgerAccount.DRAW if draw.kind in RECOVERABLE else LedgerAccount.EXPENSE
    steps = (
        (JournalKind.DRAW, LedgerAccount.PAYABLE, against, made.advanced - now.advanced),
        (JournalKind.RECOVER, LedgerAccount.DRAW, LedgerAccount.PAYABLE, made.recovered - now.recovered),
        (JournalKind.WRITE_OFF, LedgerAccount.DRAW, LedgerAccount.WRITTEN_OFF, made.forgiven - now.forgiven),
    )
    who, _, currency = place
    for kind, into, out_of, amount in steps:
        if amount:
            yield kind, Leg(who, version, PLAN_DRAW, into, amount, currency)
            yield kind, Leg(who, version, PLAN_DRAW, out_of, -amount, currency)
