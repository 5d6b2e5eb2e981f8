"""The API of how wrong forecasts were that were made, as on the page."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from insights.engine.forecast_record import HORIZONS, Method
from insights.selectors.forecast_record import forecast_record
from spm.web.listing import ListOf


class RecordOut(serializers.Serializer[Any]):
    """The record of a method: errors at scale 10**8 over `tests` past periods, null where nothing could be tried.

    `skill_rate` is by which part it was less wrong than the same period a year ago.
    """

    of = serializers.ChoiceField(["company", "unit", "person"], source="kind")
    subject = serializers.UUIDField(source="subject_id", allow_null=True)
    name = serializers.CharField(allow_blank=True)
    forecast_method = serializers.ChoiceField([one.value for one in Method], source="line.method")
    days_before_end = serializers.IntegerField(source="line.horizon")
    tests = serializers.IntegerField(source="line.past.tests")
    wmape_rate = serializers.IntegerField(source="line.past.wmape_rate", allow_null=True)
    bias_rate = serializers.IntegerField(source="line.past.bias_rate", allow_null=True)
    skill_rate = serializers.IntegerField(source="line.skill_rate", allow_null=True)


HORIZON = OpenApiParameter(
    "horizon", OpenApiTypes.INT, enum=list(HORIZONS), description="Only so many days before the end."
)


def horizons_asked(request: Request) -> list[int]:
    """Give the horizon that is asked for, else all; 404 for one that there is not."""
    asked = request.query_params.get("horizon")
    if asked is not None and asked not in map(str, HORIZONS):
        raise NotFound
    return [one for one in HORIZONS if asked in (None, str(one))]


@extend_schema(parameters=[HORIZON])
class ForecastRecordApi(ListOf):
    """How wrong each method was in past periods, of the company, units and people within reach."""

    actions = {"GET": "pipeline.view"}
    serializer_class = RecordOut
    query_names = ("horizon",)

    @extend_schema(responses=RecordOut(many=True))
    def get(self, request: Request) -> Response:
        asked = horizons_asked(request)
        lines = forecast_record(request.viewer)  # type: ignore[attr-defined]
        return self.pages([one for one in lines if one.line.horizon in asked])
