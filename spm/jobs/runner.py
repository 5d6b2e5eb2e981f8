"""Does a job's steps, one transaction each, so that whatever is killed in between, every step counts exactly once.

A turn takes the job by lease, works for a while and gives it back. Each transaction of a turn holds the job's advisory
lock and ends by renewing the lease under the turn's own name: a second worker can't come between, and a worker that lost
its lease undoes its step. Sending jobs to the broker is left to the caller.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from spm.core.findings import Finding, FindingError
from spm.core.steps import outcome_merge
from spm.jobs.models import Job, JobState, JobStep
from spm.jobs.services import RESEND, job_lock
from spm.jobs.timetable import KINDS, work_of
from spm.tenancy.scope import Actor, actor_change

log = structlog.get_logger("spm.jobs")

LEASE = timedelta(seconds=20)
BUDGET_SECONDS = 20.0
ATTEMPTS = 5
FINDINGS = 500
INFRASTRUCTURE = (OperationalError, InterfaceError, BrokerError, RedisError, ConnectionError)

Scope = Callable[[Actor], AbstractContextManager[None]]


class Turn(StrEnum):
    """What became of a turn: ENDED needs nothing more, MORE and AGAIN want another turn, ELSEWHERE is somebody else's."""

    ENDED = "ended"
    MORE = "more"
    AGAIN = "again"
    ELSEWHERE = "elsewhere"


class LeaseLost(Exception):
    """The job was cancelled or taken by another worker: what this turn has not committed must be undone."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """One worker's hold on one job. `owner` is `<message>:<turn>`: the same message delivered again may take over."""

    job_id: UUID
    owner: str
    scope: Scope

    @property
    def actor(self) -> Actor:
        """The actor until the job is read; its changes can be found by the job's number."""
        return Actor(name="Jobs", via="task", request_id=self.job_id.hex)


def job_work(hold: Hold) -> Turn:
    """Work on a job until it ends, the time of a turn is over, or it turns out to be somebody else's."""
    try:
        return _turn(hold, until=time.monotonic() + BUDGET_SECONDS)
    except LeaseLost:
        return Turn.ELSEWHERE
    except INFRASTRUCTURE as fault:
        log.warning("job_interrupted", job_id=str(hold.job_id), fault=type(fault).__name__)
        if connection.connection is not None and not connection.is_usable():
            connection.close()
        _give_back(hold)
        return Turn.AGAIN
    except (FindingError, ValidationError) as error:
        log.info("job_refused", job_id=str(hold.job_id))
        return _fail(hold, error)
    except Exception as error:
        log.exception("job_failed", job_id=str(hold.job_id))
        return _fail(hold, error)


def _turn(hold: Hold, *, until: float) -> Turn:
    if (refused := _take(hold)) is not None:
        return refused
    while _step(hold):
        if time.monotonic() >= until:
            _give_back(hold)
            return Turn.MORE
    return Turn.ENDED


def _take(hold: Hold) -> Turn | None:
    """Take the lease of a job that waits, whose lease has passed, or that this very message had already; None when taken."""
    message = hold.owner.partition(":")[0] + ":"
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING) & (
        Q(lease_until__isnull=True) | Q(lease_until__lt=Now()) | Q(lease_owner__startswith=message)
    )
    with hold.scope(hold.actor):
        job = Job.objects.filter(pk=hold.job_id).first()
        if job is None or not job_lock(hold.job_id):
            return Turn.ELSEWHERE
        if not _may_start(job):
            waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(lease_until=Now() + RESEND)
            return Turn.AGAIN if waiting else Turn.ELSEWHERE
        taken = Job.objects.filter(free, pk=hold.job_id).update(
            state=JobState.RUNNING,
            lease_owner=hold.owner,
            lease_until=Now() + LEASE,
            started_at=Coalesce("started_at", Now()),
            attempts=F("attempts") + 1,
        )
    return None if taken else Turn.ELSEWHERE


def _may_start(job: Job) -> bool:
    """Tell whether no other job of a kind that works alone is under way; waits for another worker that asks the same."""
    if job.kind not in KINDS or not KINDS[job.kind].alone:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"kind:{job.organisation_id}:{job.kind}"]
        )
    others = Job.objects.filter(kind=job.kind, state=JobState.RUNNING, lease_until__gte=Now()).exclude(pk=job.pk)
    return not others.exists()


def _step(hold: Hold) -> bool:
    """Plan the job or do its next step, in one transaction; False when none was left and the job is done."""
    with hold.scope(hold.actor):
        job = _held(hold)
        actor_change(_actor_of(job))
        if job.plan is None:
            plan = _checked(work_of(job.kind).steps(job))
            _renew(hold, plan=plan, progress_total=len(plan))
        elif job.progress_done < len(job.plan):
            _do(hold, job, job.plan[job.progress_done])
        else:
            _renew(hold, state=JobState.DONE, lease_owner="", lease_until=None, ended_at=Now())
            return False
    return True


def _held(hold: Hold) -> Job:
    """Give the job under its lock; raises LeaseLost when it is no longer ours, or broken off too often at one step."""
    job = Job.objects.select_related("requested_by").filter(pk=hold.job_id).first()
    if job is None or not job_lock(hold.job_id) or job.lease_owner != hold.owner or job.state != JobState.RUNNING:
        raise LeaseLost
    if job.attempts > ATTEMPTS:
        raise FindingError(_broken_off(job))
    return job


def _do(hold: Hold, job: Job, step: str) -> None:
    with structlog.contextvars.bound_contextvars(job_id=str(job.pk), job_kind=job.kind, step=step):
        outcome = work_of(job.kind).run(job, step)
    JobStep.objects.create(job=job, name=step, outcome=dict(outcome.outcome))
    done = job.progress_done + 1
    plan = _checked([*(job.plan or [])[:done], *outcome.steps, *(job.plan or [])[done:]])
    _renew(
        hold,
        plan=plan,
        progress_done=done,
        progress_total=len(plan),
        attempts=1,
        findings=(job.findings + [finding.as_dict() for finding in outcome.findings])[:FINDINGS],
        outcome=outcome_merge(job.outcome, outcome.outcome),
    )


def _renew(hold: Hold, **values: object) -> None:
    """Write what the transaction found, and extend the lease, unless it was lost in the meantime."""
    own = Job.objects.filter(pk=hold.job_id, lease_owner=hold.owner, state=JobState.RUNNING)
    if own.update(**{"lease_until": Now() + LEASE} | values) != 1:
        raise LeaseLost


def _give_back(hold: Hold) -> None:
    """Queue the job for another turn; the caller sends it."""
    with hold.scope(hold.actor):
        Job.objects.filter(pk=hold.job_id, lease_owner=hold.owner, state=JobState.RUNNING).update(
            state=JobState.QUEUED, lease_owner="", lease_until=Now() + RESEND
        )


def _fail(hold: Hold, error: Exception) -> Turn:
    """End the job as failed and say why; the traceback stays in the log."""
    with hold.scope(hold.actor):
        job = Job.objects.filter(pk=hold.job_id, lease_owner=hold.owner).first()
        if job is None:
            return Turn.ELSEWHERE
        findings = [*job.findings, _finding_of(error, job).as_dict()]
        Job.objects.filter(pk=job.pk, lease_owner=hold.owner, state=JobState.RUNNING).update(
            state=JobState.FAILED, lease_owner="", lease_until=None, ended_at=Now(), findings=findings
        )
    return Turn.ENDED


def _checked(plan: list[str]) -> list[str]:
    if len(set(plan)) != len(plan):
        raise ValueError("A job's steps need different names.")
    return plan


def _actor_of(job: Job) -> Actor:
    """Give who asked for the job, a service key under its own name and its maker's, else the timetable under the name of the kind."""
    name = job.asked_by or KINDS[job.kind].label
    return Actor(name=name, user_id=job.requested_by_id, via="task", request_id=job.pk.hex)


def _finding_of(error: Exception, job: Job) -> Finding:
    """Put an error into words for the job page, without its inner details."""
    if isinstance(error, FindingError):
        return error.finding
    step = (job.plan or [])[job.progress_done : job.progress_done + 1]
    if isinstance(error, ValidationError):
        what = " ".join(error.messages)
    elif isinstance(error, SoftTimeLimitExceeded):
        what = "The step took longer than a step may."
    else:
        what = "The step stopped with an unexpected error."
    return Finding(
        code="JOB_STEP_FAILED",
        where=step[0] if step else "plan of the job",
        what=what,
        why=f"Nothing of this step was kept. {_kept(job)}",
        fix=f"Correct what is named and try again. If it stays, tell the operator: job {job.pk}.",
    )


def _kept(job: Job) -> str:
    return f"The {job.progress_done} steps before it are done." if job.progress_done else "No step was done before it."


def _broken_off(job: Job) -> Finding:
    step = (job.plan or [])[job.progress_done : job.progress_done + 1]
    return Finding(
        code="JOB_BROKEN_OFF",
        where=step[0] if step else "plan of the job",
        what=f"The step was begun {ATTEMPTS} times and broken off each time, by a fault of the servers or the end of its worker.",
        why=f"It blocks no other job. {_kept(job)}",
        fix=f"See that database, broker and memory are well, then try again. The logs name it as job {job.pk}.",
    )
