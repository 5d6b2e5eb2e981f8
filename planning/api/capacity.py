"""The planning API: capacity plans, what they come to, and their hiring plans."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.engine.staffing import Tweak
from planning.models import CapacityPlan
from planning.selectors.capacity import SEED, Figures, capacity_figures, capacity_plan_list
from planning.selectors.staffing import capacity_hire_list
from planning.services.capacity import (
    capacity_hire_set,
    capacity_plan_change,
    capacity_plan_create,
    capacity_plan_discard,
    capacity_role_remove,
    capacity_role_set,
)
from spm.web.api import Input
from spm.web.findings import FindingOut, findings_data


class CapacityPlanOut(serializers.ModelSerializer[CapacityPlan]):
    """A capacity plan of twelve months. `version` rises with each change and is sent back with the next one."""

    class Meta:
        model = CapacityPlan
        fields = (
            "id",
            "name",
            "starts_on",
            "currency",
            "target_minor",
            "season",
            "calls",
            "calls_per_head",
            "version",
            "written_by_name",
        )


class CapacityPlanIn(Input):
    """A plan to begin."""

    name = serializers.CharField(max_length=200)
    starts_on = serializers.DateField()
    target_minor = serializers.IntegerField(min_value=0)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, default="")


class CapacityPlanChangeIn(Input):
    """What to change of a plan, and the version that was seen."""

    version = serializers.IntegerField()
    name = serializers.CharField(max_length=200, required=False)
    target_minor = serializers.IntegerField(min_value=0, required=False)
    season = serializers.ListField(child=serializers.IntegerField(min_value=0), max_length=12, required=False)
    calls = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False)
    calls_per_head = serializers.IntegerField(min_value=1, max_value=10**6, required=False, allow_null=True)


class CapacityRoleIn(Input):
    """What one full head of a title carries; rates at scale 10**8, null: as history shows. `remove` takes the role out."""

    version = serializers.IntegerField()
    title = serializers.UUIDField()
    quota_minor = serializers.IntegerField(min_value=0, required=False)
    ramp = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=100), required=False)
    attainment_rate = serializers.IntegerField(required=False, allow_null=True)
    attrition_rate = serializers.IntegerField(required=False, allow_null=True)
    availability_rate = serializers.IntegerField(required=False)
    remove = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for a quota where a role is set."""
        if not attrs["remove"] and "quota_minor" not in attrs:
            raise serializers.ValidationError({"quota_minor": ["Give the quota of a full head."]})
        return attrs


class CapacityHireIn(Input):
    """Heads of a title who start in the month of a day; 0 takes them out."""

    version = serializers.IntegerField()
    title = serializers.UUIDField()
    unit = serializers.UUIDField(required=False, allow_null=True, default=None)
    starts_on = serializers.DateField()
    heads = serializers.IntegerField(min_value=0)


class SpreadOut(serializers.Serializer[Any]):
    """What a simulation of the year found, in minor units: the bounds below which 10, 50 and 90 of 100 trials lie."""

    p10 = serializers.IntegerField()
    p50 = serializers.IntegerField()
    p90 = serializers.IntegerField()


class CapacityMonthOut(serializers.Serializer[Any]):
    """A month: expected to be carried, the range, the target, what is missing (negative: to spare). Minor units."""

    month = serializers.DateField()
    carried = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    target = serializers.IntegerField()
    gap = serializers.IntegerField()


class CapacityRoleOut(serializers.Serializer[Any]):
    """A role: what was set, what history shows with its sample size, and what counts (rates at scale 10**8; null: not known)."""

    title = serializers.UUIDField()
    name = serializers.CharField()
    heads = serializers.IntegerField()
    hires = serializers.IntegerField()
    quota_minor = serializers.IntegerField()
    ramp = serializers.ListField(child=serializers.IntegerField())
    availability_rate = serializers.IntegerField()
    attainment_rate = serializers.IntegerField(allow_null=True)
    attrition_rate = serializers.IntegerField(allow_null=True)
    samples = serializers.IntegerField()
    people = serializers.IntegerField()
    leavers = serializers.IntegerField()
    carried = serializers.IntegerField(allow_null=True)


class EffectOut(serializers.Serializer[Any]):
    """What one step of a factor does by itself: a tenth of it, or a month."""

    factor = serializers.CharField()
    less = SpreadOut()
    more = SpreadOut()


class StartOut(serializers.Serializer[Any]):
    """How many heads starting in a month close the gap, by title, each alone; null where none can."""

    month = serializers.DateField()
    heads = serializers.DictField(child=serializers.IntegerField(allow_null=True))


class WorkloadOut(serializers.Serializer[Any]):
    """The workload method: calls in a year and the heads for them."""

    calls = serializers.IntegerField()
    heads = serializers.IntegerField()


class CapacityFiguresOut(serializers.Serializer[Any]):
    """A plan and what it comes to. `gap` and `spread` are null where a role can't be computed; findings say why."""

    plan = CapacityPlanOut()
    roles = CapacityRoleOut(many=True)
    hires = serializers.ListField(child=serializers.DictField())
    months = CapacityMonthOut(many=True)
    gap = serializers.IntegerField(allow_null=True)
    spread = SpreadOut(allow_null=True)
    reached = serializers.FloatField(allow_null=True)
    trials = serializers.IntegerField()
    seed = serializers.IntegerField()
    effects = EffectOut(many=True)
    starts = StartOut(many=True)
    workload = WorkloadOut(allow_null=True)
    findings = FindingOut(many=True)


class CapacityListApi(ListAPIView[CapacityPlan]):
    """Capacity plans, the latest year first; POST begins one with a role for each title that had quotas in the year before."""

    actions = {"GET": "capacity.view", "POST": "capacity.edit"}
    serializer_class = CapacityPlanOut
    filterset_fields = {"name": ["exact"], "starts_on": ["exact"]}

    def get_queryset(self) -> QuerySet[CapacityPlan]:
        return capacity_plan_list()

    @extend_schema(request=CapacityPlanIn, responses={201: CapacityPlanOut})
    def post(self, request: Request) -> Response:
        plan = capacity_plan_create(**_read(CapacityPlanIn, request), actor=request.viewer)  # type: ignore[attr-defined]
        return Response(CapacityPlanOut(plan).data, status=status.HTTP_201_CREATED)


class TweakIn(Input):
    """A change of every role, tried and not kept: shares in percent more, months later."""

    quota = serializers.FloatField(required=False, min_value=-100, max_value=1000)
    attainment = serializers.FloatField(required=False, min_value=-100, max_value=1000)
    attrition = serializers.FloatField(required=False, min_value=-100, max_value=1000)
    availability = serializers.FloatField(required=False, min_value=-100, max_value=1000)
    ramp_months = serializers.IntegerField(required=False, min_value=-24, max_value=24)
    hire_months = serializers.IntegerField(required=False, min_value=-11, max_value=12)


TWEAKS = [
    *(OpenApiParameter(name, {"type": "number"}) for name in ("quota", "attainment", "attrition", "availability")),
    *(OpenApiParameter(name, {"type": "integer"}) for name in ("ramp_months", "hire_months")),
]


class CapacityPlanApi(GenericAPIView[CapacityPlan]):
    """A plan and what it comes to, with a change to try in the query; PATCH changes it, DELETE throws it away."""

    actions = {"GET": "capacity.view", "PATCH": "capacity.edit", "DELETE": "capacity.edit"}
    serializer_class = CapacityPlanOut
    queryset = CapacityPlan.objects.none()
    query_names = (*TweakIn().fields, "version")

    @extend_schema(parameters=TWEAKS, responses=CapacityFiguresOut)
    def get(self, request: Request, pk: Any) -> Response:
        given = TweakIn(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        months = {name: asked.pop(name) for name in ("ramp_months", "hire_months") if name in asked}
        tweak = Tweak(**{name: value / 100 for name, value in asked.items()}, **months)
        plan = CapacityPlan.objects.get(pk=pk)
        figures = capacity_figures(plan, on=request.viewer.on, tweak=tweak)  # type: ignore[attr-defined]
        return Response(CapacityFiguresOut(_figures(figures)).data)

    @extend_schema(request=CapacityPlanChangeIn, responses=CapacityPlanOut)
    def patch(self, request: Request, pk: Any) -> Response:
        values = _read(CapacityPlanChangeIn, request)
        version = values.pop("version")
        plan = capacity_plan_change(plan_id=pk, version=version, values=values, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(CapacityPlanOut(plan).data)

    @extend_schema(parameters=[OpenApiParameter("version", int, required=True)], responses={204: None})
    def delete(self, request: Request, pk: Any) -> Response:
        version = _read_version(request)
        capacity_plan_discard(plan_id=pk, version=version, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


class CapacityRoleApi(GenericAPIView[CapacityPlan]):
    """Sets a role of a plan, or takes it out."""

    actions = {"POST": "capacity.edit"}
    serializer_class = CapacityPlanOut
    queryset = CapacityPlan.objects.none()

    @extend_schema(request=CapacityRoleIn, responses=CapacityPlanOut)
    def post(self, request: Request, pk: Any) -> Response:
        values = _read(CapacityRoleIn, request)
        actor = request.viewer  # type: ignore[attr-defined]
        key = {"plan_id": pk, "version": values.pop("version"), "title_id": values.pop("title")}
        if values.pop("remove"):
            return Response(CapacityPlanOut(capacity_role_remove(**key, actor=actor)).data)
        return Response(CapacityPlanOut(capacity_role_set(**key, values=values, actor=actor)).data)


class CapacityHireApi(GenericAPIView[CapacityPlan]):
    """Sets how many heads of a title start in a month."""

    actions = {"POST": "capacity.edit"}
    serializer_class = CapacityPlanOut
    queryset = CapacityPlan.objects.none()

    @extend_schema(request=CapacityHireIn, responses=CapacityPlanOut)
    def post(self, request: Request, pk: Any) -> Response:
        wanted = _read(CapacityHireIn, request)
        plan = capacity_hire_set(
            plan_id=pk,
            version=wanted["version"],
            title_id=wanted["title"],
            unit_id=wanted["unit"],
            starts_on=wanted["starts_on"],
            heads=wanted["heads"],
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(CapacityPlanOut(plan).data)


def _figures(figures: Figures) -> dict[str, Any]:
    is_whole = figures.is_whole
    names = [each.row.title.name for each in figures.known]
    return {
        "plan": figures.plan,
        "roles": [_role(each, carried.total) for each, carried in zip(figures.bases, figures.roles, strict=True)],
        "hires": [
            {"title": row.title_id, "unit": row.unit_id, "starts_on": row.starts_on, "heads": row.heads}
            for row in capacity_hire_list(figures.plan)
        ],
        "months": figures.lines,
        "gap": figures.gap,
        "spread": _spread(figures.spread) if is_whole else None,
        "reached": figures.spread.reached if is_whole else None,
        "trials": figures.team.trials,
        "seed": SEED,
        "effects": [
            {"factor": each.factor, "less": _spread(each.less), "more": _spread(each.more)} for each in figures.effects
        ]
        if is_whole
        else [],
        "starts": [
            {"month": each.month, "heads": dict(zip(names, each.heads, strict=True))} for each in figures.starts
        ],
        "workload": figures.workload,
        "findings": findings_data(figures.findings),
    }


def _role(basis: Any, carried: int | None) -> dict[str, Any]:
    return {
        "title": basis.row.title_id,
        "name": basis.row.title.name,
        "heads": basis.heads,
        "hires": basis.hires,
        "quota_minor": basis.row.quota_minor,
        "ramp": basis.row.ramp,
        "availability_rate": basis.row.availability_rate,
        "attainment_rate": basis.attainment_shown,
        "attrition_rate": basis.attrition_shown,
        "samples": basis.history.samples,
        "people": basis.history.people,
        "leavers": basis.leaving.leavers,
        "carried": carried,
    }


def _spread(spread: Any) -> dict[str, int]:
    return {name: round(getattr(spread, name)) for name in ("p10", "p50", "p90")}


def _read(form: type[Input], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _read_version(request: Request) -> int:
    text = request.query_params.get("version", "")
    if not text.isdecimal():
        raise serializers.ValidationError({"version": ["Say which version you saw."]})
    return int(text)
