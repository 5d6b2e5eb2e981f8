"""The planning API: scenarios, their changes, how they compare, and the way to the live plan."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.models import ChangeKind, QuotaMeasure, Scenario, ScenarioChange
from planning.selectors.scenarios import (
    change_rows,
    compared,
    measure_numbers,
    scenario_list,
    scenario_standing,
)
from planning.services.scenarios import (
    scenario_ask,
    scenario_cover,
    scenario_create,
    scenario_discard,
    scenario_publish,
    scenario_quota,
    scenario_rebase,
    scenario_rules,
    scenario_take_back,
    scenario_undo,
)
from spm.web.api import Input


class ScenarioOut(serializers.ModelSerializer[Scenario]):
    """A scenario: changes that hold from `starts_on` once it is published. `restores` is the one that it undoes."""

    class Meta:
        model = Scenario
        fields = (
            "id",
            "name",
            "starts_on",
            "note",
            "state",
            "capacity_plan",
            "restores",
            "written_by_name",
            "published_at",
            "published_by_name",
        )


class ScenarioIn(Input):
    """A scenario to begin."""

    name = serializers.CharField(max_length=200)
    starts_on = serializers.DateField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    capacity_plan = serializers.UUIDField(required=False, allow_null=True, default=None)


class ScenarioChangeOut(serializers.Serializer[Any]):
    """A change: what it is about, what it replaces, what it is to be, what is live now. `version` is sent back with the next edit."""

    id = serializers.UUIDField(source="change.id")
    kind = serializers.CharField(source="change.kind")
    about = serializers.CharField()
    before = serializers.DictField(source="change.before")
    values = serializers.DictField(source="change.values")
    version = serializers.IntegerField(source="change.version")
    changed_by_name = serializers.CharField(source="change.changed_by_name")
    before_text = serializers.CharField(source="before")
    after_text = serializers.CharField(source="after")
    now_text = serializers.CharField(source="now")
    is_stale = serializers.BooleanField()


class ScenarioColumnOut(serializers.Serializer[Any]):
    """A plan in a comparison, with its measures; null where one can't be told."""

    name = serializers.CharField()
    scenario = serializers.UUIDField(allow_null=True)
    measures = serializers.DictField(child=serializers.FloatField(allow_null=True))


class ScenarioStoryOut(serializers.Serializer[Any]):
    """A scenario with its changes, the live plan beside it, and where its approval stands (empty: not asked)."""

    scenario = ScenarioOut()
    approval = serializers.CharField()
    changes = ScenarioChangeOut(many=True)
    columns = ScenarioColumnOut(many=True)


class ScenarioListApi(ListAPIView[Scenario]):
    """Scenarios, drafts first; POST begins one."""

    actions = {"GET": "scenario.view", "POST": "scenario.edit"}
    serializer_class = ScenarioOut
    filterset_fields = {"state": ["exact"], "starts_on": ["exact"]}

    def get_queryset(self) -> QuerySet[Scenario]:
        return scenario_list()

    @extend_schema(request=ScenarioIn, responses={201: ScenarioOut})
    def post(self, request: Request) -> Response:
        wanted = _read(ScenarioIn, request)
        wanted["capacity_plan_id"] = wanted.pop("capacity_plan")
        scenario = scenario_create(**wanted, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(ScenarioOut(scenario).data, status=status.HTTP_201_CREATED)


class ScenarioApi(GenericAPIView[Scenario]):
    """A scenario, its changes and the comparison with the live plan; DELETE throws a draft away."""

    actions = {"GET": "scenario.view", "DELETE": "scenario.edit"}
    serializer_class = ScenarioOut
    queryset = Scenario.objects.none()

    @extend_schema(responses=ScenarioStoryOut)
    def get(self, request: Request, pk: Any) -> Response:
        scenario = Scenario.objects.select_related("capacity_plan").get(pk=pk)
        columns = compared(request.viewer, [scenario]) if scenario.published_at is None else []  # type: ignore[attr-defined]
        story = {
            "scenario": scenario,
            "approval": scenario_standing(scenario),
            "changes": change_rows(scenario),
            "columns": [
                {
                    "name": each.name,
                    "scenario": each.scenario.pk if each.scenario else None,
                    "measures": measure_numbers(each),
                }
                for each in columns
            ],
        }
        return Response(ScenarioStoryOut(story).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: Any) -> Response:
        scenario_discard(scenario_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


class ScenarioChangeIn(Input):
    """A change of coverage (territory, position, share_rate at 10**8, null: not any more) or of a quota (position, period, measure, value,
    null: none). `version` is what was seen, 0 for a new change; `remove` takes it out.
    """

    kind = serializers.ChoiceField(choices=[ChangeKind.COVER, ChangeKind.QUOTA])
    version = serializers.IntegerField(min_value=0)
    position = serializers.UUIDField()
    territory = serializers.UUIDField(required=False)
    period = serializers.UUIDField(required=False)
    measure = serializers.ChoiceField(choices=QuotaMeasure.choices, default=QuotaMeasure.AMOUNT)
    share_rate = serializers.IntegerField(required=False, allow_null=True)
    value = serializers.IntegerField(required=False, allow_null=True)
    remove = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the fields of the kind."""
        names = ("territory", "share_rate") if attrs["kind"] == ChangeKind.COVER else ("period", "value")
        needed = names[:1] if attrs["remove"] else names
        missing = [name for name in needed if name not in attrs]
        if missing:
            raise serializers.ValidationError({name: ["A change of this kind needs it."] for name in missing})
        return attrs


class ChangeApi(GenericAPIView[ScenarioChange]):
    """Adds, edits or takes out a change."""

    actions = {"POST": "scenario.edit"}
    serializer_class = ScenarioChangeOut
    queryset = ScenarioChange.objects.none()

    @extend_schema(request=ScenarioChangeIn, responses={200: ScenarioChangeOut, 204: None})
    def post(self, request: Request, pk: Any) -> Response:
        wanted, actor = _read(ScenarioChangeIn, request), request.viewer  # type: ignore[attr-defined]
        key: dict[str, Any] = {"scenario_id": pk, "version": wanted["version"], "actor": actor}
        if wanted["remove"]:
            change = ScenarioChange.objects.get(scenario=pk, kind=wanted["kind"], key=_key(wanted))
            scenario_take_back(**key, change_id=change.pk)
            return Response(status=status.HTTP_204_NO_CONTENT)
        key["position_id"] = wanted["position"]
        if wanted["kind"] == ChangeKind.COVER:
            change = scenario_cover(**key, territory_id=wanted["territory"], share_rate=wanted["share_rate"])
        else:
            measure = QuotaMeasure(wanted["measure"])
            change = scenario_quota(**key, period_id=wanted["period"], measure=measure, value=wanted["value"])
        row = next(each for each in change_rows(change.scenario) if each.change.pk == change.pk)
        return Response(ScenarioChangeOut(row).data)


class RulesDraftOut(serializers.Serializer[Any]):
    """The scenario's own draft of territory rules."""

    rule_set = serializers.UUIDField(source="pk")


class ScenarioRulesApi(GenericAPIView[Scenario]):
    """Begins the scenario's draft of rules, or gives the one that it has."""

    actions = {"POST": "scenario.edit"}
    serializer_class = RulesDraftOut
    queryset = Scenario.objects.none()

    @extend_schema(request=None, responses=RulesDraftOut)
    def post(self, request: Request, pk: Any) -> Response:
        draft = scenario_rules(scenario_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(RulesDraftOut(draft).data)


class RebasedOut(serializers.Serializer[Any]):
    """How many changes had gone stale."""

    stale = serializers.IntegerField()


class ScenarioRebaseApi(GenericAPIView[Scenario]):
    """Takes what is live now as what the changes replace."""

    actions = {"POST": "scenario.edit"}
    serializer_class = RebasedOut
    queryset = Scenario.objects.none()

    @extend_schema(request=None, responses=RebasedOut)
    def post(self, request: Request, pk: Any) -> Response:
        stale = scenario_rebase(scenario_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(RebasedOut({"stale": stale}).data)


class ScenarioAskIn(Input):
    """Why it should be approved."""

    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class AskedOut(serializers.Serializer[Any]):
    """The request that somebody else decides."""

    id = serializers.UUIDField()
    state = serializers.CharField()


class ScenarioAskApi(GenericAPIView[Scenario]):
    """Asks a second person to approve the scenario as it is."""

    actions = {"POST": "scenario.edit"}
    serializer_class = AskedOut
    queryset = Scenario.objects.none()

    @extend_schema(request=ScenarioAskIn, responses=AskedOut)
    def post(self, request: Request, pk: Any) -> Response:
        reason = _read(ScenarioAskIn, request)["reason"]
        return Response(AskedOut(scenario_ask(scenario_id=pk, reason=reason, actor=request.viewer)).data)  # type: ignore[attr-defined]


class ScenarioPublishApi(GenericAPIView[Scenario]):
    """Makes an approved scenario the live plan from its day on."""

    actions = {"POST": "scenario.publish"}
    serializer_class = ScenarioOut
    queryset = Scenario.objects.none()

    @extend_schema(request=None, responses=ScenarioOut)
    def post(self, request: Request, pk: Any) -> Response:
        return Response(ScenarioOut(scenario_publish(scenario_id=pk, actor=request.viewer)).data)  # type: ignore[attr-defined]


class ScenarioUndoIn(Input):
    """The day from which what was before comes back."""

    starts_on = serializers.DateField()


class ScenarioUndoApi(GenericAPIView[Scenario]):
    """Begins a scenario that brings back what a published one replaced."""

    actions = {"POST": "scenario.edit"}
    serializer_class = ScenarioOut
    queryset = Scenario.objects.none()

    @extend_schema(request=ScenarioUndoIn, responses={201: ScenarioOut})
    def post(self, request: Request, pk: Any) -> Response:
        starts_on = _read(ScenarioUndoIn, request)["starts_on"]
        undo = scenario_undo(scenario_id=pk, starts_on=starts_on, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(ScenarioOut(undo).data, status=status.HTTP_201_CREATED)


def _key(wanted: dict[str, Any]) -> str:
    if wanted["kind"] == ChangeKind.COVER:
        return f"{wanted['territory']}:{wanted['position']}"
    return f"{wanted['position']}:{wanted['period']}:{wanted['measure']}"


def _read(form: type[Input], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
