"""The forecast from the months before: whole periods, at the start of each, unknown where the past is too short."""

from datetime import date

import numpy as np
import pandas as pd

from insights.engine.forecast import Deals, Span
from insights.engine.monthly import forecast_periods
from spm.core.dated import day_number


def span(start: date, end: date) -> Span:
    return Span(day_number(start), day_number(end))


def won_each_month(months: int, amount: int, *, begin: str = "2024-01") -> Deals:
    days = (np.datetime64(begin, "M") + np.arange(months)).astype("datetime64[D]").astype(np.int64) + 9
    return Deals.of(
        pd.DataFrame(
            {"created_on": days - 5, "close_on": days, "status": "won", "amount_minor": amount, "product_key": None}
        )
    )


QUARTER = span(date(2026, 7, 1), date(2026, 10, 1))


def test_a_quarter_is_the_sum_of_its_months() -> None:
    [[found]] = forecast_periods([won_each_month(30, 1000)], [QUARTER])
    assert found.amount_minor == 3000


def test_each_part_and_period_is_answered_in_its_order() -> None:
    year = span(date(2026, 1, 1), date(2027, 1, 1))
    found = forecast_periods([won_each_month(30, 1000), won_each_month(30, 70)], [QUARTER, year])
    assert [[one.amount_minor for one in part] for part in found] == [[3000, 12000], [210, 840]]


def test_what_happens_in_the_period_is_not_looked_at() -> None:
    before = forecast_periods([won_each_month(30, 1000)], [QUARTER])
    assert forecast_periods([won_each_month(32, 1000)], [QUARTER]) == before


def test_too_short_a_past_is_said() -> None:
    [[short], [nothing]] = forecast_periods(
        [won_each_month(10, 1000, begin="2025-09"), won_each_month(0, 0)], [QUARTER]
    )
    assert (short.amount_minor, nothing.amount_minor) == (None, None)
    assert short.reason == "Only 10 months were known before the period; 24 are needed to learn from."
    assert nothing.reason.startswith("Only 0 months")


def test_a_period_of_weeks_is_refused() -> None:
    [[found]] = forecast_periods([won_each_month(30, 1000)], [span(date(2026, 6, 29), date(2026, 7, 6))])
    assert found.amount_minor is None
    assert found.reason == "The period is not made of whole months."
