"""What a file of participants says, put on the timelines of people: who they are, their seat, title, unit and manager from a day on.

A person is found by key, e-mail or name. A manager whom no row names becomes a participant with a seat too. Who manages somebody gets
the title `manager`, the others `rep`, unless a column says the title.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.text import slugify

from spm.core.findings import Finding, FindingError
from spm.core.loops import loop_find
from spm.crm.feeds.mapping import Mapping
from spm.crm.feeds.records import Problem, Record, RecordReader
from spm.crm.intake.duplicates import duplicates_find
from spm.crm.intake.reading import Rows
from spm.crm.intake.references import References
from spm.crm.intake.sorting import Hold, Sorted
from spm.crm.intake.storing import moment_log
from spm.crm.models import Upload
from spm.crm.services.findings import refuse
from spm.crm.services.seats import Seat, seats_on
from spm.people.models import (
    Employment,
    Participant,
    Position,
    PositionHolding,
    PositionTitle,
    PositionUnit,
    ReportingLine,
    Title,
    Unit,
)
from spm.people.services import employment_end, hierarchy_lock, hierarchy_loop, timeline_set

TITLES = {"manager": "Manager", "rep": "Sales agent"}
FIELDS = ("name", "email", "employee_number", "manager", "unit", "title", "starts_on", "ends_on")
LABELS = {
    "name": "Name",
    "email": "Email",
    "employee_number": "Employee number",
    "manager": "Manager",
    "unit": "Unit",
    "title": "Title",
    "ends_on": "Ends",
}

NAMED = ("manager", "unit", "title")
"""What a row may call by its name or its key."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a row says of a person, beside what is known (None: not known yet). `manager` is the key or name of the manager."""

    number: int
    key: str
    participant_id: str | None
    values: dict[str, Any]
    manages: bool
    known: Seat | None

    @property
    def says_of_seat(self) -> bool:
        """True where the row says more than who the person is; one who is known and sits nowhere that day needs no seat then."""
        return self.manages or any(self.values.get(name) for name in NAMED)


@dataclass
class _Context:
    references: References
    starts: dict[str, date] = field(default_factory=dict)


def participants_sort(mapping: Mapping, source: str, rows: Rows) -> Iterator[Sorted]:
    """Decide about all rows of people in one piece: they name each other."""
    duplicates = duplicates_find(mapping, rows.header, rows.rows)
    reader = RecordReader(mapping, rows.header)
    records = [reader.read(row) for row in rows.rows]
    result = Sorted(keys=frozenset(record.key for record in records))
    kept = []
    for record in records:
        if record.held:
            result.held.append(Hold(record.number, record.key, record.received, record.problems))
        elif record.key in duplicates.conflicts:
            result.held.append(
                _held(
                    record,
                    mapping,
                    "key",
                    "DUPLICATE_KEY",
                    f"“{record.key}” stands in several rows with other values.",
                    "Keep the row that is right.",
                )
            )
        else:
            kept.append(record)
    kept = _without_loops(kept, mapping, result)
    _decide(kept, source, duplicates.repeats, result)
    yield result


def _held(record: Record, mapping: Mapping, name: str, code: str, reason: str, fix: str) -> Hold:
    column = mapping.columns.get(name, name)
    value = str(record.values.get(name) or "")
    return Hold(record.number, record.key, record.received, (Problem(code, name, column, value, reason, fix),))


def _without_loops(records: list[Record], mapping: Mapping, result: Sorted) -> list[Record]:
    named = _own_names(records)
    above = {
        r.key: named.get(str(r.values["manager"]), str(r.values["manager"])) for r in records if r.values.get("manager")
    }
    loop = loop_find(above)
    if not loop:
        return records
    reason = f"The reporting line loops: {' → '.join([*loop, loop[0]])}."
    for record in records:
        if record.key in loop:
            fix = "Name another manager in one of these rows."
            result.held.append(_held(record, mapping, "manager", "REPORTING_LOOP", reason, fix))
    return _without_loops([record for record in records if record.key not in loop], mapping, result)


def _own_names(records: list[Record]) -> dict[str, str]:
    """Give key by key and by name: a manager may be given as either."""
    return {str(record.values.get("name")): record.key for record in records} | {
        record.key: record.key for record in records
    }


def _decide(records: list[Record], source: str, repeats: frozenset[int], result: Sorted) -> None:
    named = _own_names(records)
    managers = {
        named.get(str(r.values["manager"]), str(r.values["manager"])) for r in records if r.values.get("manager")
    }
    references = References(source)
    references.load("participant", {record.key for record in records} | managers)
    found = {record.key: references.get("participant", record.key) for record in records}
    known = seats_on(
        {id: start for r in records if (id := found[r.key]) and isinstance(start := r.values["starts_on"], date)}
    )
    for record in records:
        if record.number in repeats:
            result.unchanged += 1
            continue
        participant_id = found[record.key]
        values = dict(record.values)
        if values.get("manager"):
            values["manager"] = named.get(str(values["manager"]), str(values["manager"]))
        seat = known.get(participant_id) if participant_id else None
        person = Person(
            record.number,
            record.key,
            participant_id,
            values,
            record.key in managers or bool(seat and seat.manages),
            seat,
        )
        if seat is None:
            result.created.append(person)
        elif changes_of(person):
            result.updated.append(person)
        else:
            result.unchanged += 1


def changes_of(person: Person) -> dict[str, tuple[Any, Any]]:
    """Give the fields that the row changes: name → (known, said). A field that the file leaves out or blank changes nothing."""
    seat = person.known
    said = {name: person.values.get(name) for name in LABELS} | {"title": title_code(person)}
    found = {}
    for name, value in said.items():
        before = getattr(seat, name, None) if seat else None
        written = person.values.get("title") or value if name == "title" else value
        alike = written in getattr(seat, f"{name}_names") if seat and name in NAMED else value == before
        if value not in (None, "") and not alike:
            found[name] = (before, value)
    return found


def title_code(person: Person) -> str | None:
    """Give the title's code: what the file says, else manager or rep; None keeps a title that is known."""
    said = person.values.get("title")
    if said:
        return slugify(str(said)) or str(said)
    if person.known and person.known.position_id is None and not person.says_of_seat:
        return None
    if person.known and person.known.title and not (person.manages and person.known.title == "rep"):
        return None
    return "manager" if person.manages else "rep"


def participant_samples(people: Sequence[Person], *, limit: int) -> list[dict[str, Any]]:
    """Give some rows with their changed fields before and after."""
    found = []
    for person in islice(people, limit):
        fields = [
            {"label": LABELS[name], "before": None if before is None else str(before), "after": str(after)}
            for name, (before, after) in changes_of(person).items()
        ]
        found.append({"row": person.number, "key": person.key, "fields": fields})
    return found


def participants_undo(upload: Upload) -> int:
    """Refuse: people are on timelines that plans, quotas and statements rest on."""
    raise refuse(
        "PEOPLE_STAY",
        upload.file_name,
        "An import of people can't be taken back: quotas, plans and statements may rest on their timelines.",
        "Correct the timelines on the page of each person, or import a corrected file with the same day.",
    )


def participants_write(chunk: Sorted, upload: Upload, moment: datetime, *, action: str) -> None:
    """Put a chunk on the timelines; raises FindingError naming the loop where the reporting lines of any day would loop."""
    people: list[Person] = [*chunk.created, *chunk.updated]
    if not people:
        return
    hierarchy_lock()
    seats = _Seats(upload.source, people)
    for person in people:
        seats.write(person)
    for person in people:
        seats.write_line(person)
    loop = hierarchy_loop()
    if loop:
        what = f"The reporting line would loop: {' → '.join(loop)}."
        raise FindingError(
            Finding(
                "REPORTING_LOOP",
                upload.file_name,
                what,
                "Nothing was imported.",
                "Name another manager in one of these rows.",
            )
        )
    content = repr([(person.key, sorted(person.values.items(), key=str)) for person in people])
    moment_log(
        action,
        "participant",
        moment,
        upload_id=upload.pk,
        counts=(len(chunk.created), len(chunk.updated), 0),
        content=content,
    )


def _by_word(things: Iterable[Any]) -> dict[str, Any]:
    """Give units or titles by code, and by name where no other has it as its code; of two with one name the first by code."""
    found = sorted(things, key=lambda each: str(each.code), reverse=True)
    return {each.name: each for each in found} | {each.code: each for each in found}


class _Seats:
    """Writes people and their seats; units, titles and managers are created once, when first named."""

    def __init__(self, source: str, people: Sequence[Person]) -> None:
        self._source = source
        self._units: dict[str, Unit] = _by_word(Unit.objects.all())
        self._titles: dict[str, Title] = _by_word(Title.objects.all())
        self._positions: dict[str, Position] = {}
        self._people = people

    def write(self, person: Person) -> None:
        """Write everything but the reporting line."""
        start = person.values["starts_on"]
        participant = self._participant(person)
        if person.known and person.known.position_id is None and not person.says_of_seat:
            self._leave(person)
            return
        position = self._position(person, participant, start)
        self._positions[person.key] = position
        changes = changes_of(person)
        if "unit" in changes:
            timeline_set(
                PositionUnit,
                key={"position": position},
                values={"unit": self._unit(str(changes["unit"][1]))},
                start=start,
            )
        if "title" in changes:
            title = self._title(str(changes["title"][1]), str(person.values.get("title") or ""))
            timeline_set(PositionTitle, key={"position": position}, values={"title": title}, start=start)
        self._leave(person)

    def _leave(self, person: Person) -> None:
        """Let who was known before leave; a person without a known seat gets one for the days that the row names."""
        change = changes_of(person).get("ends_on")
        if person.participant_id is None or change is None:
            return
        try:
            employment_end(participant_id=UUID(person.participant_id), last_day=change[1] - timedelta(days=1))
        except ValidationError as error:
            what = f"Row {person.number}: {' '.join(error.messages)}"
            fix = "Correct the day on which it ends, or when the person was employed."
            raise FindingError(Finding("LEAVES_TOO_EARLY", person.key, what, "Nothing was imported.", fix)) from error

    def write_line(self, person: Person) -> None:
        """Write the reporting line, creating the manager where nobody knows them."""
        change = changes_of(person).get("manager")
        if change is None:
            return
        start = person.values["starts_on"]
        manager = self._manager(str(change[1]), start)
        timeline_set(
            ReportingLine, key={"position": self._positions[person.key]}, values={"manager": manager}, start=start
        )

    def _participant(self, person: Person) -> Participant:
        said = {name: str(person.values.get(name) or "") for name in ("name", "email", "employee_number")}
        if person.participant_id is None:
            return Participant.objects.create(source=self._source, source_key=person.key, **said)
        participant = Participant.objects.select_for_update().get(pk=person.participant_id)
        changed = {name: value for name, value in said.items() if value and value != getattr(participant, name)}
        if changed:
            Participant.objects.filter(pk=participant.pk).update(**changed)
        return participant

    def _position(self, person: Person, participant: Participant, start: date) -> Position:
        if person.known and person.known.position_id:
            return Position.objects.get(pk=person.known.position_id)
        position = Position.objects.create(
            code=self._free_code(person.key), name=str(person.values.get("name") or person.key)
        )
        during = DateRange(start, person.values.get("ends_on"))
        if not Employment.objects.filter(participant=participant, during__overlap=during).exists():
            Employment.objects.create(participant=participant, during=during)
        PositionHolding.objects.create(position=position, participant=participant, during=during)
        return position

    def _free_code(self, code: str) -> str:
        return code if not Position.objects.filter(code=code).exists() else f"{self._source}:{code}"

    def _manager(self, name: str, start: date) -> Position:
        if name in self._positions:
            return self._positions[name]
        references = References(self._source)
        references.load("participant", {name})
        found = references.get("participant", name)
        seat = seats_on({found: start}).get(found) if found else None
        unit = self._common_unit(name)
        values = {"name": name, "starts_on": start, "unit": unit}
        if seat is None or seat.position_id is None:
            self.write(Person(0, name, found, values, True, seat))
        else:
            self._positions[name] = Position.objects.get(pk=seat.position_id)
        return self._positions[name]

    def _common_unit(self, manager: str) -> str | None:
        """Give the unit of a manager without a row: the one of all their reports, where it is one."""
        units = {person.values.get("unit") for person in self._people if person.values.get("manager") == manager}
        return str(units.pop()) if len(units) == 1 and None not in units else None

    def _unit(self, name: str) -> Unit:
        if name not in self._units:
            self._units[name] = Unit.objects.create(code=name[:100], name=name)
        return self._units[name]

    def _title(self, code: str, name: str) -> Title:
        if name in self._titles:
            return self._titles[name]
        if code not in self._titles:
            self._titles[code] = Title.objects.create(code=code[:100], name=name or TITLES.get(code, code))
        return self._titles[code]
