"""What is known of people's seats on a day, for many people at once."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

_SEATS = """
    select p.id::text, p.name, p.email, p.employee_number, h.position_id::text, u.code, t.code, m.id::text, m.name, m.source_key,
           exists (select 1 from people_reportingline r where r.manager_id = h.position_id and r.during @> d.day),
           u.name, t.name,
           (select upper(e.during) from people_employment e where e.participant_id = p.id order by e.during desc limit 1)
    from unnest(%s::uuid[], %s::date[]) d(id, day)
    join people_participant p on p.id = d.id
    left join people_positionholding h on h.participant_id = p.id and h.is_main and h.during @> d.day
    left join people_positionunit pu on pu.position_id = h.position_id and pu.during @> d.day
    left join people_unit u on u.id = pu.unit_id
    left join people_positiontitle pt on pt.position_id = h.position_id and pt.during @> d.day
    left join people_title t on t.id = pt.title_id
    left join people_reportingline l on l.position_id = h.position_id and l.during @> d.day
    left join people_positionholding mh on mh.position_id = l.manager_id and mh.during @> d.day
    left join people_participant m on m.id = mh.participant_id
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """A person with their main seat on a day; None where there is none."""

    name: str
    email: str
    employee_number: str
    position_id: str | None
    unit: str | None
    title: str | None
    manager: str | None
    manager_names: frozenset[str]
    manages: bool
    unit_names: frozenset[str]
    title_names: frozenset[str]
    ends_on: date | None
    """The first day after the latest employment; None while it lasts."""


def seats_on(days: dict[str, date]) -> dict[str, Seat]:
    """Give the seat of each participant (id as text) on the day named for them."""
    if not days:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SEATS, [list(days), list(days.values())])
        rows = cursor.fetchall()
    return {
        row[0]: Seat(
            name=row[1],
            email=row[2],
            employee_number=row[3],
            position_id=row[4],
            unit=row[5],
            title=row[6],
            manager=row[8],
            manager_names=frozenset(text for text in (row[7], row[8], row[9]) if text),
            manages=row[10],
            unit_names=frozenset(text for text in (row[5], row[11]) if text),
            title_names=frozenset(text for text in (row[6], row[12]) if text),
            ends_on=row[13],
        )
        for row in rows
    }
