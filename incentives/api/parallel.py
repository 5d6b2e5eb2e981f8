"""The API of the parallel run: the uploads, and one period beside ours. A file brings results in (`files.py`)."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incentives.api.naming import period_named
from incentives.engine.comparing import Cause
from incentives.models import FormerUpload
from incentives.selectors.parallel import (
    DIFFERENT,
    MOST_WITHIN,
    WITHIN,
    Compared,
    parallel_kept,
    parallel_rows,
    parallel_sums,
    upload_latest,
    upload_list,
)
from spm.web.api import Input
from spm.web.listing import ListOf


class FormerUploadOut(serializers.ModelSerializer[FormerUpload]):
    """A file of results; the latest of a period counts."""

    class Meta:
        model = FormerUpload
        fields = ("id", "number", "period", "digest", "count", "uploaded_by_name", "uploaded_at")


class ComparedOut(serializers.Serializer[Any]):
    """Both results in minor units, null where one has none; `difference_minor` is here less there. An empty component is the total."""

    participant = serializers.UUIDField(source="participant_id", allow_null=True)
    name = serializers.CharField()
    plan_name = serializers.CharField()
    component = serializers.CharField()
    currency = serializers.CharField()
    there_minor = serializers.IntegerField(allow_null=True)
    here_minor = serializers.IntegerField(allow_null=True)
    difference_minor = serializers.IntegerField()
    cause = serializers.ChoiceField(choices=[str(each) for each in Cause])
    detail = serializers.CharField()


class SummedOut(serializers.Serializer[Any]):
    """What the rows of one currency come to."""

    currency = serializers.CharField()
    there_minor = serializers.IntegerField()
    here_minor = serializers.IntegerField()
    difference_minor = serializers.IntegerField()
    rows = serializers.IntegerField()
    equal = serializers.IntegerField()
    unknown = serializers.IntegerField()


class ParallelOut(serializers.Serializer[Any]):
    """What a period beside the former system comes to."""

    upload = FormerUploadOut()
    sums = SummedOut(many=True)


class ParallelListApi(ListAPIView[FormerUpload]):
    """The uploads that hold somebody within reach, latest first."""

    actions = {"GET": "parallel.view"}
    serializer_class = FormerUploadOut

    def get_queryset(self) -> QuerySet[FormerUpload]:
        if getattr(self, "swagger_fake_view", False):
            return FormerUpload.objects.none()
        return upload_list(self.request.viewer)  # type: ignore[attr-defined]


class ParallelIn(Input):
    """Which results are asked for."""

    within = serializers.IntegerField(
        min_value=0, max_value=MOST_WITHIN, default=WITHIN, help_text="Up to how many minor units are rounding."
    )
    cause = serializers.ChoiceField(
        choices=[DIFFERENT, *(str(each) for each in Cause)],
        default="",
        allow_blank=True,
        help_text="A cause, or `different` for all that differ.",
    )
    q = serializers.CharField(
        max_length=100, default="", allow_blank=True, help_text="What the name of the person holds."
    )


class _OfPeriod:
    """What was asked for of a period; 404 where nothing was uploaded for it within reach."""

    query_names = tuple(ParallelIn().fields)

    def asked(self, request: Request, pk: str) -> tuple[FormerUpload, list[Compared]]:
        """Give the upload that counts, and the rows that were asked for."""
        viewer, latest = request.viewer, upload_latest(period_named(pk).pk)  # type: ignore[attr-defined]
        query = request.query_params
        given = ParallelIn(data={name: query[name] for name in self.query_names if name in query})
        given.is_valid(raise_exception=True)
        if latest is None or not upload_list(viewer).filter(pk=latest.pk).exists():
            raise NotFound
        rows = parallel_rows(viewer, latest, within=given.validated_data["within"])
        return latest, parallel_kept(rows, cause=given.validated_data["cause"], query=given.validated_data["q"])


class ParallelApi(_OfPeriod, ListOf):
    """The results of a period there and here, with the cause of each difference."""

    actions = {"GET": "parallel.view"}
    serializer_class = ComparedOut

    @extend_schema(
        operation_id="incentives_parallel_results", parameters=[ParallelIn], responses=ComparedOut(many=True)
    )
    def get(self, request: Request, pk: str) -> Response:
        return self.pages(self.asked(request, pk)[1])


class ParallelSumsApi(_OfPeriod, APIView):
    """What the same results come to, by currency, and the upload that they are of."""

    actions = {"GET": "parallel.view"}

    @extend_schema(parameters=[ParallelIn], responses=ParallelOut)
    def get(self, request: Request, pk: str) -> Response:
        upload, rows = self.asked(request, pk)
        return Response(ParallelOut({"upload": upload, "sums": parallel_sums(rows)}).data)
