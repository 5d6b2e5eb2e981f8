"""The API of runs and journals."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.periods import PeriodIn, period_asked
from incentives.models import Journal, LedgerEntry, Run
from incentives.selectors.ledger import journal_entries, journal_list
from incentives.selectors.runs import periods_startable, run_list, run_stale
from incentives.services.starting import run_start
from spm.core.findings import Severity
from spm.web.findings import FindingOut
from spm.web.listing import ListOf


class RunOut(serializers.ModelSerializer[Run]):
    """A run. Equal `inputs_digest` and `code_version` mean equal results."""

    period_key = serializers.CharField(source="period.key")
    people = serializers.IntegerField(allow_null=True)
    is_replaced = serializers.BooleanField()
    finding_count = serializers.SerializerMethodField()

    class Meta:
        model = Run
        fields = (
            "id", "period", "period_key", "state", "facts_known_at", "inputs_digest", "results_digest", "code_version", "people",
            "credit_count", "finding_count", "is_replaced", "started_at", "ended_at",
        )  # fmt: skip

    def get_finding_count(self, run: Run) -> int:
        return len(run.findings)


class RunDetailOut(RunOut):
    """A run with what has changed since it read the facts; empty while it is fresh or once it is replaced."""

    stale = serializers.SerializerMethodField()

    class Meta(RunOut.Meta):
        fields = (*RunOut.Meta.fields, "stale")  # type: ignore[assignment]

    def get_stale(self, run: Run) -> list[str]:
        return [] if run.is_replaced else list(run_stale(run))  # type: ignore[attr-defined]


class RunJobOut(serializers.Serializer[Any]):
    """The job that does the run."""

    job = serializers.UUIDField()
    state = serializers.CharField()


class RunListApi(ListAPIView[Run]):
    """Runs, latest first; POST starts one as a job."""

    actions = {"GET": "run.view", "POST": "run.start"}
    serializer_class = RunOut
    filterset_fields = {"period": ["exact"], "period__key": ["exact"], "state": ["exact"]}

    def get_queryset(self) -> QuerySet[Run]:
        if getattr(self, "swagger_fake_view", False):
            return Run.objects.none()
        return run_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=PeriodIn, responses={202: RunJobOut})
    def post(self, request: Request) -> Response:
        viewer, period = request.viewer, period_asked(request)  # type: ignore[attr-defined]
        if period.pk not in {each.id for each in periods_startable(on=viewer.on)}:
            raise ValidationError(
                {
                    "period": [
                        "No published plan pays this period, or it has not begun. Choose another, or publish a plan."
                    ]
                }
            )
        job = run_start(period_id=period.pk, actor=viewer)
        return Response({"job": str(job.pk), "state": job.state}, status=status.HTTP_202_ACCEPTED)


class RunApi(RetrieveAPIView[Run]):
    """One run."""

    actions = {"GET": "run.view"}
    serializer_class = RunDetailOut

    def get_queryset(self) -> QuerySet[Run]:
        if getattr(self, "swagger_fake_view", False):
            return Run.objects.none()
        return run_list(self.request.viewer)  # type: ignore[attr-defined]


CODE = OpenApiParameter(
    "code", str, description="Findings of this code only, such as QUOTA_MISSING; all are in docs/findings.md."
)
SEVERITY = OpenApiParameter("severity", str, enum=list(Severity), description="Findings of this severity only.")


class RunFindingsApi(ListOf):
    """What a run could not calculate, or what is worth knowing about it."""

    actions = {"GET": "run.view"}
    serializer_class = FindingOut
    query_names = ("code", "severity")

    @extend_schema(parameters=[CODE, SEVERITY], responses=FindingOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        run = get_object_or_404(run_list(request.viewer), pk=pk)  # type: ignore[attr-defined]
        asked = {name: request.query_params[name] for name in self.query_names if name in request.query_params}
        if asked.get("severity", Severity.ERROR) not in list(Severity):
            raise ValidationError({"severity": [f"It is one of {', '.join(Severity)}."]})
        return self.pages([each for each in run.findings if all(each[name] == asked[name] for name in asked)])


class JournalOut(serializers.ModelSerializer[Journal]):
    """A journal; `hash` covers it and the journal before."""

    period_key = serializers.CharField(source="period.key")
    entry_count = serializers.IntegerField()

    class Meta:
        model = Journal
        fields = (
            "id",
            "number",
            "kind",
            "run",
            "period",
            "period_key",
            "reason",
            "posted_at",
            "paid_on",
            "actor",
            "previous_hash",
            "hash",
            "entry_count",
        )


class EntryOut(serializers.ModelSerializer[LedgerEntry]):
    """A leg; the amounts of a journal sum to 0 per currency."""

    participant_name = serializers.CharField(source="participant.name")

    class Meta:
        model = LedgerEntry
        fields = (
            "id",
            "participant",
            "participant_name",
            "period",
            "plan_version",
            "component",
            "account",
            "amount_minor",
            "currency",
        )


class JournalListApi(ListAPIView[Journal]):
    """Journals, latest first."""

    actions = {"GET": "ledger.view"}
    serializer_class = JournalOut
    filterset_fields = {"kind": ["exact"], "period": ["exact"], "run": ["exact"]}

    def get_queryset(self) -> QuerySet[Journal]:
        if getattr(self, "swagger_fake_view", False):
            return Journal.objects.none()
        return journal_list(self.request.viewer)  # type: ignore[attr-defined]


class JournalEntriesApi(ListOf):
    """The legs of a journal."""

    actions = {"GET": "ledger.view"}
    serializer_class = EntryOut

    @extend_schema(responses=EntryOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        journal = get_object_or_404(journal_list(request.viewer), pk=pk)  # type: ignore[attr-defined]
        return self.pages(journal_entries(request.viewer, journal))  # type: ignore[attr-defined]
