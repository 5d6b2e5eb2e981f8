"""The API of uploads: send a file, map, preview, commit, undo."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from spm.crm.feeds.attributes import Attribute, AttributeType
from spm.crm.feeds.limits import SIZE_LIMIT
from spm.crm.feeds.mapping import Mapping
from spm.crm.feeds.schemas import KINDS
from spm.crm.feeds.values import Format
from spm.crm.intake.absent import FullList
from spm.crm.models import Upload, UploadState
from spm.crm.selectors.inbox import upload_list
from spm.crm.services.undoing import upload_undo
from spm.crm.services.uploads import mapping_save, upload_create, upload_discard
from spm.web.api import ImportThrottle, Input
from spm.web.crm_starts import commit_start, preview_start
from spm.web.endpoints.crm_shared import ErrorOut, IntakeView
from spm.web.findings import FindingOut

TEXTS = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=500))


class FormatIn(Input):
    """How the file writes dates and numbers; null takes only what has one reading."""

    date_order = serializers.ChoiceField(["DMY", "MDY", "YMD"], allow_null=True, default=None)
    decimal_mark = serializers.ChoiceField([".", ","], allow_null=True, default=None)
    percent = serializers.ChoiceField(["PERCENT", "FRACTION"], allow_null=True, default=None)
    excel_serials = serializers.BooleanField(default=False)


class AttributeIn(Input):
    """A column of a file of deals that plans may ask for: `type` is TEXT, NUMBER, DATE, YES_NO, MONEY or PERCENT."""

    column = serializers.CharField(max_length=255)
    type = serializers.ChoiceField(list(AttributeType), default=AttributeType.TEXT)


class FullListIn(Input):
    """That the file holds every record of its kind and source: of all days or of [since, until), of all or where `field` is `value`."""

    since = serializers.DateField(allow_null=True, default=None)
    until = serializers.DateField(allow_null=True, default=None)
    field = serializers.CharField(max_length=50, allow_blank=True, default="")
    value = serializers.CharField(max_length=200, allow_blank=True, default="")


class MappingIn(Input):
    """`columns`: field → column; `constants`: field → text for all rows; `values`: field → received → wanted.

    `attributes`: name in plans → column and type, for deals. `full_list`: what is known and not in the file becomes a question.
    """

    kind = serializers.ChoiceField(list(KINDS))
    columns = serializers.DictField(child=serializers.CharField(max_length=255), default=dict)
    constants = serializers.DictField(child=serializers.CharField(max_length=500), default=dict)
    values = serializers.DictField(child=TEXTS, default=dict)
    format = FormatIn(required=False)
    attributes = serializers.DictField(child=AttributeIn(), default=dict)
    sheet = serializers.CharField(max_length=255, required=False, allow_blank=True)
    full_list = FullListIn(required=False, allow_null=True)

    def full_list_given(self) -> FullList | None:
        """Give what was said of the file as a full list; None where it is none."""
        given = self.validated_data.get("full_list")
        return None if given is None else FullList(**given)

    def mapping(self) -> Mapping:
        """Give the mapping that was sent."""
        given = dict(self.validated_data)
        given.pop("sheet", None)
        given.pop("full_list", None)
        attributes = {name: Attribute(**each) for name, each in given.get("attributes", {}).items()}
        return Mapping(**{**given, "format": Format(**given.get("format") or {}), "attributes": attributes})


class UploadOut(serializers.ModelSerializer[Upload]):
    """An upload with its counts; received = created + updated + unchanged + held, always."""

    mapping = serializers.DictField()
    preview = serializers.DictField()
    findings = FindingOut(many=True)
    sheets = serializers.ListField(child=serializers.DictField())
    uploaded_by = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = (
            "id",
            "file_name",
            "size",
            "source",
            "kind",
            "sheet",
            "sheets",
            "mapping",
            "state",
            "received",
            "created",
            "updated",
            "unchanged",
            "held",
            "is_full_list",
            "absent",
            "preview",
            "findings",
            "uploaded_by",
            "uploaded_at",
            "committed_at",
            "undone_at",
        )

    @extend_schema_field(OpenApiTypes.STR)
    def get_uploaded_by(self, upload: Upload) -> str:
        return str(upload.uploaded_by or "")


class UploadIn(Input):
    """A file to receive."""

    file = serializers.FileField()
    source = serializers.CharField(max_length=50, default="crm")  # type: ignore[assignment]
    kind = serializers.ChoiceField(list(KINDS), required=False, default="")
    currency = serializers.RegexField("^[A-Z]{3}$", required=False, default="")

    def validate_file(self, file: Any) -> Any:
        """Refuse what is too large before it is read."""
        if file.size > SIZE_LIMIT:
            raise serializers.ValidationError("The file has more than 50 MB. Split it into smaller ones.")
        return file


class UploadListApi(IntakeView, ListAPIView[Upload]):
    """Uploads, the newest first; POST receives a file and proposes its mapping."""

    actions = {"GET": "quality.view", "POST": "fact.import"}
    serializer_class = UploadOut
    parser_classes = [MultiPartParser]
    filterset_fields = {"state": ["exact"], "kind": ["exact"], "source": ["exact"]}
    throttle_classes = [ImportThrottle]

    def get_queryset(self) -> QuerySet[Upload]:
        if getattr(self, "swagger_fake_view", False):
            return Upload.objects.none()
        return upload_list(self.viewer)

    @extend_schema(request=UploadIn, responses={201: UploadOut, 422: ErrorOut})
    def post(self, request: Request) -> Response:
        given = UploadIn(data=request.data)
        given.is_valid(raise_exception=True)
        chosen = given.validated_data
        file = chosen.pop("file")
        upload = upload_create(content=file.read(), file_name=file.name, **chosen, actor=self.viewer)
        return Response(UploadOut(upload).data, status=status.HTTP_201_CREATED)


class UploadApi(IntakeView):
    """One upload; DELETE drops one that was never committed."""

    actions = {"GET": "quality.view", "DELETE": "fact.import"}

    @extend_schema(responses=UploadOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(UploadOut(get_object_or_404(upload_list(self.viewer), pk=pk)).data)

    @extend_schema(responses={204: None, 409: ErrorOut})
    def delete(self, request: Request, pk: UUID) -> Response:
        get_object_or_404(Upload, pk=pk)
        upload_discard(upload_id=pk, actor=self.viewer)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MappingApi(IntakeView):
    """Says what the columns of an upload mean."""

    actions = {"PUT": "fact.import", "GET": "quality.view"}

    @extend_schema(responses=MappingIn)
    def get(self, request: Request, pk: UUID) -> Response:
        upload = get_object_or_404(upload_list(self.viewer), pk=pk)
        full = FullList.of(upload)
        said = {"kind": upload.kind, "sheet": upload.sheet, "full_list": asdict(full) if full else None}
        return Response({**upload.mapping, **said})

    @extend_schema(request=MappingIn, responses={200: UploadOut, 409: ErrorOut, 422: ErrorOut})
    def put(self, request: Request, pk: UUID) -> Response:
        get_object_or_404(Upload, pk=pk)
        given = MappingIn(data=request.data)
        given.is_valid(raise_exception=True)
        upload = mapping_save(
            upload_id=pk,
            mapping=given.mapping(),
            sheet=given.validated_data.get("sheet"),
            full_list=given.full_list_given(),
            actor=self.viewer,
        )
        return Response(UploadOut(upload).data)


class _Step(IntakeView):
    """Base of the steps of an upload, without a body."""

    actions = {"POST": "fact.import"}
    throttle_classes = [ImportThrottle]

    def _answer(self, pk: UUID, waiting: tuple[str, ...] = ()) -> Response:
        upload = get_object_or_404(upload_list(self.viewer), pk=pk)
        code = status.HTTP_202_ACCEPTED if upload.state in waiting else status.HTTP_200_OK
        return Response(UploadOut(upload).data, status=code)


_STEP = extend_schema(request=None, responses={200: UploadOut, 202: UploadOut, 409: ErrorOut, 422: ErrorOut})


class PreviewApi(_Step):
    """Counts what a commit would do; 202 while a job counts a large file."""

    @_STEP
    def post(self, request: Request, pk: UUID) -> Response:
        preview_start(get_object_or_404(Upload, pk=pk), self.viewer)
        return self._answer(pk, (UploadState.MAPPED,))


class CommitApi(_Step):
    """Writes the facts; 202 while a job writes a large file. Again on a committed upload it changes nothing."""

    @_STEP
    def post(self, request: Request, pk: UUID) -> Response:
        commit_start(get_object_or_404(Upload, pk=pk), self.viewer)
        return self._answer(pk, (UploadState.COMMITTING,))


class UndoApi(_Step):
    """Restores what was known before."""

    @_STEP
    def post(self, request: Request, pk: UUID) -> Response:
        get_object_or_404(Upload, pk=pk)
        upload_undo(upload_id=pk, actor=self.viewer)
        return self._answer(pk)
