"""The planning API: families of accounts."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.api.rules import on_asked, read
from planning.selectors.families import families_known, family_list, family_tops, family_tree
from spm.crm.models import Account
from spm.crm.selectors.lists import account_list
from spm.crm.services.accounts import account_parent_set
from spm.web.api import Input
from spm.web.listing import ListOf


class WorthOut(serializers.Serializer[Any]):
    """What accounts are worth, in minor units of the company's currency.

    `unknown` accounts state no revenue in it; `foreign` deals are in no sum. Where `all_deals` is false, sales and pipeline hold the
    deals of people whose deals the viewer sees, and no others.
    """

    accounts = serializers.IntegerField()
    revenue = serializers.IntegerField()
    unknown = serializers.IntegerField()
    sales = serializers.IntegerField()
    open_pipeline = serializers.IntegerField()
    foreign = serializers.IntegerField()
    all_deals = serializers.BooleanField()


class FamilyOut(serializers.Serializer[Any]):
    """A top account with what it and its subsidiaries within reach are worth."""

    account = serializers.UUIDField(source="top.fact_id")
    account_key = serializers.CharField(source="top.fact.source_key")
    name = serializers.CharField(source="top.name")
    worth = WorthOut()


class MemberOut(serializers.Serializer[Any]):
    """An account of a family; `revenue` null is unknown in the company's currency."""

    account = serializers.UUIDField(source="row.version.fact_id")
    account_key = serializers.CharField(source="row.version.fact.source_key")
    name = serializers.CharField(source="row.version.name")
    parent = serializers.UUIDField(source="row.version.parent_id", allow_null=True)  # type: ignore[assignment]
    depth = serializers.IntegerField()
    territory = serializers.CharField(source="row.territory")
    owner = serializers.CharField(source="row.owner")
    revenue = serializers.IntegerField(allow_null=True)
    sales = serializers.IntegerField(source="deals.sales")
    open_pipeline = serializers.IntegerField(source="deals.open_pipeline")


class FamilyTreeOut(serializers.Serializer[Any]):
    """A family from the top down; `hidden` accounts are out of reach and in no sum."""

    members = MemberOut(many=True)
    worth = WorthOut()
    hidden = serializers.IntegerField()


class FamilyListApi(ListOf):
    """Top accounts within reach that have subsidiaries, by name."""

    actions = {"GET": "territory.view"}
    serializer_class = FamilyOut
    query_names = ("q",)

    @extend_schema(parameters=[OpenApiParameter("q", str)], responses=FamilyOut(many=True))
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        found = families_known()
        tops = family_tops(viewer, found, request.query_params.get("q", ""))
        page = self.paginate_queryset(tops) or []
        return self.get_paginated_response(FamilyOut(family_list(viewer, page, found, on=viewer.on), many=True).data)


class FamilyApi(GenericAPIView[Account]):
    """The family that an account belongs to, on a day (`on`, today where it is not given)."""

    actions = {"GET": "territory.view"}
    serializer_class = FamilyTreeOut
    queryset = Account.objects.none()
    query_names = ("on",)

    @extend_schema(parameters=[OpenApiParameter("on", {"type": "string", "format": "date"})], responses=FamilyTreeOut)
    def get(self, request: Request, pk: Any) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        tree = family_tree(viewer, pk, on=on_asked(request))
        return Response(FamilyTreeOut(tree).data)


class ParentIn(Input):
    """The account that another one belongs to; null: nobody."""

    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]


class AccountParentApi(GenericAPIView[Account]):
    """Lets an account belong to another one, or to nobody; a circle is refused with its chain."""

    actions = {"PUT": "fact.import"}
    serializer_class = ParentIn
    queryset = Account.objects.none()

    @extend_schema(request=ParentIn, responses={204: None})
    def put(self, request: Request, pk: Any) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        account_list(viewer.acting("fact.view")).get(fact=pk)
        parent = read(ParentIn, request)["parent"]
        account_parent_set(account_id=pk, parent_id=parent, actor=viewer)
        return Response(status=status.HTTP_204_NO_CONTENT)
