"""The planning API: what people say to quotas, as commitments from below and as answers to their letters."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.models import LetterEvent, LetterStep, QuotaLetter
from planning.selectors.quota_letters import letter_events, letter_list
from planning.selectors.quota_plans import commitment_rows
from planning.services.quota_letters import letter_answer, letter_settle
from planning.services.quota_seats import commitment_give
from spm.web.api import Input
from spm.web.listing import ListOf


class CommitmentOut(serializers.Serializer[Any]):
    """A seat within reach in a draft: what is planned, and what is committed to; null is no commitment."""

    seat = serializers.UUIDField(source="seat.id")
    plan = serializers.UUIDField(source="seat.plan_id")
    position_name = serializers.CharField(source="seat.position.name")
    holder = serializers.CharField()
    value = serializers.IntegerField(source="seat.value")
    commitment = serializers.IntegerField(source="seat.commitment", allow_null=True)
    note = serializers.CharField(source="seat.commitment_note")


class CommitmentIn(Input):
    """A commitment, minor units or a whole number; null takes it back."""

    seat = serializers.UUIDField()
    value = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class CommitmentApi(ListOf):
    """What is planned within reach in drafts, and what people commit to; POST commits."""

    actions = {"GET": "quota.commit", "POST": "quota.commit"}
    serializer_class = CommitmentOut

    @extend_schema(operation_id="planning_commitments_list", responses=CommitmentOut(many=True))
    def get(self, request: Request) -> Response:
        return self._page(request)

    @extend_schema(request=CommitmentIn, responses=CommitmentOut(many=True))
    def post(self, request: Request) -> Response:
        given = CommitmentIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        commitment_give(
            seat_id=wanted["seat"],
            value=wanted["value"],
            note=wanted["note"],
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return self._page(request)

    def _page(self, request: Request) -> Response:
        plans = commitment_rows(request.viewer)  # type: ignore[attr-defined]
        return self.pages([row for _plan, rows in plans for row in rows])


class LetterEventOut(serializers.ModelSerializer[LetterEvent]):
    """What somebody said about a letter."""

    class Meta:
        model = LetterEvent
        fields = ("id", "step", "text", "by_name", "at")


class QuotaLetterOut(serializers.ModelSerializer[QuotaLetter]):
    """A quota letter; `values` are pairs of period key and amount, `standing` where it stands (null: not answered)."""

    participant_name = serializers.CharField(source="participant.name")
    currency = serializers.CharField(source="plan.currency")
    standing = serializers.ChoiceField(choices=LetterStep.choices, allow_null=True, read_only=True)

    class Meta:
        model = QuotaLetter
        fields = (
            "id",
            "plan",
            "position",
            "participant",
            "participant_name",
            "values",
            "total",
            "currency",
            "reliefs",
            "due_on",
            "sent_by_name",
            "sent_at",
            "standing",
        )


class LetterAnswerIn(Input):
    """The person's own answer; asking for a change needs its reason."""

    accepts = serializers.BooleanField()
    reason = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class LetterSettleIn(Input):
    """An answer to what was asked."""

    outcome = serializers.ChoiceField(choices=["answered", "change_agreed", "change_refused"])
    text = serializers.CharField(max_length=1000)


class QuotaLetterListApi(ListAPIView[QuotaLetter]):
    """Quota letters within reach, latest first."""

    actions = {"GET": "quota.view"}
    serializer_class = QuotaLetterOut
    filterset_fields = {"plan": ["exact"], "participant": ["exact"]}

    def get_queryset(self) -> QuerySet[QuotaLetter]:
        if getattr(self, "swagger_fake_view", False):
            return QuotaLetter.objects.none()
        return letter_list(self.request.viewer)  # type: ignore[attr-defined]


class QuotaLetterApi(ListOf):
    """What was said about a letter, oldest first; POST is the person's own answer."""

    actions = {"GET": "quota.view", "POST": "quota.answer"}
    serializer_class = LetterEventOut

    @extend_schema(operation_id="planning_letter_events", responses=LetterEventOut(many=True))
    def get(self, request: Request, pk: Any) -> Response:
        letter = letter_list(request.viewer).get(pk=pk)  # type: ignore[attr-defined]
        return self.pages(letter_events(letter))

    @extend_schema(request=LetterAnswerIn, responses={201: LetterEventOut})
    def post(self, request: Request, pk: Any) -> Response:
        _own(request, pk)
        given = LetterAnswerIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        event = letter_answer(
            letter_id=pk,
            is_accepted=wanted["accepts"],
            reason=wanted["reason"],
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(LetterEventOut(event).data, status=status.HTTP_201_CREATED)


class QuotaLetterSettleApi(GenericAPIView[LetterEvent]):
    """Answers what somebody asked about a letter within reach."""

    actions = {"POST": "quota.settle"}
    serializer_class = LetterEventOut
    queryset = LetterEvent.objects.none()

    @extend_schema(request=LetterSettleIn, responses={201: LetterEventOut})
    def post(self, request: Request, pk: Any) -> Response:
        letter_list(request.viewer.acting("quota.view")).get(pk=pk)  # type: ignore[attr-defined]
        given = LetterSettleIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        event = letter_settle(
            letter_id=pk,
            step=wanted["outcome"],
            text=wanted["text"],
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(LetterEventOut(event).data, status=status.HTTP_201_CREATED)


def _own(request: Request, pk: Any) -> QuotaLetter:
    viewer = request.viewer  # type: ignore[attr-defined]
    return letter_list(viewer).get(pk=pk, participant=viewer.participant)
