"""The API of quotas by days: what they are from which day on, and changes from a day on."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.api.grids import QuotaOut
from planning.models import CalendarKind, QuotaMeasure, QuotaStep
from planning.selectors.quotas import position_in_reach, quota_step_list
from planning.services.quota_steps import QuotaFrom, quota_change
from spm.web.api import Input


class QuotaStepOut(serializers.ModelSerializer[QuotaStep]):
    """What a quota is from a day of its period on, said for a whole period, in the unit of the quota."""

    position = serializers.UUIDField(source="quota.position_id")
    period_key = serializers.CharField(source="quota.period.key")
    measure = serializers.CharField(source="quota.measure")
    currency = serializers.CharField(source="quota.currency")

    class Meta:
        model = QuotaStep
        fields = (
            "id",
            "quota",
            "position",
            "period_key",
            "measure",
            "starts_on",
            "value",
            "currency",
            "reason",
            "by_name",
            "at",
        )


class QuotaFromIn(Input):
    """A quota from a day on, said for a whole period of the calendar, and why; `rest_of_year` gives it to later periods too."""

    position = serializers.UUIDField()
    calendar = serializers.ChoiceField(choices=CalendarKind.choices)
    measure = serializers.ChoiceField(choices=QuotaMeasure.choices, default=QuotaMeasure.AMOUNT)
    starts_on = serializers.DateField()
    value = serializers.IntegerField(min_value=0)
    reason = serializers.CharField(max_length=500)
    rest_of_year = serializers.BooleanField(default=False)


class QuotaStepListApi(ListAPIView[QuotaStep]):
    """Steps of quotas within reach; POST changes a quota from a day on and gives it as it is then."""

    actions = {"GET": "quota.view", "POST": "quota.edit"}
    serializer_class = QuotaStepOut
    filterset_fields = {"quota": ["exact"], "quota__position": ["exact"], "quota__period__key": ["exact"]}

    def get_queryset(self) -> QuerySet[QuotaStep]:
        if getattr(self, "swagger_fake_view", False):
            return QuotaStep.objects.none()
        return quota_step_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=QuotaFromIn, responses=QuotaOut)
    def post(self, request: Request) -> Response:
        given = QuotaFromIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        viewer = request.viewer  # type: ignore[attr-defined]
        position = position_in_reach(viewer, wanted.pop("position"))
        wish = QuotaFrom(position_id=position.pk, kind=wanted.pop("calendar"), **wanted)
        return Response(QuotaOut(quota_change(wish=wish, actor=viewer)).data, status=status.HTTP_201_CREATED)
