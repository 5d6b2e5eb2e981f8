"""The API of the accrual at the end of a period."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.naming import period_named
from incentives.selectors.accruals import accrual_lines
from spm.web.listing import ListOf


class AccrualLineOut(serializers.Serializer[Any]):
    """One side of an entry, in minor units."""

    on = serializers.DateField()
    entry = serializers.CharField()
    account = serializers.CharField()
    plan = serializers.CharField()
    currency = serializers.CharField()
    debit_minor = serializers.IntegerField()
    credit_minor = serializers.IntegerField()
    company_currency = serializers.CharField(source="company")
    debit_company_minor = serializers.IntegerField(allow_null=True, help_text="Null: no rate is known.")
    credit_company_minor = serializers.IntegerField(allow_null=True, help_text="Null: no rate is known.")
    rate = serializers.CharField(help_text="The rate with its day and table, or that none is known.")
    other = serializers.CharField(help_text="What it is where it belongs to no plan, such as adjustments; else empty.")


class AccrualApi(ListOf):
    """What was earned and not paid at the end of a period, and its reversal the day after."""

    actions = {"GET": "ledger.view"}
    serializer_class = AccrualLineOut

    @extend_schema(responses=AccrualLineOut(many=True))
    def get(self, request: Request, pk: str) -> Response:
        period = period_named(pk)
        return self.pages(accrual_lines(request.viewer, period))  # type: ignore[attr-defined]
