"""Runs as people see them, and whether what they read has changed since."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum

from incentives.models import Journal, Run, RunEarning
from incentives.selectors.changes import deals_of_change
from incentives.selectors.facts import Inputs, inputs_read, periods_open, surroundings_read
from incentives.selectors.surroundings import around_kept, is_unchanged
from planning.selectors import period_list
from spm.crm.deal_changes import facts_changed, others_changed
from spm.crm.deal_frames import has_returns
from spm.crm.selectors.facts import facts_moment
from spm.roles.policy import Viewer, visible

FRAME_WORDS = {
    "deals": "deals",
    "gaps": "incomplete deals",
    "lines": "order lines",
    "owners": "owners of deals",
    "splits": "splits",
    "plans": "plans",
    "assignments": "plan assignments",
    "positions": "positions and titles",
    "reporting": "reporting lines",
    "quotas": "quotas",
    "relations": "relations",
    "employments": "employments",
    "territories": "territories",
    "account_territories": "territories of accounts",
    "coverage": "who covers territories",
    "scores": "scores",
    "periods": "the period",
    "manual": "manual credits",
    "targets": "target pay",
    "ramps": "ramps",
    "leaves": "leave",
}


@dataclass(frozen=True)
class RunTotal:
    """What a run found, per currency."""

    currency: str
    people: int
    earned_minor: int


@dataclass(frozen=True)
class RunDetail:
    """A run with its totals, its findings by severity, its journals, and what has changed since it read the facts."""

    run: Run
    totals: tuple[RunTotal, ...]
    counts: dict[str, int]
    journals: tuple[Journal, ...]
    stale: tuple[str, ...]
    is_latest: bool


@dataclass(frozen=True)
class PeriodState:
    """An open period, its latest run, and what has changed since; without a run nothing was calculated yet."""

    period: Any
    run: Run | None
    stale: tuple[str, ...]


def run_list(viewer: Viewer) -> QuerySet[Run]:
    """Give all runs with the number of people they calculated, latest first; `run.view` decides who may ask."""
    newer = Run.objects.filter(period=OuterRef("period"), facts_known_at__gt=OuterRef("facts_known_at"))
    counted = (
        RunEarning.objects.filter(run=OuterRef("pk"))
        .order_by()
        .values("run")
        .annotate(count=Count("participant", distinct=True))
    )
    rows = Run.objects.select_related("period", "job").annotate(
        people=Subquery(counted.values("count")), is_replaced=Exists(newer)
    )
    return rows.order_by("-facts_known_at")


def run_get(viewer: Viewer, run: Run) -> RunDetail:
    """Give a run in full; the totals are those of the people within reach."""
    sums = (
        visible(viewer, RunEarning.objects.filter(run=run))
        .values("currency")
        .annotate(people=Count("participant", distinct=True), earned=Sum("earned_minor"))
        .order_by("currency")
    )
    is_latest = not Run.objects.filter(period=run.period_id, facts_known_at__gt=run.facts_known_at).exists()
    return RunDetail(
        run=run,
        totals=tuple(RunTotal(row["currency"], row["people"], row["earned"]) for row in sums),
        counts=dict(Counter(str(finding["severity"]).lower() for finding in run.findings)),
        journals=tuple(Journal.objects.filter(run=run).order_by("number")),
        stale=run_stale(run) if is_latest else (),
        is_latest=is_latest,
    )


def run_stale(run: Run) -> tuple[str, ...]:
    """Name what the run read that reads otherwise now; nothing for a run that is fresh."""
    known_at = facts_moment()
    if run.scope is not None:
        return _scoped_stale(run, known_at)
    back = has_returns(known_at)
    if not facts_changed(since=run.facts_known_at, until=known_at) and is_unchanged(run, back=back):
        return ()
    now = inputs_read(period=run.period, known_at=known_at).digests
    return tuple(words for name, words in FRAME_WORDS.items() if now.get(name) != run.inputs.get(name))


def _scoped_stale(run: Run, known_at: datetime) -> tuple[str, ...]:
    """A run of single people followed the deals up to its moment: stale is what changed after it, and any other frame."""
    back = has_returns(known_at)
    unchanged = is_unchanged(run, back=back)
    now = {} if unchanged else Inputs(surroundings_read(period=run.period, known_at=known_at)).digests
    words = [FRAME_WORDS[name] for name in FRAME_WORDS if name in now and now[name] != run.inputs.get(name)]
    since = run.facts_known_at
    changed = deals_of_change(around_kept(run), run.period, since, known_at, back=back)
    if changed or others_changed(since=since, until=known_at):
        words.append(FRAME_WORDS["deals"])
    return tuple(words)


def period_states(viewer: Viewer, *, on: date) -> list[PeriodState]:
    """Give the open periods with their latest run and whether it is stale, latest period first."""
    latest: dict[Any, Run] = {}
    for run in Run.objects.select_related("period__calendar").order_by("facts_known_at"):
        latest[run.period_id] = run
    found = []
    for period in reversed(periods_open(on)):
        run_of = latest.get(period.id)
        found.append(PeriodState(period, run_of, run_stale(run_of) if run_of else ()))
    return found


def periods_startable(*, on: date) -> list[Any]:
    """Give the periods that a run may be started for: those that have begun and that a published plan pays, latest first."""
    open_ids = {period.id for period in periods_open(on)}
    return [period for period in period_list(started_by=on) if period.id in open_ids]


def stale_periods(viewer: Viewer, day: date) -> list[tuple[Any, tuple[str, ...]]]:
    """Give the open periods whose latest run is stale, each with what has changed since; one never calculated names itself."""
    states = period_states(viewer, on=day)
    return [
        (state.period, state.stale or ("not calculated yet",)) for state in states if state.stale or state.run is None
    ]
