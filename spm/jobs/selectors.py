"""Jobs as people follow them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop

from spm.jobs.models import Job, JobState, JobStep
from spm.jobs.timetable import KINDS
from spm.roles.policy import Viewer, require


@dataclass(frozen=True, kw_only=True)
class JobProgress:
    """Where a job stands, in the words of the job page. `percent` and `remaining_seconds` are None until they can be told."""

    pk: UUID
    kind: str
    label: str
    slot: str
    state: str
    percent: int | None
    remaining_seconds: int | None
    detail: str
    findings: Sequence[dict[str, object]]


def job_list(viewer: Viewer) -> QuerySet[Job]:
    """Give the company's jobs, latest first."""
    require(viewer, "job.view")
    return Job.objects.select_related("requested_by").order_by("-queued_at", "-pk")


def job_steps(viewer: Viewer, job: Job) -> QuerySet[JobStep]:
    """Give the finished steps of a job in their order."""
    require(viewer, "job.view")
    return JobStep.objects.filter(job=job).order_by("pk")


def job_label(kind: str) -> str:
    """Name a kind of job for people."""
    return gettext(KINDS[kind].label) if kind in KINDS else kind


OUTCOMES: dict[str, str] = {
    "credits": gettext_noop("Credits"),
    "groups": gettext_noop("Differences posted"),
    "statements": gettext_noop("Statements issued"),
    "pipeline_rows": gettext_noop("Rows of the pipeline kept"),
    "forecasts": gettext_noop("Forecasts made"),
    "notices": gettext_noop("Notices to people who can sign in"),
    "received": gettext_noop("Received"),
    "created": gettext_noop("Created"),
    "updated": gettext_noop("Updated"),
    "unchanged": gettext_noop("Unchanged"),
    "held": gettext_noop("Held"),
    "skipped": gettext_noop("Skipped"),
}
"""What steps count, in the words of the job page and in its order; other values are for programs."""


def job_outcome(job: Job) -> list[tuple[str, object]]:
    """Give what came of a job, in words."""
    return [(gettext(label), job.outcome[name]) for name, label in OUTCOMES.items() if name in job.outcome]


def step_label(name: str) -> str:
    """Name a step for people: what is done and to what.

    >>> step_label("Calculate: post:2026-Q1"), step_label("Snapshot: pipeline 2026-11-02"), step_label("Calculate")
    ('Post 2026-Q1', 'Pipeline 2026-11-02', 'Calculate: what is due')
    """
    part, _, own = name.partition(": ")
    if not own:
        return gettext("%(part)s: what is due") % {"part": part} if part[:1].isupper() else part.capitalize()
    words = own.replace(":", " ")
    return words[:1].upper() + words[1:]


def job_progress(job: Job, *, now: datetime) -> JobProgress:
    """Say where a job stands at the moment."""
    done, total = job.progress_done, job.progress_total
    is_under_way = job.state == JobState.RUNNING and job.plan is not None and done < len(job.plan)
    return JobProgress(
        pk=job.pk,
        kind=job.kind,
        label=job_label(job.kind),
        slot=job.slot,
        state=job.state,
        percent=100 * done // total if total else None,
        remaining_seconds=_remaining(job, now),
        detail=f"{done} / {total} · {step_label(job.plan[done])}" if is_under_way and job.plan else "",
        findings=job.findings,
    )


def _remaining(job: Job, now: datetime) -> int | None:
    """Extend the pace so far; None before a tenth is done."""
    if job.started_at is None or job.progress_done * 10 < job.progress_total or not job.progress_done:
        return None
    seconds = (now - job.started_at).total_seconds() / job.progress_done
    return round(seconds * (job.progress_total - job.progress_done))
