"""The statements of a period as files: which there are as of a moment, in parts of one size, and all of them in one ZIP."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet

from incentives.models import Statement, StatementPaper
from spm.jobs.models import Job, JobState
from spm.roles.policy import Viewer

PART = 100
"""Statements that one step makes: a few seconds."""
KIND = "statement_papers"
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_AGELESS = (1980, 1, 1, 0, 0, 0)


def statements_as_of(period_id: UUID, moment: datetime) -> QuerySet[Statement]:
    """Give the statements of a period that were the latest at a moment, in a fixed order; for services, of everybody."""
    known = Statement.objects.filter(period_id=period_id, issued_at__lte=moment)
    newer = known.filter(
        participant=OuterRef("participant"), currency=OuterRef("currency"), number__gt=OuterRef("number")
    )
    return known.filter(~Exists(newer)).order_by("pk")


def statements_seal(period_id: UUID, moment: datetime) -> str:
    """Give one digest of all statements of a period as of a moment: what an approver was shown is what it stands for.

    A version that is issued later gives another seal, so that pay which was approved can be held against what is about to be paid.
    """
    rows = statements_as_of(period_id, moment).order_by("participant_id", "currency")
    told = sha256()
    for row in rows.values_list("participant_id", "currency", "number", "hash").iterator():
        told.update(("|".join(map(str, row)) + "\n").encode())
    return told.hexdigest()


def papers_parts(job: Job) -> list[str]:
    """Give the numbers of the parts of a job's statements."""
    count = statements_as_of(UUID(job.arguments["period"]), job.queued_at).count()
    return [str(number) for number in range(-(-count // PART))]


def papers_part(job: Job, part: int) -> list[Statement]:
    """Give the statements of one part: those of the moment at which the job was asked for, whatever was issued since."""
    rows = statements_as_of(UUID(job.arguments["period"]), job.queued_at)
    rows = rows.select_related("participant", "period__calendar", "run")
    return list(rows[part * PART : (part + 1) * PART])


def paper_name(statement: Statement) -> str:
    """Give a statement's name as a file: period, person, key, currency and version, which no other statement has."""
    named = f"{statement.period.key} {statement.participant.name_and_key} {statement.currency} v{statement.number}"
    return f"{_UNSAFE.sub(' ', named).strip('. ')[:200]} {str(statement.pk)[-6:]}.pdf"


@dataclass(frozen=True)
class Bundle:
    """A job that makes or made the statements of a period, and how many files there are."""

    job: Job
    files: int
    is_done: bool


def _may(viewer: Viewer) -> None:
    if not viewer.can("paper.view"):
        raise PermissionDenied("Statements of everybody are for those who may take them. Nothing was given.")


def bundle_list(viewer: Viewer, period_id: UUID) -> list[Bundle]:
    """Give the jobs of a period whose files are being made or are there, latest first."""
    _may(viewer)
    jobs = Job.objects.filter(kind=KIND, arguments__period=str(period_id)).order_by("-queued_at")[:5]
    found = [Bundle(job, StatementPaper.objects.filter(job=job).count(), job.state == JobState.DONE) for job in jobs]
    return [one for one in found if one.files or one.job.state != JobState.DONE]


def bundle_get(viewer: Viewer, job_id: UUID) -> Job | None:
    """Give a job whose files are all there; None where it is another kind of job, not done, or its files were made anew."""
    _may(viewer)
    job = Job.objects.filter(pk=job_id, kind=KIND, state=JobState.DONE).first()
    return job if job is not None and StatementPaper.objects.filter(job=job).exists() else None


def bundle_zip(job: Job) -> IO[bytes]:
    """Give all files of a job as one ZIP, built on disk with one file at a time in memory; equal files give an equal ZIP."""
    made: IO[bytes] = TemporaryFile()  # noqa: SIM115  given to the response, which closes it
    with ZipFile(made, "w", ZIP_STORED) as bundle:
        rows = StatementPaper.objects.filter(job=job).order_by("name", "pk").values_list("name", "content")
        for name, content in rows.iterator(chunk_size=50):
            bundle.writestr(ZipInfo(name, _AGELESS), bytes(content))
    made.seek(0)
    return made
