"""Forecasts the won amount of periods of whole months from the months before them, many parts of a company at once.

A part (the company, a unit) has one series: what was won in each month since its first decided deal. The forecast of a period is the sum of
its months, as known at the period's start; what happened in it since is not looked at.
"""

from itertools import groupby

import numpy as np

from insights.engine import series
from insights.engine.forecast import Deals, Estimate, Span

LEAST_MONTHS = 24
"""Two whole years: with less, a season can't be told from chance."""

Asked = tuple[int, Span]
"""A part by its place, and the period that is asked for."""


def forecast_periods(parts: list[Deals], spans: list[Span]) -> list[list[Estimate]]:
    """Forecast each of the periods for each of the parts, in their order; None with the reason where the past does not suffice."""
    found: dict[Asked, Estimate] = {}
    known: list[tuple[int, Asked, np.ndarray]] = []
    for place, deals in enumerate(parts):
        months, won = _won_by_month(deals)
        for span in spans:
            first, last = _month_of(span.start), _month_of(span.end)
            if first is None or last is None:
                found[place, span] = Estimate(None, "The period is not made of whole months.")
            elif not len(months) or first - months[0] < LEAST_MONTHS:
                before = max(0, first - months[0]) if len(months) else 0
                found[place, span] = Estimate(
                    None, f"Only {before} months were known before the period; {LEAST_MONTHS} are needed to learn from."
                )
            else:
                known.append((last - first, (place, span), _until(won, first - months[0])))
    for horizon, rows in groupby(sorted(known, key=lambda row: row[0]), key=lambda row: row[0]):
        found |= _forecast(list(rows), horizon)
    return [[found[place, span] for span in spans] for place in range(len(parts))]


def _won_by_month(deals: Deals) -> tuple[np.ndarray, np.ndarray]:
    """Months since 1970-01 from the first to the last decided deal, and what was won in each (minor units)."""
    decided = (deals.is_won | deals.is_lost) & (deals.close_on >= 0)
    if not decided.any():
        return np.empty(0, dtype=np.int64), np.empty(0)
    month = deals.close_on.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    months = np.arange(month[decided].min(), month[decided].max() + 1)
    won = decided & deals.is_won & (deals.value_minor >= 0)
    place = month[won] - months[0]
    return months, np.bincount(place, weights=deals.value_minor[won], minlength=len(months))


def _until(won: np.ndarray, count: int) -> np.ndarray:
    """The first `count` months; those after the last decided deal had nothing."""
    return np.concatenate([won[:count], np.zeros(max(0, count - len(won)))])


def _month_of(day: int) -> int | None:
    """The month (since 1970-01) that begins on the day, None where none does."""
    month = np.datetime64(day, "D").astype("datetime64[M]")
    return int(month.astype(np.int64)) if int(month.astype("datetime64[D]").astype(np.int64)) == day else None


def _forecast(rows: list[tuple[int, Asked, np.ndarray]], horizon: int) -> dict[Asked, Estimate]:
    width = max(len(each) for _, _, each in rows)
    values = np.full((len(rows), width), np.nan)
    for row, (_, _, each) in zip(values, rows, strict=True):
        row[width - len(each) :] = each
    ahead = series.forecast(values, season=12, horizon=horizon).sum(axis=1)
    return {asked: Estimate(max(0, round(float(amount)))) for (_, asked, _), amount in zip(rows, ahead, strict=True)}
