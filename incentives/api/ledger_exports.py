"""The API of what the ledger hands to the general ledger: exports, their files, how accounts are mapped."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incentives.api.periods import PeriodIn, period_asked
from incentives.models import ExportBasis, LedgerAccount, LedgerExport
from incentives.selectors.ledger_exports import FIELDS, export_csv, export_get, export_list, exports_of, ledger_format
from incentives.services.ledger_exports import ledger_export_make, ledger_export_withdraw, ledger_format_set
from spm.web.api import Input
from spm.web.listing import ListOf


class LedgerTotalOut(serializers.Serializer[Any]):
    """Debits and credits of a currency, which are equal, in minor units."""

    currency = serializers.CharField()
    debit_minor = serializers.IntegerField()
    credit_minor = serializers.IntegerField()


class LedgerAccountTotalOut(LedgerTotalOut):
    """The same of an account of the general ledger."""

    gl_account = serializers.CharField()


class LedgerLineOut(LedgerTotalOut):
    """A line: one side is 0. `details` holds what the company's columns ask for besides."""

    number = serializers.IntegerField()
    on = serializers.DateField()
    gl_account = serializers.CharField()
    cost_centre = serializers.CharField()
    details = serializers.DictField(child=serializers.CharField())


class LedgerExportRowOut(serializers.Serializer[Any]):
    """An export with its control totals and the SHA-256 of its CSV file: journals after one number (not counted) until another."""

    id = serializers.UUIDField(source="export.pk")
    number = serializers.IntegerField(source="export.number")
    period = serializers.CharField(source="export.period.key")
    basis = serializers.ChoiceField(source="export.basis", choices=ExportBasis.choices)
    after_journal = serializers.IntegerField(source="export.after_number")
    until_journal = serializers.IntegerField(source="export.until_number")
    made_by_name = serializers.CharField(source="export.made_by_name")
    made_at = serializers.DateTimeField(source="export.made_at")
    sha256 = serializers.CharField(source="digest")
    withdrawn_because = serializers.SerializerMethodField(help_text="Empty for an export that stands.")
    totals = serializers.SerializerMethodField()

    def get_withdrawn_because(self, exported: Any) -> str:
        """Give why the general ledger did not take it."""
        return exported.withdrawal.reason if exported.withdrawal else ""

    @extend_schema_field(LedgerTotalOut(many=True))
    def get_totals(self, exported: Any) -> list[dict[str, Any]]:
        """Give the control totals."""
        names = ("currency", "debit_minor", "credit_minor")
        return [dict(zip(names, row, strict=True)) for row in exported.totals]


class CompanyTotalOut(serializers.Serializer[Any]):
    """The debits of a currency, which equal the credits, in the company's on the last day of the period; null where no rate is known."""

    currency = serializers.CharField()
    debit_minor = serializers.IntegerField(source="minor")
    company_currency = serializers.CharField(source="company")
    company_minor = serializers.IntegerField(allow_null=True)
    rate = serializers.CharField(allow_blank=True)
    rate_on = serializers.DateField(allow_null=True)
    table_name = serializers.CharField(allow_blank=True)


class LedgerExportOut(LedgerExportRowOut):
    """The same with sums by account and its lines; `in_company` is empty where all is in the currency of the company."""

    accounts = serializers.SerializerMethodField()
    in_company = serializers.SerializerMethodField()
    lines = LedgerLineOut(many=True)

    @extend_schema_field(CompanyTotalOut(many=True))
    def get_in_company(self, exported: Any) -> Any:
        """Give the totals in the currency of the company."""
        found = exported.in_company
        return CompanyTotalOut(found.rows if found is not None else (), many=True).data

    @extend_schema_field(LedgerAccountTotalOut(many=True))
    def get_accounts(self, exported: Any) -> list[dict[str, Any]]:
        """Give the sums by account of the general ledger."""
        names = ("gl_account", "currency", "debit_minor", "credit_minor")
        return [dict(zip(names, row, strict=True)) for row in exported.accounts]


class WithdrawalIn(Input):
    """Why the general ledger did not take an export."""

    reason = serializers.CharField(max_length=300)


class RuleIn(Input):
    """Where an account of the ledger goes; `cost_centre` is a number, `person` for the person's own, or empty."""

    account = serializers.ChoiceField(choices=LedgerAccount.choices)
    plan = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    component = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    gl_account = serializers.CharField(max_length=60)
    cost_centre = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)


class CentreIn(Input):
    """The cost centre of a unit or a person."""

    kind = serializers.ChoiceField(choices=["unit", "person"])
    key = serializers.CharField(max_length=200)
    cost_centre = serializers.CharField(max_length=60)


class LedgerColumnIn(Input):
    """A column of the file; `text` is what the field `text` writes."""

    header = serializers.CharField(max_length=100, allow_blank=True)
    field = serializers.CharField(max_length=20, help_text=f"One of {', '.join(FIELDS)}.")
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)


class LedgerFormatIn(Input):
    """How the ledger is mapped and how its file looks from the next export on."""

    basis = serializers.ChoiceField(choices=ExportBasis.choices)
    accounts = RuleIn(many=True)
    centres = CentreIn(many=True)
    columns = LedgerColumnIn(many=True)
    delimiter = serializers.CharField(max_length=1, trim_whitespace=False)
    decimal = serializers.CharField(max_length=1)
    has_header = serializers.BooleanField()
    has_trailer = serializers.BooleanField()


class LedgerExportListApi(ListOf):
    """The exports, and making the next one of a period."""

    queryset = LedgerExport.objects.none()
    actions = {"GET": "ledger.view", "POST": "ledger.export"}

    @extend_schema(responses=LedgerExportRowOut(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(export_list(request.viewer))  # type: ignore[attr-defined]
        return self.get_paginated_response(LedgerExportRowOut(exports_of(page or ()), many=True).data)

    @extend_schema(request=PeriodIn, responses={201: LedgerExportOut})
    def post(self, request: Request) -> Response:
        viewer, period = request.viewer, period_asked(request)  # type: ignore[attr-defined]
        export = ledger_export_make(period_id=period.pk, actor=viewer)
        return Response(LedgerExportOut(exports_of([export])[0]).data, status=201)


class LedgerExportApi(APIView):
    """One export with its lines."""

    actions = {"GET": "ledger.view"}

    @extend_schema(responses=LedgerExportOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(LedgerExportOut(export_get(request.viewer, pk)).data)  # type: ignore[attr-defined]


class LedgerExportFileApi(APIView):
    """The CSV file of an export: the same bytes each time."""

    actions = {"GET": "ledger.view"}

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        content = export_csv(export_get(request.viewer, pk))  # type: ignore[attr-defined]
        return HttpResponse(content, content_type="text/csv; charset=utf-8")


class LedgerExportWithdrawalApi(APIView):
    """Says that the general ledger did not take an export."""

    actions = {"POST": "ledger.export"}

    @extend_schema(request=WithdrawalIn, responses=LedgerExportOut)
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        export_get(viewer.acting("ledger.view"), pk)
        given = WithdrawalIn(data=request.data)
        given.is_valid(raise_exception=True)
        done = ledger_export_withdraw(export_id=pk, reason=given.validated_data["reason"], actor=viewer)
        return Response(LedgerExportOut(done).data)


class LedgerFormatApi(APIView):
    """How the ledger is mapped and how its file looks."""

    actions = {"GET": "ledger.view", "PUT": "ledger.export"}

    @extend_schema(responses=LedgerFormatIn)
    def get(self, request: Request) -> Response:
        return Response(dict(ledger_format()))

    @extend_schema(request=LedgerFormatIn, responses=LedgerFormatIn)
    def put(self, request: Request) -> Response:
        given = LedgerFormatIn(data=request.data)
        given.is_valid(raise_exception=True)
        ledger_format_set(actor=request.viewer, **given.validated_data)  # type: ignore[attr-defined]
        return Response(dict(ledger_format()))
