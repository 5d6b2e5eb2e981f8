"""Changes who sits where, when. Doors check the right `participant.edit` before they call; the database refuses overlaps in any case."""

from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.text import slugify

from spm.core.loops import loop_find
from spm.people.models import (
    Employment,
    Participant,
    Position,
    PositionHolding,
    PositionTitle,
    PositionUnit,
    Relationship,
    ReportingLine,
    Timeline,
    Title,
    Unit,
)
from spm.tenancy.scope import Actor

T = TypeVar("T", bound=Timeline)


def timeline_set(
    rows: type[T], *, key: dict[str, Any], values: dict[str, Any], start: date, until: date | None = None
) -> T:
    """Let `values` hold from `start` until `until`, or until the next value that is already there.

    What held before is cut, not deleted: days outside the new range keep what they had. `key` names whose timeline it is.
    """
    mine = list(rows._default_manager.select_for_update().filter(**key).order_by("during"))
    later = [one.during.lower for one in mine if one.during.lower is not None and one.during.lower > start]
    end = until or min(later, default=None)
    if end is not None and end <= start:
        raise ValidationError("The end lies before the first day. Choose an end after the start.")
    for row in mine:
        _cut(row, start, end)
    return rows._default_manager.create(**key, **values, during=DateRange(start, end))


def _cut(row: Timeline, start: date, end: date | None) -> None:
    lower, upper = row.during.lower, row.during.upper
    if (upper is not None and upper <= start) or (end is not None and lower >= end):
        return
    before = lower < start
    after = end is not None and (upper is None or upper > end)
    if before and after:
        copy = type(row)(
            **{
                f.attname: getattr(row, f.attname)
                for f in row._meta.fields
                if f.name not in ("id", "organisation_id", "during")
            }
        )
        copy.during = DateRange(end, upper)
        row.during = DateRange(lower, start)
        row.save(update_fields=["during"])
        copy.save()
    elif before or after:
        row.during = DateRange(lower, start) if before else DateRange(end, upper)
        row.save(update_fields=["during"])
    else:
        row.delete()


@transaction.atomic
def participant_save(
    *,
    name: str,
    actor: Actor,
    email: str = "",
    employee_number: str = "",
    employed_from: date | None = None,
    participant_id: UUID | None = None,
) -> Participant:
    """Create or change a person; raises ValidationError where the name is empty or the new person's key is taken.

    Without `employed_from` the employment stays as it is.
    """
    if not name.strip():
        raise ValidationError({"name": "A person needs a name."})
    if participant_id is not None:
        person = Participant.objects.select_for_update().get(pk=participant_id)
    else:
        person = Participant(source="manual", source_key=employee_number or email or name)
        if Participant.objects.filter(source="manual", source_key=person.source_key).exists():
            raise ValidationError(
                {
                    "name": f"A person with the key {person.source_key} exists. Add an employee number to tell them apart."
                }
            )
    person.name, person.email, person.employee_number = name.strip(), email, employee_number
    person.save()
    if employed_from is not None:
        employment_begin(participant_id=person.pk, start=employed_from, actor=actor)
    return person


@transaction.atomic
def employment_begin(*, participant_id: UUID, start: date, actor: Actor) -> Employment:
    """Say since when the person is employed: the first day of the latest employment, or of one that lasts where none is known.

    Raises ValidationError where it would end before it begins, or begin within an earlier one.
    """
    person = Participant.objects.select_for_update().get(pk=participant_id)
    known = [*Employment.objects.filter(participant=person).order_by("during")]
    if not known:
        return Employment.objects.create(participant=person, during=DateRange(start, None))
    *earlier, latest = known
    if latest.during.upper is not None and start >= latest.during.upper:
        raise ValidationError(
            {"employed_from": f"The employment ends on {latest.during.upper}, before it would begin."}
        )
    if earlier and start < earlier[-1].during.upper:
        raise ValidationError({"employed_from": f"An earlier employment lasts until {earlier[-1].during.upper}."})
    if latest.during.lower != start:
        latest.during = DateRange(start, latest.during.upper)
        latest.save(update_fields=["during"])
    return latest


@transaction.atomic
def employment_end(*, participant_id: UUID, last_day: date | None) -> None:
    """Let a person leave: their employment and the seats they hold end with the last day; None lets the employment last again, and gives
    no seat back.

    Who has seats and no known employment was employed since the first seat. Raises ValidationError where neither is known, or the last day
    lies before the first.
    """
    person = Participant.objects.select_for_update().get(pk=participant_id)
    seats = PositionHolding.objects.select_for_update().filter(participant=person).order_by("during")
    latest = Employment.objects.filter(participant=person).order_by("-during").first()
    if latest is None:
        first = seats.first()
        if first is None:
            raise ValidationError({"last_day": "Say first since when the person is employed."})
        latest = Employment(participant=person, during=first.during)
    until = None if last_day is None else last_day + timedelta(days=1)
    if until is not None and until <= latest.during.lower:
        raise ValidationError({"last_day": f"The employment begins on {latest.during.lower}, after that day."})
    latest.during = DateRange(latest.during.lower, until)
    latest.save()
    if until is not None:
        for seat in seats:
            _cut(seat, until, None)


@transaction.atomic
def position_create(*, name: str, actor: Actor, code: str = "") -> Position:
    """Create a seat; raises ValidationError where the code is taken."""
    code = code or slugify(name)
    if not code:
        raise ValidationError({"name": "A position needs a name."})
    if Position.objects.filter(code=code).exists():
        raise ValidationError({"name": f"The position {code} exists. Choose another name or code."})
    return Position.objects.create(code=code, name=name)


@transaction.atomic
def position_hold(
    *,
    position_id: UUID,
    participant_id: UUID,
    start: date,
    actor: Actor,
    until: date | None = None,
    is_main: bool = True,
) -> PositionHolding:
    """Seat a person from a day on. Whoever sat there, and the person's main seat before, end on that day."""
    seat = Position.objects.select_for_update().get(pk=position_id)
    person = Participant.objects.select_for_update().get(pk=participant_id)
    if is_main:
        for row in (
            PositionHolding.objects.select_for_update().filter(participant=person, is_main=True).exclude(position=seat)
        ):
            _cut(row, start, until)
    return timeline_set(
        PositionHolding,
        key={"position": seat},
        values={"participant": person, "is_main": is_main},
        start=start,
        until=until,
    )


@transaction.atomic
def position_title_set(*, position_id: UUID, title_id: UUID, start: date, actor: Actor) -> PositionTitle:
    """Give the seat a title from a day on."""
    seat = Position.objects.select_for_update().get(pk=position_id)
    return timeline_set(
        PositionTitle, key={"position": seat}, values={"title": Title.objects.get(pk=title_id)}, start=start
    )


@transaction.atomic
def position_unit_set(*, position_id: UUID, unit_id: UUID, start: date, actor: Actor) -> PositionUnit:
    """Put the seat into a unit from a day on."""
    seat = Position.objects.select_for_update().get(pk=position_id)
    return timeline_set(
        PositionUnit, key={"position": seat}, values={"unit": Unit.objects.get(pk=unit_id)}, start=start
    )


@transaction.atomic
def reporting_line_set(*, position_id: UUID, manager_id: UUID, start: date, actor: Actor) -> ReportingLine:
    """Let the seat report to another from a day on; raises ValidationError naming the loop where one would arise."""
    hierarchy_lock()
    seat = Position.objects.select_for_update().get(pk=position_id)
    manager = Position.objects.get(pk=manager_id)
    if seat == manager:
        raise ValidationError({"manager": f"{seat.name} can't report to itself. Choose another manager position."})
    line = timeline_set(ReportingLine, key={"position": seat}, values={"manager": manager}, start=start)
    loop = hierarchy_loop()
    if loop:
        raise ValidationError(
            {"manager": f"The reporting line would loop: {' → '.join(loop)}. Choose a manager outside of it."}
        )
    return line


@transaction.atomic
def relationship_set(
    *, participant_id: UUID, related_id: UUID, name: str, start: date, actor: Actor, until: date | None = None
) -> Relationship:
    """Let somebody stand in a named relationship to a person on the days [start, until)."""
    name = name.strip()
    if not name:
        raise ValidationError({"relation": "Name the relationship as plans do, such as mentor."})
    if participant_id == related_id:
        raise ValidationError({"related": "Nobody stands in a relationship to themselves. Choose somebody else."})
    key = {"participant_id": participant_id, "related_id": related_id, "name": name}
    return timeline_set(Relationship, key=key, values={}, start=start, until=until)


def hierarchy_lock() -> None:
    """Let one change of the company's hierarchy wait for another: a loop needs two changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('hierarchy'), current_setting('app.organisation_id')::bigint::int)"
        )


def hierarchy_loop() -> list[str]:
    """Give the names along a loop of the reporting lines on any day, or nothing where there is none."""
    lines = list(ReportingLine.objects.select_related("position", "manager"))
    for day in sorted({line.during.lower for line in lines}):
        loop = loop_find({line.position.code: line.manager.code for line in lines if day in line.during})
        if loop:
            names = {line.position.code: line.position.name for line in lines}
            return [names[code] for code in loop] + [f"{names[loop[0]]} (from {day.isoformat()})"]
    return []
