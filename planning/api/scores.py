"""The planning API: scores of accounts and their factors."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.api.rules import read
from planning.engine.scoring import Missing, Scaling
from planning.models import ScoreCard, ScoreKind, ScoreState
from planning.selectors.scores import FIELDS, card_get, kind_asked, score_effects, score_list, scores_explained
from planning.services.scores import score_card_discard, score_card_save, score_card_start
from spm.crm.selectors.lists import account_list
from spm.web.api import Input
from spm.web.listing import ListOf


class PointField(serializers.Serializer[Any]):
    """A text and its points."""

    text = serializers.CharField(max_length=200)
    points = serializers.IntegerField(min_value=0, max_value=100)


class FactorField(serializers.Serializer[Any]):
    """A factor: numbers from `low` (nothing) to `high` (full marks), money in minor units; texts by the points of `table`."""

    name = serializers.CharField(max_length=100)
    field = serializers.ChoiceField(choices=list(FIELDS))
    scaling = serializers.ChoiceField(choices=[str(each) for each in Scaling])
    weight = serializers.IntegerField(min_value=1)
    missing = serializers.ChoiceField(choices=[str(each) for each in Missing])
    low = serializers.IntegerField(required=False)
    high = serializers.IntegerField(required=False)
    table = PointField(many=True, required=False)


class ScoreCardOut(serializers.ModelSerializer[ScoreCard]):
    """The factors of a score, in force or as a draft."""

    factors = serializers.SerializerMethodField()

    class Meta:
        model = ScoreCard
        fields = ("kind", "state", "factors", "written_by_name", "in_force_at")

    @extend_schema_field(FactorField(many=True))
    def get_factors(self, card: ScoreCard) -> list[dict[str, Any]]:
        """Give the factors, tables as pairs of text and points."""
        return [
            each | {"table": [{"text": text, "points": points} for text, points in each["table"]]}
            if "table" in each
            else each
            for each in card.factors
        ]


class EffectsOut(serializers.Serializer[Any]):
    """How many accounts lie in each ten points now and under the draft, and how many have no score."""

    before = serializers.ListField(child=serializers.IntegerField())
    after = serializers.ListField(child=serializers.IntegerField())
    unknown_before = serializers.IntegerField()
    unknown_after = serializers.IntegerField()


class ScoreCardsOut(serializers.Serializer[Any]):
    """What is in force, the draft, and what the draft would do; null where there is none."""

    in_force = ScoreCardOut(allow_null=True)
    draft = ScoreCardOut(allow_null=True)
    effects = EffectsOut(allow_null=True)


class ScoreCardIn(Input):
    """The draft to keep, or with `do` what becomes of it."""

    factors = FactorField(many=True, required=False)
    do = serializers.ChoiceField(choices=("save", "start", "discard"), default="save")


class ScoreCardApi(GenericAPIView[ScoreCard]):
    """The factors of a score; POST saves a draft, puts it in force or throws it away."""

    actions = {"GET": "territory.view", "POST": "territory.edit"}
    serializer_class = ScoreCardsOut
    queryset = ScoreCard.objects.none()

    @extend_schema(responses=ScoreCardsOut)
    def get(self, request: Request, kind: str) -> Response:
        return Response(_cards(request, kind_asked(kind)))

    @extend_schema(request=ScoreCardIn, responses=ScoreCardsOut)
    def post(self, request: Request, kind: str) -> Response:
        wanted, of, actor = read(ScoreCardIn, request), kind_asked(kind), request.viewer  # type: ignore[attr-defined]
        if wanted["do"] == "start":
            score_card_start(kind=of, actor=actor)
        elif wanted["do"] == "discard":
            score_card_discard(kind=of, actor=actor)
        else:
            score_card_save(kind=of, factors=[_stored(each) for each in wanted.get("factors", ())], actor=actor)
        return Response(_cards(request, of))


class AccountScoreOut(serializers.Serializer[Any]):
    """The score of an account in hundredths of a point; null is unknown, or hidden: it counts deals that the viewer does not see."""

    account = serializers.UUIDField(source="account_key")
    points = serializers.IntegerField(allow_null=True)
    is_hidden = serializers.BooleanField()


class AccountScoreListApi(ListOf):
    """Accounts within reach by score, the highest first; none where no factors are in force."""

    actions = {"GET": "territory.view"}
    serializer_class = AccountScoreOut

    @extend_schema(responses=AccountScoreOut(many=True))
    def get(self, request: Request, kind: str) -> Response:
        scores = score_list(request.viewer, card_get(kind_asked(kind)))  # type: ignore[attr-defined]
        return self.pages(scores)


class ShareOut(serializers.Serializer[Any]):
    """What a factor gives to the score, in hundredths of a point; `known` is false where its value is unknown."""

    factor = serializers.CharField(source="factor.name")
    field = serializers.CharField(source="factor.field")
    known = serializers.SerializerMethodField()
    share = serializers.IntegerField()

    def get_known(self, line: Any) -> bool:
        """Tell whether the value is known."""
        return line.value is not None


class ExplainedOut(serializers.Serializer[Any]):
    """A score with the shares that sum to it; one that counts deals which the viewer does not see is hidden, with its shares."""

    points = serializers.IntegerField(allow_null=True)
    is_hidden = serializers.BooleanField()
    lines = ShareOut(many=True)


class AccountScoreApi(GenericAPIView[ScoreCard]):
    """How the score of an account came about."""

    actions = {"GET": "territory.view"}
    serializer_class = ExplainedOut
    queryset = ScoreCard.objects.none()

    @extend_schema(responses=ExplainedOut)
    def get(self, request: Request, kind: str, pk: Any) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        account_list(viewer.acting("fact.view")).get(fact=pk)
        found = scores_explained(viewer, pk, on=viewer.on, kind=kind_asked(kind))
        if not found:
            raise ScoreCard.DoesNotExist
        return Response(ExplainedOut(found[0]).data)


def _cards(request: Request, kind: ScoreKind) -> Any:
    viewer = request.viewer  # type: ignore[attr-defined]
    draft = card_get(kind, ScoreState.DRAFT)
    effects = score_effects(viewer, draft) if draft and viewer.can("territory.edit") else None
    return ScoreCardsOut({"in_force": card_get(kind), "draft": draft, "effects": effects}).data


def _stored(factor: dict[str, Any]) -> dict[str, Any]:
    if "table" not in factor:
        return factor
    return factor | {"table": [(each["text"], each["points"]) for each in factor["table"]]}
