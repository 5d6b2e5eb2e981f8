"""The API of plan documents that are being written: reviewed without being saved, and versions compared."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.lifecycle import ExampleOut
from incentives.api.plans import ClauseOut, PlanIn
from incentives.engine.placing import findings_placed
from incentives.models import PlanVersion
from incentives.selectors.curves import Curve
from incentives.selectors.designs import Design, clauses_compared, design_of, texts_compared
from incentives.selectors.lifecycle import definition_for
from incentives.selectors.plans import version_choices, version_rows
from incentives.selectors.searching import search_all
from incentives.services.documents import (
    PlanRefused,
    document_completed,
    document_plain,
    document_read,
    document_review_here,
    document_text,
)
from spm.web.findings import FindingOut, findings_data, findings_refused


class CurveOut(serializers.Serializer[Any]):
    """What a component pays: `pays_minor` at each of `at`, attainments on `quota_minor` (units at 1/10,000) or values of what counts."""

    component = serializers.CharField()
    quota_minor = serializers.IntegerField(allow_null=True)
    at = serializers.ListField(child=serializers.CharField())
    pays_minor = serializers.ListField(child=serializers.IntegerField(allow_null=True))


class ReviewIn(PlanIn):
    """A plan document, and whether it is searched for gaming, too (about a second for each component)."""

    search = serializers.BooleanField(default=False)


class ReviewOut(serializers.Serializer[Any]):
    """What is said about a document: findings (errors first), clauses, pay curves and examples; the last three only where it compiles."""

    compiles = serializers.BooleanField()
    findings = FindingOut(many=True)
    clauses = ClauseOut(many=True)
    curves = CurveOut(many=True)
    examples = ExampleOut(many=True)


class PlanReviewApi(GenericAPIView[PlanVersion]):
    """Reviews a plan document and computes its curves and examples; nothing is saved."""

    actions = {"POST": "plan.edit"}
    serializer_class = PlanIn
    queryset = PlanVersion.objects.none()

    @extend_schema(request=ReviewIn, responses=ReviewOut)
    def post(self, request: Request) -> Response:
        given = ReviewIn(data=request.data)
        given.is_valid(raise_exception=True)
        document = document_completed(_fields(given.validated_data["document"]))
        design = design_of(document)
        findings = [*document_review_here(request.viewer, document), *design.left]  # type: ignore[attr-defined]
        if given.validated_data["search"]:
            findings += [each.finding for each in search_all(document).found]
        return Response(
            {
                "compiles": design.plan is not None,
                "findings": findings_data(findings_placed(findings, document)),
                "clauses": _clauses(design),
                "curves": [_curve(each.key, each.curve) for each in design.components.values() if each.curve],
                "examples": ExampleOut(design.examples, many=True).data,
            }
        )


def _fields(document: Mapping[str, Any] | str) -> Mapping[str, Any]:
    try:
        return document_read(document) if isinstance(document, str) else document_plain(document)
    except PlanRefused as refusal:
        raise findings_refused("document", refusal.findings) from refusal


def _clauses(design: Design) -> list[dict[str, str]]:
    own = (clause for component in design.components.values() for clause in component.clauses)
    return [{"where": clause.where, "text": clause.text} for clause in (*design.clauses, *own)]


def _curve(key: str, curve: Curve) -> dict[str, Any]:
    chart = curve.chart
    return {
        "component": key,
        "quota_minor": curve.quota,
        "at": chart["categories"],
        "pays_minor": chart["series"][0]["values"],
    }


class ChangeOut(serializers.Serializer[Any]):
    """A clause that differs; empty where it was added or taken out."""

    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class CompareOut(serializers.Serializer[Any]):
    """What differs between two versions: clauses (null where one does not compile), and lines of the text with +, - or a space."""

    clauses = ChangeOut(many=True, allow_null=True)
    lines = serializers.ListField(child=serializers.CharField())


class VersionCompareApi(GenericAPIView[PlanVersion]):
    """Compares a version with another one of the same or of another plan, `other`, which stands as “before”."""

    actions = {"GET": "plan.view"}
    serializer_class = CompareOut
    queryset = PlanVersion.objects.none()

    @extend_schema(responses=CompareOut)
    def get(self, request: Request, pk: UUID, other: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        after, before = (get_object_or_404(version_choices(viewer), pk=each) for each in (pk, other))
        old, new = (definition_for(viewer, each.definition) for each in (before, after))
        changes = clauses_compared(old, new)
        lines = [mark + line for mark, line in texts_compared(document_text(old), document_text(new)) if mark != "@"]
        found = None if changes is None else [{"before": each.before, "after": each.after} for each in changes]
        return Response({"clauses": found, "lines": lines})


class VersionTextOut(serializers.Serializer[Any]):
    """A version as the text of its plan file."""

    text = serializers.CharField()


class VersionTextApi(GenericAPIView[PlanVersion]):
    """A version as a plan file: what `plan check`, `plan test` and a POST to the plans read."""

    actions = {"GET": "plan.view"}
    serializer_class = VersionTextOut
    queryset = PlanVersion.objects.none()

    @extend_schema(responses=VersionTextOut)
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        version = get_object_or_404(version_rows(viewer), pk=pk)
        return Response({"text": document_text(definition_for(viewer, version.definition))})
