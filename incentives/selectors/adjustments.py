"""Manual adjustments as people see them, and which of them wait or can be posted."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Exists, OuterRef, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat

from incentives.models import Adjustment, AdjustmentBatch, Journal, JournalKind
from spm.approvals.models import ApprovalState
from spm.approvals.selectors import approval_state, approved_keys
from spm.roles.policy import Viewer, visible

KIND = "adjustment"


def adjustment_list(viewer: Viewer) -> QuerySet[Any]:
    """Give the adjustments of the people within reach with where their approval stands and whether they are posted, latest first."""
    rows = Adjustment.objects.select_related("participant", "period", "plan", "batch", "reverses__batch")
    rows = rows.annotate(state=approval_state(KIND, key="batch_id"), is_posted=Exists(_journals("batch_id")))
    return visible(viewer, rows).order_by("-batch__number", "line")


def batch_list(viewer: Viewer) -> QuerySet[Any]:
    """Give the batches in which somebody within reach is adjusted, latest first."""
    reached = visible(viewer, Adjustment.objects.all()).values("batch")
    rows = AdjustmentBatch.objects.filter(pk__in=reached).annotate(
        state=approval_state(KIND), is_posted=Exists(_journals("pk")), count=Count("pk")
    )
    return rows.order_by("-number")


def batch_totals(batch_id: UUID) -> list[dict[str, Any]]:
    """Give what a batch comes to, per currency: people and sum."""
    rows = Adjustment.objects.filter(batch_id=batch_id).order_by().values("currency")
    sums = rows.annotate(people=Count("participant", distinct=True), amount_minor=Sum("amount_minor"))
    return [dict(row) for row in sums.order_by("currency")]


def batches_to_post() -> QuerySet[AdjustmentBatch]:
    """Give the approved batches that have no journal yet, in the order of their numbers."""
    return AdjustmentBatch.objects.filter(~Exists(_journals("pk")), pk__in=approved_keys(KIND)).order_by("number")


def adjustments_waiting(period_id: UUID) -> int:
    """Give the number of adjustments of a period that nobody has decided."""
    rows = Adjustment.objects.filter(period_id=period_id).annotate(state=approval_state(KIND, key="batch_id"))
    return rows.filter(state=ApprovalState.OPEN).count()


def batch_of_slot(slot: str) -> str:
    """Give the key of the batch that a journal's slot names; empty where it is of no adjustment."""
    kind, _, rest = slot.partition(":")
    return rest.partition(":")[0] if kind == KIND else ""


def adjustment_reasons(slots: Iterable[str]) -> dict[tuple[str, str, str, str], list[list[str]]]:
    """Give why people were adjusted by the batches that slots name: code and words, by batch, person, currency and component."""
    batches = [UUID(key) for slot in slots if (key := batch_of_slot(slot))]
    columns = ("batch_id", "participant_id", "currency", "component", "reason_code", "reason")
    found: dict[tuple[str, str, str, str], list[list[str]]] = {}
    for batch, who, currency, component, *why in (
        Adjustment.objects.filter(batch__in=batches).order_by("batch", "line").values_list(*columns)
    ):
        rows = found.setdefault((str(batch), str(who), currency, component), [])
        rows += [why] if why not in rows else []
    return found


def _journals(key: str) -> QuerySet[Journal]:
    slot = Concat(Value("adjustment:"), Cast(OuterRef(key), CharField()), Value(":"), output_field=CharField())
    return Journal.objects.filter(kind=JournalKind.ADJUST, slot__startswith=slot)
