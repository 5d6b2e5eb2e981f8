"""The planning API: quota plans, their sheets and relief."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.models import (
    CalendarKind,
    QuotaMeasure,
    QuotaMethod,
    QuotaPlan,
    QuotaRelief,
    QuotaSeat,
    ReliefKind,
    Season,
)
from planning.selectors.quota_plans import plan_sheet, quota_plan_list
from planning.selectors.quota_reviews import plan_review
from planning.services.quota_letters import letters_send
from planning.services.quota_plans import (
    WEIGHT,
    YEAR,
    PlanWish,
    SheetValue,
    quota_plan_change,
    quota_plan_create,
    quota_plan_discard,
    quota_plan_set,
    quota_plan_undo,
)
from planning.services.quota_publishing import quota_plan_ask, quota_plan_publish, quota_plan_revise
from planning.services.quota_seats import (
    ReliefWish,
    commitments_take,
    relief_add,
    relief_remove,
    reliefs_find,
)
from spm.web.api import Input
from spm.web.findings import FindingOut

STEPS = ("undo", "take_commitments", "find_joiners", "discard", "ask", "publish", "revise", "send_letters")


class QuotaPlanOut(serializers.ModelSerializer[QuotaPlan]):
    """A quota plan; rates are at scale 10**8, `total` is minor units of `currency` or a whole number.

    Weights are in minor units of `weight_unit`, in hundredths of a point where it is `points`, plain numbers where it is empty; potential
    so by `potential_unit`.
    """

    weight_unit = serializers.CharField(read_only=True)
    calendar = serializers.CharField(source="calendar.kind")

    class Meta:
        model = QuotaPlan
        fields = (
            "id",
            "name",
            "calendar",
            "year",
            "measure",
            "currency",
            "total",
            "method",
            "potential_unit",
            "weight_unit",
            "season",
            "season_weights",
            "paddings",
            "guardrail_rate",
            "growth_rate",
            "state",
            "revises",
            "written_by_name",
            "published_by_name",
            "published_at",
        )


class QuotaPlanIn(Input):
    """What a plan hands down, and how; rates at scale 10**8."""

    name = serializers.CharField(max_length=100)
    total = serializers.IntegerField(min_value=1)
    method = serializers.ChoiceField(choices=QuotaMethod.choices, default=QuotaMethod.EVEN)
    season = serializers.ChoiceField(choices=Season.choices, default=Season.EVEN)
    season_weights = serializers.ListField(child=serializers.IntegerField(min_value=0), default=list, max_length=60)
    paddings = serializers.ListField(child=serializers.IntegerField(min_value=0), default=list, max_length=20)
    guardrail_rate = serializers.IntegerField(default=10**7)
    growth_rate = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=10**9)


class QuotaPlanStartIn(QuotaPlanIn):
    """A plan to begin; `top` keeps one position and those below it."""

    calendar = serializers.ChoiceField(choices=CalendarKind.choices, default=CalendarKind.QUARTERLY)
    year = serializers.IntegerField(min_value=1990, max_value=2100)
    measure = serializers.ChoiceField(choices=QuotaMeasure.choices, default=QuotaMeasure.AMOUNT)
    top = serializers.UUIDField(required=False, allow_null=True, default=None)


class QuotaCellOut(serializers.Serializer[Any]):
    """A period of a seat: what it is given, whether a person set it, and what is carried after relief."""

    period = serializers.UUIDField(source="cell.period_id")
    period_key = serializers.CharField(source="cell.period.key")
    value = serializers.IntegerField(source="cell.value")
    manual = serializers.IntegerField(source="cell.manual", allow_null=True)
    carried = serializers.IntegerField(source="cell.carried")


class QuotaReliefOut(serializers.ModelSerializer[QuotaRelief]):
    """Relief of a seat; `until` is the first day that counts again."""

    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper")

    class Meta:
        model = QuotaRelief
        fields = ("id", "seat", "kind", "start", "until", "rate", "amount", "reason", "by_name")


class QuotaSeatOut(serializers.Serializer[Any]):
    """A seat in the sheet, with its holder and what it is given by period."""

    id = serializers.UUIDField(source="seat.id")
    position = serializers.UUIDField(source="seat.position_id")
    position_name = serializers.CharField(source="seat.position.name")
    holder = serializers.CharField()
    parent = serializers.UUIDField(source="seat.parent_id", allow_null=True)  # type: ignore[assignment]  # a field, not the tree
    weight = serializers.IntegerField()
    potential = serializers.IntegerField(source="seat.potential")
    manual = serializers.IntegerField(source="seat.manual", allow_null=True)
    value = serializers.IntegerField(source="seat.value")
    carried = serializers.IntegerField()
    commitment = serializers.IntegerField(source="seat.commitment", allow_null=True)
    commitment_note = serializers.CharField(source="seat.commitment_note")
    cells = QuotaCellOut(many=True)
    reliefs = QuotaReliefOut(many=True)


class QuotaSheetOut(serializers.Serializer[Any]):
    """A plan with its sheet, its totals and what can't be shared."""

    plan = QuotaPlanOut()
    seats = QuotaSeatOut(source="rows", many=True)
    given = serializers.IntegerField()
    carried = serializers.IntegerField()
    committed = serializers.IntegerField()
    over_rate = serializers.IntegerField(allow_null=True)
    findings = FindingOut(many=True)


class SheetValueIn(Input):
    """A value to set: of a period, of the year, or the own weight; null lets it be shared again."""

    seat = serializers.UUIDField()
    period = serializers.UUIDField(required=False, allow_null=True, default=None)
    field = serializers.ChoiceField(choices=[YEAR, WEIGHT], default=YEAR)
    value = serializers.IntegerField(allow_null=True)


class SheetValuesIn(Input):
    """Values to set, all or nothing, and why."""

    values = serializers.ListField(child=SheetValueIn(), max_length=5000)
    why = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class PlanStepIn(Input):
    """A step of a plan; `reason` is for whom approves it, `due_on` for letters, `ramp_rates` for joiners by month in role."""

    do = serializers.ChoiceField(choices=STEPS)
    reason = serializers.CharField(required=False, default="", allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    ramp_rates = serializers.ListField(child=serializers.IntegerField(), default=list, max_length=24)


class ParityOut(serializers.Serializer[Any]):
    """A seller's parity with potential, at scale 10**8; null can't be told."""

    seat = serializers.UUIDField(source="row.seat.id")
    rate = serializers.IntegerField(allow_null=True)
    is_fair = serializers.BooleanField()


class DistributionOut(serializers.Serializer[Any]):
    """How many stand in each band of attainment (below 50, 70, 90, 100, 120 %, and above), and how many can't be told."""

    counts = serializers.ListField(child=serializers.IntegerField())
    unknown = serializers.IntegerField()


class QuotaReviewOut(serializers.Serializer[Any]):
    """What to look at before publishing."""

    parity = ParityOut(many=True)
    expected = DistributionOut()
    before = DistributionOut()
    changed = serializers.IntegerField()
    new = serializers.IntegerField()


class QuotaPlanListApi(ListAPIView[QuotaPlan]):
    """Quota plans, drafts first; POST begins one."""

    actions = {"GET": "cascade.view", "POST": "cascade.edit"}
    serializer_class = QuotaPlanOut
    filterset_fields = {"state": ["exact"], "year": ["exact"], "measure": ["exact"]}

    def get_queryset(self) -> QuerySet[QuotaPlan]:
        return quota_plan_list()

    @extend_schema(request=QuotaPlanStartIn, responses={201: QuotaPlanOut})
    def post(self, request: Request) -> Response:
        given = _read(QuotaPlanStartIn, request)
        places = {name: given.pop(name) for name in ("year", "measure")}
        kind, top = given.pop("calendar"), given.pop("top")
        plan = quota_plan_create(wish=PlanWish(**given), kind=kind, top_id=top, actor=request.viewer, **places)  # type: ignore[attr-defined]
        return Response(QuotaPlanOut(plan).data, status=status.HTTP_201_CREATED)


class QuotaPlanApi(GenericAPIView[QuotaPlan]):
    """One plan with its sheet; PUT changes how it is shared, PATCH sets values, POST takes a step."""

    actions = {"GET": "cascade.view", "PUT": "cascade.edit", "PATCH": "cascade.edit", "POST": "cascade.edit"}
    serializer_class = QuotaSheetOut
    queryset = QuotaPlan.objects.none()

    @extend_schema(responses=QuotaSheetOut)
    def get(self, request: Request, pk: Any) -> Response:
        return _sheet(pk)

    @extend_schema(request=QuotaPlanIn, responses=QuotaSheetOut)
    def put(self, request: Request, pk: Any) -> Response:
        QuotaPlan.objects.get(pk=pk)
        wish = PlanWish(**_read(QuotaPlanIn, request))
        quota_plan_change(plan_id=pk, wish=wish, actor=request.viewer)  # type: ignore[attr-defined]
        return _sheet(pk)

    @extend_schema(request=SheetValuesIn, responses=QuotaSheetOut)
    def patch(self, request: Request, pk: Any) -> Response:
        QuotaPlan.objects.get(pk=pk)
        given = _read(SheetValuesIn, request)
        values = [
            SheetValue(one["seat"], one["value"], one.get("period"), one.get("field", YEAR)) for one in given["values"]
        ]
        quota_plan_set(plan_id=pk, values=values, why=given["why"], actor=request.viewer)  # type: ignore[attr-defined]
        return _sheet(pk)

    @extend_schema(operation_id="planning_quota_plans_step", request=PlanStepIn, responses=QuotaSheetOut)
    def post(self, request: Request, pk: Any) -> Response:
        QuotaPlan.objects.get(pk=pk)
        given, actor = _read(PlanStepIn, request), request.viewer  # type: ignore[attr-defined]
        simple: dict[str, Any] = {
            "undo": quota_plan_undo,
            "take_commitments": commitments_take,
            "discard": quota_plan_discard,
            "publish": quota_plan_publish,
        }
        step = given["do"]
        if step in simple:
            simple[step](plan_id=pk, actor=actor)
        elif step == "find_joiners":
            reliefs_find(plan_id=pk, actor=actor, ramp_rates=tuple(given["ramp_rates"]))
        elif step == "ask":
            quota_plan_ask(plan_id=pk, reason=given["reason"], actor=actor)
        elif step == "send_letters":
            letters_send(plan_id=pk, due_on=given["due_on"], actor=actor)
        else:
            pk = quota_plan_revise(plan_id=pk, actor=actor).pk
        return _sheet(pk)


class QuotaReviewApi(GenericAPIView[QuotaPlan]):
    """Parity with potential, the attainment to expect, and what publishing changes."""

    actions = {"GET": "cascade.view"}
    serializer_class = QuotaReviewOut
    queryset = QuotaPlan.objects.none()

    @extend_schema(responses=QuotaReviewOut)
    def get(self, request: Request, pk: Any) -> Response:
        return Response(QuotaReviewOut(plan_review(QuotaPlan.objects.select_related("calendar").get(pk=pk))).data)


class ReliefIn(Input):
    """Relief to give: a rate (10**8 is all) of the days of [start, until), or an amount."""

    kind = serializers.ChoiceField(choices=ReliefKind.choices)
    start = serializers.DateField()
    until = serializers.DateField()
    rate = serializers.IntegerField(default=10**8)
    amount = serializers.IntegerField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=500)


class QuotaReliefListApi(GenericAPIView[QuotaRelief]):
    """Gives relief to a seat of a draft."""

    actions = {"POST": "cascade.edit"}
    serializer_class = QuotaReliefOut
    queryset = QuotaRelief.objects.none()

    @extend_schema(request=ReliefIn, responses={201: QuotaReliefOut})
    def post(self, request: Request, pk: Any, seat: Any) -> Response:
        found = QuotaSeat.objects.get(pk=seat, plan=pk)
        wish = ReliefWish(**_read(ReliefIn, request))
        relief = relief_add(seat_id=found.pk, wish=wish, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(QuotaReliefOut(relief).data, status=status.HTTP_201_CREATED)


class QuotaReliefApi(GenericAPIView[QuotaRelief]):
    """Takes relief of a draft back."""

    actions = {"DELETE": "cascade.edit"}
    serializer_class = QuotaReliefOut
    queryset = QuotaRelief.objects.none()

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: Any) -> Response:
        relief_remove(relief_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


def _sheet(pk: Any) -> Response:
    plan = QuotaPlan.objects.select_related("calendar").get(pk=pk)
    return Response(QuotaSheetOut(plan_sheet(plan)).data)


def _read(kind: type[Input], request: Request) -> dict[str, Any]:
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
