"""Makes the statements of a period as PDF files, by a job that may be killed and goes on where it stopped."""

from hashlib import sha256
from uuid import UUID

from django.utils import timezone

from incentives.models import StatementPaper
from incentives.selectors.papers.bundles import KIND, paper_name, papers_part
from incentives.selectors.papers.statement import statement_pdf
from planning.selectors import period_get
from spm.jobs.models import Job, JobState
from spm.jobs.services import job_enqueue
from spm.roles.policy import Viewer, require


def papers_start(*, period_id: UUID, actor: Viewer) -> Job:
    """Ask for the statements of a period as files; one that is under way for the period is given instead of a second.

    The files of earlier jobs of the period go: they can be made anew from the statements.
    """
    require(actor, "paper.make")
    period = period_get(period_id)
    jobs = Job.objects.filter(kind=KIND, arguments__period=str(period.pk))
    open_one = jobs.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).first()
    if open_one is not None:
        return open_one
    StatementPaper.objects.filter(job__in=jobs).delete()
    slot = f"{period.key} {timezone.localtime().isoformat()}"
    return job_enqueue(KIND, slot=slot[:100], arguments={"period": str(period.pk)}, actor=actor)


def papers_make(job: Job, part: int) -> int:
    """Make the files of one part and keep them; gives their number."""
    papers = []
    for statement in papers_part(job, part):
        content = statement_pdf(statement)
        digest = sha256(content).hexdigest()
        papers.append(
            StatementPaper(job=job, statement=statement, name=paper_name(statement), content=content, digest=digest)
        )
    StatementPaper.objects.bulk_create(papers)
    return len(papers)
