"""Who sits where and is paid by which plan, on every day.

Credit and hierarchy run on positions, payment on participants. Of the assignments to a person, a position and a title the
most specific one holds, day by day and layer by layer; two of one kind on one day are a finding and none of them holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from spm.core.columns import order_of
from spm.core.dated import Lookup, day_text, is_whole
from spm.core.findings import Finding

LEVELS = ("participant_key", "position_key", "title_key")
MAIN = "MAIN"
Record = Mapping[Any, Any]


def sorted_index(*columns: pd.Series) -> pd.Index:
    """The distinct keys of some columns in order; the place of a key is its code."""
    columns = tuple(column for column in columns if len(column))
    if columns and all(is_whole(column) for column in columns):
        return key_index(pd.Series(np.unique(np.concatenate([column.to_numpy(np.int64) for column in columns]))))
    keys: set[object] = set()
    for column in columns:
        keys |= set(column.dropna().unique().tolist())
    alike = len({type(key) for key in keys}) == 1
    made = pd.Index(sorted(keys) if alike else sorted(keys, key=lambda key: (str(type(key)), key)))  # type: ignore[type-var]
    return key_index(made.to_series()) if made.dtype == np.int64 else made


def key_index(column: pd.Series) -> pd.Index:
    """The keys of a frame, as a range where they are 0, 1, 2 … so that looking them up is arithmetic."""
    keys = column.to_numpy()
    if (
        keys.dtype == np.int64
        and len(keys)
        and keys[0] == 0
        and keys[-1] == len(keys) - 1
        and (np.diff(keys) == 1).all()
    ):
        return pd.RangeIndex(len(keys))
    return pd.Index(keys)


def codes_of(index: pd.Index, column: pd.Series | np.ndarray) -> np.ndarray:
    """The code of every key, -1 for a key that the index does not know."""
    if not len(index) or not len(column):
        return np.full(len(column), -1, dtype=np.int64)
    if isinstance(column, pd.Series) and isinstance(column.dtype, pd.CategoricalDtype):
        known = np.append(codes_of(index, np.asarray(column.cat.categories)), -1)
        return known[column.cat.codes.to_numpy()]
    if isinstance(index, pd.RangeIndex) and column.dtype.kind in "iu":
        keys = np.asarray(column)
        if keys.min() >= 0 and keys.max() < len(index):
            return keys.astype(np.int64, copy=False)
    return np.asarray(index.get_indexer(pd.Index(column)), dtype=np.int64)


@dataclass(frozen=True)
class Paid:
    """One row per holding, layer and stretch of days: the plan (place in the list of plans) that pays it."""

    holding: np.ndarray
    layer: np.ndarray
    plan: np.ndarray
    start: np.ndarray
    end: np.ndarray

    def where(self, kept: np.ndarray) -> Paid:
        """Some of the rows, by a mask."""
        return Paid(self.holding[kept], self.layer[kept], self.plan[kept], self.start[kept], self.end[kept])

    def by(self, plan: int) -> Paid:
        """What one plan pays."""
        return self.where(self.plan == plan)


@dataclass(frozen=True)
class Seats:
    """Holdings (participant, position, from, until) and, per layer, the plan that pays a holding from a day until another."""

    participants: pd.Index
    positions: pd.Index
    participant: np.ndarray
    position: np.ndarray
    start: np.ndarray
    end: np.ndarray
    paid: Paid

    def by_participant(self) -> Lookup:
        """Which holding a participant has on a day."""
        return Lookup.of(self.participant, self.start, self.end)

    def by_position(self) -> Lookup:
        """Which holding fills a position on a day."""
        return Lookup.of(self.position, self.start, self.end)


def seat(facts: Facts, plans: Sequence[Plan]) -> tuple[Seats, list[Finding]]:
    """The seats of admitted facts, and findings about people who hold two positions or two plans at once."""
    order = ["participant_key", "position_key", "from_on", "until_on"]
    held = facts.positions.sort_values(order, kind="stable", ignore_index=True)
    assert facts.reporting is not None
    lines = (facts.reporting["position_key"], facts.reporting["manager_position_key"])
    participants, positions = sorted_index(held["participant_key"]), sorted_index(held["position_key"], *lines)
    participant = codes_of(participants, held["participant_key"])
    start, end = held["from_on"].to_numpy(np.int64), held["until_on"].to_numpy(np.int64)
    findings = _held_twice(held, participant, start, end)
    paid, conflicts = _paid(held, _Assigned.of(facts.assignments, plans), plans)
    seats = Seats(participants, positions, participant, codes_of(positions, held["position_key"]), start, end, paid)
    return seats, findings + conflicts


def _held_twice(held: pd.DataFrame, participant: np.ndarray, start: np.ndarray, end: np.ndarray) -> list[Finding]:
    order = order_of(participant, start)
    earlier, later = order[:-1], order[1:]
    found = []
    if len(order):
        twice = (participant[earlier] == participant[later]) & (start[later] < end[earlier])
        for row in later[twice].tolist():
            person = held["participant_key"].iloc[row]
            found.append(
                Finding(
                    "POSITIONS_OVERLAP",
                    f"participant {person}",
                    f"{person} holds two positions from {day_text(int(start[row]))}.",
                    "Credit of these days goes to the position that began last.",
                    "End the earlier position, or credit the deals by a split.",
                    about=(("participant_key", person),),
                )
            )
    return found


@dataclass(frozen=True)
class _Assigned:
    """Assignments by level and key."""

    rows: dict[tuple[str, object], list[tuple[str, int, int, int]]]

    @classmethod
    def of(cls, frame: pd.DataFrame, plans: Sequence[Plan]) -> _Assigned:
        numbers = {plan.key: index for index, plan in enumerate(plans)}
        rows: dict[tuple[str, object], list[tuple[str, int, int, int]]] = {}
        for record in frame.to_dict("records"):
            plan = numbers.get(str(record["plan_key"]))
            if plan is None:
                continue
            for level in LEVELS:
                key = record.get(level)
                if key is not None and key == key:
                    layer = record.get("layer")
                    name = layer if isinstance(layer, str) else MAIN
                    start = max(int(record["from_on"]), plans[plan].start)
                    end = min(int(record["until_on"]), plans[plan].end)
                    rows.setdefault((level, key), []).append((name, plan, start, end))
        return cls(rows)

    def met(self, held: pd.DataFrame) -> Iterator[tuple[int, str, list[list[tuple[int, int, int]]], Record]]:
        """Per holding and layer, for each level from person to title, the (plan, start, end) that apply."""
        levels = [
            (depth, level) for depth, level in enumerate(LEVELS) if level in held.columns and level in self.levels
        ]
        names = ["participant_key", "from_on", "until_on"]
        asked = zip(*(held[name].tolist() for name in (*names, *(level for _, level in levels))), strict=True)
        for holding, (person, begins, ends, *keys) in enumerate(asked):
            found: dict[str, list[list[tuple[int, int, int]]]] = {}
            for (depth, level), key in zip(levels, keys, strict=True):
                for layer, plan, start, end in self.rows.get((level, key), ()):
                    start, end = max(start, begins), min(end, ends)
                    if start < end:
                        found.setdefault(layer, [[] for _ in LEVELS])[depth].append((plan, start, end))
            for layer in sorted(found):
                yield holding, layer, found[layer], {"participant_key": person}

    def single(self, held: pd.DataFrame) -> Paid | None:
        """What pays each holding where each key of one level has one assignment and no other level has any; else None."""
        level = next(iter(self.levels), None)
        if len(self.levels) != 1 or level not in held.columns or any(len(rows) > 1 for rows in self.rows.values()):
            return None
        keys = [key for _, key in self.rows]
        rows = [rows[0] for rows in self.rows.values()]
        code = codes_of(pd.Index(keys, dtype=object), held[level].astype(object))
        plan, start, end = (np.array([row[place] for row in rows], dtype=np.int64) for place in (1, 2, 3))
        first = np.maximum(start[code], held["from_on"].to_numpy(np.int64))
        last = np.minimum(end[code], held["until_on"].to_numpy(np.int64))
        kept = np.flatnonzero((code >= 0) & (first < last))
        layer = np.array([row[0] for row in rows], dtype=object)[code[kept]]
        return Paid(kept, layer, plan[code[kept]], first[kept], last[kept])

    @property
    def levels(self) -> set[str]:
        """The levels that something is assigned at."""
        return {level for level, _ in self.rows}


def _paid(held: pd.DataFrame, assigned: _Assigned, plans: Sequence[Plan]) -> tuple[Paid, list[Finding]]:
    single = assigned.single(held)
    if single is not None:
        return single, []
    rows: list[tuple[int, str, int, int, int]] = []
    findings = []
    for holding, layer, levels, record in assigned.met(held):
        for plan, start, end in _most_specific(levels):
            if plan >= 0:
                rows.append((holding, layer, plan, start, end))
            else:
                findings.append(_two_plans(record, start, end))
    holdings, layers, numbers, starts, ends = (list(column) for column in zip(*rows, strict=True)) if rows else [[]] * 5
    whole = (np.array(column, dtype=np.int64) for column in (numbers, starts, ends))
    return Paid(np.array(holdings, dtype=np.int64), np.array(layers, dtype=object), *whole), findings


def _most_specific(levels: list[list[tuple[int, int, int]]]) -> list[tuple[int, int, int]]:
    """Stretches of days with the plan that holds on them, -1 where two of the same level compete."""
    applying = [one for level in levels for one in level]
    if len(applying) == 1:
        return applying
    cuts = sorted({day for _, start, end in applying for day in (start, end)})
    found: list[tuple[int, int, int]] = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        candidates = next(
            (plans for level in levels if (plans := {plan for plan, first, last in level if first <= start < last})),
            set(),
        )
        if not candidates:
            continue
        plan = candidates.pop() if len(candidates) == 1 else -1
        if found and found[-1][0] == plan and found[-1][2] == start:
            found[-1] = (plan, found[-1][1], end)
        else:
            found.append((plan, start, end))
    return found


def _two_plans(record: Record, start: int, end: int) -> Finding:
    person = record["participant_key"]
    return Finding(
        "PLANS_COMPETE",
        f"participant {person}",
        f"Two plans are assigned to {person} at the same level from {day_text(start)} until {day_text(end)}.",
        "Neither of them pays these days.",
        "End one assignment, or assign one of the plans more specifically: person wins over position, position over title.",
        about=(("participant_key", person),),
    )
