"""What open deals lack on a day, and how old they are: one column per finding, true, false, or unknown where it can't be told.

Days are day numbers. An age that is only known to be at least so long can make a finding true, never false.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from spm.core.money import RATE_SCALE

FEWEST = 10
"""Stays of won deals in a stage below which what is usual there is unknown."""


class Hygiene(StrEnum):
    """What is found of an open deal."""

    PAST_CLOSE = "PAST_CLOSE"
    CLOSE_MISSING = "CLOSE_MISSING"
    AMOUNT_MISSING = "AMOUNT_MISSING"
    NO_NEXT_STEP = "NO_NEXT_STEP"
    STUCK = "STUCK"
    SLOWER = "SLOWER"
    PUSHED = "PUSHED"


CODES = tuple(one.value for one in Hygiene)


@dataclass(frozen=True)
class Limits:
    """From when on a deal is stuck (more than so many days in its stage), and pushed (its close date moved later so often)."""

    days: int = 30
    pushes: int = 3


@dataclass(frozen=True)
class Usual:
    """How long stays or ways lasted: their number, and quartiles in days at 10**8; None of too few."""

    stays: int
    low: int | None = None
    median: int | None = None
    high: int | None = None

    @classmethod
    def of(cls, stays: int, days: Sequence[float] | None) -> "Usual":
        """Give the quartiles of enough of them.

        >>> Usual.of(10, [1.5, 2, 3.25]), Usual.of(9, [1, 2, 3])
        (Usual(stays=10, low=150000000, median=200000000, high=325000000), Usual(stays=9, low=None, median=None, high=None))
        """
        return cls(stays, *(round(one * RATE_SCALE) for one in days)) if days and stays >= FEWEST else cls(stays)


def judge(deals: pd.DataFrame, usual_high: dict[str, float], *, day: int, limits: Limits) -> pd.DataFrame:
    """Give the deals with their ages and a column per finding.

    Columns in: created_on, known_on, entered_on, closes, amount_minor, pushes (Int64), stage (text), is_exact, has_next_step, has_steps
    (boolean). `usual_high` is the upper quartile of days in a stage, of stages where it is known. Columns out: age_days, stage_days
    (Int64), age_is_least, stage_is_least (boolean), and each of CODES (boolean, NA: can't be told).
    """
    found = deals.copy()
    began = found["created_on"].where(found["created_on"] <= day)
    found["age_is_least"] = began.isna()
    found["age_days"] = (day - began.fillna(found["known_on"])).clip(lower=0)
    found["stage_is_least"] = ~found["is_exact"]
    found["stage_days"] = (day - found["entered_on"]).clip(lower=0)
    found[Hygiene.PAST_CLOSE.value] = found["closes"] < day
    found[Hygiene.CLOSE_MISSING.value] = found["closes"].isna()
    found[Hygiene.AMOUNT_MISSING.value] = found["amount_minor"].isna()
    found[Hygiene.NO_NEXT_STEP.value] = (~found["has_next_step"]).where(found["has_steps"])
    found[Hygiene.STUCK.value] = _longer(found, limits.days)
    found[Hygiene.SLOWER.value] = _longer(found, found["stage"].map(usual_high).astype("Float64"))
    found[Hygiene.PUSHED.value] = found["pushes"] >= limits.pushes
    codes = list(CODES)
    found[codes] = found[codes].astype("boolean")
    found["count"] = found[codes].fillna(False).sum(axis=1).astype("int64")
    return found


def _longer(deals: pd.DataFrame, limit: pd.Series | int) -> pd.Series:
    """Whether deals stand in their stage for longer than a limit; unknown where they stand at least so long, and not longer."""
    longer = deals["stage_days"].astype("Float64") > limit
    return longer.mask(deals["stage_is_least"] & ~longer.fillna(False))
