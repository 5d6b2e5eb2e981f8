"""Statements as files: one as PDF or sheet, and all of a period in one ZIP that a job makes."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import TemplateView, View

from incentives.selectors.papers.bundles import bundle_get, bundle_list, bundle_zip, paper_name
from incentives.selectors.papers.sheet import SHEET, statement_sheet
from incentives.selectors.papers.statement import statement_pdf
from incentives.selectors.statements import period_current, statement_periods, statement_rows
from incentives.services.papers import papers_start
from planning.selectors import period_get
from spm.jobs.selectors import job_progress
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class StatementPdf(PageMixin, View):
    """One version of a statement as PDF: the same bytes whenever it is asked for."""

    actions = {"GET": "statement.view"}

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        require(self.viewer, "export")
        statement = get_object_or_404(statement_rows(self.viewer), pk=pk)
        return pdf_response(statement_pdf(statement), paper_name(statement))


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Give a PDF as a download."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name.encode("ascii", "ignore").decode()}"'},
    )


class StatementSheet(PageMixin, View):
    """One version of a statement as a sheet: its lines, tiers and all deals."""

    actions = {"GET": "statement.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        statement = get_object_or_404(statement_rows(self.viewer), pk=pk)
        name = f"statement-{statement.period.key}-{statement.participant.source_key}-v{statement.number}"
        return table_download(statement_sheet(statement), SHEET, name=name, form=form)


class StatementPapersPage(PageMixin, TemplateView):
    """Makes the statements of a period as PDF files, and gives them as one ZIP."""

    template_name = "incentives/statement_papers.html"
    actions = {"GET": "paper.view", "POST": "paper.make"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        periods = statement_periods(self.viewer)
        asked = self.request.GET.get("period", "")
        chosen = next((one for one in periods if str(one.pk) == asked), None) or period_current(self.viewer)
        bundles = bundle_list(self.viewer, chosen.pk) if chosen else []
        return super().get_context_data(
            periods=periods,
            chosen=chosen,
            bundles=[(one, job_progress(one.job, now=timezone.now())) for one in bundles],
            may_make=self.viewer.can("paper.make"),
            may_see_jobs=self.viewer.can("job.view"),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        period = period_get(_key(request.POST.get("period", "")))
        papers_start(period_id=period.pk, actor=self.viewer)
        response = redirect("incentives:statement_papers")
        response["Location"] += f"?period={period.pk}"
        return response


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


class StatementPapersZip(PageMixin, View):
    """The files of a job that is done as one ZIP, from disk piece by piece."""

    actions = {"GET": "paper.view"}

    def get(self, request: HttpRequest, pk: UUID) -> FileResponse:
        job = bundle_get(self.viewer, pk)
        if job is None:
            raise Http404
        name = f"statements-{period_get(_key(job.arguments['period'])).key}.zip"
        return FileResponse(bundle_zip(job), as_attachment=True, filename=name, content_type="application/zip")
