"""Trials: what a plan version would pay over chosen periods, beside the plan that is live. Reads and computes; writes nothing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from django.core.cache import cache

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.engine.resampling import Costs, resample
from incentives.engine.run import PlanResult, Result, compute
from incentives.engine.whatif import Trial, Way, try_plans
from incentives.models import PlanAssignment, PlanVersion, Run
from incentives.selectors.trial_facts import Pipeline, TrialFacts, assigned_to, period_days, trial_facts
from incentives.selectors.trial_gaps import is_anybody_paid, uncalculated
from incentives.selectors.trial_lines import Line, limits_of, lines_paired, sums_paired
from planning.selectors import period_list
from spm.core.dated import day_number
from spm.core.findings import Finding
from spm.core.money import multiply_columns, round_columns
from spm.jobs.models import Job
from spm.roles.policy import Viewer, require

YEARS = (1_000, 10_000)
BEFORE, AFTER = "BEFORE", "AFTER"
DIRECT_CREDITS = 50_000
"""Runs with more credits than this are tried in a job."""


@dataclass(frozen=True)
class Question:
    """What is tried: a version over periods in the place of the live versions of a plan, with quotas at a percentage of today's."""

    version: UUID
    plan: UUID
    periods: tuple[UUID, ...]
    pipeline: Pipeline = Pipeline.NONE
    quota_percent: int = 100
    years: int = YEARS[0]
    seed: int = 1

    def as_dict(self) -> dict[str, object]:
        """Give the question as plain values, for a job."""
        return asdict(self) | {
            "version": str(self.version),
            "plan": str(self.plan),
            "periods": [str(one) for one in self.periods],
            "pipeline": str(self.pipeline),
        }

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Question":
        """Read the question of a job."""
        return cls(
            version=UUID(values["version"]),
            plan=UUID(values["plan"]),
            periods=tuple(UUID(one) for one in values["periods"]),
            pipeline=Pipeline(values["pipeline"]),
            quota_percent=values["quota_percent"],
            years=values["years"],
            seed=values["seed"],
        )


@dataclass(frozen=True)
class Elsewhere:
    """What another plan pays a person in a period in which the plan that is replaced pays the person nothing."""

    plan: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class TrialRow:
    """What one person gets from one component in one period: by the live plan and by the draft, None where it has no such line.

    `is_compared` is False where one of the two has no line at all for the person in the period: what the person gets by it is
    unknown, not nothing. `elsewhere` is then what other plans pay. `blocked` names the sides, BEFORE or AFTER, on which the line
    could not be calculated; `lacking` those on which any line of the person in the period could not: the sum is then unknown.
    """

    participant_id: str
    component: str
    period_key: str
    before_minor: int | None
    after_minor: int | None
    is_compared: bool = True
    elsewhere: tuple[Elsewhere, ...] = ()
    blocked: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeriodTrial:
    """A trial on one period: how it was computed, on which facts, what everybody gets, and what it costs in resampled periods."""

    period_key: str
    way: str
    run_id: UUID | None
    known_at: datetime
    added: int
    without_probability: int
    rows: tuple[TrialRow, ...]
    findings: tuple[Finding, ...]
    costs_before: Costs | None = field(repr=False)
    costs_after: Costs | None = field(repr=False)


def trial_periods(version: PlanVersion, *, now_on: Any) -> list[Any]:
    """Give the periods that the version can be tried on, latest first: those of its calendar's kind that have begun, and the next one."""
    kind = version.definition.get("period")
    found = list(period_list(kind=str(kind)))
    begun = [one for one in found if one.during.lower <= now_on]
    coming = [one for one in reversed(found) if one.during.lower > now_on][:4]
    return [*reversed(coming), *begun]


def is_long(question: Question) -> bool:
    """Tell whether a trial should be a job: many credits in the runs of its periods, or many resampled years."""
    latest: dict[UUID, int] = {}
    for run in Run.objects.filter(period__in=question.periods).order_by("facts_known_at"):
        latest[run.period_id] = run.credit_count
    return sum(latest.values()) > DIRECT_CREDITS or question.years > YEARS[0]


def trial_get(viewer: Viewer, version: PlanVersion, question: Question, *, now: datetime) -> list[PeriodTrial]:
    """Try a version on every period asked, earliest first."""
    require(viewer, "whatif.view")
    periods = period_list().filter(pk__in=question.periods).order_by("during")
    return [period_try(version, question, period, now=now) for period in periods]


def period_try(version: PlanVersion, question: Question, period: Any, *, now: datetime) -> PeriodTrial:
    """Try a version on one period. Raises ValueError for a version that does not compile."""
    draft, findings = compile_plan(version.definition)
    if draft is None:
        raise ValueError(findings[0].message)
    read = trial_facts(period, draft, pipeline=question.pipeline, now=now)
    live = _live(read, question.plan)
    base = compute(read.facts, read.plans)
    facts, plans, tried = _tried(read, draft, version, period, live, question.plan)
    quotas = _quotas(facts, question.quota_percent)
    trial = try_plans(facts, base, plans, quotas=quotas)
    dice = [question.seed, period_days(period)[0]]
    return PeriodTrial(
        period_key=period.key,
        way=str(_way(trial, tried)),
        run_id=read.run.id if read.run else None,
        known_at=read.known_at,
        added=read.added,
        without_probability=read.without_probability,
        rows=_rows(base, trial, _Sides(live, tried, read.plans, draft), period.key),
        findings=_told(trial, base, tried),
        costs_before=_costs(base.computed, live, question.years, dice, period.key),
        costs_after=_costs(trial.computed, tried, question.years, dice, period.key),
    )


def _told(trial: Trial, base: Result, tried: Sequence[str]) -> tuple[Finding, ...]:
    """What the draft finds that the live plans do not, and all that it can't calculate: an unknown amount needs its reason."""
    known = set(base.findings)
    return tuple(
        one for one in trial.findings if one not in known or (one.is_error and dict(one.about).get("plan_key") in tried)
    )


def _live(read: TrialFacts, plan: UUID) -> list[str]:
    """The keys of the versions of a plan that pay in the period."""
    return [row["id"] for row in json.loads(read.inputs.frames["plans"]) if row["plan"] == str(plan)]


def _tried(
    read: TrialFacts, draft: Plan, version: PlanVersion, period: Any, live: Sequence[str], plan: UUID
) -> tuple[Facts, list[Plan], list[str]]:
    """Facts and plans with the draft in the place of the live versions, on their days; where there are none, on the whole period."""
    if live:
        tried = [_instead(draft, one) if one.key in live else one for one in read.plans]
        return read.facts, tried, list(live)
    key, (start, end) = str(version.pk), period_days(period)
    during = (period.during.lower, period.during.upper)
    assigned = PlanAssignment.objects.filter(plan=plan, during__overlap=during)
    rows = [
        (one.participant_id, one.position_id, one.title_id, _day(one.during.lower, start), _day(one.during.upper, end))
        for one in assigned
    ]
    columns = ["participant_key", "position_key", "title_key", "from_on", "until_on"]
    frame = pd.DataFrame([[_text(cell) for cell in row] for row in rows], columns=columns)
    return assigned_to(read.facts, key, frame), [*read.plans, replace(draft, key=key, start=start, end=end)], [key]


def _instead(draft: Plan, live: Plan) -> Plan:
    if draft.currency != live.currency:
        raise ValueError(
            f"The draft pays in {draft.currency}, the live plan in {live.currency}: they can't be held side by side."
        )
    return replace(draft, key=live.key, start=live.start, end=live.end)


def _day(day: Any, otherwise: int) -> int:
    return otherwise if day is None else day_number(day)


def _text(cell: object) -> object:
    return str(cell) if isinstance(cell, UUID) else cell


def _quotas(facts: Facts, percent: int) -> pd.DataFrame | None:
    """The quotas at a percentage, each rounded once; None where they stay."""
    if percent == 100 or facts.quotas is None:
        return None
    amounts = facts.quotas["amount_minor"].to_numpy("int64")
    return facts.quotas.assign(amount_minor=round_columns(multiply_columns(amounts, percent), 100))


def _way(trial: Trial, tried: Sequence[str]) -> Way:
    """The costliest way that was needed."""
    order = list(Way)
    return max((trial.ways[key] for key in tried), key=order.index, default=Way.KEPT)


@dataclass(frozen=True)
class _Sides:
    """The keys of the live versions and of the draft in their place, among the plans that pay in the period."""

    live: Sequence[str]
    tried: Sequence[str]
    plans: Sequence[Plan]
    draft: Plan

    @property
    def live_plans(self) -> list[Plan]:
        return [plan for plan in self.plans if plan.key in self.live]

    @property
    def others(self) -> list[Plan]:
        return [plan for plan in self.plans if plan.key not in self.live]


def _rows(before: Result, after: Trial, sides: _Sides, period_key: str) -> tuple[TrialRow, ...]:
    pairs = lines_paired(sides.live_plans, sides.draft)
    old = sums_paired(earned_sums(before.earnings, sides.live, period_key), pairs)
    new = earned_sums(after.earnings, sides.tried, period_key)
    unpaired = uncalculated(before.computed, sides.live, period_key)
    gaps = {
        BEFORE: {(person, pairs.get(line, line)) for person, line in unpaired},
        AFTER: uncalculated(after.computed, sides.tried, period_key),
    }
    lacking = {side: {person for person, _ in lines} for side, lines in gaps.items()}
    known, paid = ({person for person, _ in sums} for sums in (old, new))
    known, paid = known | lacking[BEFORE], paid | lacking[AFTER]
    lines = sorted(set().union(old, new, *gaps.values()))
    _limits_unreached(old, lines, limits_of(sides.live_plans), known - lacking[BEFORE])
    _limits_unreached(new, lines, limits_of([sides.draft]), paid - lacking[AFTER])
    elsewhere = _elsewhere(before.earnings, sides.others, period_key)
    return tuple(
        TrialRow(
            person,
            component,
            period_key,
            old.get((person, component)),
            new.get((person, component)),
            is_compared=person in known and person in paid,
            elsewhere=() if person in known else tuple(elsewhere.get(person, ())),
            blocked=tuple(side for side in gaps if (person, component) in gaps[side]),
            lacking=tuple(side for side in lacking if person in lacking[side]),
        )
        for person, component in lines
    )


def _limits_unreached(sums: dict[Line, int], lines: Iterable[Line], limits: set[str], people: set[str]) -> None:
    """Put 0 where a limit of the whole plan is not reached and the other side shows the line."""
    for person, component in lines:
        if component in limits and person in people:
            sums.setdefault((person, component), 0)


def _elsewhere(frame: pd.DataFrame, plans: Sequence[Plan], period_key: str) -> dict[str, list[Elsewhere]]:
    """What each person gets from other plans."""
    found: dict[str, list[Elsewhere]] = {}
    for plan in plans:
        amounts: dict[str, int] = {}
        for (person, _), earned in earned_sums(frame, [plan.key], period_key).items():
            amounts[person] = amounts.get(person, 0) + earned
        for person, amount in amounts.items():
            found.setdefault(person, []).append(Elsewhere(plan.name, amount, plan.currency))
    return found


def earned_sums(frame: pd.DataFrame, keys: Sequence[str], period_key: str) -> dict[tuple[str, str], int]:
    """Give what plans pay in a period by person and component."""
    mine = frame[frame["plan_key"].isin(list(keys)) & (frame["period_key"] == period_key)]
    found: dict[tuple[str, str], int] = {}
    columns = (mine["participant_key"].tolist(), mine["component_key"].tolist(), mine["earned_minor"].tolist())
    for person, component, earned in zip(*columns, strict=True):
        found[str(person), str(component)] = found.get((str(person), str(component)), 0) + earned
    return found


def _costs(
    computed: Iterable[PlanResult], keys: Sequence[str], years: int, seed: Sequence[int], period_key: str
) -> Costs | None:
    """The resampled cost of some plans in one period, None where they pay nobody; the same dice for the live plan and the draft."""
    found: Costs | None = None
    for each in computed:
        if each.plan.key in keys and is_anybody_paid(each, period_key):
            made = resample(each, years=years, dice=np.random.default_rng(list(seed)), period_key=period_key)
            found = made if found is None else found.and_then(made)
    return found


def trial_part_key(job: Job, period: str) -> str:
    """Name where the part of a job's trial stands in the cache."""
    return f"whatif:{job.pk}:{period}"


def trial_parts(viewer: Viewer, job: Job) -> list[PeriodTrial] | None:
    """Give the parts of a job's trial, earliest period first; None until all are there, and again after a day."""
    require(viewer, "whatif.view")
    keys = [trial_part_key(job, period) for period in job.arguments["periods"]]
    found = cache.get_many(keys)
    return sorted(found.values(), key=lambda part: part.period_key) if len(found) == len(keys) else None


def trial_job(viewer: Viewer, version: PlanVersion, job_id: UUID) -> Job | None:
    """Give the job of a trial of this version, or None."""
    require(viewer, "whatif.view")
    return Job.objects.filter(pk=job_id, kind="whatif", arguments__version=str(version.pk)).first()
