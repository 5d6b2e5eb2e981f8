"""The API of manual adjustments: list, ask for several at once, approve, reverse."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.naming import KEY_OR_ID, PERIOD_KEY_OR_ID, places_named
from incentives.models import Adjustment, AdjustmentBatch, AdjustmentReason
from incentives.selectors.adjustments import adjustment_list, batch_list, batch_warnings
from incentives.services.adjustments import AdjustmentWish, adjustment_reverse, adjustments_approve, adjustments_ask
from spm.approvals.models import ApprovalState
from spm.crm.row_files import ROWS
from spm.roles.policy import Viewer
from spm.web.api import Input
from spm.web.findings import FindingOut, findings_data
from spm.web.repeats import answered_once, key_parameter


class AdjustmentOut(serializers.ModelSerializer[Adjustment]):
    """An adjustment; it counts once it is posted. `reverses` names the one that it takes back."""

    state = serializers.ChoiceField(choices=ApprovalState.choices, default=ApprovalState.OPEN)
    is_posted = serializers.BooleanField(default=False)

    class Meta:
        model = Adjustment
        fields = (
            "id", "batch", "line", "participant", "period", "plan", "component", "amount_minor", "currency", "reason_code", "reason",
            "reverses", "state", "is_posted",
        )  # fmt: skip


class BatchOut(serializers.ModelSerializer[AdjustmentBatch]):
    """What is approved and posted together."""

    class Meta:
        model = AdjustmentBatch
        fields = ("id", "number", "title", "asked_by_name", "asked_at")


class AskedOut(BatchOut):
    """What was asked for, with what is seldom meant; it waits for approval all the same."""

    warnings = FindingOut(many=True)

    class Meta(BatchOut.Meta):
        fields = (*BatchOut.Meta.fields, "warnings")  # type: ignore[assignment]


class ApprovedOut(serializers.Serializer[Any]):
    """What could not be posted yet, in words; nothing where all was."""

    findings = FindingOut(many=True)


class WishIn(Input):
    """One adjustment."""

    participant = serializers.CharField(max_length=200, help_text=KEY_OR_ID)
    period = serializers.CharField(max_length=40, help_text=PERIOD_KEY_OR_ID)
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField(max_length=3, min_length=3)
    reason_code = serializers.ChoiceField(choices=AdjustmentReason.choices)
    reason = serializers.CharField(max_length=1000)
    plan = serializers.CharField(required=False, allow_null=True, default=None, max_length=100, help_text=KEY_OR_ID)
    component = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)


class BatchIn(Input):
    """What is asked for together."""

    title = serializers.CharField(max_length=200)
    lines = WishIn(many=True, allow_empty=False, max_length=ROWS)  # type: ignore[call-arg]  # the stubs lack it


class AdjustmentReasonIn(Input):
    """Why."""

    reason = serializers.CharField(max_length=1000)


class AdjustmentListApi(ListAPIView[Adjustment]):
    """Adjustments within reach, latest first; POST asks for some that are approved and posted together."""

    actions = {"GET": "adjustment.view", "POST": "adjustment.edit"}
    serializer_class = AdjustmentOut
    filterset_fields = {"batch": ["exact"], "participant": ["exact"], "period": ["exact"], "period__key": ["exact"]}

    def get_queryset(self) -> QuerySet[Adjustment]:
        if getattr(self, "swagger_fake_view", False):
            return Adjustment.objects.none()
        return adjustment_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=BatchIn, responses={201: AskedOut}, parameters=[key_parameter(is_needed=False)])
    def post(self, request: Request) -> Response:
        return answered_once(request, lambda: self._ask(request), action="adjustment.edit")

    def _ask(self, request: Request) -> Response:
        given = BatchIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        wishes = _wishes(viewer, given.validated_data["lines"])
        batch = adjustments_ask(wishes=wishes, title=given.validated_data["title"], actor=viewer)
        warnings = findings_data(batch_warnings(Adjustment.objects.filter(batch=batch), on=viewer.on))
        return Response(BatchOut(batch).data | {"warnings": warnings}, status=status.HTTP_201_CREATED)


def _wishes(viewer: Viewer, lines: list[dict[str, Any]]) -> list[AdjustmentWish]:
    """Give what the lines ask for; each unknown name is the error of its line."""
    named, wishes, errors = places_named(viewer, lines), [], {}
    for place, line in enumerate(lines):
        try:
            wishes.append(_wish(named, line))
        except serializers.ValidationError as error:
            errors[str(place)] = error.detail
    if errors:
        raise serializers.ValidationError({"lines": errors})
    return wishes


def _wish(named: dict[str, Callable[[str], Any]], line: dict[str, Any]) -> AdjustmentWish:
    return AdjustmentWish(
        participant_id=named["participant"](line["participant"]).pk,
        period_id=named["period"](line["period"]).pk,
        plan_id=named["plan"](line["plan"]).pk if line["plan"] else None,
        **{name: line[name] for name in ("amount_minor", "currency", "reason_code", "reason", "component")},
    )


class AdjustmentApproveApi(GenericAPIView[AdjustmentBatch]):
    """Approves what was asked for together, and posts it."""

    actions = {"POST": "adjustment.approve"}
    serializer_class = ApprovedOut
    queryset = AdjustmentBatch.objects.none()

    @extend_schema(request=None, responses=ApprovedOut)
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        batch = get_object_or_404(batch_list(viewer.seeing("adjustment.view")), pk=pk)
        findings = adjustments_approve(batch_id=batch.pk, actor=viewer)
        return Response({"findings": findings_data(findings)})


class AdjustmentReverseApi(GenericAPIView[Any]):
    """Asks for the opposite of an adjustment."""

    actions = {"POST": "adjustment.edit"}
    serializer_class = BatchOut
    queryset = Adjustment.objects.none()

    @extend_schema(request=AdjustmentReasonIn, responses={201: BatchOut})
    def post(self, request: Request, pk: UUID) -> Response:
        given = AdjustmentReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        one = get_object_or_404(adjustment_list(viewer.seeing("adjustment.view")), pk=pk)
        batch = adjustment_reverse(adjustment_id=one.pk, reason=given.validated_data["reason"], actor=viewer)
        return Response(BatchOut(batch).data, status=status.HTTP_201_CREATED)
