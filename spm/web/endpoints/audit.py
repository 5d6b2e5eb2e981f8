"""API of the audit: the same entries as the page, paged and filtered."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from spm.audit.models import AuditRow
from spm.audit.selectors import EntryFilter, entry_list, platform_entry_list, seal_check_list, seal_last, seal_totals
from spm.roles.policy import Viewer
from spm.web.pages.audit import readable_apps


class EntryQueryIn(serializers.Serializer[Any]):
    """What to look for."""

    of = serializers.ChoiceField(["data", "access"], default="data", help_text="Data of the company, or who gets in.")
    table = serializers.CharField(max_length=63, required=False)
    row = serializers.CharField(max_length=64, required=False)
    verb = serializers.ChoiceField(["insert", "update", "delete"], required=False)
    actor = serializers.CharField(max_length=200, required=False, help_text="A part of the name.")
    since = serializers.DateField(required=False, help_text="First day, in the company's time zone.")
    until = serializers.DateField(required=False, help_text="Last day, included.")


class EntryOut(serializers.Serializer[Any]):
    """One change of one row."""

    at = serializers.DateTimeField()
    actor = serializers.CharField()
    via = serializers.CharField()
    table = serializers.CharField(source="table_name")
    row = serializers.CharField(source="row_id")
    verb = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class EntryListView(ListAPIView[AuditRow]):
    """Who changed what, newest first."""

    actions = {"GET": "audit.view"}
    serializer_class = EntryOut
    filter_backends = ()
    query_names = tuple(EntryQueryIn().fields)

    @extend_schema(operation_id="audit_entries", parameters=[EntryQueryIn, OpenApiParameter("page", int)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List changes in tables whose rows the viewer may see."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        query = EntryQueryIn(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        wanted: dict[str, Any] = dict(query.validated_data)
        select = platform_entry_list if wanted.pop("of") == "access" else entry_list
        viewer: Viewer = self.request.viewer  # type: ignore[attr-defined]
        return select(
            EntryFilter(zone=ZoneInfo(viewer.organisation.time_zone), **wanted), app_labels=readable_apps(viewer)
        )


class SealOut(serializers.Serializer[Any]):
    """The newest seal."""

    number = serializers.IntegerField()
    hash = serializers.CharField(help_text="Keep it elsewhere: it vouches for every row sealed up to here.")
    sealed_at = serializers.DateTimeField()


class SealTotalOut(serializers.Serializer[Any]):
    """What is sealed of one table."""

    table = serializers.CharField(source="source")
    rows = serializers.IntegerField(source="sealed")
    last_at = serializers.DateTimeField()


class SealCheckOut(serializers.Serializer[Any]):
    """One verification."""

    checked_at = serializers.DateTimeField()
    checked_by = serializers.CharField()
    first = serializers.IntegerField(help_text="The number of the first seal that was looked at.")
    seals = serializers.IntegerField()
    rows = serializers.IntegerField()
    is_complete = serializers.BooleanField(help_text="False where the time of a night was over before the last seal.")
    fault = serializers.CharField(help_text="The first row that is not as it was sealed; empty when every one is.")


class SealsOut(serializers.Serializer[Any]):
    """The chain of seals."""

    last = SealOut(allow_null=True)
    tables = SealTotalOut(many=True)
    check = SealCheckOut(allow_null=True)


class SealView(APIView):
    """What is sealed against later changes, and what the last verification found."""

    actions = {"GET": "audit.view"}

    @extend_schema(operation_id="audit_seals", responses=SealsOut)
    def get(self, request: Request) -> Response:
        """Give the newest seal, what is sealed by table, and the last verification."""
        found = {"last": seal_last(), "tables": seal_totals(), "check": seal_check_list().first()}
        return Response(SealsOut(found).data)
