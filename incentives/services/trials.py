"""Starts a long what-if as a job. Its parts stand in the cache for a day and in no table: a trial is never a result."""

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from incentives.selectors.trials import PeriodTrial, Question, trial_part_key
from spm.jobs.models import Job
from spm.jobs.services import job_enqueue
from spm.roles.policy import Viewer, require

KEEP_SECONDS = 24 * 60 * 60


@transaction.atomic
def trial_start(*, question: Question, actor: Viewer) -> Job:
    """Queue a what-if; a second start within the same second gives the same job."""
    require(actor, "whatif.start")
    slot = f"{question.version} {timezone.localtime().isoformat(timespec='seconds')}"
    return job_enqueue("whatif", slot=slot, arguments=question.as_dict(), actor=actor)


def trial_part_keep(job: Job, period: str, part: PeriodTrial) -> None:
    """Keep what a trial found for one period."""
    cache.set(trial_part_key(job, period), part, KEEP_SECONDS)
