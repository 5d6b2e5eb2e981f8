"""A draft tried on a person's facts of a period that no run paid by its plan: what an example then expects, until somebody confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.engine.plan_settling import Span
from incentives.engine.run import Result, compute
from incentives.engine.spans import after
from incentives.engine.words import Accumulation
from incentives.models import PlanVersion
from incentives.selectors.entering import LEVELS, entered
from incentives.selectors.facts import days_of
from incentives.selectors.trial_facts import Pipeline, TrialFacts, assigned_to, period_days, trial_facts
from incentives.selectors.trial_gaps import uncalculated
from spm.core.dated import day_number, day_text
from spm.core.findings import Finding, Severity, errors
from spm.core.periods import CalendarKind

UNCONFIRMED = "Computed by this draft, paid by no run: confirm the figures or correct them, then delete this note."
YEARS_APART = 30
BY_MONTHS = frozenset({CalendarKind.MONTHLY, CalendarKind.QUARTERLY, CalendarKind.YEARLY, CalendarKind.SEMI_MONTHLY})
"""Calendars whose periods lie on the same days of every year."""


@dataclass(frozen=True)
class CaseLine:
    """One line of pay of a person in a period, and the quota that it was held against."""

    period_key: str
    component: str
    earned_minor: int
    quota_value: int | None


@dataclass(frozen=True)
class CaseTry:
    """What the draft computes for a person: the lines of the period, the quotas of its windows, and the deals credited in them.

    `years` is how much later the period is taken, so that it lies in the days of the draft.
    """

    plan: Plan
    facts: Facts
    deals: frozenset[str]
    lines: tuple[CaseLine, ...]
    quotas: tuple[CaseLine, ...]
    years: int


@dataclass(frozen=True)
class _Asked:
    person: str
    period: Any
    years: int


def case_try(version: PlanVersion, person: str, period: Any, *, now: datetime) -> tuple[CaseTry | None, list[Finding]]:
    """Try the draft on the facts of a person and period, or give the findings that say why it can't be."""
    draft, found = compile_plan(version.definition)
    if draft is None:
        return None, errors(found)
    years = _years(draft, period)
    if years is None:
        what = f"{period.key} is no period of {draft.name}: it pays {draft.period}, from {day_text(draft.start)}."
        return None, [case_finding("CASE_OTHER_CALENDAR", period, what, "Choose a period of its calendar.")]
    start, end = (after(day, Span(months=-12 * years)) for day in (draft.start, draft.end))
    placed = replace(draft, key=str(version.pk), start=start, end=end)
    read = trial_facts(period, placed, pipeline=Pipeline.NONE, now=now)
    facts = _with_person(read, version, period, person)
    return _tried(compute(facts, [*read.plans, placed]), placed, facts, _Asked(person, period, years))


def _years(draft: Plan, period: Any) -> int | None:
    """How many years later a period lies in the days of the draft, 0 where it does now; None where it never does."""
    if str(period.calendar.kind) != str(draft.period):
        return None
    moves = sorted(range(-YEARS_APART, YEARS_APART + 1), key=abs) if CalendarKind(draft.period) in BY_MONTHS else [0]
    first, _ = period_days(period)
    return next((each for each in moves if draft.start <= after(first, Span(months=12 * each)) < draft.end), None)


def _with_person(read: TrialFacts, version: PlanVersion, period: Any, person: str) -> Facts:
    """The facts with everybody who is on the draft, and the person, whoever else pays the person now."""
    start, end = period_days(period)
    if "window" in read.inputs.frames:
        start = days_of(read.inputs.frames["window"])[0]
    facts = entered(read.facts, version, (start, end), str(version.pk))
    held = facts.assignments
    if "participant_key" in held.columns:
        held = held[held["participant_key"] != person]
    mine = pd.DataFrame([[person, None, None, start, end]], columns=[*LEVELS, "from_on", "until_on"])
    return assigned_to(replace(facts, assignments=held), str(version.pk), mine)


def _tried(result: Result, plan: Plan, facts: Facts, asked: _Asked) -> tuple[CaseTry | None, list[Finding]]:
    person, period = asked.person, asked.period
    if any(who == person for who, _ in uncalculated(result.computed, [plan.key], period.key)):
        return None, _reasons(result, plan, asked)
    earned, credits = (
        frame[(frame["participant_key"] == person) & (frame["plan_key"] == plan.key)]
        for frame in (result.earnings, result.credits)
    )
    lines = _lines(earned[earned["period_key"] == period.key])
    if not len(credits) and not any(each.earned_minor for each in lines):
        what = f"{plan.name} credits this person nothing in {period.key}."
        return None, [case_finding("CASE_EMPTY", period, what, "Choose a person or a period with deals.")]
    deals = frozenset(credits["deal_key"].astype(str))
    return CaseTry(plan, facts, deals, lines, _goals(_lines(earned), plan, facts.periods), asked.years), []


def _reasons(result: Result, plan: Plan, asked: _Asked) -> list[Finding]:
    """Why lines of the person could not be computed: what the calculation found of them, or of the whole plan."""
    known = [each for each in errors(result.findings) if each.keys.get("plan_key") == plan.key]
    known = [each for each in known if each.keys.get("participant_key", asked.person) == asked.person]
    told = {each.code: f"{each.what} {each.fix}".replace(asked.person, "this person") for each in known}
    what = f"{plan.name} could not be computed for this person in {asked.period.key}: {' '.join(told.values())}".strip()
    return [case_finding("CASE_NOT_COMPUTED", asked.period, what, "Mend it, or choose another person or period.")]


def _lines(earned: pd.DataFrame) -> tuple[CaseLine, ...]:
    columns = (earned[name].tolist() for name in ("period_key", "component_key", "earned_minor", "quota_minor"))
    return tuple(
        CaseLine(str(period), str(component), int(amount), None if pd.isna(quota) else int(quota))
        for period, component, amount, quota in zip(*columns, strict=True)
    )


def _goals(lines: Sequence[CaseLine], plan: Plan, periods: pd.DataFrame) -> tuple[CaseLine, ...]:
    """The lines with the part of their quota that each period adds to its window."""
    measures = {each.key: each.measure for each in plan.components}
    windows = {
        Accumulation.PERIOD: periods["period_key"],
        Accumulation.QTD: periods.get("quarter_key"),
        Accumulation.YTD: periods.get("year_key"),
        Accumulation.CONTRACT: None,
    }
    order = dict(zip(periods["period_key"].astype(str), periods["start_on"], strict=True))
    sums: dict[tuple[str, object], int] = {}
    found = []
    for line in sorted(lines, key=lambda each: order[each.period_key]):
        if line.component not in measures or line.quota_value is None:
            continue
        window = windows[measures[line.component].accumulation]
        around = None if window is None else window[periods["period_key"].astype(str) == line.period_key].iloc[0]
        before = sums.get((line.component, around), 0)
        sums[line.component, around] = line.quota_value
        found.append(replace(line, quota_value=line.quota_value - before))
    return tuple(found)


def later(text: str, years: int) -> str:
    """Give a day, or the key of a period, so many years later.

    >>> later("2024-02-29", 1), later("2026-Q3", 1), later("2026", -1)
    ('2025-02-28', '2027-Q3', '2025')
    """
    if len(text) == len("2024-02-29"):
        return day_text(after(day_number(date.fromisoformat(text)), Span(months=12 * years)))
    year, dash, rest = text.partition("-")
    return f"{int(year) + years}{dash}{rest}"


def unconfirmed(plan: str, period: Any) -> Finding:
    """Say that the figures of an example are computed by the draft."""
    what = f"No run of {period.key} paid this person by {plan}: the example expects what the draft computes."
    fix = "Confirm the figures, or correct them."
    return Finding("CASE_UNCONFIRMED", period.key, what, "", fix, severity=Severity.WARNING)


def case_finding(code: str, period: Any, what: str, fix: str) -> Finding:
    """Say why a person's period became no example."""
    return Finding(code, period.key, what, "No example was made.", fix)
