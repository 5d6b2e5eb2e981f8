"""On which day deals entered their stages, as known at the end of a day: SQL that pages of ageing and of conversion build on.

The stage changes of the source say it exactly. Where there are none, the kept versions do: a deal entered a stage on the day on which it
was first known in it, open. The stage in which a deal was known first is older than that, unless it came within a week of its creation.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from spm.core.dated import day_ends
from spm.crm.selectors.visibility import deal_owners
from spm.roles.policy import Viewer

SOON = 7
"""Days after its creation within which a deal has to be known for its first stage to be the one that it began in."""

REACHED = "(%(owners)s::uuid[] is null or v.owner_id = any(%(owners)s::uuid[]))"
"""Deals of the people within reach."""
CLOSES = "coalesce(v.expected_close_on, v.close_on)"
"""The day on which an open deal is to close."""
QUARTILES = "percentile_cont(array[0.25, 0.5, 0.75]) within group (order by days)"
"""The quartiles of a column `days`."""


def then(alias: str, *, is_now: bool) -> str:
    """Give the condition that a version was known at the moment; of now in the words that indexes are made for."""
    if is_now:
        return f"{alias}.known_until is null and not {alias}.is_withdrawn"
    return (
        f"{alias}.known_from <= %(moment)s and ({alias}.known_until is null or {alias}.known_until > %(moment)s) "
        f"and not {alias}.is_withdrawn"
    )


_TOLD = """v.known_from <= %(moment)s and not v.is_withdrawn
              and not exists (select 1 from crm_upload u where u.id = v.upload_id and u.undone_at <= %(moment)s)"""
"""Versions that were known at some time and that no undone import brought."""


def entries(*, is_now: bool) -> str:
    """Give the SQL of `entries` (deal_id, stage, on_day, is_exact, known_from, place) of the deals of `picked`, with their `versions`.

    Of an entry that is not exact, `on_day` is the latest day that it can have been. Entries of one day follow `known_from` and `place`.
    """
    return f"""
    changed as (
        select c.opportunity_id as deal_id, c.stage, c.entered_on as on_day, c.known_from, f.source_key as place
        from crm_stagechangeversion c join picked p on p.deal_id = c.opportunity_id join crm_stagechange f on f.id = c.fact_id
        where {then("c", is_now=is_now)} and c.entered_on <= %(day)s and c.stage <> ''
    ),
    versions as (
        select v.fact_id as deal_id, v.stage, v.status, {CLOSES} as closes, p.created_on, v.known_from, known_on,
               lag(v.stage) over known as stage_before, lag({CLOSES}) over known as closed_before,
               lag(known_on) over known as known_before, row_number() over known = 1 as is_first
        from crm_opportunityversion v join picked p on p.deal_id = v.fact_id
        cross join lateral (select (v.known_from at time zone %(zone)s)::date as known_on) days
        where {_TOLD}
        window known as (partition by v.fact_id order by v.known_from)
    ),
    entries as (
        select deal_id, stage, on_day, true as is_exact, known_from, place from changed
        union all
        select v.deal_id, v.stage, case when v.is_first then least(v.known_on, case when v.known_on - v.created_on <= {SOON}
                   then v.created_on end) else v.known_on end,
               not v.is_first or coalesce(v.known_on - v.created_on <= {SOON}, false), v.known_from, ''
        from versions v
        where v.status = 'open' and v.stage <> '' and v.stage_before is distinct from v.stage
              and not exists (select 1 from changed c where c.deal_id = v.deal_id and c.stage = v.stage
                  and c.on_day <= v.known_on and (v.is_first or c.on_day >= v.known_before))
    )"""


def closing(*, is_now: bool) -> str:
    """Give the SQL of `closing`, the company's stages of decided deals in which no deal was known open, and that none left."""
    return f"""
    decided as (
        select distinct v.stage from crm_opportunityversion v where {then("v", is_now=is_now)} and v.status <> 'open'
    ),
    closing as (
        select stage from decided
        except
        select v.stage from crm_opportunityversion v where v.status = 'open' and {_TOLD}
        except
        select c.stage from crm_stagechangeversion c
        where {then("c", is_now=is_now)} and c.stage in (select stage from decided) and exists (
            select 1 from crm_stagechangeversion o where {then("o", is_now=is_now)} and o.entered_on <= %(day)s
                and o.opportunity_id = c.opportunity_id and o.entered_on > c.entered_on and o.stage <> c.stage)
    )"""


def parameters(viewer: Viewer, day: date) -> dict[str, Any]:
    """Give what the SQL asks: the day, its end in the company's time zone, and whose deals are within reach."""
    zone = viewer.organisation.time_zone
    owners = deal_owners(viewer)
    return {
        "day": day,
        "moment": day_ends(day, ZoneInfo(zone)),
        "zone": zone,
        "owners": None if owners is None else [str(one) for one in owners],
    }


_HASHED = (
    "select set_config('app.nestloop', current_setting('enable_nestloop'), true); set local enable_nestloop = off; "
)
_AS_BEFORE = "select set_config('enable_nestloop', current_setting('app.nestloop'), true)"


def fetched(query: str, asked: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    """Give the rows of a query whose joins are hashed: of the deals picked the planner knows too little, and would join row by row."""
    with connection.cursor() as cursor:
        cursor.execute(_HASHED + query, asked)
        rows = list(cursor.fetchall())
        cursor.execute(_AS_BEFORE)
    return rows
