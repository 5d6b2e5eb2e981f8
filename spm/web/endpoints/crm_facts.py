"""The API of facts: a list and a record for every kind, as known now and within reach."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from spm.crm.feeds.schemas import KINDS
from spm.crm.kinds import FACT_KINDS, fact_kind
from spm.crm.selectors.lists import fact_list

FILTERS = {
    "owner": ["exact"],
    "account": ["exact"],
    "opportunity": ["exact"],
    "order": ["exact"],
    "invoice": ["exact"],
    "product": ["exact"],
    "status": ["exact"],
    "stage": ["exact"],
    "name": ["exact", "icontains"],
    "created_on": ["gte", "lt"],
    "close_on": ["gte", "lt"],
    "ordered_on": ["gte", "lt"],
    "invoiced_on": ["gte", "lt"],
    "paid_on": ["gte", "lt"],
    "happened_on": ["gte", "lt"],
}


def serializer_of(kind: str) -> type[serializers.ModelSerializer[Any]]:
    """Make the output of a kind: identity, origin, and its columns; amounts are minor units, rates are at scale 10**8."""
    facts = fact_kind(kind)

    class Meta:
        model = facts.version
        fields = (
            "id",
            "source",
            "source_key",
            "known_from",
            "upload",
            "row_number",
            *[field.name for field in _columns(kind)],
        )

    shared = {
        "id": serializers.UUIDField(source="fact_id"),
        "source": serializers.CharField(source="fact.source"),
        "source_key": serializers.CharField(source="fact.source_key"),
        "Meta": Meta,
        "__doc__": KINDS[kind].help,
    }
    if "attributes" in facts.column_names:
        shared["attributes"] = serializers.DictField(help_text="What the company's own columns say, by name.")
    return type(f"{facts.fact.__name__}Out", (serializers.ModelSerializer,), shared)


def _columns(kind: str) -> list[Any]:
    facts = fact_kind(kind)
    return [field for field in facts.version._meta.concrete_fields if field.column in facts.column_names]


class _FactList(ListAPIView[Any]):
    """Base of the lists: paged, filtered, within reach."""

    actions: ClassVar[dict[str, str]] = {"GET": "fact.view"}
    kind = ""

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return fact_kind(self.kind).version._default_manager.none()
        return fact_list(self.request.viewer, self.kind)  # type: ignore[attr-defined]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the facts within reach, as known now."""
        return super().get(request, *args, **kwargs)


class _FactRecord(GenericAPIView[Any]):
    """Base of the records."""

    actions: ClassVar[dict[str, str]] = {"GET": "fact.view"}
    kind = ""

    def get_queryset(self) -> QuerySet[Any]:
        return fact_kind(self.kind).version._default_manager.none()

    def get(self, request: Request, pk: UUID) -> Response:
        """Give one fact as known now."""
        row = get_object_or_404(fact_list(request.viewer, self.kind), fact_id=pk)  # type: ignore[attr-defined]
        return Response(self.get_serializer(row).data)


def views_of(kind: str) -> tuple[Any, Any]:
    """Make (list, record) of a kind."""
    serializer, facts = serializer_of(kind), fact_kind(kind)
    names = {field.name for field in _columns(kind)}
    filters = {name: lookups for name, lookups in FILTERS.items() if name in names}
    filters |= {"fact__source": ["exact"], "fact__source_key": ["exact"]}
    shared = {"kind": kind, "serializer_class": serializer, "__doc__": KINDS[kind].help}
    plural = KINDS[kind].plural.lower().replace(" ", "_")
    lists = extend_schema(operation_id=f"crm_{plural}_list")
    records = extend_schema(operation_id=f"crm_{plural}_retrieve", responses=serializer)
    listed = {**shared, "filterset_fields": filters, "get": lists(_copy(_FactList.get))}
    listing = type(f"{facts.fact.__name__}ListApi", (_FactList,), listed)
    record = type(f"{facts.fact.__name__}Api", (_FactRecord,), {**shared, "get": records(_copy(_FactRecord.get))})
    return listing, record


def _copy(method: Any) -> Any:
    """Copy a method, so that each kind describes its own."""

    def get(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return method(self, request, *args, **kwargs)

    get.__doc__ = method.__doc__
    return get


VIEWS = {kind: views_of(kind) for kind in FACT_KINDS}
