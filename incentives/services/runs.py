"""Frames to rows: the one bridge out of the engine. A run calculates every published plan of one period and is never changed afterwards."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from incentives.engine.conversions import conversions
from incentives.engine.plan import Plan
from incentives.engine.run import Result
from incentives.models import Run, RunInput, RunState
from incentives.selectors.changes import Changes, changes_of, nothing_changed
from incentives.selectors.deals import VERSIONED
from incentives.selectors.facts import (
    Inputs,
    code_version,
    frame_of,
    inputs_read,
    plans_of,
)
from incentives.selectors.finding_words import findings_named
from incentives.selectors.kept import compute_again, computed_numbered
from incentives.selectors.nights import night_inputs
from incentives.selectors.rerated import moves_of
from incentives.services.results import Columns, credits_write, earnings_write, rates_write, results_digest
from planning.selectors import period_get
from spm.audit.snapshots import snapshot_taken
from spm.core.findings import Finding
from spm.crm.selectors.facts import facts_moment
from spm.hooks.services.events import event_emit
from spm.roles.policy import Viewer, require

_THINGS = {"participant_key", "position_key", "plan_key", "component_key", "deal_key", "source_key"}


@transaction.atomic
def run_calculate(
    *, period_id: UUID, actor: Viewer, job_id: UUID | None = None, night: date | None = None
) -> tuple[Run, bool]:
    """Calculate a period; gives the run and whether it is new. Equal inputs as the period's latest run give that run back, and are not even
    read where it is certain that nothing changed since.

    `night` is the day of a night that calculates all open periods, and reads their deals once.
    One at a time per period: a second caller waits and then finds the first one's run. All is one transaction, so that a killed worker
    leaves nothing behind.
    """
    require(actor, "run.start")
    period = period_get(period_id)
    run_lock(period.id)
    snapshot, known_at = snapshot_taken(), facts_moment()
    latest = run_latest(period.id)
    if latest is not None and latest.scope is None and nothing_changed(period, known_at, latest):
        return latest, False
    inputs = (
        inputs_read(period=period, known_at=known_at)
        if night is None
        else night_inputs(period=period, known_at=known_at, night=night)
    )
    same = latest is not None and (latest.inputs_digest, latest.code_version) == (inputs.digest, code_version())
    if latest is not None and latest.scope is None and same:
        return latest, False
    return _calculated(Read(period, known_at, snapshot, inputs), job_id), True


@transaction.atomic
def changes_calculate(*, period_id: UUID, actor: Viewer, job_id: UUID | None = None) -> tuple[Run, bool]:
    """Calculate again those whom the deals changed since the period's latest run can pay otherwise; gives that run and whether it is new.

    Where it can't be told who that is, everybody is calculated. What a person gets is the same either way.
    """
    require(actor, "run.start")
    period = period_get(period_id)
    run_lock(period.id)
    snapshot, known_at = snapshot_taken(), facts_moment()
    latest = whole = run_latest(period.id)
    if latest is not None and latest.scope is not None:
        whole = run_latest(period.id, of_everybody=True)
    changes = changes_of(period, known_at, latest, whole)
    if changes is None:
        return run_calculate(period_id=period_id, actor=actor, job_id=job_id)
    if not changes.affected.people:
        assert latest is not None
        return latest, False
    return _calculated(Read(period, known_at, snapshot, changes.inputs, changes), job_id), True


def run_lock(period_id: UUID) -> None:
    """Let one calculation or posting of the period wait for another, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"run:{period_id}"])


def run_latest(period_id: UUID, *, of_everybody: bool = False) -> Run | None:
    """Give the period's latest run that ended well or badly, or None; `of_everybody` passes over those of single people."""
    runs = Run.objects.filter(period_id=period_id).exclude(state=RunState.RUNNING)
    if of_everybody:
        runs = runs.filter(scope__isnull=True)
    return runs.order_by("-facts_known_at").first()


@dataclass(frozen=True)
class Read:
    """What a run reads, and when; `changes` where it calculates some people only."""

    period: Any
    known_at: datetime
    snapshot: str
    inputs: Inputs
    changes: Changes | None = None


def _calculated(read: Read, job_id: UUID | None) -> Run:
    period, inputs, changes = read.period, read.inputs, read.changes
    _inputs_keep(inputs)
    run = Run.objects.create(
        period=period,
        facts_known_at=read.known_at,
        inputs=inputs.digests,
        inputs_digest=inputs.digest,
        code_version=code_version(),
        job_id=job_id,
        scope=None if changes is None else changes.scope,
        snapshot=read.snapshot,
    )
    plans = plans_of(inputs) if changes is None else changes.plans
    if changes is None:
        result, deals = computed_numbered(inputs, period.key)
    else:
        result, deals = changes.computed(period.key), None
    findings = findings_named(
        [*result.findings, *_gaps(inputs), *_without_plan(plans, period), *_unplanned(result, period.key)],
        {plan.key: plan.name for plan in plans},
    )
    converted = conversions(result, result.credits)
    credits = Columns.of(result.credits, deals, converted)
    run.credit_count = credits_write(run, credits)
    rates_write(run, converted)
    moved = moves_of(result, period.key, deals)
    earnings_write(run, result, moved)
    run.results_digest = results_digest(result, credits, moved)
    run.findings = findings
    run.state = RunState.FAILED if _stops(result, plans) else RunState.DONE
    run.ended_at = timezone.now()
    run.save(update_fields=["credit_count", "results_digest", "findings", "state", "ended_at"])
    path = reverse("api_incentives_run", args=[run.pk])
    event_emit("run.completed", key=run.pk, path=path, period=period.key, state=run.state)
    return run


def _inputs_keep(inputs: Inputs) -> None:
    rows = [
        RunInput(name=name, digest=digest, content=inputs.frames[name].decode())
        for name, digest in inputs.digests.items()
        if name in inputs.frames and name not in VERSIONED
    ]
    RunInput.objects.bulk_create(rows, ignore_conflicts=True)


def _stops(result: Result, plans: tuple[Plan, ...]) -> bool:
    """True when nothing at all could be calculated because a frame is broken: such a run is never posted."""
    broken = [finding for finding in result.findings if finding.is_error and not _THINGS & finding.keys.keys()]
    return bool(plans) and bool(broken) and not len(result.earnings)


def _gaps(inputs: Inputs) -> list[Finding]:
    """Won deals that can't be credited because something is missing of them, and returns that can't be taken back."""
    rows = frame_of(inputs.frames["gaps"]).to_dict("records")
    told = {**dict.fromkeys(LINES, _torn_return), "deal of invoice": _unled_note, "deal of order": _unled_order}
    return [told.get(row["missing"], _incomplete)(row) for row in rows]


LINES = {
    "lines": "The credit note {0} can't be told to the lines of its deal, because some of them have no net amount or a negative one.",
    "line": "The line {0} of an order that reverses another finds no line of its product there, or more than one, or has no amount.",
}


def _torn_return(row: dict[Any, Any]) -> Finding:
    """A return that plans by line can't take back."""
    source, what = row["source_key"], LINES[row["missing"]].format(row["source_key"])
    fix = "Correct the lines at their source and import them again."
    keys = (("source_key", source),)
    return Finding(
        "RETURN_WITHOUT_LINE", f"return {source}", what, "Plans by line take nothing back of it.", fix, about=keys
    )


def _unled_note(row: dict[Any, Any]) -> Finding:
    """A credit note whose invoice leads to no deal."""
    source = row["source_key"]
    return Finding(
        "RETURN_WITHOUT_DEAL",
        f"return {source}",
        f"The credit note {source} takes nothing back: its invoice leads to no deal.",
        "What the sale earned stands in full.",
        "Give its invoice the order or contract of the deal, and import it again.",
        about=(("source_key", source),),
    )


def _unled_order(row: dict[Any, Any]) -> Finding:
    """An order that reverses one of no deal."""
    source = row["source_key"]
    return Finding(
        "RETURN_WITHOUT_DEAL",
        f"return {source}",
        f"The order {source} takes nothing back: the order that it reverses belongs to no deal.",
        "What the sale earned stands in full.",
        "Give the order that it reverses its deal, and import it again.",
        about=(("source_key", source),),
    )


def _incomplete(row: dict[Any, Any]) -> Finding:
    return Finding(
        "DEAL_INCOMPLETE",
        f"deal {row['source_key']}",
        f"The won deal {row['source_key']} has no {row['missing']}.",
        "It credits nobody.",
        f"Correct the {row['missing']} at its source and import it again.",
        about=(("source_key", row["source_key"]),),
    )


def _unplanned(result: Result, period_key: str) -> list[Finding]:
    """Sellers of the period whom none of its plans pays."""
    return [finding for finding in result.unplanned if finding.keys["period_key"] == period_key]


def _without_plan(plans: tuple[Plan, ...], period: Any) -> list[Finding]:
    if plans:
        return []
    what = f"No published plan pays by {period.calendar.name.lower()} on a day of {period.key}."
    return [
        Finding(
            "NO_PLAN", period.key, what, "Nobody was calculated.", "Publish a plan, or make a calendar that fits it."
        )
    ]


def run_recompute(run: Run) -> str:
    """Compute the run again from the facts as known at its moment and the frames kept with it; gives the digest of the results.

    Equal to `run.results_digest` as long as code and facts of that moment are the same. Nothing is written.
    """
    result = compute_again(run)
    return results_digest(result, Columns.of(result.credits), moves_of(result, run.period.key, None))
