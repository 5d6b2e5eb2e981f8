"""The way of an upload: received, mapped, previewed, committed, undone. Each step is one transaction and says why it refuses."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from io import StringIO
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from spm.core.findings import Finding
from spm.crm.feeds.attributes import KIND, Attribute
from spm.crm.feeds.errors import NOTHING_IMPORTED
from spm.crm.feeds.mapping import UNREAD, Mapping
from spm.crm.feeds.schemas import guess_kind, guess_mapping
from spm.crm.feeds.sheets import Sheet
from spm.crm.feeds.values import Format
from spm.crm.intake.absent import FullList, absent_find, full_list_findings
from spm.crm.intake.reading import (
    FIX_COLUMN,
    HELD_COLUMN,
    REASON_COLUMN,
    Rows,
    content_open,
    content_pack,
    sheet_choose,
    upload_open,
)
from spm.crm.intake.storing import held_insert, moment_take
from spm.crm.models import HeldRow, HeldState, RememberedMapping, Upload, UploadContent, UploadState
from spm.crm.selectors.attributes import deal_attributes
from spm.crm.services.absences import absences_ask, absences_return, absences_watched
from spm.crm.services.findings import MappingError, refuse
from spm.crm.services.leavers import Leavers
from spm.crm.services.previews import Preview
from spm.crm.services.writing import rows_decide, rows_write
from spm.people.leaving import CODE as LAST_DAY_SHUT
from spm.roles.policy import Viewer, require

SAMPLE = 200
OPEN_STATES = (UploadState.UPLOADED, UploadState.MAPPED, UploadState.PREVIEWED)


@transaction.atomic
def upload_create(
    *, content: bytes, file_name: str, source: str, actor: Viewer, kind: str = "", currency: str = ""
) -> Upload:
    """Keep a file and guess what it holds: the mapping remembered for its header, else a guess. Raises FeedError when unreadable."""
    require(actor, "fact.import")
    with content_open(content, file_name) as sheets:
        sheet = sheets[0]
        mapping = _proposed(sheet, source, kind, currency)
        header = [{"name": each.name, "header": each.header} for each in sheets]
        findings = [finding.as_dict() for each in sheets for finding in each.notes]
    upload = Upload.objects.create(
        file_name=file_name.replace("\\", "/").rsplit("/", 1)[-1][:255],
        digest=sha256(content).hexdigest(),
        size=len(content),
        source=source,
        kind=mapping.kind if mapping else kind,
        sheet=sheet.name,
        sheets=header,
        mapping=mapping.to_dict() if mapping else {},
        findings=findings,
        uploaded_by_id=actor.user_id,
    )
    UploadContent.objects.create(upload=upload, content=content_pack(content))
    return upload


def _proposed(sheet: Sheet, source: str, kind: str, currency: str) -> Mapping | None:
    remembered = RememberedMapping.objects.filter(source=source, header_digest=header_digest(sheet.header)).first()
    if remembered and kind in ("", remembered.kind):
        return Mapping.from_dict(remembered.mapping)
    chosen = kind or guess_kind(sheet.header)
    if not chosen:
        return None
    return mapping_guess(sheet, chosen, currency)


def mapping_guess(sheet: Sheet, kind: str, currency: str = "") -> Mapping:
    """Give the guess for a sheet and a kind.

    Columns called like an attribute are that attribute; the currency is taken where an amount needs one and no column says it.
    """
    mapping = guess_mapping(kind, sheet.header, list(islice(sheet.rows, SAMPLE)), canonical=sheet.canonical)
    if kind == KIND:
        known = {name: type for name, type in deal_attributes().items() if name in sheet.header}
        mapping = replace(mapping, attributes={name: Attribute(name, type) for name, type in known.items()})
    needs = any(finding.code == "CURRENCY_MISSING" for finding in mapping.check(sheet.header))
    return replace(mapping, constants={**mapping.constants, "currency": currency}) if currency and needs else mapping


def header_digest(header: list[str]) -> str:
    """Give what a header is recognised by: its names in order, without the columns that a download of held rows adds."""
    names = [name for name in header if name not in (HELD_COLUMN, REASON_COLUMN, FIX_COLUMN)]
    return sha256("\x1f".join(names).encode()).hexdigest()


def upload_lock(upload_id: UUID | str) -> Upload:
    """Lock an upload for a change; raises Upload.DoesNotExist."""
    return Upload.objects.select_for_update().get(pk=upload_id)


def _attributes_otherwise(mapping: Mapping) -> list[Finding]:
    """Attributes that earlier imports know as something else: one name holds one type, because plans ask it."""
    known = deal_attributes() if mapping.attributes else {}
    return [
        Finding(
            "ATTRIBUTE_TYPE",
            name,
            f"“{name}” holds {known[name]} since an earlier import, not {each.type}.",
            NOTHING_IMPORTED,
            f"Choose {known[name]}, or give it another name.",
        )
        for name, each in mapping.attributes.items()
        if known.get(name, each.type) != each.type
    ]


@transaction.atomic
def mapping_save(
    *,
    upload_id: UUID | str,
    mapping: Mapping,
    actor: Viewer,
    sheet: str | None = None,
    full_list: FullList | None = None,
) -> Upload:
    """Choose what the columns mean, and whether the file is a full list.

    Raises MappingError with every finding, and changes nothing then.
    """
    require(actor, "fact.import")
    upload = upload_lock(upload_id)
    if upload.state not in OPEN_STATES:
        raise refuse(
            "UPLOAD_CLOSED",
            upload.file_name,
            "This import is committed already.",
            "Upload the file again to map it anew.",
        )
    upload.sheet = upload.sheet if sheet is None else sheet
    header = next((each["header"] for each in upload.sheets if each["name"] == upload.sheet), None)
    if header is None:
        sheet_choose([], upload.sheet, upload.file_name)
    findings = [*mapping.check(header or []), *_day_missing(mapping), *_attributes_otherwise(mapping)]
    findings += full_list_findings(full_list, mapping.kind, upload.source) if full_list else []
    if findings:
        raise MappingError(findings)
    upload.kind, upload.mapping, upload.state, upload.preview = mapping.kind, mapping.to_dict(), UploadState.MAPPED, {}
    others = [each for each in upload.findings if each["code"] not in (UNREAD, LAST_DAY_SHUT)]
    upload.findings = [*others, *(each.as_dict() for each in mapping.unread(header or []))]
    upload.received = upload.created = upload.updated = upload.unchanged = upload.held = upload.absent = 0
    (full_list or FullList()).write_to(upload)
    upload.is_full_list = full_list is not None
    upload.save()
    return upload


def _day_missing(mapping: Mapping) -> list[Finding]:
    if mapping.kind != "participant" or mapping.names("starts_on"):
        return []
    what = "No day is chosen from which units and reporting lines hold."
    return [
        Finding(
            "DAY_MISSING", "starts_on", what, "Nothing was imported.", "Choose the day, or the column that names it."
        )
    ]


@transaction.atomic
def upload_preview(*, upload_id: UUID | str, actor: Viewer) -> Upload:
    """Count what a commit would do, with samples before and after; writes no fact."""
    require(actor, "fact.import")
    upload = upload_lock(upload_id)
    if upload.state not in (UploadState.MAPPED, UploadState.PREVIEWED):
        raise refuse(
            "NOT_MAPPED", upload.file_name, f"Its state is “{upload.get_state_display()}”.", "Choose the mapping first."
        )
    preview, leavers = Preview(upload.kind), Leavers()
    keys: set[str] = set()
    full = FullList.of(upload)
    with upload_open(upload) as sheet:
        for chunk in rows_decide(upload, Rows(sheet.header, sheet.rows, sheet.name)):
            preview.add(chunk)
            leavers.see(upload, chunk)
            keys |= chunk.keys if full else set()
    preview.write_to(upload)
    leavers.write_to(upload)
    upload.absent = len(absent_find(full, upload.kind, upload.source, keys)) if full else 0
    upload.state = UploadState.PREVIEWED
    upload.save()
    return upload


@transaction.atomic
def upload_commit(*, upload_id: UUID | str, actor: Viewer) -> Upload:
    """Write what the rows say, at one moment, and hold the others. Again on a committed upload it changes nothing.

    Raises FindingError where the upload has no checked mapping, FeedError where the file breaks further down; nothing is written then.
    """
    require(actor, "fact.import")
    upload = upload_lock(upload_id)
    if upload.state == UploadState.COMMITTED:
        return upload
    if upload.state not in (UploadState.MAPPED, UploadState.PREVIEWED, UploadState.COMMITTING):
        raise refuse(
            "NOT_MAPPED", upload.file_name, f"Its state is “{upload.get_state_display()}”.", "Choose the mapping first."
        )
    moment = moment_take()
    earlier = _held_earlier(upload)
    totals, leavers = Preview(upload.kind), Leavers()
    replaced: set[Any] = set()
    watched, returned, keys = absences_watched(upload), set[Any](), set[str]()
    with upload_open(upload) as sheet:
        header = sheet.header
        for chunk in rows_write(upload, Rows(header, sheet.rows, sheet.name), moment, action="commit"):
            held_insert(upload, chunk.held)
            totals.add(chunk)
            leavers.see(upload, chunk)
            replaced |= {pk for key in chunk.keys & earlier.keys() for pk in earlier[key]}
            returned |= {pk for key in chunk.keys & watched.keys() for pk in watched[key]}
            keys |= chunk.keys if upload.is_full_list else set()
    HeldRow.objects.filter(pk__in=replaced).update(
        state=HeldState.DISCARDED,
        decision=f"Replaced by {upload.file_name}.",
        decided_at=moment,
        decided_by_id=actor.user_id,
    )
    absences_return(returned, moment)
    totals.write_to(upload)
    leavers.write_to(upload)
    upload.absent = absences_ask(upload, keys)
    upload.state, upload.committed_at = UploadState.COMMITTED, moment
    upload.save()
    RememberedMapping.objects.update_or_create(
        source=upload.source,
        header_digest=header_digest(header),
        defaults={"kind": upload.kind, "mapping": upload.mapping},
    )
    return upload


def _held_earlier(upload: Upload) -> dict[str, list[Any]]:
    """Give the rows still held for keys of the same kind and source: a newer file says the last word about them."""
    rows = HeldRow.objects.filter(upload__source=upload.source, kind=upload.kind, state=HeldState.HELD).exclude(key="")
    found: dict[str, list[Any]] = {}
    for key, pk in rows.values_list("key", "pk"):
        found.setdefault(key, []).append(pk)
    return found


@transaction.atomic
def upload_queue(*, upload_id: UUID | str, actor: Viewer) -> Upload:
    """Close the upload for changes until a job has committed it."""
    require(actor, "fact.import")
    upload = upload_lock(upload_id)
    if upload.state not in (UploadState.PREVIEWED, UploadState.COMMITTING):
        raise refuse(
            "NOT_PREVIEWED",
            upload.file_name,
            f"Its state is “{upload.get_state_display()}”.",
            "Look at the preview first.",
        )
    upload.state = UploadState.COMMITTING
    upload.save(update_fields=["state"])
    return upload


@transaction.atomic
def upload_fail(*, upload_id: UUID | str, finding: Finding, actor: Viewer) -> Upload:
    """Keep why a file could not be read to its end."""
    require(actor, "fact.import")
    upload = upload_lock(upload_id)
    if upload.state in (*OPEN_STATES, UploadState.COMMITTING):
        upload.state, upload.findings = UploadState.FAILED, [*upload.findings, finding.as_dict()]
        upload.save(update_fields=["state", "findings"])
    return upload


@transaction.atomic
def upload_discard(*, upload_id: UUID | str, actor: Viewer) -> None:
    """Delete an upload that was never committed, with its file."""
    require(actor, "fact.import")
    upload = upload_lock(upload_id)
    if upload.state in (UploadState.COMMITTED, UploadState.UNDONE, UploadState.COMMITTING):
        raise refuse("UPLOAD_CLOSED", upload.file_name, "A committed import stays in the history.", "Undo it instead.")
    UploadContent.objects.filter(upload=upload).delete()
    upload.delete()


def committed_on(upload: Upload) -> str:
    """Name an upload with the day of its commit, for reasons."""
    day = timezone.localtime(upload.committed_at).date().isoformat() if upload.committed_at else "not committed"
    return f"{upload.file_name} ({day})"


@transaction.atomic
def rows_commit(
    *,
    kind: str,
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    file_name: str,
    source: str,
    actor: Viewer,
    format: Format | None = None,
) -> Upload:
    """Take rows as a file of them is taken, each cell under its field; what can't be taken is held. None is an empty cell."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([fields, *rows])
    content = text.getvalue().encode()
    upload = upload_create(content=content, file_name=file_name, source=source, actor=actor, kind=kind)
    mapping = Mapping(kind, {name: name for name in fields}, format=format or Format())
    mapping_save(upload_id=upload.pk, mapping=mapping, actor=actor)
    return upload_commit(upload_id=upload.pk, actor=actor)
