"""The insights API: team, pipeline and forecasts, the same figures as on the pages."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incentives.selectors.attainment import period_current
from incentives.selectors.statements import statement_periods
from insights.engine.pipeline_changes import Change
from insights.forms.forecasts import MovementForm
from insights.models import Forecast
from insights.selectors.pipeline import forecast_latest, forecast_units, pipeline_view
from insights.selectors.pipeline_changes import pipeline_changes
from insights.selectors.team import team_rows
from spm.web.api import form_refused
from spm.web.listing import ListOf


class TeamOut(serializers.Serializer[Any]):
    """Where a person stands; amounts in minor units, rates at scale 10**8, null is unknown."""

    participant = serializers.UUIDField(source="attainment.participant_id")
    name = serializers.CharField(source="attainment.participant_name")
    period = serializers.CharField(source="attainment.period_key")
    currency = serializers.CharField(source="attainment.currency")
    credit_minor = serializers.IntegerField(source="attainment.credit_minor")
    quota_minor = serializers.IntegerField(source="attainment.quota_minor", allow_null=True)
    attainment_rate = serializers.IntegerField(source="attainment.attainment_rate", allow_null=True)
    pace_rate = serializers.IntegerField(source="attainment.pace_rate", allow_null=True)
    earned_minor = serializers.IntegerField(source="attainment.earned_minor")
    payable_minor = serializers.IntegerField(source="attainment.payable_minor")
    open_deals = serializers.IntegerField()
    open_minor = serializers.IntegerField()
    coverage_rate = serializers.IntegerField(allow_null=True)
    is_behind = serializers.BooleanField()


@extend_schema(
    parameters=[OpenApiParameter("period", OpenApiTypes.STR, description="Key of a period, such as 2026-Q1.")]
)
class TeamApi(ListOf):
    """Everybody within reach in a period; the current one where none is named."""

    actions = {"GET": "team.view"}
    serializer_class = TeamOut
    query_names = ("period",)

    @extend_schema(responses=TeamOut(many=True))
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        key = request.query_params.get("period")
        period = (
            next((one for one in statement_periods(viewer) if one.key == key), None) if key else period_current(viewer)
        )
        if key and period is None:
            raise NotFound
        return self.pages(team_rows(viewer, period_id=period.pk) if period else [])


class StageOut(serializers.Serializer[Any]):
    """Open deals of a stage and currency; those without an amount are counted in `unvalued` and add nothing."""

    stage = serializers.CharField()
    currency = serializers.CharField()
    deals = serializers.IntegerField()
    unvalued = serializers.IntegerField()
    amount_minor = serializers.IntegerField()


class PipelineApi(ListOf):
    """The open pipeline within reach by stage."""

    actions = {"GET": "pipeline.view"}
    serializer_class = StageOut

    @extend_schema(responses=StageOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(pipeline_view(request.viewer).stages)  # type: ignore[attr-defined]


class DealStateOut(serializers.Serializer[Any]):
    """A deal as it was known at the end of a day; null amount is unknown."""

    status = serializers.CharField()
    amount_minor = serializers.IntegerField(allow_null=True)
    close_on = serializers.DateField(allow_null=True)
    category = serializers.CharField()


class MovedDealOut(serializers.Serializer[Any]):
    """A deal that changed the pipeline; `before` and `after` are null where it was not known."""

    deal = serializers.UUIDField(source="deal_id")
    name = serializers.CharField()
    owner = serializers.CharField()
    change = serializers.ChoiceField([one.value for one in Change], source="moved.change")
    by_minor = serializers.IntegerField(source="moved.by_minor")
    before = DealStateOut(source="moved.before", allow_null=True)
    after = DealStateOut(source="moved.after", allow_null=True)


class MovementOut(serializers.Serializer[Any]):
    """The open pipeline at the ends of two days in the company's currency; the deals' `by_minor` sum to closing less opening.

    `known_since` is the day of the first deal known: before it nothing is, and every deal is new.
    """

    first = serializers.DateField(source="asked.first")
    last = serializers.DateField(source="asked.last")
    opening_minor = serializers.IntegerField(source="found.opening_minor")
    opening_deals = serializers.IntegerField(source="found.opening_deals")
    closing_minor = serializers.IntegerField(source="found.closing_minor")
    closing_deals = serializers.IntegerField(source="found.closing_deals")
    in_other_currencies = serializers.IntegerField()
    known_since = serializers.DateField(allow_null=True)
    deals = MovedDealOut(source="lines", many=True)


class MovementApi(APIView):
    """What changed the open pipeline between the ends of two days, within reach; the last week where no day is named."""

    actions = {"GET": "pipeline.view"}
    query_names = ("first", "last", "period")

    @extend_schema(
        responses=MovementOut,
        parameters=[
            OpenApiParameter("first", OpenApiTypes.DATE, description="From the end of this day."),
            OpenApiParameter("last", OpenApiTypes.DATE, description="To the end of this day."),
            OpenApiParameter("period", OpenApiTypes.STR, description="Only deals that close in it, such as 2026-Q1."),
        ],
    )
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        form = MovementForm(request.query_params, today=viewer.on)
        if not form.is_valid():
            raise form_refused(form)
        return Response(MovementOut(pipeline_changes(viewer, form.asked())).data)


class ForecastOut(serializers.ModelSerializer[Forecast]):
    """A forecast of the won amount of a period; null amount is unknown and `reason` says why.

    `low_minor` to `high_minor` is to hold 80 % of what comes, the other range 95 %; `held_80` of `tried_80` past periods were held.
    The first of each unit is the one that its record chose, else trials: `chosen_because` says why; it is empty for the others.
    """

    period = serializers.CharField(source="period.key")
    chosen_because = serializers.CharField()
    unit = serializers.CharField(source="unit.name", allow_null=True, default=None)

    class Meta:
        model = Forecast
        fields = (
            *("id", "made_on", "period", "unit", "model", "currency", "amount_minor", "low_minor", "high_minor"),
            *("low_95_minor", "high_95_minor", "held_80", "tried_80", "held_95", "tried_95"),
            *("reason", "wmape_rate", "bias_rate", "test_count", "skill_rate", "chosen_because"),
        )


class ForecastApi(ListOf):
    """The latest forecasts of the company and of each unit."""

    actions = {"GET": "pipeline.view"}
    serializer_class = ForecastOut

    @extend_schema(responses=ForecastOut(many=True))
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        units = [None, *(unit.pk for unit in forecast_units(viewer))]
        return self.pages([one for unit in units for one in forecast_latest(viewer, unit_id=unit)])
