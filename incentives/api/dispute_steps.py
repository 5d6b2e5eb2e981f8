"""The API of the steps of a dispute: said, withdrawn, reopened; assigned, answered, accepted, rejected, mended."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.disputes import DisputeSaidIn, DisputeStepOut
from incentives.models import DisputeEvent, DisputeFix, DisputeReason
from incentives.selectors.disputes import dispute_list
from incentives.services.dispute_answers import (
    Fix,
    dispute_accept,
    dispute_answer,
    dispute_assign,
    dispute_mend,
    dispute_reject,
)
from incentives.services.disputes import dispute_reopen, dispute_say, dispute_withdraw
from spm.web.api import Input


class DisputeAssignIn(Input):
    """The user who answers; null: nobody."""

    assignee = serializers.IntegerField(allow_null=True)


class DisputeFixIn(DisputeSaidIn):
    """What mends it: `adjustment` with `amount_minor` to ask for one or the key of a batch, `credit`, `source`, or `nothing`."""

    fix = serializers.ChoiceField(choices=DisputeFix.choices)
    amount_minor = serializers.IntegerField(required=False, allow_null=True, default=None)
    adjustment = serializers.UUIDField(required=False, allow_null=True, default=None)
    credit = serializers.UUIDField(required=False, allow_null=True, default=None)
    deal = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)

    def fix_given(self) -> Fix:
        """Give the fix."""
        given = self.validated_data
        return Fix(given["fix"], given["amount_minor"], given["adjustment"], given["credit"], given["deal"])


class DisputeRejectIn(DisputeSaidIn):
    """The reason in words, and the root cause."""

    cause = serializers.ChoiceField(choices=DisputeReason.choices)


class DisputeAcceptIn(DisputeFixIn):
    """The reason in words, the root cause, and what mends it."""

    cause = serializers.ChoiceField(choices=DisputeReason.choices)


class _StepApi(GenericAPIView[DisputeEvent]):
    """One step of a dispute."""

    serializer_class = DisputeStepOut
    queryset = DisputeEvent.objects.none()
    input_class: ClassVar[type[Input]] = DisputeSaidIn

    def done(self, request: Request, pk: UUID) -> Response:
        """Look for the dispute, read what was given, and do it."""
        viewer = request.viewer  # type: ignore[attr-defined]
        get_object_or_404(dispute_list(viewer), pk=pk)
        given = self.input_class(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(DisputeStepOut(self.take(pk, given, viewer)).data, status=status.HTTP_201_CREATED)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        """Do it."""
        raise NotImplementedError


class DisputeSayApi(_StepApi):
    """Adds to a dispute on the side of who raised it."""

    actions = {"POST": "dispute.raise"}
    input_class = DisputeSaidIn

    @extend_schema(request=DisputeSaidIn, responses={201: DisputeStepOut})
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(request, pk)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_say(dispute_id=pk, said=given.said(), actor=viewer)


class DisputeWithdrawApi(_StepApi):
    """Takes a dispute back."""

    actions = {"POST": "dispute.raise"}
    input_class = DisputeSaidIn

    @extend_schema(request=DisputeSaidIn, responses={201: DisputeStepOut})
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(request, pk)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_withdraw(dispute_id=pk, said=given.said(), actor=viewer)


class DisputeReopenApi(_StepApi):
    """Opens a closed dispute again."""

    actions = {"POST": "dispute.raise"}
    input_class = DisputeSaidIn

    @extend_schema(request=DisputeSaidIn, responses={201: DisputeStepOut})
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(request, pk)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_reopen(dispute_id=pk, said=given.said(), actor=viewer)


class DisputeAnswerApi(_StepApi):
    """Answers a dispute, which then waits for who raised it."""

    actions = {"POST": "dispute.answer"}
    input_class = DisputeSaidIn

    @extend_schema(request=DisputeSaidIn, responses={201: DisputeStepOut})
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(request, pk)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_answer(dispute_id=pk, said=given.said(), actor=viewer)


class DisputeAssignApi(_StepApi):
    """Gives a dispute to somebody who may answer it."""

    actions = {"POST": "dispute.answer"}
    input_class = DisputeAssignIn

    @extend_schema(request=DisputeAssignIn, responses={201: DisputeStepOut})
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(request, pk)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_assign(dispute_id=pk, user_id=given.validated_data["assignee"], actor=viewer)


class DisputeAcceptApi(_StepApi):
    """Accepts a dispute."""

    actions = {"POST": "dispute.answer"}
    input_class = DisputeAcceptIn

    @extend_schema(request=DisputeAcceptIn, responses={201: DisputeStepOut})
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(request, pk)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_accept(
            dispute_id=pk, cause=given.validated_data["cause"], said=given.said(), fix=given.fix_given(), actor=viewer
        )


class DisputeRejectApi(_StepApi):
    """Rejects a dispute."""

    actions = {"POST": "dispute.answer"}
    input_class = DisputeRejectIn

    @extend_schema(request=DisputeRejectIn, responses={201: DisputeStepOut})
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(request, pk)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_reject(dispute_id=pk, cause=given.validated_data["cause"], said=given.said(), actor=viewer)


class DisputeMendApi(_StepApi):
    """Names what mends an accepted dispute."""

    actions = {"POST": "dispute.answer"}
    input_class = DisputeFixIn

    @extend_schema(request=DisputeFixIn, responses={201: DisputeStepOut})
    def post(self, request: Request, pk: UUID) -> Response:
        return self.done(request, pk)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_mend(dispute_id=pk, said=given.said(), fix=given.fix_given(), actor=viewer)
