"""The tasks of Celery that move jobs along, and the base class through which every task enters a company.

One of the two places that open a scope (the other is the request middleware). No task decides anything: it finds what is
due and calls the runner or a service.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from uuid import UUID, uuid4

import structlog
from celery import Task
from django.core.cache import cache
from django.utils import timezone

from spm.celery import COUNTS_KEY, app
from spm.jobs.models import Job
from spm.jobs.runner import Hold, Turn, job_work
from spm.jobs.services import job_send, jobs_count, jobs_reconcile, nightly_start
from spm.jobs.timetable import nightly_due_on, nightly_slot
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, organisation_scope

AGAIN_SECONDS = 5.0
COUNTS_SECONDS = 120


class TenantTask(Task):
    """Base of every task that touches a company's rows. Arguments are ids only; the company's id comes first."""

    abstract = True

    @contextmanager
    def scope(self, organisation_id: int, actor: Actor) -> Iterator[None]:
        """Open the company's scope for one transaction of the task."""
        with (
            structlog.contextvars.bound_contextvars(organisation_id=organisation_id),
            organisation_scope(organisation_id, actor=actor),
        ):
            yield

    def scopes(self, actor: Actor) -> Iterator[tuple[Organisation, AbstractContextManager[None]]]:
        """Give every company with a scope to open, for the tasks that look after all of them one by one."""
        for organisation in Organisation.objects.order_by("pk"):
            yield organisation, self.scope(organisation.pk, actor)


@app.task(base=TenantTask, bind=True)
def job_run(self: TenantTask, organisation_id: int, job_id: str) -> str:
    """Give a job one turn, and send it again when it wants another."""
    owner = f"{self.request.id}:{uuid4().hex[:12]}"
    with structlog.contextvars.bound_contextvars(organisation_id=organisation_id, job_id=job_id):
        turn = job_work(Hold(job_id=UUID(job_id), owner=owner, scope=partial(self.scope, organisation_id)))
    if turn in (Turn.MORE, Turn.AGAIN):
        job_send(organisation_id, UUID(job_id), wait_seconds=AGAIN_SECONDS if turn is Turn.AGAIN else 0)
    return turn.value


def job_work_here(organisation_id: int, job_id: UUID) -> None:
    """Work on a job in this process until it ends or turns out to be a worker's."""
    scope = partial(organisation_scope, organisation_id)
    hold = Hold(job_id=job_id, owner=f"here-{uuid4().hex[:12]}:", scope=lambda actor: scope(actor=actor))
    while (turn := job_work(hold)) in (Turn.MORE, Turn.AGAIN):
        time.sleep(1 if turn is Turn.AGAIN else 0)


@app.task(base=TenantTask, bind=True)
def timetable_tick(self: TenantTask) -> None:
    """Start the nightly job of each company where it is due and was not started for the day."""
    now = timezone.now()
    for organisation, scope in self.scopes(Actor(name="Timetable")):
        on = nightly_due_on(organisation, now=now)
        if on is None:
            continue
        with scope:
            if not Job.objects.filter(kind="nightly", slot=nightly_slot(on)).exists():
                nightly_start(on=on, actor=viewer_of_system(organisation, on=on, name="Timetable"))


@app.task(base=TenantTask, bind=True)
def reconcile(self: TenantTask) -> None:
    """Send the jobs again that were lost with a worker or with the broker, and note how many jobs there are."""
    counts: Counter[tuple[str, str]] = Counter()
    for organisation, scope in self.scopes(Actor(name="Reconciler")):
        with scope:
            found = jobs_reconcile()
            counts += jobs_count()
        for job_id in found:
            job_send(organisation.pk, job_id)
    cache.set(COUNTS_KEY, dict(counts), COUNTS_SECONDS)
