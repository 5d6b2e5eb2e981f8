"""What stands behind the rows of deal frames: a deal, an order line, or what takes one back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from spm.crm.deal_columns import known

_DEALS = f"""
    with asked as (select unnest(%(keys)s::uuid[]) as id), dealt as (
        select v.fact_id as id, 'opportunity' as kind, f.source, f.source_key, v.fact_id as deal_id, v.account_id, v.product_id
        from asked join crm_opportunity f using (id) join crm_opportunityversion v on v.fact_id = f.id and {known("v")}
        union all
        select l.fact_id, 'order_line', f.source, f.source_key, coalesce(g.opportunity_id, b.opportunity_id), null, l.product_id
        from asked join crm_orderline f using (id) join crm_orderlineversion l on l.fact_id = f.id and {known("l")}
        join crm_orderversion g on g.fact_id = l.order_id and {known("g")}
        left join crm_orderversion b on b.fact_id = g.reverses_id and {known("b")}
        union all
        select g.fact_id, 'order', f.source, f.source_key, b.opportunity_id, null, null
        from asked join crm_order f using (id) join crm_orderversion g on g.fact_id = f.id and {known("g")}
        join crm_orderversion b on b.fact_id = g.reverses_id and {known("b")}
        union all
        select n.fact_id, 'credit_note', f.source, f.source_key, coalesce(g.opportunity_id, c.opportunity_id), null, null
        from asked join crm_creditnote f using (id) join crm_creditnoteversion n on n.fact_id = f.id and {known("n")}
        join crm_invoiceversion i on i.fact_id = n.invoice_id and {known("i")}
        left join crm_orderversion g on g.fact_id = i.order_id and {known("g")}
        left join crm_contractversion c on c.fact_id = i.contract_id and {known("c")}
    )
    select d.id::text, d.kind, d.source, d.source_key, coalesce(d.deal_id::text, ''), coalesce(a.source_key, ''), coalesce(p.source_key, '')
    from dealt d left join crm_opportunityversion v on v.fact_id = d.deal_id and {known("v")}
    left join crm_account a on a.id = coalesce(d.account_id, v.account_id)
    left join crm_product p on p.id = coalesce(d.product_id, v.product_id)
"""


_PARTS = """
    select distinct md5(n.fact_id::text || l.fact_id::text)::uuid::text, n.fact_id::text
    from crm_creditnoteversion n join crm_invoiceversion i on i.fact_id = n.invoice_id
    left join crm_orderversion g on g.fact_id = i.order_id left join crm_contractversion c on c.fact_id = i.contract_id
    join crm_orderversion o on o.opportunity_id = coalesce(g.opportunity_id, c.opportunity_id)
    join crm_orderlineversion l on l.order_id = o.fact_id
    where md5(n.fact_id::text || l.fact_id::text)::uuid = any(%(keys)s::uuid[])
"""
"""The credit notes behind the parts that lines take of them."""


@dataclass(frozen=True)
class Dealt:
    """The fact behind a row: its kind and source key, the deal it belongs to, and what the deal is about."""

    kind: str
    source: str
    source_key: str
    deal_id: str
    account: str
    product: str


def deals_named(keys: Iterable[str], known_at: datetime) -> dict[str, Dealt]:
    """Give the facts behind rows of deal frames, as known at the moment, by their keys."""
    wanted = list(keys)
    with connection.cursor() as cursor:
        cursor.execute(_DEALS, {"keys": wanted, "known_at": known_at})
        found = {key: Dealt(*values) for key, *values in cursor.fetchall()}
        missing = [key for key in wanted if key not in found]
        if missing:
            cursor.execute(_PARTS, {"keys": missing})
            notes: dict[str, str] = dict(cursor.fetchall())
            cursor.execute(_DEALS, {"keys": list(set(notes.values())), "known_at": known_at})
            of_notes = {key: Dealt(*values) for key, *values in cursor.fetchall()}
            found |= {key: of_notes[note] for key, note in notes.items() if note in of_notes}
    return found
