"""Undo of an import: new versions restore what was known before. Refused where a later change rests on it, saying which."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from spm.crm.intake.storing import FactWriter, moment_log, moment_take, versions_copy
from spm.crm.kinds import FACT_KINDS, FactKind, fact_kind
from spm.crm.models import HeldRow, HeldState, Upload, UploadState
from spm.crm.services.absences import absences_close
from spm.crm.services.findings import refuse
from spm.crm.services.participants import participants_undo
from spm.crm.services.uploads import committed_on, upload_lock
from spm.crm.services.writing import PEOPLE
from spm.roles.policy import Viewer, require

CANCELLED = "cancelled"
"""Stands for the upload of a version that a person's answer wrote."""


@dataclass(frozen=True)
class _Touched:
    """What an upload did to a fact: its first version of it, and the id of the version before, if any."""

    fact_id: str
    before_id: str | None
    current_id: str | None
    current_upload_id: str | None


@transaction.atomic
def upload_undo(*, upload_id: UUID | str, actor: Viewer) -> Upload:
    """Restore what was known before the upload; raises FindingError naming the later import that changed the same or rests on it."""
    require(actor, "fact.import")
    upload = upload_lock(upload_id)
    if upload.state != UploadState.COMMITTED:
        raise refuse(
            "NOT_COMMITTED",
            upload.file_name,
            f"Its state is “{upload.get_state_display()}”.",
            "Only a committed import can be undone.",
        )
    moment = moment_take()
    if upload.kind == PEOPLE:
        withdrawn = participants_undo(upload)
        moment_log("undo", PEOPLE, moment, upload_id=upload.pk, counts=(0, 0, withdrawn), content=str(upload.pk))
    else:
        _facts_undo(upload, moment)
    HeldRow.objects.filter(upload=upload, state=HeldState.HELD).update(
        state=HeldState.DISCARDED, decision="The import was undone.", decided_at=moment, decided_by_id=actor.user_id
    )
    absences_close(upload)
    upload.state, upload.undone_at = UploadState.UNDONE, moment
    upload.save(update_fields=["state", "undone_at"])
    return upload


def _facts_undo(upload: Upload, moment: Any) -> None:
    kind = fact_kind(upload.kind)
    touched = _touched(kind, upload)
    _refuse_later(kind, upload, touched)
    _refuse_referenced(upload, [each.fact_id for each in touched if each.before_id is None])
    writer = FactWriter(kind, upload.source, upload.pk, moment)
    writer.versions_end([each.current_id for each in touched if each.current_id])
    restored = [each.before_id for each in touched if each.before_id]
    writer.updated = versions_copy(kind, restored, moment)
    writer.withdrawn = len(touched) - len(restored)
    writer.note(str(upload.pk), sorted(each.fact_id for each in touched))
    writer.finish("undo")


def _touched(kind: FactKind, upload: Upload) -> list[_Touched]:
    """Give every fact with a version of the upload. Two passes over the versions, without a join by row."""
    table = kind.version_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"select fact_id::text, min(known_from) from {table} where upload_id = %s group by 1", [upload.pk]
        )
        first = dict(cursor.fetchall())
        cursor.execute(
            f"select fact_id::text, id::text, upload_id::text, known_until, is_withdrawn from {table} where fact_id = any(%s::uuid[])",
            [list(first)],
        )
        rows = cursor.fetchall()
    before = {
        fact: id for fact, id, _upload, until, gone in rows if until is not None and until == first[fact] and not gone
    }
    current = {fact: (id, CANCELLED if gone else origin) for fact, id, origin, until, gone in rows if until is None}
    return [_Touched(fact, before.get(fact), *current.get(fact, (None, None))) for fact in sorted(first)]


def _refuse_later(kind: FactKind, upload: Upload, touched: list[_Touched]) -> None:
    cancelled = sum(each.current_upload_id == CANCELLED for each in touched)
    if cancelled:
        what = f"{cancelled} of its {kind.label.lower()} rows were answered to be gone since."
        raise refuse("CHANGED_LATER", upload.file_name, what, "Import a file that has them, then undo.")
    later = [each for each in touched if each.current_upload_id not in (None, str(upload.pk))]
    if not later:
        return
    names = _names({each.current_upload_id for each in later})
    what = f"{len(later)} of its {kind.label.lower()} rows were changed later by {names}."
    raise refuse("CHANGED_LATER", upload.file_name, what, f"Undo {names} first.")


def _refuse_referenced(upload: Upload, created: list[str]) -> None:
    """Refuse where facts of other uploads refer to what this one created."""
    for name in FACT_KINDS:
        kind = fact_kind(name)
        for each in kind.reference_fields:
            if each.reference != upload.kind:
                continue
            column = kind.column_names[kind.places[each.name]]
            with connection.cursor() as cursor:
                cursor.execute(
                    f"select upload_id::text, count(*) from {kind.version_table} where known_until is null and not is_withdrawn "
                    f"and {column} = any(%s::uuid[]) and upload_id is distinct from %s group by 1",
                    [created, upload.pk],
                )
                rows = cursor.fetchall()
            if rows:
                names = _names({row[0] for row in rows})
                what = f"{sum(row[1] for row in rows):,} current rows of kind {kind.label.lower()} refer to what it created ({names})."
                raise refuse("REFERRED_TO", upload.file_name, what, f"Undo {names} first.")


def _names(ids: set[Any]) -> str:
    uploads = Upload.objects.filter(pk__in=[id for id in ids if id]).order_by("-committed_at")[:3]
    return ", ".join(committed_on(each) for each in uploads) or "another change"
