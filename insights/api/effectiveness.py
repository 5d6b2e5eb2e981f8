"""The API of plan effectiveness and fairness, as on the page."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.selectors.effectiveness import Category, effectiveness
from insights.selectors.performance import windows_of


class QuarterOut(serializers.Serializer[Any]):
    """A quarter of the people by attainment; `slope_minor` is the pay that ten points more of attainment come with."""

    people = serializers.IntegerField()
    low_rate = serializers.IntegerField()
    high_rate = serializers.IntegerField()
    median_earned_minor = serializers.IntegerField()
    slope_minor = serializers.IntegerField(allow_null=True)


class GapOut(serializers.Serializer[Any]):
    """A group's pay below the others' (at 10**8; negative: above); null where it would tell of fewer than five people."""

    group = serializers.CharField()
    people = serializers.IntegerField()
    others = serializers.IntegerField()
    mean_rate = serializers.IntegerField(allow_null=True)
    median_rate = serializers.IntegerField(allow_null=True)
    adjusted_rate = serializers.IntegerField(allow_null=True)
    low_rate = serializers.IntegerField(allow_null=True)
    high_rate = serializers.IntegerField(allow_null=True)
    is_flagged = serializers.BooleanField()
    is_certain = serializers.BooleanField()


class EffectivenessOut(serializers.Serializer[Any]):
    """What a period's sales compensation came to and did; null is unknown or told of too few people, and `reason` says why."""

    period = serializers.CharField(source="window.key")
    category = serializers.ChoiceField([one.value for one in Category])
    people = serializers.IntegerField()
    in_other_currencies = serializers.IntegerField()
    without_quota = serializers.IntegerField()
    earned_minor = serializers.IntegerField(allow_null=True)
    credit_minor = serializers.IntegerField(allow_null=True)
    won_minor = serializers.IntegerField(allow_null=True)
    cost_rate = serializers.IntegerField(allow_null=True)
    effective_rate = serializers.IntegerField(allow_null=True)
    correlation = serializers.IntegerField(allow_null=True)
    reached = serializers.IntegerField(source="health.reached", allow_null=True)
    median_rate = serializers.IntegerField(source="health.median_rate", allow_null=True)
    windfalls = serializers.IntegerField()
    quarters = QuarterOut(many=True)
    gaps = GapOut(many=True)
    reason = serializers.CharField(allow_blank=True)


class EffectivenessApi(APIView):
    """Cost, effect and fairness of pay in a period."""

    actions = {"GET": "effectiveness.view"}
    query_names = ("by", "period")

    @extend_schema(
        responses=EffectivenessOut,
        parameters=[
            OpenApiParameter("period", OpenApiTypes.STR, description="Key of a period; the current one where none is named."),
            OpenApiParameter("by", OpenApiTypes.STR, enum=[one.value for one in Category], description="What groups are made by."),
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        try:
            category = Category(request.query_params.get("by", Category.UNIT))
            window = windows_of(viewer, request.query_params.get("period", ""))[0]
        except (KeyError, ValueError) as error:
            raise NotFound from error
        return Response(EffectivenessOut(effectiveness(viewer, window, category)).data)
