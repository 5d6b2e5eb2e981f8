"""SQL of stage conversion: the deals of cohorts, what they reached and how they ended, and the deals behind each count."""

from insights.selectors.stage_entries import QUARTILES, REACHED, SOON, closing, entries, then

_BASES = {
    False: f"""
        known as (
            select c.deal_id from changed c join picked p on p.deal_id = c.deal_id
            group by c.deal_id, p.created_on having min(c.on_day) - p.created_on <= {SOON}
            union
            select deal_id from versions where is_first and status = 'open' and known_on - created_on <= {SOON}
        ), base as (
            select p.deal_id, p.created_on as day, k.deal_id is not null as is_known
            from picked p left join known k on k.deal_id = p.deal_id
        )""",
    True: """
        base as (
            select distinct on (deal_id) deal_id, on_day as day, is_exact as is_known from entries where stage = %(since)s
            order by deal_id, on_day, is_exact desc
        )""",
}
"""When deals began to count, on the day of their creation or the first in a stage, and whether their course since is known."""
_STILL = "(v.status = 'open' or coalesce(v.close_on >= %(start)s, true))"
_PICKED = {
    False: f"(v.created_on between %(start)s and %(day)s or v.created_on is null and {_STILL})",
    True: _STILL,
}


def cohort_deals(*, by_stage: bool, is_now: bool) -> str:
    """Give the SQL of `counted` (the deals of cohorts), `told` (their entries of open stages) and `reached` (the first since they began).

    A deal whose course is not known counts by how it ended where cohorts are by creation, and not at all where they are by stage. One
    without a day of creation counts in no cohort.
    """
    return f"""
        with picked as (
            select v.fact_id as deal_id, f.source_key, v.name, v.owner_id, v.stage, v.status, v.created_on, v.close_on
            from crm_opportunityversion v join crm_opportunity f on f.id = v.fact_id
            where {then("v", is_now=is_now)} and {REACHED} and {_PICKED[by_stage]}
        ), {entries(is_now=is_now)}, {closing(is_now=is_now)}, told as (
            select * from entries where stage not in (select stage from closing)
        ), {_BASES[by_stage]}, counted as (
            select b.deal_id, b.day, b.is_known, date_trunc(%(unit)s, b.day)::date as cohort, p.status, p.close_on, p.source_key, p.name,
                   p.owner_id, {"b.is_known" if by_stage else "b.day is not null"} as counts
            from base b join picked p on p.deal_id = b.deal_id where b.day between %(start)s and %(day)s or b.day is null
        ), reached as (
            select c.deal_id, c.cohort, t.stage, min(t.on_day) - c.day as days,
                   (array_agg(t.is_exact order by t.on_day, t.is_exact desc))[1] as is_exact
            from counted c join told t on t.deal_id = c.deal_id
            where c.is_known and t.stage <> %(since)s and (%(since)s = '' or t.on_day >= c.day)
            group by c.deal_id, c.cohort, c.day, t.stage
        )"""


def cohort_sums(*, by_stage: bool, is_now: bool) -> str:
    """Give the SQL of the counts: rows of (what, cohort, stage or end, other stage, deals, deals with days, quartiles of days).

    `what` is stage, ended, known, left; order and pair tell of two stages how many deals entered one before the other.
    """
    return f"""{cohort_deals(by_stage=by_stage, is_now=is_now)}, ended as (
            select cohort, status, case when status <> 'open' then close_on - day end as days from counted where counts
        ), firsts as (
            select deal_id, stage, min(on_day) as on_day, bool_and(is_exact) as is_exact from told group by deal_id, stage
        ), pairs as (
            select a.stage, b.stage as other, b.on_day - a.on_day as days, a.is_exact and b.is_exact as is_exact
            from firsts a join firsts b on b.deal_id = a.deal_id and b.stage <> a.stage
            where exists (select 1 from counted c where c.deal_id = a.deal_id and c.is_known)
        )
        select 'stage', cohort, stage, '', count(*), count(*) filter (where is_exact and days >= 0),
               {QUARTILES} filter (where is_exact and days >= 0)
        from reached group by grouping sets ((cohort, stage), (stage))
        union all
        select 'ended', cohort, status, '', count(*), count(*) filter (where days >= 0), {QUARTILES} filter (where days >= 0)
        from ended group by grouping sets ((cohort, status), (status))
        union all
        select 'known', cohort, '', '', count(*), 0, null from counted where is_known group by grouping sets ((cohort), ())
        union all
        select 'left', null, '', '', count(*), 0, null from counted where not is_known
        union all
        select 'name', null, stage, '', count(*), 0, null from firsts group by stage
        union all
        select 'order', null, a.stage, b.stage, count(*), 0, null
        from firsts a join firsts b on b.deal_id = a.deal_id and b.on_day > a.on_day group by a.stage, b.stage
        union all
        select 'pair', null, stage, other, count(*), count(*) filter (where is_exact), {QUARTILES} filter (where is_exact)
        from pairs where days >= 0 group by stage, other"""


def cohort_rows(*, by_stage: bool, is_now: bool) -> str:
    """Give the SQL of the deals behind a count: of a cohort, that reached a stage, that ended so, of which the course is known or not."""
    return f"""{cohort_deals(by_stage=by_stage, is_now=is_now)}
        select c.deal_id::text, c.source_key, c.name, coalesce(o.name, ''), c.cohort, c.day, c.status, c.close_on, c.is_known,
               r.stage, case when r.is_exact and r.days >= 0 then r.days end
        from counted c left join reached r on r.deal_id = c.deal_id and r.stage = %(to)s
        left join people_participant o on o.id = c.owner_id
        where (%(cohort)s::date is null or c.cohort = %(cohort)s) and (%(to)s = '' or r.stage is not null)
              and (%(ended)s = '' or c.status = %(ended)s) and (%(left)s and not c.is_known or not %(left)s and c.counts)
        order by c.day desc nulls last, c.source_key, c.deal_id limit %(limit)s"""
