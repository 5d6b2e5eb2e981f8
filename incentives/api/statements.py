"""The API of statements, down to the why of a line."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.estimates import UnreachedOut
from incentives.models import Statement
from incentives.selectors.deal_why import statement_deal_why
from incentives.selectors.statements import (
    StatementDetail,
    statement_get,
    statement_known_on,
    statement_list,
    statement_rows,
    with_states,
)
from incentives.selectors.why import line_get, statement_line_trace, tree_dict
from spm.web.findings import FindingOut, findings_data


class StatementOut(serializers.ModelSerializer[Statement]):
    """The latest version of a statement; amounts in minor units of `currency`, `payable_minor` as its books had it when it was issued."""

    participant_name = serializers.CharField(source="participant.name")
    period_key = serializers.CharField(source="period.key")

    class Meta:
        model = Statement
        fields = (
            "id", "participant", "participant_name", "period", "period_key", "number", "run", "currency", "credit_minor", "earned_minor",
            "payable_minor", "hash", "issued_at",
        )  # fmt: skip


class StatementRowOut(StatementOut):
    """A statement of the list with what its books have now: eligible (set free by its event or a release) + carried − paid is payable.
    `held_now_minor` waits or is held, below 0 where earlier books' was released."""

    payable_now_minor = serializers.IntegerField()
    held_now_minor = serializers.IntegerField()
    eligible_now_minor = serializers.IntegerField()
    carried_now_minor = serializers.IntegerField()
    paid_now_minor = serializers.IntegerField()

    class Meta(StatementOut.Meta):
        fields = (
            *StatementOut.Meta.fields,
            "payable_now_minor",
            "held_now_minor",
            "eligible_now_minor",
            "carried_now_minor",
            "paid_now_minor",
        )  # type: ignore[assignment]


class SliceOut(serializers.Serializer[Any]):
    """The credit in one tier; ratios at 10**8, `amount` exact in major units."""

    tier = serializers.IntegerField()
    from_rate = serializers.IntegerField(allow_null=True)
    until_rate = serializers.IntegerField(allow_null=True)
    rate = serializers.IntegerField(allow_null=True)
    credit_minor = serializers.IntegerField()
    amount = serializers.CharField()


class LineOut(serializers.Serializer[Any]):
    """A component of a statement. `place` is part of the address of its trace."""

    place = serializers.IntegerField()
    plan = serializers.UUIDField(source="plan_id")
    plan_version = serializers.UUIDField(source="plan_version_id")
    component = serializers.CharField()
    component_name = serializers.CharField()
    credit_minor = serializers.IntegerField()
    credit_count = serializers.IntegerField()
    quota_minor = serializers.IntegerField(allow_null=True)
    quota_count = serializers.DecimalField(max_digits=22, decimal_places=4, allow_null=True)
    attainment_rate = serializers.IntegerField(allow_null=True)
    earned_minor = serializers.IntegerField()
    is_calculated = serializers.BooleanField()
    slices = SliceOut(many=True)
    waits_for = UnreachedOut(many=True)


class BalanceOut(serializers.Serializer[Any]):
    """What stands on the ledger for the person, period and currency: now; of a replaced version, when it was issued (`is_latest`)."""

    earned_minor = serializers.IntegerField()
    payable_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()


class WaitOut(serializers.Serializer[Any]):
    """Earned pay that is not payable: why (`code`), and what releases it: an event, or a day. `note` says who holds it by hand, and why.

    Of what is released then, `holdback_rate` (at 10**8, null: nothing) is held back until `holdback_event` or `holdback_until`."""

    component = serializers.CharField()
    component_name = serializers.CharField()
    period_key = serializers.CharField()
    amount_minor = serializers.IntegerField()
    count = serializers.IntegerField()
    code = serializers.CharField()
    reason = serializers.CharField()
    event = serializers.CharField()
    until = serializers.DateField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    holdback_rate = serializers.IntegerField(allow_null=True)
    holdback_event = serializers.CharField(allow_blank=True)
    holdback_until = serializers.DateField(allow_null=True)


class ReleasedOut(serializers.Serializer[Any]):
    """Pay that was held by hand and became payable again with these books; `note` says when, by whom and why it was released, `held` why it
    was held."""

    hold = serializers.CharField()
    component_name = serializers.CharField()
    period_key = serializers.CharField()
    amount_minor = serializers.IntegerField()
    note = serializers.CharField()
    held = serializers.CharField()


class SaidOut(serializers.Serializer[Any]):
    """A cell: words with notes below them, or an amount in minor units of the statement's currency."""

    words = serializers.CharField(allow_blank=True)
    notes = serializers.ListField(child=serializers.CharField())
    amount_minor = serializers.IntegerField(source="minor", allow_null=True)


class RowOut(serializers.Serializer[Any]):
    """A row of a part: what it is about, and a cell for each further column."""

    label = SaidOut()  # type: ignore[assignment]
    cells = SaidOut(many=True)


class PartOut(serializers.Serializer[Any]):
    """A table beside the lines, as page, PDF and sheet show it: `key` is bridge (from earned to payable; of now on the latest version),
    final, opening, prior, others, conversions, waits, released."""

    key = serializers.CharField()
    title = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = RowOut(many=True)


class FinalOut(serializers.Serializer[Any]):
    """The last day of a person who had left by the end of the period; `is_last` where the period has it: this is the final statement."""

    left_on = serializers.DateField()
    is_last = serializers.BooleanField()


class PaidInOut(serializers.Serializer[Any]):
    """Pay that is converted into the currency of the person: of the period or, with `is_prior`, of shut books whose rate was corrected.

    `from_change_minor` and `to_change_minor` are what these books moved, `exact` what comes before the one rounding, in major units;
    without a rate `missing` says which, and nothing is converted or paid.
    """

    from_currency = serializers.CharField()
    to_currency = serializers.CharField()
    from_minor = serializers.IntegerField()
    to_minor = serializers.IntegerField()
    before_minor = serializers.IntegerField()
    from_change_minor = serializers.IntegerField()
    to_change_minor = serializers.IntegerField()
    converted_in = serializers.CharField(allow_blank=True)
    is_prior = serializers.BooleanField()
    rate = serializers.CharField(allow_blank=True)
    exact = serializers.DecimalField(max_digits=26, decimal_places=6)
    policy = serializers.CharField(allow_blank=True)
    taken_on = serializers.DateField(allow_null=True)
    taken_through = serializers.DateField(allow_null=True)
    rate_on = serializers.DateField(allow_null=True)
    table_name = serializers.CharField(allow_blank=True)
    missing = serializers.CharField(allow_blank=True)


class StatementDetailOut(StatementOut):
    """A statement with its lines, the ledger of now, and what could not be calculated."""

    lines = LineOut(many=True)
    waits = WaitOut(many=True)
    released = ReleasedOut(many=True)
    parts = PartOut(many=True)
    final = FinalOut(allow_null=True)
    conversions = PaidInOut(many=True)
    balance = BalanceOut()
    payments = PartOut(allow_null=True)
    since = PartOut(allow_null=True)
    changed = PartOut(allow_null=True)
    findings = FindingOut(many=True)
    is_latest = serializers.BooleanField()
    is_intact = serializers.BooleanField()

    class Meta(StatementOut.Meta):
        fields = (
            *StatementOut.Meta.fields,
            "lines",
            "waits",
            "released",
            "parts",
            "final",
            "conversions",
            "balance",
            "payments",
            "since",
            "changed",
            "findings",
            "is_latest",
            "is_intact",
        )  # type: ignore[assignment]


def _detail(detail: StatementDetail) -> dict[str, Any]:
    return {
        **StatementOut(detail.statement).data,
        "lines": LineOut(detail.lines, many=True).data,
        "waits": WaitOut(detail.waits, many=True).data,
        "released": ReleasedOut(detail.released, many=True).data,
        "parts": PartOut(detail.parts, many=True).data,
        "final": None if detail.final is None else FinalOut(detail.final).data,
        "conversions": PaidInOut(detail.conversions, many=True).data,
        "balance": BalanceOut(detail.balance).data,
        "payments": None if detail.payments is None else PartOut(detail.payments).data,
        "since": None if detail.since is None else PartOut(detail.since).data,
        "changed": None if detail.changed is None else PartOut(detail.changed).data,
        "findings": findings_data(detail.findings),
        "is_latest": detail.is_latest,
        "is_intact": detail.is_intact,
    }


class StatementListApi(ListAPIView[Statement]):
    """Statements within reach, latest version of each."""

    actions = {"GET": "statement.view"}
    serializer_class = StatementRowOut
    filterset_fields = {"participant": ["exact"], "period": ["exact"], "period__key": ["exact"], "currency": ["exact"]}

    def get_queryset(self) -> QuerySet[Statement]:
        if getattr(self, "swagger_fake_view", False):
            return Statement.objects.none()
        return with_states(statement_list(self.request.viewer))  # type: ignore[attr-defined]


class StatementApi(GenericAPIView[Statement]):
    """One statement, any version of it; `on` gives the version that stood at the end of that day."""

    actions = {"GET": "statement.view"}
    serializer_class = StatementDetailOut
    queryset = Statement.objects.none()
    query_names = ("on",)

    @extend_schema(
        parameters=[
            OpenApiParameter("on", date, description="A day; 404 where no version had been issued by its end.")
        ],
        responses=StatementDetailOut,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        statement: Statement | None = get_object_or_404(statement_rows(viewer), pk=pk)
        if "on" in request.query_params and statement is not None:
            day = serializers.DateField().run_validation(request.query_params["on"])
            statement = statement_known_on(viewer, statement, day)
        if statement is None:
            raise Http404
        return Response(_detail(statement_get(viewer, statement)))


class StatementLineTraceApi(GenericAPIView[Statement]):
    """The why of a line: a tree of numbers with their words, down to the source key of each deal."""

    actions = {"GET": "statement.view"}
    serializer_class = LineOut
    queryset = Statement.objects.none()

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: UUID, place: int) -> Response:
        statement = get_object_or_404(statement_rows(request.viewer), pk=pk)  # type: ignore[attr-defined]
        line = line_get(statement, place)
        tree = statement_line_trace(statement, line) if line is not None else None
        if tree is None:
            raise Http404
        return Response({"line": LineOut(line).data, "trace": tree_dict(tree)})


class ShownOut(serializers.Serializer[Any]):
    """A value by its name; `form` is amount (minor units of `currency`), day, number or text."""

    name = serializers.CharField()
    form = serializers.CharField()
    value = serializers.CharField()
    currency = serializers.CharField()


class CellOut(serializers.Serializer[Any]):
    """A cell of a file as received."""

    column = serializers.CharField()
    text = serializers.CharField()


class SourceRowOut(serializers.Serializer[Any]):
    """A fact as known when the run read it, and the row of the file that it came from."""

    kind = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    source_key = serializers.CharField()
    known_from = serializers.DateTimeField()
    fields = ShownOut(many=True)  # type: ignore[assignment]
    upload = serializers.UUIDField(allow_null=True)
    file_name = serializers.CharField()
    row_number = serializers.IntegerField(allow_null=True)
    cells = CellOut(many=True)


class ConvertedOut(serializers.Serializer[Any]):
    """What a deal in another currency states, the kept rate, and what it comes to; `rate` ends in … where it has no end.

    `policy` is that of the plan; a mean is of the days `taken_on` to `taken_through`.
    """

    stated_minor = serializers.IntegerField()
    from_currency = serializers.CharField()
    converted_minor = serializers.IntegerField()
    to_currency = serializers.CharField()
    rate = serializers.CharField()
    policy = serializers.CharField()
    taken_on = serializers.DateField()
    taken_through = serializers.DateField()
    rate_on = serializers.DateField()
    table_name = serializers.CharField()


class DealWhyOut(serializers.Serializer[Any]):
    """A credited deal of a line: what the run read of it, and its sources; `more` counts facts that are not listed.

    `untaken` says why a return took nothing back, where it came after the window of the clawback.
    """

    credit_minor = serializers.IntegerField()
    earned_minor = serializers.IntegerField()
    untaken = serializers.CharField(allow_blank=True)
    converted = ConvertedOut(allow_null=True)
    read = ShownOut(many=True)
    sources = SourceRowOut(many=True)
    more = serializers.IntegerField()


def _shown(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "form": one.form, "value": str(one.value), "currency": one.currency} for name, one in pairs]


def _source(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "source": row.source,
        "source_key": row.source_key,
        "known_from": row.known_from,
        "fields": _shown(row.fields),
        "upload": row.upload.pk if row.upload else None,
        "file_name": row.upload.file_name if row.upload else "",
        "row_number": row.row_number,
        "cells": [{"column": column, "text": text} for column, text in row.cells],
    }


class StatementDealApi(GenericAPIView[Statement]):
    """A credited deal of a line, down to the rows of the files that said it."""

    actions = {"GET": "statement.view"}
    serializer_class = DealWhyOut
    queryset = Statement.objects.none()

    def get(self, request: Request, pk: UUID, place: int, row: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        statement = get_object_or_404(statement_rows(viewer), pk=pk)
        line = line_get(statement, place)
        why = statement_deal_why(viewer, statement, line, row) if line is not None else None
        if why is None:
            raise Http404
        found = {
            "credit_minor": why.credit.credit_minor,
            "earned_minor": why.credit.earned_minor,
            "untaken": why.credit.untaken,
            "converted": why.credit.converted,
            "read": _shown(why.asked),
            "sources": [_source(one) for one in why.sources.rows],
            "more": why.sources.more,
        }
        return Response(DealWhyOut(found).data)
