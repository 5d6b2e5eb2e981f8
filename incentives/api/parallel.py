"""The API of the parallel run: the uploads, and one period beside ours. A file brings results in (`files.py`)."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.naming import period_named
from incentives.engine.comparing import Cause
from incentives.models import FormerUpload
from incentives.selectors.parallel import (
    MOST_WITHIN,
    WITHIN,
    parallel_rows,
    parallel_sums,
    upload_latest,
    upload_list,
)


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
    """A period beside the former system."""

    upload = FormerUploadOut()
    sums = SummedOut(many=True)
    rows = ComparedOut(many=True)


class ParallelListApi(ListAPIView[FormerUpload]):
    """The uploads that hold somebody within reach, latest first."""

    actions = {"GET": "parallel.view"}
    serializer_class = FormerUploadOut

    def get_queryset(self) -> QuerySet[FormerUpload]:
        if getattr(self, "swagger_fake_view", False):
            return FormerUpload.objects.none()
        return upload_list(self.request.viewer)  # type: ignore[attr-defined]


class ParallelApi(GenericAPIView[FormerUpload]):
    """Every result of a period there and here, with the cause of its difference; 404 where nothing was uploaded for it."""

    actions = {"GET": "parallel.view"}
    serializer_class = ParallelOut
    queryset = FormerUpload.objects.none()
    query_names = ("within",)

    @extend_schema(
        parameters=[
            OpenApiParameter("within", int, description="Up to how many minor units are rounding; 1 by itself.")
        ],
        responses=ParallelOut,
    )
    def get(self, request: Request, pk: str) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        within = serializers.IntegerField(min_value=0, max_value=MOST_WITHIN).run_validation(
            request.query_params.get("within", WITHIN)
        )
        latest = upload_latest(period_named(pk).pk)
        if latest is None or not upload_list(viewer).filter(pk=latest.pk).exists():
            raise NotFound
        rows = parallel_rows(viewer, latest, within=within)
        return Response(ParallelOut({"upload": latest, "sums": parallel_sums(rows), "rows": rows}).data)
