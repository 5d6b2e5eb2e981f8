"""The evidence of a period: the packs that were made, the job that makes one, and each as a ZIP."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import TemplateView, View

from incentives.selectors.evidence.packs import pack_name, pack_rows, pack_zip, packs_of
from incentives.selectors.periods import books_get
from incentives.services.evidence import evidence_start
from planning.selectors import period_list
from spm.jobs.selectors import job_progress
from spm.web.views import PageMixin


class PeriodEvidencePage(PageMixin, TemplateView):
    """Puts the evidence of a period together, and gives the packs that were made."""

    template_name = "incentives/period_evidence.html"
    actions = {"GET": "pack.view", "POST": "pack.make"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period = get_object_or_404(period_list(), pk=self.kwargs["pk"])
        packs = packs_of(self.viewer, period)
        return super().get_context_data(
            books=books_get(period),
            packs=packs.made,
            job=packs.job,
            progress=job_progress(packs.job, now=timezone.now()) if packs.job else None,
            may_make=self.viewer.can("pack.make"),
            may_see_jobs=self.viewer.can("job.view"),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        period = get_object_or_404(period_list(), pk=pk)
        evidence_start(period_id=period.pk, actor=self.viewer)
        return redirect("incentives:period_evidence", pk)


class EvidenceZip(PageMixin, View):
    """One pack as a ZIP, from disk piece by piece."""

    actions = {"GET": "pack.view"}

    def get(self, request: HttpRequest, pk: UUID) -> FileResponse:
        pack = get_object_or_404(pack_rows(self.viewer), pk=pk)
        return FileResponse(
            pack_zip(pack), as_attachment=True, filename=pack_name(pack), content_type="application/zip"
        )
