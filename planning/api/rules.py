"""The planning API: territory rules, and the accounts that they give to territories."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.engine.rules import LISTS, NUMBERS, TEXTS, Test
from planning.models import AccountTerritory, NamedAccount, RulePurpose, RuleSet, TerritoryRule
from planning.selectors.rule_sets import rules_get
from planning.selectors.rules import account_territories, rule_set_preview
from planning.services.rules import (
    account_name,
    account_name_end,
    accounts_route,
    rule_place,
    rule_remove,
    rule_save,
    rule_set_discard,
    rule_set_draft,
    rule_set_start,
)
from spm.crm.selectors.lists import account_list
from spm.web.api import Input
from spm.web.findings import FindingOut
from spm.web.listing import ListOf


class ConditionField(serializers.Serializer[Any]):
    """A condition: texts in `values`, or a whole `number` (money in minor units of the company's currency)."""

    field = serializers.ChoiceField(choices=TEXTS + LISTS + NUMBERS)
    test = serializers.ChoiceField(choices=[str(each) for each in Test])
    values = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    number = serializers.IntegerField(required=False)
    currency = serializers.CharField(read_only=True)


class RuleOut(serializers.ModelSerializer[TerritoryRule]):
    """A rule at its place; the first one that matches wins. `key` stays the same from set to set."""

    conditions = ConditionField(many=True)

    class Meta:
        model = TerritoryRule
        fields = ("id", "key", "place", "name", "territory", "segment", "conditions")


class RuleSetOut(serializers.ModelSerializer[RuleSet]):
    """A set of rules; it is in force from `starts_on` until the next one begins."""

    class Meta:
        model = RuleSet
        fields = ("id", "purpose", "starts_on", "note", "state", "written_by_name", "in_force_at")


class RuleSetIn(Input):
    """A draft to begin."""

    purpose = serializers.ChoiceField(choices=RulePurpose.choices, required=False, default=RulePurpose.TERRITORY)
    starts_on = serializers.DateField()
    note = serializers.CharField(required=False, max_length=500, allow_blank=True, default="")


class RuleIn(Input):
    """A rule of a draft, to a `territory` or in a set of segments to a `segment`.

    With `place` it goes there, else it stays where it is, a new one at the end.
    """

    name = serializers.CharField(max_length=200)
    territory = serializers.UUIDField(required=False, allow_null=True, default=None)
    segment = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    conditions = ConditionField(many=True)
    place = serializers.IntegerField(required=False, min_value=1)


class MoveOut(serializers.Serializer[Any]):
    """How many accounts go from one territory, by name, to another; an empty name is none."""

    before = serializers.CharField()
    after = serializers.CharField()
    count = serializers.IntegerField()


class LineOut(serializers.Serializer[Any]):
    """A rule with the accounts that meet it and those that it wins."""

    rule = RuleOut()
    matched = serializers.IntegerField()
    won = serializers.IntegerField()


class PreviewOut(serializers.Serializer[Any]):
    """A set, and what it comes to on its first day beside what stands."""

    rule_set = RuleSetOut()
    lines = LineOut(many=True)
    moves = MoveOut(many=True)
    accounts = serializers.IntegerField()
    unassigned = serializers.IntegerField()
    findings = FindingOut(many=True)


class RoutedOut(serializers.Serializer[Any]):
    """How many accounts got another territory."""

    changed = serializers.IntegerField()


class RuleSetListApi(ListAPIView[RuleSet]):
    """Sets of rules of both purposes, drafts first; POST begins a draft with the rules in force on its day."""

    actions = {"GET": "territory.view", "POST": "territory.edit"}
    serializer_class = RuleSetOut
    filterset_fields = {"state": ["exact"], "starts_on": ["exact"], "purpose": ["exact"]}

    def get_queryset(self) -> QuerySet[RuleSet]:
        return RuleSet.objects.order_by("state", "-starts_on", "purpose")

    @extend_schema(request=RuleSetIn, responses={201: RuleSetOut})
    def post(self, request: Request) -> Response:
        wanted = read(RuleSetIn, request)
        draft = rule_set_draft(actor=request.viewer, **wanted)  # type: ignore[attr-defined]
        return Response(RuleSetOut(draft).data, status=status.HTTP_201_CREATED)


class RuleSetApi(GenericAPIView[RuleSet]):
    """One set with its rules and what they come to; DELETE throws a draft away."""

    actions = {"GET": "territory.view", "DELETE": "territory.edit"}
    serializer_class = PreviewOut
    queryset = RuleSet.objects.none()

    @extend_schema(responses=PreviewOut)
    def get(self, request: Request, pk: Any) -> Response:
        found = RuleSet.objects.get(pk=pk)
        preview = rule_set_preview(found)
        values = {
            "rule_set": found,
            "lines": preview.lines,
            "moves": preview.moves,
            "accounts": preview.accounts,
            "unassigned": preview.unassigned,
            "findings": preview.findings,
        }
        return Response(PreviewOut(values).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: Any) -> Response:
        rule_set_discard(rule_set_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


class RuleSetStartApi(GenericAPIView[RuleSet]):
    """Puts a draft in force on its day."""

    actions = {"POST": "territory.edit"}
    serializer_class = RoutedOut
    queryset = RuleSet.objects.none()

    @extend_schema(request=None, responses=RoutedOut)
    def post(self, request: Request, pk: Any) -> Response:
        return Response(RoutedOut(rule_set_start(rule_set_id=pk, actor=request.viewer)).data)  # type: ignore[attr-defined]


class RuleListApi(ListOf):
    """The rules of a set in their order; POST adds one to a draft."""

    actions = {"GET": "territory.view", "POST": "territory.edit"}
    serializer_class = RuleOut

    @extend_schema(responses=RuleOut(many=True))
    def get(self, request: Request, pk: Any) -> Response:
        return self.pages(rules_get(RuleSet.objects.get(pk=pk)))

    @extend_schema(request=RuleIn, responses={201: RuleOut})
    def post(self, request: Request, pk: Any) -> Response:
        return Response(RuleOut(_saved(request, pk)).data, status=status.HTTP_201_CREATED)


class RuleApi(GenericAPIView[TerritoryRule]):
    """Changes a rule of a draft, or takes it out."""

    actions = {"PUT": "territory.edit", "DELETE": "territory.edit"}
    serializer_class = RuleOut
    queryset = TerritoryRule.objects.none()

    @extend_schema(request=RuleIn, responses=RuleOut)
    def put(self, request: Request, pk: Any, rule: Any) -> Response:
        return Response(RuleOut(_saved(request, pk, rule)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: Any, rule: Any) -> Response:
        rule_remove(rule_set_id=pk, rule_id=rule, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


class AccountTerritoryOut(serializers.ModelSerializer[AccountTerritory]):
    """Where an account belongs; `rule` null where it is named apart, `until` is the first day after, null while it lasts."""

    account_key = serializers.CharField(source="account.source_key")
    territory_code = serializers.CharField(source="territory.code")
    rule_name = serializers.CharField(source="rule.name", default="")
    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)

    class Meta:
        model = AccountTerritory
        fields = ("account", "account_key", "territory", "territory_code", "rule", "rule_name", "start", "until")


class OnIn(Input):
    """A day."""

    on = serializers.DateField(required=False)


class AccountTerritoryListApi(ListAPIView[AccountTerritory]):
    """Where accounts within reach belong on a day (`on`, today where it is not given)."""

    actions = {"GET": "territory.view"}
    serializer_class = AccountTerritoryOut
    filterset_fields = {"territory": ["exact"], "account": ["exact"], "rule": ["exact", "isnull"]}
    query_names = ("on",)

    def get_queryset(self) -> QuerySet[AccountTerritory]:
        if getattr(self, "swagger_fake_view", False):
            return AccountTerritory.objects.none()
        viewer = self.request.viewer  # type: ignore[attr-defined]
        rows = account_territories(on_asked(self.request))
        reach = account_list(viewer.acting("fact.view")).values("fact")
        return rows.filter(account__in=reach).select_related("account").order_by("account")

    @extend_schema(parameters=[OpenApiParameter("on", {"type": "string", "format": "date"})])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class AccountsRouteApi(GenericAPIView[AccountTerritory]):
    """Looks at every account as it is known now, and keeps where it belongs from today on."""

    actions = {"POST": "territory.edit"}
    serializer_class = RoutedOut
    queryset = AccountTerritory.objects.none()

    @extend_schema(request=None, responses=RoutedOut)
    def post(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        return Response(RoutedOut(accounts_route(on=viewer.on, actor=viewer)).data)


class NamedOut(serializers.ModelSerializer[NamedAccount]):
    """An account named apart from the rules."""

    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)

    class Meta:
        model = NamedAccount
        fields = ("id", "account", "territory", "start", "until", "reason")


class NamedIn(Input):
    """An account to name apart."""

    account = serializers.UUIDField()
    territory = serializers.UUIDField()
    start = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=500)


class NamedListApi(ListAPIView[NamedAccount]):
    """Accounts named apart; POST names one."""

    actions = {"GET": "territory.view", "POST": "territory.edit"}
    serializer_class = NamedOut
    filterset_fields = {"account": ["exact"], "territory": ["exact"]}

    def get_queryset(self) -> QuerySet[NamedAccount]:
        return NamedAccount.objects.order_by("-during", "pk")

    @extend_schema(request=NamedIn, responses={201: NamedOut})
    def post(self, request: Request) -> Response:
        wanted = read(NamedIn, request)
        named = account_name(
            account_id=wanted["account"],
            territory_id=wanted["territory"],
            start=wanted["start"],
            until=wanted["until"],
            reason=wanted["reason"],
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(NamedOut(named).data, status=status.HTTP_201_CREATED)


class NamedEndIn(Input):
    """The first day on which the rules hold again; on or before the first day the name is taken back altogether."""

    until = serializers.DateField()


class NamedEndApi(GenericAPIView[NamedAccount]):
    """Lets the rules hold again for a named account; 204 where the name was taken back altogether."""

    actions = {"POST": "territory.edit"}
    serializer_class = NamedOut
    queryset = NamedAccount.objects.none()

    @extend_schema(request=NamedEndIn, responses={200: NamedOut, 204: None})
    def post(self, request: Request, pk: Any) -> Response:
        until = read(NamedEndIn, request)["until"]
        named = account_name_end(named_id=pk, until=until, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT) if named is None else Response(NamedOut(named).data)


def _saved(request: Request, rule_set: Any, rule: Any = None) -> TerritoryRule:
    wanted = read(RuleIn, request)
    actor = request.viewer  # type: ignore[attr-defined]
    saved = rule_save(
        rule_set_id=rule_set,
        rule_id=rule,
        name=wanted["name"],
        territory_id=wanted["territory"],
        segment=wanted["segment"],
        conditions=wanted["conditions"],
        actor=actor,
    )
    if "place" in wanted:
        rule_place(rule_set_id=rule_set, rule_id=saved.id, place=wanted["place"], actor=actor)
        saved.refresh_from_db()
    return saved


def on_asked(request: Request) -> date:
    """Give the day `on` of the address, today where it names none."""
    given = OnIn(data={name: value for name, value in request.query_params.items() if name == "on"})
    given.is_valid(raise_exception=True)
    day: date = given.validated_data.get("on") or request.viewer.on  # type: ignore[attr-defined]
    return day


def read(form: type[Input], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
