"""The API of pipeline hygiene: the same figures and deals as on the page."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.engine.hygiene import CODES
from insights.forms.hygiene import HygieneForm
from insights.selectors.hygiene import Listed, OwnerCount, PipelineHygiene, pipeline_hygiene
from spm.web.api import form_refused
from spm.web.listing import ListOf


class StayOut(serializers.Serializer[Any]):
    """How long won deals stayed: quartiles in days at scale 10**8, null of fewer than ten `stays`."""

    stays = serializers.IntegerField()
    low = serializers.IntegerField(allow_null=True)
    median = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)


class LackOut(serializers.Serializer[Any]):
    """What deals may lack: how many open deals have it, and of how many it can't be told."""

    code = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField()
    deals = serializers.IntegerField()
    untold = serializers.IntegerField()
    untold_because = serializers.CharField(allow_blank=True)


class StageAgeOut(serializers.Serializer[Any]):
    """Open deals of a stage; `median` is of the days of the `known` ones in it, at scale 10**8; `reason` says why `usual` is unknown."""

    stage = serializers.CharField(allow_blank=True)
    deals = serializers.IntegerField()
    known = serializers.IntegerField()
    median = serializers.IntegerField(allow_null=True)
    usual = StayOut()
    reason = serializers.CharField(allow_blank=True)


class HygieneOwnerOut(serializers.Serializer[Any]):
    """Open deals of an owner (null: nobody), those with a finding, and those of each finding."""

    owner = serializers.SerializerMethodField()
    name = serializers.CharField(allow_blank=True)
    deals = serializers.IntegerField()
    found = serializers.IntegerField()
    lacks = serializers.SerializerMethodField()

    def get_owner(self, one: OwnerCount) -> str | None:
        """The id; null for nobody."""
        return one.owner_id or None

    def get_lacks(self, one: OwnerCount) -> dict[str, int]:
        """Deals by the code of the finding."""
        return dict(zip(CODES, one.counts, strict=True))


class HygieneOut(serializers.Serializer[Any]):
    """Open deals within reach at the end of a day; `cycle` is how old won deals were. Before `known_since` nothing is known."""

    on = serializers.DateField(source="asked.day")
    days = serializers.IntegerField(source="asked.limits.days")
    pushes = serializers.IntegerField(source="asked.limits.pushes")
    known_since = serializers.DateField(allow_null=True)
    deals = serializers.SerializerMethodField()
    found = serializers.IntegerField()
    cycle = StayOut()
    lacks = LackOut(many=True, source="findings")
    stages = StageAgeOut(many=True)
    owners = HygieneOwnerOut(many=True)

    def get_deals(self, one: PipelineHygiene) -> int:
        """Open deals."""
        return len(one.deals)


class DealAgeOut(serializers.Serializer[Any]):
    """An open deal with its ages in days (`…_is_least`: at least so many), what won deals stayed in its stage, and its findings."""

    deal = serializers.UUIDField(source="deal_id")
    key = serializers.CharField()
    name = serializers.CharField()
    owner = serializers.CharField(allow_blank=True)
    stage = serializers.CharField(allow_blank=True)
    amount_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField(allow_blank=True)
    closes = serializers.DateField(allow_null=True)
    age_days = serializers.IntegerField(allow_null=True)
    age_is_least = serializers.BooleanField()
    stage_days = serializers.IntegerField(allow_null=True)
    stage_is_least = serializers.BooleanField()
    usual = StayOut()
    reason = serializers.CharField(allow_blank=True)
    pushes = serializers.IntegerField()
    lacks = serializers.ListField(child=serializers.CharField(), source="findings")


_ASKED = [
    OpenApiParameter("on", OpenApiTypes.DATE, description="At the end of this day; today where none is named."),
    OpenApiParameter(
        "days", OpenApiTypes.INT, description="A deal is stuck after so many days in its stage; usually 30."
    ),
    OpenApiParameter(
        "pushes", OpenApiTypes.INT, description="A deal is pushed from so many later close dates on; usually 3."
    ),
]
_LISTED = [
    OpenApiParameter("finding", OpenApiTypes.STR, enum=CODES, description="Only deals with this finding."),
    OpenApiParameter("owner", OpenApiTypes.UUID, description="A participant: only their deals."),
    OpenApiParameter("stage", OpenApiTypes.STR, description="Only deals in this stage."),
]


def _found(request: Request) -> PipelineHygiene:
    viewer = request.viewer  # type: ignore[attr-defined]
    form = HygieneForm(request.query_params, today=viewer.on)
    if not form.is_valid():
        raise form_refused(form)
    return pipeline_hygiene(viewer, form.asked())


class HygieneApi(APIView):
    """What open deals lack, and how old they are: counts by finding, stage and owner."""

    actions = {"GET": "pipeline.view"}
    query_names = ("days", "on", "pushes")

    @extend_schema(responses=HygieneOut, parameters=_ASKED)
    def get(self, request: Request) -> Response:
        return Response(HygieneOut(_found(request)).data)


@extend_schema(parameters=[*_ASKED, *_LISTED])
class HygieneDealsApi(ListOf):
    """Open deals with their ages and findings, those with the most findings first."""

    actions = {"GET": "pipeline.view"}
    serializer_class = DealAgeOut
    query_names = ("days", "finding", "on", "owner", "pushes", "stage")

    @extend_schema(responses=DealAgeOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(Listed(_found(request)))
