"""Ranges around forecasts, from how wrong the same method was before, without assuming a distribution.

Source: split conformal prediction (Lei and others, Distribution-free predictive inference for regression, 2018): of n past errors, the
⌈(n+1) × share⌉-th smallest holds the next one with that share, where past and future are alike. What is not alike shows in the coverage,
which is measured on periods that the range did not know.
"""

from dataclasses import dataclass

import numpy as np

from insights.engine import series

SHARES = (0.80, 0.95)
"""The shares of the future that the two ranges are to hold."""

LEAST_MONTHS = 3
TINY = 1e-9


@dataclass(frozen=True)
class Coverage:
    """How many of the ranges that past periods would have had held what came, of each share."""

    held: tuple[int, ...]
    tests: tuple[int, ...]


def reach(errors: np.ndarray, share: float) -> float | None:
    """Give the error that holds the share of the future; None where the errors are too few to say (4 for 80 %, 19 for 95 %)."""
    place = int(np.ceil((len(errors) + 1) * share - TINY))
    return float(np.sort(errors)[place - 1]) if place <= len(errors) else None


def reaches(own: np.ndarray, alike: np.ndarray) -> tuple[float | None, ...]:
    """Give the reach of each share from the own errors, from those of all that are alike where the own are too few."""
    found = ((reach(own, share), reach(alike, share)) for share in SHARES)
    return tuple(mine if mine is not None else theirs for mine, theirs in found)


def around(amount_minor: int, errors: tuple[float | None, ...]) -> tuple[tuple[int, int] | None, ...]:
    """Give the range of each share around a forecast, from relative errors; what is won is never below 0."""
    return tuple(
        None if each is None else (max(0, round(amount_minor * (1 - each))), round(amount_minor * (1 + each)))
        for each in errors
    )


def coverage(own: list[float], alike: list[list[float]]) -> Coverage:
    """Try the ranges on past periods, each from the errors of earlier periods alone.

    `own` are the relative errors of one part by period, oldest first, and `alike` those of all parts of each period; NaN is unknown.
    """
    held, tests = [0] * len(SHARES), [0] * len(SHARES)
    for place, error in enumerate(own):
        if np.isnan(error):
            continue
        before = np.array(own[:place])
        others = np.array([each for period in alike[:place] for each in period])
        found = reaches(before[~np.isnan(before)], others[~np.isnan(others)])
        for number, each in enumerate(found):
            if each is not None:
                tests[number] += 1
                held[number] += error <= each + TINY
    return Coverage(tuple(held), tuple(tests))


def series_ranges(values: np.ndarray, *, season: int, horizon: int) -> np.ndarray:
    """Give half of the width of each range of many series' forecasts: share × series × horizon, in the unit of the values.

    The last values are forecast from those before, from three days further and further back, and each horizon takes the errors of the
    nearest day that has it, as a share of the series' own mean change from season to season, of all series together.
    """
    errors: dict[int, np.ndarray] = {}
    for back in sorted({max(1, horizon // 3), max(1, 2 * horizon // 3), horizon}):
        known, after = values[:, :-back], values[:, -back:]
        enough = (~np.isnan(known)).sum(axis=1) >= season + LEAST_MONTHS
        if not enough.any():
            break
        tried = series.forecast(known[enough], season=season, horizon=back)
        missed = np.abs(after[enough] - tried) / _change(known[enough], season)[:, None]
        errors |= {step: missed[:, step] for step in range(back) if step not in errors}
    widths = np.full((len(SHARES), horizon), np.nan)
    for step, missed in errors.items():
        widths[:, step] = [np.nan if (each := reach(missed, share)) is None else each for share in SHARES]
    return np.asarray(widths[:, None, :] * _change(values, season)[None, :, None])


def _change(values: np.ndarray, season: int) -> np.ndarray:
    """The mean change from a season to the next, of a series that has fewer from value to value."""
    steps = np.abs(values[:, 1:] - values[:, :-1])
    yearly = np.abs(values[:, season:] - values[:, :-season])
    known = (~np.isnan(yearly)).sum(axis=1)
    sums = np.where(known > 0, np.nansum(yearly, axis=1) / np.maximum(known, 1), np.nansum(steps, axis=1))
    return np.maximum(sums, TINY)
