"""compute(facts, plans): credit, measure, earn. Frames in, frames out; nothing is read from anywhere else.

The result does not depend on the order of rows and is the same every time. What can't be computed is absent and has a
finding. Settlement (holds, draws, releases) works on these earnings and is not done here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from incentives.engine.adjusting import bounded_by_year
from incentives.engine.assigning import Seats, codes_of, seat
from incentives.engine.attainment import Goals, Stays, Windows
from incentives.engine.contracts import Facts, admit
from incentives.engine.crediting import Crediting, relevant_deals, unseated
from incentives.engine.credits import CreditLines
from incentives.engine.earnings import Earned, earn
from incentives.engine.measuring import Cells, goal_reader, measure_all
from incentives.engine.paying import Room
from incentives.engine.plan import PLAN_CAP, PLAN_LIMITS, Bounds, Component, Plan
from incentives.engine.slicing import slices_frame
from spm.core.findings import Finding, in_order

CREDIT_COLUMNS = [
    "deal_key", "source_key", "participant_key", "position_key", "plan_key", "component_key", "period_key", "credit_on", "rule",
    "share", "credit_minor", "value", "currency", "from_participant_key", "earned_minor",
]  # fmt: skip
EARNING_COLUMNS = [
    "participant_key", "plan_key", "component_key", "period_key", "credit_minor", "value", "quota_minor", "attainment",
    "earned_minor", "currency",
]  # fmt: skip
EARNING_KEYS = EARNING_COLUMNS[:4]
CREDIT_ORDER = [*EARNING_KEYS, "credit_on", "source_key", "deal_key", "rule", "from_participant_key"]


@dataclass(frozen=True)
class PlanResult:
    """How one plan was computed: its groups and its components, for slices, traces and what-if."""

    plan: Plan
    cells: Cells
    earned: tuple[Earned, ...]
    room: Room
    seats: Seats
    stays: Stays
    findings: tuple[Finding, ...]
    """What its crediting found; what its components found is in the room."""


@dataclass(frozen=True)
class Result:
    """What a calculation found; see the columns in the documentation of the engine."""

    credits: pd.DataFrame
    earnings: pd.DataFrame
    findings: tuple[Finding, ...]
    plans: tuple[Plan, ...] = ()
    computed: tuple[PlanResult, ...] = field(default=(), repr=False)
    shared: tuple[Finding, ...] = field(default=(), repr=False)
    """The findings that no plan and no quota is to blame for: seats, and deals of nobody."""

    @property
    def slices(self) -> pd.DataFrame:
        """The tiers that each earning was paid in; made on demand."""
        return slices_frame((each.plan, each.cells, one) for each in self.computed for one in each.earned)


@dataclass(frozen=True)
class _Base:
    """What all plans of a calculation share."""

    facts: Facts
    crediting: Crediting
    seats: Seats
    windows: Windows
    goals: Mapping[str, Goals]


def compute(facts: Facts, plans: Sequence[Plan]) -> Result:
    """Credits and earnings of everybody whom one of the plans pays in one of the periods.

    Findings with severity ERROR name the participant, component and period that were left out. When a frame breaks its
    contract nothing is calculated. Source: house.md, Numbers; domain.md C2 to C4.
    """
    ordered = tuple(sorted(plans, key=lambda plan: plan.key))
    admitted, findings = admit(facts)
    if findings:
        return Result(_empty(CREDIT_COLUMNS), _empty(EARNING_COLUMNS), in_order(findings), ordered)
    seats, findings = seat(admitted, ordered)
    windows = Windows.of(admitted.periods)
    assert admitted.quotas is not None
    goals = {plan.currency: Goals.of(admitted.quotas, seats, windows, plan.currency) for plan in ordered}
    base = _Base(admitted, Crediting.of(admitted, seats), seats, windows, goals)
    shared = (*findings, *_unseated(base, ordered))
    findings = [*shared, *(finding for each in goals.values() for finding in each.findings)]
    done, credit_parts, earning_parts = [], [], []
    for number, plan in enumerate(ordered):
        result, found = _plan(base, plan, number)
        done.append(result)
        findings += found
        for one in result.earned:
            if one.component.paid:
                credit_parts.append(one.own.credited.frame(base.crediting, windows, plan, one.component, one.parts))
                earning_parts.append(earnings_frame(result, one))
        earning_parts += plan_limits(result)
    return Result(
        stacked_frame(credit_parts, CREDIT_COLUMNS, CREDIT_ORDER),
        stacked_frame(earning_parts, EARNING_COLUMNS, EARNING_KEYS),
        in_order(findings),
        ordered,
        tuple(done),
        shared,
    )


def _plan(base: _Base, plan: Plan, number: int) -> tuple[PlanResult, list[Finding]]:
    lines = CreditLines(base.crediting, base.windows, plan, number)
    stays = Stays.of(base.seats, number, base.windows)
    people, periods = stays.groups(base.seats)
    cells = Cells(plan, people, periods, base.windows, base.seats.participants)
    goals = goal_reader(lines, cells, base.goals[plan.currency], stays)
    measured, findings = measure_all(lines, cells, goals)
    room = Room(cells, base.facts.deals, measured, goals, _scores(base))
    earned = tuple(earn(component, room) for component in plan.components)
    result = PlanResult(plan, cells, earned, room, base.seats, stays, tuple(findings + lines.findings))
    return result, [*result.findings, *room.findings]


def _scores(base: _Base) -> dict[tuple[int, int, str], int]:
    frame = base.facts.scores
    assert frame is not None
    person = codes_of(base.seats.participants, frame["participant_key"]).tolist()
    period = codes_of(base.windows.keys, frame["period_key"]).tolist()
    return dict(
        zip(zip(person, period, frame["objective"].tolist(), strict=True), frame["score"].tolist(), strict=True)
    )


def _unseated(base: _Base, plans: Sequence[Plan]) -> list[Finding]:
    if not len(base.windows.start):
        return []
    window = (int(base.windows.start.min()), int(base.windows.end.max()))
    days = base.crediting.facts.deals["credit_on"].to_numpy(np.int64)
    relevant = relevant_deals(base.crediting.facts.deals, plans)
    return unseated(base.crediting.direct(days), relevant, base.crediting.facts, window)


def earnings_frame(result: PlanResult, one: Earned) -> pd.DataFrame:
    """The earnings of one component, a row per group that could be calculated."""
    cells, own = result.cells, one.own
    rows = np.flatnonzero(~one.blocked)
    none = pd.array([pd.NA] * len(rows), dtype="Int64")
    money = sum_credit(one, len(cells))
    return pd.DataFrame(
        {
            "participant_key": cells.names.take(cells.participant[rows]),
            "plan_key": result.plan.key,
            "component_key": one.component.key,
            "period_key": cells.windows.keys.take(cells.period[rows]),
            "credit_minor": money[rows],
            "value": own.value.own[rows],
            "quota_minor": none if own.goal is None else _nullable(own.goal.after[rows], own.known[rows]),
            "attainment": none if own.goal is None else _nullable(*(column[rows] for column in own.attainment())),
            "earned_minor": one.amount[rows],
            "currency": result.plan.currency,
        },
        columns=EARNING_COLUMNS,
    )


def sum_credit(one: Earned, count: int) -> np.ndarray:
    """The credited money of every group."""
    total = np.zeros(count, dtype=np.int64)
    group = one.own.group
    if len(group):
        starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
        total[group[starts]] = np.add.reduceat(one.own.credited.amount, starts)
    return total


def _nullable(values: np.ndarray, known: np.ndarray) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(values.astype(np.int64), ~known)


def plan_limits(result: PlanResult) -> list[pd.DataFrame]:
    """Rows that bring the whole plan within its caps and floors; each states the difference."""
    plan, cells = result.plan, result.cells
    if plan.cap == Bounds() and plan.floor == Bounds():
        return []
    paid = [one for one in result.earned if one.component.paid]
    blocked = np.logical_or.reduce([one.blocked for one in paid])
    total = np.sum([one.amount for one in paid], axis=0)
    found = []
    for key, name in PLAN_LIMITS.items():
        change = _change(cells, total, plan, is_cap=key == PLAN_CAP)
        total = total + change
        zero = np.zeros(len(cells), dtype=np.int64)
        component = Component(key, name, paid[0].component.measure, paid[0].component.pay)
        made = Earned(component, paid[0].own, paid[0].raw, [], change, blocked | (change == 0), zero[:0], zero)
        frame = earnings_frame(result, made)
        none = pd.array([pd.NA] * len(frame), dtype="Int64")
        found.append(frame.assign(credit_minor=0, value=0, quota_minor=none, attainment=none))
    return found


def _change(cells: Cells, total: np.ndarray, plan: Plan, *, is_cap: bool) -> np.ndarray:
    """What the cap or the floor of periods and years adds to totals."""
    bounds = plan.cap if is_cap else plan.floor
    found = total
    if bounds.period is not None:
        found = (np.minimum if is_cap else np.maximum)(total, int(bounds.period))
    limits = (bounds, Bounds()) if is_cap else (Bounds(), bounds)
    return bounded_by_year(*limits, found, cells) - total


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})


def stacked_frame(parts: Sequence[pd.DataFrame], columns: Sequence[str], keys: list[str]) -> pd.DataFrame:
    """Frames one after another, sorted by their keys."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return parts[0] if parts else _empty(columns)
    return pd.concat(filled, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)


__all__ = ["CREDIT_COLUMNS", "EARNING_COLUMNS", "PlanResult", "Result", "compute"]
