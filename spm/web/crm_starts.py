"""Starts preview and commit of an upload for pages and API alike: a small file within the request, a large one as a job."""

from spm.crm.models import Upload, UploadState
from spm.crm.services.uploads import upload_commit, upload_preview, upload_queue
from spm.jobs.models import Job
from spm.jobs.services import job_enqueue
from spm.roles.policy import Viewer

INLINE_SIZE = 1_000_000
"""Bytes up to which a file is previewed and committed within the request."""

JOBS = {"preview": "import_preview", "commit": "import_commit"}


def preview_start(upload: Upload, viewer: Viewer) -> None:
    """Preview now, or queue the job; raises FindingError."""
    if upload.size <= INLINE_SIZE:
        upload_preview(upload_id=upload.pk, actor=viewer)
        return
    tries = Job.objects.filter(kind=JOBS["preview"], slot__startswith=str(upload.pk)).count()
    job_enqueue(JOBS["preview"], slot=f"{upload.pk} {tries + 1}", arguments={"upload": str(upload.pk)}, actor=viewer)


def commit_start(upload: Upload, viewer: Viewer) -> None:
    """Commit now, or close the upload and queue the job; raises FindingError."""
    if upload.state == UploadState.COMMITTED or upload.size <= INLINE_SIZE:
        upload_commit(upload_id=upload.pk, actor=viewer)
        if upload.kind == "account":
            job_enqueue("account_route", slot=str(upload.pk), arguments={"upload": str(upload.pk)}, actor=viewer)
        return
    upload_queue(upload_id=upload.pk, actor=viewer)
    job_enqueue(JOBS["commit"], slot=str(upload.pk), arguments={"upload": str(upload.pk)}, actor=viewer)
