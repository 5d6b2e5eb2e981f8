"""Who sits where on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import OuterRef, QuerySet, Subquery

from spm.people.models import (
    Employment,
    Participant,
    PositionHolding,
    PositionTitle,
    PositionUnit,
    Relationship,
    ReportingLine,
)

_SUBORDINATES = """
    with recursive below as (
        select position_id from people_positionholding where participant_id = %(participant)s and during @> %(on)s::date
        union
        select line.position_id from people_reportingline line join below on line.manager_id = below.position_id
        where line.during @> %(on)s::date
    )
    select distinct holding.participant_id from people_positionholding holding join below using (position_id)
    where holding.during @> %(on)s::date and holding.participant_id <> %(participant)s
"""

_UNIT_MEMBERS = """
    select distinct other.participant_id
    from people_positionholding own
    join people_positionunit mine on mine.position_id = own.position_id and mine.during @> %(on)s::date
    join people_positionunit theirs on theirs.unit_id = mine.unit_id and theirs.during @> %(on)s::date
    join people_positionholding other on other.position_id = theirs.position_id and other.during @> %(on)s::date
    where own.participant_id = %(participant)s and own.during @> %(on)s::date
"""


def subordinate_ids(participant_id: UUID, *, on: date) -> set[UUID]:
    """Give the participants below in the reporting line on the day, at any depth, without the person themself."""
    return _ids(_SUBORDINATES, participant_id, on)


def unit_member_ids(participant_id: UUID, *, on: date) -> set[UUID]:
    """Give the participants who share a unit with the person on the day."""
    return _ids(_UNIT_MEMBERS, participant_id, on)


def _ids(query: str, participant_id: UUID, on: date) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"participant": participant_id, "on": on})
        return {row[0] for row in cursor.fetchall()}


def participant_directory(on: date) -> QuerySet[Participant]:
    """Give the people with their seat, title, unit and manager on the day as annotations (empty where there is none)."""
    seat = PositionHolding.objects.filter(participant=OuterRef("pk"), during__contains=on).order_by("-is_main")
    seat_id = Subquery(seat.values("position_id")[:1])
    of_seat = {"position": OuterRef("seat_id"), "during__contains": on}
    boss_seat = ReportingLine.objects.filter(**of_seat).values("manager_id")[:1]
    boss = PositionHolding.objects.filter(position=OuterRef("boss_seat_id"), during__contains=on)
    return (
        Participant.objects.annotate(seat_id=seat_id, seat_name=Subquery(seat.values("position__name")[:1]))
        .annotate(
            title_name=Subquery(PositionTitle.objects.filter(**of_seat).values("title__name")[:1]),
            unit_name=Subquery(PositionUnit.objects.filter(**of_seat).values("unit__name")[:1]),
            boss_seat_id=Subquery(boss_seat),
        )
        .annotate(
            boss_name=Subquery(boss.values("participant__name")[:1]),
            boss_key=Subquery(boss.values("participant__source_key")[:1]),
        )
        .order_by("name")
    )


def managers_of(participant_id: UUID, *, on: date) -> list[Participant]:
    """Give who stands above the person in the reporting line on the day, nearest first; a seat that nobody holds is passed over."""
    above: list[Participant] = []
    seat, seen = seat_held(participant_id, on=on), set()
    while seat is not None and seat not in seen:
        seen.add(seat)
        lines = ReportingLine.objects.filter(position=seat, during__contains=on)
        seat = lines.values_list("manager_id", flat=True).first()
        if seat is not None:
            held = PositionHolding.objects.filter(position=seat, during__contains=on).select_related("participant")
            above += [one.participant for one in held if one.participant_id != participant_id]
    return above


def seat_held(participant_id: UUID, *, on: date) -> UUID | None:
    """Give the seat the person sits on that day, the main one first; None where there is none."""
    held = PositionHolding.objects.filter(participant=participant_id, during__contains=on).order_by("-is_main")
    return held.values_list("position_id", flat=True).first()


@dataclass(frozen=True)
class Span:
    """A stretch of a person's timeline; `until` is the first day after, None while it lasts."""

    lane: str
    label: str
    start: date
    until: date | None


def employed_from(participant_id: UUID) -> date | None:
    """Give the first day of the person's latest employment, None where none is known."""
    latest = Employment.objects.filter(participant=participant_id).order_by("-during").first()
    return None if latest is None else latest.during.lower


def last_day(participant_id: UUID) -> date | None:
    """Give the last day of the person's latest employment, None while it lasts or where none is known."""
    latest = Employment.objects.filter(participant=participant_id).order_by("-during").first()
    return None if latest is None or latest.during.upper is None else latest.during.upper - timedelta(days=1)


def employed_until(participant_ids: Collection[UUID]) -> dict[UUID, date]:
    """Give the first day after the latest employment of the people, of those whose latest has an end."""
    rows = Employment.objects.filter(participant__in=participant_ids).order_by("during")
    latest = dict(rows.values_list("participant", "during"))
    return {person: days.upper for person, days in latest.items() if days.upper is not None}


def participant_spans(participant_id: UUID) -> list[Span]:
    """Give everything that is dated about a person: employment, seats, and title, unit and manager of the seats while held."""
    holdings = list(
        PositionHolding.objects.filter(participant=participant_id).select_related("position").order_by("during")
    )
    spans = [
        Span("Employed", "Employed", *_days(one.during))
        for one in Employment.objects.filter(participant=participant_id).order_by("during")
    ]
    spans += [Span("Position", one.position.name, *_days(one.during)) for one in holdings]
    for holding in holdings:
        of_seat = {"position": holding.position_id, "during__overlap": holding.during}
        titles = PositionTitle.objects.filter(**of_seat).select_related("title").order_by("during")
        units = PositionUnit.objects.filter(**of_seat).select_related("unit").order_by("during")
        lines = ReportingLine.objects.filter(**of_seat).select_related("manager").order_by("during")
        spans += [Span("Title", one.title.name, *_days(_meet(one.during, holding.during))) for one in titles]
        spans += [Span("Unit", one.unit.name, *_days(_meet(one.during, holding.during))) for one in units]
        spans += [Span("Reports to", one.manager.name, *_days(_meet(one.during, holding.during))) for one in lines]
    related = Relationship.objects.filter(participant=participant_id).select_related("related").order_by("during", "pk")
    return spans + [Span("Relations", f"{one.related.name}, {one.name}", *_days(one.during)) for one in related]


def _days(during: Any) -> tuple[date, date | None]:
    return during.lower, during.upper


def _meet(one: Any, other: Any) -> DateRange:
    ends = [end for end in (one.upper, other.upper) if end is not None]
    return DateRange(max(one.lower, other.lower), min(ends, default=None))
