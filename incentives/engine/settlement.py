"""From earnings to pay: draws and guarantees, what is owed because of them, and how it is recovered.

One person and period after another, because each depends on the balance before it. What is released of earned pay, and what is
held, are told by releasing.py and holding.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from incentives.engine.plan import Draw, Plan
from incentives.engine.words import DrawKind
from spm.core.money import round_half_away

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
) -> Settled:
    """One period: earnings (with what was carried), then the draw, then recovery. `amount` is the draw of a partial period.

    RECOVERABLE_GUARANTEE recovers from what is earned above the guarantee, so that pay never falls under it; RECOVERABLE
    recovers from earnings before it advances again. Source: domain.md C5; Siebel Incentive Compensation, plan design.

    >>> settle_period(2375_00, Draw(DrawKind.RECOVERABLE_GUARANTEE, 2000_00), owed=500_00)
    Settled(advanced=0, recovered=37500, paid=200000, owed=12500, carried=0)
    """
    due = earned + carried
    granted = 0 if draw is None or not drawing else draw.amount if amount is None else amount
    is_guarantee = draw is not None and draw.kind in GUARANTEES
    advanced = max(0, granted - due) if is_guarantee and drawing else granted
    recovered = 0
    if draw is not None and recovering and (not drawing or draw.kind in RECOVERABLE):
        above = due - granted if is_guarantee else due
        recovered = min(owed, _part(max(0, above), draw))
    owed += (advanced if draw is not None and draw.kind in RECOVERABLE else 0) - recovered
    paid = due + advanced - recovered
    return Settled(advanced, recovered, paid if negative else max(0, paid), owed, 0 if negative else min(0, paid))


def recovers(draw: Draw, number: int, day: int) -> bool:
    """Whether the pay period of that number (from 0) that begins on a day recovers."""
    return number >= draw.recover_after and not is_forgiven(draw, day)


def is_forgiven(draw: Draw, day: int) -> bool:
    """True from the day on which nothing is recovered any more."""
    return draw.recover_until is not None and day >= draw.recover_until


def granted(draw: Draw, days: int, of: int) -> int:
    """The draw of a period of which the person was there for so many days."""
    return draw.amount if not draw.prorated else round_half_away(draw.amount * days, of)


def _part(amount: int, draw: Draw) -> int:
    """The part of an amount that may be recovered."""
    return round_half_away(amount * draw.recover.numerator, draw.recover.denominator)


def settle(earnings: pd.DataFrame, plan: Plan, periods: Sequence[object]) -> pd.DataFrame:
    """Pay of everybody in a plan over periods in order, from earnings of all of its components.

    Columns: participant_key, plan_key, period_key, earned_minor, advanced_minor, recovered_minor, paid_minor (never negative),
    owed_minor (balance after the period), carried_minor (negative earnings carried on), currency.
    """
    own = earnings[earnings["plan_key"] == plan.key]
    grouped = own.groupby(["participant_key", "period_key"], as_index=False)["earned_minor"].sum()
    sums: dict[tuple[object, object], int] = {
        (row[0], row[1]): row[2] for row in grouped.itertuples(index=False, name=None)
    }
    rows = []
    for person in sorted({key[0] for key in sums}, key=str):
        owed = carried = count = 0
        for period in periods:
            if (person, period) not in sums:
                continue
            earned = int(sums[person, period])
            drawing = plan.draw is not None and (plan.draw.periods is None or count < plan.draw.periods)
            recovering = plan.draw is None or count >= plan.draw.recover_after
            made = settle_period(
                earned,
                plan.draw,
                owed=owed,
                carried=carried,
                drawing=drawing,
                recovering=recovering,
                negative=plan.negative_pay,
            )
            row = (
                person,
                plan.key,
                period,
                earned,
                made.advanced,
                made.recovered,
                made.paid,
                made.owed,
                made.carried,
                plan.currency,
            )
            rows.append(row)
            owed, carried, count = made.owed, made.carried, count + 1
    return pd.DataFrame(rows, columns=COLUMNS)
