"""Days of whole columns: their year, month and day, and the days that numbers make."""

from __future__ import annotations

import numpy as np

from incentives.engine.language.values import floored
from spm.core.exact import Exact

LAST_DAY = 2_900_000
"""Days are read up to the year 9999."""


def part_of_day(what: str, value: Exact) -> Exact:
    """The YEAR, MONTH or DAY of days."""
    days = np.clip(floored(value), -LAST_DAY, LAST_DAY).astype(np.int64).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    made = {
        "YEAR": lambda: days.astype("datetime64[Y]").astype(np.int64) + 1970,
        "MONTH": lambda: months.astype(np.int64) % 12 + 1,
        "DAY": lambda: (days - months.astype("datetime64[D]")).astype(np.int64) + 1,
    }
    return Exact(made[what]())


def days_of(*numbers: Exact) -> tuple[Exact, np.ndarray]:
    """The days of years, months and days of the month, and where they are days of the calendar."""
    year, month, day = np.broadcast_arrays(*(floored(each) for each in numbers))
    fits = np.asarray(
        (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31), dtype=bool
    )
    year, month, day = (np.where(fits, part, 1).astype(np.int64) for part in (year, month, day))
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    return Exact(days.astype(np.int64)), fits & (days.astype("datetime64[M]") == months)
