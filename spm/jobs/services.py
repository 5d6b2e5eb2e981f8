"""Starts, cancels and repeats jobs. Doing the work is the runner's."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from spm.celery import app
from spm.jobs.models import Job, JobState
from spm.jobs.timetable import KINDS, nightly_slot
from spm.roles.policy import Viewer, require
from spm.tenancy.scope import current_organisation_id

log = structlog.get_logger("spm.jobs")
RUN_TASK = "spm.jobs.tasks.job_run"
OPEN = (JobState.QUEUED, JobState.RUNNING)
RESEND = timedelta(seconds=30)


def job_enqueue(kind: str, *, slot: str, arguments: Mapping[str, object], actor: Viewer) -> Job:
    """Queue a job, once per kind and slot: a second call gives the first one's job, whatever became of it.

    It is sent to the broker on commit. Raises KeyError for an unknown kind, PermissionDenied without the kind's right.
    """
    require(actor, KINDS[kind].action)
    values = {
        "arguments": dict(arguments),
        "requested_by_id": actor.user_id,
        "requested_as": actor.name if actor.key_id is not None else "",
        "lease_until": Now() + RESEND,
    }
    with transaction.atomic():
        job, created = Job.objects.get_or_create(kind=kind, slot=slot, defaults=values)
    if created:
        job_send_on_commit(job)
    return job


def nightly_start(*, on: date, again: bool = False, actor: Viewer) -> Job:
    """Queue the nightly job of a day, as the timetable does, or give the one that is there.

    One that failed or was cancelled goes on where it stopped. `again` starts another one after the day's job has ended.
    """
    require(actor, KINDS["nightly"].action)
    days = Job.objects.filter(kind="nightly", arguments__on=on.isoformat())
    latest = days.order_by("-queued_at", "-pk").first()
    number = 0
    if latest is not None:
        if not again or latest.state in OPEN:
            job_retry(latest, actor=actor)
            latest.refresh_from_db()
            return latest
        number = days.count()
    arguments = {"on": on.isoformat()}
    return job_enqueue("nightly", slot=nightly_slot(on, again=number), arguments=arguments, actor=actor)


def job_cancel(job: Job, *, actor: Viewer) -> bool:
    """Stop a queued or running job: finished steps stay, the one under way is undone. False when it had ended already."""
    require(actor, KINDS[job.kind].action)
    open_ones = Job.objects.filter(pk=job.pk, state__in=OPEN)
    return open_ones.update(state=JobState.CANCELLED, lease_owner="", lease_until=None, ended_at=Now()) == 1


def job_retry(job: Job, *, actor: Viewer) -> bool:
    """Queue a failed or cancelled job again: it goes on after its last finished step. False when it is in another state."""
    require(actor, KINDS[job.kind].action)
    with transaction.atomic():
        found = (
            Job.objects.select_for_update().filter(pk=job.pk, state__in=(JobState.FAILED, JobState.CANCELLED)).first()
        )
        if found is None:
            return False
        kept = [finding for finding in found.findings if not finding["code"].startswith("JOB_")]
        Job.objects.filter(pk=job.pk).update(
            state=JobState.QUEUED, attempts=0, ended_at=None, findings=kept, lease_until=Now() + RESEND
        )
        job_send_on_commit(found)
    return True


def jobs_reconcile() -> list[UUID]:
    """Give the open jobs of the company that no worker and no broker message stands for, and queue them again.

    Each is given to one caller only. A job whose worker is in the middle of a step keeps its lock and is left alone.
    """
    lapsed = Job.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now()), state__in=OPEN)
    found = []
    with transaction.atomic():
        for job in lapsed.select_for_update(skip_locked=True).order_by("queued_at"):
            if job_lock(job.pk):
                found.append(job.pk)
        Job.objects.filter(pk__in=found).update(state=JobState.QUEUED, lease_owner="", lease_until=Now() + RESEND)
    return found


def jobs_count() -> Counter[tuple[str, str]]:
    """Count the company's jobs by kind and state."""
    rows = Job.objects.values_list("kind", "state").annotate(count=Count("pk")).order_by()
    return Counter({(kind, state): count for kind, state, count in rows})


def job_lock(job_id: UUID) -> bool:
    """Take the job's lock until the end of the transaction; False while another session works on it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"job:{job_id}"])
        return bool(cursor.fetchone()[0])


def job_send_on_commit(job: Job) -> None:
    """Send the job to the broker once the transaction is committed."""
    organisation_id, job_id = current_organisation_id(), job.pk
    transaction.on_commit(lambda: job_send(organisation_id, job_id))


def job_send(organisation_id: int, job_id: UUID, *, wait_seconds: float = 0) -> bool:
    """Tell the broker that a job waits. False when no broker answers: the reconciler sends it later."""
    try:
        app.send_task(RUN_TASK, args=[organisation_id, str(job_id)], countdown=wait_seconds or None)
    except (BrokerError, RedisError) as fault:
        log.warning("job_not_sent", organisation_id=organisation_id, job_id=str(job_id), fault=type(fault).__name__)
        return False
    return True
