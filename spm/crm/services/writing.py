"""The one path by which rows become facts or people: from files, released rows and the API alike."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from spm.crm.feeds.mapping import Mapping
from spm.crm.intake.reading import Rows
from spm.crm.intake.samples import samples
from spm.crm.intake.sorting import Sorted, rows_sort
from spm.crm.intake.storing import FactWriter
from spm.crm.kinds import fact_kind
from spm.crm.models import Upload
from spm.crm.services.participants import participant_samples, participants_sort, participants_write

PEOPLE = "participant"


def rows_decide(upload: Upload, rows: Rows) -> Iterator[Sorted]:
    """Decide about rows under the upload's mapping and source; writes nothing."""
    mapping = Mapping.from_dict(upload.mapping)
    return (
        participants_sort(mapping, upload.source, rows)
        if mapping.kind == PEOPLE
        else rows_sort(mapping, upload.source, rows)
    )


def rows_write(upload: Upload, rows: Rows, moment: datetime, *, action: str) -> Iterator[Sorted]:
    """Write what is accepted of rows, chunk by chunk, and give each chunk; held rows are the caller's to keep."""
    if upload.kind == PEOPLE:
        for chunk in rows_decide(upload, rows):
            participants_write(chunk, upload, moment, action=action)
            yield chunk
        return
    writer = FactWriter(fact_kind(upload.kind), upload.source, upload.pk, moment)
    for chunk in rows_decide(upload, rows):
        writer.write(chunk)
        yield chunk
    writer.finish(action)


def changes_plain(kind: str, accepted: Sequence[Any], *, limit: int) -> list[dict[str, Any]]:
    """Give samples of accepted rows with their fields before and after."""
    if kind == PEOPLE:
        return participant_samples(accepted, limit=limit)
    return samples(accepted, fact_kind(kind), limit=limit)
