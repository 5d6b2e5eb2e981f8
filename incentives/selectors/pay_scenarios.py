"""What people would earn in a period in scenarios of its open deals: facts as known now, priced by the engine. Nothing is kept."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np

from incentives.engine.scenarios import Scenarios, price_scenarios
from incentives.selectors.facts import facts_of, inputs_read, periods_open, plans_of
from incentives.selectors.trial_facts import open_deals, open_splits, with_won
from spm.core.dated import day_number

Draw = Callable[[Sequence[str]], np.ndarray]
"""Tells for the keys of deals, in order, which of them are won: scenarios × deals."""


def periods_now(day: date) -> list[Any]:
    """Give the periods that a day lies in and that a published plan pays, earliest first."""
    return [period for period in periods_open(day) if day in period.during]


def pay_scenarios(period: Any, *, known_at: datetime, day: date, draw: Draw) -> Scenarios:
    """Price scenarios of the open deals that are expected to close in the period.

    A won deal counts on the day on which it is expected to close, one that is overdue on `day`; where a plan credits by another day (paid,
    invoiced), which no open deal has, it is not credited. Raises OverflowError where amounts could leave 64 bits.
    """
    inputs = inputs_read(period=period, known_at=known_at)
    plans = plans_of(inputs)
    deals = open_deals(inputs, plans, period, known_at=known_at, earliest=day_number(day)).drop(
        columns="probability_rate"
    )
    deals = deals.sort_values("deal_key", kind="stable", ignore_index=True)
    keys = [str(key) for key in deals["deal_key"]]
    facts = with_won(facts_of(inputs), deals, open_splits(period, known_at=known_at))
    return price_scenarios(facts, plans, keys, draw(keys), period_key=period.key)


__all__ = ["Draw", "Scenarios", "pay_scenarios", "periods_now"]
