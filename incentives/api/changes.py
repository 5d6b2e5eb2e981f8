"""The API of changes: why a figure is not what an earlier run of its period found."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.models import Run, Statement
from incentives.selectors.causes import (
    Explained,
    Kind,
    line_changes,
    line_run,
    prior_changes,
    prior_run,
    run_chosen,
    run_explain,
    runs_before,
    runs_moved,
)
from incentives.selectors.runs import run_get, run_list
from incentives.selectors.standing import run_calculating, runs_uncalculated
from incentives.selectors.statements import statement_rows
from incentives.selectors.why import line_get

SINCE = OpenApiParameter("since", UUID, description="An earlier run of the period; the one just before when left out.")


class InputsLost(APIException):
    """What a run read reads otherwise now, so that it can't be computed again."""

    status_code = 409
    default_code = "inputs_lost"


class CauseOut(serializers.Serializer[Any]):
    """A changed input and what it moved, in minor units."""

    kind = serializers.ChoiceField(choices=[(one.value, one.value) for one in Kind])
    label = serializers.CharField()  # type: ignore[assignment]
    details = serializers.ListField(child=serializers.CharField())
    amount_minor = serializers.IntegerField()


class ExplainedOut(serializers.Serializer[Any]):
    """A figure in two runs; the amounts of the causes sum to the difference.

    Where there is nothing to hold it against, `reason` says why, and the figures are null.
    """

    since = serializers.UUIDField(source="earlier.pk", allow_null=True)
    run = serializers.UUIDField(source="later.pk", allow_null=True)
    before_minor = serializers.IntegerField(allow_null=True)
    after_minor = serializers.IntegerField(allow_null=True)
    difference_minor = serializers.IntegerField(allow_null=True)
    causes = CauseOut(many=True)
    reason = serializers.CharField(default="", help_text="Why there is nothing to hold it against; else empty.")


def _since(request: Request, run: Run | None) -> str:
    """Give the key of the earlier run that is asked for, or nothing; raises ValidationError where it is none of those before."""
    since = request.query_params.get("since", "")
    if since and run is not None and since not in {str(one.pk) for one in runs_before(run)}:
        raise ValidationError(
            {"since": [_("No earlier run of this period has this key. Choose one that has, or leave it out.")]}
        )
    return since


def _compared(
    found: Explained | None, run: Run | None, figure: tuple[UUID, UUID, str], *, since: str, first: str
) -> Response:
    """Answer a figure of a run in two runs, or why there is nothing to hold it against: `first` where it is the first."""
    if found is not None:
        return Response(ExplainedOut(found).data)
    figures = dict.fromkeys(("since", "run", "before_minor", "after_minor", "difference_minor"))
    if run is None or run_calculating(run, *figure) is None:
        reason = _("No run up to this one calculated it.")
    else:
        reason = _("No run up to the one that is asked for calculated it.") if since else first
    return Response({**figures, "causes": [], "reason": reason})


class MovedOut(serializers.Serializer[Any]):
    """A person's component that is paid otherwise."""

    participant = serializers.UUIDField(source="participant_id")
    participant_name = serializers.CharField(source="name")
    plan = serializers.UUIDField(source="plan_id")
    component = serializers.CharField()
    currency = serializers.CharField()
    before_minor = serializers.IntegerField()
    after_minor = serializers.IntegerField()
    difference_minor = serializers.IntegerField()


class UncalculatedOut(serializers.Serializer[Any]):
    """A person whom one of the two runs could not calculate, and why."""

    participant = serializers.UUIDField(source="participant_id")
    participant_name = serializers.CharField(source="name")
    is_earlier = serializers.BooleanField(help_text="Whether the earlier run could not.")
    reason = serializers.CharField()


class RunChangesOut(serializers.Serializer[Any]):
    """What a run pays otherwise; `explained` is left empty for a run too large to take apart as a whole.

    What either run could not calculate is `uncalculated` and in no difference.
    """

    moved = MovedOut(many=True)
    uncalculated = UncalculatedOut(many=True)
    explained = ExplainedOut(many=True)
    reason = serializers.CharField(default="", help_text="That it is the first run of its period; else empty.")


class StatementChangesApi(GenericAPIView[Statement]):
    """Why a line of a statement changed since an earlier run."""

    actions = {"GET": "statement.view"}
    serializer_class = ExplainedOut
    queryset = Statement.objects.none()
    query_names = ("since",)

    @extend_schema(parameters=[SINCE], responses=ExplainedOut)
    def get(self, request: Request, pk: UUID, place: int) -> Response:
        statement = get_object_or_404(statement_rows(request.viewer), pk=pk)  # type: ignore[attr-defined]
        line = line_get(statement, place)
        if line is None:
            raise Http404
        run = line_run(statement, line)
        since = _since(request, run)
        try:
            found = line_changes(request.viewer, statement, line, since=since)  # type: ignore[attr-defined]
        except ValueError as fault:
            raise InputsLost(str(fault)) from fault
        figure = (statement.participant_id, line.plan_id, line.component)
        first = _("No earlier run of this period calculated it: there is nothing to hold it against.")
        return _compared(found, run, figure, since=since, first=first)


class PriorChangesApi(GenericAPIView[Statement]):
    """Why an earlier period, paid with this statement, earned something else than its books say."""

    actions = {"GET": "statement.view"}
    serializer_class = ExplainedOut
    queryset = Statement.objects.none()
    query_names = ("since",)

    @extend_schema(parameters=[SINCE], responses=ExplainedOut)
    def get(self, request: Request, pk: UUID, number: int) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        statement = get_object_or_404(statement_rows(viewer), pk=pk)
        lines = statement.content.get("prior", [])
        if not 1 <= number <= len(lines):
            raise Http404
        line = lines[number - 1]
        run = prior_run(line)
        since = _since(request, run)
        try:
            found = prior_changes(viewer, statement, line, since=since)
        except ValueError as fault:
            raise InputsLost(str(fault)) from fault
        figure = (statement.participant_id, UUID(line["plan"]), line["component"])
        return _compared(found, run, figure, since=since, first=_("This is the first that was paid of it."))


class RunChangesApi(GenericAPIView[Run]):
    """What a run pays otherwise than an earlier run of its period, and why."""

    actions = {"GET": "run.view"}
    serializer_class = RunChangesOut
    queryset = Run.objects.none()
    query_names = ("since",)

    @extend_schema(parameters=[SINCE], responses=RunChangesOut)
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        run = get_object_or_404(run_list(viewer).select_related("period"), pk=pk)
        earlier = run_chosen(run, _since(request, run))
        if earlier is None:
            reason = _("This is the first run of its period.")
            return Response({"moved": [], "uncalculated": [], "explained": [], "reason": reason})
        try:
            found = [run_explain(viewer, earlier, run, currency=each.currency) for each in run_get(viewer, run).totals]
        except ValueError as fault:
            raise InputsLost(str(fault)) from fault
        explained = [each for each in found if each is not None]
        unknown = runs_uncalculated(viewer, earlier, run)
        moved = runs_moved(viewer, earlier, run)
        return Response(RunChangesOut({"moved": moved, "uncalculated": unknown, "explained": explained}).data)
