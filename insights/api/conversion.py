"""The API of stage conversion: the same cohorts and deals as on the page."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.api.hygiene import StayOut
from insights.engine.conversion import By
from insights.forms.conversion import ConversionForm
from insights.selectors.conversion import ENDS, conversion, conversion_deals
from spm.web.api import form_refused
from spm.web.listing import ListOf

ROWS = 1000
"""Deals behind a count in one answer."""


class ReachedOut(serializers.Serializer[Any]):
    """Deals that reached a stage or ended so; their share at scale 10**8 and the quartiles of days are null of fewer than ten."""

    name = serializers.CharField()
    deals = serializers.IntegerField()
    share_rate = serializers.IntegerField(allow_null=True)
    days = StayOut()
    few = serializers.CharField(allow_blank=True)


class CohortOut(serializers.Serializer[Any]):
    """Deals that began in a month or quarter (`first` null: in all); stages are of the `known` ones, whose course is known."""

    first = serializers.DateField(allow_null=True)
    name = serializers.CharField()
    deals = serializers.IntegerField()
    known = serializers.IntegerField()
    ends = ReachedOut(many=True)
    stages = ReachedOut(many=True)
    few = serializers.CharField(allow_blank=True)


class BetweenOut(serializers.Serializer[Any]):
    """Deals that entered a later stage after an earlier one, with the quartiles of the days between at scale 10**8."""

    stage = serializers.CharField()
    later = serializers.CharField()
    deals = serializers.IntegerField()
    days = StayOut()
    few = serializers.CharField(allow_blank=True)


class ConversionOut(serializers.Serializer[Any]):
    """Cohorts within reach as known at the end of a day, the latest first; `left_out` are deals whose course is not known."""

    on = serializers.DateField(source="asked.day")
    by = serializers.ChoiceField([one.value for one in By], source="asked.by")
    since = serializers.CharField(source="asked.since", allow_blank=True)
    known_since = serializers.DateField(allow_null=True)
    order = serializers.ListField(child=serializers.CharField(), source="stages")
    cohorts = CohortOut(many=True)
    whole = CohortOut()
    between = BetweenOut(many=True)
    left_out = serializers.IntegerField()


class CohortDealOut(serializers.Serializer[Any]):
    """A deal of a cohort, of none if `began_on` is null; `days` until the stage asked for, else until it ended; null: unknown, or open."""

    deal = serializers.UUIDField(source="deal_id")
    key = serializers.CharField()
    name = serializers.CharField()
    owner = serializers.CharField(allow_blank=True)
    cohort = serializers.CharField(allow_blank=True)
    began_on = serializers.DateField(source="day", allow_null=True)
    status = serializers.ChoiceField(list(ENDS))
    close_on = serializers.DateField(allow_null=True)
    is_known = serializers.BooleanField()
    days = serializers.IntegerField(allow_null=True)


_ASKED = [
    OpenApiParameter("on", OpenApiTypes.DATE, description="At the end of this day; today where none is named."),
    OpenApiParameter("by", OpenApiTypes.STR, enum=[one.value for one in By], description="How long a cohort is."),
    OpenApiParameter(
        "since", OpenApiTypes.STR, description="A stage: cohorts by the first entry into it; by creation without."
    ),
]
_OPENED = [
    OpenApiParameter("cohort", OpenApiTypes.DATE, description="First day of a cohort; all of them without."),
    OpenApiParameter("to", OpenApiTypes.STR, description="Only deals that reached this stage."),
    OpenApiParameter("ended", OpenApiTypes.STR, enum=list(ENDS), description="Only deals that ended so."),
    OpenApiParameter("left", OpenApiTypes.BOOL, description="The deals whose course is not known."),
]


def _form(request: Request) -> ConversionForm:
    form = ConversionForm(request.query_params, today=request.viewer.on)  # type: ignore[attr-defined]
    if not form.is_valid():
        raise form_refused(form)
    return form


class ConversionApi(APIView):
    """How many deals of each cohort reached each later stage, ended how, and in how many days."""

    actions = {"GET": "pipeline.view"}
    query_names = ("by", "on", "since")

    @extend_schema(responses=ConversionOut, parameters=_ASKED)
    def get(self, request: Request) -> Response:
        return Response(ConversionOut(conversion(request.viewer, _form(request).asked())).data)  # type: ignore[attr-defined]


@extend_schema(parameters=[*_ASKED, *_OPENED])
class ConversionDealsApi(ListOf):
    """The latest 1,000 deals behind a count of a cohort; the export of the page has all."""

    actions = {"GET": "pipeline.view"}
    serializer_class = CohortDealOut
    query_names = ("by", "cohort", "ended", "left", "on", "since", "to")

    @extend_schema(responses=CohortDealOut(many=True))
    def get(self, request: Request) -> Response:
        form = _form(request)
        return self.pages(conversion_deals(request.viewer, form.asked(), form.rows(), limit=ROWS))  # type: ignore[attr-defined]
