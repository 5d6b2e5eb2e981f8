"""How much the cost of a plan moves by chance: the same deals drawn again with replacement, every draw priced exactly.

Deals are drawn within their owner and month, as many as there were, so that the size of the team and its seasons stay. All credits
of a drawn deal come with it. Components that totals don't tell (a deal rated alone, a return at its sale's rate) bring what each
deal earned. The dice come from the caller, who states their seed: the same seed gives the same amounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from incentives.engine.credited import no_credits
from incentives.engine.earnings import Earned, earn
from incentives.engine.measuring import Cells, Column, Measured, held_against, summed_since
from incentives.engine.room import Room
from incentives.engine.run import PlanResult, limits_of
from incentives.engine.whatif import totals_suffice
from spm.core.money import INT64_MAX, round_half_away

DRAWS = 64_000_000
"""At most so many deals are drawn in all; with more, years are put together from fewer draws of each month."""
KEPT = 48_000_000
"""At most so many totals of a month are kept."""
LEAST = 64
ROWS = 64_000
"""Groups that are priced at once: what fits a processor's cache."""


class Dice(Protocol):
    """What gives uniform whole numbers, such as a seeded NumPy generator."""

    def integers(self, low: int, high: int, size: tuple[int, ...], dtype: type) -> np.ndarray:
        """Numbers in [low, high)."""


@dataclass(frozen=True)
class Costs:
    """The cost of each resampled stretch of time in minor units, as drawn."""

    amounts: np.ndarray
    draws: int
    """How often each month was drawn; a year takes one of these draws for every month."""
    kept_parts: tuple[str, ...]
    """Components whose deals bring what they earned, instead of being priced again."""

    def and_then(self, other: Costs) -> Costs:
        """The costs of two stretches of time that were drawn independently and equally often."""
        kept = tuple(sorted({*self.kept_parts, *other.kept_parts}))
        return Costs(self.amounts + other.amounts, min(self.draws, other.draws), kept)

    @cached_property
    def ascending(self) -> np.ndarray:
        """The costs in order."""
        return np.sort(self.amounts)

    @property
    def mean(self) -> int:
        """The mean, rounded to the minor unit."""
        return round_half_away(int(self.amounts.sum(dtype=object)), len(self.amounts))

    def percentile(self, percent: int) -> int:
        """The smallest cost that at least so many of a hundred years don't exceed."""
        rank = -(-len(self.amounts) * percent // 100)
        return int(self.ascending[max(rank, 1) - 1])

    def above(self, budget: int) -> int:
        """How many of the years cost more than a budget."""
        return len(self.amounts) - int(np.searchsorted(self.ascending, budget, side="right"))


@dataclass(frozen=True)
class _Month:
    """Draws of one month: which groups it reaches, and per measure the sums of every draw."""

    groups: np.ndarray | slice
    sums: Mapping[str, np.ndarray]


def resample(result: PlanResult, *, years: int, dice: Dice, period_key: object = None) -> Costs:
    """What a plan would cost in `years` repetitions of the time that was calculated; of one period of it, where asked.

    Raises OverflowError where the sums of a draw could leave 64 bits. Source: Efron 1979, stratified by owner and month.
    """
    columns, kept_parts = _columns(result)
    draws = _draws(columns, len(result.cells), years)
    months = _months(result, columns, draws, dice)
    count = len(result.cells)
    size = max(1, ROWS // max(1, count))
    costs, stages = [], dict[int, Stage]()
    for start in range(0, years, size):
        number = min(size, years - start)
        stage = stages.setdefault(number, stages.get(number) or Stage(result, number, period_key))
        totals = {key: np.zeros((number, count), dtype=np.int64) for key in columns}
        for month in months:
            chosen = dice.integers(0, draws, (number,), np.int64) if draws < years else np.arange(start, start + number)
            for key, sums in month.sums.items():
                totals[key][:, month.groups] += sums[chosen]
        costs.append(stage.cost(totals))
    amounts = np.concatenate(costs) if costs else np.zeros(0, dtype=np.int64)
    return Costs(amounts, draws, kept_parts)


def _columns(result: PlanResult) -> tuple[dict[str, tuple[Measured, np.ndarray]], tuple[str, ...]]:
    """What is summed of every credit: its value without returns (and with them where they count), or what it earned."""
    columns: dict[str, tuple[Measured, np.ndarray]] = {}
    kept_parts = []
    for key, measured in result.room.measured.items():
        value, returned = measured.credited.value, measured.credited.reversal
        rated = np.where(returned, 0, value)
        columns[f"rated {key}"] = (measured, rated)
        if measured.measure.reverse_attainment and returned.any():
            columns[f"value {key}"] = (measured, value)
    for one in result.earned:
        if not totals_suffice(one.component, one.own):
            columns[f"parts {one.component.key}"] = (one.own, one.parts)
            kept_parts.append(one.component.key)
    return columns, tuple(kept_parts)


def _draws(columns: Mapping[str, tuple[Measured, np.ndarray]], groups: int, years: int) -> int:
    credits = max((len(values) for _, values in columns.values()), default=0)
    room = KEPT // max(1, 3 * groups * len(columns))
    return max(1, min(years, max(LEAST, min(DRAWS // max(1, credits), room))))


def _months(
    result: PlanResult, columns: Mapping[str, tuple[Measured, np.ndarray]], draws: int, dice: Dice
) -> list[_Month]:
    deals = result.room.deals
    month = deals["credit_on"].to_numpy(np.int64).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    owner = pd.factorize(deals["owner_key"].to_numpy(dtype=object))[0].astype(np.int64)
    used = np.zeros(len(deals), dtype=bool)
    for measured, _ in columns.values():
        used[measured.credited.deal] = True
    stratum = owner * (int(month.max(initial=0)) + 1) + month
    order = np.flatnonzero(np.isin(stratum, stratum[used]))
    order = order[np.lexsort((owner[order], month[order]))]
    place = np.full(len(deals), -1, dtype=np.int64)
    found = []
    for number in np.unique(month[order]).tolist():
        own = order[month[order] == number]
        place[own] = np.arange(len(own))
        lines = {key: np.flatnonzero(place[measured.credited.deal] >= 0) for key, (measured, _) in columns.items()}
        found.append(_month(columns, lines, place, _strata(owner[own]), draws, dice))
        place[own] = -1
    return found


def _strata(owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every deal of a month, sorted by owner: where the deals of its owner begin, and how many there are."""
    starts = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
    counts = np.diff(np.append(starts, len(owner)))
    return np.repeat(starts, counts), np.repeat(counts, counts)


def _month(
    columns: Mapping[str, tuple[Measured, np.ndarray]],
    lines: Mapping[str, np.ndarray],
    place: np.ndarray,
    strata: tuple[np.ndarray, np.ndarray],
    draws: int,
    dice: Dice,
) -> _Month:
    """Every draw of one month, some at a time."""
    groups = np.unique(np.concatenate([columns[key][0].group[rows] for key, rows in lines.items()]))
    summed = {key: _Summed.of(columns[key], rows, place, groups) for key, rows in lines.items()}
    sums = {key: np.zeros((draws, len(groups)), dtype=np.int64) for key in columns}
    size = max(1, ROWS // len(strata[0]))
    for start in range(0, draws, size):
        number = min(size, draws - start)
        times = _times(strata, number, dice)
        for key, each in summed.items():
            sums[key][start : start + number, each.reached] = each.sums(times)
    return _Month(_stepped(groups), sums)


def _stepped(places: np.ndarray) -> np.ndarray | slice:
    """Places in even steps as a slice, which is added to without being copied: where everybody sells in the month, they are."""
    steps = np.diff(places)
    if not len(steps) or (steps != steps[0]).any():
        return places
    return slice(int(places[0]), int(places[-1]) + 1, int(steps[0]))


def _times(strata: tuple[np.ndarray, np.ndarray], number: int, dice: Dice) -> np.ndarray:
    """How often each deal was drawn, in each of some draws."""
    start, count = strata
    width = len(start)
    drawn = dice.integers(0, 2**32, (number, width), np.uint32).astype(np.int64)
    taken = start + (drawn * count >> 32) + np.arange(number)[:, None] * width
    return np.bincount(taken.ravel(), minlength=number * width).reshape(number, width)


@dataclass(frozen=True)
class _Summed:
    """The credits of one column in a month, sorted by group: their deals, values and where each group begins."""

    deal: np.ndarray
    value: np.ndarray
    starts: np.ndarray
    reached: np.ndarray

    @classmethod
    def of(
        cls, column: tuple[Measured, np.ndarray], rows: np.ndarray, place: np.ndarray, groups: np.ndarray
    ) -> _Summed:
        measured, values = column
        group = np.searchsorted(groups, measured.group[rows])
        value = values[rows]
        largest = max(abs(int(value.min(initial=0))), abs(int(value.max(initial=0))))
        if largest * max(1, len(value)) > INT64_MAX:
            raise OverflowError("The drawn amounts of a month could leave 64 bits. Check the amounts of its deals.")
        starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]])) if len(group) else group
        return cls(place[measured.credited.deal[rows]], value, starts, group[starts])

    def sums(self, times: np.ndarray) -> np.ndarray:
        """The sum of every group in every draw."""
        if not len(self.starts):
            return np.zeros((len(times), 0), dtype=np.int64)
        return np.add.reduceat(times[:, self.deal] * self.value, self.starts, axis=1)


class Stage:
    """The groups of a plan side by side for a number of draws: what no draw changes is laid out once."""

    def __init__(self, result: PlanResult, number: int, period_key: object) -> None:
        self.result, self.number = result, number
        keys = result.cells.windows.keys.take(result.cells.period)
        self.counted = np.ones(len(keys), dtype=bool) if period_key is None else np.asarray(keys == period_key)
        self.cells = _tiled_cells(result.cells, number)
        self.measured = {key: self._measure(each) for key, each in result.room.measured.items()}
        self.blocked = [np.tile(one.blocked, number) for one in result.earned]
        self.fixed = [np.tile(one.amount, number) for one in result.earned]
        self._goals: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def _measure(self, old: Measured) -> Measured:
        goal = None
        if old.goal is not None:
            goal = Column(*(np.tile(each, self.number) for each in (old.goal.own, old.goal.after, old.goal.before)))
        none = np.zeros(0, dtype=np.int64)
        first, known, blocked = (np.tile(each, self.number) for each in (old.first, old.known, old.blocked))
        opened = None if old.brought is None else old.brought.tiled(self.number)
        return Measured(
            old.measure,
            no_credits(),
            none,
            old.value,
            old.rated,
            goal,
            known,
            blocked,
            first,
            self.cells.carried,
            opened,
        )

    def goals(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """The quota of a name for every group of every draw."""
        if name not in self._goals:
            own, known = self.result.room.goals(name)
            self._goals[name] = np.tile(own, self.number), np.tile(known, self.number)
        return self._goals[name]

    def cost(self, totals: Mapping[str, np.ndarray]) -> np.ndarray:
        """What the plan costs in each draw, priced as in a run."""
        by_draw = self.pays(totals)
        return np.asarray((by_draw if self.counted.all() else by_draw[:, self.counted]).sum(axis=1), dtype=np.int64)

    def pays(self, totals: Mapping[str, np.ndarray]) -> np.ndarray:
        """What each group is paid in each draw: draws × groups, priced as in a run."""
        old = self.result.room
        room = Room(self.cells, old.deals, old.sold, self._drawn(totals), self.goals, old.scores)
        done = tuple(self._earned(place, room, totals) for place in range(len(self.result.earned)))
        paid = [each for each in done if each.component.paid]
        cost = np.sum([each.amount for each in paid], axis=0) if paid else np.zeros(len(self.cells), dtype=np.int64)
        for limit in limits_of(replace(self.result, cells=self.cells, earned=done)):
            cost = cost + np.where(limit.blocked, 0, limit.change)
        return cost.reshape(self.number, len(self.result.cells))

    def _drawn(self, totals: Mapping[str, np.ndarray]) -> dict[str, Measured]:
        found = {}
        for key, each in self.measured.items():
            rated = summed_since(totals[f"rated {key}"].ravel(), each.first, each.brought)
            counted = totals.get(f"value {key}")
            value = rated if counted is None else summed_since(counted.ravel(), each.first, each.brought)
            found[key] = replace(each, value=value, rated=rated)
        return held_against(found)

    def _earned(self, place: int, room: Room, totals: Mapping[str, np.ndarray]) -> Earned:
        """One component over drawn totals; who could not be calculated stays out."""
        one, blocked = self.result.earned[place], self.blocked[place]
        component, parts = one.component, totals.get(f"parts {one.component.key}")
        if component.pay.objectives or parts is not None:
            amount = self.fixed[place] if parts is None else np.where(blocked, 0, parts.ravel())
            room.totals[component.key], room.blocked[component.key] = amount, blocked
            return replace(one, amount=amount, blocked=blocked, reversed=np.zeros_like(amount), returns=None)
        own = replace(room.measured[component.measure.key], blocked=blocked)
        return earn(component, replace(room, measured={**room.measured, component.measure.key: own}))


def _tiled_cells(cells: Cells, number: int) -> Cells:
    """The groups of each draw, as people and periods of their own."""
    offsets = np.repeat(np.arange(number), len(cells))
    windows, span = cells.windows, len(cells.windows.start)
    tiled = replace(
        windows,
        start=np.tile(windows.start, number),
        end=np.tile(windows.end, number),
        quarter=None if windows.quarter is None else np.tile(windows.quarter, number),
        year=None if windows.year is None else np.tile(windows.year, number),
    )
    participant = np.tile(cells.participant, number) + offsets * (len(cells.names) + 1)
    period, carried = np.tile(cells.period, number) + offsets * span, np.tile(cells.carried, number)
    paid = None if cells.paid is None else cells.paid.tiled(number)
    return replace(cells, participant=participant, period=period, windows=tiled, carried=carried, paid=paid)


__all__ = ["ROWS", "Costs", "Dice", "Stage", "resample"]
