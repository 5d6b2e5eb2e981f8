"""Questions about records that a full list lacks. Nothing changes by itself: a person says gone, with a reason, or keeps them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from spm.crm.intake.absent import FullList, absent_find
from spm.crm.intake.known import versions_current
from spm.crm.intake.storing import FactWriter, moment_take, versions_copy
from spm.crm.kinds import fact_kind
from spm.crm.models import AbsentRecord, AbsentState, Upload
from spm.crm.services.findings import refuse
from spm.roles.policy import Viewer, require

WATCHED = Q(state=AbsentState.OPEN) | Q(state=AbsentState.KEPT, returned_at=None)
"""Records that were absent and have not come back; one that was treated as cancelled comes back as a new version of its own."""


def absences_ask(upload: Upload, keys: Iterable[str]) -> int:
    """Ask about what a full list lacks, once for each record; gives how many questions are new. What was kept is not asked again."""
    full = FullList.of(upload)
    if full is None:
        return 0
    lacking = absent_find(full, upload.kind, upload.source, keys)
    known = AbsentRecord.objects.filter(WATCHED, kind=upload.kind, fact_id__in=[each.fact_id for each in lacking])
    asked = {str(pk) for pk in known.values_list("fact_id", flat=True)}
    rows = [
        AbsentRecord(upload=upload, kind=upload.kind, fact_id=each.fact_id, key=each.key, label=each.label[:200])
        for each in lacking
        if each.fact_id not in asked
    ]
    AbsentRecord.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def absences_watched(upload: Upload) -> dict[str, list[Any]]:
    """Give the records of an upload's kind and source that were absent so far: key → rows."""
    rows = AbsentRecord.objects.filter(WATCHED, kind=upload.kind, upload__source=upload.source)
    found: dict[str, list[Any]] = {}
    for key, pk in rows.values_list("key", "pk"):
        found.setdefault(key, []).append(pk)
    return found


def absences_return(ids: Iterable[Any], moment: datetime) -> None:
    """Close the questions about records that a file has again; what was kept is asked anew when it is absent once more."""
    rows = AbsentRecord.objects.filter(pk__in=list(ids))
    rows.filter(state=AbsentState.OPEN).update(state=AbsentState.RETURNED, returned_at=moment)
    rows.filter(state=AbsentState.KEPT).update(returned_at=moment)


def absences_close(upload: Upload) -> None:
    """Close the questions of an import that is undone; what was answered stands."""
    AbsentRecord.objects.filter(upload=upload, state=AbsentState.OPEN).update(state=AbsentState.CLOSED)


@transaction.atomic
def absences_answer(
    *, actor: Viewer, is_gone: bool, reason: str, ids: Sequence[UUID | str] = (), upload_id: UUID | str | None = None
) -> int:
    """Answer for records by id, or for all that an import still asks about; gives how many.

    Gone writes a version that is withdrawn, from now on, under the answerer's name and reason; kept changes no fact. Raises FindingError
    where nothing of it waits, one was answered already, or gone has no reason.
    """
    require(actor, "absence.answer")
    reason = reason.strip()
    if is_gone and not reason:
        raise refuse(
            "REASON_MISSING", "reason", "Gone takes what was earned back.", "Say how you know that it is gone."
        )
    moment = moment_take()
    rows = list(_asked(ids, upload_id).select_for_update(of=("self",)).select_related("upload").order_by("kind", "pk"))
    if not rows or len(rows) < len(set(ids)):
        what = "Some of these records do not wait for an answer any more."
        raise refuse("NOT_ASKED", "absent records", what, "Reload the page and choose again.")
    if is_gone:
        for kind, group in groupby(rows, key=lambda row: row.kind):
            _cancel(kind, list(group), moment)
    state = AbsentState.GONE if is_gone else AbsentState.KEPT
    AbsentRecord.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, reason=reason, decided_by_id=actor.user_id, decided_at=moment if is_gone else timezone.now()
    )
    return len(rows)


def _asked(ids: Sequence[UUID | str], upload_id: UUID | str | None) -> QuerySet[AbsentRecord]:
    rows = AbsentRecord.objects.filter(state=AbsentState.OPEN)
    return rows.filter(upload_id=upload_id) if upload_id else rows.filter(pk__in=list(ids))


def _cancel(kind_name: str, rows: Sequence[AbsentRecord], moment: datetime) -> None:
    """End what is known of the records and write that they are withdrawn."""
    kind = fact_kind(kind_name)
    current = versions_current(kind, [str(row.fact_id) for row in rows])
    versions = [version_id for version_id, is_withdrawn, *_rest in current.values() if not is_withdrawn]
    writer = FactWriter(kind, "", None, moment)
    writer.versions_end(versions)
    writer.withdrawn = versions_copy(kind, versions, moment, {"is_withdrawn": True})
    writer.note("gone", sorted(str(row.fact_id) for row in rows))
    writer.finish("cancel")
