"""What is known of a kind and source, within reach of a full list, and not in the file. Reads only; people answer what becomes of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from spm.core.findings import Finding
from spm.crm.feeds.errors import NOTHING_IMPORTED
from spm.crm.feeds.schemas import KINDS, Field
from spm.crm.feeds.values import ValueType
from spm.crm.intake.references import References
from spm.crm.kinds import FACT_KINDS, FactKind, fact_kind, stored_value
from spm.crm.models import Upload

DAYS = {
    "price": "valid_from",
    "lead": "created_on",
    "opportunity": "close_on",
    "stage_change": "entered_on",
    "order": "ordered_on",
    "contract": "starts_on",
    "invoice": "invoiced_on",
    "credit_note": "credited_on",
    "payment": "paid_on",
    "activity": "happened_on",
}
"""The day of a record by which a full list says which dates it covers; kinds that are not named have none."""
LISTED = tuple(name for name in FACT_KINDS if name != "split")
"""Kinds of which a file can be the full list. Shares of a deal are set together and end with 0 %; people end on their timelines."""


@dataclass(frozen=True)
class FullList:
    """That a file holds every record of its kind and source: of all days or of [since, until), of all or where `field` is `value`."""

    since: date | None = None
    until: date | None = None
    field: str = ""
    value: str = ""

    @classmethod
    def of(cls, upload: Upload) -> "FullList | None":
        """Give what an upload says of itself; None where it is no full list."""
        if not upload.is_full_list:
            return None
        return cls(upload.list_from, upload.list_until, upload.list_field, upload.list_value)

    def write_to(self, upload: Upload) -> None:
        """Put it on an upload, unsaved."""
        upload.is_full_list, upload.list_from, upload.list_until = True, self.since, self.until
        upload.list_field, upload.list_value = self.field, self.value


@dataclass(frozen=True)
class Absent:
    """A record that is known and not in the list."""

    fact_id: str
    key: str
    label: str


def book_fields(kind: str) -> list[Field]:
    """Give the fields by which a list can say whose records it holds: what they name, and short words."""
    if kind not in LISTED:
        return []
    kept = (ValueType.CHOICE, ValueType.COUNTRY, ValueType.CURRENCY, ValueType.TEXT)
    return [
        each for each in fact_kind(kind).stored_fields if each.reference or (each.type in kept and each.name != "name")
    ]


def full_list_findings(full: FullList, kind: str, source: str) -> list[Finding]:
    """Give what is wrong with a full list."""
    found = []
    if kind not in LISTED:
        label = KINDS[kind].plural.lower()
        found.append(_finding(f"A file of {label} can't be a full list.", "End them one by one instead."))
    elif (full.since or full.until) and kind not in DAYS:
        found.append(_finding(f"{KINDS[kind].plural} have no day.", "Leave the dates out."))
    if full.since and full.until and full.since >= full.until:
        found.append(_finding("The list ends before it begins.", "Choose a later end."))
    if bool(full.field) != bool(full.value):
        found.append(_finding("A book needs a field and its value.", "Give both, or neither."))
    elif full.field and full.field not in {each.name for each in book_fields(kind)}:
        found.append(_finding(f"“{full.field}” can't tell a book.", "Choose another field."))
    elif full.field and not found and _book_value(full, kind, source) is None:
        found.append(_finding(f"“{full.value}” is not known.", "Write it as the records name it."))
    return found


def _finding(what: str, fix: str) -> Finding:
    return Finding("FULL_LIST", "Full list", what, NOTHING_IMPORTED, fix)


def _book_value(full: FullList, kind: str, source: str) -> Any:
    """The value as its column keeps it; None for a reference that names nothing."""
    each = KINDS[kind].field(full.field)
    if not each.reference:
        return stored_value(each, full.value)
    references = References(source)
    references.load(each.reference, {full.value})
    return references.get(each.reference, full.value)


def absent_find(full: FullList, kind_name: str, source: str, keys: Iterable[str]) -> list[Absent]:
    """Give what is known now within reach of the list and has none of the keys, by key."""
    kind = fact_kind(kind_name)
    asked: dict[str, Any] = {"source": source, "keys": list(keys), "since": full.since, "until": full.until}
    label = "v.name" if kind.has_name else "''"
    query = f"""
        select f.id::text, f.source_key, {label} from {kind.fact_table} f
        join {kind.version_table} v on v.fact_id = f.id and v.known_until is null and not v.is_withdrawn
        where f.source = %(source)s and not exists (select 1 from unnest(%(keys)s::text[]) k where k = f.source_key) {_reach(full, kind)}
        order by f.source_key, f.id
    """
    if full.field:
        asked["value"] = _book_value(full, kind_name, source)
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return [Absent(*row) for row in cursor.fetchall()]


def _reach(full: FullList, kind: FactKind) -> str:
    """The conditions of days and book. A record without its day is of no dates, so a list of dates does not ask for it."""
    found = ""
    if full.since:
        found += f" and v.{DAYS[kind.name]} >= %(since)s"
    if full.until:
        found += f" and v.{DAYS[kind.name]} < %(until)s"
    if full.field:
        found += f" and v.{kind.column_names[kind.places[full.field]]} = %(value)s"
    return found
