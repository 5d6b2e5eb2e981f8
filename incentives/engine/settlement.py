"""From earnings to pay: draws and guarantees, what is owed because of them, and how it is recovered.

One person and period after another, because each depends on the balance before it. Holds and releases depend on events of
deals and are journals of the ledger, not of the engine.
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


@dataclass(frozen=True)
class Settled:
    """One period of one person, in minor units: what was advanced, recovered, paid; what is owed (recoverable) after it, and
    what negative earnings are carried to the next period because pay is never negative."""

    advanced: int
    recovered: int
    paid: int
    owed: int
    carried: int


def settle_period(earned: int, draw: Draw | None, *, owed: int = 0, carried: int = 0, drawing: bool = True) -> Settled:
    """One period: earnings (with what was carried), then the draw, then recovery.

    RECOVERABLE_GUARANTEE recovers from what is earned above the guarantee, so that pay never falls under it; RECOVERABLE
    recovers from earnings before it advances again. Source: domain.md C5; Siebel Incentive Compensation, plan design.

    >>> settle_period(2375_00, Draw(DrawKind.RECOVERABLE_GUARANTEE, 2000_00), owed=500_00)
    Settled(advanced=0, recovered=37500, paid=200000, owed=12500, carried=0)
    """
    due = earned + carried
    if draw is None or not drawing:
        return _without_draw(due, owed, draw)
    if draw.kind in (DrawKind.RECOVERABLE_GUARANTEE, DrawKind.NON_RECOVERABLE_GUARANTEE):
        advanced = max(0, draw.amount - due)
        recoverable = draw.kind == DrawKind.RECOVERABLE_GUARANTEE
        recovered = min(owed, _part(max(0, due - draw.amount), draw)) if recoverable else 0
        owed = owed - recovered + (advanced if recoverable else 0)
        return Settled(advanced, recovered, due + advanced - recovered, owed, 0)
    recovered = min(owed, _part(max(0, due), draw)) if draw.kind == DrawKind.RECOVERABLE else 0
    owed = owed - recovered + (draw.amount if draw.kind == DrawKind.RECOVERABLE else 0)
    paid = due + draw.amount - recovered
    return Settled(draw.amount, recovered, max(0, paid), owed, min(0, paid))


def _without_draw(due: int, owed: int, draw: Draw | None) -> Settled:
    """A period without a draw: what is still owed is recovered, pay is not negative."""
    recovered = min(owed, _part(max(0, due), draw)) if draw is not None else 0
    paid = due - recovered
    return Settled(0, recovered, max(0, paid), owed - recovered, min(0, paid))


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
            made = settle_period(earned, plan.draw, owed=owed, carried=carried, drawing=drawing)
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
