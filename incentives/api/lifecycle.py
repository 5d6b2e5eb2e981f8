"""The API of a version's way: examples and review."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.naming import period_named, person_named
from incentives.api.plans import DraftOut, VersionOut, draft_response, version_data
from incentives.models import PlanVersion, Shown
from incentives.selectors.lifecycle import definition_for, examples_run
from incentives.selectors.plans import version_rows
from incentives.selectors.reviews import review_failures, review_job, review_parts, reviews_of
from incentives.services.cases import plan_case_add, plan_example_add
from incentives.services.lifecycle import plan_submit, plan_withdraw
from spm.approvals.models import ApprovalRequest
from spm.roles.policy import Viewer, require
from spm.web.api import Input
from spm.web.findings import FindingOut
from spm.web.listing import ListOf


class ReasonIn(Input):
    """Why."""

    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class VersionSubmitApi(GenericAPIView[PlanVersion]):
    """Sends a draft for review; the answer of the second person is under approvals."""

    actions = {"POST": "plan.edit"}
    serializer_class = VersionOut
    queryset = PlanVersion.objects.none()

    @extend_schema(request=ReasonIn, responses=VersionOut)
    def post(self, request: Request, pk: UUID) -> Response:
        given = ReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        version = get_object_or_404(version_rows(viewer), pk=pk)
        sent = plan_submit(version_id=version.id, reason=given.validated_data["reason"], actor=viewer)
        return Response(version_data(request, sent))


class VersionWithdrawApi(GenericAPIView[PlanVersion]):
    """Takes a version back from review or approval: it is a draft again."""

    actions = {"POST": "plan.edit"}
    serializer_class = VersionOut
    queryset = PlanVersion.objects.none()

    @extend_schema(request=None, responses=VersionOut)
    def post(self, request: Request, pk: UUID) -> Response:
        version = get_object_or_404(version_rows(request.viewer), pk=pk)  # type: ignore[attr-defined]
        return Response(version_data(request, plan_withdraw(version_id=version.id, actor=request.viewer)))  # type: ignore[attr-defined]


class ExampleOut(serializers.Serializer[Any]):
    """A worked example of a version: whether it came out, and what differed."""

    name = serializers.CharField()
    passed = serializers.BooleanField()
    differences = serializers.ListField(child=serializers.CharField())
    findings = FindingOut(many=True)


class VersionTestsApi(ListOf):
    """Runs the worked examples of a version; none for who does not see everybody's pay."""

    actions = {"GET": "plan.view"}
    serializer_class = ExampleOut

    @extend_schema(responses=ExampleOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        version = get_object_or_404(version_rows(viewer), pk=pk)
        return self.pages(list(examples_run(definition_for(viewer, version.definition))))


class RequestTextOut(serializers.Serializer[Any]):
    """The version as it was when it was asked for; examples are left out for who does not see everybody's pay."""

    definition = serializers.JSONField(help_text="An object of fields.")
    writers = serializers.ListField(child=serializers.CharField())
    written_at = serializers.DateTimeField(allow_null=True)
    made_at = serializers.DateTimeField(help_text="When this was kept.")


class RequestFiguresOut(serializers.Serializer[Any]):
    """What was computed with the request, or that it could not be (`refused`); amounts are whole minor units."""

    content = serializers.JSONField(help_text="An object of fields.")
    made_at = serializers.DateTimeField(help_text="When this was kept.")


class RequestShownOut(serializers.Serializer[Any]):
    """One request to approve a version, with what was kept for whoever decides; null is what was not kept."""

    request = serializers.UUIDField()
    state = serializers.CharField()
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    text = RequestTextOut(allow_null=True)
    cost = RequestFiguresOut(allow_null=True)
    gaming = RequestFiguresOut(allow_null=True)
    failures = FindingOut(many=True, help_text="What ended the computing of the figures.")


class VersionShownApi(ListOf):
    """What was kept with each request to approve a version, newest first: its text, what it costs, how it could be gamed."""

    actions = {"GET": "whatif.view"}
    serializer_class = RequestShownOut

    @extend_schema(responses=RequestShownOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        version = get_object_or_404(version_rows(viewer), pk=pk)
        return self.pages([_shown(viewer, each) for each in reviews_of(version)])


def _shown(viewer: Viewer, asked: ApprovalRequest) -> dict[str, Any]:
    parts = review_parts(asked)
    text = parts.get(Shown.TEXT)
    figures = {
        name: {"content": parts[name].content, "made_at": parts[name].made_at} if name in parts else None
        for name in (Shown.COST, Shown.GAMING)
    }
    return {
        "request": asked.pk,
        "state": asked.state,
        "asked_at": asked.asked_at,
        "decided_at": asked.decided_at,
        "text": None
        if text is None
        else {
            "definition": definition_for(viewer, text.content["definition"]),
            "writers": text.content["writers"],
            "written_at": text.content["written_at"],
            "made_at": text.made_at,
        },
        "cost": figures[Shown.COST],
        "gaming": figures[Shown.GAMING],
        "failures": review_failures(asked, review_job(asked)),
    }


class ExampleIn(Input):
    """Whose period becomes an example, or the example itself: that of a finding."""

    participant = serializers.CharField(required=False, max_length=200, help_text="By key or by id.")
    period = serializers.CharField(required=False, max_length=40, help_text="By key, such as 2026-Q4, or by id.")
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    example = serializers.JSONField(required=False, help_text="An object of fields with a name.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        example = attrs.get("example")
        if "example" in attrs:
            if set(attrs) & {"participant", "period"} or not isinstance(example, dict) or not example.get("name"):
                raise serializers.ValidationError("Send an example with a name, or participant and period.")
        elif not {"participant", "period"} <= set(attrs):
            raise serializers.ValidationError("Send participant and period, or an example.")
        return attrs


class VersionExampleApi(GenericAPIView[PlanVersion]):
    """Adds a worked example to a draft: a real person's period, without names, or the one that a finding shows.

    Of a period in which no run paid the person by the plan it holds what the draft computes, with the warning CASE_UNCONFIRMED.
    """

    actions = {"POST": "plan.edit"}
    serializer_class = DraftOut
    queryset = PlanVersion.objects.none()

    @extend_schema(request=ExampleIn, responses=DraftOut)
    def post(self, request: Request, pk: UUID) -> Response:
        given = ExampleIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted, viewer = given.validated_data, request.viewer  # type: ignore[attr-defined]
        version_id = get_object_or_404(version_rows(viewer), pk=pk).id
        if "example" in wanted:
            version, warnings = plan_case_add(version_id=version_id, example=wanted["example"], actor=viewer)
            return draft_response(request, version, warnings, status.HTTP_200_OK)
        require(viewer, "statement.view")
        person = person_named(viewer, wanted["participant"], action="statement.view")
        period = period_named(wanted["period"], field="period")
        version, warnings = plan_example_add(
            version_id=version_id,
            participant_id=person.pk,
            period_id=period.pk,
            name=wanted["name"],
            actor=viewer,
        )
        return draft_response(request, version, warnings, status.HTTP_200_OK)
