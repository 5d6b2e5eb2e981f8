"""What people decide about held rows: a name that is remembered, a corrected value, or that a row is left out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from spm.crm.feeds.schemas import KINDS
from spm.crm.intake.reading import HELD_COLUMN, content_open, held_columns, held_rows_of, upload_header
from spm.crm.intake.references import References
from spm.crm.intake.sorting import VOCABULARIES, Hold
from spm.crm.intake.storing import FactWriter, held_row, moment_take, versions_copy
from spm.crm.kinds import FACT_KINDS, FactKind, fact_kind
from spm.crm.models import Alias, HeldRow, HeldState, Upload, UploadState
from spm.crm.services.findings import refuse
from spm.crm.services.uploads import upload_lock
from spm.crm.services.writing import rows_write
from spm.roles.policy import Viewer, require


@dataclass(frozen=True)
class Released:
    """What a decision did: rows that became facts, rows that are still held, facts that were respelled."""

    released: int = 0
    still_held: int = 0
    respelled: int = 0


@transaction.atomic
def alias_accept(*, kind: str, source: str, alias: str, target_key: str, actor: Viewer) -> Released:
    """Remember that a source means `target_key` by `alias`, and release every row that waits for it.

    For the vocabularies `industry` and `country` the facts that are known are respelled instead. Raises FindingError where the
    target is not known.
    """
    require(actor, "fact.import")
    alias, target_key = alias.strip(), target_key.strip()
    if not alias or not target_key:
        raise refuse("ALIAS_BLANK", kind, "A name is missing.", "Say which name stands for which.")
    if kind in VOCABULARIES:
        _remember(kind, source, alias, target_key)
        return Released(respelled=_respell(kind, source, alias, target_key))
    _refuse_unknown(kind, source, target_key)
    _remember(kind, source, alias, target_key)
    waiting = HeldRow.objects.filter(
        state=HeldState.HELD, code="REFERENCE_UNKNOWN", proposal_kind=kind, value=alias, upload__source=source
    )
    return _release(list(waiting.select_for_update(of=("self",)).order_by("pk")), actor)


def _remember(kind: str, source: str, alias: str, target_key: str) -> None:
    Alias.objects.update_or_create(kind=kind, source=source, alias=alias, defaults={"target_key": target_key})


def _refuse_unknown(kind: str, source: str, target_key: str) -> None:
    if kind not in KINDS:
        raise refuse(
            "KIND_UNKNOWN", kind, f"There is no kind of facts called “{kind}”.", f"Choose one of {', '.join(KINDS)}."
        )
    references = References(source)
    references.load(kind, {target_key})
    if references.get(kind, target_key) is None:
        label = KINDS[kind].label.lower()
        raise refuse(
            "TARGET_UNKNOWN",
            target_key,
            f"There is no {label} “{target_key}”.",
            f"Choose a known {label}, or import it first.",
        )


def _respell(vocabulary: str, source: str, received: str, standard: str) -> int:
    """Give the facts of a source that carry the received spelling the standard one, in new versions."""
    if received == standard:
        return 0
    changed = 0
    for kind in (fact_kind(name) for name in FACT_KINDS):
        for each in kind.stored_fields:
            if each.vocabulary == vocabulary:
                changed += _respell_column(kind, kind.column_names[kind.places[each.name]], source, received, standard)
    return changed


def _respell_column(kind: FactKind, column: str, source: str, received: str, standard: str) -> int:
    moment = moment_take()
    with connection.cursor() as cursor:
        cursor.execute(f"select id::text from {kind.fact_table} where source = %s", [source])
        facts = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            f"select id::text from {kind.version_table} where known_until is null and not is_withdrawn and {column} = %s "
            "and fact_id = any(%s::uuid[]) order by id",
            [received, facts],
        )
        ids = [row[0] for row in cursor.fetchall()]
    writer = FactWriter(kind, source, None, moment)
    writer.versions_end(ids)
    writer.updated = versions_copy(kind, ids, moment, {column: standard})
    writer.note(column, received, standard, ids)
    writer.finish("alias")
    return writer.updated


@transaction.atomic
def held_release(*, held_ids: Sequence[UUID | str], actor: Viewer) -> Released:
    """Try held rows again. Of rows with one key in one file, the released one is kept and the others are discarded."""
    require(actor, "fact.import")
    rows = _held(held_ids)
    _refuse_twins(rows)
    _refuse_unread(rows)
    _discard_twins(rows, actor)
    return _release(rows, actor)


@transaction.atomic
def held_fix(*, held_id: UUID | str, values: dict[str, str], actor: Viewer) -> Released:
    """Correct cells of a held row by column and try it again; raises FindingError for a column that the file does not have."""
    require(actor, "fact.import")
    row = _held([held_id])[0]
    _correct(row, values)
    _discard_twins([row], actor, also_key=row.key)
    return _release([row], actor)


@transaction.atomic
def held_discard(*, held_ids: Sequence[UUID | str], reason: str, actor: Viewer) -> int:
    """Leave rows out, with the reason; they stay counted among the held."""
    require(actor, "fact.import")
    if not reason.strip():
        raise refuse("REASON_MISSING", "reason", "No reason is given.", "Say why the rows are left out.")
    rows = _held(held_ids)
    return HeldRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=HeldState.DISCARDED, decision=reason.strip(), decided_at=timezone.now(), decided_by_id=actor.user_id
    )


@transaction.atomic
def held_upload(*, content: bytes, file_name: str, actor: Viewer) -> Released:
    """Take a corrected download of held rows back: cells are corrected and the rows tried again. Raises FeedError or FindingError."""
    require(actor, "fact.import")
    with content_open(content, file_name) as sheets:
        sheet = sheets[0]
        if HELD_COLUMN not in sheet.header:
            fix = f"Upload the file that was downloaded from the inbox, with its column “{HELD_COLUMN}”."
            raise refuse("NO_HELD_ROWS", file_name, f"The file has no column “{HELD_COLUMN}”.", fix)
        corrected = {}
        for row in sheet.rows:
            cells = dict(zip(sheet.header, row.values, strict=False))
            corrected[str(cells.pop(HELD_COLUMN) or "").strip()] = cells
    rows = _held(list(corrected))
    for held in rows:
        cells = corrected[str(held.pk)]
        _correct(held, {name: value or "" for name, value in cells.items() if name in held.values})
    return _release(rows, actor)


def _held(held_ids: Sequence[UUID | str]) -> list[HeldRow]:
    ids = _uuids(held_ids)
    rows = list(HeldRow.objects.select_for_update(of=("self",)).filter(pk__in=ids, state=HeldState.HELD).order_by("pk"))
    if not rows or len(rows) != len(ids):
        what = f"{len(ids) - len(rows):,} of {len(ids):,} rows are not held any more, or never were."
        raise refuse("NOT_HELD", "held rows", what, "Reload the inbox and decide again.")
    return rows


def _uuids(held_ids: Sequence[UUID | str]) -> set[UUID]:
    try:
        return {UUID(str(each)) for each in held_ids}
    except ValueError as error:
        raise refuse(
            "NOT_HELD", "held rows", "A row's number is not one of ours.", "Take the rows from the inbox."
        ) from error


def _correct(row: HeldRow, values: dict[str, str]) -> None:
    unknown = sorted(set(values) - set(row.values))
    if unknown:
        raise refuse(
            "COLUMN_UNKNOWN",
            f"row {row.row_number}",
            f"The row has no column “{unknown[0]}”.",
            f"Columns are {', '.join(held_columns(row))}.",
        )
    row.values = {**row.values, **{name: value.strip() or None for name, value in values.items()}}
    row.save(update_fields=["values"])


def _refuse_twins(rows: Sequence[HeldRow]) -> None:
    seen: set[tuple[object, str]] = set()
    for row in rows:
        if row.code == "DUPLICATE_KEY" and (row.upload_id, row.key) in seen:
            what = f"Several rows with the key “{row.key}” were chosen; they have other values."
            raise refuse("DUPLICATE_KEY", f"row {row.row_number}", what, "Release the one that is right.")
        seen.add((row.upload_id, row.key))


def _refuse_unread(rows: Sequence[HeldRow]) -> None:
    """Refuse rows that could not be read as a row: trying them again as they are would guess."""
    for row in rows:
        if not row.column:
            raise refuse("ROW_UNREAD", f"row {row.row_number}", row.reason, "Correct the row, then it is tried again.")


def _discard_twins(rows: Iterable[HeldRow], actor: Viewer, also_key: str = "") -> None:
    """Discard the rows that share key and file with a released one."""
    for row in rows:
        if row.code != "DUPLICATE_KEY":
            continue
        twins = HeldRow.objects.filter(
            upload_id=row.upload_id, key=row.key, state=HeldState.HELD, code="DUPLICATE_KEY"
        ).exclude(pk=row.pk)
        if also_key and _key_changed(row):
            continue
        twins.update(
            state=HeldState.DISCARDED,
            decision=f"Row {row.row_number} was kept instead.",
            decided_at=timezone.now(),
            decided_by_id=actor.user_id,
        )


def _key_changed(row: HeldRow) -> bool:
    return (row.values.get(row.column) or "").strip() != row.key


def _release(rows: Sequence[HeldRow], actor: Viewer) -> Released:
    """Put rows through the intake again, upload by upload; what is still wrong stays held with its new reason."""
    by_upload: dict[UUID, list[HeldRow]] = defaultdict(list)
    for row in rows:
        by_upload[row.upload_id].append(row)
    total = still = 0
    for upload_id in sorted(by_upload):
        released, left = _release_of(upload_lock(upload_id), by_upload[upload_id], actor)
        total, still = total + released, still + left
    return Released(total, still)


def _release_of(upload: Upload, rows: list[HeldRow], actor: Viewer) -> tuple[int, int]:
    if upload.state != UploadState.COMMITTED:
        raise refuse(
            "NOT_COMMITTED",
            upload.file_name,
            f"Its state is “{upload.get_state_display()}”.",
            "Commit the import first.",
        )
    moment = moment_take()
    again: dict[int, Hold] = {}
    for chunk in rows_write(upload, held_rows_of(rows, upload_header(upload)), moment, action="release"):
        upload.created += len(chunk.created)
        upload.updated += len(chunk.updated)
        upload.unchanged += chunk.unchanged
        again |= {hold.number: hold for hold in chunk.held}
    released = [row for row in rows if row.row_number not in again]
    HeldRow.objects.filter(pk__in=[row.pk for row in released]).update(
        state=HeldState.RELEASED, decision="Released.", decided_at=moment, decided_by_id=actor.user_id
    )
    _hold_again(upload, [row for row in rows if row.row_number in again], again)
    upload.held -= len(released)
    upload.save(update_fields=["created", "updated", "unchanged", "held"])
    return len(released), len(again)


def _hold_again(upload: Upload, rows: list[HeldRow], again: dict[int, Hold]) -> None:
    names = ("key", "column", "value", "code", "reason", "fix", "problems", "proposal_kind", "proposal_key")
    for row in rows:
        fresh = held_row(upload, again[row.row_number])
        for name in names:
            setattr(row, name, getattr(fresh, name))
    HeldRow.objects.bulk_update(rows, names, batch_size=500)
