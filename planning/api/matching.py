"""The planning API: who suits a territory."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.models import Territory
from planning.selectors.matching import territory_matches


class DealRecordOut(serializers.Serializer[Any]):
    """Deals won of those closed, won or lost."""

    won = serializers.IntegerField()
    closed = serializers.IntegerField()


class SkillReasonOut(serializers.Serializer[Any]):
    """A skill: how many accounts of the territory ask for it and require it, and whether the seller has it."""

    text = serializers.CharField()
    accounts = serializers.IntegerField()
    required_by = serializers.IntegerField(source="required")
    has_it = serializers.BooleanField()


class ResultReasonOut(serializers.Serializer[Any]):
    """An industry of the territory: its accounts, and what the seller and everybody closed there in the year before."""

    industry = serializers.CharField()
    accounts = serializers.IntegerField()
    own = DealRecordOut()
    everybody = DealRecordOut()


class MatchOut(serializers.Serializer[Any]):
    """A seller beside the territory. Rates are at scale 10**8; null without accounts, asked skills or closed deals."""

    participant = serializers.UUIDField(source="participant.pk")
    participant_name = serializers.CharField(source="participant.name")
    covers = serializers.BooleanField()
    skills_rate = serializers.IntegerField(allow_null=True)
    required_lacking = serializers.IntegerField()
    win_rate = serializers.IntegerField(allow_null=True)
    own = DealRecordOut()
    skills = SkillReasonOut(many=True)
    results = ResultReasonOut(many=True)


class MatchesOut(serializers.Serializer[Any]):
    """A page of the `count` sellers for a territory, who suits best first; `usual_rate` is that of somebody about whom nothing is known."""

    territory = serializers.UUIDField()
    accounts = serializers.IntegerField()
    usual_rate = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    matches = MatchOut(many=True)


class MatchApi(GenericAPIView[Territory]):
    """Sellers beside a territory, by skills and past results, with the reasons."""

    actions = {"GET": "balance.view"}
    serializer_class = MatchesOut
    queryset = Territory.objects.none()
    query_names = ("page", "page_size")

    @extend_schema(parameters=[OpenApiParameter("page", int), OpenApiParameter("page_size", int)], responses=MatchesOut)
    def get(self, request: Request, pk: Any) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        found = territory_matches(viewer, pk, on=viewer.on)
        shown = self.paginate_queryset(found.matches) or []
        pages = self.get_paginated_response(MatchOut(shown, many=True).data).data
        about = {"territory": found.territory.pk, "accounts": found.accounts, "usual_rate": found.usual_rate}
        matches = pages.pop("results")
        return Response({**about, **pages, "matches": matches})
