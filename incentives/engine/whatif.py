"""What a draft would pay over facts that were calculated before: priced from the summed measures where they hold, else in full.

Lines telescope, so a change of rates, tiers, quotas or targets never needs credits again: the totals of each person and period
are priced by the draft. A component that pays deals one by one is priced from its kept credits. Where the draft credits
otherwise, everything is computed. All three ways come to the same cents as `compute`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd

from incentives.engine.attainment import Goals, quotas_of
from incentives.engine.contracts import QUOTAS, Facts
from incentives.engine.credited import no_credits
from incentives.engine.deal_pay import rates_deals
from incentives.engine.earnings import Earned, earn, remember
from incentives.engine.measuring import (
    QUOTA,
    Cells,
    GoalReader,
    Measured,
    first_of,
    held_against,
    known_so_far,
    summed_since,
    windowed,
)
from incentives.engine.plan import Component, Measure, Pay, Plan
from incentives.engine.results import EARNING_COLUMNS, earnings_frame, empty
from incentives.engine.room import Room
from incentives.engine.run import PlanResult, Result, compute, earnings_of, plan_limits
from spm.core.findings import Finding, in_order

TOTALS_SUFFICE = frozenset(
    {"rate", "each", "table", "matrix", "bonus", "objectives", "contest", "of", "target", "target_name"}
)
"""Ways of paying that ask for totals only; any other is priced from credits."""
QUOTA_TWICE = "QUOTA_TWICE"
WINDOW_FIELDS = ("key", "quota", "accumulation", "goal")
"""What of a measure holds its credits against a goal, without deciding which credits there are."""


class Way(StrEnum):
    """How a plan was computed for a trial."""

    KEPT = "KEPT"
    TOTALS = "TOTALS"
    CREDITS = "CREDITS"
    FULL = "FULL"


@dataclass(frozen=True)
class Trial:
    """What plans would pay: as `compute` gives it, plan by plan, and the way in which each was computed."""

    computed: tuple[PlanResult, ...]
    findings: tuple[Finding, ...]
    ways: Mapping[str, Way]

    @cached_property
    def earnings(self) -> pd.DataFrame:
        """The earnings with the columns of a calculation; made on demand."""
        parts = [earnings_of(each, one) for each in self.computed for one in each.earned if one.component.paid]
        parts += [part for each in self.computed for part in plan_limits(each)]
        if not parts:
            return empty(EARNING_COLUMNS)
        return earnings_frame(parts, self.computed[0].seats.participants, self.computed[0].cells.windows)


def try_plans(facts: Facts, base: Result, plans: Sequence[Plan], *, quotas: pd.DataFrame | None = None) -> Trial:
    """What `plans` would pay over the facts that `base` was computed from; `quotas` takes the place of their quotas.

    A plan takes the place of the one with its key. To the cent equal to `compute` with these plans and quotas.
    """
    ordered = tuple(sorted(plans, key=lambda plan: plan.key))
    admitted, broken = (None, []) if quotas is None else QUOTAS.check(quotas)
    repriced = None if broken else _repriced(base, ordered, admitted)
    if repriced is None:
        result = compute(facts if quotas is None else replace(facts, quotas=quotas), ordered)
        return Trial(result.computed, result.findings, {plan.key: Way.FULL for plan in ordered})
    return repriced


def _repriced(base: Result, plans: tuple[Plan, ...], quotas: pd.DataFrame | None) -> Trial | None:
    """Every plan priced again from its own sums; None where one of them must be credited."""
    before = {each.plan.key: each for each in base.computed}
    if [plan.key for plan in plans] != [plan.key for plan in base.plans] or len(before) != len(plans):
        return None
    done, ways, found = [], {}, list(base.shared)
    goals: dict[str, Goals] = {}
    for plan in plans:
        old = before[plan.key]
        if quotas is not None and plan.currency not in goals:
            goals[plan.currency] = Goals.of(quotas, old.seats, old.cells.windows, plan.currency)
        if plan == old.plan and quotas is None:
            made, ways[plan.key] = old, Way.KEPT
        else:
            priced = _plan_repriced(old, plan, goals.get(plan.currency))
            if priced is None:
                return None
            made, ways[plan.key] = priced
        done.append(made)
        found += [*made.findings, *made.room.findings]
    found += _twice(base, goals) if quotas is not None else [each for each in base.findings if each.code == QUOTA_TWICE]
    return Trial(tuple(done), in_order(found), ways)


def _twice(base: Result, goals: Mapping[str, Goals]) -> list[Finding]:
    return [finding for each in goals.values() for finding in each.findings]


def credited_alike(old: Plan, new: Plan) -> bool:
    """True when both plans pay the same people on the same days in one currency at the same rates, and the new one sums no more."""
    names = ("key", "currency", "currency_rate", "fixed_on", "start", "end")
    if any(getattr(old, name) != getattr(new, name) for name in names):
        return False
    known = {measure.key: measure for measure in old.measures}
    return all(measure.key in known and _same_credits(known[measure.key], measure) for measure in new.measures)


def _same_credits(old: Measure, new: Measure) -> bool:
    return replace(new, **{name: getattr(old, name) for name in WINDOW_FIELDS}) == old


def _plan_repriced(old: PlanResult, plan: Plan, goals: Goals | None) -> tuple[PlanResult, Way] | None:
    """The plan over the sums of another version of it; None where they don't suffice."""
    other_days = plan.proration != old.plan.proration and goals is None
    fewer = len(plan.measures) < len(old.plan.measures) and bool(old.findings)
    if (goals is not None and old.has_terms) or other_days or fewer or not credited_alike(old.plan, plan):
        return None
    cells = replace(old.cells, plan=plan)
    reader = old.room.goals if goals is None else _reader(old, cells, goals)
    measured: dict[str, Measured] = {}
    for measure in plan.measures:
        held = _held(old.room.measured[measure.key], cells, measure, reader)
        if held is None:
            return None
        measured[measure.key] = held
    measured = held_against(measured)
    room = Room(cells, old.room.deals, old.room.sold, measured, reader, old.room.scores, amounts=old.room.amounts)
    earned, way = _earned(old, plan, room, may_keep=goals is None)
    return replace(old, plan=plan, cells=cells, earned=earned, room=room), way


def _reader(old: PlanResult, cells: Cells, goals: Goals) -> GoalReader:
    def read(name: str) -> tuple[np.ndarray, np.ndarray]:
        groups = (cells.participant, cells.period)
        return quotas_of(goals, old.seats, old.stays, cells.windows, cells.plan, name, groups)

    return read


def _held(old: Measured, cells: Cells, measure: Measure, goals: GoalReader) -> Measured | None:
    """Sums known already, over the window and against the goal that the measure asks for."""
    window, first = cells.window(measure.accumulation), old.first
    if measure.accumulation != old.measure.accumulation:
        if window is None or old.blocked.any() or cells.openings or cells.window(old.measure.accumulation) is None:
            return None
        first = first_of(cells.participant, window)
    goal, known = None, np.ones(len(cells), dtype=bool)
    if measure.quota is not None:
        own, known = goals(measure.quota)
        goal = windowed(own, first, measure.goal, old.brought, QUOTA)
        known = known_so_far(known, first, measure.goal, old.brought)
    value, rated = (summed_since(each.own, first, old.brought) for each in (old.value, old.rated))
    return replace(old, measure=measure, value=value, rated=rated, goal=goal, known=known, first=first)


def _earned(old: PlanResult, plan: Plan, room: Room, *, may_keep: bool) -> tuple[tuple[Earned, ...], Way]:
    """The components in order: kept where nothing of them differs, from totals where these tell, else from credits."""
    before = {one.component.key: one for one in old.earned}
    same_measures = may_keep and plan.measures == old.plan.measures
    thin = replace(room, measured={key: _without_credits(each) for key, each in room.measured.items()})
    kept: set[str] = set()
    done, way = [], Way.TOTALS
    for component in plan.components:
        one = before.get(component.key)
        if same_measures and one is not None and one.component == component and set(component.pay.builds_on) <= kept:
            kept.add(component.key)
            remember(one, room)
            room.findings.extend(_about(old.room.findings, component.key))
        elif totals_suffice(component, room.measured[component.measure.key]):
            one = _beside_credits(earn(component, thin), room.measured[component.measure.key])
        else:
            one, way = earn(component, room), Way.CREDITS
        done.append(one)
    return tuple(done), way


def _without_credits(measured: Measured) -> Measured:
    return replace(measured, credited=no_credits(), group=np.zeros(0, dtype=np.int64))


def _beside_credits(one: Earned, own: Measured) -> Earned:
    """What was priced from totals, with the credits behind them: no part of it is given to a credit."""
    none = np.zeros(len(own.credited), dtype=np.int64)
    return replace(one, own=own, parts=none, taken=none, unreturned=(one.amount, none))


def _about(findings: Sequence[Finding], component: str) -> list[Finding]:
    return [finding for finding in findings if finding.keys.get("component_key") == component]


def totals_suffice(component: Component, own: Measured) -> bool:
    """True when the sums of person and period tell what a component pays: no deal is rated alone, no return asks for its sale."""
    blank = Pay()
    ways = {each.name for each in fields(Pay) if getattr(component.pay, each.name) != getattr(blank, each.name)}
    return ways <= TOTALS_SUFFICE and not rates_deals(component) and not own.credited.reversal.any()


__all__ = ["Trial", "Way", "credited_alike", "totals_suffice", "try_plans"]
