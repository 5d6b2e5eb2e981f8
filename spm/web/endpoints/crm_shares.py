"""The API of a deal's shares: set all of them at once; they are listed with the other facts."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from spm.crm.models import SplitKind
from spm.crm.selectors.lists import fact_rows, split_list
from spm.crm.services.splits import Share, split_set
from spm.web.endpoints.crm_shared import IntakeView


class ShareSerializer(serializers.Serializer[Any]):
    """Somebody's share of a deal at scale 10**8."""

    participant = serializers.UUIDField(source="participant_id")
    kind = serializers.ChoiceField(choices=SplitKind.choices)
    share_rate = serializers.IntegerField()


class SharesIn(serializers.Serializer[Any]):
    """All shares of the deal; whoever is not named has none any more."""

    shares = ShareSerializer(many=True)


class SharesApi(IntakeView):
    """Sets the shares of a deal."""

    actions = {"POST": "fact.import"}

    @extend_schema(request=SharesIn, responses=ShareSerializer(many=True))
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        get_object_or_404(fact_rows(viewer, "opportunity"), fact_id=pk)
        given = SharesIn(data=request.data)
        given.is_valid(raise_exception=True)
        split_set(opportunity_id=pk, shares=[Share(**one) for one in given.validated_data["shares"]], actor=viewer)
        return Response(ShareSerializer(split_list(viewer, pk), many=True).data)
