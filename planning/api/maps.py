"""The planning API: accounts by country, US state or county, and units moved into a draft."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.api.rules import RuleSetOut, read
from planning.engine.places import Level
from planning.models import RulePurpose, RuleSet
from planning.selectors.maps import map_get
from planning.services.maps import MOST_UNITS, units_move
from spm.web.api import Input
from spm.web.findings import FindingOut, findings_data

LEVELS = [str(each) for each in Level]


class MapAsked(Input):
    """Which map is asked for."""

    level = serializers.ChoiceField(choices=LEVELS, required=False, default=Level.STATE.value)
    on = serializers.DateField(required=False)
    rule_set = serializers.UUIDField(required=False)


class HeldOut(serializers.Serializer[Any]):
    """A territory (null: none) and how many accounts of the unit it has."""

    territory = serializers.CharField(allow_null=True)
    accounts = serializers.IntegerField()


class MapUnitOut(serializers.Serializer[Any]):
    """A unit with accounts; money in minor units of the company's currency, null for who does not see every deal."""

    key = serializers.CharField()
    name = serializers.CharField()
    accounts = serializers.IntegerField()
    potential_minor = serializers.IntegerField(source="potential")
    sales_minor = serializers.IntegerField(source="sales", allow_null=True)
    pipeline_minor = serializers.IntegerField(source="pipeline", allow_null=True)
    territories = serializers.SerializerMethodField()

    @extend_schema_field(HeldOut(many=True))
    def get_territories(self, unit: Any) -> list[dict[str, Any]]:
        return [{"territory": key or None, "accounts": count} for key, count in unit.held]


class MapOut(serializers.Serializer[Any]):
    """A map: its units, the most accounts first, and which accounts are not on it."""

    level = serializers.CharField()
    accounts = serializers.IntegerField()
    currency = serializers.CharField()
    units = MapUnitOut(many=True)
    findings = FindingOut(many=True)


class MapMoveIn(Input):
    """Units to move to a territory: into the draft `rule_set`, the draft of `scenario`, or a new draft that begins on `starts_on`."""

    level = serializers.ChoiceField(choices=LEVELS)
    units = serializers.ListField(child=serializers.CharField(max_length=110), min_length=1, max_length=MOST_UNITS)
    territory = serializers.UUIDField()
    rule_set = serializers.UUIDField(required=False)
    scenario = serializers.UUIDField(required=False)
    starts_on = serializers.DateField(required=False)

    def validate(self, attrs: Any) -> Any:
        if sum(name in attrs for name in ("rule_set", "scenario", "starts_on")) != 1:
            raise serializers.ValidationError("Give one of rule_set, scenario and starts_on.")
        return attrs


class MapApi(GenericAPIView[RuleSet]):
    """Accounts within reach by unit of the map on a day, or as a draft of rules (`rule_set`) would give them."""

    actions = {"GET": "territory.view"}
    serializer_class = MapOut
    queryset = RuleSet.objects.none()
    query_names = ("level", "on", "rule_set")

    @extend_schema(
        parameters=[
            OpenApiParameter("level", {"type": "string", "enum": LEVELS}),
            OpenApiParameter("on", {"type": "string", "format": "date"}),
            OpenApiParameter("rule_set", {"type": "string", "format": "uuid"}),
        ],
        responses=MapOut,
    )
    def get(self, request: Request) -> Response:
        given = MapAsked(data=dict(request.query_params.items()))
        given.is_valid(raise_exception=True)
        asked, viewer = given.validated_data, request.viewer  # type: ignore[attr-defined]
        draft = (
            RuleSet.objects.get(pk=asked["rule_set"], purpose=RulePurpose.TERRITORY) if "rule_set" in asked else None
        )
        shown = map_get(viewer, level=Level(asked["level"]), on=asked.get("on") or viewer.on, draft=draft)
        values = {
            "level": shown.level,
            "accounts": shown.accounts,
            "currency": shown.currency,
            "units": shown.units,
            "findings": findings_data(shown.findings),
        }
        return Response(MapOut(values).data)


class MapMoveApi(GenericAPIView[RuleSet]):
    """Moves units to a territory in a draft; gives the draft. Nothing live changes."""

    actions = {"POST": "territory.edit"}
    serializer_class = RuleSetOut
    queryset = RuleSet.objects.none()

    @extend_schema(request=MapMoveIn, responses={201: RuleSetOut})
    def post(self, request: Request) -> Response:
        wanted = read(MapMoveIn, request)
        draft = units_move(
            level=Level(wanted["level"]),
            units=wanted["units"],
            territory_id=wanted["territory"],
            rule_set_id=wanted.get("rule_set"),
            scenario_id=wanted.get("scenario"),
            starts_on=wanted.get("starts_on"),
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(RuleSetOut(draft).data, status=status.HTTP_201_CREATED)
