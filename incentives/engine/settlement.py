"""From earnings to pay: draws and guarantees, what is owed because of them, and how it is recovered.

One person and period after another, because each depends on the balance before it. What is released of earned pay, and what is
held, are told by releasing.py and holding.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from incentives.engine.plan import Draw, Plan
from incentives.engine.words import DrawKind, Leaving
from spm.core.dated import FOREVER, LONG_AGO, day_number
from spm.core.money import round_half_away
from spm.core.periods import Period

COLUMNS = [
    "participant_key", "plan_key", "period_key", "earned_minor", "advanced_minor", "recovered_minor", "paid_minor", "owed_minor",
    "carried_minor", "currency",
]  # fmt: skip

GUARANTEES = frozenset({DrawKind.RECOVERABLE_GUARANTEE, DrawKind.NON_RECOVERABLE_GUARANTEE})
RECOVERABLE = frozenset({DrawKind.RECOVERABLE_GUARANTEE, DrawKind.RECOVERABLE})


@dataclass(frozen=True)
class Settled:
    """One period of one person, in minor units: what was advanced, recovered, paid; what is owed (recoverable) after it, and
    what negative earnings are carried to the next period because pay is never negative."""

    advanced: int
    recovered: int
    paid: int
    owed: int
    carried: int
    forgiven: int = 0
    """What was owed and is owed no more."""


@dataclass(frozen=True)
class Month:
    """A pay period of a person on a plan: how many were paid before it, its days [first, end), on how many of them the person was
    there, and whether they had left by its end."""

    number: int
    first: int
    end: int
    days: int
    has_left: bool = False


def settle_period(
    earned: int,
    draw: Draw | None,
    *,
    owed: int = 0,
    carried: int = 0,
    drawing: bool = True,
    recovering: bool = True,
    amount: int | None = None,
    negative: bool = False,
    last: bool = False,
) -> Settled:
    """One period: earnings (with what was carried), then the draw, then recovery. `amount` is the draw of a partial period. `last` pay
    gives what is owed before anything else, whatever the draw's terms of recovery, and falls below 0 by it where pay may be `negative`.

    RECOVERABLE_GUARANTEE recovers from what is earned above the guarantee, so that pay never falls under it; RECOVERABLE
    recovers from earnings before it advances again. Source: domain.md C5; Siebel Incentive Compensation, plan design.

    >>> settle_period(2375_00, Draw(DrawKind.RECOVERABLE_GUARANTEE, 2000_00), owed=500_00)
    Settled(advanced=0, recovered=37500, paid=200000, owed=12500, carried=0, forgiven=0)
    """
    due = earned + carried
    granted = 0 if draw is None or not drawing else draw.amount if amount is None else amount
    is_guarantee = draw is not None and draw.kind in GUARANTEES
    advanced = max(0, granted - due) if is_guarantee and drawing else granted
    recovered = 0
    lent = advanced if draw is not None and draw.kind in RECOVERABLE else 0
    if last:
        recovered = owed + lent if negative else min(owed + lent, max(0, due + advanced))
    elif draw is not None and recovering and (not drawing or draw.kind in RECOVERABLE):
        above = due - granted if is_guarantee else due
        recovered = min(owed, _part(max(0, above), draw))
    owed += lent - recovered
    paid = due + advanced - recovered
    return Settled(advanced, recovered, paid if negative else max(0, paid), owed, 0 if negative else min(0, paid))


def recovers(draw: Draw, number: int, day: int) -> bool:
    """Whether the pay period of that number (from 0) that begins on a day recovers."""
    return number >= draw.recover_after and not is_forgiven(draw, day)


def is_forgiven(draw: Draw, day: int) -> bool:
    """True from the day on which nothing is recovered any more."""
    return draw.recover_until is not None and day >= draw.recover_until


def granted(draw: Draw, days: int, of: int, number: int = 0) -> int:
    """The draw of a period of that number (from 0) of which the person was there for so many days, rounded once."""
    exact = draw.amount * draw.share(number) * (Fraction(days, of) if draw.prorated else 1)
    return round_half_away(exact.numerator, exact.denominator)


def settle_month(
    earned: int, draw: Draw | None, month: Month, *, owed: int = 0, carried: int = 0, negative: bool = False
) -> Settled:
    """One period of one person with the terms of its draw: by the days they were there, while it is granted and recovered; and what
    is owed no more, at the end of recovery or for who has left. What books and worked examples are settled by."""
    if draw is None:
        return settle_period(earned, None, owed=owed, carried=carried, negative=negative)
    made = settle_period(
        earned,
        draw,
        owed=owed,
        carried=carried,
        drawing=month.days > 0 and draw.share(month.number) > 0,
        recovering=recovers(draw, month.number, month.first),
        amount=granted(draw, month.days, month.end - month.first, month.number),
        negative=negative,
        last=draw.leaving == Leaving.SETTLED and month.has_left and not is_forgiven(draw, month.first),
    )
    is_let_off = is_forgiven(draw, month.first) or (draw.leaving == Leaving.FORGIVEN and month.has_left)
    return replace(made, owed=0, forgiven=made.owed) if is_let_off else made


def _part(amount: int, draw: Draw) -> int:
    """The part of an amount that may be recovered."""
    return round_half_away(amount * draw.recover.numerator, draw.recover.denominator)


def settle(
    earnings: pd.DataFrame, plan: Plan, periods: Sequence[Period], stays: Mapping[str, tuple[int, int]] | None = None
) -> pd.DataFrame:
    """Pay of everybody in a plan over periods in order, from earnings of all of its components.

    `stays` are the first day and the day after the last of each person, in all periods without them: the draw of a partial period
    goes by its days, and who has left owes what the plan says.
    Columns: participant_key, plan_key, period_key, earned_minor, advanced_minor, recovered_minor, paid_minor (never negative
    unless the plan says so), owed_minor (balance after the period), carried_minor (negative earnings carried on), currency.
    """
    own = earnings[earnings["plan_key"] == plan.key]
    grouped = own.groupby(["participant_key", "period_key"], as_index=False)["earned_minor"].sum()
    sums: dict[str, dict[str, int]] = {}
    for person, key, amount in grouped.itertuples(index=False, name=None):
        sums.setdefault(str(person), {})[str(key)] = int(amount)
    rows: list[tuple[object, ...]] = []
    for person in sorted(sums):
        rows += _settled(person, sums[person], plan, periods, (stays or {}).get(person, (LONG_AGO, FOREVER)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _settled(
    person: str, earned: Mapping[str, int], plan: Plan, periods: Sequence[Period], stay: tuple[int, int]
) -> Iterator[tuple[object, ...]]:
    """The rows of one person, from the first period that the plan pays them in."""
    owed = carried = count = 0
    for period in periods:
        if period.key not in earned and not count:
            continue
        first, end = day_number(period.start), day_number(period.end)
        days = max(0, min(end, stay[1]) - max(first, stay[0])) if period.key in earned else 0
        month = Month(count, first, end, days, has_left=stay[1] <= end)
        amount = earned.get(period.key, 0)
        made = settle_month(amount, plan.draw, month, owed=owed, carried=carried, negative=plan.negative_pay)
        figures = (made.advanced, made.recovered, made.paid, made.owed, made.carried)
        yield (person, plan.key, period.key, amount, *figures, plan.currency)
        owed, carried, count = made.owed, made.carried, count + 1
