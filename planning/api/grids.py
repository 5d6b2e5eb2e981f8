"""The planning API: periods, quotas, territories and who covers them."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.models import Period, Quota, QuotaMeasure, Territory, TerritoryAssignment
from planning.selectors import period_list, quota_list, territory_list
from planning.services.quotas import QuotaValue, quota_set_many
from planning.services.territories import territory_assign, territory_save
from spm.web.api import Input
from spm.web.listing import ListOf


class PeriodOut(serializers.ModelSerializer[Period]):
    """A period; `until` is the first day after it."""

    calendar = serializers.CharField(source="calendar.kind")
    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper")

    class Meta:
        model = Period
        fields = ("id", "key", "calendar", "start", "until")


class PeriodListApi(ListAPIView[Period]):
    """Periods, latest first."""

    actions = {"GET": "quota.view"}
    serializer_class = PeriodOut
    filterset_fields = {"calendar__kind": ["exact"], "key": ["exact"]}

    def get_queryset(self) -> QuerySet[Period]:
        return period_list()


class QuotaOut(serializers.ModelSerializer[Quota]):
    """A quota; `value` is minor units of `currency` for money, a whole number for units, deals and distinct values."""

    period_key = serializers.CharField(source="period.key")
    position_name = serializers.CharField(source="position.name")

    class Meta:
        model = Quota
        fields = ("id", "position", "position_name", "period", "period_key", "measure", "value", "currency")


class QuotaIn(Input):
    """A value to set; `value` null removes the quota."""

    position = serializers.UUIDField()
    period = serializers.UUIDField()
    value = serializers.IntegerField(allow_null=True)


class QuotasIn(Input):
    """Quotas to set, all or nothing."""

    measure = serializers.ChoiceField(choices=QuotaMeasure.choices, default=QuotaMeasure.AMOUNT)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, default="")
    quotas = serializers.ListField(child=QuotaIn(), max_length=5000)


class QuotaChangeOut(serializers.Serializer[Any]):
    """What was changed."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    removed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class QuotaListApi(ListAPIView[Quota]):
    """Quotas within reach; POST sets many at once."""

    actions = {"GET": "quota.view", "POST": "quota.edit"}
    serializer_class = QuotaOut
    filterset_fields = {"position": ["exact"], "period": ["exact"], "period__key": ["exact"], "measure": ["exact"]}

    def get_queryset(self) -> QuerySet[Quota]:
        if getattr(self, "swagger_fake_view", False):
            return Quota.objects.none()
        return quota_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=QuotasIn, responses=QuotaChangeOut)
    def post(self, request: Request) -> Response:
        given = QuotasIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        change = quota_set_many(
            values=[QuotaValue(one["position"], one["period"], one["value"]) for one in wanted["quotas"]],
            measure=QuotaMeasure(wanted["measure"]),
            currency=wanted["currency"],
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(QuotaChangeOut(change).data)


class TerritoryOut(serializers.ModelSerializer[Territory]):
    """A territory."""

    class Meta:
        model = Territory
        fields = ("id", "code", "name", "parent", "unit")


class TerritoryIn(Input):
    """A territory to create."""

    code = serializers.SlugField(max_length=100)
    name = serializers.CharField(max_length=200)
    parent = serializers.UUIDField(required=False, allow_null=True, default=None)  # type: ignore[assignment]  # a field, not the tree
    unit = serializers.UUIDField(required=False, allow_null=True, default=None)


class TerritoryListApi(ListAPIView[Territory]):
    """Territories by name; POST creates one."""

    actions = {"GET": "territory.view", "POST": "territory.edit"}
    serializer_class = TerritoryOut
    filterset_fields = {"code": ["exact"], "parent": ["exact", "isnull"]}

    def get_queryset(self) -> QuerySet[Territory]:
        return territory_list()

    @extend_schema(request=TerritoryIn, responses={201: TerritoryOut})
    def post(self, request: Request) -> Response:
        given = TerritoryIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        territory = territory_save(
            code=wanted["code"],
            name=wanted["name"],
            parent_id=wanted["parent"],
            unit_id=wanted["unit"],
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(TerritoryOut(territory).data, status=status.HTTP_201_CREATED)


class AssignmentOut(serializers.ModelSerializer[TerritoryAssignment]):
    """Who covers a territory; `share_rate` at scale 10**8, `until` is the first day after, null while it lasts."""

    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)

    class Meta:
        model = TerritoryAssignment
        fields = ("id", "territory", "position", "start", "until", "share_rate")


class AssignmentIn(Input):
    """A position that is to cover the territory."""

    position = serializers.UUIDField()
    start = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)
    share_rate = serializers.IntegerField(min_value=1, max_value=10**8, default=10**8)


class AssignmentListApi(ListOf):
    """Assignments of one territory."""

    actions = {"GET": "territory.view", "POST": "territory.edit"}
    serializer_class = AssignmentOut

    def get_queryset(self) -> QuerySet[TerritoryAssignment]:
        if getattr(self, "swagger_fake_view", False):
            return TerritoryAssignment.objects.none()
        if not territory_list().filter(pk=self.kwargs["pk"]).exists():
            raise Http404
        return TerritoryAssignment.objects.filter(territory=self.kwargs["pk"]).order_by("-during")

    @extend_schema(responses=AssignmentOut(many=True))
    def get(self, request: Request, pk: Any) -> Response:
        return self.pages(self.get_queryset())

    @extend_schema(request=AssignmentIn, responses={201: AssignmentOut})
    def post(self, request: Request, pk: Any) -> Response:
        self.get_queryset()
        given = AssignmentIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        assignment = territory_assign(
            territory_id=pk,
            position_id=wanted["position"],
            start=wanted["start"],
            until=wanted["until"],
            share_rate=wanted["share_rate"],
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(AssignmentOut(assignment).data, status=status.HTTP_201_CREATED)
