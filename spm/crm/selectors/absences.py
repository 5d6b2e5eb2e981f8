"""Records that full lists lack, as people see them: by import, each record with what is known of it, and who answered what."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from spm.crm.feeds.schemas import KINDS
from spm.crm.intake.absent import DAYS, FullList
from spm.crm.kinds import fact_kind
from spm.crm.models import AbsentRecord, AbsentState, Upload
from spm.roles.policy import Viewer, require

PAGES = ("opportunity", "account", "product")
"""Kinds whose records have a page."""


@dataclass(frozen=True)
class Question:
    """What an import asks: the upload, and how many of its records wait."""

    upload: Upload
    count: int

    @property
    def kind_label(self) -> str:
        """Give the kind for people."""
        return KINDS[self.upload.kind].plural

    @property
    def reach(self) -> FullList | None:
        """Give which records the list said it holds."""
        return FullList.of(self.upload)


@dataclass(frozen=True)
class Known:
    """An absent record with what is known of it: amount (minor units), day and owner where its kind has them."""

    record: AbsentRecord
    owner: str
    day: Any
    amount_minor: int | None
    currency: str

    @property
    def has_page(self) -> bool:
        """Say whether its kind has a page of one record."""
        return self.record.kind in PAGES


def absent_list(viewer: Viewer, *, upload_id: UUID | None = None, state: str = "") -> QuerySet[AbsentRecord]:
    """Give the records that full lists lacked, by import, newest first, then by key."""
    require(viewer, "quality.view")
    rows = AbsentRecord.objects.select_related("upload", "decided_by")
    if upload_id is not None:
        rows = rows.filter(upload_id=upload_id)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("-upload__committed_at", "key", "pk")


def absence_questions(viewer: Viewer, *, limit: int = 50) -> list[Question]:
    """Give the imports that ask something, the newest first."""
    waiting = absent_list(viewer, state=AbsentState.OPEN).order_by().values("upload").annotate(count=Count("pk"))
    counts = dict(waiting.values_list("upload", "count"))
    uploads = Upload.objects.filter(pk__in=counts).order_by("-committed_at")[:limit]
    return [Question(upload, counts[upload.pk]) for upload in uploads]


def absent_known(rows: Iterable[AbsentRecord]) -> list[Known]:
    """Give records of one kind with what is known of them, or was known last."""
    records = list(rows)
    if not records:
        return []
    kind = fact_kind(records[0].kind)
    has_owner = "owner_id" in kind.column_names
    manager: Any = kind.version._default_manager  # every kind's version names its fact
    versions = manager.last_known().filter(fact_id__in=[row.fact_id for row in records])
    known: dict[Any, Any] = {one.fact_id: one for one in versions.select_related(*(["owner"] if has_owner else []))}
    return [_known(row, known.get(row.fact_id), has_owner=has_owner) for row in records]


def _known(row: AbsentRecord, version: Any, *, has_owner: bool) -> Known:
    owner = version.owner.name if has_owner and version and version.owner else ""
    amount = next(
        (
            getattr(version, name)
            for name in ("amount_minor", "net_amount_minor", "annual_value_minor")
            if hasattr(version, name)
        ),
        None,
    )
    day = getattr(version, DAYS[row.kind]) if version and row.kind in DAYS else None
    return Known(row, owner, day, amount, getattr(version, "currency", ""))


def absence_of(kind: str, fact_id: UUID) -> AbsentRecord | None:
    """Give the latest question about a record that was not closed by its return or an undo; None where there is none."""
    live = (AbsentState.OPEN, AbsentState.GONE, AbsentState.KEPT)
    rows = AbsentRecord.objects.filter(kind=kind, fact_id=fact_id, state__in=live).select_related(
        "upload", "decided_by"
    )
    return rows.order_by("-pk").first()
