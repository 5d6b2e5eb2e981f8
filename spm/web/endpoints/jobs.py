"""The jobs API: list, one job, start the nightly job."""

from datetime import date
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from spm.jobs.models import Job, JobState
from spm.jobs.selectors import job_list
from spm.jobs.services import nightly_start
from spm.web.api import Input
from spm.web.findings import FindingOut

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)


class JobOut(serializers.ModelSerializer[Job]):
    """A job and how far it is."""

    findings = FindingOut(many=True)
    outcome = serializers.DictField()
    arguments = serializers.DictField()
    requested_by = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "slot",
            "arguments",
            "state",
            "progress_done",
            "progress_total",
            "requested_by",
            "queued_at",
            "started_at",
            "ended_at",
            "findings",
            "outcome",
        )

    def get_requested_by(self, job: Job) -> str | None:
        """Give who asked; null for the timetable."""
        return job.asked_by or None


class NightlyIn(Input):
    """The day, in the company's time zone; without one, today. `again` repeats a day that is done."""

    on = serializers.DateField(required=False)
    again = serializers.BooleanField(default=False)

    def validate_on(self, value: date) -> date:
        """Refuse days that no calendar of a company reaches."""
        if not EARLIEST <= value < LATEST:
            raise serializers.ValidationError(f"The day must be from {EARLIEST} to before {LATEST}.")
        return value


class JobFilter(django_filters.FilterSet):
    """Jobs of a kind and in a state."""

    state = django_filters.ChoiceFilter(choices=JobState.choices)
    kind = django_filters.CharFilter(max_length=50)

    class Meta:
        model = Job
        fields = ("kind", "state")


class JobListApi(ListAPIView[Job]):
    """Jobs of the company, latest first."""

    actions = {"GET": "job.view"}
    serializer_class = JobOut
    filterset_class = JobFilter

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.none() if getattr(self, "swagger_fake_view", False) else job_list(self.request.viewer)  # type: ignore[attr-defined]


class JobApi(GenericAPIView[Job]):
    """One job."""

    actions = {"GET": "job.view"}
    serializer_class = JobOut

    def get(self, request: Request, pk: UUID) -> Response:
        job = job_list(request.viewer).filter(pk=pk).first()  # type: ignore[attr-defined]
        if job is None:
            raise Http404
        return Response(JobOut(job).data)


class NightlyApi(GenericAPIView[Job]):
    """Starts the nightly job; a day's job that is open or done is given back, one that failed goes on."""

    actions = {"POST": "job.start"}
    serializer_class = NightlyIn

    @extend_schema(request=NightlyIn, responses={202: JobOut})
    def post(self, request: Request) -> Response:
        wish = NightlyIn(data=request.data)
        wish.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        job = nightly_start(
            on=wish.validated_data.get("on", viewer.on), again=wish.validated_data["again"], actor=viewer
        )
        return Response(JobOut(job).data, status=status.HTTP_202_ACCEPTED)
