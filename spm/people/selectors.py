"""Who sits where on a day."""

from datetime import date
from uuid import UUID

from django.db import connection

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
