"""The API of opening balances: list, approve, take back, release. A file brings them in (`files.py`)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.models import OpeningBalance, OpeningBatch
from incentives.selectors.openings import opening_batches, opening_list
from incentives.services.openings import opening_release, opening_reverse, openings_approve
from spm.approvals.models import ApprovalState
from spm.web.api import Input
from spm.web.findings import FindingOut, findings_data


class OpeningOut(serializers.ModelSerializer[OpeningBalance]):
    """What a person brought in; it counts once it is posted, until its batch is taken back.

    `credit_value` and `quota_value` are in minor units, or in ten thousandths where the component counts anything else than money.
    """

    state = serializers.ChoiceField(choices=ApprovalState.choices, default=ApprovalState.OPEN)
    is_posted = serializers.BooleanField(default=False)
    is_released = serializers.BooleanField(default=False)
    is_reversed = serializers.BooleanField(default=False)

    class Meta:
        model = OpeningBalance
        fields = (
            "id", "batch", "line", "participant", "period", "plan", "component", "currency", "payable_minor", "held_minor",
            "held_reason", "draw_minor", "paid_minor", "credit_value", "quota_value", "target_minor",
            "state", "is_posted", "is_released", "is_reversed",
        )  # fmt: skip


class OpeningBatchOut(serializers.ModelSerializer[OpeningBatch]):
    """What is approved and posted together; `reverses` names the one that it takes back."""

    class Meta:
        model = OpeningBatch
        fields = ("id", "number", "title", "digest", "reverses", "asked_by_name", "asked_at")


class OpeningApprovedOut(serializers.Serializer[Any]):
    """What could not be posted, in words; nothing where all was."""

    findings = FindingOut(many=True)


class OpeningReleasedOut(serializers.Serializer[Any]):
    """The journal that released it."""

    journal = serializers.UUIDField()


class OpeningReasonIn(Input):
    """Why."""

    reason = serializers.CharField(max_length=200)


class OpeningListApi(ListAPIView[OpeningBalance]):
    """Opening balances within reach, latest first."""

    actions = {"GET": "opening.view"}
    serializer_class = OpeningOut

    def get_queryset(self) -> QuerySet[OpeningBalance]:
        if getattr(self, "swagger_fake_view", False):
            return OpeningBalance.objects.none()
        return opening_list(self.request.viewer)  # type: ignore[attr-defined]


class OpeningApproveApi(GenericAPIView[OpeningBatch]):
    """Approves what was brought in together, and posts it."""

    actions = {"POST": "opening.approve"}
    serializer_class = OpeningApprovedOut
    queryset = OpeningBatch.objects.none()

    @extend_schema(request=None, responses=OpeningApprovedOut)
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        batch = get_object_or_404(opening_batches(viewer.seeing("opening.view")), pk=pk)
        findings = openings_approve(batch_id=batch.pk, actor=viewer)
        return Response({"findings": findings_data(findings)})


class OpeningReverseApi(GenericAPIView[OpeningBatch]):
    """Asks to take a batch back as a whole."""

    actions = {"POST": "opening.edit"}
    serializer_class = OpeningBatchOut
    queryset = OpeningBatch.objects.none()

    @extend_schema(request=OpeningReasonIn, responses={201: OpeningBatchOut})
    def post(self, request: Request, pk: UUID) -> Response:
        given = OpeningReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        batch = get_object_or_404(opening_batches(viewer.seeing("opening.view")), pk=pk)
        back = opening_reverse(batch_id=batch.pk, reason=given.validated_data["reason"], actor=viewer)
        return Response(OpeningBatchOut(back).data, status=status.HTTP_201_CREATED)


class OpeningReleaseApi(GenericAPIView[OpeningBalance]):
    """Releases what was held when it was brought in."""

    actions = {"POST": "opening.approve"}
    serializer_class = OpeningReleasedOut
    queryset = OpeningBalance.objects.none()

    @extend_schema(request=OpeningReasonIn, responses=OpeningReleasedOut)
    def post(self, request: Request, pk: UUID) -> Response:
        given = OpeningReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        one = get_object_or_404(opening_list(viewer.seeing("opening.view")), pk=pk)
        journal = opening_release(balance_id=one.pk, reason=given.validated_data["reason"], actor=viewer)
        return Response({"journal": journal.pk})
