"""Endpoints, what was sent to them, and every attempt."""

from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from spm.hooks.models import Attempt, Delivery, Endpoint
from spm.roles.policy import Viewer, require


def endpoint_list(viewer: Viewer) -> QuerySet[Endpoint]:
    """Give the company's endpoints by address, those that were deleted last."""
    require(viewer, "hook.view")
    return Endpoint.objects.order_by(F("deleted_at").desc(nulls_first=True), "url")


def delivery_list(viewer: Viewer, endpoint_id: UUID) -> QuerySet[Delivery]:
    """Give what was or will be sent to an endpoint, latest first, each with the status, fault and time of its last attempt."""
    require(viewer, "hook.view")
    last = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-at")
    return (
        Delivery.objects.filter(endpoint_id=endpoint_id)
        .select_related("event")
        .annotate(
            last_at=Subquery(last.values("at")[:1]),
            last_status=Subquery(last.values("status")[:1]),
            last_fault=Subquery(last.values("fault")[:1]),
        )
        .order_by("-pk")
    )


def attempt_list(viewer: Viewer, endpoint_id: UUID) -> QuerySet[Attempt]:
    """Give every attempt at an endpoint, latest first."""
    require(viewer, "hook.view")
    rows = Attempt.objects.filter(delivery__endpoint_id=endpoint_id).select_related("delivery__event")
    return rows.order_by("-at", "-pk")
