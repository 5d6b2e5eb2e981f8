"""The API of holds of pay by hand: list, ask, approve, release."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.naming import KEY_OR_ID, deal_named, person_named, plan_named
from incentives.models import Hold
from incentives.selectors.holds import hold_get, hold_list
from incentives.services.holds import HoldWish, hold_approve, hold_ask, hold_release_ask
from spm.approvals.models import ApprovalState
from spm.web.api import Input
from spm.web.findings import FindingOut, findings_data


class HoldOut(serializers.ModelSerializer[Hold]):
    """A hold; it holds once `state` is approved, until `is_over`. Without a person it holds everybody's."""

    state = serializers.ChoiceField(choices=ApprovalState.choices, default=ApprovalState.OPEN)
    is_over = serializers.BooleanField(default=False)
    is_ending = serializers.BooleanField(default=False)

    class Meta:
        model = Hold
        fields = (
            "id", "number", "participant", "plan", "component", "deal", "starts_on", "reason", "asked_by_name", "asked_at", "state",
            "is_over", "is_ending",
        )  # fmt: skip


class KeptOut(serializers.Serializer[Any]):
    """What a hold keeps of a person in one currency, minor units."""

    participant = serializers.UUIDField()
    name = serializers.CharField()
    currency = serializers.CharField()
    amount_minor = serializers.IntegerField()


class HoldDetailOut(HoldOut):
    """A hold with what it keeps of each person."""

    kept = KeptOut(many=True)

    class Meta(HoldOut.Meta):
        fields = (*HoldOut.Meta.fields, "kept")  # type: ignore[assignment]


class HoldApprovedOut(serializers.Serializer[Any]):
    """What could not be posted yet, in words; nothing where all was."""

    findings = FindingOut(many=True)


class HoldIn(Input):
    """Whose pay is held, from which day, and why. Name a person, a plan, a deal, or several of them."""

    participant = serializers.CharField(
        required=False, allow_null=True, default=None, max_length=200, help_text=KEY_OR_ID
    )
    plan = serializers.CharField(required=False, allow_null=True, default=None, max_length=100, help_text=KEY_OR_ID)
    component = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    deal = serializers.CharField(required=False, allow_null=True, default=None, max_length=200, help_text=KEY_OR_ID)
    starts_on = serializers.DateField()
    reason = serializers.CharField(max_length=1000)


class HoldReleaseIn(Input):
    """Why it is released."""

    reason = serializers.CharField(max_length=1000)


class HoldListApi(ListAPIView[Hold]):
    """Holds within reach, latest first; POST asks for one, which holds once it is approved."""

    actions = {"GET": "hold.view", "POST": "hold.edit"}
    serializer_class = HoldOut

    def get_queryset(self) -> QuerySet[Hold]:
        if getattr(self, "swagger_fake_view", False):
            return Hold.objects.none()
        return hold_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=HoldIn, responses={201: HoldOut})
    def post(self, request: Request) -> Response:
        given = HoldIn(data=request.data)
        given.is_valid(raise_exception=True)
        values, viewer = given.validated_data, request.viewer  # type: ignore[attr-defined]
        deal = deal_named(viewer, values["deal"])
        wish = HoldWish(
            participant_id=person_named(viewer, values["participant"]).pk if values["participant"] else None,
            plan_id=plan_named(viewer, values["plan"]).pk if values["plan"] else None,
            component=values["component"],
            starts_on=values["starts_on"],
            reason=values["reason"],
            deal_id=deal.pk if deal else None,
        )
        hold = hold_ask(wish=wish, actor=viewer)
        return Response(HoldOut(hold_list(viewer).get(pk=hold.pk)).data, status=status.HTTP_201_CREATED)


class HoldApi(GenericAPIView[Hold]):
    """A hold with what it keeps."""

    actions = {"GET": "hold.view"}
    serializer_class = HoldDetailOut
    queryset = Hold.objects.none()

    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        detail = hold_get(viewer, get_object_or_404(hold_list(viewer), pk=pk))
        kept = [dict(zip(("participant", "name", "currency", "amount_minor"), row, strict=True)) for row in detail.kept]
        return Response({**HoldOut(detail.hold).data, "kept": KeptOut(kept, many=True).data})


class HoldApproveApi(GenericAPIView[Any]):
    """Approves a hold, or its release where that waits, and posts what follows."""

    actions = {"POST": "hold.approve"}
    serializer_class = HoldApprovedOut
    queryset = Hold.objects.none()

    @extend_schema(request=None, responses=HoldApprovedOut)
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        hold = get_object_or_404(hold_list(viewer.seeing("hold.view")), pk=pk)
        findings = hold_approve(hold_id=hold.pk, actor=viewer)
        return Response({"findings": findings_data(findings)})


class HoldReleaseApi(GenericAPIView[Any]):
    """Asks that what a hold keeps is released; it is once that is approved."""

    actions = {"POST": "hold.edit"}
    serializer_class = HoldOut
    queryset = Hold.objects.none()

    @extend_schema(request=HoldReleaseIn, responses={201: HoldOut})
    def post(self, request: Request, pk: UUID) -> Response:
        given = HoldReleaseIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer.seeing("hold.view")  # type: ignore[attr-defined]
        hold = get_object_or_404(hold_list(viewer), pk=pk)
        hold_release_ask(hold_id=hold.pk, reason=given.validated_data["reason"], actor=viewer)
        return Response(HoldOut(hold_list(viewer).get(pk=hold.pk)).data, status=status.HTTP_201_CREATED)
