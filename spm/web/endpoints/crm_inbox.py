"""The API of decisions: held rows, aliases, warnings, and orders sent in bulk."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from spm.crm.models import Alias, HeldRow
from spm.crm.selectors.inbox import held_list
from spm.crm.selectors.quality import quality_warnings
from spm.crm.services.decisions import alias_accept, held_discard, held_fix, held_release
from spm.crm.services.orders import LINES_LIMIT, ORDERS_LIMIT, orders_upsert
from spm.web.api import ImportThrottle, Input
from spm.web.endpoints.crm_shared import ErrorOut, IntakeView
from spm.web.listing import ListOf
from spm.web.repeats import answered_once, key_parameter


class HeldOut(serializers.ModelSerializer[HeldRow]):
    """A held row: where it stands, what is wrong, and the fix."""

    values = serializers.DictField()
    problems = serializers.ListField(child=serializers.DictField())
    file_name = serializers.CharField(source="upload.file_name")
    source = serializers.CharField(source="upload.source")  # type: ignore[assignment]

    class Meta:
        model = HeldRow
        fields = (
            "id",
            "upload",
            "file_name",
            "source",
            "kind",
            "sheet",
            "row_number",
            "key",
            "values",
            "column",
            "value",
            "code",
            "reason",
            "fix",
            "problems",
            "proposal_kind",
            "proposal_key",
            "state",
            "decision",
            "decided_at",
        )


class ReleasedOut(serializers.Serializer[Any]):
    """What a decision did."""

    released = serializers.IntegerField()
    still_held = serializers.IntegerField()
    respelled = serializers.IntegerField()


class HeldListApi(ListAPIView[HeldRow]):
    """Held rows of every state."""

    actions = {"GET": "quality.view"}
    serializer_class = HeldOut
    filterset_fields = {
        "state": ["exact"],
        "kind": ["exact"],
        "code": ["exact"],
        "value": ["exact"],
        "upload": ["exact"],
    }

    def get_queryset(self) -> QuerySet[HeldRow]:
        if getattr(self, "swagger_fake_view", False):
            return HeldRow.objects.none()
        return held_list(self.request.viewer, state="")  # type: ignore[attr-defined]


class HeldFixIn(Input):
    """Corrected cells by column."""

    values = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=32_767), allow_empty=False)


class HeldApi(IntakeView):
    """One held row; PATCH corrects cells and tries it again."""

    actions = {"GET": "quality.view", "PATCH": "fact.import"}

    @extend_schema(responses=HeldOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(HeldOut(get_object_or_404(held_list(self.viewer, state=""), pk=pk)).data)

    @extend_schema(request=HeldFixIn, responses={200: ReleasedOut, 409: ErrorOut, 422: ErrorOut})
    def patch(self, request: Request, pk: UUID) -> Response:
        get_object_or_404(HeldRow, pk=pk)
        given = HeldFixIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(ReleasedOut(held_fix(held_id=pk, **given.validated_data, actor=self.viewer)).data)


class HeldIdsIn(Input):
    """Held rows by id."""

    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=10_000)


class HeldDiscardIn(HeldIdsIn):
    """Held rows to leave out, with the reason."""

    reason = serializers.CharField(max_length=500)


class CountOut(serializers.Serializer[Any]):
    """How many rows were decided."""

    count = serializers.IntegerField()


class HeldReleaseApi(IntakeView):
    """Tries held rows again."""

    actions = {"POST": "fact.import"}

    @extend_schema(request=HeldIdsIn, responses={200: ReleasedOut, 409: ErrorOut, 422: ErrorOut})
    def post(self, request: Request) -> Response:
        given = HeldIdsIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(ReleasedOut(held_release(held_ids=given.validated_data["ids"], actor=self.viewer)).data)


class HeldDiscardApi(IntakeView):
    """Leaves held rows out; they stay counted among the held."""

    actions = {"POST": "fact.import"}

    @extend_schema(request=HeldDiscardIn, responses={200: CountOut, 409: ErrorOut, 422: ErrorOut})
    def post(self, request: Request) -> Response:
        given = HeldDiscardIn(data=request.data)
        given.is_valid(raise_exception=True)
        chosen = given.validated_data
        count = held_discard(held_ids=chosen["ids"], reason=chosen["reason"], actor=self.viewer)
        return Response({"count": count})


class AliasOut(serializers.ModelSerializer[Alias]):
    """A remembered name: `alias` of a source means the known key `target_key`."""

    class Meta:
        model = Alias
        fields = ("id", "kind", "source", "alias", "target_key")


class AliasIn(Input):
    """A name to remember; for `industry` and `country` the target is the standard spelling."""

    kind = serializers.CharField(max_length=30)
    source = serializers.CharField(max_length=50)  # type: ignore[assignment]
    alias = serializers.CharField(max_length=200)
    target_key = serializers.CharField(max_length=200)


class AliasListApi(IntakeView, ListAPIView[Alias]):
    """Remembered names; POST accepts one and releases every row that waits for it."""

    actions = {"GET": "quality.view", "POST": "fact.import"}
    serializer_class = AliasOut
    filterset_fields = {"kind": ["exact"], "source": ["exact"]}
    queryset = Alias.objects.order_by("kind", "source", "alias")

    @extend_schema(request=AliasIn, responses={200: ReleasedOut, 422: ErrorOut})
    def post(self, request: Request) -> Response:
        given = AliasIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(ReleasedOut(alias_accept(**given.validated_data, actor=self.viewer)).data)


class WarningOut(serializers.Serializer[Any]):
    """A warning about facts that were accepted."""

    code = serializers.CharField()
    kind = serializers.CharField()
    what = serializers.CharField()
    why = serializers.CharField()
    fix = serializers.CharField()
    count = serializers.IntegerField()
    vocabulary = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    received = serializers.CharField()
    proposals = serializers.ListField(child=serializers.CharField())


class WarningListApi(IntakeView, ListOf):
    """Warnings about facts, computed from what is known now."""

    actions = {"GET": "quality.view"}
    serializer_class = WarningOut

    @extend_schema(operation_id="crm_warnings_list", responses=WarningOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(quality_warnings(self.viewer))


class LineIn(Input):
    """A line of an order. Amounts and numbers are text such as "1234.50"; what can't be read is held and reported."""

    key = serializers.CharField(
        max_length=200, required=False, help_text="Default: the order's key and the line's place."
    )
    product = serializers.CharField(max_length=200, allow_blank=True)
    quantity = serializers.CharField(max_length=40, allow_blank=True)
    list_price = serializers.CharField(max_length=40, required=False, allow_blank=True)
    discount_rate = serializers.CharField(max_length=40, required=False, allow_blank=True, help_text="0.1 is 10 %.")
    net_amount = serializers.CharField(max_length=40, required=False, allow_blank=True)
    cost_amount = serializers.CharField(max_length=40, required=False, allow_blank=True)


class OrderIn(Input):
    """An order by its source key, with its lines."""

    key = serializers.CharField(max_length=200)
    account = serializers.CharField(max_length=200, required=False, allow_blank=True)
    opportunity = serializers.CharField(max_length=200, required=False, allow_blank=True)
    owner = serializers.CharField(max_length=200, required=False, allow_blank=True)
    ordered_on = serializers.CharField(max_length=40, allow_blank=True, help_text="A day such as 2026-01-31.")
    currency = serializers.CharField(max_length=40, allow_blank=True)
    status = serializers.CharField(max_length=50, required=False, allow_blank=True)
    lines = LineIn(many=True, required=False, max_length=LINES_LIMIT)  # type: ignore[call-arg]


class OrdersIn(Input):
    """A batch of orders from one source."""

    source = serializers.CharField(max_length=50)  # type: ignore[assignment]
    orders = OrderIn(many=True, allow_empty=False, max_length=ORDERS_LIMIT)  # type: ignore[call-arg]


class BatchOut(serializers.Serializer[Any]):
    """What became of the rows of a batch; held rows are found under the upload."""

    upload = serializers.UUIDField()
    received = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    held = serializers.IntegerField()
    held_rows = serializers.ListField(child=serializers.DictField())


class OrdersOut(serializers.Serializer[Any]):
    """What became of the orders and of their lines."""

    orders = BatchOut()
    lines = BatchOut(allow_null=True)


class OrdersBulkApi(IntakeView):
    """Creates or changes orders with their lines by source key; bad rows are held and reported, the others are taken."""

    actions = {"POST": "fact.import"}
    throttle_classes = [ImportThrottle]

    @extend_schema(
        request=OrdersIn,
        responses={200: OrdersOut, 409: ErrorOut, 422: ErrorOut},
        parameters=[key_parameter(is_needed=True)],
    )
    def post(self, request: Request) -> Response:
        return answered_once(request, lambda: self._upsert(request), action="fact.import", is_needed=True)

    def _upsert(self, request: Request) -> Response:
        given = OrdersIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        done = orders_upsert(orders=values["orders"], source=values["source"], actor=self.viewer)
        lines = self._batch(done.lines) if done.lines else None
        return Response({"orders": self._batch(done.orders), "lines": lines})

    def _batch(self, upload: Any) -> dict[str, Any]:
        names = ("received", "created", "updated", "unchanged", "held")
        held = held_list(self.viewer, {"upload": str(upload.pk)}).values(
            "id", "key", "column", "value", "code", "reason", "fix"
        )[:500]
        rows = [{**row, "id": str(row["id"])} for row in held]
        return {"upload": str(upload.pk), **{name: getattr(upload, name) for name in names}, "held_rows": rows}
