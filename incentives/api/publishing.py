"""The API of publishing a version: what it would replace, and the publication."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.plans import VersionOut, version_data
from incentives.models import PlanVersion
from incentives.selectors.plans import version_rows
from incentives.selectors.replacing import Replacement, replacing_preview
from incentives.services.lifecycle import plan_publish
from spm.web.api import Input


class PublishIn(Input):
    """What is published, and what it may do besides."""

    accept = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=2000,
        help_text="Under the single-operator policy: why rates over 1,000 % are right.",
    )
    replaces = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Whether it may end published versions whose days it shares; without it such a version is refused.",
    )


class RatedAgainOut(serializers.Serializer[Any]):
    """A period that is rated again. One that `is_closed` keeps its books: the difference is a prior-period adjustment."""

    key = serializers.CharField()
    is_calculated = serializers.BooleanField()
    is_closed = serializers.BooleanField(source="is_shut")


class ReplacedOut(serializers.Serializer[Any]):
    """A published version that ends on `start`, or is retired; whom that concerns, and which periods are rated again.

    From `unpaid_from` on the plan pays nobody, because the new version ends earlier than the one it replaces.
    """

    number = serializers.IntegerField()
    start = serializers.DateField()
    until = serializers.DateField()
    is_retired = serializers.BooleanField()
    unpaid_from = serializers.DateField(allow_null=True)
    who = serializers.ListField(child=serializers.CharField(), help_text="Titles, positions and people on the plan.")
    periods = RatedAgainOut(many=True)


class PublishPreviewOut(serializers.Serializer[Any]):
    """What publishing the version would replace; an empty list where it shares no day with a published version."""

    replaces = ReplacedOut(many=True)


class VersionPublishApi(GenericAPIView[PlanVersion]):
    """Publishes a version that was approved, or, under the single-operator policy, approves and publishes it.

    What a second person would have been shown is then computed with it and kept: see `shown`. GET says what it would replace.
    """

    actions = {"GET": "whatif.view", "POST": "plan.publish"}
    serializer_class = VersionOut
    queryset = PlanVersion.objects.none()

    @extend_schema(responses=PublishPreviewOut)
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        found = replacing_preview(viewer, get_object_or_404(version_rows(viewer), pk=pk))
        return Response(PublishPreviewOut({"replaces": [_replaced(each) for each in found]}).data)

    @extend_schema(request=PublishIn, responses=VersionOut)
    def post(self, request: Request, pk: UUID) -> Response:
        given = PublishIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        version = get_object_or_404(version_rows(viewer), pk=pk)
        done = plan_publish(version_id=version.id, **given.validated_data, actor=viewer, figures=True)
        return Response(version_data(request, done))


def _replaced(each: Replacement) -> dict[str, Any]:
    who = [str(one.title or one.position or one.participant) for one in each.who]
    names = ("number", "start", "until", "is_retired", "unpaid_from", "periods")
    return {**{name: getattr(each, name) for name in names}, "who": who}
