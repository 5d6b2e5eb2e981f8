"""Says of an import of people whose last day lies before the end of books that are shut."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from spm.crm.models import Upload
from spm.crm.services.participants import changes_of
from spm.people.leaving import leaving_warnings


def leavers_warn(upload: Upload, chunk: Any) -> None:
    """Add to what is said of an upload, once for each whom the rows of a chunk let leave."""
    if upload.kind != "participant":
        return
    last_days = {
        UUID(person.participant_id): change[1] - timedelta(days=1)
        for person in (*chunk.created, *chunk.updated)
        if person.participant_id is not None and (change := changes_of(person).get("ends_on")) is not None
    }
    said = [each.as_dict() for each in leaving_warnings(last_days)]
    upload.findings = [*upload.findings, *(each for each in said if each not in upload.findings)]
