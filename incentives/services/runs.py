"""Frames to rows: the one bridge out of the engine. A run calculates every published plan of one period and is never changed afterwards."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from django.db import connection, transaction
from django.utils import timezone

from incentives.engine.plan import Plan
from incentives.engine.run import Result
from incentives.models import Run, RunEarning, RunInput, RunState
from incentives.selectors.facts import (
    VERSIONED,
    Inputs,
    code_version,
    digest_of,
    frame_of,
    inputs_read,
    plans_of,
)
from incentives.selectors.kept import compute_again, computed
from incentives.selectors.slices import slices_of
from planning.selectors import period_get
from spm.core.findings import Finding
from spm.crm.selectors.facts import facts_moment
from spm.people.models import Participant
from spm.roles.policy import Viewer, require
from spm.tenancy.copying import copy_in
from spm.tenancy.scope import current_organisation_id

CREDIT_COLUMNS = (
    "organisation_id", "run_id", "line", "participant_id", "position_id", "opportunity_id", "plan_version_id", "component", "rule",
    "share_rate", "via_participant_id", "credit_on", "credit_minor", "earned_minor", "currency",
)  # fmt: skip
_THINGS = {"participant_key", "position_key", "plan_key", "component_key", "deal_key", "source_key"}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@transaction.atomic
def run_calculate(*, period_id: UUID, actor: Viewer, job_id: UUID | None = None) -> tuple[Run, bool]:
    """Calculate a period; gives the run and whether it is new. Equal inputs as the period's latest run give that run back.

    One at a time per period: a second caller waits and then finds the first one's run. All is one transaction, so that a killed worker
    leaves nothing behind.
    """
    require(actor, "run.start")
    period = period_get(period_id)
    run_lock(period.id)
    known_at = facts_moment()
    inputs = inputs_read(period=period, known_at=known_at)
    latest = run_latest(period.id)
    if latest is not None and (latest.inputs_digest, latest.code_version) == (inputs.digest, code_version()):
        return latest, False
    return _calculated(period, known_at, inputs, job_id), True


def run_lock(period_id: UUID) -> None:
    """Let one calculation or posting of the period wait for another, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"run:{period_id}"])


def run_latest(period_id: UUID) -> Run | None:
    """Give the period's latest run that ended well or badly, or None."""
    return Run.objects.filter(period_id=period_id).exclude(state=RunState.RUNNING).order_by("-facts_known_at").first()


def _calculated(period: Any, known_at: datetime, inputs: Inputs, job_id: UUID | None) -> Run:
    _inputs_keep(inputs)
    run = Run.objects.create(
        period=period,
        facts_known_at=known_at,
        inputs=inputs.digests,
        inputs_digest=inputs.digest,
        code_version=code_version(),
        job_id=job_id,
    )
    plans = plans_of(inputs)
    result = computed(inputs, period.key)
    findings = _named([*result.findings, *_gaps(inputs), *_without_plan(plans, period)], plans)
    run.credit_count = credits_write(run, result.credits)
    _earnings_write(run, result)
    run.results_digest = results_digest(result)
    run.findings = findings
    run.state = RunState.FAILED if _stops(result, plans) else RunState.DONE
    run.ended_at = timezone.now()
    run.save()
    return run


def _inputs_keep(inputs: Inputs) -> None:
    rows = [
        RunInput(name=name, digest=digest, content=inputs.frames[name].decode())
        for name, digest in inputs.digests.items()
        if name not in VERSIONED
    ]
    RunInput.objects.bulk_create(rows, ignore_conflicts=True)


def _stops(result: Result, plans: tuple[Plan, ...]) -> bool:
    """True when nothing at all could be calculated because a frame is broken: such a run is never posted."""
    broken = [finding for finding in result.findings if finding.is_error and not _THINGS & finding.keys.keys()]
    return bool(plans) and bool(broken) and not len(result.earnings)


def credits_write(run: Run, credits: pd.DataFrame) -> int:
    """Copy the credits into the run's own partition, opened and closed by the owner role; gives their number."""
    with connection.cursor() as cursor:
        cursor.execute("select spm_run_open(%s)", [run.id])
        part = cursor.fetchone()[0]
        if len(credits):
            copy_in(part, CREDIT_COLUMNS, _credits_csv(run, credits))
        cursor.execute("select spm_run_close(%s)", [run.id])
        return int(cursor.fetchone()[0])


def _credits_csv(run: Run, credits: pd.DataFrame) -> bytes:
    via = credits["from_participant_key"].where(credits["from_participant_key"] != credits["participant_key"], None)
    frame = pd.DataFrame(
        {
            "organisation_id": current_organisation_id(),
            "run_id": str(run.id),
            "line": range(1, len(credits) + 1),
            "participant_id": credits["participant_key"],
            "position_id": credits["position_key"],
            "opportunity_id": credits["deal_key"],
            "plan_version_id": credits["plan_key"],
            "component": credits["component_key"],
            "rule": credits["rule"],
            "share_rate": credits["share"],
            "via_participant_id": via,
            "credit_on": credits["credit_on"].to_numpy("int64").astype("datetime64[D]").astype(str),
            "credit_minor": credits["credit_minor"],
            "earned_minor": credits["earned_minor"],
            "currency": credits["currency"],
        }
    )
    return frame.to_csv(index=False, header=False, lineterminator="\n").encode()


def _earnings_write(run: Run, result: Result) -> None:
    counts = (
        result.credits.groupby(["participant_key", "plan_key", "component_key"]).size().to_dict()
        if len(result.credits)
        else {}
    )
    slices = slices_of(result, run.period.key)
    rows = []
    for row in result.earnings.to_dict("records"):
        key = (row["participant_key"], row["plan_key"], row["component_key"])
        rows.append(
            RunEarning(
                run=run,
                participant_id=UUID(key[0]),
                plan_version_id=UUID(key[1]),
                component=key[2],
                credit_minor=row["credit_minor"],
                credit_count=counts.get(key, 0),
                quota_value=_number(row["quota_minor"]),
                attainment_rate=_number(row["attainment"]),
                earned_minor=row["earned_minor"],
                currency=row["currency"],
                slices=slices.get(key, []),
            )
        )
    RunEarning.objects.bulk_create(rows, batch_size=1000)


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def results_digest(result: Result) -> str:
    """Give the digest of everything that the calculation found."""
    texts = [frame.to_csv(index=False, lineterminator="\n") for frame in (result.credits, result.earnings)]
    return digest_of([*texts, [finding.as_dict() for finding in result.findings]])


def _gaps(inputs: Inputs) -> list[Finding]:
    """Won deals that can't be credited because something is missing of them."""
    return [
        Finding(
            "DEAL_INCOMPLETE",
            f"deal {row['source_key']}",
            f"The won deal {row['source_key']} has no {row['missing']}.",
            "It credits nobody.",
            f"Correct the {row['missing']} at its source and import it again.",
            about=(("source_key", row["source_key"]),),
        )
        for row in frame_of(inputs.frames["gaps"]).to_dict("records")
    ]


def _without_plan(plans: tuple[Plan, ...], period: Any) -> list[Finding]:
    if plans:
        return []
    what = f"No published plan pays by {period.calendar.name.lower()} on a day of {period.key}."
    return [
        Finding(
            "NO_PLAN", period.key, what, "Nobody was calculated.", "Publish a plan, or make a calendar that fits it."
        )
    ]


def _named(findings: list[Finding], plans: tuple[Plan, ...]) -> list[dict[str, object]]:
    """Findings as stored: keys in the words that people read are replaced by names, `about` keeps the keys."""
    rows = [finding.as_dict() for finding in findings]
    mentioned = {
        key for row in rows for text in ("where", "what", "why", "fix") for key in _UUID.findall(str(row[text]))
    }
    names: Mapping[str, str] = {plan.key: plan.name for plan in plans} | {
        str(person.id): person.name for person in Participant.objects.filter(pk__in=mentioned)
    }
    for row in rows:
        for text in ("where", "what", "why", "fix"):
            row[text] = _UUID.sub(lambda match: names.get(match[0], match[0]), str(row[text]))
    return rows


def run_recompute(run: Run) -> str:
    """Compute the run again from the facts as known at its moment and the frames kept with it; gives the digest of the results.

    Equal to `run.results_digest` as long as code and facts of that moment are the same. Nothing is written.
    """
    return results_digest(compute_again(run))
