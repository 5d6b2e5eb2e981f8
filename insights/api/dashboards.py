"""The API of own dashboards, as on the pages."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.api.performance import KpiLineOut, KpiOut
from insights.engine.dashboards import BY, Shows, Tile
from insights.models import Dashboard, Mails
from insights.selectors.dashboards import dashboard_list, dashboard_shown
from insights.selectors.measure_groups import Group
from insights.services.dashboards import (
    DashboardWish,
    dashboard_copy,
    dashboard_remove,
    dashboard_restore,
    dashboard_save,
)
from spm.web.api import Input, input_read
from spm.web.listing import ListOf


class TileIn(Input):
    """A tile: a figure of the catalogue, and how it is shown; `by` where it is shown by group."""

    kpi = serializers.CharField(max_length=40)
    shows = serializers.ChoiceField([one.value for one in Shows])
    by = serializers.ChoiceField(["", *BY], required=False, default="", allow_blank=True)


class KeptIn(Input):
    """What a dashboard keeps: keys by group, and a participant with everybody below as `team`."""

    team = serializers.UUIDField(required=False)
    seller = serializers.ListField(child=serializers.CharField(allow_blank=True), required=False)
    unit = serializers.ListField(child=serializers.CharField(allow_blank=True), required=False)
    product = serializers.ListField(child=serializers.CharField(allow_blank=True), required=False)
    segment = serializers.ListField(child=serializers.CharField(allow_blank=True), required=False)
    discount = serializers.ListField(child=serializers.CharField(allow_blank=True), required=False)


class DashboardIn(Input):
    """A dashboard. An empty `period` is the current one."""

    name = serializers.CharField(max_length=100)
    tiles = TileIn(many=True, required=False, default=list)
    kept = KeptIn(required=False, default=dict)
    period = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    roles = serializers.ListField(child=serializers.CharField(max_length=30), required=False, default=list)
    mails = serializers.ChoiceField(Mails.values, required=False, default=Mails.NEVER)


class DashboardChangeIn(DashboardIn):
    """The whole of a dashboard as it is to be, and the version that was seen."""

    version = serializers.IntegerField()


class DashboardOut(serializers.Serializer[Any]):
    """A dashboard as it was put together; `version` grows with each change."""

    id = serializers.UUIDField(source="pk")
    name = serializers.CharField()
    by_name = serializers.CharField()
    tiles = serializers.ListField(child=serializers.DictField(child=serializers.CharField(allow_blank=True)))
    kept = serializers.DictField()
    period = serializers.CharField(allow_blank=True)
    roles = serializers.ListField(child=serializers.CharField())
    mails = serializers.ChoiceField(Mails.values)
    version = serializers.IntegerField()


class TileShownOut(serializers.Serializer[Any]):
    """A tile with its figure within the reach of whoever asks; lines are there where it is shown by group."""

    kpi = KpiOut()
    shows = serializers.ChoiceField([one.value for one in Shows], source="tile.shows")
    by = serializers.CharField(source="tile.by", allow_blank=True)
    total = KpiLineOut(source="table.total")
    lines = serializers.SerializerMethodField()

    @extend_schema(responses=KpiLineOut(many=True))
    def get_lines(self, shown: Any) -> list[dict[str, Any]]:
        """Give the lines by group."""
        return list(KpiLineOut(shown.table.lines, many=True).data) if shown.tile.by else []


class DashboardShownOut(serializers.Serializer[Any]):
    """A dashboard with its figures; `has_rows` is false where it keeps nothing within reach."""

    dashboard = DashboardOut()
    period = serializers.CharField(source="window.key")
    keeps = serializers.ListField(child=serializers.CharField(), source="words")
    has_rows = serializers.BooleanField()
    tiles = TileShownOut(many=True)


def _wish(values: dict[str, Any]) -> DashboardWish:
    kept = dict(values["kept"])
    team = kept.pop("team", "")
    groups = tuple((name, tuple(kept[name])) for name in Group if name in kept)
    tiles = tuple(Tile(one["kpi"], Shows(one["shows"]), one["by"]) for one in values["tiles"])
    return DashboardWish(
        values["name"], tiles, groups, str(team), values["period"], tuple(values["roles"]), values["mails"]
    )


class DashboardListApi(ListOf):
    """Dashboards that one made or shares, and making one."""

    actions = {"GET": "performance.view", "POST": "dashboard.edit"}
    serializer_class = DashboardOut

    @extend_schema(responses=DashboardOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(dashboard_list(request.viewer))  # type: ignore[attr-defined]

    @extend_schema(request=DashboardIn, responses={201: DashboardOut})
    def post(self, request: Request) -> Response:
        wish = _wish(input_read(request, DashboardIn))
        made = dashboard_save(wish=wish, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(DashboardOut(made).data, status=status.HTTP_201_CREATED)


class DashboardApi(APIView):
    """A dashboard with its figures within reach; changing and removing an own one."""

    actions = {"GET": "performance.view", "PUT": "dashboard.edit", "DELETE": "dashboard.edit"}
    query_names = ("period",)

    @extend_schema(
        responses=DashboardShownOut,
        parameters=[OpenApiParameter("period", OpenApiTypes.STR, description="Key of a period; the dashboard's where none is named.")],
    )  # fmt: skip
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        try:
            found = dashboard_list(viewer).get(pk=pk)
            shown = dashboard_shown(viewer, found, request.query_params.get("period", ""))
        except (Dashboard.DoesNotExist, KeyError) as error:
            raise NotFound from error
        return Response(DashboardShownOut(shown).data)

    @extend_schema(request=DashboardChangeIn, responses=DashboardOut)
    def put(self, request: Request, pk: UUID) -> Response:
        values, viewer = input_read(request, DashboardChangeIn), request.viewer  # type: ignore[attr-defined]
        wish, seen = _wish(values), values["version"]
        made = dashboard_save(wish=wish, dashboard_id=pk, seen=seen, actor=viewer)
        return Response(DashboardOut(made).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        dashboard_remove(dashboard_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


class DashboardCopyApi(APIView):
    """Copies a dashboard that one sees as an own one."""

    actions = {"POST": "dashboard.edit"}

    @extend_schema(request=None, responses={201: DashboardOut})
    def post(self, request: Request, pk: UUID) -> Response:
        made = dashboard_copy(dashboard_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(DashboardOut(made).data, status=status.HTTP_201_CREATED)


class DashboardRestoreApi(APIView):
    """Brings an own dashboard back that was removed in the last 30 days."""

    actions = {"POST": "dashboard.edit"}

    @extend_schema(request=None, responses=DashboardOut)
    def post(self, request: Request, pk: UUID) -> Response:
        back = dashboard_restore(dashboard_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(DashboardOut(back).data)
