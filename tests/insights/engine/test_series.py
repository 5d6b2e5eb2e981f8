"""Forecasts of time series: what is regular goes on, each series stands for itself, and what can't be forecast is refused."""

import numpy as np
import pytest

from insights.engine.series import forecast, seasonal_shares
from insights.engine.smoothing import FORMS, Form, Ground, fit

PATTERN = np.array([0.5, 0.8, 1.2, 1.5])
DICE = np.random.default_rng(3)


def noisy(count: int, months: int) -> np.ndarray:
    season = 1 + 0.4 * np.sin(np.arange(months) * 2 * np.pi / 12)
    return np.asarray(DICE.gamma(4, 250, (count, 1)) * season * DICE.lognormal(0, 0.3, (count, months)))


def test_a_level_stays() -> None:
    assert forecast(np.full((1, 30), 250.0), season=12, horizon=3) == pytest.approx(np.full((1, 3), 250.0))


def test_nothing_stays_nothing() -> None:
    assert forecast(np.zeros((1, 30)), season=12, horizon=3) == pytest.approx(np.zeros((1, 3)))


def test_a_season_goes_on() -> None:
    assert forecast(np.tile(1000 * PATTERN, 6)[None], season=4, horizon=6) == pytest.approx(
        1000 * np.tile(PATTERN, 2)[None, :6], rel=0.02
    )
    assert seasonal_shares(np.tile(1000 * PATTERN, 6)[None], 4) == pytest.approx(PATTERN[None])


@pytest.mark.parametrize("season", ["A", "M"])
def test_a_season_that_changed_goes_on_as_it_is_now(season: str) -> None:
    """Smoothing learns the new season, although the pattern that it begins with is the old one."""
    now = np.tile(1000 * PATTERN[::-1], 12)
    ground = Ground(now[None], np.array([0]), 4, (1000 * (PATTERN - 1))[None], PATTERN[None])
    ahead, _ = fit(ground, Form(season, damped=False, relative=False), 4)
    assert ahead[0] == pytest.approx(1000 * PATTERN[::-1], rel=0.1)


def test_a_line_goes_on_at_most_as_steep() -> None:
    ahead = forecast(np.arange(100.0, 140.0)[None], season=1, horizon=4)[0]
    assert (np.diff(ahead) > 0).all()
    assert 139 < ahead[0] <= 140.01
    assert ahead[-1] <= 143.01


def test_a_series_does_not_depend_on_its_company() -> None:
    values = noisy(6, 48)
    values[2, :12] = values[4, :20] = np.nan
    together = forecast(values, season=12, horizon=6)
    assert forecast(values[::-1], season=12, horizon=6)[::-1] == pytest.approx(together)
    for row, own in zip(values, together, strict=True):
        assert forecast(row[~np.isnan(row)][None], season=12, horizon=6)[0] == pytest.approx(own)


def test_the_unit_of_the_values_does_not_matter() -> None:
    values = noisy(3, 40)
    assert forecast(values * 100, season=12, horizon=3) == pytest.approx(100 * forecast(values, season=12, horizon=3))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_form_goes_on_with_what_its_model_made(form: Form) -> None:
    level, trend, phi = 100.0, 2.0, 0.9
    season = PATTERN if form.season == "M" else (PATTERN - 1) * 40 if form.season else np.zeros(4)
    values = []
    for time in range(40):
        base = level + phi * trend if form.damped else level
        values.append(base * season[time % 4] if form.season == "M" else base + season[time % 4])
        level, trend = base, phi * trend
    given = np.array([values])
    ground = Ground(given, np.array([0]), 4, np.array([(PATTERN - 1) * 40]), np.array([PATTERN]))
    ahead, _ = fit(ground, form, 4)
    assert ahead[0] == pytest.approx(given[0, -4:], rel=0.05)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.array([[np.nan, np.nan, 1.0, 2.0]]), "at least three values"),
        (np.full((1, 5), np.nan), "at least three values"),
        (np.array([[1.0, 2.0, np.nan, 3.0, 4.0]]), "has a gap"),
    ],
)
def test_what_is_no_series_is_refused(values: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        forecast(values, season=4, horizon=1)


def test_better_than_last_year_again_on_noisy_seasons() -> None:
    values = noisy(200, 72)
    ahead = forecast(values[:, :60], season=12, horizon=12)
    after = values[:, 60:]
    assert np.abs(after - ahead).sum() < 0.85 * np.abs(after - values[:, 48:60]).sum()
