"""Decides about each row: created, updated, unchanged or held. Reads the database, writes nothing.

Columns that the mapping does not fill keep what is known; a filled column with a blank cell clears it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from spm.core.loops import loop_find
from spm.crm.feeds.attributes import AttributeType, attribute_stored, percent_stored
from spm.crm.feeds.fields import KEY_SOURCE
from spm.crm.feeds.mapping import Mapping
from spm.crm.feeds.records import Problem, Record, RecordReader
from spm.crm.feeds.schemas import KINDS, Field
from spm.crm.intake.duplicates import Duplicates, duplicates_find
from spm.crm.intake.known import fact_ids, fact_names, parents_above, versions_current
from spm.crm.intake.reading import Rows
from spm.crm.intake.references import Candidate, References
from spm.crm.intake.shares import split_problem, splits_torn
from spm.crm.kinds import FactKind, fact_kind, stored_value
from spm.crm.models import Alias, SplitKind
from spm.tenancy.keys import uuid7

CHUNK = 10_000
_DEAL = KINDS["split"].field("opportunity")
VOCABULARIES = ("industry", "country")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that is taken: `before` is None for a new fact; `version_id` is the version that ends."""

    number: int
    key: str
    fact_id: str
    is_new_fact: bool
    version_id: str | None
    before: tuple[Any, ...] | None
    after: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """A row that is not taken, with its problems, the first being the one it is listed under."""

    number: int
    key: str
    received: dict[str, str | None]
    problems: tuple[Problem, ...]
    proposal_kind: str = ""
    proposal_key: str = ""


@dataclass
class Sorted:
    """What becomes of a chunk of rows; `keys` are the keys that were met in it."""

    created: list[Any] = field(default_factory=list)
    updated: list[Any] = field(default_factory=list)
    unchanged: int = 0
    held: list[Hold] = field(default_factory=list)
    keys: frozenset[str] = frozenset()

    @property
    def received(self) -> int:
        """Give how many rows came in; nothing is lost."""
        return len(self.created) + len(self.updated) + self.unchanged + len(self.held)


def rows_sort(mapping: Mapping, source: str, rows: Rows) -> Iterator[Sorted]:
    """Decide about all rows, chunk by chunk; each chunk sees what was written of the ones before."""
    sorter = Sorter(mapping, source, duplicates_find(mapping, rows.header, rows.rows))
    reader = RecordReader(mapping, rows.header)
    records = (reader.read(row) for row in rows.rows)
    size = None if sorter.kind.needs_whole_file else CHUNK
    while chunk := list(islice(records, size)):
        yield sorter.sort(chunk)


class Sorter:
    """Sorts records of one kind from one source."""

    def __init__(self, mapping: Mapping, source: str, duplicates: Duplicates) -> None:
        self.kind: FactKind = fact_kind(mapping.kind)
        self._mapping, self._source, self._duplicates = mapping, source, duplicates
        self._fields = [each for each in self.kind.stored_fields if mapping.names(each.name)]
        self._references = References(source)
        self._spellings = spellings(source)
        self._held_keys: dict[str, Hold] = {}

    def sort(self, records: list[Record]) -> Sorted:
        """Decide about a chunk of records."""
        result = Sorted(keys=frozenset(record.key for record in records))
        candidates = self._without_errors(records, result)
        known = self._known([record.key for record in candidates])
        if self.kind.refers_to_itself:
            candidates = self._without_loops(candidates, result)
            self._references.own = {record.key: self._fact_id(record.key, known) for record in candidates}
        self._load_references(candidates)
        accepted = self._with_references(candidates, result)
        if self.kind.refers_to_itself:
            accepted = self._without_known_loops(accepted, known, result)
        for record in self._whole_splits(accepted, result) if self.kind.name == "split" else accepted:
            self._decide(record, known, result)
        return result

    def _whole_splits(self, records: list[Record], result: Sorted) -> list[Record]:
        """Hold the revenue shares of each deal for which they would not sum to 100 %."""
        deals = {record.key: str(self._resolve(_DEAL, str(record.values["opportunity"]))) for record in records}
        torn = splits_torn(self._source, records, deals)
        kept = []
        for record in records:
            if deals[record.key] in torn and record.values["kind"] == SplitKind.REVENUE:
                column = self._mapping.columns.get("share", "Share")
                self._hold(record, (split_problem(record, column, torn[deals[record.key]]),), result)
            else:
                kept.append(record)
        return kept

    def _without_errors(self, records: list[Record], result: Sorted) -> list[Record]:
        kept = []
        for record in records:
            if record.held:
                self._hold(record, record.problems, result)
            elif record.key in self._duplicates.conflicts:
                self._hold(record, (self._conflict(record),), result)
            elif record.received.get(KEY_SOURCE) not in (None, "", self._source):
                self._hold(record, (self._foreign(record),), result)
            else:
                kept.append(record)
        return kept

    def _foreign(self, record: Record) -> Problem:
        """A key of another source would make the same thing a second time."""
        source = str(record.received[KEY_SOURCE])
        reason = f"“{record.key}” is a key of the source {source}, and the file is imported as {self._source}."
        fix = f"Import the row in a file of the source {source}."
        return Problem("KEY_FOREIGN", "key", KEY_SOURCE, source, reason, fix)

    def _hold(
        self, record: Record, problems: tuple[Problem, ...], result: Sorted, near: Candidate | None = None
    ) -> None:
        ordered = tuple(sorted(problems, key=lambda problem: problem.severity != "ERROR"))
        named = (
            KINDS[self.kind.name].field(ordered[0].field).reference if ordered[0].code == "REFERENCE_UNKNOWN" else None
        )
        hold = Hold(record.number, record.key, record.received, ordered, named or "", near.key if near else "")
        result.held.append(hold)
        self._held_keys.setdefault(record.key, hold)

    def _conflict(self, record: Record) -> Problem:
        numbers = self._duplicates.conflicts[record.key]
        places = ", ".join(str(number) for number in numbers[:10]) + (" …" if len(numbers) > 10 else "")
        column = self._mapping.columns.get("key", "Key")
        return Problem(
            "DUPLICATE_KEY",
            "key",
            column,
            record.key,
            f"Rows {places} have the same key “{record.key}” and other values.",
            "Release the row that is right; the others are discarded. Or correct the key.",
        )

    def _without_loops(self, records: list[Record], result: Sorted) -> list[Record]:
        """Hold the rows whose references to their own kind lead back to themselves."""
        itself = [each.name for each in self.kind.reference_fields if each.reference == self.kind.name]
        above = {
            record.key: [str(record.values[name]) for name in itself if record.values.get(name)] for record in records
        }
        loop = loop_find({key: targets[0] for key, targets in above.items() if targets})
        if not loop:
            return records
        each = KINDS[self.kind.name].field(itself[0])
        for record in records:
            if record.key in loop:
                self._hold(record, (self._loop(record, each, loop),), result)
        return self._without_loops([record for record in records if record.key not in loop], result)

    def _without_known_loops(
        self, records: list[Record], known: dict[str, tuple[Any, ...]], result: Sorted
    ) -> list[Record]:
        """Hold the rows that lead back to themselves by way of what is known already."""
        each = next(one for one in self.kind.reference_fields if one.reference == self.kind.name)
        if not self._mapping.names(each.name):
            return records
        ids = {self._references.own.get(record.key) or self._fact_id(record.key, known): record for record in records}
        given = {
            id: self._resolve(each, str(record.values[each.name])) if record.values.get(each.name) else None
            for id, record in ids.items()
        }
        above = parents_above(self.kind, self.kind.column_names[self.kind.places[each.name]], given)
        held: set[str] = set()
        while loop := loop_find(above):
            names = fact_names(self.kind, loop)
            named = [names.get(id) or ids[id].key for id in loop]
            for id in loop:
                if id in ids:
                    self._hold(ids[id], (self._loop(ids[id], each, named),), result)
                    held.add(ids[id].key)
                above.pop(id)
        return [record for record in records if record.key not in held]

    def _loop(self, record: Record, each: Field, loop: list[str]) -> Problem:
        path = " → ".join([*loop, loop[0]])
        column = self._mapping.columns.get(each.name, each.label)
        value = str(record.values[each.name])
        return Problem(
            "REFERENCE_LOOP",
            each.name,
            column,
            value,
            f"“{each.label}” loops: {path}.",
            "Break the loop in one of the rows.",
        )

    def _load_references(self, records: list[Record]) -> None:
        for each in self.kind.reference_fields:
            values = {str(record.values[each.name]) for record in records if record.values.get(each.name) is not None}
            own = self._references.own if each.reference == self.kind.name else {}
            self._references.load(str(each.reference), values - set(own))

    def _with_references(self, records: list[Record], result: Sorted) -> list[Record]:
        """Keep the rows whose references are found; a row that names a held row of its own file is held too."""
        while True:
            kept = []
            for record in records:
                missing = self._unresolved(record)
                if missing:
                    self._hold_unresolved(record, missing, result)
                else:
                    kept.append(record)
            if len(kept) == len(records) or not self._references.own:
                return kept
            self._references.own = {record.key: self._references.own[record.key] for record in kept}
            self._load_references(kept)
            records = kept

    def _unresolved(self, record: Record) -> list[Field]:
        return [
            each
            for each in self.kind.reference_fields
            if record.values.get(each.name) is not None and self._resolve(each, str(record.values[each.name])) is None
        ]

    def _resolve(self, each: Field, value: str) -> str | None:
        own = self._references.own.get(value) if each.reference == self.kind.name else None
        return own or self._references.get(str(each.reference), value)

    def _hold_unresolved(self, record: Record, missing: list[Field], result: Sorted) -> None:
        problems, first = [], None
        for each in missing:
            value = str(record.values[each.name])
            near = self._references.proposals(str(each.reference), value)
            first = first or (near[0] if near and each is missing[0] else None)
            label = KINDS[str(each.reference)].label.lower()
            fix = (
                f"Accept “{near[0].key}” for it, or import the {label} first."
                if near
                else f"Import the {label} first, or correct the name."
            )
            column = self._mapping.columns.get(each.name, each.label)
            reason = f"There is no {label} “{value}”."
            problems.append(
                Problem(
                    "REFERENCE_UNKNOWN", each.name, column, value, reason, fix, proposals=tuple(one.key for one in near)
                )
            )
        self._hold(record, (*problems, *record.problems), result, first)

    def _known(self, keys: list[str]) -> dict[str, tuple[Any, ...]]:
        """Give what is known of keys: key → (fact id, version id, is withdrawn, business columns …).

        Two queries and no join: right after a large import the planner has no statistics yet and would join row by row.
        """
        ids = fact_ids(self.kind, keys, self._source)
        versions = versions_current(self.kind, list(ids.values()))
        nothing = (None, None, *(None for _ in self.kind.columns))
        return {key: (fact_id, *versions.get(fact_id, nothing)) for key, fact_id in ids.items()}

    def _fact_id(self, key: str, known: dict[str, tuple[Any, ...]]) -> str:
        return known[key][0] if key in known else str(uuid7())

    def _decide(self, record: Record, known: dict[str, tuple[Any, ...]], result: Sorted) -> None:
        if record.number in self._duplicates.repeats:
            earlier = self._held_keys.get(record.key)
            if earlier is None:
                result.unchanged += 1
            else:
                result.held.append(replace(earlier, number=record.number, received=record.received))
            return
        found = known.get(record.key)
        current = found[3:] if found and found[1] and not found[2] else None
        after = self._after(record, current)
        if current == after:
            result.unchanged += 1
            return
        fact_id = self._references.own.get(record.key) or self._fact_id(record.key, known)
        accepted = Accepted(
            record.number, record.key, fact_id, found is None, found[1] if found else None, current, after
        )
        (result.created if current is None else result.updated).append(accepted)

    def _after(self, record: Record, current: tuple[Any, ...] | None) -> tuple[Any, ...]:
        columns = list(current) if current is not None else [each.default for each in self.kind.columns]
        for each in self._fields:
            columns[self.kind.places[each.name]] = self._stored(each, record.values.get(each.name))
        if self._mapping.attributes:
            place = self.kind.column_names.index("attributes")
            columns[place] = self._attributes(record, columns[place])
        return tuple(columns)

    def _attributes(self, record: Record, known: str) -> str:
        """What is known of attributes, with those of the file: as text, the same for the same attributes."""
        before: dict[str, Any] = json.loads(known)
        after = dict(before)
        for name, each in self._mapping.attributes.items():
            is_rate = each.type == AttributeType.PERCENT
            value = (percent_stored if is_rate else attribute_stored)(record.values.get(name))
            after.pop(name, None)
            if value is not None:
                after[name] = value
        return known if after == before else json.dumps(after, sort_keys=True, ensure_ascii=False)

    def _stored(self, each: Field, value: Any) -> Any:
        if value is None:
            return stored_value(each, None)
        if each.reference:
            return self._resolve(each, str(value))
        if each.vocabulary:
            value = self._spellings.get((each.vocabulary, str(value)), value)
        return stored_value(each, value)


def spellings(source: str) -> dict[tuple[str, str], str]:
    """Give the decided spellings of a source: (vocabulary, received) → standard."""
    rows = Alias.objects.filter(kind__in=VOCABULARIES, source=source).values_list("kind", "alias", "target_key")
    return {(kind, alias): target for kind, alias, target in rows}
