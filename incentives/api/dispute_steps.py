"""The API of the steps of a dispute: said, withdrawn, reopened; assigned, answered, accepted, rejected, mended."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
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
    """One step of a dispute: looks for it, reads what was given, and does it."""

    serializer_class = DisputeStepOut
    queryset = DisputeEvent.objects.none()
    input_class: ClassVar[type[Input]] = DisputeSaidIn

    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        get_object_or_404(dispute_list(viewer.acting("dispute.view")), pk=pk)
        given = self.input_class(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(DisputeStepOut(self.take(pk, given, viewer)).data, status=status.HTTP_201_CREATED)

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        """Do it."""
        raise NotImplementedError


def _takes(shape: type[Input]) -> Callable[[type[_StepApi]], type[_StepApi]]:
    """Describe what a step is given and gives."""
    return extend_schema_view(post=extend_schema(request=shape, responses={201: DisputeStepOut}))


@_takes(DisputeSaidIn)
class DisputeSayApi(_StepApi):
    """Adds to a dispute on the side of who raised it."""

    actions = {"POST": "dispute.raise"}

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_say(dispute_id=pk, said=given.said(), actor=viewer)


@_takes(DisputeSaidIn)
class DisputeWithdrawApi(_StepApi):
    """Takes a dispute back."""

    actions = {"POST": "dispute.raise"}

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_withdraw(dispute_id=pk, said=given.said(), actor=viewer)


@_takes(DisputeSaidIn)
class DisputeReopenApi(_StepApi):
    """Opens a closed dispute again."""

    actions = {"POST": "dispute.raise"}

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_reopen(dispute_id=pk, said=given.said(), actor=viewer)


@_takes(DisputeSaidIn)
class DisputeAnswerApi(_StepApi):
    """Answers a dispute, which then waits for who raised it."""

    actions = {"POST": "dispute.answer"}

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_answer(dispute_id=pk, said=given.said(), actor=viewer)


@_takes(DisputeAssignIn)
class DisputeAssignApi(_StepApi):
    """Gives a dispute to somebody who may answer it."""

    actions = {"POST": "dispute.answer"}
    input_class = DisputeAssignIn

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_assign(dispute_id=pk, user_id=given.validated_data["assignee"], actor=viewer)


@_takes(DisputeAcceptIn)
class DisputeAcceptApi(_StepApi):
    """Accepts a dispute."""

    actions = {"POST": "dispute.answer"}
    input_class = DisputeAcceptIn

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_accept(
            dispute_id=pk, cause=given.validated_data["cause"], said=given.said(), fix=given.fix_given(), actor=viewer
        )


@_takes(DisputeRejectIn)
class DisputeRejectApi(_StepApi):
    """Rejects a dispute."""

    actions = {"POST": "dispute.answer"}
    input_class = DisputeRejectIn

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_reject(dispute_id=pk, cause=given.validated_data["cause"], said=given.said(), actor=viewer)


@_takes(DisputeFixIn)
class DisputeMendApi(_StepApi):
    """Names what mends an accepted dispute."""

    actions = {"POST": "dispute.answer"}
    input_class = DisputeFixIn

    def take(self, pk: UUID, given: Any, viewer: Any) -> DisputeEvent:
        return dispute_mend(dispute_id=pk, said=given.said(), fix=given.fix_given(), actor=viewer)
