"""Periods, stays and goals: who is in a plan in which period, and how much is expected of them.

Everybody who is paid by a plan on a day of a period has a group there, also without credit. A position's goal counts by the
days for which the position is held in the period; a goal entered for the person wins and counts as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.assigning import Seats, codes_of
from incentives.engine.plan import Plan
from incentives.engine.words import Proration
from spm.core.findings import Finding
from spm.core.money import round_half_away


@dataclass(frozen=True)
class Windows:
    """The pay periods in order: keys, first days and ends as int64."""

    keys: pd.Index
    start: np.ndarray
    end: np.ndarray
    quarter: np.ndarray | None
    year: np.ndarray | None
    quarters: pd.Index
    years: pd.Index

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Windows:
        """Windows from an admitted frame of periods."""
        ordered = frame.sort_values(["start_on", "period_key"], kind="stable", ignore_index=True)
        quarters, quarter = _around(ordered, "quarter_key")
        years, year = _around(ordered, "year_key")
        start, end = ordered["start_on"].to_numpy(np.int64), ordered["end_on"].to_numpy(np.int64)
        return cls(pd.Index(ordered["period_key"]), start, end, quarter, year, quarters, years)

    def named(self, keys: pd.Series) -> list[list[int]]:
        """For each key the periods it names: one period, or those of a quarter or a year."""
        known: dict[object, list[int]] = {}
        for index, codes in ((self.years, self.year), (self.quarters, self.quarter)):
            for code, key in enumerate(index.tolist()):
                known[key] = np.flatnonzero(codes == code).tolist()
        known |= {key: [place] for place, key in enumerate(self.keys.tolist())}
        return [known.get(key, []) for key in keys.tolist()]

    def holding(self, days: np.ndarray) -> np.ndarray:
        """The period of every day, -1 outside of all."""
        if not len(self.start):
            return np.full(len(days), -1, dtype=np.int64)
        place = np.searchsorted(self.start, days, side="right") - 1
        safe = np.maximum(place, 0)
        return np.where((place >= 0) & (days < self.end[safe]), safe, -1)


def _around(ordered: pd.DataFrame, name: str) -> tuple[pd.Index, np.ndarray | None]:
    """The quarters or years around the periods, and their codes."""
    if name not in ordered.columns or ordered[name].isna().any():
        return pd.Index([]), None
    index = pd.Index(ordered[name].unique())
    return index, codes_of(index, ordered[name])


@dataclass(frozen=True)
class Stays:
    """For one plan: which holding is paid by it in which period, and for how many days."""

    holding: np.ndarray
    period: np.ndarray
    days: np.ndarray

    @classmethod
    def of(cls, seats: Seats, plan_number: int, windows: Windows) -> Stays:
        """The stays of everybody in a plan."""
        paid = seats.paid[seats.paid["plan"] == plan_number]
        start = np.maximum(paid["start"].to_numpy()[:, None], windows.start[None, :])
        end = np.minimum(paid["end"].to_numpy()[:, None], windows.end[None, :])
        row, period = np.nonzero(end > start)
        frame = pd.DataFrame(
            {"holding": paid["holding"].to_numpy()[row], "period": period, "days": (end - start)[row, period]}
        )
        summed = frame.groupby(["holding", "period"], sort=True, as_index=False)["days"].sum()
        return cls(*(summed[name].to_numpy(np.int64) for name in ("holding", "period", "days")))

    def groups(self, seats: Seats) -> tuple[np.ndarray, np.ndarray]:
        """The distinct (participant, period) of the stays, sorted."""
        if not len(self.holding):
            return np.array([], dtype=np.int64), np.array([], dtype=np.int64)
        pairs = np.unique(np.column_stack([seats.participant[self.holding], self.period]), axis=0)
        return pairs[:, 0], pairs[:, 1]


@dataclass(frozen=True)
class Goals:
    """Quotas by (measure, holder, period), exact: a quota of a quarter or year is spread evenly over its periods."""

    people: dict[tuple[str, int, int], Fraction]
    places: dict[tuple[str, int, int], Fraction]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, seats: Seats, windows: Windows, currency: str) -> Goals:
        """Quotas of an admitted frame that are in the currency or in none; another currency's can't be held against these credits.

        Two for one holder, measure and period are a finding and neither counts.
        """
        if "currency" in frame.columns:
            frame = frame[frame["currency"].isna() | frame["currency"].isin([currency, ""])]
        found: dict[str, dict[tuple[str, int, int], Fraction]] = {}
        findings: list[Finding] = []
        for kind, index in (("participant", seats.participants), ("position", seats.positions)):
            found[kind] = {}
            if f"{kind}_key" not in frame.columns:
                continue
            twice = _read_goals(frame, codes_of(index, frame[f"{kind}_key"]), windows, found[kind])
            for measure, holder, period in sorted(twice):
                del found[kind][measure, holder, period]
                findings.append(_quota_twice(kind, index[holder], measure, windows.keys[period]))
        return cls(found["participant"], found["position"], tuple(findings))


def _read_goals(
    frame: pd.DataFrame, holders: np.ndarray, windows: Windows, target: dict[tuple[str, int, int], Fraction]
) -> set[tuple[str, int, int]]:
    """Fills the target and gives the keys that were there twice."""
    twice: set[tuple[str, int, int]] = set()
    columns = (
        frame["measure"].tolist(),
        holders.tolist(),
        windows.named(frame["period_key"]),
        frame["amount_minor"].tolist(),
    )
    for measure, holder, periods, amount in zip(*columns, strict=True):
        for period in periods if holder >= 0 else []:
            key = (str(measure), holder, period)
            if key in target:
                twice.add(key)
            target[key] = Fraction(amount, len(periods))
    return twice


def _quota_twice(kind: str, holder: object, measure: str, period: object) -> Finding:
    return Finding(
        "QUOTA_TWICE",
        f"{kind} {holder}, {period}",
        f"Two quotas of {measure} hold for {holder} in {period}.",
        "Neither of them counts.",
        "Keep one of them.",
        about=((f"{kind}_key", holder), ("period_key", period)),
    )


def quotas_of(
    goals: Goals,
    seats: Seats,
    stays: Stays,
    windows: Windows,
    plan: Plan,
    measure: str,
    groups: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """The goal of each (participant, period) group in minor units, rounded once, and whether it is known."""
    placed: dict[tuple[int, int], Fraction] = {}
    for holding, period, days in zip(stays.holding.tolist(), stays.period.tolist(), stays.days.tolist(), strict=True):
        amount = goals.places.get((measure, int(seats.position[holding]), period))
        if amount is not None:
            key = (int(seats.participant[holding]), period)
            placed[key] = placed.get(key, Fraction(0)) + amount * _part_held(plan, windows, period, days)
    quota, known = [], []
    for person, period in zip(groups[0].tolist(), groups[1].tolist(), strict=True):
        own = goals.people.get((measure, person, period))
        exact = placed.get((person, period)) if own is None else own
        known.append(exact is not None)
        quota.append(0 if exact is None else round_half_away(exact.numerator, exact.denominator))
    return np.array(quota, dtype=np.int64), np.array(known, dtype=bool)


def _part_held(plan: Plan, windows: Windows, period: int, days: int) -> Fraction:
    """The part of a position's goal that a stay of some days carries. By MONTHS, a month counts when half of it is held."""
    length = int(windows.end[period] - windows.start[period])
    if plan.proration == Proration.NONE:
        return Fraction(1)
    if plan.proration == Proration.DAYS or days == length:
        return Fraction(days, length)
    months = max(1, round_half_away(length, 30))
    return Fraction(min(months, round_half_away(days * months, length)), months)
