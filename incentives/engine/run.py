"""compute(facts, plans): credit, attain, earn. Frames in, frames out; nothing is read from anywhere else.

The result does not depend on the order of rows and is the same every time. What can't be computed is absent and has a
finding. Settlement (holds, draws, releases) works on these earnings and is not done here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from incentives.engine.assigning import Seats, seat
from incentives.engine.attainment import Goals, Stays, Windows, quota_findings, quotas_of
from incentives.engine.contracts import Facts, admit
from incentives.engine.crediting import Crediting, relevant_deals, unseated
from incentives.engine.credits import Credited, CreditLines, credit_component
from incentives.engine.earnings import Groups, attainment_of, earn, share_earning
from incentives.engine.plan import Component, Plan
from incentives.engine.slicing import slices_frame
from spm.core.findings import Finding, in_order

CREDIT_COLUMNS = (
    "deal_key source_key participant_key position_key plan_key component_key period_key credit_on rule share credit_minor "
    "currency from_participant_key earned_minor"
).split()
EARNING_COLUMNS = "participant_key plan_key component_key period_key credit_minor quota_minor attainment earned_minor currency".split()


@dataclass(frozen=True)
class Result:
    """What a calculation found; see the columns in the documentation of the engine."""

    credits: pd.DataFrame
    earnings: pd.DataFrame
    findings: tuple[Finding, ...]
    plans: tuple[Plan, ...] = ()
    facts: Facts | None = field(default=None, repr=False)

    @property
    def slices(self) -> pd.DataFrame:
        """The tiers that each earning was paid in; made on demand."""
        return slices_frame(self.earnings, self.plans)


@dataclass(frozen=True)
class _Room:
    """What all components of a calculation share."""

    crediting: Crediting
    seats: Seats
    windows: Windows
    goals: Goals


def compute(facts: Facts, plans: Sequence[Plan]) -> Result:
    """Credits and earnings of everybody whom one of the plans pays in one of the periods.

    Findings with severity ERROR name the participant, component and period that were left out. When a frame breaks its
    contract nothing is calculated. Source: house.md, Numbers; domain.md C2 to C4.
    """
    ordered = tuple(sorted(plans, key=lambda plan: plan.key))
    admitted, findings = admit(facts)
    if findings:
        return Result(_empty(CREDIT_COLUMNS), _empty(EARNING_COLUMNS), in_order(findings), ordered, facts)
    seats, seat_findings = seat(admitted, ordered)
    windows = Windows.of(admitted.periods)
    assert admitted.quotas is not None
    goals = Goals.of(admitted.quotas, seats, windows)
    room = _Room(Crediting.of(admitted, seats), seats, windows, goals)
    findings = [*seat_findings, *goals.findings, *_unseated(room, ordered)]
    credit_parts, earning_parts = [], []
    for number, plan in enumerate(ordered):
        lines = CreditLines(room.crediting, windows, plan, number)
        stays = Stays.of(seats, number, windows)
        for component in plan.components:
            made, paid, found = _component(room, lines, stays, component)
            credit_parts.append(made)
            earning_parts.append(paid)
            findings += found + lines.findings
    return Result(
        _stacked(
            credit_parts,
            CREDIT_COLUMNS,
            [
                "participant_key",
                "plan_key",
                "component_key",
                "period_key",
                "credit_on",
                "source_key",
                "deal_key",
                "rule",
                "from_participant_key",
            ],
        ),
        _stacked(earning_parts, EARNING_COLUMNS, ["participant_key", "plan_key", "component_key", "period_key"]),
        in_order(findings),
        ordered,
        facts,
    )


def _unseated(room: _Room, plans: Sequence[Plan]) -> list[Finding]:
    if not len(room.windows.start):
        return []
    window = (int(room.windows.start.min()), int(room.windows.end.max()))
    days = room.crediting.facts.deals["credit_on"].to_numpy(np.int64)
    relevant = relevant_deals(room.crediting.facts.deals, plans)
    return unseated(room.crediting.direct(days), relevant, room.crediting.facts, window)


def _component(
    room: _Room, lines: CreditLines, stays: Stays, component: Component
) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    plan, windows = lines.plan, room.windows
    credited, findings = credit_component(lines, component)
    people, periods = stays.groups(room.seats)
    place = people * len(windows.start) + periods
    group = np.searchsorted(place, credited.participant * len(windows.start) + credited.period)
    groups, missing = _groups(room, lines, stays, component, (people, periods), credited, group)
    earned = earn(component, groups)
    order = np.lexsort((credited.deal, credited.day, group))
    part = np.zeros(len(group), dtype=np.int64)
    part[order] = share_earning(component, groups, earned, group[order], credited.amount[order])
    return (
        credited.frame(room.crediting, windows, plan, component, part),
        _earnings_frame(room, plan, component, groups, earned),
        findings + missing,
    )


def _groups(
    room: _Room,
    lines: CreditLines,
    stays: Stays,
    component: Component,
    keys: tuple[np.ndarray, np.ndarray],
    credited: Credited,
    group: np.ndarray,
) -> tuple[Groups, list[Finding]]:
    people, periods = keys
    credit = sum_by(group, credited.amount, len(people))
    computed = np.ones(len(people), dtype=bool)
    computed[lines.blocked_groups(component, keys)] = False
    if component.quota is None:
        return Groups(people, periods, credit, None, computed), []
    goal, known = quotas_of(room.goals, room.seats, stays, room.windows, lines.plan, component.quota, keys)
    bad = np.flatnonzero(~known | (goal <= 0))
    findings = quota_findings(
        lines.plan,
        component.key,
        component.quota,
        [room.seats.participants[code] for code in people[bad]],
        [room.windows.keys[code] for code in periods[bad]],
        [int(goal[row]) if known[row] else None for row in bad],
    )
    computed[bad] = False
    return Groups(people, periods, credit, goal, computed), findings


def sum_by(group: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Exact sums of int64 values by group number."""
    total = np.zeros(count, dtype=np.int64)
    order = np.argsort(group, kind="stable")
    if len(order):
        first = np.concatenate([[True], np.diff(group[order]) != 0])
        total[group[order][first]] = np.add.reduceat(values[order], np.flatnonzero(first))
    return total


def _earnings_frame(room: _Room, plan: Plan, component: Component, groups: Groups, earned: np.ndarray) -> pd.DataFrame:
    rows = np.flatnonzero(groups.computed)
    none = pd.array([pd.NA] * len(rows), dtype="Int64")
    return pd.DataFrame(
        {
            "participant_key": room.seats.participants.take(groups.participant[rows]),
            "plan_key": plan.key,
            "component_key": component.key,
            "period_key": room.windows.keys.take(groups.period[rows]),
            "credit_minor": groups.credit[rows],
            "quota_minor": none if groups.goal is None else pd.array(groups.goal[rows], dtype="Int64"),
            "attainment": none if groups.goal is None else pd.array(attainment_of(groups)[rows], dtype="Int64"),
            "earned_minor": earned[rows],
            "currency": plan.currency,
        },
        columns=EARNING_COLUMNS,
    )


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})


def _stacked(parts: Sequence[pd.DataFrame], columns: Sequence[str], keys: list[str]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if not filled:
        return parts[0] if parts else _empty(columns)
    return pd.concat(filled, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)
