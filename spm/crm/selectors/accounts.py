"""Accounts as planning asks for them: the fields that rules may ask, as known now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import pandas as pd
from django.db import connection

from spm.core.periods import year_before

ACCOUNT_TEXTS = ("country", "region", "county", "city", "postal_code", "industry", "segment")
ACCOUNT_NUMBERS = ("employees", "annual_revenue_minor", "founded_year")

_ALL = ("name", "currency", *ACCOUNT_TEXTS, *ACCOUNT_NUMBERS)
_ACCOUNTS = """
    select fact_id::text as account_key{fields}
    from crm_accountversion
    where known_until is null and not is_withdrawn and (%(only)s::uuid[] is null or fact_id = any(%(only)s::uuid[]))
    order by fact_id
"""


def accounts_frame(only: list[str] | None = None, *, fields: Collection[str] = _ALL) -> pd.DataFrame:
    """Give account_key, name, currency, texts (empty: "") and numbers (Int64, missing: not known) of all accounts known now, or some.

    With `fields` only those of them are read.
    """
    picked = [name for name in _ALL if name in fields]
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS.format(fields="".join(f", {name}" for name in picked)), {"only": only})
        frame = pd.DataFrame(cursor.fetchall(), columns=["account_key", *picked], dtype=object)
    for name in set(picked) & set(ACCOUNT_NUMBERS):
        frame[name] = pd.array(frame[name].tolist(), dtype="Int64")
    return frame


_SALES = """
    select v.account_id::text as account_key, coalesce(sum(v.amount_minor) filter (where v.currency = %(currency)s), 0)::bigint as sales,
           count(*) filter (where v.currency <> %(currency)s) as others
    from crm_opportunityversion v
    where v.known_until is null and not v.is_withdrawn and v.status = 'won' and v.account_id is not null
      and v.close_on >= %(start)s and v.close_on < %(end)s
    group by 1 order by 1
"""


def sales_frame(*, currency: str, start: date, end: date) -> pd.DataFrame:
    """Give account_key, sales (minor units of the currency) of deals won in [start, end), and `others`: how many were in another one."""
    with connection.cursor() as cursor:
        cursor.execute(_SALES, {"currency": currency, "start": start, "end": end})
        return pd.DataFrame(cursor.fetchall(), columns=["account_key", "sales", "others"])


_CLOSED = """
    select d.owner_id, coalesce(a.industry, ''), count(*) filter (where d.status = 'won'), count(*)
    from crm_opportunityversion d
    left join crm_accountversion a on a.fact_id = d.account_id and a.known_until is null and not a.is_withdrawn
    where d.known_until is null and not d.is_withdrawn and d.status in ('won', 'lost') and d.owner_id is not null
      and d.account_id is not null and d.close_on >= %(start)s and d.close_on < %(end)s
    group by 1, 2 order by 1, 2
"""


def deals_closed(*, start: date, end: date) -> list[tuple[UUID, str, int, int]]:
    """Give owner, industry of the account ("": none), and how many deals were won and closed (won or lost) in [start, end), known now."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, {"start": start, "end": end})
        return cursor.fetchall()


def account_sales(*, start: date, end: date, currency: str) -> dict[str, int]:
    """Give by account what was won in [start, end) as known now, in minor units; deals in other currencies are left out."""
    sold = sales_frame(currency=currency, start=start, end=end)
    return {key: sales for key, sales in zip(sold["account_key"], sold["sales"].tolist(), strict=True) if sales}


_MEASURES = """
    select account_id::text,
           coalesce(sum(amount_minor) filter (where sold and currency = %(currency)s), 0)::bigint,
           count(*) filter (where sold),
           coalesce(sum(amount_minor) filter (where status = 'open' and currency = %(currency)s), 0)::bigint,
           count(*) filter (where status = 'open'),
           count(*) filter (where currency <> %(currency)s and amount_minor is not null)
    from (
        select account_id, amount_minor, currency, status,
               status = 'won' and close_on >= %(start)s and close_on < %(end)s as sold
        from crm_opportunityversion
        where known_until is null and not is_withdrawn and account_id is not null
          and (%(only)s::uuid[] is null or account_id = any(%(only)s::uuid[]))
          and (%(owners)s::uuid[] is null or owner_id = any(%(owners)s::uuid[]))
    ) deal
    where sold or status = 'open'
    group by 1
"""


@dataclass(frozen=True, slots=True)
class AccountDeals:
    """What is known of an account's deals, in minor units of one currency; `foreign` deals are in another one and in no amount."""

    sales: int = 0
    deals_won: int = 0
    open_pipeline: int = 0
    deals_open: int = 0
    foreign: int = 0


def deals_of_year(
    currency: str, on: date, *, owners: list[UUID] | None, only: list[str] | None = None
) -> dict[str, AccountDeals]:
    """Give by account what it bought in the twelve months before the day and what is open, as known now; of all accounts, or some.

    What a person is shown asks for the deals of `owners` alone, those that `deal_owners` gives; None takes every deal.
    """
    start = year_before(on)
    with connection.cursor() as cursor:
        cursor.execute(_MEASURES, {"currency": currency, "start": start, "end": on, "owners": owners, "only": only})
        return {key: AccountDeals(*values) for key, *values in cursor.fetchall()}


_ORDERED = """
        from crm_orderlineversion line
        join crm_orderversion o on o.fact_id = line.order_id and o.known_until is null and not o.is_withdrawn
        left join crm_opportunityversion d on d.fact_id = o.opportunity_id and d.known_until is null and not d.is_withdrawn
        where line.known_until is null and not line.is_withdrawn
"""
"""Lines of orders as known now, with the deal of each order."""

_BOUGHT = (
    """
    select account_id::text, product_id::text,
           bool_or(%(owners)s::uuid[] is not null and coalesce(not (owner_id = any(%(owners)s::uuid[])), true))
    from (
        select account_id, product_id, owner_id, 1 as quantity
        from crm_opportunityversion
        where known_until is null and not is_withdrawn and status = 'won' and product_id is not null
        union all
        select coalesce(o.account_id, d.account_id), line.product_id, o.owner_id, line.quantity
"""
    + _ORDERED
    + """    ) bought
    where account_id is not null
    group by 1, 2
    having sum(quantity) > 0
"""
)


def products_bought(owners: list[UUID] | None) -> list[tuple[str, str, bool]]:
    """Give account and product of all that was bought by won deals and orders and not given back, and whether some of it is unseen.

    Unseen is what others own than the `owners` that `deal_owners` gives; nothing is where they are None.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BOUGHT, {"owners": owners})
        return cursor.fetchall()


_LINES = (
    """
    select account_id::text, array_agg(distinct family order by family)
    from (
        select coalesce(o.account_id, d.account_id) as account_id, line.product_id
"""
    + _ORDERED
    + """        group by 1, 2 having sum(line.quantity) > 0
        union
        select account_id, product_id from crm_opportunityversion
        where known_until is null and not is_withdrawn and status in ('won', 'open')
    ) dealt
    join crm_productversion p on p.fact_id = dealt.product_id and p.known_until is null and not p.is_withdrawn
    where account_id is not null and family <> '' and (%(only)s::uuid[] is null or account_id = any(%(only)s::uuid[]))
    group by 1
"""
)


def product_lines(only: list[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Give by account the families of products that it bought, by won deals or orders not given back, or that open deals are about."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"only": only})
        return {key: tuple(families) for key, families in cursor.fetchall()}


def account_parents() -> dict[str, str]:
    """Give the parent of every account that has one, as known now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select fact_id::text, parent_id::text from crm_accountversion "
            "where known_until is null and not is_withdrawn and parent_id is not null"
        )
        return dict(cursor.fetchall())


def account_places() -> dict[str, tuple[Decimal, Decimal]]:
    """Give latitude and longitude in degrees of every account that has both, as known now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select fact_id::text, latitude, longitude from crm_accountversion "
            "where known_until is null and not is_withdrawn and latitude is not null and longitude is not null"
        )
        return {key: (latitude, longitude) for key, latitude, longitude in cursor.fetchall()}
