"""The insights API of the forecast: the sheet, the numbers given, what was locked, how the company forecasts."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.forms.forecasts import OPEN_CATEGORIES, ForecastForm
from insights.models import ForecastPolicy, ForecastSnapshot, ForecastSubmission, RollUp
from insights.selectors.forecast_sheet import SheetAsked, forecast_policy, forecast_sheet, submission_history
from insights.selectors.snapshots import locked_days, locked_lines
from insights.services.submissions import CallWish, forecast_policy_set, forecast_submit
from planning.selectors import period_list
from spm.people.models import Participant
from spm.roles.policy import visible
from spm.web.api import Input, form_refused
from spm.web.listing import ListOf

CALLS = ("COMMIT", "BEST")
MOST_CALLS = 5000
PERIOD = OpenApiParameter(
    "period", OpenApiTypes.STR, description="Key of a period, such as 2026-Q4; the current one else."
)


class AmountsOut(serializers.Serializer[Any]):
    """Amounts by category in minor units; null is unknown."""

    closed_minor = serializers.IntegerField(source="CLOSED", allow_null=True)
    commit_minor = serializers.IntegerField(source="COMMIT", allow_null=True)
    best_minor = serializers.IntegerField(source="BEST", allow_null=True)
    pipeline_minor = serializers.IntegerField(source="PIPELINE", allow_null=True)


class SubmissionOut(serializers.ModelSerializer[ForecastSubmission]):
    """A number that somebody gave; null was taken back. An override is the word of somebody above."""

    class Meta:
        model = ForecastSubmission
        fields = (
            "participant",
            "category",
            "is_override",
            "number",
            "amount_minor",
            "currency",
            "note",
            "by_name",
            "at",
        )


class SheetLineOut(serializers.Serializer[Any]):
    """A person: the own deals, and those of the team, each category alone; `counted` as the company counts; the numbers in force."""

    participant = serializers.SerializerMethodField()
    name = serializers.CharField()
    manager = serializers.UUIDField(allow_null=True)
    level = serializers.IntegerField(source="depth")
    own = AmountsOut()
    team = AmountsOut()
    counted = AmountsOut()
    submissions = serializers.SerializerMethodField()
    model_minor = serializers.IntegerField(allow_null=True)

    def get_participant(self, line: Any) -> str | None:
        """Give the person; null for deals of nobody in a seat."""
        return line.person or None

    @extend_schema(responses=SubmissionOut(many=True))
    def get_submissions(self, line: Any) -> list[Any]:
        """Give the latest numbers, the own before the overrides."""
        return list(SubmissionOut([*line.calls.values(), *line.overrides.values()], many=True).data)


class SheetOut(serializers.Serializer[Any]):
    """The forecast of a period within reach as of the end of a day; the lines at level 0 sum to `whole` in each category.

    Where no deal was known at the end of the day, amounts are null and `reason` says so.
    """

    period = serializers.CharField(source="asked.period.key")
    day = serializers.DateField(source="asked.day")
    hierarchy_on = serializers.DateField(source="asked.org_on")
    currency = serializers.CharField()
    roll_up = serializers.CharField(source="policy.roll_up")
    whole = AmountsOut()
    counted = AmountsOut()
    reason = serializers.CharField(allow_blank=True)
    model = serializers.CharField(allow_blank=True)
    model_because = serializers.CharField(allow_blank=True)
    model_minor = serializers.IntegerField(allow_null=True)
    in_other_currencies = serializers.IntegerField()
    unvalued = serializers.IntegerField()
    undated = serializers.IntegerField()
    lines = SheetLineOut(many=True)


class CallIn(Input):
    """A number to give; null takes it back. `seen` is the `number` of the entry it replaces, 0 for none: a changed one is refused."""

    participant = serializers.UUIDField()
    category = serializers.ChoiceField(choices=CALLS)
    amount_minor = serializers.IntegerField(min_value=0, max_value=10**15, allow_null=True)
    seen = serializers.IntegerField(min_value=0, max_value=10**9, default=0)


class CallsIn(Input):
    """Numbers to give together, all or none; for oneself, or over those of people within reach."""

    period = serializers.CharField(max_length=50)
    note = serializers.CharField(max_length=500, allow_blank=True, default="")
    calls = CallIn(many=True, allow_empty=False)

    def validate_calls(self, given: list[Any]) -> list[Any]:
        """Refuse more numbers than a sheet has."""
        if len(given) > MOST_CALLS:
            raise serializers.ValidationError(f"Give at most {MOST_CALLS} numbers at once.")
        return given


class ForecastSheetApi(APIView):
    """The forecast by hierarchy."""

    actions = {"GET": "pipeline.view", "POST": "forecast.submit"}
    query_names = ("period", "day", "org")

    @extend_schema(
        responses=SheetOut,
        parameters=[
            PERIOD,
            OpenApiParameter("day", OpenApiTypes.DATE, description="As known at the end of this day."),
            OpenApiParameter("org", OpenApiTypes.STR, enum=["today"], description="With the hierarchy of today."),
        ],
    )
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        return Response(SheetOut(forecast_sheet(viewer, _asked(request))).data)

    @extend_schema(request=CallsIn, responses={201: SubmissionOut(many=True)})
    def post(self, request: Request) -> Response:
        given = CallsIn(data=request.data)
        given.is_valid(raise_exception=True)
        period = period_list().filter(key=given.validated_data["period"]).first()
        if period is None:
            raise NotFound
        wishes = [
            CallWish(one["participant"], one["category"], one["amount_minor"], one["seen"])
            for one in given.validated_data["calls"]
        ]
        note = given.validated_data["note"]
        rows = forecast_submit(period_id=period.pk, wishes=wishes, note=note, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(SubmissionOut(rows, many=True).data, status=status.HTTP_201_CREATED)


class ForecastHistoryApi(ListOf):
    """Every number given for a person in a period, the latest first."""

    actions = {"GET": "pipeline.view"}
    serializer_class = SubmissionOut
    query_names = ("period",)

    @extend_schema(responses=SubmissionOut(many=True), parameters=[PERIOD])
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        if not visible(viewer, Participant.objects.filter(pk=pk), participant="pk").exists():
            raise NotFound
        rows = submission_history(viewer, period_id=_asked(request).period.pk, participant_id=pk)
        return self.pages(rows)


class LockedOut(serializers.ModelSerializer[ForecastSnapshot]):
    """What stood for a person at the end of a day on which forecasts were due; amounts by category in minor units, each alone."""

    period = serializers.CharField(source="period.key")

    class Meta:
        model = ForecastSnapshot
        fields = (
            *("day", "period", "participant", "manager", "currency", "own", "team", "submitted", "overridden"),
            "model_minor",
        )


class ForecastLockedApi(ListOf):
    """What stood on a locked day, empty for another day; the latest one where none is named. Nothing of it changes later."""

    actions = {"GET": "pipeline.view"}
    serializer_class = LockedOut
    query_names = ("day", "period")

    @extend_schema(
        responses=LockedOut(many=True),
        parameters=[PERIOD, OpenApiParameter("day", OpenApiTypes.DATE, description="A locked day.")],
    )
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        day, key = request.query_params.get("day"), request.query_params.get("period")
        days = [
            (one, period)
            for one, period in locked_days(viewer)
            if day in (None, one.isoformat()) and key in (None, period)
        ]
        lines = locked_lines(viewer, day=days[0][0], period_key=days[0][1]) if days else []
        return self.pages([line.row for line in lines])


class ForecastPolicyOut(serializers.ModelSerializer[ForecastPolicy]):
    """How the company forecasts: `due_weekday` 0 is Monday; `categories` maps words of the source in lower case."""

    class Meta:
        model = ForecastPolicy
        fields = ("roll_up", "due_weekday", "remind_days", "categories")


class ForecastPolicyIn(Input):
    """How the company is to forecast."""

    roll_up = serializers.ChoiceField(choices=RollUp.choices)
    due_weekday = serializers.IntegerField(min_value=0, max_value=6)
    remind_days = serializers.IntegerField(min_value=0, max_value=6)
    categories = serializers.DictField(
        child=serializers.ChoiceField(choices=[value for value, _ in OPEN_CATEGORIES if value]), default=dict
    )

    def validate_categories(self, given: dict[str, str]) -> dict[str, str]:
        """Keep words as they are compared: trimmed, in lower case."""
        if len(given) > 500 or any(len(word) > 100 for word in given):
            raise serializers.ValidationError("Give at most 500 words of at most 100 characters.")
        return {word.strip().lower(): category for word, category in given.items() if word.strip()}


class ForecastPolicyApi(APIView):
    """How the company forecasts."""

    actions = {"GET": "pipeline.view", "PUT": "forecast.edit"}

    @extend_schema(responses=ForecastPolicyOut)
    def get(self, request: Request) -> Response:
        return Response(ForecastPolicyOut(forecast_policy()).data)

    @extend_schema(request=ForecastPolicyIn, responses=ForecastPolicyOut)
    def put(self, request: Request) -> Response:
        given = ForecastPolicyIn(data=request.data)
        given.is_valid(raise_exception=True)
        policy = forecast_policy_set(**given.validated_data, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(ForecastPolicyOut(policy).data)


def _asked(request: Request) -> SheetAsked:
    form = ForecastForm(request.query_params, today=request.viewer.on)  # type: ignore[attr-defined]
    if not form.is_valid():
        raise form_refused(form)
    asked = form.asked()
    if asked is None:
        raise ValidationError(
            {"period": ["The company has no period yet. Periods come with the first quotas or plans."]}
        )
    return asked
