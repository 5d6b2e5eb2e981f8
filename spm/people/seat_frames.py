"""Who sits where and reports to whom, as columns for calculations: CSV text in a fixed order, clipped to the days asked for.

Days are numbers since 1970-01-01. These are for engines; what people see is in `spm.people.selectors`.
"""

from collections.abc import Collection
from datetime import date

from spm.core.dated import FOREVER
from spm.tenancy.copying import copy_out

_SEATS = """
    with held as (
        select participant_id, position_id, during * daterange(%(start)s, %(end)s) as days
        from people_positionholding where during && daterange(%(start)s, %(end)s)
    ), titled as (
        select h.participant_id, h.position_id, t.title_id, h.days * t.during as days
        from held h join people_positiontitle t on t.position_id = h.position_id and t.during && h.days
    ), covered as (
        select position_id, range_agg(during) as days from people_positiontitle group by position_id
    ), untitled as (
        select h.participant_id, h.position_id, null::uuid as title_id,
               unnest(datemultirange(h.days) - coalesce(c.days, '{}'::datemultirange)) as days
        from held h left join covered c on c.position_id = h.position_id
    )
    select participant_id as participant_key, position_id as position_key, title_id as title_key,
           lower(days) - date '1970-01-01' as from_on, upper(days) - date '1970-01-01' as until_on
    from (select * from titled union all select * from untitled) seats
    order by participant_id, position_id, days
"""

_REPORTING = """
    select position_id as position_key, manager_id as manager_position_key,
           lower(days) - date '1970-01-01' as from_on, upper(days) - date '1970-01-01' as until_on
    from (
        select position_id, manager_id, during * daterange(%(start)s, %(end)s) as days
        from people_reportingline where during && daterange(%(start)s, %(end)s)
    ) lines
    order by position_id, days
"""

_RELATIONS = """
    select participant_id as participant_key, related_id as related_key, name as relation,
           lower(days) - date '1970-01-01' as from_on, upper(days) - date '1970-01-01' as until_on
    from (
        select participant_id, related_id, name, during * daterange(%(start)s, %(end)s) as days
        from people_relationship where during && daterange(%(start)s, %(end)s) and name = any(%(names)s)
    ) relations
    order by participant_id, related_id, name, days
"""

_EMPLOYMENTS = """
    select participant_id as participant_key, lower(during) - date '1970-01-01' as from_on,
           coalesce(upper(during) - date '1970-01-01', %(forever)s) as until_on
    from people_employment where during && daterange(%(start)s, %(end)s) and lower(during) is not null
    order by participant_id, during
"""


def employments_csv(*, start: date, end: date) -> bytes:
    """Give participant_key, from_on, until_on of every employment that holds on a day of [start, end), as a whole."""
    return copy_out(_EMPLOYMENTS, {"start": start, "end": end, "forever": FOREVER})


def seats_csv(*, start: date, end: date) -> bytes:
    """Give participant_key, position_key, title_key, from_on, until_on of every seat held on a day of [start, end)."""
    return copy_out(_SEATS, {"start": start, "end": end})


def reporting_csv(*, start: date, end: date) -> bytes:
    """Give position_key, manager_position_key, from_on, until_on of every reporting line on a day of [start, end)."""
    return copy_out(_REPORTING, {"start": start, "end": end})


def relations_csv(*, start: date, end: date, names: Collection[str]) -> bytes:
    """Give participant_key, related_key, relation, from_on, until_on of every relationship of these names on a day of [start, end)."""
    return copy_out(_RELATIONS, {"start": start, "end": end, "names": sorted(names)})
