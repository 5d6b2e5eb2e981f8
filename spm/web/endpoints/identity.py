"""API of the company: who I am in it, and its members."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from spm.roles.catalogue import ACTIONS
from spm.roles.policy import Viewer
from spm.roles.selectors import key_list, member_list
from spm.roles.services import key_create, key_revoke
from spm.web.api import Input
from spm.web.listing import ListOf


class PersonOut(serializers.Serializer[Any]):
    """A participant, in short."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class CompanyOut(serializers.Serializer[Any]):
    """The company of the request."""

    slug = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField()
    time_zone = serializers.CharField()
    locale = serializers.CharField()


class MeOut(serializers.Serializer[Any]):
    """Who asks: the company, the roles of today and what they allow."""

    name = serializers.CharField()
    organisation = CompanyOut()
    participant = PersonOut(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    actions = serializers.ListField(child=serializers.CharField())
    read_only = serializers.BooleanField()  # type: ignore[assignment]  # a field of the output
    on = serializers.DateField(help_text="The company's today.")


class MemberOut(serializers.Serializer[Any]):
    """A member with the roles of today."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    email = serializers.EmailField()
    is_active = serializers.BooleanField()
    roles = serializers.ListField(child=serializers.CharField())
    participant = PersonOut(allow_null=True)


class KeyOut(serializers.Serializer[Any]):
    """A service key, without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    rights = serializers.ListField(child=serializers.CharField())
    read_only = serializers.BooleanField()  # type: ignore[assignment]  # a field of the output
    note = serializers.CharField()
    made_by = serializers.CharField(source="user")
    made_at = serializers.DateTimeField(source="created")
    valid_until = serializers.DateTimeField(source="expiry")
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the hour.")


class KeySecretOut(serializers.Serializer[Any]):
    """A service key with its secret, which is shown this once."""

    key = KeyOut()
    secret = serializers.CharField()


class KeyIn(Input):
    """What a machine is called, what it may, and its last day."""

    name = serializers.CharField(max_length=100)
    rights = serializers.ListField(child=serializers.CharField(max_length=50), max_length=200)
    last_on = serializers.DateField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class MeView(APIView):
    """Who asks."""

    actions = {"GET": "home.view"}

    @extend_schema(operation_id="company_me", responses=MeOut)
    def get(self, request: Request) -> Response:
        """Tell who asks, in which company, with which roles, and what they allow."""
        viewer: Viewer = request.viewer  # type: ignore[attr-defined]
        values = {
            "name": viewer.name,
            "organisation": viewer.organisation,
            "participant": viewer.participant,
            "roles": sorted(viewer.roles),
            "actions": [action for action in ACTIONS if viewer.can(action)],
            "read_only": viewer.is_read_only,
            "on": viewer.on,
        }
        return Response(MeOut(values).data)


class MemberListView(ListOf):
    """The members of the company."""

    actions = {"GET": "member.view"}
    serializer_class = MemberOut

    @extend_schema(operation_id="company_members", responses=MemberOut(many=True))
    def get(self, request: Request) -> Response:
        """List who may sign in to the company, with the roles of today."""
        return self.pages(member_list(request.viewer))  # type: ignore[attr-defined]


class KeyListView(ListOf):
    """The company's service keys."""

    actions = {"GET": "key.view", "POST": "key.edit"}
    serializer_class = KeyOut

    @extend_schema(operation_id="company_key_create", request=KeyIn, responses={201: KeySecretOut})
    def post(self, request: Request) -> Response:
        """Make a key; the answer holds its secret, this once. A key can't make keys."""
        given = KeyIn(data=request.data)
        given.is_valid(raise_exception=True)
        key, secret = key_create(actor=request.viewer, **given.validated_data)  # type: ignore[attr-defined]
        shown = key_list(request.viewer).get(pk=key.pk)  # type: ignore[attr-defined]
        return Response(KeySecretOut({"key": shown, "secret": secret}).data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="company_keys", responses=KeyOut(many=True))
    def get(self, request: Request) -> Response:
        """List the service keys with what they may and when they were last used."""
        return self.pages(key_list(request.viewer))  # type: ignore[attr-defined]


class KeyView(APIView):
    """One service key."""

    actions = {"DELETE": "key.edit"}

    @extend_schema(operation_id="company_key_revoke", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke a key: the machine is refused with the next request."""
        key_revoke(key_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)
