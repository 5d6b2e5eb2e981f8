"""Periods, stays and goals: who is in a plan in which period, and how much is expected of them.

Everybody who is paid by a plan on a day of a period has a group there, also without credit. A position's goal counts by the
days for which the position is held in the period; a goal entered for the person wins and counts as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from incentives.engine.assigning import Seats, codes_of
from incentives.engine.plan import Plan
from incentives.engine.words import Proration
from spm.core.columns import chosen, distinct, factorized, first_rows, is_increasing, order_of, repeated, sums_fit
from spm.core.dated import day_number, day_of
from spm.core.findings import Finding
from spm.core.money import multiply_columns, round_columns

YEAR = 365
YEARS_DIFFER = 14
"""By so many days years of weeks or fortnights may differ from that."""


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
        in_order = is_increasing(frame["start_on"].to_numpy())
        ordered = frame if in_order else frame.sort_values(["start_on", "period_key"], kind="stable", ignore_index=True)
        quarters, quarter = _around(ordered, "quarter_key")
        years, year = _around(ordered, "year_key")
        start, end = ordered["start_on"].to_numpy(np.int64), ordered["end_on"].to_numpy(np.int64)
        return cls(pd.Index(ordered["period_key"]), start, end, quarter, year, quarters, years)

    @cached_property
    def ranked(self) -> pd.Index:
        """The keys of the periods in the order of the keys."""
        return self.keys.sort_values()

    def rank(self, period: np.ndarray) -> np.ndarray:
        """The place of each period's key among the keys in order."""
        place = self.ranked.get_indexer(self.keys).astype(np.int64)
        return period if (place == np.arange(len(place))).all() else place.take(period)

    def spread(self, keys: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The periods that each key names (one, or those of a quarter or a year): row, period, its place among those of the row, and
        how many the row has."""
        code, names = factorized(keys)
        named = self._named(names)
        count = np.array([len(each) for each in named] or [0], dtype=np.int64)
        flat = np.array([period for each in named for period in each], dtype=np.int64)
        if (count == 1).all() and (code >= 0).all():
            return np.arange(len(code)), flat[code], repeated(0, len(code)), repeated(1, len(code))
        several = np.where(code >= 0, count[code], 0)
        row = np.repeat(np.arange(len(code)), several)
        start = np.concatenate([[0], np.cumsum(count)])[:-1]
        offset = np.arange(len(row)) - np.repeat(np.cumsum(several) - several, several)
        return row, flat[start[code[row]] + offset], offset, several[row]

    def _named(self, keys: list[object]) -> list[list[int]]:
        known: dict[object, list[int]] = {}
        for index, codes in ((self.years, self.year), (self.quarters, self.quarter)):
            for code, key in enumerate(index.tolist()):
                known[key] = np.flatnonzero(codes == code).tolist()
        known |= {key: [place] for place, key in enumerate(self.keys.tolist())}
        return [known.get(key, []) for key in keys]

    def months(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """How many months each stretch of days holds: those on whose middle day (the 16th, in February the 15th) it holds.

        So every month is one holder's, and those of a period sum to its own. A period that is not made of months counts as one.
        """
        middles = np.array([day for edges in zip(self.start, self.end, strict=True) for day in _middles(*edges)])
        return np.searchsorted(middles, end) - np.searchsorted(middles, start)

    def holding(self, days: np.ndarray) -> np.ndarray:
        """The period of every day, -1 outside of all."""
        if not len(self.start):
            return np.full(len(days), -1, dtype=np.int64)
        low, high = int(days.min(initial=0)), int(days.max(initial=0)) + 1
        asked = np.arange(low, high) if high - low < len(days) else days
        place = np.searchsorted(self.start, asked, side="right") - 1
        safe = np.maximum(place, 0)
        found = np.where((place >= 0) & (asked < self.end[safe]), safe, -1)
        return found.take(days - low) if asked is not days else found


def periods_before(windows: Windows, word: str, *, since: int) -> np.ndarray:
    """For every period, the one before it (PRIOR) or that of the year before (PRIOR_YEAR) from a day on, else -1."""
    if word != "PRIOR":
        return _year_before(windows.start, windows.year, since)
    ends = {int(end): place for place, end in enumerate(windows.end) if windows.start[place] >= since}
    return np.array([ends.get(day, -1) for day in windows.start.tolist()])


def windows_before(windows: Windows, word: str, accumulation: str, *, since: int) -> tuple[np.ndarray, np.ndarray]:
    """For every period its window (the period, or its quarter or year to date) as a code, and that of the window before, else -1.

    A quarter or year is held from a day on where it begins up to a week before it, as one of weeks does.
    """
    window = {"QTD": windows.quarter, "YTD": windows.year}.get(accumulation)
    if window is None or windows.year is None:
        return np.arange(len(windows.start)), periods_before(windows, word, since=since)
    opened = np.unique(window, return_index=True)[1]
    return window, _year_before(windows.start[opened], windows.year[opened], since - 7)[window]


def _year_before(start: np.ndarray, year: np.ndarray | None, since: int) -> np.ndarray:
    """For every period, quarter or year in order, the one at the same place of the year before, or its last one where it has fewer; -1
    where that begins before a day, or is not known."""
    found = np.full(len(start), -1)
    for code in range(1, 0 if year is None else int(year.max(initial=0)) + 1):
        now, then = np.flatnonzero(year == code), np.flatnonzero(year == code - 1)
        lacks = int(np.abs(start[now] - YEAR - start[then[0]]).argmin())  # those before the first that is known
        place = np.arange(len(now)) - lacks
        found[now] = np.where(place < 0, -1, then[np.minimum(place, len(then) - 1)])
    fits = np.abs(start - YEAR - start[found]) <= YEARS_DIFFER
    return np.where(fits & (found >= 0) & (start[found] >= since), found, -1)


def _middles(start: int, end: int) -> list[int]:
    """The middle days of the months of a period, or its own middle day."""
    first, last = day_of(int(start)), day_of(int(end))
    if first.day != 1 or last.day != 1:
        return [(int(start) + int(end)) // 2]
    edges = [
        day_number(date(number // 12, number % 12 + 1, 1))
        for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    ]
    return [(begin + until) // 2 for begin, until in pairwise(edges)]


def _around(ordered: pd.DataFrame, name: str) -> tuple[pd.Index, np.ndarray | None]:
    """The quarters or years around the periods, and their codes."""
    if name not in ordered.columns or ordered[name].isna().any():
        return pd.Index([]), None
    index = pd.Index(ordered[name].unique())
    return index, codes_of(index, ordered[name])


@dataclass(frozen=True)
class Stays:
    """For one plan: which holding is paid by it in which period, and for how many days and months."""

    holding: np.ndarray
    period: np.ndarray
    days: np.ndarray
    months: np.ndarray

    @classmethod
    def of(cls, seats: Seats, plan_number: int, windows: Windows) -> Stays:
        """The stays of everybody in a plan."""
        paid = seats.paid.by(plan_number)
        start = np.maximum(paid.start[:, None], windows.start[None, :])
        end = np.minimum(paid.end[:, None], windows.end[None, :])
        row, period = np.nonzero(end > start)
        start, end = start[row, period], end[row, period]
        holding, days, months = paid.holding[row], end - start, windows.months(start, end)
        if not len(row):
            return cls(holding, period, days, months)
        order = order_of(holding, period)
        holding, period = holding[order], period[order]
        opened = np.flatnonzero(first_rows(holding, period))
        days, months = (np.add.reduceat(each[order], opened) for each in (days, months))
        return cls(holding[opened], period[opened], days, months)

    def groups(self, seats: Seats) -> tuple[np.ndarray, np.ndarray]:
        """The distinct (participant, period) of the stays, sorted."""
        if not len(self.holding):
            return np.array([], dtype=np.int64), np.array([], dtype=np.int64)
        width = int(self.period.max()) + 1
        pairs = distinct(seats.participant[self.holding] * width + self.period)
        return pairs // width, pairs % width


@dataclass(frozen=True)
class Goal:
    """The quotas of one measure by holder and period, in order: `place` is holder × periods + period."""

    place: np.ndarray
    amount: np.ndarray

    def found(self, place: np.ndarray) -> np.ndarray:
        """The row of each holder and period, -1 where there is none."""
        if not len(self.place):
            return np.full(len(place), -1, dtype=np.int64)
        row = np.minimum(np.searchsorted(self.place, place), len(self.place) - 1)
        return np.where(self.place[row] == place, row, -1)


@dataclass(frozen=True)
class Goals:
    """Quotas of people and of positions by measure: one of a quarter or year is spread evenly, in whole units that sum to it."""

    people: dict[str, Goal]
    places: dict[str, Goal]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, seats: Seats, windows: Windows, currency: str) -> Goals:
        """Quotas of an admitted frame that are in the currency or in none; another currency's can't be held against these credits.

        Two for one holder, measure and period are a finding and neither counts.
        """
        if "currency" in frame.columns:
            mine = (frame["currency"].isna() | frame["currency"].isin([currency, ""])).to_numpy()
            frame = frame if mine.all() else frame[mine]
        found: dict[str, dict[str, Goal]] = {"participant": {}, "position": {}}
        findings: list[Finding] = []
        for kind, index in (("participant", seats.participants), ("position", seats.positions)):
            if f"{kind}_key" in frame.columns:
                holder = codes_of(index, frame[f"{kind}_key"])
                for measure, (goal, twice) in _read_goals(frame, holder, windows).items():
                    found[kind][measure] = goal
                    findings += [
                        _quota_twice(
                            kind, index[place // len(windows.keys)], measure, windows.keys[place % len(windows.keys)]
                        )
                        for place in twice.tolist()
                    ]
        return cls(found["participant"], found["position"], tuple(findings))


def _read_goals(frame: pd.DataFrame, holders: np.ndarray, windows: Windows) -> dict[str, tuple[Goal, np.ndarray]]:
    """The goals of each measure, and the places that have two."""
    row, period, nth, parts = windows.spread(frame["period_key"])
    kept = np.flatnonzero(holders[row] >= 0)
    row, period, nth, parts = (chosen(each, kept) for each in (row, period, nth, parts))
    named, names = factorized(frame["measure"])
    again, measures = pd.factorize(np.array([str(name) for name in names], dtype=object), sort=True)
    code = again[named[row]]
    place = holders[row] * len(windows.keys) + period
    whole = frame["amount_minor"].to_numpy(np.int64)[row]
    upto, before = (round_columns(multiply_columns(whole, each), parts) for each in (nth + 1, nth))
    amount = upto - before
    found = {}
    for number, measure in enumerate(measures.tolist()):
        mine = np.flatnonzero(code == number)
        if not len(mine):
            continue
        mine = mine[order_of(place[mine])]
        first = first_rows(place[mine])
        single = first & np.append(first[1:], True)
        once = mine[single]
        found[measure] = (Goal(place[once], amount[once]), np.unique(place[mine[~single]]))
    return found


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
    width = len(windows.keys)
    group = groups[0] * width + groups[1]
    quota, known = _of_positions(goals.places.get(measure), seats, stays, windows, plan, group)
    own = goals.people.get(measure)
    if own is not None:
        row = own.found(group)
        entered = row >= 0
        quota = np.where(entered, own.amount[row], quota)
        known = known | entered
    return quota, known


def _of_positions(
    goal: Goal | None, seats: Seats, stays: Stays, windows: Windows, plan: Plan, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Per group, the goals of the positions held in the period, each by the part of the period for which it was held."""
    quota, known = np.zeros(len(group), dtype=np.int64), np.zeros(len(group), dtype=bool)
    if goal is None:
        return quota, known
    width = len(windows.keys)
    row = goal.found(seats.position[stays.holding] * width + stays.period)
    stay = np.flatnonzero(row >= 0)
    stay = stay[order_of(seats.participant[stays.holding[stay]] * width + stays.period[stay])]
    if not len(stay):
        return quota, known
    row, period = row[stay], stays.period[stay]
    held, whole = part_held(plan, windows, period, (stays.days[stay], stays.months[stay]))
    exact = multiply_columns(goal.amount[row], held)
    place = seats.participant[stays.holding[stay]] * width + period
    opened = np.flatnonzero(first_rows(place))
    total = np.add.reduceat(exact if sums_fit(exact) else exact.astype(object), opened)
    at = np.searchsorted(group, place[opened])
    quota[at], known[at] = round_columns(total, whole[opened]), True
    return quota, known


def part_held(
    plan: Plan, windows: Windows, period: np.ndarray, held: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The part of a position's goal that each stay carries, as held / whole; `whole` is the same for all stays of a period.

    `held` are the days and the months of the stays.
    """
    start, end = windows.start[period], windows.end[period]
    if plan.proration == Proration.NONE:
        return np.ones(len(period), dtype=np.int64), np.ones(len(period), dtype=np.int64)
    if plan.proration == Proration.DAYS:
        return held[0], end - start
    return held[1], windows.months(start, end)
