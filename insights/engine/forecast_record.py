"""The record of forecasts that were made: what was said beside what came, by whom, by which method and how long before the end.

A record holds one forecast of each past period: the last that stood at least so many days before the period's end. Its error is WMAPE and
bias as in back-tests, and it is held against seasonal naive in the same periods.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from insights.engine.forecast import Record, record, skill
from spm.core.money import RATE_SCALE

HORIZONS = (7, 30, 60)
"""Days before the end of the period."""
LEAST_PERIODS = 2
"""Past periods below which a record chooses nothing."""


class Method(StrEnum):
    """How a forecast came about: given by people, the deals in commit and closed, the model as it was shared, or one of the models."""

    SUBMISSION = "submission"
    COMMIT = "commit"
    SHARED = "shared"
    WEIGHTED_PIPELINE = "weighted_pipeline"
    TIME_SERIES = "time_series"
    LIKELIHOOD = "likelihood"
    SEASONAL_NAIVE = "seasonal_naive"


METHOD_NAMES = {
    Method.SUBMISSION: "Commit given",
    Method.COMMIT: "Closed and commit by deals",
    Method.SHARED: "Part of the company's model",
    Method.WEIGHTED_PIPELINE: "Weighted pipeline",
    Method.TIME_SERIES: "Months before",
    Method.LIKELIHOOD: "Likelihood of deals",
    Method.SEASONAL_NAIVE: "Same period a year ago",
}
"""What pages call the methods."""

MODELS = (Method.WEIGHTED_PIPELINE, Method.TIME_SERIES, Method.LIKELIHOOD, Method.SEASONAL_NAIVE)
"""The methods that the company's forecast can be shared by."""


@dataclass(frozen=True)
class Said:
    """A forecast of a period for somebody, what came, and what seasonal naive would have said; None is unknown."""

    subject: str
    method: Method
    horizon: int
    amount_minor: int | None
    actual_minor: int | None
    naive_minor: int | None


@dataclass(frozen=True)
class Line:
    """The record of a method for somebody at a horizon; `skill_rate` is by which part it was less wrong than seasonal naive."""

    subject: str
    method: Method
    horizon: int
    past: Record
    skill_rate: int | None


def stood_on(days: Collection[date], end: date, horizon: int) -> date | None:
    """Give the last of the days that lies at least so many days before the end.

    >>> str(stood_on([date(2026, 1, 2), date(2026, 1, 30), date(2026, 3, 20)], date(2026, 4, 1), 30))
    '2026-01-30'
    """
    return max((day for day in days if day + timedelta(days=horizon) <= end), default=None)


def records(said: Iterable[Said]) -> list[Line]:
    """Give the record of everybody by method and horizon; what is unknown, or came in a period of which nothing is known, is no test."""
    groups: dict[tuple[str, Method, int], list[Said]] = {}
    for one in said:
        if one.actual_minor is not None:
            groups.setdefault((one.subject, one.method, one.horizon), []).append(one)
    return [_line(*key, found) for key, found in groups.items()]


def _line(subject: str, method: Method, horizon: int, found: list[Said]) -> Line:
    past = record([(one.amount_minor, one.actual_minor or 0) for one in found])
    naive = record([(one.naive_minor, one.actual_minor or 0) for one in found])
    return Line(subject, method, horizon, past, None if method is Method.SEASONAL_NAIVE else skill(past, naive))


def best_model(lines: Iterable[Line]) -> Line | None:
    """Give the record of the least wrong model of those that beat seasonal naive, else of it; None where too few periods are tried."""
    tried = [one for one in lines if one.method in MODELS and one.past.tests >= LEAST_PERIODS]
    better = [one for one in tried if one.skill_rate is not None and one.skill_rate > 0]
    if better:
        return min(better, key=lambda one: (one.past.wmape_rate or 0, one.method))
    naive = (one for one in tried if one.method is Method.SEASONAL_NAIVE and one.past.wmape_rate is not None)
    return next(naive, None)


def because_of_record(line: Line) -> str:
    """Say why a record chose its model."""
    why = (
        "No model beat it."
        if line.skill_rate is None
        else f"Of the models that beat the same period a year ago, it was the least wrong ({_told(line.skill_rate)} better)."
    )
    past = line.past
    return (
        f"As made {line.horizon} days before the end, it was wrong by {_told(past.wmape_rate)} (bias {_told(past.bias_rate)})"
        f" in {past.tests} past periods. {why}"
    )


def because_of_trials(tests: int) -> str:
    """Say why a model stands first that no record chose."""
    since = f"Fewer than {LEAST_PERIODS} periods have ended for which forecasts stood"
    periods = "1 past period" if tests == 1 else f"{tests} past periods"
    return f"In trials on {periods} it was the least wrong. {since}, so there is no record that chooses yet."


def _told(rate: int | None) -> str:
    """A rate as a percentage with one digit, half away from zero."""
    if rate is None:
        return "unknown"
    tenths = (abs(rate) * 2_000 + RATE_SCALE) // (2 * RATE_SCALE)
    return f"{'-' if rate < 0 and tenths else ''}{tenths // 10}.{tenths % 10} %"
