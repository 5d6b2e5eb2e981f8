"""The API of statements as files: one PDF, and a job that makes all of a period."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.periods import PeriodIn, period_asked
from incentives.models import Statement, StatementPaper
from incentives.selectors.papers.bundles import bundle_get, bundle_zip
from incentives.selectors.papers.statement import statement_pdf
from incentives.selectors.statements import statement_rows
from incentives.services.papers import papers_start
from spm.jobs.models import Job
from spm.roles.policy import require


class StatementPdfApi(GenericAPIView[Statement]):
    """One version of a statement as PDF/UA: the same bytes whenever it is asked for."""

    actions = {"GET": "statement.view"}
    queryset = Statement.objects.none()

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        viewer = request.viewer  # type: ignore[attr-defined]
        require(viewer, "export")
        statement = get_object_or_404(statement_rows(viewer), pk=pk)
        return HttpResponse(statement_pdf(statement), content_type="application/pdf")


class PapersOut(serializers.ModelSerializer[Job]):
    """The job that makes them; its ZIP is there once `state` is done."""

    class Meta:
        model = Job
        fields = ("id", "state", "progress_done", "progress_total", "queued_at")


class PapersApi(GenericAPIView[Job]):
    """Starts making the statements of a period; one that is under way is given instead of a second."""

    actions = {"POST": "paper.make"}
    serializer_class = PapersOut
    queryset = Job.objects.none()

    @extend_schema(request=PeriodIn, responses={202: PapersOut})
    def post(self, request: Request) -> Response:
        job = papers_start(period_id=period_asked(request).pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(PapersOut(job).data, status=status.HTTP_202_ACCEPTED)


class PapersZipApi(GenericAPIView[StatementPaper]):
    """The files of a job that is done, as one ZIP."""

    actions = {"GET": "paper.view"}
    queryset = StatementPaper.objects.none()

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        job = bundle_get(request.viewer, pk)  # type: ignore[attr-defined]
        if job is None:
            raise Http404
        return FileResponse(bundle_zip(job), as_attachment=True, filename="statements.zip")
