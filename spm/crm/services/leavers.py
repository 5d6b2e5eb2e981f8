"""Says of an import of people whose last day lies before the end of books that are shut."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import ngettext

from spm.core.findings import Finding, Severity
from spm.crm.models import Upload
from spm.crm.services.participants import changes_of
from spm.people.leaving import CODE, leaving_warnings

MOST = 50
"""So many are named; of the others the number is said."""


@dataclass
class Leavers:
    """Gathers the warnings of one pass over the rows of an upload."""

    said: dict[str, dict[str, Any]] = field(default_factory=dict)

    def see(self, upload: Upload, chunk: Any) -> None:
        """Take in whom the rows of a chunk let leave."""
        if upload.kind != "participant":
            return
        last_days = {
            UUID(person.participant_id): change[1] - timedelta(days=1)
            for person in (*chunk.created, *chunk.updated)
            if person.participant_id is not None and (change := changes_of(person).get("ends_on")) is not None
        }
        self.said |= {each.where: each.as_dict() for each in leaving_warnings(last_days)}

    def write_to(self, upload: Upload) -> None:
        """Put what is said now in the place of what an earlier pass said."""
        others = [each for each in upload.findings if each["code"] != CODE]
        named, more = list(self.said.values())[:MOST], len(self.said) - MOST
        upload.findings = [*others, *named, *([_more(more)] if more > 0 else [])]


def _more(count: int) -> dict[str, Any]:
    what = ngettext(
        "%(count)d more person leaves before the end of books that are shut.",
        "%(count)d more people leave before the end of books that are shut.",
        count,
    )
    return Finding(CODE, "participant", what % {"count": count}, severity=Severity.WARNING).as_dict()
