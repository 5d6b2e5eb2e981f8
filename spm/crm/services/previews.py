"""Counts and samples of what becomes of rows, kept small enough for a page."""

from collections import Counter
from typing import Any

from spm.crm.intake.sorting import Sorted
from spm.crm.models import Upload
from spm.crm.services.writing import changes_plain

SAMPLES = 20
GROUPS = 50


class Preview:
    """Adds up chunks of sorted rows."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.received = self.created = self.updated = self.unchanged = self.held = 0
        self._samples: dict[str, list[dict[str, Any]]] = {"created": [], "updated": [], "held": []}
        self._groups: Counter[tuple[str, str, str, str, str]] = Counter()

    def add(self, chunk: Sorted) -> None:
        """Take one chunk in."""
        self.received += chunk.received
        self.created += len(chunk.created)
        self.updated += len(chunk.updated)
        self.unchanged += chunk.unchanged
        self.held += len(chunk.held)
        for name, rows in (("created", chunk.created), ("updated", chunk.updated)):
            self._samples[name] += changes_plain(self._kind, rows, limit=SAMPLES - len(self._samples[name]))
        for hold in chunk.held:
            first = hold.problems[0]
            self._groups[first.code, first.column, first.value[:200], first.reason, first.fix] += 1
            if len(self._samples["held"]) < SAMPLES:
                self._samples["held"].append(
                    {
                        "row": hold.number,
                        "column": first.column,
                        "value": first.value,
                        "reason": first.reason,
                        "fix": first.fix,
                    }
                )

    def write_to(self, upload: Upload) -> None:
        """Put counts and samples on the upload, unsaved."""
        for name in ("received", "created", "updated", "unchanged", "held"):
            setattr(upload, name, getattr(self, name))
        names = ("code", "column", "value", "reason", "fix")
        groups = [
            {**dict(zip(names, group, strict=True)), "count": count}
            for group, count in self._groups.most_common(GROUPS)
        ]
        upload.preview = {"samples": self._samples, "groups": groups, "groups_total": len(self._groups)}
