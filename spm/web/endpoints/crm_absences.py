"""The API of records that full lists lack: the questions, and the answers of people."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from spm.crm.models import AbsentRecord
from spm.crm.selectors.absences import absent_list
from spm.crm.services.absences import absences_answer
from spm.web.api import Input
from spm.web.endpoints.crm_inbox import CountOut
from spm.web.endpoints.crm_shared import ErrorOut, IntakeView


class AbsentOut(serializers.ModelSerializer[AbsentRecord]):
    """A record that was known before a full list and is not in it; until it is answered it counts as before."""

    file_name = serializers.CharField(source="upload.file_name")
    source = serializers.CharField(source="upload.source")  # type: ignore[assignment]
    decided_by = serializers.SerializerMethodField()

    class Meta:
        model = AbsentRecord
        fields = (
            "id", "upload", "file_name", "source", "kind", "fact_id", "key", "label", "state", "reason", "decided_by", "decided_at",
            "returned_at",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_decided_by(self, record: AbsentRecord) -> str:
        return str(record.decided_by or "")


class AbsentListApi(ListAPIView[AbsentRecord]):
    """Records that full lists lacked, of every answer."""

    actions = {"GET": "quality.view"}
    serializer_class = AbsentOut
    filterset_fields = {"state": ["exact"], "kind": ["exact"], "upload": ["exact"], "key": ["exact"]}

    def get_queryset(self) -> QuerySet[AbsentRecord]:
        if getattr(self, "swagger_fake_view", False):
            return AbsentRecord.objects.none()
        return absent_list(self.request.viewer)  # type: ignore[attr-defined]


class AbsentAnswerIn(Input):
    """Records by id, or all that an upload still asks about; `gone` needs a reason."""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=10_000, default=list)
    upload = serializers.UUIDField(required=False, allow_null=True, default=None)
    answer = serializers.ChoiceField(["gone", "keep"])
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what names neither or both."""
        if bool(attrs["ids"]) == bool(attrs["upload"]):
            raise serializers.ValidationError("Name records by ids, or an upload for all that it asks about.")
        return attrs


class AbsentAnswerApi(IntakeView):
    """Answers for absent records: gone treats them as cancelled, keep changes nothing."""

    actions = {"POST": "absence.answer"}

    @extend_schema(request=AbsentAnswerIn, responses={200: CountOut, 409: ErrorOut, 422: ErrorOut})
    def post(self, request: Request) -> Response:
        given = AbsentAnswerIn(data=request.data)
        given.is_valid(raise_exception=True)
        chosen = given.validated_data
        count = absences_answer(
            actor=self.viewer,
            is_gone=chosen["answer"] == "gone",
            reason=chosen["reason"],
            ids=chosen["ids"],
            upload_id=chosen["upload"],
        )
        return Response({"count": count})
