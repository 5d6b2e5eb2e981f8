"""Ranges: the place of the error by hand, unknown where too few, coverage from earlier periods alone, coverage of generated series."""

import math

import numpy as np
import pytest

from insights.engine import series
from insights.engine.ranges import Coverage, around, coverage, reach, reaches, series_ranges


@pytest.mark.parametrize(
    ("count", "share", "expected"),
    [(3, 0.8, None), (4, 0.8, 4), (9, 0.8, 8), (18, 0.95, None), (19, 0.95, 19), (39, 0.95, 38)],
)
def test_the_error_that_holds_a_share(count: int, share: float, expected: float | None) -> None:
    assert reach(np.arange(count, 0, -1.0), share) == expected


def test_too_few_own_errors_take_those_that_are_alike() -> None:
    own, alike = np.array([0.1, 0.2, 0.3, 0.4]), np.full(19, 0.5)
    assert reaches(own, alike) == (0.4, 0.5)
    assert around(1000, (0.4, None)) == ((600, 1400), None)
    assert around(1000, (1.5, 0.1)) == ((0, 2500), (900, 1100))


def test_coverage_tries_each_period_with_those_before_it() -> None:
    own = [0.1, math.nan, 0.3, 0.2, 0.1, 0.2, 0.9]
    assert coverage(own, [[each] for each in own]) == Coverage(held=(1, 0), tests=(2, 0))
    together = coverage(own, [[each, *[0.25] * 6] for each in own])
    assert together == Coverage(held=(3, 3), tests=(5, 4))


def test_ranges_of_many_series_hold_what_they_say() -> None:
    dice = np.random.default_rng(11)
    values = 100 + 10 * np.sin(np.arange(66) * 2 * np.pi / 12) + dice.normal(0, 5, (300, 66))
    known, after = values[:, :60], values[:, 60:]
    ahead = series.forecast(known, season=12, horizon=6)
    held = (np.abs(after - ahead) <= series_ranges(known, season=12, horizon=6)).mean(axis=(1, 2))
    assert held == pytest.approx([0.80, 0.95], abs=0.03)


def test_series_that_are_too_short_have_no_range() -> None:
    assert np.isnan(series_ranges(np.ones((2, 14)), season=12, horizon=6)).all()
