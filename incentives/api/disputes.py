"""The API of disputes: list, raise, one with its steps, causes, how soon they are answered."""

from base64 import b64decode
from binascii import Error
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.models import Dispute, DisputeEvent, DisputeReason, LineSection
from incentives.selectors.dispute_causes import CauseRow, dispute_causes
from incentives.selectors.disputes import days_to_answer, dispute_events, dispute_file, dispute_list
from incentives.services.disputes import Doubt, Said, days_choose, dispute_raise
from spm.web.api import Input
from spm.web.listing import ListOf


class DisputeOut(serializers.ModelSerializer[Dispute]):
    """A dispute of a line; `earned_minor` is what the line said, `claimed_minor` what it should have come to, where that was named."""

    participant_name = serializers.CharField(source="participant.name")
    period_key = serializers.CharField(source="period.key")
    is_overdue = serializers.BooleanField()

    class Meta:
        model = Dispute
        fields = (
            "id", "number", "participant", "participant_name", "period", "period_key", "statement", "section", "place", "label", "plan",
            "component", "currency", "earned_minor", "claimed_minor", "deal", "reason", "cause", "state", "raised_by_name", "raised_on",
            "due_on", "is_overdue", "assignee", "assignee_name", "closed_on",
        )  # fmt: skip


class DisputeStepOut(serializers.ModelSerializer[DisputeEvent]):
    """A step of a dispute; where it has a `file_name`, the file is at `files/<id>/` below the dispute."""

    class Meta:
        model = DisputeEvent
        fields = ("id", "step", "text", "file_name", "cause", "fix", "adjustment", "credit", "deal", "by_name", "at")


class DisputeDetailOut(DisputeOut):
    """A dispute with its steps, earliest first."""

    steps = DisputeStepOut(many=True)

    class Meta(DisputeOut.Meta):
        fields = (*DisputeOut.Meta.fields, "steps")  # type: ignore[assignment]


class DisputeSaidIn(Input):
    """A text, and a file of up to 2 MB as base64 with its name."""

    text = serializers.CharField(max_length=5000)
    file_name = serializers.CharField(max_length=200, required=False, default="")
    content = serializers.CharField(max_length=3_000_000, required=False, default="", help_text="Base64.")

    def validate_content(self, value: str) -> bytes:
        """Read base64."""
        try:
            return b64decode(value, validate=True)
        except (Error, ValueError) as error:
            raise serializers.ValidationError("This is not base64. Encode the file.") from error

    def said(self) -> Said:
        """Give what was said and shown."""
        given = self.validated_data
        return Said(given["text"], given["file_name"], given["content"] or b"")


class DisputeRaiseIn(DisputeSaidIn):
    """A line of a statement, why it is wrong, and what it should have come to (minor units), where that is known."""

    statement = serializers.UUIDField()
    section = serializers.ChoiceField(choices=LineSection.choices, default=LineSection.LINES.value)
    place = serializers.IntegerField(min_value=1)
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    claimed_minor = serializers.IntegerField(required=False, allow_null=True, default=None)
    deal = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class DisputeListApi(ListAPIView[Dispute]):
    """Disputes within reach, those that wait first; POST raises one."""

    actions = {"GET": "dispute.view", "POST": "dispute.raise"}
    serializer_class = DisputeOut
    filterset_fields = {
        "participant": ["exact"], "period": ["exact"], "period__key": ["exact"], "state": ["exact"], "reason": ["exact"],
        "cause": ["exact"], "assignee": ["exact"], "due_on": ["lt"],
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Dispute]:
        if getattr(self, "swagger_fake_view", False):
            return Dispute.objects.none()
        return dispute_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=DisputeRaiseIn, responses={201: DisputeOut})
    def post(self, request: Request) -> Response:
        given = DisputeRaiseIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked, viewer = given.validated_data, request.viewer  # type: ignore[attr-defined]
        dispute = dispute_raise(
            statement_id=asked["statement"],
            section=asked["section"],
            place=asked["place"],
            doubt=Doubt(asked["reason"], asked["claimed_minor"], asked["deal"]),
            said=given.said(),
            actor=viewer,
        )
        return Response(DisputeOut(dispute_list(viewer).get(pk=dispute.pk)).data, status=status.HTTP_201_CREATED)


class DisputeApi(GenericAPIView[Dispute]):
    """One dispute with what was said, decided and mended."""

    actions = {"GET": "dispute.view"}
    serializer_class = DisputeDetailOut
    queryset = Dispute.objects.none()

    def get(self, request: Request, pk: UUID) -> Response:
        dispute = get_object_or_404(dispute_list(request.viewer), pk=pk)  # type: ignore[attr-defined]
        return Response({**DisputeOut(dispute).data, "steps": DisputeStepOut(dispute_events(dispute), many=True).data})


class DisputeFileApi(GenericAPIView[DisputeEvent]):
    """The file of a step, as it was given."""

    actions = {"GET": "dispute.view"}
    queryset = DisputeEvent.objects.none()

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID, event: UUID) -> HttpResponse:
        found = dispute_file(request.viewer, pk, event)  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        return HttpResponse(bytes(found.content), content_type="application/octet-stream")


class DisputeAmountOut(serializers.Serializer[Any]):
    """An amount in dispute."""

    currency = serializers.CharField()
    amount_minor = serializers.IntegerField()


class DisputeCauseOut(serializers.Serializer[Any]):
    """The disputes of one cause; `without_amount` counts those of which nobody said what the line should come to."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    live = serializers.IntegerField()
    overdue = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    median_days = serializers.IntegerField()
    amounts = DisputeAmountOut(many=True)
    without_amount = serializers.IntegerField()


class DisputeCausesApi(ListOf):
    """Disputes within reach by cause, the most frequent first; `period` takes the key of one period."""

    actions = {"GET": "dispute.view"}
    serializer_class = DisputeCauseOut
    query_names = ("period",)

    @extend_schema(
        parameters=[OpenApiParameter("period", str, description="The key of a period.")],
        responses=DisputeCauseOut(many=True),
    )
    def get(self, request: Request) -> Response:
        period = request.query_params.get("period", "")
        found: list[CauseRow] = dispute_causes(request.viewer, period_key=period)  # type: ignore[attr-defined]
        return self.pages(found)


class DisputeDaysIn(Input):
    """How many days the company takes to answer."""

    days_to_answer = serializers.IntegerField(min_value=1, max_value=90)


class DisputeDaysApi(GenericAPIView[Any]):
    """How soon disputes are answered; PUT changes it for what is raised from then on."""

    actions = {"GET": "dispute.view", "PUT": "dispute.answer"}
    serializer_class = DisputeDaysIn
    queryset = Dispute.objects.none()

    def get(self, request: Request) -> Response:
        return Response({"days_to_answer": days_to_answer()})

    @extend_schema(request=DisputeDaysIn, responses=DisputeDaysIn)
    def put(self, request: Request) -> Response:
        given = DisputeDaysIn(data=request.data)
        given.is_valid(raise_exception=True)
        days_choose(days=given.validated_data["days_to_answer"], actor=request.viewer)  # type: ignore[attr-defined]
        return Response({"days_to_answer": days_to_answer()})
