"""The API of performance: the catalogue, the figures and the rows behind them, as on the pages."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.engine.kpis import Better, Kpi, Unit
from insights.forms.kpis import OwnFigureForm
from insights.selectors.measure_groups import KEPT_BY, TEAM, Group, kept_asked, kept_of
from insights.selectors.measures import Window
from insights.selectors.performance import OWN, kpi_get, kpi_list, kpi_rows, kpi_tables, windows_of
from spm.web.api import form_refused
from spm.web.listing import ListOf

ROWS = 1000
"""Rows behind a figure in one answer."""


class KpiOut(serializers.Serializer[Any]):
    """A figure of the catalogue: what it is, its formula over measures, how it is read."""

    key = serializers.CharField()
    name = serializers.CharField()
    formula = serializers.CharField()
    unit = serializers.ChoiceField([one.value for one in Unit])
    better = serializers.ChoiceField([one.value for one in Better])
    definition = serializers.CharField()
    comes_from = serializers.CharField(source="source")
    owner = serializers.CharField()
    is_own = serializers.BooleanField()


class KpiListApi(ListOf):
    """The catalogue of KPIs."""

    actions = {"GET": "performance.view"}
    serializer_class = KpiOut

    @extend_schema(responses=KpiOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(kpi_list())


class ValueOut(serializers.Serializer[Any]):
    """A figure: minor units of money, else at scale 10**8; null is unknown and `reason` says why."""

    number = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class KpiLineOut(serializers.Serializer[Any]):
    """A figure of one group; `course` is of the periods up to this one, oldest first; `sums` are its measures (null: unknown)."""

    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    value = ValueOut()
    course = ValueOut(many=True)
    sums = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    left_out = serializers.IntegerField()


class KpiTableOut(serializers.Serializer[Any]):
    """A KPI of a period: all within reach, and by group."""

    kpi = KpiOut()
    period = serializers.CharField(source="window.key")
    as_of = serializers.DateField()
    by = serializers.ChoiceField([one.value for one in Group], source="group")
    total = KpiLineOut()
    lines = KpiLineOut(many=True)


KEPT = (TEAM, *KEPT_BY.values())
KEPT_PARAMETERS = [
    OpenApiParameter(TEAM, OpenApiTypes.UUID, description="A participant: only rows of theirs and of everybody below count."),
    *(
        OpenApiParameter(name, OpenApiTypes.STR, many=True, description=f"Key of a {group.value}: only its rows count; may be repeated.")
        for group, name in KEPT_BY.items()
    ),
]  # fmt: skip
_ASKED = [
    OpenApiParameter("period", OpenApiTypes.STR, description="Key of a period, such as 2026-Q1; the current one where none is named."),
    OpenApiParameter("formula", OpenApiTypes.STR, description="Of the figure `own`: a formula over measures."),
    OpenApiParameter("unit", OpenApiTypes.STR, enum=[one.value for one in Unit], description="Of the figure `own`: how it is read."),
    OpenApiParameter("by", OpenApiTypes.STR, enum=[one.value for one in Group], description="What it is told by."),
    *KEPT_PARAMETERS,
]  # fmt: skip


def _own(request: Request) -> Kpi:
    form = OwnFigureForm(request.query_params, currency=request.viewer.organisation.currency)  # type: ignore[attr-defined]
    if not form.is_valid() or form.kpi is None:
        raise form_refused(form)
    return form.kpi


def _asked(request: Request, key: str) -> tuple[Kpi, tuple[Window, ...], Group]:
    try:
        kpi = _own(request) if key == OWN else kpi_get(key)
        windows = windows_of(request.viewer, request.query_params.get("period", ""))  # type: ignore[attr-defined]
        group = Group(request.query_params.get("by", Group.SELLER))
    except (KeyError, ValueError) as error:
        raise NotFound from error
    return kpi, windows, group


@extend_schema(parameters=_ASKED)
class KpiApi(APIView):
    """A figure of a period within reach: all, and by seller, unit, product or segment."""

    actions = {"GET": "performance.view"}
    query_names = ("by", "formula", "period", "unit", *KEPT)

    @extend_schema(responses=KpiTableOut)
    def get(self, request: Request, kpi: str) -> Response:
        viewer, (found, windows, group) = request.viewer, _asked(request, kpi)  # type: ignore[attr-defined]
        tables = kpi_tables(viewer, [found], windows, group=group, kept=kept_asked(request.query_params, viewer.on))
        return Response(KpiTableOut(tables[0]).data)


class KpiRowOut(serializers.Serializer[Any]):
    """A row behind a figure; `adds` is what it adds to each measure (null: it says nothing about it)."""

    row = serializers.UUIDField(source="row_id")
    kind = serializers.CharField()
    key = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    participant = serializers.UUIDField(source="owner_id", allow_null=True)
    on = serializers.DateField(source="on_day")
    adds = serializers.DictField(child=serializers.IntegerField(allow_null=True))


@extend_schema(
    parameters=[
        *_ASKED,
        OpenApiParameter("of", OpenApiTypes.STR, description="Key of one group; all within reach where none is named."),
    ]
)
class KpiRowsApi(ListOf):
    """The latest 1,000 rows that a figure is made of; the export of the page has all."""

    actions = {"GET": "performance.view"}
    serializer_class = KpiRowOut
    query_names = ("by", "formula", "of", "period", "unit", *KEPT)

    @extend_schema(responses=KpiRowOut(many=True))
    def get(self, request: Request, kpi: str) -> Response:
        viewer, (found, windows, group) = request.viewer, _asked(request, kpi)  # type: ignore[attr-defined]
        only, kept = request.query_params.get("of"), kept_asked(request.query_params, viewer.on)
        opened = () if only is None else kept_of([(group.value, [only])])
        return self.pages(kpi_rows(viewer, found, windows[0], kept=(*kept, *opened), limit=ROWS))
