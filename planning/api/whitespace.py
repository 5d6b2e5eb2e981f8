"""The planning API: whitespace of accounts."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.selectors.whitespace import whitespace_get
from spm.crm.models import Account


class GapOut(serializers.Serializer[Any]):
    """A product that the family has not bought; `share_rate` of the similar accounts that have is at scale 10**8, null without any."""

    product = serializers.UUIDField(source="product.fact_id")
    product_key = serializers.CharField(source="product.fact.source_key")
    name = serializers.CharField(source="product.name")
    family = serializers.CharField(source="product.family")
    bought = serializers.IntegerField()
    share_rate = serializers.IntegerField(allow_null=True)


class WhitespaceOut(serializers.Serializer[Any]):
    """Products not bought by the family of an account; hidden where the viewer does not see all that it bought."""

    segment = serializers.CharField()
    similar = serializers.IntegerField()
    bought = serializers.IntegerField()
    is_hidden = serializers.BooleanField()
    gaps = GapOut(many=True)


class WhitespaceApi(GenericAPIView[Account]):
    """The products that the family of an account has not bought, what most accounts of its segment bought first."""

    actions = {"GET": "territory.view"}
    serializer_class = WhitespaceOut
    queryset = Account.objects.none()

    @extend_schema(responses=WhitespaceOut)
    def get(self, request: Request, pk: Any) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        return Response(WhitespaceOut(whitespace_get(viewer, pk, on=viewer.on)).data)
