"""The API of plan documents: list, read, answer, file and receipt, send."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.papers import PapersOut
from incentives.models import DocumentEvent, PlanDocument
from incentives.selectors.papers.acceptance import answer_of, document_list, state_of
from incentives.selectors.papers.plan_document import receipt_paper
from incentives.selectors.papers.typesetting import paper_set
from incentives.services.plan_documents import document_answer, documents_send
from spm.jobs.models import Job
from spm.roles.policy import visible
from spm.web.api import Input


class DocumentOut(serializers.ModelSerializer[PlanDocument]):
    """A plan document; `hash` is the SHA-256 of its file, `state` sent, read, accepted, declined or replaced."""

    state = serializers.SerializerMethodField()
    read_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = PlanDocument
        fields = (
            "id", "participant", "plan", "plan_version", "number", "hash", "due_on", "sent_at", "read_at", "answered_at", "state",
        )  # fmt: skip

    def get_state(self, document: Any) -> str:
        return str(state_of(document))


class DocumentListApi(ListAPIView[PlanDocument]):
    """Plan documents within reach, latest first."""

    actions = {"GET": "document.view"}
    serializer_class = DocumentOut
    filterset_fields = {"participant": ["exact"], "plan": ["exact"], "plan_version": ["exact"]}

    def get_queryset(self) -> QuerySet[PlanDocument]:
        if getattr(self, "swagger_fake_view", False):
            return PlanDocument.objects.none()
        return document_list(self.request.viewer)  # type: ignore[attr-defined]


class DocumentFileApi(GenericAPIView[PlanDocument]):
    """The exact file that was sent (`what` = document), or the receipt of its answer (receipt)."""

    actions = {"GET": "document.view"}
    queryset = PlanDocument.objects.none()

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID, what: str) -> HttpResponse:
        rows = PlanDocument.objects.select_related("participant", "plan", "plan_version")
        document = get_object_or_404(visible(request.viewer, rows), pk=pk)  # type: ignore[attr-defined]
        if what == "document":
            return HttpResponse(bytes(document.content), content_type="application/pdf")
        answer = answer_of(document)
        if what != "receipt" or answer is None:
            raise Http404
        return HttpResponse(paper_set(receipt_paper(document, answer)), content_type="application/pdf")


class AnswerIn(Input):
    """The answer; `hash` is that of the file that was read, `reason` is needed to decline."""

    is_accepted = serializers.BooleanField()
    hash = serializers.CharField(max_length=64)
    reason = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class AnswerOut(serializers.ModelSerializer[DocumentEvent]):
    """The receipt as data."""

    class Meta:
        model = DocumentEvent
        fields = ("id", "document", "step", "hash", "reason", "by_name", "at")


class DocumentAnswerApi(GenericAPIView[DocumentEvent]):
    """Accepts or declines one's own document."""

    actions = {"POST": "document.answer"}
    serializer_class = AnswerOut
    queryset = DocumentEvent.objects.none()

    @extend_schema(request=AnswerIn, responses={201: AnswerOut})
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        document = get_object_or_404(visible(viewer, PlanDocument.objects.all()), pk=pk)
        given = AnswerIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        event = document_answer(
            document_id=document.pk,
            is_accepted=wanted["is_accepted"],
            shown_hash=wanted["hash"],
            reason=wanted["reason"],
            actor=viewer,
        )
        return Response(AnswerOut(event).data, status=status.HTTP_201_CREATED)


class SendIn(Input):
    """Which published version's document to send, and by when an answer is expected."""

    version = serializers.UUIDField()
    due_on = serializers.DateField(required=False, allow_null=True, default=None)


class DocumentSendApi(GenericAPIView[Job]):
    """Sends the document of a version to everybody on it, by a job."""

    actions = {"POST": "document.send"}
    serializer_class = PapersOut
    queryset = Job.objects.none()

    @extend_schema(request=SendIn, responses={202: PapersOut})
    def post(self, request: Request) -> Response:
        given = SendIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        job = documents_send(version_id=wanted["version"], due_on=wanted["due_on"], actor=request.viewer)  # type: ignore[attr-defined]
        return Response(PapersOut(job).data, status=status.HTTP_202_ACCEPTED)
