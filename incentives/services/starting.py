"""Starts a run as a job, so that nobody waits for it in a page."""

from uuid import UUID

from django.utils import timezone

from planning.selectors import period_get
from spm.jobs.models import Job
from spm.jobs.services import job_enqueue
from spm.roles.policy import Viewer, require


def run_start(*, period_id: UUID, actor: Viewer) -> Job:
    """Queue a run of the period; a second start within the same minute gives the same job."""
    require(actor, "run.start")
    period = period_get(period_id)
    slot = f"{period.key} {timezone.localtime().isoformat(timespec='minutes')}"
    return job_enqueue("run", slot=slot, arguments={"period": str(period.id)}, actor=actor)
