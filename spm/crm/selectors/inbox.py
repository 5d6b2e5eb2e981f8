"""What waits for a decision: held rows by what is wrong with them, and the rows themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.http import QueryDict

from spm.crm.feeds.mapping import EVERYTHING_ELSE, Mapping
from spm.crm.feeds.schemas import KINDS
from spm.crm.feeds.values import ValueProblem, ValueType, parse
from spm.crm.intake.reading import FIX_COLUMN, HELD_COLUMN, REASON_COLUMN, held_columns
from spm.crm.models import HeldRow, HeldState, OpportunityStatus, Upload
from spm.roles.policy import Viewer, require

FILTERS = ("kind", "code", "column", "value", "source", "upload")


@dataclass(frozen=True)
class HeldGroup:
    """Rows that wait for the same thing."""

    kind: str
    code: str
    column: str
    value: str
    source: str
    proposal_kind: str
    proposal_key: str
    count: int
    reason: str
    fix: str

    @property
    def kind_label(self) -> str:
        """Give the kind for people."""
        return KINDS[self.kind].plural if self.kind in KINDS else self.kind

    @property
    def wanted_label(self) -> str:
        """Give what the value was meant to name."""
        return KINDS[self.proposal_kind].label.lower() if self.proposal_kind else ""

    @property
    def query(self) -> str:
        """Give the query string that lists the rows of the group."""
        query = QueryDict(mutable=True)
        query.update(
            {name: getattr(self, name) for name in ("kind", "code", "column", "value", "source") if getattr(self, name)}
        )
        return query.urlencode()


def held_groups(viewer: Viewer, *, limit: int = 200) -> list[HeldGroup]:
    """Give the groups of waiting rows, the largest first. A reason that differs by row is shown for the first of them."""
    names = ("kind", "code", "column", "value", "upload__source", "proposal_kind", "proposal_key")
    rows = held_list(viewer).values(*names).annotate(count=Count("pk"), reason=Min("reason"), fix=Min("fix"))
    picked = rows.order_by("-count", *names).values_list(*names, "count", "reason", "fix")
    return [HeldGroup(*row) for row in picked[:limit]]


def held_list(
    viewer: Viewer, chosen: dict[str, str] | None = None, *, state: str = HeldState.HELD
) -> QuerySet[HeldRow]:
    """Give held rows in the order of their files; `chosen` filters by kind, code, column, value, source, upload."""
    require(viewer, "quality.view")
    rows = HeldRow.objects.filter(state=state) if state else HeldRow.objects.all()
    for name, value in (chosen or {}).items():
        rows = rows.filter(**{"upload__source" if name == "source" else name: value})
    return rows.select_related("upload", "decided_by").order_by("upload__uploaded_at", "sheet", "row_number")


def held_table(rows: Iterable[HeldRow]) -> tuple[list[str], list[list[Any]]]:
    """Give (columns, rows) of a download: the row's own columns as received, then why it is held and how to fix it."""
    kept = list(rows)
    columns = list(dict.fromkeys(column for row in kept for column in held_columns(row)))
    header = [HELD_COLUMN, *columns, REASON_COLUMN, FIX_COLUMN]
    lines = [[str(row.pk), *(row.values.get(column) for column in columns), row.reason, row.fix] for row in kept]
    return header, lines


def held_count(viewer: Viewer) -> int:
    """Count the rows that wait."""
    return held_list(viewer).count()


def held_won_count(start: date, until: date) -> int:
    """Count the held rows of deals that say they were won within days [start, until), or on a day that can't be read.

    They are in no calculation. What a row says is read by the mapping of its file.
    """
    rows = HeldRow.objects.filter(state=HeldState.HELD, kind="opportunity").select_related("upload")
    mappings: dict[Any, Mapping] = {}
    count = 0
    for row in rows.order_by("upload").iterator(2_000):
        if row.upload_id not in mappings:
            mappings[row.upload_id] = Mapping.from_dict(row.upload.mapping)
        mapping = mappings[row.upload_id]
        if _said(mapping, row.values, "status").casefold() == OpportunityStatus.WON:
            closed = _day(_said(mapping, row.values, "close_on"), mapping)
            count += closed is None or start <= closed < until
    return count


def _said(mapping: Mapping, values: dict[str, Any], name: str) -> str:
    """What a row says of a field, in the words that the mapping puts in the place of what was received."""
    text = str(values.get(mapping.columns.get(name, "")) or mapping.constants.get(name) or "").strip()
    pairs = {received.strip().casefold(): wanted for received, wanted in mapping.values.get(name, {}).items()}
    return pairs.get(text.casefold(), pairs.get(EVERYTHING_ELSE, text)) if text else ""


def _day(text: str, mapping: Mapping) -> date | None:
    try:
        found = parse(text, ValueType.DATE, mapping.format)
    except ValueProblem:
        return None
    return found if isinstance(found, date) else None


def upload_list(viewer: Viewer) -> QuerySet[Upload]:
    """Give the uploads, the newest first."""
    require(viewer, "quality.view")
    return Upload.objects.select_related("uploaded_by").order_by("-uploaded_at")


def waiting_counts(uploads: Iterable[Upload]) -> dict[Any, dict[str, int]]:
    """Give for each upload how many of its rows wait and how many were left out: {upload id: {state: count}}."""
    rows = HeldRow.objects.filter(upload__in=[upload.pk for upload in uploads]).values_list("upload_id", "state")
    found: dict[Any, dict[str, int]] = {}
    for upload_id, state, count in rows.annotate(count=Count("pk")).order_by():
        found.setdefault(upload_id, {})[state] = count
    return found


def sources_known(viewer: Viewer) -> list[str]:
    """Give the sources of uploads, the one used last first."""
    require(viewer, "quality.view")
    rows = Upload.objects.values_list("source").annotate(last=Max("uploaded_at")).order_by("-last")
    return [row[0] for row in rows]
