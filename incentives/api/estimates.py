"""The API of the estimator: what the next deal would pay. It writes nothing."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.models import Statement
from incentives.selectors.estimates import estimate
from incentives.selectors.statements import statement_rows
from spm.web.api import Input


class EstimateIn(Input):
    """The next deal, in the statement's currency."""

    amount_minor = serializers.IntegerField(min_value=0, max_value=10**15)
    close_on = serializers.DateField()


class UnreachedOut(serializers.Serializer[Any]):
    """What has to be reached before a component pays anything: at 10**8 `by_quota`, else minor units, or a count at 10**4."""

    measure = serializers.CharField(source="of")
    by_quota = serializers.BooleanField()
    is_money = serializers.BooleanField()
    asked = serializers.IntegerField()
    reached = serializers.IntegerField(allow_null=True)


class LineEstimateOut(serializers.Serializer[Any]):
    """A component without and with the deal; attainment at 10**8. An amount that can't be calculated is null, and `reason` says why."""

    component = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField()
    before_minor = serializers.IntegerField(allow_null=True)
    after_minor = serializers.IntegerField(allow_null=True)
    difference_minor = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    before_rate = serializers.IntegerField(allow_null=True)
    after_rate = serializers.IntegerField(allow_null=True)
    missing_to_next_tier_minor = serializers.IntegerField(
        source="next_tier.missing_minor", allow_null=True, default=None
    )
    is_highest_tier = serializers.BooleanField(source="is_highest")
    waits_for = UnreachedOut(many=True)


class EstimateOut(serializers.Serializer[Any]):
    """What the deal would pay, null where something of it is unknown or no line is in the statement's currency.

    `ranked` names contests, which depend on others; `elsewhere` gives the currencies of the statements in which plans pay besides.
    """

    pays_minor = serializers.IntegerField(allow_null=True)
    lines = LineEstimateOut(many=True)
    ranked = serializers.ListField(child=serializers.CharField())
    elsewhere = serializers.ListField(child=serializers.CharField())


class StatementEstimateApi(GenericAPIView[Statement]):
    """What one more deal would pay the person of a statement."""

    actions = {"GET": "statement.view"}
    serializer_class = EstimateOut
    queryset = Statement.objects.none()
    query_names = tuple(EstimateIn().fields)

    @extend_schema(parameters=[EstimateIn], responses=EstimateOut)
    def get(self, request: Request, pk: UUID) -> Response:
        statement = get_object_or_404(statement_rows(request.viewer), pk=pk)  # type: ignore[attr-defined]
        given = EstimateIn(data=request.query_params)
        given.is_valid(raise_exception=True)
        try:
            found = estimate(statement, **given.validated_data)
        except ValueError as refusal:
            raise ValidationError({"close_on": [str(refusal)]}) from refusal
        return Response(EstimateOut(found).data)
