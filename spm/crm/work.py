"""Preview and commit of large uploads as jobs: one step each, so that a crash leaves nothing half-written and a second try ends equal."""

from typing import Any, Protocol

from django.utils import timezone

from spm.core.findings import FindingError
from spm.core.steps import StepOutcome
from spm.crm.models import Upload
from spm.crm.services.undoing import upload_undo
from spm.crm.services.uploads import upload_commit, upload_fail, upload_preview
from spm.roles.policy import Viewer, viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id


class UploadJob(Protocol):
    """What is asked of a job: its arguments name the upload."""

    arguments: Any


def _actor() -> Viewer:
    organisation = Organisation.objects.get(pk=current_organisation_id())
    today = organisation.day_of(timezone.now())
    return viewer_of_system(organisation, on=today, name="Import")


def _counts(upload: Upload) -> dict[str, Any]:
    return {name: getattr(upload, name) for name in ("received", "created", "updated", "unchanged", "held")}


class Preview:
    """Counts what a commit would do."""

    def steps(self, job: UploadJob) -> list[str]:
        """Give the one step."""
        return ["preview"]

    def run(self, job: UploadJob, step: str) -> StepOutcome:
        """Preview the upload; a file that breaks further down becomes a failed upload with the reason."""
        return _run(job, upload_preview)


class Commit:
    """Writes the facts of an upload in one transaction, at one moment."""

    def steps(self, job: UploadJob) -> list[str]:
        """Give the one step: nobody ever reads half an import."""
        return ["commit"]

    def run(self, job: UploadJob, step: str) -> StepOutcome:
        """Commit the upload; on a committed one it changes nothing."""
        return _run(job, upload_commit)


class Undo:
    """Restores what was known before an upload."""

    def steps(self, job: UploadJob) -> list[str]:
        """Give the one step."""
        return ["undo"]

    def run(self, job: UploadJob, step: str) -> StepOutcome:
        """Undo the upload; a refusal fails the job with its reason."""
        return StepOutcome(outcome=_counts(upload_undo(upload_id=job.arguments["upload"], actor=_actor())))


def _run(job: UploadJob, service: Any) -> StepOutcome:
    upload_id, actor = job.arguments["upload"], _actor()
    try:
        return StepOutcome(outcome=_counts(service(upload_id=upload_id, actor=actor)))
    except FindingError as error:
        upload_fail(upload_id=upload_id, finding=error.finding, actor=actor)
        return StepOutcome(findings=(error.finding,))
