"""compute(facts, plans): credit, measure, earn. Frames in, frames out; nothing is read from anywhere else.

The result does not depend on the order of rows and is the same every time. What can't be computed is absent and has a
finding. Settlement (holds, draws, releases) works on these earnings and is not done here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from incentives.engine.above_sale import returned_above
from incentives.engine.assigning import Seats, codes_of, seat
from incentives.engine.attainment import Goals, Stays, Windows
from incentives.engine.bounding import bounded_facts
from incentives.engine.contracts import Facts, admit
from incentives.engine.covering import uncovered
from incentives.engine.credit_lines import CreditLines
from incentives.engine.crediting import Crediting, relevant_deals
from incentives.engine.earnings import Earned, earn
from incentives.engine.exchange import Exchange
from incentives.engine.limiting import Limit, limits
from incentives.engine.manual import is_manual, taken, unplaced
from incentives.engine.measuring import Cells, credit_all, goal_reader, measure_all, sum_by
from incentives.engine.plan import Plan
from incentives.engine.results import (
    CREDIT_COLUMNS,
    EARNING_COLUMNS,
    CreditPart,
    EarningPart,
    credits_frame,
    earnings_frame,
    empty,
)
from incentives.engine.room import Room
from incentives.engine.slicing import slices_frame
from incentives.engine.splitting import whole_splits
from incentives.engine.terms import has_terms, terms_overlap
from incentives.engine.unplanned import on_no_plan
from incentives.engine.unseated import unseated
from incentives.engine.words import DealOwner
from spm.core.findings import Finding, in_order

EARNING_KEYS = EARNING_COLUMNS[:4]


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
    crediting: Crediting
    """Whose the deals are, for traces."""
    exchange: Exchange | None = None
    """The currency rates of the plan; None where every deal was in its currency."""
    has_terms: bool = False
    """True where ramps, leave or targets of people are in its goals."""


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
    unplanned: tuple[Finding, ...] = field(default=(), repr=False)
    """Warnings about sellers whom no plan pays, of every period that was read; a run tells those of its own."""

    @property
    def slices(self) -> pd.DataFrame:
        """The tiers that each earning was paid in; made on demand."""
        return slices_frame(self.earned)

    @property
    def earned(self) -> list[tuple[Plan, Cells, Earned]]:
        """What each component of each plan earned."""
        return [(each.plan, each.cells, one) for each in self.computed for one in each.earned]


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
        return Result(empty(CREDIT_COLUMNS), empty(EARNING_COLUMNS), in_order(findings), ordered)
    admitted, torn = whole_splits(bounded_facts(admitted))
    assert admitted.targets is not None and admitted.ramps is not None
    overlapping = [*terms_overlap(admitted.targets, "targets"), *terms_overlap(admitted.ramps, "ramps")]
    if overlapping:
        return Result(empty(CREDIT_COLUMNS), empty(EARNING_COLUMNS), in_order(overlapping), ordered)
    seats, findings = seat(admitted, ordered)
    windows = Windows.of(admitted.periods)
    assert admitted.quotas is not None
    currencies = sorted({plan.currency for plan in ordered})
    goals = {each: Goals.of(admitted.quotas, seats, windows, each) for each in currencies}
    base = _Base(admitted, Crediting.of(admitted, seats), seats, windows, goals)
    of_lines = (
        base
        if admitted.lines is None
        else replace(base, facts=admitted.by_line, crediting=Crediting.of(admitted.by_line, seats))
    )
    seated, findings = findings, [finding for each in goals.values() for finding in each.findings]
    done, credit_parts, earning_parts = [], [], []
    granted: set[object] = set()
    for number, plan in enumerate(ordered):
        by_line = plan.by_line
        own = of_lines if by_line else base
        result, found = _plan(own, ordered, number)
        done.append(result)
        findings += found
        granted |= taken(own.facts.deals, (one.own.credited.deal for one in result.earned))
        for one in result.earned:
            if one.component.paid:
                credit_parts.append(CreditPart(plan, one.component, one.own.credited, one.parts, by_line))
                earning_parts.append(earnings_of(result, one))
        earning_parts += plan_limits(result)
    back = _given_back(base, done)
    shared = (*torn, *seated, *_unseated(base, ordered, back), *_above(base, done, back))
    if of_lines is not base:
        shared = (*shared, *_above(of_lines, done, _given_back(of_lines, done)))
    findings += [*shared, *unplaced(admitted, ordered, granted, windows)]
    return Result(
        credits_frame(credit_parts, base.crediting, windows, of_lines.facts.deals),
        earnings_frame(earning_parts, seats.participants, windows),
        in_order(findings),
        ordered,
        tuple(done),
        shared,
        tuple(on_no_plan(base.crediting, windows, ((each.cells.participant, each.cells.period) for each in done))),
    )


def _plan(base: _Base, plans: Sequence[Plan], number: int) -> tuple[PlanResult, list[Finding]]:
    plan = plans[number]
    lines = CreditLines(base.crediting, base.windows, plan, number, plans)
    stays = Stays.of(base.seats, number, base.windows)
    credited, findings = credit_all(lines)
    cells = Cells.of(lines, stays, credited.values())
    goals = goal_reader(lines, cells, base.goals[plan.currency], stays)
    measured, more = measure_all(lines, cells, credited, goals)
    room = Room(cells, base.facts.deals, lines.sold, measured, goals, _scores(base), amounts=lines.amounts)
    earned = tuple(earn(component, room) for component in plan.components)
    room.without.clear()
    result = PlanResult(
        plan,
        cells,
        earned,
        room,
        base.seats,
        stays,
        tuple(findings + more + lines.findings),
        base.crediting,
        lines.exchange,
        has_terms(base.facts),
    )
    return result, [*result.findings, *room.findings]


def _scores(base: _Base) -> dict[tuple[int, int, str], int]:
    frame = base.facts.scores
    assert frame is not None
    person = codes_of(base.seats.participants, frame["participant_key"]).tolist()
    period = codes_of(base.windows.keys, frame["period_key"]).tolist()
    return dict(
        zip(zip(person, period, frame["objective"].tolist(), strict=True), frame["score"].tolist(), strict=True)
    )


def _above(base: _Base, done: Sequence[PlanResult], back: np.ndarray) -> list[Finding]:
    """Returns of more than was sold, among those that somebody gives back."""
    policies = {rule.credit_date for each in done for one in each.plan.measures for rule in one.credit}
    return returned_above(base.crediting, policies, back, base.windows) if back.any() else []


def _given_back(base: _Base, done: Iterable[PlanResult]) -> np.ndarray:
    """The deals that somebody gives back at the original rate of their sale."""
    back = np.zeros(len(base.facts.deals), dtype=bool)
    for result in done:
        if result.room.deals is base.facts.deals:
            for each in result.room.measured.values():
                back[each.credited.deal[each.credited.reversal]] = True
    return back


def _unseated(base: _Base, plans: Sequence[Plan], back: np.ndarray) -> list[Finding]:
    """Deals that would be credited to somebody who holds no position on the day, for each day that the plans credit by."""
    if not len(base.windows.start):
        return []
    window = (int(base.windows.start.min()), int(base.windows.end.max()))
    read = base.facts.days or window
    window = (max(window[0], read[0]), min(window[1], read[1]))
    found: list[Finding] = []
    rules = [rule for plan in plans for each in plan.measures for rule in each.credit]
    for policy, owner in sorted({(rule.credit_date, rule.owner) for rule in rules}):
        days = base.crediting.days(policy)
        if days is not None:
            direct = base.crediting.direct(policy, owner)
            asked = (days >= window[0]) & (days < window[1]) & ~back
            nobody = np.zeros(len(days), dtype=bool)
            if owner == DealOwner.TERRITORY:
                nobody = asked.copy()
                nobody[direct.deal] = False
            lines = np.flatnonzero((direct.holding < 0) & asked[direct.deal])
            if not len(lines) and not nobody.any():
                continue
            relevant = relevant_deals(base.crediting.facts.deals, plans, policy, owner)
            manual = is_manual(base.crediting.facts.deals)
            relevant = relevant if manual is None else relevant & ~manual
            if nobody.any():
                places = base.crediting.belonging(days)
                found += uncovered(base.crediting.facts, places, np.flatnonzero(nobody & relevant))
            lines = lines[relevant[direct.deal[lines]]]
            if len(lines):
                names = base.crediting.names(direct, policy, owner)
                found += unseated(lines, direct, names, base.crediting.facts)
    return found


def earnings_of(result: PlanResult, one: Earned) -> EarningPart:
    """The earnings of one component: the groups that could be calculated; those that only give back, where they do."""
    cells, own = result.cells, one.own
    asked = ~cells.carried | one.gives_back
    rows = np.flatnonzero(~one.blocked & asked)
    none = _nullable(np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=bool))
    by_measure = own.measure.against is not None  # then it is no quota that these columns would show
    figures = {
        "credit_minor": sum_credit(one, len(cells))[rows],
        "value": own.value.own[rows],
        "quota_minor": none if own.goal is None or by_measure else _nullable(own.goal.after[rows], own.known[rows]),
        "attainment": none
        if own.goal is None or by_measure
        else _nullable(*(column[rows] for column in own.attainment())),
        "earned_minor": one.amount[rows],
    }
    return EarningPart(result.plan, one.component.key, cells.participant[rows], cells.period[rows], figures)


def sum_credit(one: Earned, count: int) -> np.ndarray:
    """The credited money of every group."""
    return sum_by(one.own.group, one.own.credited.amount, count)


def _nullable(values: np.ndarray, known: np.ndarray) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(values.astype(np.int64), ~known)


def plan_limits(result: PlanResult) -> list[EarningPart]:
    """Rows that bring the whole plan within its caps and floors; each states the difference."""
    found, cells = [], result.cells
    for limit in limits_of(result):
        rows = np.flatnonzero(~limit.blocked & (limit.change != 0))
        zero = np.zeros(len(rows), dtype=np.int64)
        none = _nullable(zero, np.zeros(len(rows), dtype=bool))
        figures = {
            "credit_minor": zero,
            "value": zero,
            "quota_minor": none,
            "attainment": none,
            "earned_minor": limit.change[rows],
        }
        found.append(EarningPart(result.plan, limit.key, cells.participant[rows], cells.period[rows], figures))
    return found


def limits_of(result: PlanResult) -> list[Limit]:
    """What the floors and caps of the plan change of every group."""
    return limits(result.plan, result.cells, result.earned)


__all__ = ["CREDIT_COLUMNS", "EARNING_COLUMNS", "PlanResult", "Result", "compute"]
