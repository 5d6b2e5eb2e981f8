"""Deals as columns for calculations: what was known of them at a moment, as CSV text in a fixed order.

Days are numbers since 1970-01-01, amounts minor units. A deal is credited on its close day once it is won. These are for engines; what
people see goes through selectors with a viewer.
"""

from collections.abc import Sequence
from datetime import date, datetime

from spm.tenancy.copying import copy_out

DEAL_COLUMNS = (
    "deal_key", "source_key", "owner_key", "amount_minor", "currency", "credit_on", "closed_on", "created_on", "stage", "status",
    "forecast_category", "product_key", "product_family", "account_key", "industry_key", "segment_key", "country_key",
)  # fmt: skip
"""The columns of `won_deals_csv`; all but the first six and the days are attributes that a plan's conditions may name."""

ATTRIBUTES = tuple(name for name in DEAL_COLUMNS[8:])

_KNOWN = "{0}.known_from <= %(known_at)s and ({0}.known_until is null or {0}.known_until > %(known_at)s) and not {0}.is_withdrawn"

_WON = f"""
    select v.fact_id as deal_key, f.source_key, v.owner_id as owner_key, v.amount_minor, v.currency,
           v.close_on - date '1970-01-01' as credit_on, v.close_on - date '1970-01-01' as closed_on,
           v.created_on - date '1970-01-01' as created_on, v.stage, v.status, v.forecast_category,
           p.source_key as product_key, pv.family as product_family, a.source_key as account_key,
           av.industry as industry_key, av.segment as segment_key, av.country as country_key
    from crm_opportunityversion v
    join crm_opportunity f on f.id = v.fact_id
    left join crm_product p on p.id = v.product_id
    left join crm_productversion pv on pv.fact_id = v.product_id and {_KNOWN.format("pv")}
    left join crm_account a on a.id = v.account_id
    left join crm_accountversion av on av.fact_id = v.account_id and {_KNOWN.format("av")}
    where {_KNOWN.format("v")} and v.status = 'won' and v.close_on >= %(start)s and v.close_on < %(end)s
      and v.amount_minor is not null and v.currency <> '' and (%(only)s::uuid[] is null or v.fact_id = any(%(only)s::uuid[]))
    order by f.source_key collate "C", v.fact_id
"""

_GAPS = f"""
    select f.source_key, v.owner_id as owner_key,
           case when v.close_on is null then 'close date' when v.amount_minor is null then 'amount'
                when v.currency = '' then 'currency' else 'owner' end as missing
    from crm_opportunityversion v join crm_opportunity f on f.id = v.fact_id
    where {_KNOWN.format("v")} and v.status = 'won'
      and (v.close_on is null or (v.close_on >= %(start)s and v.close_on < %(end)s))
      and (v.close_on is null or v.amount_minor is null or v.currency = '' or v.owner_id is null)
    order by f.source_key collate "C", v.fact_id
"""


def won_deals_csv(*, start: date, end: date, known_at: datetime, only: Sequence[str] | None = None) -> bytes:
    """Give the won deals that close in [start, end), as known at the moment, with the columns of `DEAL_COLUMNS`.

    `only` keeps the deals with these keys. A deal without amount or currency can't be credited; it stands in `deal_gaps_csv` instead.
    """
    keys = None if only is None else list(only)
    return copy_out(_WON, {"start": start, "end": end, "known_at": known_at, "only": keys})


def deal_gaps_csv(*, start: date, end: date, known_at: datetime) -> bytes:
    """Give source_key, owner_key and what is missing of won deals that lack amount, currency, owner or close day."""
    return copy_out(_GAPS, {"start": start, "end": end, "known_at": known_at})
