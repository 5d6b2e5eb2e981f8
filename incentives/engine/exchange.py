"""Amounts of deals in the plan's currency, at the rate that the plan's policy names.

SPOT is the rate of the credit's day; PERIOD_AVERAGE the day-weighted mean of the pay period of that day; PLAN_YEAR one rate, that
of the day on which it was fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.attainment import Windows
from incentives.engine.plan import Plan
from incentives.engine.words import RatePolicy
from spm.core.columns import first_rows, order_of
from spm.core.dated import day_text
from spm.core.fx import Quote, RateBook, convert
from spm.core.money import AMOUNT_LIMIT, minor_digits


@dataclass(frozen=True)
class Exchange:
    """The rates of one plan: `moments` tells what the rate of each credit day depends on, `quote` the rate of such a moment."""

    book: RateBook
    plan: Plan
    windows: Windows

    @classmethod
    def of(cls, fx: pd.DataFrame, plan: Plan, windows: Windows) -> Exchange:
        """The rates of a frame, as a plan reads them."""
        return cls(RateBook.from_frame(fx, pivot=pivot_of(fx, plan.currency)), plan, windows)

    def moments(self, days: np.ndarray) -> np.ndarray:
        """The day itself, the number of its pay period (-1 outside of all), or the day of the fixed rate."""
        if self.plan.currency_rate == RatePolicy.PERIOD_AVERAGE:
            return self.windows.holding(days)
        if self.plan.currency_rate == RatePolicy.PLAN_YEAR:
            return np.full(len(days), self.plan.fixed_on, dtype=np.int64)
        return days

    def quote(self, source: str, moment: int) -> Quote | None:
        """The worth of 1 `source` in the plan's currency; None when the book does not know it."""
        if self.plan.currency_rate != RatePolicy.PERIOD_AVERAGE:
            return self.book.quote(source, self.plan.currency, moment)
        if moment < 0:
            return None
        start, end = int(self.windows.start[moment]), int(self.windows.end[moment])
        return self.book.average(source, self.plan.currency, start, end)

    def convert(
        self, amounts: np.ndarray, currency_of: tuple[np.ndarray, Sequence[str]], days: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Amounts in the plan's currency; those without a rate, and those beyond any amount that is kept, are marked and 0.

        `currency_of` names the currency of each as a place in a list.
        """
        currency = self.plan.currency
        code, names = currency_of
        foreign = np.array([name != currency for name in names], dtype=bool)
        places = np.flatnonzero(foreign[code]) if len(code) else code
        amounts, unpriced, beyond = amounts.copy(), np.zeros(len(amounts), bool), np.zeros(len(amounts), bool)
        if not len(places):
            return amounts, unpriced, beyond
        moments = self.moments(days)
        places = places[order_of(code[places], moments[places])]
        opened = np.flatnonzero(first_rows(code[places], moments[places]))
        for rows in np.split(places, opened[1:]):
            source = str(names[code[rows[0]]])
            quote = self.quote(source, int(moments[rows[0]]))
            if quote is None:
                amounts[rows], unpriced[rows] = 0, True
                continue
            most = AMOUNT_LIMIT / (quote.rate * Fraction(10) ** (minor_digits(currency) - minor_digits(source)))
            large = rows[np.abs(amounts[rows]) >= min(int(most), AMOUNT_LIMIT)]
            amounts[large], beyond[large] = 0, True
            amounts[rows] = convert(amounts[rows], rate=quote.rate, source=source, target=currency)
        return amounts, unpriced, beyond


def pivot_of(fx: pd.DataFrame, currency: str) -> str:
    """The company's currency, through which two others meet; the plan's where the rates don't name it."""
    if not len(fx) or "pivot" not in fx.columns or fx["pivot"].isna().all():
        return currency
    return str(fx["pivot"].dropna().iloc[0])


def missing_rate(plan: Plan, period: str) -> tuple[str, str]:
    """When a rate that a plan asks for is missing, in words, and what to do."""
    if plan.currency_rate == RatePolicy.PERIOD_AVERAGE:
        when = f"on each day of {period}, whose mean the plan takes"
        return when, "Enter currency rates, into the company's currency, that hold from the first day of the period."
    if plan.currency_rate == RatePolicy.PLAN_YEAR and plan.fixed_on is not None:
        return (
            f"on {day_text(plan.fixed_on)}, the day of the plan's rate",
            "Enter a currency rate that holds on that day.",
        )
    return "on its credit date", "Enter a currency rate that holds on that day."
