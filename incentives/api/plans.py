"""The API of plans: read, write drafts, publish, assign."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.engine.placing import findings_placed
from incentives.models import Plan, PlanAssignment, PlanVersion, Standing
from incentives.selectors.lifecycle import definition_for, standing_of
from incentives.selectors.moving import Wish, moving_preview
from incentives.selectors.plans import assignment_list, plan_list, plan_rows, version_list, version_rows, version_view
from incentives.services.assignments import plan_assign
from incentives.services.documents import PlanRefused
from incentives.services.plans import DraftConflict, plan_create, plan_version_save
from spm.core.findings import Finding
from spm.people.models import Participant, Position, Title
from spm.web.api import Conflict, Input
from spm.web.findings import FindingOut, findings_data, findings_refused
from spm.web.listing import ListOf
from spm.web.naming import row_named


class PlanOut(serializers.ModelSerializer[Plan]):
    """A plan with the state of its latest version."""

    latest_number = serializers.IntegerField(allow_null=True)
    latest_state = serializers.CharField(allow_null=True)
    pays_today = serializers.BooleanField()

    class Meta:
        model = Plan
        fields = ("id", "code", "name", "latest_number", "latest_state", "pays_today")


class PlanIn(Input):
    """A plan document: fields as in the plan language, or the same as YAML text."""

    document = serializers.JSONField(help_text="The plan as an object of fields, or as YAML text.")

    with_errors = serializers.BooleanField(
        default=False, help_text="Keep a draft that does not compile: it is never approved and calculates nobody."
    )

    def validate_document(self, value: Any) -> Any:
        if not isinstance(value, dict | str):
            raise serializers.ValidationError("Send an object of fields, or YAML text.")
        return value


class VersionIn(PlanIn):
    """A plan document over a draft."""

    expected = serializers.CharField(
        required=False,
        allow_null=True,
        default=None,
        max_length=64,
        help_text="The digest that was read: another one now is refused with 409.",
    )


class VersionOut(serializers.ModelSerializer[PlanVersion]):
    """A plan version; `until` is the first day on which it pays no more. Examples are shown to who sees everybody's pay."""

    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper")
    state = serializers.SerializerMethodField()
    definition = serializers.SerializerMethodField()

    class Meta:
        model = PlanVersion
        fields = ("id", "plan", "number", "state", "start", "until", "digest", "published_at", "definition")

    @extend_schema_field(serializers.ChoiceField(choices=Standing.choices))
    def get_state(self, version: PlanVersion) -> str:
        return getattr(version, "standing", None) or standing_of(version)

    @extend_schema_field(serializers.JSONField())
    def get_definition(self, version: PlanVersion) -> Any:
        return definition_for(self.context["request"].viewer, version.definition)


class ClauseOut(serializers.Serializer[Any]):
    """A clause in plain words and the place of the plan that it says."""

    where = serializers.CharField()
    text = serializers.CharField()


class VersionDetailOut(VersionOut):
    """A plan version with its clauses."""

    clauses = serializers.SerializerMethodField()

    class Meta(VersionOut.Meta):
        fields = (*VersionOut.Meta.fields, "clauses")  # type: ignore[assignment]

    @extend_schema_field(ClauseOut(many=True))
    def get_clauses(self, version: PlanVersion) -> list[dict[str, str]]:
        view = version_view(version)
        clauses = [*view.clauses, *(clause for component in view.components for clause in component.clauses)]
        return [{"where": clause.where, "text": clause.text} for clause in clauses]


class DraftOut(VersionOut):
    """A saved draft and the warnings about it."""

    warnings = FindingOut(many=True)

    class Meta(VersionOut.Meta):
        fields = (*VersionOut.Meta.fields, "warnings")  # type: ignore[assignment]


def version_data(request: Request, version: PlanVersion) -> dict[str, Any]:
    return dict(VersionOut(version, context={"request": request}).data)


def draft_response(request: Request, version: PlanVersion, warnings: list[Finding], code: int) -> Response:
    return Response(
        version_data(request, version) | {"warnings": findings_data(findings_placed(warnings, version.definition))},
        status=code,
    )


class PlanListApi(ListAPIView[Plan]):
    """Plans within reach; POST creates a plan with its first draft."""

    actions = {"GET": "plan.view", "POST": "plan.edit"}
    serializer_class = PlanOut
    filterset_fields = {"code": ["exact"]}

    def get_queryset(self) -> QuerySet[Plan]:
        if getattr(self, "swagger_fake_view", False):
            return Plan.objects.none()
        return plan_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=PlanIn, responses={201: DraftOut})
    def post(self, request: Request) -> Response:
        given = PlanIn(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            version, warnings = plan_create(**given.validated_data, actor=request.viewer)  # type: ignore[attr-defined]
        except PlanRefused as refusal:
            raise findings_refused("document", refusal.findings) from refusal
        return draft_response(request, version, warnings, status.HTTP_201_CREATED)


class VersionListApi(ListOf):
    """Versions of a plan, latest first; POST adds a draft."""

    actions = {"GET": "plan.view", "POST": "plan.edit"}
    serializer_class = VersionOut

    def _plan(self) -> Plan:
        return row_named(plan_rows(self.request.viewer), self.kwargs["pk"], key="code")  # type: ignore[attr-defined]

    @extend_schema(responses=VersionOut(many=True))
    def get(self, request: Request, pk: str) -> Response:
        return self.pages(version_list(request.viewer, self._plan()))  # type: ignore[attr-defined]

    @extend_schema(request=PlanIn, responses={201: DraftOut})
    def post(self, request: Request, pk: str) -> Response:
        given = PlanIn(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            version, warnings = plan_version_save(
                plan_id=self._plan().id,
                actor=request.viewer,  # type: ignore[attr-defined]
                **given.validated_data,
            )
        except PlanRefused as refusal:
            raise findings_refused("document", refusal.findings) from refusal
        return draft_response(request, version, warnings, status.HTTP_201_CREATED)


class VersionApi(RetrieveAPIView[PlanVersion]):
    """One version in full; PUT changes it while it is a draft."""

    actions = {"GET": "plan.view", "PUT": "plan.edit"}
    serializer_class = VersionDetailOut

    def get_queryset(self) -> QuerySet[PlanVersion]:
        if getattr(self, "swagger_fake_view", False):
            return PlanVersion.objects.none()
        return version_rows(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=VersionIn, responses=DraftOut)
    def put(self, request: Request, pk: UUID) -> Response:
        given = VersionIn(data=request.data)
        given.is_valid(raise_exception=True)
        version = self.get_object()
        try:
            saved, warnings = plan_version_save(
                plan_id=version.plan_id,
                version_id=version.id,
                actor=request.viewer,  # type: ignore[attr-defined]
                **given.validated_data,
            )
        except DraftConflict as changed:
            raise Conflict(str(changed)) from changed
        except PlanRefused as refusal:
            raise findings_refused("document", refusal.findings) from refusal
        return draft_response(request, saved, warnings, status.HTTP_200_OK)


class AssignmentOut(serializers.ModelSerializer[PlanAssignment]):
    """Who is on a plan: one of title, position, participant. `until` is the first day off it, null while it lasts."""

    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)

    class Meta:
        model = PlanAssignment
        fields = ("id", "plan", "title", "position", "participant", "start", "until")


class EndedOut(serializers.Serializer[PlanAssignment]):
    """An assignment to another plan that ended by a move. `until` is the first day off it; on its own first day it is removed."""

    plan = serializers.UUIDField(source="plan_id")
    plan_name = serializers.CharField(source="plan.name")
    start = serializers.DateField(source="during.lower")
    until = serializers.DateField()


class AssignedOut(AssignmentOut):
    """A new assignment and what it did: `ended` by a move, and the `closed_periods` in which it changes what people are paid."""

    ended = EndedOut(many=True)
    closed_periods = serializers.ListField(
        child=serializers.CharField(), help_text="Their books stay; what changes is posted as an adjustment."
    )

    class Meta(AssignmentOut.Meta):
        fields = (*AssignmentOut.Meta.fields, "ended", "closed_periods")  # type: ignore[assignment]


TARGETS: dict[str, tuple[type[Any], str]] = {
    "title": (Title, "code"),
    "position": (Position, "code"),
    "participant": (Participant, "source_key"),
}
"""By field of an assignment: what it names, and by which key."""


class AssignmentIn(Input):
    """Whom to put on the plan: exactly one of title, position, participant, each by its key (code) or id."""

    title = serializers.CharField(required=False, max_length=200)
    position = serializers.CharField(required=False, max_length=200)
    participant = serializers.CharField(required=False, max_length=200)
    start = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        chosen = [name for name in ("title", "position", "participant") if name in attrs]
        if len(chosen) != 1:
            raise serializers.ValidationError("Send exactly one of title, position and participant.")
        return attrs | {"target": chosen[0]}


class AssignmentListApi(ListOf):
    """Who is on a plan; POST puts somebody on it, who leaves another plan by that."""

    actions = {"GET": "plan.view", "POST": "plan.edit"}
    serializer_class = AssignmentOut

    def _plan(self) -> Plan:
        return row_named(plan_rows(self.request.viewer), self.kwargs["pk"], key="code")  # type: ignore[attr-defined]

    @extend_schema(responses=AssignmentOut(many=True))
    def get(self, request: Request, pk: str) -> Response:
        return self.pages(assignment_list(request.viewer, self._plan()))  # type: ignore[attr-defined]

    @extend_schema(request=AssignmentIn, responses={201: AssignedOut})
    def post(self, request: Request, pk: str) -> Response:
        given = AssignmentIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        rows, key = TARGETS[wanted["target"]]
        target = row_named(rows.objects.all(), wanted[wanted["target"]], key=key, field=wanted["target"])
        plan, viewer = self._plan(), request.viewer  # type: ignore[attr-defined]
        wish = Wish(plan, wanted["target"], target.pk, wanted["start"], wanted["until"])
        moving = moving_preview(viewer, wish)
        made = plan_assign(
            plan_id=plan.pk,
            target=wish.target,
            target_id=wish.target_id,
            start=wish.start,
            until=wish.until,
            actor=viewer,
        )
        for each in moving.ends:
            each.until = wish.start  # type: ignore[attr-defined]
        made.ended, made.closed_periods = moving.ends, [each.key for each in moving.shut]  # type: ignore[attr-defined]
        return Response(AssignedOut(made).data, status=status.HTTP_201_CREATED)
