"""The API of targets of figures, as on the page."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.engine.kpis import Kpi, Missed, Unit
from insights.selectors.kpi_targets import Stand, kpi_target_list, targets_judged
from insights.selectors.performance import OWN, kpi_get, kpi_of
from insights.services.kpi_targets import TargetWish, kpi_target_remove, kpi_target_set
from spm.people.models import Participant
from spm.web.api import Input
from spm.web.findings import findings_refused
from spm.web.listing import ListOf


class KpiTargetIn(Input):
    """A target. `number` is minor units of money, else at scale 10**8; an own figure (`kpi` "own") has a `formula` and a `name`."""

    kpi = serializers.CharField(max_length=40)
    formula = serializers.CharField(max_length=500, required=False, default="")
    name = serializers.CharField(max_length=100, required=False, default="")
    unit = serializers.ChoiceField([one.value for one in Unit], required=False, default="")
    participant = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="Null: the company.")
    has_team = serializers.BooleanField(required=False, default=False)
    missed_when = serializers.ChoiceField([one.value for one in Missed])
    number = serializers.IntegerField(min_value=-(10**15), max_value=10**15)


class KpiTargetOut(serializers.Serializer[Any]):
    """A target with the figure it is held against: `value` null is unknown, and `reason` says why."""

    id = serializers.UUIDField(source="target.pk")
    kpi = serializers.CharField(source="target.kpi")
    name = serializers.CharField(source="target.name")
    formula = serializers.CharField(source="kpi.formula")
    unit = serializers.ChoiceField([one.value for one in Unit], source="kpi.unit")
    participant = serializers.UUIDField(source="target.participant_id", allow_null=True)
    has_team = serializers.BooleanField(source="target.has_team")
    missed_when = serializers.ChoiceField([one.value for one in Missed], source="target.missed_when")
    number = serializers.IntegerField(source="target.number")
    set_by = serializers.CharField(source="target.by_name")
    set_on = serializers.DateField(source="target.set_on")
    period = serializers.CharField(source="window.key")
    value = serializers.IntegerField(source="value.number", allow_null=True)
    reason = serializers.CharField(source="value.reason", allow_blank=True)
    stands = serializers.ChoiceField([one.value for one in Stand])


class KpiTargetListApi(ListOf):
    """Targets of figures within reach, and setting one."""

    actions = {"GET": "performance.view", "POST": "alert.edit"}
    serializer_class = KpiTargetOut

    @extend_schema(responses=KpiTargetOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(kpi_target_list(request.viewer))  # type: ignore[attr-defined]

    @extend_schema(request=KpiTargetIn, responses={201: KpiTargetOut})
    def post(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        given = KpiTargetIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        figure = _figure(values, viewer.organisation.currency)
        person, team = values["participant"], values["has_team"]
        wish = TargetWish(figure, values["name"], person, team, values["missed_when"], values["number"])
        try:
            target = kpi_target_set(wish=wish, actor=viewer)
        except Participant.DoesNotExist as error:
            raise ValidationError({"participant": ["There is no such person within your reach."]}) from error
        return Response(KpiTargetOut(targets_judged(viewer, [target])[0]).data, status=status.HTTP_201_CREATED)


def _figure(values: dict[str, Any], currency: str) -> Kpi:
    if values["kpi"] != OWN:
        try:
            return kpi_get(values["kpi"])
        except KeyError as error:
            raise ValidationError({"kpi": ["There is no such figure in the catalogue."]}) from error
    if not values["name"]:
        raise ValidationError({"name": ["An own figure needs a name."]})
    figure, findings = kpi_of(values["formula"], values["unit"], currency)
    if figure is None:
        raise findings_refused("formula", findings)
    return figure


class KpiTargetApi(APIView):
    """Removes a target."""

    actions = {"DELETE": "alert.edit"}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        kpi_target_remove(target_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)
