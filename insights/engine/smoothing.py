"""Exponential smoothing of many series at once: ten forms, each fitted by search, with how likely it is.

Source: Hyndman, Koehler, Ord, Snyder, Forecasting with Exponential Smoothing (2008), ch. 2 and 5: level, damped trend, season added or
multiplied, errors added or relative. One recursion over time computes all series and all tried parameters, so that the cost of a step is
shared by them; a series that begins later joins then. The search tries points of a fixed even sequence, then ever nearer ones: the same
series give the same forecasts.
"""

from dataclasses import dataclass

import numpy as np

TRIED = 20
"""Parameters tried at once in each round."""

ROUNDS = (1.0, 0.35, 0.175, 0.0875)
"""How far around the best point so far each round looks, as a share of the range."""

LOW = np.array([0.01, 0.001, 0.001, 0.8])
HIGH = np.array([0.99, 0.5, 0.6, 0.98])
"""The range of the smoothing of level, trend and season, and of the damping."""

START = np.array([0.3, 0.1, 0.1, 0.95])
TINY = 1e-9
NEVER = 1e300


@dataclass(frozen=True)
class Form:
    """One form: `season` is "" (none), "A" (added) or "M" (multiplied), with a damped trend or none, errors relative or added."""

    season: str
    damped: bool
    relative: bool


FORMS = tuple(
    Form(season, damped, relative)
    for damped in (False, True)
    for season in ("", "A", "M")
    for relative in (False, True)
    if not (season == "A" and relative)
)


@dataclass(frozen=True)
class Ground:
    """Series as columns of time, the longest first: values (series × time, 0 before a series begins), where each begins, the length of a
    season, and the seasonal pattern, added and multiplied (series × season, by the place of the time in it).
    """

    values: np.ndarray
    begins: np.ndarray
    season: int
    added: np.ndarray
    multiplied: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """How many values each series has."""
        return self.values.shape[1] - self.begins

    def pattern(self, form: Form) -> np.ndarray:
        """The seasonal pattern that a form begins with."""
        if not form.season:
            return np.zeros_like(self.added)
        return self.multiplied if form.season == "M" else self.added

    def places(self, horizon: int) -> np.ndarray:
        """The place in the season of the times after the last one."""
        end = self.values.shape[1]
        return np.arange(end, end + horizon) % self.season


@dataclass
class State:
    """Level, trend (series × tried) and season (season × series × tried) after the last value, and −2 log-likelihood."""

    level: np.ndarray
    trend: np.ndarray
    seasons: np.ndarray
    cost: np.ndarray

    def best(self) -> tuple[np.ndarray, "State"]:
        """The tried place with the least cost of each series, and the state there."""
        place, rows = self.cost.argmin(axis=1), np.arange(len(self.cost))
        picked = State(
            self.level[rows, place], self.trend[rows, place], self.seasons[:, rows, place].T, self.cost[rows, place]
        )
        return place, picked


def fit(ground: Ground, form: Form, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Forecast with one form: series × horizon, and Akaike's corrected criterion of each series (NEVER where the form can't be used)."""
    rows = np.arange(len(ground.values))
    centre = np.repeat(START[:, None], len(rows), axis=1)
    spread = (HIGH - LOW)[:, None, None]
    points = _even_points(TRIED)
    with np.errstate(all="ignore"):
        level, trend = _begin(ground, form)
        for number, width in enumerate(ROUNDS):
            if number == 0:
                tried = LOW[:, None, None] + spread * np.repeat(points[:, None, :], len(rows), axis=1)
            else:
                tried = centre[:, :, None] + spread * width * (2 * points - 1)[:, None, :]
            tried[:, :, 0] = centre
            tried = np.clip(tried, LOW[:, None, None], HIGH[:, None, None])
            place, state = _follow(ground, form, tried, level, trend).best()
            centre = tried[:, rows, place]
        found = _ahead(ground, form, state, centre[3], horizon)
        return found, _criterion(ground, form, state.cost, found)


def _even_points(count: int) -> np.ndarray:
    """Points that fill the four-dimensional unit cube evenly (4 × count). Source: additive recurrence of the general golden ratio."""
    ratio = 1.0
    for _ in range(50):
        ratio = (1 + ratio) ** (1 / 5)
    steps = ratio ** -np.arange(1.0, 5.0)
    return np.asarray((0.5 + steps[:, None] * np.arange(count)) % 1.0)


def _begin(ground: Ground, form: Form) -> tuple[np.ndarray, np.ndarray]:
    """Level and trend before the first value: a line through the first values without their season."""
    width = ground.values.shape[1]
    pattern = ground.pattern(form)[:, np.arange(width) % ground.season]
    plain = ground.values / pattern if form.season == "M" else ground.values - pattern
    times = np.arange(width) - ground.begins[:, None]
    used = (times >= 0) & (times < max(10, 2 * ground.season))
    count = used.sum(axis=1)
    mean_time = (times * used).sum(axis=1) / count
    mean = np.where(used, plain, 0).sum(axis=1) / count
    if not form.damped:
        return mean, np.zeros(len(mean))
    away = (times - mean_time[:, None]) * used
    slope = (away * np.where(used, plain, 0)).sum(axis=1) / np.maximum((away * away).sum(axis=1), TINY)
    return mean - slope * (mean_time + 1), slope


def _follow(ground: Ground, form: Form, tried: np.ndarray, level: np.ndarray, trend: np.ndarray) -> State:
    """Go through time once with all tried parameters (4 × series × tried)."""
    count = tried.shape[2]
    state = State(
        np.repeat(level[:, None], count, axis=1),
        np.repeat(trend[:, None], count, axis=1),
        np.repeat(ground.pattern(form).T[:, :, None], count, axis=2),
        np.zeros((len(level), count)),
    )
    squares, logs = np.zeros_like(state.cost), np.zeros_like(state.cost)
    joined = np.searchsorted(ground.begins, np.arange(ground.values.shape[1]), side="right")
    for time, rows in enumerate(joined):
        if rows:
            alpha, beta, gamma, phi = tried[:, :rows]
            expected = _step(
                form, state, time % ground.season, ground.values[:rows, time, None], alpha, beta, gamma, phi
            )
            error = ground.values[:rows, time, None] - expected
            if form.relative:
                expected = np.where(np.abs(expected) < TINY, TINY, expected)
                error = error / expected
                logs[:rows] += np.log(np.abs(expected))
            squares[:rows] += error * error
    cost = ground.lengths[:, None] * np.log(np.maximum(squares, 1e-12)) + 2 * logs
    state.cost = np.where(np.isfinite(cost), cost, NEVER)
    return state


def _step(
    form: Form,
    state: State,
    place: int,
    value: np.ndarray,
    alpha: np.ndarray,
    beta: np.ndarray,
    gamma: np.ndarray,
    phi: np.ndarray,
) -> np.ndarray:
    """Expect a value, then take in how wrong that was; gives what was expected."""
    rows = len(value)
    base = state.level[:rows] + phi * state.trend[:rows] if form.damped else state.level[:rows]
    season = state.seasons[place, :rows]
    expected = base * season if form.season == "M" else base + season
    error = value - expected
    plain = error / _away_from_zero(season) if form.season == "M" else error
    if form.season:
        over = _away_from_zero(base) if form.season == "M" else 1.0
        state.seasons[place, :rows] = season + gamma * (1 - alpha) * error / over
    if form.damped:
        state.trend[:rows] = phi * state.trend[:rows] + beta * alpha * plain
    state.level[:rows] = base + alpha * plain
    return np.asarray(expected)


def _away_from_zero(values: np.ndarray) -> np.ndarray:
    return np.where(np.abs(values) < TINY, TINY, values)


def _ahead(ground: Ground, form: Form, state: State, phi: np.ndarray, horizon: int) -> np.ndarray:
    base = np.repeat(state.level[:, None], horizon, axis=1)
    if form.damped:
        base = base + state.trend[:, None] * np.cumsum(phi[:, None] ** np.arange(1, horizon + 1), axis=1)
    season = state.seasons[:, ground.places(horizon)]
    return base * season if form.season == "M" else base + season


def _criterion(ground: Ground, form: Form, cost: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Akaike's corrected criterion. Shares need positive values, a season two whole ones."""
    lengths = ground.lengths
    free = 3 + 3 * form.damped + ground.season * bool(form.season)
    criterion = cost + 2 * free + 2 * free * (free + 1) / np.maximum(lengths - free - 1, 1)
    seen = np.arange(ground.values.shape[1]) >= ground.begins[:, None]
    positive = ((ground.values > 0) | ~seen).all(axis=1)
    usable = np.isfinite(found).all(axis=1) & np.isfinite(criterion)
    if form.relative or form.season == "M":
        usable &= positive
    if form.season:
        usable &= (lengths >= 2 * ground.season) & (ground.season > 1)
    return np.where(usable, criterion, NEVER)
