"""Forecasts many time series at once: the median of the Theta method and of the likeliest forms of exponential smoothing.

Source: Assimakopoulos and Nikolopoulos, The theta model (2000), as simple smoothing with half of the line's slope (Hyndman and Billah
2003); smoothing in `insights.engine.smoothing`; combinations were the most accurate of the M4 competition. The forms and how many take
part were chosen on the published sets M1 and Tourism; `make bench` tells how accurate it is on those and on M3.
"""

import numpy as np

from insights.engine.smoothing import FORMS, NEVER, TINY, Ground, fit

LIKELIEST = 7
"""How many of the ten forms take part beside Theta."""


def forecast(values: np.ndarray, *, season: int, horizon: int) -> np.ndarray:
    """Forecast the `horizon` values after the last one: series × horizon, floats in the unit of the values.

    `values` is series × time, floats, the last time last; a shorter series begins with NaN. `season` is how many times make a year
    (1: none). Raises ValueError for a series with fewer than three values, or a gap within.
    """
    begins = _begins(values)
    order = np.argsort(begins, kind="stable")
    ground = _ground(values[order], begins[order], season)
    theta = _theta(ground, horizon)
    found, criteria = [], []
    for form in FORMS:
        ahead, criterion = fit(ground, form, horizon)
        found.append(np.where((criterion < NEVER)[:, None], ahead, theta))
        criteria.append(criterion)
    likeliest = np.argsort(np.stack(criteria), axis=0, kind="stable")[:LIKELIEST]
    taken = np.take_along_axis(np.stack(found), likeliest[:, :, None], axis=0)
    result = np.empty((len(values), horizon))
    result[order] = np.median(np.concatenate([taken, theta[None]]), axis=0)
    return result


def seasonal_shares(values: np.ndarray, season: int) -> np.ndarray:
    """The share of its year's mean that each place of a season has, by classical decomposition: series × season, 1 where unknown."""
    shares = _pattern(values, season, by_share=True)
    whole = np.isfinite(shares).all(axis=1) & (shares > 0).all(axis=1)
    return np.where(whole[:, None], shares, 1.0)


def _begins(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    begins = np.where(known.any(axis=1), known.argmax(axis=1), values.shape[1])
    if (values.shape[1] - begins < 3).any():
        raise ValueError("A series needs at least three values.")
    if (known.sum(axis=1) != values.shape[1] - begins).any():
        raise ValueError("A series has a gap; give 0 where nothing happened.")
    return np.asarray(begins)


def _ground(values: np.ndarray, begins: np.ndarray, season: int) -> Ground:
    """Find the seasonal patterns; one that can't be told changes nothing."""
    added = _pattern(values, season, by_share=False)
    return Ground(
        values=np.nan_to_num(values),
        begins=begins,
        season=season,
        added=np.where(np.isfinite(added).all(axis=1)[:, None], added, 0.0),
        multiplied=seasonal_shares(values, season),
    )


def _pattern(values: np.ndarray, season: int, *, by_share: bool) -> np.ndarray:
    """The mean of each place of the season beside the centred moving average: series × season, NaN where there are too few values."""
    if season == 1 or values.shape[1] < 2 * season:
        return np.full((len(values), season), np.nan)
    weights = np.ones(season + 1 - season % 2) / season
    if season % 2 == 0:
        weights[0] = weights[-1] = 0.5 / season
    reach = len(weights) // 2
    windows = np.lib.stride_tricks.sliding_window_view(values, len(weights), axis=1)
    middle = np.full_like(values, np.nan)
    middle[:, reach : values.shape[1] - reach] = windows @ weights
    with np.errstate(all="ignore"):
        beside = values / middle if by_share else values - middle
        places = [beside[:, place::season] for place in range(season)]
        counts = np.stack([np.isfinite(each).sum(axis=1) for each in places], axis=1)
        sums = np.stack([np.where(np.isfinite(each), each, 0).sum(axis=1) for each in places], axis=1)
        means = np.where(counts > 0, sums / counts, np.nan)
        centre = means.mean(axis=1, keepdims=True)
        return np.asarray(means / centre if by_share else means - centre)


def _theta(ground: Ground, horizon: int) -> np.ndarray:
    """Smooth the values without their season, and go on with half of the slope of the line through them."""
    width = ground.values.shape[1]
    plain = ground.values / ground.multiplied[:, np.arange(width) % ground.season]
    times = np.arange(width) - ground.begins[:, None]
    lengths = ground.lengths[:, None]
    away = np.where(times >= 0, times - (lengths - 1) / 2, 0)
    slope = (away * plain).sum(axis=1, keepdims=True) / np.maximum((away * away).sum(axis=1, keepdims=True), TINY)
    alpha, level = _smoothed(plain, ground.begins)
    ahead = level + 0.5 * slope * (np.arange(horizon) + 1 / alpha - (1 - alpha) ** lengths / alpha)
    return np.asarray(ahead * ground.multiplied[:, ground.places(horizon)])


def _smoothed(plain: np.ndarray, begins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The smoothing with the least squared error of each series, and the level after its last value; each series × 1."""
    rows = np.arange(len(plain))
    low, high = np.full(len(plain), 0.01), np.full(len(plain), 0.99)
    for _ in range(3):
        tried = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 15)
        squares, level = _smooth(plain, begins, tried)
        place = squares.argmin(axis=1)
        alpha, last = tried[rows, place], level[rows, place]
        step = (high - low) / 14
        low, high = np.maximum(0.01, alpha - step), np.minimum(0.99, alpha + step)
    return alpha[:, None], last[:, None]


def _smooth(plain: np.ndarray, begins: np.ndarray, tried: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    squares, level = np.zeros_like(tried), np.zeros_like(tried)
    width = plain.shape[1]
    joined = np.searchsorted(begins, np.arange(width), side="right")
    before = 0
    for time, rows in enumerate(joined):
        error = plain[:before, time, None] - level[:before]
        squares[:before] += error * error
        level[:before] += tried[:before] * error
        level[before:rows] = plain[before:rows, time, None]
        before = rows
    return squares, level
