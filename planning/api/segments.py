"""The planning API: segments of accounts."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from planning.api.rules import on_asked
from planning.selectors.segments import account_segments
from spm.crm.selectors.lists import account_list
from spm.web.listing import ListOf


class AccountSegmentOut(serializers.Serializer[Any]):
    """The segment of an account; `rule` null where no rule gave it. An empty segment is none."""

    account = serializers.UUIDField(source="account_key")
    segment = serializers.CharField()
    rule = serializers.UUIDField(source="rule.pk", default=None, allow_null=True)
    rule_name = serializers.CharField(source="rule.name", default="")
    by_rules = serializers.BooleanField()


class AccountSegmentListApi(ListOf):
    """The segments of accounts within reach on a day (`on`, today where it is not given)."""

    actions = {"GET": "territory.view"}
    serializer_class = AccountSegmentOut
    query_names = ("on",)

    @extend_schema(
        parameters=[OpenApiParameter("on", {"type": "string", "format": "date"})],
        responses=AccountSegmentOut(many=True),
    )
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        accounts = account_list(viewer.acting("fact.view")).order_by("fact")
        page = self.paginate_queryset(accounts) or []
        found = account_segments([str(each.fact_id) for each in page], on_asked(request))
        return self.get_paginated_response(AccountSegmentOut(found, many=True).data)
