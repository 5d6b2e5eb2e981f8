"""The API of how wrong pay forecasts were, as on the page."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from insights.api.forecast_record import HORIZON, horizons_asked
from insights.selectors.pay_records import pay_record
from spm.web.listing import ListOf


class PayRecordOut(serializers.Serializer[Any]):
    """How wrong forecasts of pay were over `tests` periods of a calendar, in a currency; rates at scale 10**8, null where nothing was paid.

    PEOPLE are all people within reach, each by itself. `held` of the ranges held what the statements came to; 80 % were meant to.
    """

    scope = serializers.ChoiceField(["COMPANY", "TEAM", "PEOPLE", "PERSON"])
    participant = serializers.UUIDField(source="participant_id", allow_null=True)
    name = serializers.CharField(allow_blank=True)
    calendar = serializers.CharField(help_text="The name of the calendar whose periods these are.")
    currency = serializers.CharField()
    days_before_end = serializers.IntegerField(source="horizon")
    tests = serializers.IntegerField(source="record.tests")
    held = serializers.IntegerField(source="record.held")
    wmape_rate = serializers.IntegerField(source="record.wmape_rate", allow_null=True)
    bias_rate = serializers.IntegerField(source="record.bias_rate", allow_null=True)
    held_rate = serializers.IntegerField(source="record.held_rate", allow_null=True)


@extend_schema(parameters=[HORIZON])
class PayRecordApi(ListOf):
    """How wrong forecasts of pay were in past periods, of the company, teams and people within reach."""

    actions = {"GET": "pay_forecast.view"}
    serializer_class = PayRecordOut
    query_names = ("horizon",)

    @extend_schema(responses=PayRecordOut(many=True))
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        return self.pages([line for horizon in horizons_asked(request) for line in pay_record(viewer, horizon)])
