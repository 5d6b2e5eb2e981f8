"""The approvals API: what waits, what was decided, and deciding."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from spm.approvals.models import ApprovalRequest, ApprovalState, ApprovalStep
from spm.approvals.selectors import approval_list, steps_list
from spm.approvals.services import approval_decide, approval_take_back
from spm.web.api import Input


class TotalOut(serializers.Serializer[Any]):
    """An amount that the asker saw."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name, not the label of the serializer
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()


class ApprovalStepOut(serializers.ModelSerializer[ApprovalStep]):
    """A step: who answers, and the answer; `decided_for_name` is for whom a deputy answered."""

    label = serializers.CharField(source="__str__")  # type: ignore[assignment]  # a field of this name, not the label of the serializer

    class Meta:
        model = ApprovalStep
        fields = (
            "number",
            "label",
            "note",
            "is_approved",
            "decided_by_name",
            "decided_for_name",
            "decided_at",
            "decision",
            "is_single_operator",
        )


class ApprovalRowOut(serializers.ModelSerializer[ApprovalRequest]):
    """A request and how it was decided; `is_single_operator` says that the company's policy let one person do both."""

    totals = TotalOut(many=True)

    class Meta:
        model = ApprovalRequest
        fields = (
            "id",
            "kind",
            "key",
            "title",
            "totals",
            "reason",
            "asked_by_name",
            "asked_at",
            "state",
            "decided_by_name",
            "decided_at",
            "decision",
            "is_single_operator",
        )


class ApprovalOut(ApprovalRowOut):
    """A request with its steps."""

    steps = serializers.SerializerMethodField()

    class Meta(ApprovalRowOut.Meta):
        fields = (*ApprovalRowOut.Meta.fields, "steps")  # type: ignore[assignment]

    @extend_schema_field(ApprovalStepOut(many=True))
    def get_steps(self, request: ApprovalRequest) -> Any:
        """Give the steps in their order."""
        return ApprovalStepOut(steps_list([request])[request.pk], many=True).data


class DecisionIn(Input):
    """Approve or decline; a decline needs a reason. `step` is the number that was shown: another one by now is refused."""

    is_approved = serializers.BooleanField()
    step = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=99)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class WithdrawalIn(Input):
    """Why it is withdrawn; needed."""

    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


DECIDED = "decided"


class ApprovalFilter(django_filters.FilterSet):
    """Requests of a kind and in a state; `decided` are the approved and the declined."""

    state = django_filters.ChoiceFilter(choices=[*ApprovalState.choices, (DECIDED, "Decided")], method="in_state")
    kind = django_filters.CharFilter(max_length=50)

    class Meta:
        model = ApprovalRequest
        fields = ("kind", "state")

    def in_state(self, rows: QuerySet[ApprovalRequest], name: str, state: str) -> QuerySet[ApprovalRequest]:
        """Narrow to a state."""
        return (
            rows.filter(state__in=(ApprovalState.APPROVED, ApprovalState.DECLINED))
            if state == DECIDED
            else rows.filter(state=state)
        )


class ApprovalListApi(ListAPIView[ApprovalRequest]):
    """Requests for approval, latest first."""

    actions = {"GET": "approval.view"}
    serializer_class = ApprovalRowOut
    filterset_class = ApprovalFilter

    def get_queryset(self) -> QuerySet[ApprovalRequest]:
        if getattr(self, "swagger_fake_view", False):
            return ApprovalRequest.objects.none()
        return approval_list(self.request.viewer)  # type: ignore[attr-defined]


class ApprovalApi(RetrieveAPIView[ApprovalRequest]):
    """One request."""

    actions = {"GET": "approval.view"}
    serializer_class = ApprovalOut

    def get_queryset(self) -> QuerySet[ApprovalRequest]:
        if getattr(self, "swagger_fake_view", False):
            return ApprovalRequest.objects.none()
        return approval_list(self.request.viewer)  # type: ignore[attr-defined]


class _RequestDoor(GenericAPIView[ApprovalRequest]):
    """Does something to a request within reach."""

    serializer_class = ApprovalOut
    queryset = ApprovalRequest.objects.none()

    def done(self, pk: UUID, shape: type[Input], do: Callable[..., ApprovalRequest]) -> Response:
        """Do it with what was posted; give the request as it stands then."""
        viewer = self.request.viewer  # type: ignore[attr-defined]
        asked = get_object_or_404(approval_list(viewer), pk=pk)
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return Response(ApprovalOut(do(request_id=asked.pk, actor=viewer, **given.validated_data)).data)


class ApprovalDecisionApi(_RequestDoor):
    """Decides a request, once."""

    actions = {"POST": "approval.decide"}

    @extend_schema(request=DecisionIn, responses=ApprovalOut)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(pk, DecisionIn, approval_decide)


class ApprovalWithdrawalApi(_RequestDoor):
    """Withdraws a request that the caller asked for, while it waits."""

    actions = {"POST": "approval.withdraw"}

    @extend_schema(request=WithdrawalIn, responses=ApprovalOut)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(pk, WithdrawalIn, approval_take_back)
