"""The API of scores and of their evidence."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.models import Score, ScoreEvidence
from planning.selectors import evidence_list, score_list
from planning.services.goals import Shown, evidence_give, score_enter
from spm.web.api import Input


class ScoreOut(serializers.ModelSerializer[Score]):
    """A score at scale 10**8; `state` is open, approved or declined, and only an approved score counts."""

    participant_name = serializers.CharField(source="participant.name")
    period_key = serializers.CharField(source="period.key")
    state = serializers.CharField(allow_null=True)

    class Meta:
        model = Score
        fields = (
            "id",
            "participant",
            "participant_name",
            "period",
            "period_key",
            "objective",
            "score_rate",
            "evidence",
            "state",
        )


class ScoreIn(Input):
    """A score to enter; a second person approves it under approvals."""

    participant = serializers.UUIDField()
    period = serializers.UUIDField()
    objective = serializers.CharField(max_length=100)
    score_rate = serializers.IntegerField()
    evidence = serializers.CharField()


class ScoreListApi(ListAPIView[Score]):
    """Scores within reach; POST enters one and asks for its approval."""

    actions = {"GET": "quota.view", "POST": "score.edit"}
    serializer_class = ScoreOut
    filterset_fields = {"participant": ["exact"], "period": ["exact"], "objective": ["exact"]}

    def get_queryset(self) -> QuerySet[Score]:
        if getattr(self, "swagger_fake_view", False):
            return Score.objects.none()
        return score_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=ScoreIn, responses={201: ScoreOut})
    def post(self, request: Request) -> Response:
        given = ScoreIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        keys = {"participant_id": wanted.pop("participant"), "period_id": wanted.pop("period")}
        viewer = request.viewer  # type: ignore[attr-defined]
        score = score_enter(**wanted, **keys, actor=viewer)
        shown = score_list(viewer.acting("score.edit")).get(pk=score.pk)
        return Response(ScoreOut(shown).data, status=status.HTTP_201_CREATED)


class EvidenceOut(serializers.ModelSerializer[ScoreEvidence]):
    """What was shown for an objective; a file is given on its page."""

    class Meta:
        model = ScoreEvidence
        fields = ("id", "participant", "period", "objective", "text", "link", "file_name", "given_by_name", "given_at")


class EvidenceIn(Input):
    """Evidence to give: a text, a link, or both."""

    participant = serializers.UUIDField()
    period = serializers.UUIDField()
    objective = serializers.CharField(max_length=100)
    text = serializers.CharField(max_length=5000, required=False, default="")
    link = serializers.RegexField(r"^https?://", max_length=500, required=False, default="")


class EvidenceListApi(ListAPIView[ScoreEvidence]):
    """Evidence within reach; POST gives more."""

    actions = {"GET": "quota.view", "POST": "evidence.give"}
    serializer_class = EvidenceOut
    filterset_fields = {"participant": ["exact"], "period": ["exact"], "objective": ["exact"]}

    def get_queryset(self) -> QuerySet[ScoreEvidence]:
        if getattr(self, "swagger_fake_view", False):
            return ScoreEvidence.objects.none()
        return evidence_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=EvidenceIn, responses={201: EvidenceOut})
    def post(self, request: Request) -> Response:
        given = EvidenceIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        evidence = evidence_give(
            participant_id=wanted["participant"],
            period_id=wanted["period"],
            objective=wanted["objective"],
            shown=Shown(wanted["text"], wanted["link"]),
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(EvidenceOut(evidence).data, status=status.HTTP_201_CREATED)
