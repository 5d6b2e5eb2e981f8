"""The API of manual credits: list, ask, take back."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.naming import KEY_OR_ID, deal_named, person_named
from incentives.models import ManualCredit
from incentives.selectors.credits import credit_list
from incentives.services.credits import CreditWish, credit_ask, credit_reverse
from spm.approvals.models import ApprovalState
from spm.web.api import Input


class CreditOut(serializers.ModelSerializer[ManualCredit]):
    """A manual credit; it counts while `state` is approved. `reverses` names the credit that it takes back."""

    state = serializers.ChoiceField(choices=ApprovalState.choices, default=ApprovalState.OPEN)

    class Meta:
        model = ManualCredit
        fields = (
            "id",
            "number",
            "participant",
            "opportunity",
            "measure",
            "amount_minor",
            "currency",
            "credit_on",
            "reason",
            "reverses",
            "asked_by_name",
            "asked_at",
            "state",
        )


class CreditIn(Input):
    """What is asked for."""

    participant = serializers.CharField(max_length=200, help_text=KEY_OR_ID)
    measure = serializers.CharField(max_length=100)
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField(max_length=3, min_length=3)
    credit_on = serializers.DateField()
    reason = serializers.CharField(max_length=1000)
    opportunity = serializers.CharField(
        required=False, allow_null=True, default=None, max_length=200, help_text=KEY_OR_ID
    )


class CreditReasonIn(Input):
    """Why it is taken back."""

    reason = serializers.CharField(max_length=1000)


class CreditListApi(ListAPIView[ManualCredit]):
    """Manual credits within reach, latest first; POST asks for one."""

    actions = {"GET": "credit.view", "POST": "credit.edit"}
    serializer_class = CreditOut

    def get_queryset(self) -> QuerySet[ManualCredit]:
        if getattr(self, "swagger_fake_view", False):
            return ManualCredit.objects.none()
        return credit_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=CreditIn, responses={201: CreditOut})
    def post(self, request: Request) -> Response:
        given = CreditIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        viewer = request.viewer  # type: ignore[attr-defined]
        person = person_named(viewer, values.pop("participant"))
        deal = deal_named(viewer, values.pop("opportunity"), field="opportunity")
        wish = CreditWish(participant_id=person.pk, opportunity_id=deal.pk if deal else None, **values)
        credit = credit_ask(wish=wish, actor=viewer)
        return Response(CreditOut(credit).data, status=status.HTTP_201_CREATED)


class CreditReverseApi(GenericAPIView[ManualCredit]):
    """Asks to take an approved credit back; the answer is the reversal."""

    actions = {"POST": "credit.edit"}
    serializer_class = CreditOut
    queryset = ManualCredit.objects.none()

    @extend_schema(request=CreditReasonIn, responses={201: CreditOut})
    def post(self, request: Request, pk: UUID) -> Response:
        given = CreditReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        credit = get_object_or_404(credit_list(viewer.seeing("credit.view")), pk=pk)
        taken = credit_reverse(credit_id=credit.pk, reason=given.validated_data["reason"], actor=viewer)
        return Response(CreditOut(taken).data, status=status.HTTP_201_CREATED)
