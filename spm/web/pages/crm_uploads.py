"""Pages of uploads: receive a file, see what a commit would do, commit, undo."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from spm.core.findings import FindingError
from spm.crm.feeds.limits import SIZE_LIMIT
from spm.crm.feeds.schemas import KINDS
from spm.crm.models import HeldState, Upload, UploadState
from spm.crm.selectors.inbox import sources_known, upload_list, waiting_counts
from spm.crm.selectors.sources import upload_cells
from spm.crm.services.undoing import upload_undo
from spm.crm.services.uploads import upload_create, upload_discard
from spm.crm.services.writing import PEOPLE
from spm.jobs.models import Job
from spm.jobs.selectors import job_progress
from spm.jobs.services import OPEN, job_retry
from spm.web.crm_starts import JOBS, commit_start
from spm.web.views import PageMixin


class UploadListPage(PageMixin, TemplateView):
    """What came in, the newest first."""

    template_name = "crm/upload_list.html"
    actions = {"GET": "quality.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(upload_list(self.viewer), 25).get_page(self.request.GET.get("page"))
        waiting = waiting_counts(page.object_list)
        rows = [
            (
                upload,
                KINDS[upload.kind].plural if upload.kind in KINDS else "",
                waiting.get(upload.pk, {}).get(HeldState.HELD, 0),
            )
            for upload in page
        ]
        return super().get_context_data(page=page, rows=rows, may_import=self.viewer.can("fact.import"), **kwargs)


class UploadForm(forms.Form):
    """A file, and the system it comes from."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel (.xlsx), up to 50 MB. The first row holds the names of the columns."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    source = forms.CharField(
        max_length=50,
        label=gettext_lazy("Source"),
        help_text=gettext_lazy(
            "The system the file comes from. Files of one system name each other's rows: use the same word for all."
        ),
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > SIZE_LIMIT:
            raise forms.ValidationError(_("The file has more than 50 MB. Split it into smaller ones."))
        return file


class UploadNewPage(PageMixin, FormView):
    """Receives a file."""

    template_name = "crm/upload_new.html"
    form_class = UploadForm
    actions = {"GET": "fact.import", "POST": "fact.import"}

    def get_initial(self) -> dict[str, Any]:
        return {"source": next(iter(sources_known(self.viewer)), "crm")}

    def form_valid(self, form: UploadForm) -> HttpResponse:
        file = form.cleaned_data["file"]
        try:
            upload = upload_create(
                content=file.read(),
                file_name=file.name,
                source=form.cleaned_data["source"].strip(),
                currency=self.viewer.organisation.currency,
                actor=self.viewer,
            )
        except FindingError as error:
            form.add_error("file", error.finding.message)
            return self.form_invalid(form)
        return redirect("crm:upload_mapping", upload.pk)


class UploadPage(PageMixin, TemplateView):
    """One upload: its preview, its job, its result."""

    template_name = "crm/upload_detail.html"
    actions = {"GET": "quality.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        upload = get_object_or_404(upload_list(self.viewer), pk=self.kwargs["pk"])
        states = waiting_counts([upload]).get(upload.pk, {})
        number = _row_asked(self.request)
        return super().get_context_data(
            upload=upload,
            kind=KINDS.get(upload.kind),
            job=job_of(upload),
            waiting=states.get(HeldState.HELD, 0),
            left_out=states.get(HeldState.DISCARDED, 0),
            is_open=upload.state
            in (UploadState.UPLOADED, UploadState.MAPPED, UploadState.PREVIEWED, UploadState.FAILED),
            row_number=number,
            cells=upload_cells(upload, {number}).get(number, []) if number else [],
            may_import=self.viewer.can("fact.import"),
            may_undo=self.viewer.can("fact.import") and upload.kind != PEOPLE,
            **kwargs,
        )


def _row_asked(request: HttpRequest) -> int:
    """The row that a link leads to, 0 for none."""
    asked = request.GET.get("row", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0


def job_of(upload: Upload) -> dict[str, Any] | None:
    """Give the job under way for an upload, with the address that follows it; None where none is."""
    kind = (
        "commit" if upload.state == UploadState.COMMITTING else "preview" if upload.state == UploadState.MAPPED else ""
    )
    jobs = Job.objects.filter(kind=JOBS.get(kind, ""), slot__startswith=str(upload.pk))
    job = jobs.order_by("-queued_at").first() if kind else None
    if job is None:
        return None
    url = reverse("crm:upload_job", args=[upload.pk, kind])
    return {"progress": job_progress(job, now=timezone.now()), "is_open": job.state in OPEN, "url": url}


class UploadJob(PageMixin, View):
    """The progress of an upload's job; POST tries a failed one again."""

    actions = {"GET": "quality.view", "POST": "fact.import"}

    def get(self, request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
        upload = get_object_or_404(upload_list(self.viewer), pk=pk)
        job = job_of(upload)
        response = render(request, "crm/_upload_job.html", {"job": job})
        if job is None or not job["is_open"]:
            response["HX-Refresh"] = "true"
        return response

    def post(self, request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
        jobs = Job.objects.filter(kind=JOBS.get(kind, ""), slot__startswith=str(pk))
        job_retry(get_object_or_404(jobs.order_by("-queued_at")[:1]), actor=self.viewer)
        return redirect("crm:upload_detail", pk)


class UploadCommit(PageMixin, View):
    """Commits a previewed upload: a small file now, a large one as a job."""

    actions = {"POST": "fact.import"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        upload = get_object_or_404(Upload, pk=pk)
        try:
            commit_start(upload, self.viewer)
        except FindingError as error:
            messages.error(request, error.finding.message)
        return redirect("crm:upload_detail", pk)


class UploadUndo(PageMixin, View):
    """Restores what was known before an upload."""

    actions = {"POST": "fact.import"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        get_object_or_404(Upload, pk=pk)
        try:
            upload = upload_undo(upload_id=pk, actor=self.viewer)
        except FindingError as error:
            messages.error(request, error.finding.message)
        else:
            messages.success(
                request, _("%(file)s was undone: what was known before holds again.") % {"file": upload.file_name}
            )
        return redirect("crm:upload_detail", pk)


class UploadDiscard(PageMixin, View):
    """Deletes an upload that was never committed."""

    actions = {"POST": "fact.import"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        get_object_or_404(Upload, pk=pk)
        try:
            upload_discard(upload_id=pk, actor=self.viewer)
        except FindingError as error:
            messages.error(request, error.finding.message)
            return redirect("crm:upload_detail", pk)
        return redirect("crm:upload_list")
