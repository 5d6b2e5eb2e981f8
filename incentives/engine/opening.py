"""What people bring from a former system into a window or a year that runs on: credits, quota, target pay, and what was paid.

It stands before the first period since the cut-over, as if that part of the window had been calculated here: tiers go on where they were,
what it would have earned is not earned again, a limit of the year knows what was paid. Groups before the cut-over stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from incentives.engine.assigning import codes_of
from incentives.engine.attainment import Windows

WHOLE_PLAN = "=plan"
"""The component of what was brought of a plan as a whole."""


@dataclass(frozen=True)
class Opening:
    """One entry: whose (code), from which day on, of which component; credits and quota in the smallest units of its measure."""

    participant: int
    day: int
    component: str
    credit: int
    quota: int
    target: int
    paid: int


@dataclass(frozen=True)
class Brought:
    """For every group: whether it is the first since the cut-over in its window, whether it is one since, and what was brought to it."""

    at: np.ndarray
    since: np.ndarray
    figures: Mapping[str, np.ndarray]

    def of(self, *names: str) -> np.ndarray:
        """What was brought under some names together, in every group since."""
        found = np.zeros(len(self.at), dtype=np.int64)
        for name in names:
            if name in self.figures:
                found = found + self.figures[name]
        return found

    def tiled(self, number: int) -> Brought:
        """The same, so many times in a row."""
        figures = {name: np.tile(each, number) for name, each in self.figures.items()}
        return Brought(np.tile(self.at, number), np.tile(self.since, number), figures)


def openings_of(frame: pd.DataFrame | None, plan_key: object, participants: pd.Index) -> tuple[Opening, ...]:
    """The entries of a plan for people who are known, from an admitted frame."""
    if frame is None or not len(frame):
        return ()
    mine = frame[(frame["plan_key"] == plan_key).to_numpy()]
    codes = codes_of(participants, mine["participant_key"]).tolist()
    columns = ("from_on", "component", "brought_credit", "brought_quota", "brought_target", "brought_paid")
    rows = zip(codes, *(mine[name].tolist() for name in columns), strict=True)
    return tuple(
        sorted((Opening(*row) for row in rows if row[0] >= 0), key=lambda one: (one.participant, one.component))
    )


def brought(
    openings: Iterable[tuple[Opening, Mapping[str, int]]],
    person: np.ndarray,
    period: np.ndarray,
    windows: Windows,
    codes: np.ndarray,
) -> Brought | None:
    """What is brought to groups (participant and period, sorted); None where nothing is.

    `openings` are entries with the figures that are asked for; `codes` name the window of every period. An entry counts in the window
    that its day lies in, and in no later one.
    """
    at, since = np.zeros(len(person), dtype=bool), np.zeros(len(person), dtype=bool)
    found: dict[str, np.ndarray] = {}
    for one, figures in openings:
        own = slice(*np.searchsorted(person, [one.participant, one.participant + 1]).tolist())
        begun = int(windows.holding(np.array([one.day], dtype=np.int64))[0])
        inside = (windows.start[period[own]] >= one.day) & (codes[period[own]] == codes[begun])
        if begun < 0 or not inside.any():
            continue
        at[own.start + int(inside.argmax())] = True
        since[own] |= inside
        for name, amount in figures.items():
            found.setdefault(name, np.zeros(len(person), dtype=np.int64))[own] += np.where(inside, amount, 0)
    return Brought(at, since, found) if since.any() else None
