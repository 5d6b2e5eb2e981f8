"""How far people reached their quotas in periods that have ended: what planning asks about the past."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

_ATTAINED = """
    with latest as (
        select distinct on (s.participant_id, s.period_id) s.participant_id, p.during, s.content
        from incentives_statement s join planning_period p on p.id = s.period_id
        where upper(p.during) <= %(end)s and lower(p.during) >= %(start)s
        order by s.participant_id, s.period_id, s.number desc, s.currency
    )
    select l.participant_id, lower(l.during), upper(l.during), main.rate
    from latest l cross join lateral (
        select (line ->> 'attainment_rate')::bigint as rate
        from jsonb_array_elements(l.content -> 'lines') with ordinality as lines(line, place)
        where line ->> 'quota_value' is not null
        order by place limit 1
    ) main
    where main.rate is not null
    order by 1, 2, 3
"""


def attained_list(*, start: date, end: date) -> list[tuple[UUID, date, date, int]]:
    """Give participant, first day, end and attainment (10**8) of each latest statement whose period lies within [start, end).

    It is that of the main line: the first one with a quota. Statements without a quota say nothing about it and are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ATTAINED, {"start": start, "end": end})
        rows: list[Any] = cursor.fetchall()
    return [(person, first, until, int(rate)) for person, first, until, rate in rows]
