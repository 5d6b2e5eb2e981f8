"""The API of the pay forecast, as on the pages."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.models import ChanceSource, PayForecast, PayScope
from insights.selectors.pay_forecasts import pay_forecast_basis, pay_forecast_list, pay_forecast_person
from spm.web.listing import ListOf


class PayForecastOut(serializers.Serializer[Any]):
    """What a person, a team or the company is expected to earn in a period; minor units, null is unknown and `reason` says why.

    `earned_minor` is with every open deal lost; low to high holds 80 % of the scenarios. Medians of parts don't sum to the whole's.
    """

    period = serializers.CharField(source="basis.period.key")
    scope = serializers.ChoiceField(PayScope.choices)
    participant = serializers.UUIDField(source="participant_id", allow_null=True)
    name = serializers.CharField(source="participant.name", default=None, allow_null=True)
    currency = serializers.CharField()
    people = serializers.IntegerField()
    unknown = serializers.IntegerField()
    earned_minor = serializers.IntegerField(allow_null=True)
    low_minor = serializers.IntegerField(allow_null=True)
    median_minor = serializers.IntegerField(allow_null=True)
    high_minor = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    made_on = serializers.DateField(source="basis.as_on")
    scenarios = serializers.IntegerField(source="basis.scenarios")
    deals = serializers.IntegerField(source="basis.deals")
    chance_source = serializers.ChoiceField(ChanceSource.choices, source="basis.source", allow_blank=True)
    chance_source_reason = serializers.CharField(source="basis.source_reason", allow_blank=True)


class PersonForecastOut(serializers.Serializer[Any]):
    """The forecasts of one person, by period and currency."""

    participant = serializers.UUIDField(source="person.pk")
    name = serializers.CharField(source="person.name")
    forecasts = PayForecastOut(many=True, source="rows")


@extend_schema(
    parameters=[
        OpenApiParameter(
            "period",
            OpenApiTypes.STR,
            description="Key of a period of today; the one that ends first where none is named.",
        )
    ]
)
class PayForecastApi(ListOf):
    """The pay forecast of a period within reach: the company, teams, people."""

    actions = {"GET": "pay_forecast.view"}
    serializer_class = PayForecastOut
    query_names = ("period",)

    @extend_schema(responses=PayForecastOut(many=True))
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        try:
            basis = pay_forecast_basis(viewer, request.query_params.get("period", ""))
        except KeyError as error:
            raise NotFound from error
        return self.pages(PayForecast.objects.none() if basis is None else pay_forecast_list(viewer, basis))


class PayForecastPersonApi(APIView):
    """The pay forecast of one person, by period and currency."""

    actions = {"GET": "pay_forecast.view"}

    @extend_schema(responses=PersonForecastOut)
    def get(self, request: Request, pk: UUID) -> Response:
        found = pay_forecast_person(request.viewer, pk)  # type: ignore[attr-defined]
        if found is None:
            raise NotFound
        return Response(PersonForecastOut(found).data)
