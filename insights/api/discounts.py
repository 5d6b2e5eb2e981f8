"""The API of price and discount, as on the page."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.api.performance import KEPT, KEPT_PARAMETERS, ValueOut
from insights.engine.discounts import EDGES
from insights.selectors.discounts import BY, USUAL, discounts
from insights.selectors.measure_groups import Group, kept_asked
from insights.selectors.performance import windows_of


class DiscountLineOut(serializers.Serializer[Any]):
    """Order lines of a group with list price and net amount, and what they come to; `over` of them are discounted deeper than asked."""

    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    lines = serializers.IntegerField()
    left_out = serializers.IntegerField()
    list_minor = serializers.IntegerField()
    net_minor = serializers.IntegerField()
    realisation = ValueOut()
    depth = ValueOut()
    leakage = ValueOut()
    over = serializers.IntegerField()
    over_rate = serializers.IntegerField(allow_null=True)


class BandLineOut(serializers.Serializer[Any]):
    """Order lines and decided deals of a depth; the win rate and its 95 % interval are null of too few deals."""

    band = serializers.CharField()
    name = serializers.CharField()
    lines = serializers.IntegerField()
    line_rate = serializers.IntegerField(allow_null=True)
    list_minor = serializers.IntegerField()
    leakage_minor = serializers.IntegerField()
    won = serializers.IntegerField()
    lost = serializers.IntegerField()
    win_rate = serializers.IntegerField(allow_null=True)
    low_rate = serializers.IntegerField(allow_null=True)
    high_rate = serializers.IntegerField(allow_null=True)


class DiscountsOut(serializers.Serializer[Any]):
    """Price and discount of a period. `direction` of the win rate by depth: 1 up, -1 down, 0 no more than chance, null not told.

    `untold` says why win rates are not told. None of it is a cause.
    """

    period = serializers.CharField(source="window.key")
    as_of = serializers.DateField()
    by = serializers.ChoiceField([one.value for one in BY], source="group")
    over = serializers.IntegerField(source="edge")
    total = DiscountLineOut()
    groups = DiscountLineOut(many=True)
    bands = BandLineOut(many=True)
    unknown_won = serializers.IntegerField(source="unknown.won")
    unknown_lost = serializers.IntegerField(source="unknown.lost")
    direction = serializers.IntegerField(allow_null=True)
    untold = serializers.CharField(allow_blank=True)


class DiscountApi(APIView):
    """Discounts of a period within reach by group and by depth, and the win rate by depth."""

    actions = {"GET": "performance.view"}
    query_names = ("by", "over", "period", *KEPT)

    @extend_schema(
        responses=DiscountsOut,
        parameters=[
            OpenApiParameter("period", OpenApiTypes.STR, description="Key of a period; the current one where none is named."),
            OpenApiParameter("by", OpenApiTypes.STR, enum=[one.value for one in BY], description="What it is told by."),
            OpenApiParameter("over", OpenApiTypes.INT, enum=EDGES, description="A depth in percent: lines discounted deeper are counted."),
            *KEPT_PARAMETERS,
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        viewer, query = request.viewer, request.query_params  # type: ignore[attr-defined]
        try:
            windows = windows_of(viewer, query.get("period", ""))
            group, edge = Group(query.get("by", Group.PRODUCT)), int(query.get("over", USUAL))
        except (KeyError, ValueError) as error:
            raise NotFound from error
        if group not in BY or edge not in EDGES:
            raise NotFound
        found = discounts(viewer, windows, group=group, edge=edge, kept=kept_asked(query, viewer.on))
        return Response(DiscountsOut(found).data)
