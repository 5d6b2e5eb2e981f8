"""API of webhooks: where they go, what was sent, and sending again."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from spm.hooks.models import KINDS, Attempt, Delivery, Endpoint
from spm.hooks.selectors import attempt_list, delivery_list, endpoint_list
from spm.hooks.services.deliveries import delivery_replay
from spm.hooks.services.endpoints import (
    endpoint_change,
    endpoint_create,
    endpoint_delete,
    endpoint_switch,
    secret_rotate,
)
from spm.hooks.services.events import event_test
from spm.web.api import Input


class HookOut(serializers.ModelSerializer[Endpoint]):
    """An endpoint, without its secret; `off_reason` says why nothing is sent now."""

    kinds = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Endpoint
        fields = ("id", "url", "kinds", "note", "is_active", "off_reason", "made_by_name", "created_at", "deleted_at")


class HookSecretOut(serializers.Serializer[Any]):
    """An endpoint with its new secret, which is shown this once."""

    endpoint = HookOut()
    secret = serializers.CharField()


class HookIn(Input):
    """Where to, and what of."""

    url = serializers.CharField(max_length=500)
    kinds = serializers.ListField(child=serializers.CharField(max_length=30), max_length=len(KINDS))
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class SwitchIn(Input):
    """On or off."""

    is_active = serializers.BooleanField()


class DeliveryOut(serializers.ModelSerializer[Delivery]):
    """One event for one endpoint, with its last attempt; `next_at` counts while it waits."""

    kind = serializers.CharField(source="event.kind")
    happened_at = serializers.DateTimeField(source="event.created_at")
    body = serializers.CharField(source="event.body")
    last_at = serializers.DateTimeField(allow_null=True)
    last_status = serializers.IntegerField(allow_null=True)
    last_fault = serializers.CharField(allow_null=True)

    class Meta:
        model = Delivery
        fields = (
            "id",
            "kind",
            "happened_at",
            "state",
            "tries",
            "next_at",
            "last_at",
            "last_status",
            "last_fault",
            "replayed_by_name",
            "body",
        )


class AttemptOut(serializers.ModelSerializer[Attempt]):
    """One attempt: the answer's status, or why there was none."""

    kind = serializers.CharField(source="delivery.event.kind")

    class Meta:
        model = Attempt
        fields = ("id", "delivery", "kind", "at", "status", "fault", "milliseconds")


class HookListApi(ListAPIView[Endpoint]):
    """The company's endpoints."""

    actions = {"GET": "hook.view", "POST": "hook.edit"}
    serializer_class = HookOut

    def get_queryset(self) -> QuerySet[Endpoint]:
        if getattr(self, "swagger_fake_view", False):
            return Endpoint.objects.none()
        return endpoint_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=HookIn, responses={201: HookSecretOut})
    def post(self, request: Request) -> Response:
        """Make an endpoint; the answer holds its secret, this once."""
        wish = HookIn(data=request.data)
        wish.is_valid(raise_exception=True)
        endpoint, secret = endpoint_create(actor=request.viewer, **wish.validated_data)  # type: ignore[attr-defined]
        return Response(HookSecretOut({"endpoint": endpoint, "secret": secret}).data, status=status.HTTP_201_CREATED)


class HookApi(GenericAPIView[Endpoint]):
    """One endpoint."""

    actions = {"GET": "hook.view", "PUT": "hook.edit", "DELETE": "hook.edit"}
    serializer_class = HookOut
    queryset = Endpoint.objects.none()

    def get(self, request: Request, pk: UUID) -> Response:
        return Response(HookOut(get_object_or_404(endpoint_list(request.viewer), pk=pk)).data)  # type: ignore[attr-defined]

    @extend_schema(request=HookIn, responses=HookOut)
    def put(self, request: Request, pk: UUID) -> Response:
        """Change where it is and what it wants; its secret stays."""
        endpoint = get_object_or_404(endpoint_list(request.viewer), pk=pk)  # type: ignore[attr-defined]
        wish = HookIn(data=request.data)
        wish.is_valid(raise_exception=True)
        actor = request.viewer  # type: ignore[attr-defined]
        return Response(HookOut(endpoint_change(endpoint_id=endpoint.pk, actor=actor, **wish.validated_data)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it; what was sent to it stays to be read."""
        endpoint = get_object_or_404(endpoint_list(request.viewer), pk=pk)  # type: ignore[attr-defined]
        endpoint_delete(endpoint_id=endpoint.pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


class HookTestApi(GenericAPIView[Endpoint]):
    """Tries an endpoint."""

    actions = {"POST": "hook.edit"}
    serializer_class = HookOut
    queryset = Endpoint.objects.none()

    @extend_schema(request=None, responses={202: HookOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Send an event of the kind endpoint.test, which tells of nothing but the endpoint."""
        endpoint = get_object_or_404(endpoint_list(request.viewer), pk=pk)  # type: ignore[attr-defined]
        event_test(endpoint_id=endpoint.pk, path=reverse("api_hook", args=[pk]), actor=request.viewer)  # type: ignore[attr-defined]
        return Response(HookOut(endpoint).data, status=status.HTTP_202_ACCEPTED)


class HookSecretApi(GenericAPIView[Endpoint]):
    """Changes the secret of an endpoint."""

    actions = {"POST": "hook.edit"}
    serializer_class = HookSecretOut
    queryset = Endpoint.objects.none()

    @extend_schema(request=None, responses=HookSecretOut)
    def post(self, request: Request, pk: UUID) -> Response:
        """Give another secret, shown this once; for a day messages are signed with both."""
        endpoint, secret = secret_rotate(endpoint_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(HookSecretOut({"endpoint": endpoint, "secret": secret}).data)


class HookSwitchApi(GenericAPIView[Endpoint]):
    """Switches an endpoint on or off."""

    actions = {"POST": "hook.edit"}
    serializer_class = HookOut
    queryset = Endpoint.objects.none()

    @extend_schema(request=SwitchIn, responses=HookOut)
    def post(self, request: Request, pk: UUID) -> Response:
        endpoint = get_object_or_404(endpoint_list(request.viewer), pk=pk)  # type: ignore[attr-defined]
        wish = SwitchIn(data=request.data)
        wish.is_valid(raise_exception=True)
        actor = request.viewer  # type: ignore[attr-defined]
        return Response(HookOut(endpoint_switch(endpoint_id=endpoint.pk, actor=actor, **wish.validated_data)).data)


class DeliveryListApi(ListAPIView[Delivery]):
    """What was or will be sent to an endpoint, latest first."""

    actions = {"GET": "hook.view"}
    serializer_class = DeliveryOut

    def get_queryset(self) -> QuerySet[Delivery]:
        if getattr(self, "swagger_fake_view", False):
            return Delivery.objects.none()
        viewer = self.request.viewer  # type: ignore[attr-defined]
        return delivery_list(viewer, get_object_or_404(endpoint_list(viewer), pk=self.kwargs["pk"]).pk)


class AttemptListApi(ListAPIView[Attempt]):
    """Every attempt at an endpoint, latest first."""

    actions = {"GET": "hook.view"}
    serializer_class = AttemptOut

    def get_queryset(self) -> QuerySet[Attempt]:
        if getattr(self, "swagger_fake_view", False):
            return Attempt.objects.none()
        viewer = self.request.viewer  # type: ignore[attr-defined]
        return attempt_list(viewer, get_object_or_404(endpoint_list(viewer), pk=self.kwargs["pk"]).pk)


class ReplayApi(GenericAPIView[Delivery]):
    """Sends an event again."""

    actions = {"POST": "hook.edit"}
    serializer_class = DeliveryOut
    queryset = Delivery.objects.none()

    @extend_schema(request=None, responses={202: DeliveryOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Send an event once more, with its own id."""
        viewer = request.viewer  # type: ignore[attr-defined]
        delivery = delivery_replay(delivery_id=pk, actor=viewer)
        shown = delivery_list(viewer, delivery.endpoint_id).get(pk=pk)
        return Response(DeliveryOut(shown).data, status=status.HTTP_202_ACCEPTED)
