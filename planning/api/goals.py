"""The API of personal targets and of scores."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.models import Score, Target, TargetPer
from planning.selectors import score_list, target_list
from planning.services.goals import score_enter, target_set
from spm.web.api import Input


class TargetOut(serializers.ModelSerializer[Target]):
    """A target of a person or a position; `until` is the first day after it, null while it lasts."""

    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)

    class Meta:
        model = Target
        fields = ("id", "name", "participant", "position", "amount_minor", "currency", "per", "start", "until")


class TargetIn(Input):
    """A target to set: of a participant or of a position, from a day on."""

    name = serializers.CharField(max_length=100)
    participant = serializers.UUIDField(required=False, allow_null=True, default=None)
    position = serializers.UUIDField(required=False, allow_null=True, default=None)
    amount_minor = serializers.IntegerField()
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, default="")
    per = serializers.ChoiceField(choices=TargetPer.choices, default=TargetPer.PERIOD)
    start = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)


class TargetListApi(ListAPIView[Target]):
    """Targets within reach; POST sets one."""

    actions = {"GET": "quota.view", "POST": "quota.edit"}
    serializer_class = TargetOut
    filterset_fields = {"name": ["exact"], "participant": ["exact"], "position": ["exact"]}

    def get_queryset(self) -> QuerySet[Target]:
        if getattr(self, "swagger_fake_view", False):
            return Target.objects.none()
        return target_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=TargetIn, responses={201: TargetOut})
    def post(self, request: Request) -> Response:
        given = TargetIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        who = {"participant_id": wanted.pop("participant"), "position_id": wanted.pop("position")}
        target = target_set(**wanted, **who, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(TargetOut(target).data, status=status.HTTP_201_CREATED)


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
