"""The API of payouts: batches, their lines and files, what payroll answered."""

from collections import Counter
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
from incentives.selectors.payouts import FIELDS, format_of, payout_csv, payout_get, payout_held, payout_list
from incentives.services.payouts import PaidOtherwise, payout_confirm, payout_format_set, payout_make
from spm.web.api import Input
from spm.web.listing import ListOf


class PayoutTotalOut(serializers.Serializer[Any]):
    """A control total in minor units."""

    currency = serializers.CharField()
    amount_minor = serializers.IntegerField()


class PayoutLineOut(serializers.Serializer[Any]):
    """A line and its answer: waits, paid or rejected with the reason."""

    number = serializers.IntegerField()
    participant = serializers.UUIDField()
    name = serializers.CharField()
    employee_number = serializers.CharField()
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    answer = serializers.ChoiceField(choices=["waits", "paid", "rejected"])
    paid_minor = serializers.IntegerField(allow_null=True, help_text="What was paid of it; null while it waits.")
    reason = serializers.CharField(help_text="Why it was rejected, or paid otherwise than handed over.")
    reference = serializers.CharField()
    paid_on = serializers.DateField(allow_null=True, help_text="Null of a line that was not paid.")
    is_single_operator = serializers.BooleanField(
        help_text="The policy let who closed or approved the period answer it."
    )


class PayoutRowOut(serializers.Serializer[Any]):
    """A batch with its control totals and the SHA-256 of its CSV file."""

    id = serializers.UUIDField(source="batch.pk")
    number = serializers.IntegerField(source="batch.number")
    period = serializers.CharField(source="batch.period.key")
    made_by_name = serializers.CharField(source="batch.made_by_name")
    made_at = serializers.DateTimeField(source="batch.made_at")
    sha256 = serializers.CharField(source="digest")
    totals = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField()
    is_single_operator = serializers.BooleanField(
        source="batch.is_single_operator", help_text="The policy let who closed or approved the period make it."
    )
    without_number = serializers.IntegerField(
        source="unnumbered", help_text="Lines without an employee number, where the file has that column."
    )

    @extend_schema_field(PayoutTotalOut(many=True))
    def get_totals(self, payout: Any) -> list[dict[str, Any]]:
        """Give the control totals."""
        return [{"currency": currency, "amount_minor": minor} for currency, minor in payout.totals]

    def get_waiting(self, payout: Any) -> int:
        """Give how many lines payroll has not answered."""
        return len(payout.waiting)


class PayoutHeldOut(serializers.Serializer[Any]):
    """Whom the period owes and who is not paid out yet, with the reason."""

    participant = serializers.UUIDField()
    name = serializers.CharField()
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    reason = serializers.CharField()


class PayoutOut(PayoutRowOut):
    """The same with its lines, and with whoever is left out of it."""

    lines = serializers.SerializerMethodField()
    held = serializers.SerializerMethodField()

    @extend_schema_field(PayoutHeldOut(many=True))
    def get_held(self, payout: Any) -> list[dict[str, Any]]:
        """Give whose pay is held."""
        return [
            {
                "participant": person.pk,
                "name": person.name,
                "amount_minor": one.amount_minor,
                "currency": one.currency,
                "reason": one.held,
            }
            for person, one in payout_held(payout)
        ]

    @extend_schema_field(PayoutLineOut(many=True))
    def get_lines(self, payout: Any) -> list[dict[str, Any]]:
        """Give each line with its answer."""
        return [_line(line, answer) for line, answer in payout.rows]


def _line(line: Any, answer: Any) -> dict[str, Any]:
    said = "waits" if answer is None else "paid" if answer.is_paid else "rejected"
    return {
        "number": line.number,
        "participant": line.participant_id,
        "name": line.name,
        "employee_number": line.employee_number,
        "amount_minor": line.amount_minor,
        "currency": line.currency,
        "answer": said,
        "paid_minor": None if answer is None else answer.amount_minor,
        "reason": "" if answer is None else answer.reason,
        "reference": "" if answer is None else answer.reference,
        "paid_on": None if answer is None else answer.paid_on,
        "is_single_operator": answer is not None and answer.is_single_operator,
    }


class RejectionIn(Input):
    """A line that payroll rejected, and why."""

    line = serializers.IntegerField(min_value=1, max_value=10**6)
    reason = serializers.CharField(max_length=300)


class PaidOtherwiseIn(Input):
    """What was paid of a line, and why where that is not what was handed over."""

    line = serializers.IntegerField(min_value=1, max_value=10**6)
    amount_minor = serializers.IntegerField(min_value=0, max_value=10**15)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class ConfirmationIn(Input):
    """What payroll answered; `rest` says what became of the lines that nothing names: they wait, or were paid. Without `paid_on`, today.

    `amounts` aside, what was handed over is what was paid.
    """

    reference = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    paid = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=10**6), required=False, allow_null=True, default=None
    )
    rest = serializers.ChoiceField(choices=["waits", "paid"], required=False, default="waits")
    rejected = RejectionIn(many=True, required=False, default=list)
    paid_on = serializers.DateField(required=False, allow_null=True, default=None)
    amounts = PaidOtherwiseIn(many=True, required=False, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what answers nothing."""
        if attrs["rest"] == "waits" and not (attrs["paid"] or attrs["rejected"] or attrs["amounts"]):
            words = "Say of which lines: in paid, rejected or amounts, or that the rest was paid with rest: paid."
            raise serializers.ValidationError({"paid": [words]})
        if attrs["rest"] == "paid" and attrs["paid"] is not None:
            raise serializers.ValidationError(
                {"rest": ["It says the same of other lines than paid does. Send one of the two."]}
            )
        return attrs

    def validate_rejected(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a line that is named twice."""
        return _each_once(rows)

    def validate_amounts(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a line that is named twice."""
        return _each_once(rows)


def _each_once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers as given; a line that two of them name is refused, since one of them would be lost in silence."""
    times = Counter(row["line"] for row in rows)
    twice = sorted(line for line, count in times.items() if count > 1)
    if twice:
        raise serializers.ValidationError(f"Line {twice[0]} is named twice. Say once what became of it.")
    return rows


class ColumnIn(Input):
    """A column of the file; `text` is what the field `text` writes."""

    header = serializers.CharField(max_length=100, allow_blank=True)
    field = serializers.ChoiceField(choices=list(FIELDS.items()))
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)


class PayoutFormatIn(Input):
    """How files for payroll look from the next batch on."""

    columns = ColumnIn(many=True)
    delimiter = serializers.CharField(max_length=1, trim_whitespace=False)
    decimal = serializers.CharField(max_length=1)
    has_header = serializers.BooleanField()
    has_trailer = serializers.BooleanField()


class PayoutListApi(ListOf):
    """The batches, and making one."""

    actions = {"GET": "payout.view", "POST": "payout.edit"}
    serializer_class = PayoutRowOut

    @extend_schema(responses=PayoutRowOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(payout_list(request.viewer))  # type: ignore[attr-defined]

    @extend_schema(request=PeriodIn, responses={201: PayoutOut})
    def post(self, request: Request) -> Response:
        viewer, period = request.viewer, period_asked(request)  # type: ignore[attr-defined]
        batch = payout_make(period_id=period.pk, actor=viewer)
        return Response(PayoutOut(payout_get(viewer, batch.pk)).data, status=201)


class PayoutApi(APIView):
    """One batch with its lines."""

    actions = {"GET": "payout.view"}

    @extend_schema(responses=PayoutOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(PayoutOut(payout_get(request.viewer, pk)).data)  # type: ignore[attr-defined]


class PayoutFileApi(APIView):
    """The CSV file of a batch: the same bytes each time."""

    actions = {"GET": "payout.view"}

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        content = payout_csv(payout_get(request.viewer, pk))  # type: ignore[attr-defined]
        return HttpResponse(content, content_type="text/csv; charset=utf-8")


class PayoutConfirmationApi(APIView):
    """Says what payroll answered."""

    actions = {"POST": "payout.edit"}

    @extend_schema(request=ConfirmationIn, responses=PayoutOut)
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        payout_get(viewer, pk)
        given = ConfirmationIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        rejected = {each["line"]: each["reason"] for each in values["rejected"]}
        other = {each["line"]: PaidOtherwise(each["amount_minor"], each["reason"]) for each in values["amounts"]}
        done = payout_confirm(
            batch_id=pk,
            reference=values["reference"],
            paid=None if values["rest"] == "paid" else values["paid"] or [],
            rejected=rejected,
            paid_on=values["paid_on"],
            otherwise=other,
            actor=viewer,
        )
        return Response(PayoutOut(done).data)


class PayoutFormatApi(APIView):
    """How files for payroll look."""

    actions = {"GET": "payout.view", "PUT": "payout.edit"}

    @extend_schema(responses=PayoutFormatIn)
    def get(self, request: Request) -> Response:
        return Response(dict(format_of()))

    @extend_schema(request=PayoutFormatIn, responses=PayoutFormatIn)
    def put(self, request: Request) -> Response:
        given = PayoutFormatIn(data=request.data)
        given.is_valid(raise_exception=True)
        payout_format_set(actor=request.viewer, **given.validated_data)  # type: ignore[attr-defined]
        return Response(dict(format_of()))
