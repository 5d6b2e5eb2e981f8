"""Credits summed over a window, held against the goal of the same window.

A group is a participant, a component and a period. Everybody who is paid by a plan on a day of a period has the group, also
without credit. A position's goal counts by the days for which the position is held in the period; a goal entered for the
person wins and counts as it is. A goal that is missing or 0 leaves the group uncalculated and is a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.assigning import Seats, codes_of
from incentives.engine.plan import Plan, Proration
from spm.core.findings import Finding
from spm.core.money import round_half_away


@dataclass(frozen=True)
class Windows:
    """The pay periods in order: keys, first days and ends as int64."""

    keys: pd.Index
    start: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Windows:
        """Windows from an admitted frame of periods."""
        ordered = frame.sort_values(["start_on", "period_key"], kind="stable", ignore_index=True)
        return cls(
            pd.Index(ordered["period_key"]),
            ordered["start_on"].to_numpy(np.int64),
            ordered["end_on"].to_numpy(np.int64),
        )

    def holding(self, days: np.ndarray) -> np.ndarray:
        """The period of every day, -1 outside of all."""
        if not len(self.start):
            return np.full(len(days), -1, dtype=np.int64)
        place = np.searchsorted(self.start, days, side="right") - 1
        safe = np.maximum(place, 0)
        return np.where((place >= 0) & (days < self.end[safe]), safe, -1)


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
    """Quotas by (measure, holder, period)."""

    people: dict[tuple[str, int, int], int]
    places: dict[tuple[str, int, int], int]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, seats: Seats, windows: Windows) -> Goals:
        """Quotas of an admitted frame; two for one holder, measure and period are a finding and neither counts."""
        people: dict[tuple[str, int, int], int] = {}
        places: dict[tuple[str, int, int], int] = {}
        findings = []
        period = codes_of(windows.keys, frame["period_key"])
        for kind, index, target in (("participant", seats.participants, people), ("position", seats.positions, places)):
            if f"{kind}_key" not in frame.columns:
                continue
            holder = codes_of(index, frame[f"{kind}_key"])
            twice: set[tuple[str, int, int]] = set()
            columns = (frame["measure"].tolist(), holder.tolist(), period.tolist(), frame["amount_minor"].tolist())
            for measure, held_by, month, amount in zip(*columns, strict=True):
                if held_by < 0 or month < 0:
                    continue
                key = (str(measure), held_by, month)
                if key in target:
                    twice.add(key)
                target[key] = amount
            for key in sorted(twice):
                del target[key]
                findings.append(_quota_twice(kind, index[key[1]], key[0], windows.keys[key[2]]))
        return cls(people, places, tuple(findings))


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
    """The goal of each (participant, period) group in minor units, and whether it is known."""
    placed: dict[tuple[int, int], Fraction] = {}
    for holding, period, days in zip(stays.holding.tolist(), stays.period.tolist(), stays.days.tolist(), strict=True):
        amount = goals.places.get((measure, int(seats.position[holding]), period))
        if amount is not None:
            length = int(windows.end[period] - windows.start[period])
            part = Fraction(days, length) if plan.proration == Proration.DAYS else Fraction(1)
            key = (int(seats.participant[holding]), period)
            placed[key] = placed.get(key, Fraction(0)) + amount * part
    quota, known = [], []
    for person, period in zip(groups[0].tolist(), groups[1].tolist(), strict=True):
        own = goals.people.get((measure, person, period))
        exact = placed.get((person, period)) if own is None else Fraction(own)
        known.append(exact is not None)
        quota.append(0 if exact is None else round_half_away(exact.numerator, exact.denominator))
    return np.array(quota, dtype=np.int64), np.array(known, dtype=bool)


def quota_findings(
    plan: Plan,
    component: str,
    measure: str,
    people: Sequence[object],
    periods: Sequence[object],
    amounts: Sequence[int | None],
) -> list[Finding]:
    """One finding per group that has no usable goal."""
    return [
        Finding(
            "QUOTA_MISSING" if amount is None else "QUOTA_NOT_POSITIVE",
            f"participant {person}, {component}, {period}",
            f"{person} has {'no quota' if amount is None else 'a quota that is not above 0'} of {measure} in {period}.",
            f"{component} of {plan.name} was not calculated for {person} in {period}; the others were.",
            "Enter the quota of the position or of the person.",
            about=(
                ("participant_key", person),
                ("plan_key", plan.key),
                ("component_key", component),
                ("period_key", period),
            ),
        )
        for person, period, amount in zip(people, periods, amounts, strict=True)
    ]
