"""The rows that measures of performance are summed over, as queries: the sums and the rows behind them come from the same text.

Each query gives row_id, kind, row_key, row_name, owner_id, product_id, account_id, on_day and a column per measure: null where the row says
nothing about it. Facts are those known now; amounts of another currency than the company's are unknown, never converted silently.
"""

from insights.engine.kpis import MEASURES, Base
from spm.crm.deal_columns import PRICED

_NOW = "{0}.known_until is null and not {0}.is_withdrawn"


def now(alias: str) -> str:
    """Give the condition that a version is what is known now."""
    return _NOW.format(alias)


_LIST = f"""(select p.list_price_minor from crm_productversion p where p.fact_id = v.product_id and {now("p")}
        and p.currency in ('', %(currency)s))"""
_VALUED = "v.amount_minor is not null and v.currency = %(currency)s"

_DEAL = f"""
    select v.fact_id as row_id, 'opportunity' as kind, f.source_key as row_key, v.name as row_name, v.owner_id, v.product_id,
           v.account_id, v.close_on as on_day,
           (v.status = 'won')::int::bigint as won_deals, (v.status = 'lost')::int::bigint as lost_deals,
           coalesce(v.status = 'won' and {_VALUED}, false)::int::bigint as valued_deals,
           case when v.status = 'lost' then 0 when {_VALUED} then v.amount_minor end as won_amount,
           coalesce(v.status = 'won' and v.created_on <= v.close_on, false)::int::bigint as cycle_deals,
           case when v.status = 'lost' then 0 when v.created_on <= v.close_on then v.close_on - v.created_on end::bigint as cycle_days,
           case when v.status = 'lost' then 0 when {_VALUED} and {_LIST} > 0 then v.amount_minor end as compared_amount,
           case when v.status = 'lost' then 0 when {_VALUED} then nullif({_LIST}, 0) end as compared_list
    from crm_opportunityversion v join crm_opportunity f on f.id = v.fact_id
    where {now("v")} and v.status in ('won', 'lost') and v.close_on is not null
"""
_OPEN = f"""
    select v.fact_id as row_id, 'opportunity' as kind, f.source_key as row_key, v.name as row_name, v.owner_id, v.product_id,
           v.account_id, v.created_on as on_day, case when v.status = 'open' then null else v.close_on end as gone_on,
           1::bigint as open_deals
    from crm_opportunityversion v join crm_opportunity f on f.id = v.fact_id
    where {now("v")} and v.created_on is not null and (v.status = 'open' or v.close_on is not null)
"""
_LINE = f"""
    (with {PRICED}
    select p.line_id as row_id, 'order' as kind, g.source_key as row_key, coalesce(d.name, '') as row_name,
           coalesce(o.owner_id, d.owner_id) as owner_id, p.product_id, coalesce(o.account_id, d.account_id) as account_id,
           p.ordered_on as on_day,
           case when p.currency = %(currency)s and p.net_minor is not null then p.list_minor end as list_amount,
           case when p.currency = %(currency)s and p.list_minor is not null then p.net_minor end as net_amount,
           case when p.currency = %(currency)s and p.cost_minor is not null then p.net_minor end as costed_amount,
           case when p.currency = %(currency)s and p.net_minor is not null then p.cost_minor end as cost_amount
    from priced p join crm_order g on g.id = p.order_id
    join crm_orderversion o on o.fact_id = p.order_id and {now("o")}
    left join crm_opportunityversion d on d.fact_id = p.opportunity_id and {now("d")}
    where p.reverses_id is null)
"""
_ACTIVITY = f"""
    select v.fact_id as row_id, 'activity' as kind, f.source_key as row_key, v.subject as row_name, v.owner_id, null::uuid as product_id,
           v.account_id, v.happened_on as on_day, 1::bigint as activities
    from crm_activityversion v join crm_activity f on f.id = v.fact_id where {now("v")}
"""
_RENEWED = f"exists (select 1 from crm_contractversion r where r.renews_id = v.fact_id and {now('r')})"
_WORTH = "v.annual_value_minor is not null and v.currency = %(currency)s"
_CONTRACT = f"""
    select v.fact_id as row_id, 'contract' as kind, f.source_key as row_key, '' as row_name, coalesce(v.owner_id, d.owner_id) as owner_id,
           d.product_id, coalesce(v.account_id, d.account_id) as account_id, v.ends_on as on_day, 1::bigint as due_contracts,
           {_RENEWED}::int::bigint as renewed_contracts, case when {_WORTH} then v.annual_value_minor end as due_value,
           case when {_WORTH} then case when {_RENEWED} then v.annual_value_minor else 0 end end as renewed_value
    from crm_contractversion v join crm_contract f on f.id = v.fact_id
    left join crm_opportunityversion d on d.fact_id = v.opportunity_id and {now("d")}
    where {now("v")} and v.ends_on is not null
"""
_WATCHED = f"""lower(e.during) >= (select min(s.close_on) from crm_opportunityversion s where s.status = 'won' and {now("s")})"""
"""Who was employed before the first deal that is known may have won others before: how long they took is unknown."""
_RAMP = f"""
    select v.fact_id as row_id, 'opportunity' as kind, f.source_key as row_key, v.name as row_name, v.owner_id, v.product_id,
           v.account_id, v.close_on as on_day, case when {_WATCHED} then 1 end::bigint as ramped_sellers,
           case when {_WATCHED} then v.close_on - lower(e.during) end::bigint as ramp_days
    from people_employment e cross join lateral (
        select w.* from crm_opportunityversion w where w.owner_id = e.participant_id and w.status = 'won' and {now("w")}
            and w.close_on >= lower(e.during) and (upper(e.during) is null or w.close_on < upper(e.during))
        order by w.close_on, w.fact_id limit 1
    ) v join crm_opportunity f on f.id = v.fact_id
    where lower(e.during) is not null
"""

QUERIES: dict[Base, str] = {
    Base.DEAL: _DEAL,
    Base.OPEN: _OPEN,
    Base.LINE: _LINE,
    Base.ACTIVITY: _ACTIVITY,
    Base.CONTRACT: _CONTRACT,
    Base.RAMP: _RAMP,
}
"""The rows of each base; those of statements come from incentives."""

IN_WINDOW = {
    Base.OPEN: "r.on_day < w.until_on and (r.gone_on is null or r.gone_on >= w.until_on)",
}
"""When a row belongs to a period, where that is not its day."""
USUALLY = "r.on_day >= w.start_on and r.on_day < w.until_on"

COLUMNS: dict[Base, tuple[str, ...]] = {
    base: tuple(one.key for one in MEASURES.values() if one.base == base) for base in Base
}
"""The measures of each base."""
