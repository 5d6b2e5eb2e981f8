"""The columns of deals that calculations may ask for: the SQL of each, and the tables it is made from.

A deal has orders, their lines, contracts, invoices and payments; what they say is summed up to the deal, or asked line by line. Amounts of
another currency than the deal's are unknown, and so is a sum of which one part is unknown. Nothing is guessed: a deal without order lines
has no quantity, cost or list price.
"""

import re
from dataclasses import dataclass

KNOWN = "{0}.known_from <= %(known_at)s and ({0}.known_until is null or {0}.known_until > %(known_at)s) and not {0}.is_withdrawn"


def known(alias: str) -> str:
    """Give the condition that a version was known at the moment."""
    return KNOWN.format(alias)


_LIST_PRICE = f"""coalesce(l.list_price_minor,
    (select n.list_price_minor from crm_priceversion n where {known("n")} and n.product_id = l.product_id
        and n.valid_from <= ov.ordered_on and (n.valid_until is null or n.valid_until > ov.ordered_on)
        and (n.currency in ('', ov.currency) or ov.currency = '') order by n.valid_from desc, n.id limit 1),
    (select n.list_price_minor from crm_productversion n where {known("n")} and n.fact_id = l.product_id
        and (n.currency in ('', ov.currency) or ov.currency = '')))"""
_UNIT_COST = f"""(select n.unit_cost_minor from crm_productversion n where {known("n")} and n.fact_id = l.product_id
        and (n.currency in ('', ov.currency) or ov.currency = ''))"""

PRICED = f"""priced as (
    select l.fact_id as line_id, l.order_id, l.product_id, l.quantity, ov.opportunity_id, ov.reverses_id, ov.ordered_on,
           nullif(ov.currency, '') as currency, round(l.quantity * {_LIST_PRICE})::bigint as list_minor,
           coalesce(l.cost_amount_minor, round(l.quantity * {_UNIT_COST}))::bigint as cost_minor,
           coalesce(l.net_amount_minor,
               round(l.quantity * {_LIST_PRICE} * (100000000 - coalesce(l.discount_rate, 0)) / 100000000))::bigint as net_minor
    from crm_orderlineversion l join crm_orderversion ov on ov.fact_id = l.order_id and {known("ov")}
    where {known("l")}
)"""
"""Order lines with the whole of their list price, cost and net amount."""

SOLD = """sold as (
    select s.*, lf.source_key, g.source_key as order_key,
           row_number() over (partition by s.opportunity_id order by lf.source_key collate "C", s.line_id) as place,
           count(*) over (partition by s.opportunity_id) as lines
    from priced s join crm_orderline lf on lf.id = s.line_id join crm_order g on g.id = s.order_id
    where s.reverses_id is null and s.opportunity_id is not null
)"""
"""The lines of the orders of a deal, without what was taken back."""


def _whole(column: str) -> str:
    return f"case when bool_and({column} is not null) then sum({column}) end"


ORDERED = f"""ordered as (
    select opportunity_id, sum(quantity) as quantity, {_whole("cost_minor")} as cost_minor, {_whole("list_minor")} as list_minor,
           min(currency) as currency, count(distinct currency) as currencies
    from priced where reverses_id is null and opportunity_id is not null group by opportunity_id
)"""
BOOKED = f"""booked as (
    select ov.opportunity_id, min(ov.ordered_on) as booked_on from crm_orderversion ov
    where {known("ov")} and ov.reverses_id is null and ov.opportunity_id is not null group by ov.opportunity_id
)"""
_MONTHS = "(extract(year from age(cv.ends_on, cv.starts_on)) * 12 + extract(month from age(cv.ends_on, cv.starts_on)))"
_TERM = f"({_MONTHS}::numeric / 12 + extract(day from age(cv.ends_on, cv.starts_on))::numeric / 365)"
AGREED = f"""agreed as (
    select cv.opportunity_id, {_whole("cv.annual_value_minor")} as annual_minor,
           {_whole(f"round(cv.annual_value_minor * {_TERM})")} as total_minor,
           case when count(distinct {_TERM}) = 1 then round(min({_TERM}) * 12)::bigint end as months,
           case when count(distinct cv.kind) = 1 then min(cv.kind) end as kind, min(cv.starts_on) as starts_on,
           min(nullif(cv.currency, '')) as currency, count(distinct nullif(cv.currency, '')) as currencies
    from crm_contractversion cv where {known("cv")} and cv.opportunity_id is not null group by cv.opportunity_id
)"""
BILLS = f"""bills as (
    select i.fact_id as invoice_id, i.order_id, coalesce(ov.opportunity_id, cv.opportunity_id) as opportunity_id, i.invoiced_on,
           i.amount_minor,
           coalesce((select sum(n.amount_minor) from crm_creditnoteversion n
                     where {known("n")} and n.invoice_id = i.fact_id), 0) as credited,
           (select sum(y.amount_minor) from crm_paymentversion y where {known("y")} and y.invoice_id = i.fact_id) as paid,
           (select max(y.paid_on) from crm_paymentversion y where {known("y")} and y.invoice_id = i.fact_id) as paid_on
    from crm_invoiceversion i
    left join crm_orderversion ov on ov.fact_id = i.order_id and {known("ov")}
    left join crm_contractversion cv on cv.fact_id = i.contract_id and {known("cv")}
    where {known("i")}
)"""
BILLED = """billed as (
    select opportunity_id, min(invoiced_on) as invoiced_on,
           case when bool_and(coalesce(paid, 0) >= amount_minor - credited) then max(paid_on) end as paid_on
    from bills where opportunity_id is not null group by opportunity_id
)"""
"""The day of a deal's first invoice, and the day on which all of its invoices were paid, less what was credited."""

NOTES = f"""notes as (
    select n.fact_id as return_id, nf.source_key, b.opportunity_id, n.credited_on as on_day, -n.amount_minor as amount_minor,
           nullif(n.currency, '') as currency, b.order_id
    from crm_creditnoteversion n join crm_creditnote nf on nf.id = n.fact_id join bills b on b.invoice_id = n.invoice_id
    where {known("n")} and b.opportunity_id is not null
      and not exists (select 1 from crm_orderversion ov join crm_orderversion base on base.fact_id = ov.reverses_id and {known("base")}
                      where {known("ov")} and base.opportunity_id = b.opportunity_id)
)"""
"""Credit notes; where an order reverses another of the deal, the orders say what came back, and credit notes are not counted again."""

RETURNED = f"""returned as (
    select return_id, source_key, opportunity_id, on_day, amount_minor, currency, null::uuid as line_id from notes
    union all
    select ov.fact_id, g.source_key, base.opportunity_id, ov.ordered_on, -abs(l.net_minor), nullif(ov.currency, ''), null
    from crm_orderversion ov join crm_order g on g.id = ov.fact_id
    join crm_orderversion base on base.fact_id = ov.reverses_id and {known("base")} and base.opportunity_id is not null
    join (select order_id, {_whole("net_minor")}::bigint as net_minor from priced group by order_id) l on l.order_id = ov.fact_id
    where {known("ov")} and l.net_minor is not null
)"""
NOTED = """noted as (
    select n.*, s.line_id, s.source_key as line_key, s.net_minor, abs(n.amount_minor)::numeric as size,
           sum(s.net_minor) over note as whole, min(s.net_minor) over note as least, count(*) over note as parts,
           count(s.net_minor) over note as priced_parts
    from notes n left join sold s on s.opportunity_id = n.opportunity_id
        and (s.order_id = n.order_id or n.order_id is null or not exists (select 1 from sold t where t.order_id = n.order_id))
    window note as (partition by n.return_id)
), parted as (
    select *, line_id is null or parts = 1 or (priced_parts = parts and least >= 0 and whole > 0) as is_divisible,
           case when parts > 1 and whole > 0 then div(size * net_minor, whole) end as floor,
           case when parts > 1 and whole > 0 then mod(size * net_minor, whole) end as rest
    from noted
)"""
"""Credit notes by the lines of their invoice's order, or of the deal where the invoice names no order with lines; what a line takes of
a note is in proportion to its net amount."""

RETURNED_LINES = f"""{NOTED}, returned as (
    select case when parts > 1 then md5(return_id::text || line_id::text)::uuid else return_id end as return_id, source_key, opportunity_id,
           on_day, sign(amount_minor)::bigint * part as amount_minor, currency, line_id
    from (
        select *, case when parts = 1 then size else
               (floor + case when row_number() over (partition by return_id order by rest desc, line_key collate "C")
                                  <= size - sum(floor) over (partition by return_id) then 1 else 0 end) end::bigint as part
        from parted where is_divisible
    ) divided where part <> 0 or line_id is null
    union all
    select b.line_id, lf.source_key, s.opportunity_id, b.ordered_on, -abs(b.net_minor), b.currency, s.line_id
    from priced b join crm_orderline lf on lf.id = b.line_id
    join sold s on s.order_id = b.reverses_id and s.product_id = b.product_id
    where b.net_minor is not null
      and (select count(*) from sold t where t.order_id = b.reverses_id and t.product_id = b.product_id) = 1
)"""
"""What came back line by line: an order's line takes back the line of the same product; a credit note its part of every line."""

UNPLACED = f"""
    select n.source_key, v.owner_id as owner_key, 'lines' as missing from parted n
    join crm_opportunityversion v on v.fact_id = n.opportunity_id and {known("v")}
    where not n.is_divisible and v.status = 'won' and n.on_day >= %(start)s and n.on_day < %(end)s
      and (%(of)s::uuid[] is null or n.opportunity_id = any(%(of)s::uuid[]))
    union
    select lf.source_key, v.owner_id, 'line' from priced b join crm_orderline lf on lf.id = b.line_id
    join crm_orderversion base on base.fact_id = b.reverses_id and {known("base")}
    join crm_opportunityversion v on v.fact_id = base.opportunity_id and {known("v")}
    where v.status = 'won' and b.ordered_on >= %(start)s and b.ordered_on < %(end)s
      and (%(of)s::uuid[] is null or base.opportunity_id = any(%(of)s::uuid[])) and (b.net_minor is null
      or (select count(*) from sold t where t.order_id = b.reverses_id and t.product_id = b.product_id) <> 1)
"""
"""Returns that can't be told to lines: a credit note of lines without net amount, an order's line without the one line it takes back."""

UNDEALT = f"""
    select nf.source_key, null::uuid as owner_key, 'deal of invoice' as missing, n.fact_id
    from (with {BILLS}
          select n.fact_id from crm_creditnoteversion n left join bills b on b.invoice_id = n.invoice_id
          where {known("n")} and n.credited_on >= %(start)s and n.credited_on < %(end)s and b.opportunity_id is null) n
    join crm_creditnote nf on nf.id = n.fact_id
    union all
    select g.source_key, null, 'deal of order', ov.fact_id from crm_orderversion ov join crm_order g on g.id = ov.fact_id
    left join crm_orderversion base on base.fact_id = ov.reverses_id and {known("base")}
    where {known("ov")} and ov.reverses_id is not null and ov.ordered_on >= %(start)s and ov.ordered_on < %(end)s
      and base.opportunity_id is null
"""
"""Returns that lead to no deal: a credit note by its invoice, an order by the order that it reverses. They are nobody's, so everybody's."""

_PRODUCT = (
    "left join crm_product p on p.id = {product} left join crm_productversion pv on pv.fact_id = p.id and "
    + known("pv")
)
_ACCOUNT = (
    "left join crm_account a on a.id = v.account_id left join crm_accountversion av on av.fact_id = a.id and "
    + known("av")
)
JOINS = {
    "product": ("", _PRODUCT),
    "account": ("", _ACCOUNT),
    "sold": ("priced sold", "left join sold l on l.opportunity_id = v.fact_id"),
    "ordered": ("priced ordered", "left join ordered o on o.opportunity_id = v.fact_id"),
    "booked": ("booked", "left join booked bo on bo.opportunity_id = v.fact_id"),
    "agreed": ("agreed", "left join agreed c on c.opportunity_id = v.fact_id"),
    "billed": ("bills billed", "left join billed b on b.opportunity_id = v.fact_id"),
}
"""For each source of columns the common table expressions it needs, in order, and its join."""
TABLES = {
    "priced": PRICED,
    "sold": SOLD,
    "ordered": ORDERED,
    "booked": BOOKED,
    "agreed": AGREED,
    "bills": BILLS,
    "billed": BILLED,
    "notes": NOTES,
}


@dataclass(frozen=True)
class Column:
    """A column of the deals: its SQL, where it comes from, and what a return says of it: the same, its own day, or its part.

    `of_line` is its SQL where deals are read line by line, and differs.
    """

    sql: str
    source: str = ""
    back: str = "same"
    of_line: str = ""


def _day(sql: str, source: str = "") -> Column:
    return Column(f"{sql} - date '1970-01-01'", source, "day")


def _ordered(name: str) -> Column:
    own = f"case when o.currencies = 0 or (o.currencies = 1 and o.currency = v.currency) then o.{name} end"
    return Column(own, "ordered", "part", f"l.{name}")


def _agreed(name: str) -> Column:
    own = f"case when c.currencies = 0 or (c.currencies = 1 and c.currency = v.currency) then c.{name} end"
    sql = f"(case when c.opportunity_id is null then 0 else {own} end)::bigint"
    return Column(sql, "agreed", "part", f"(case when coalesce(l.place, 1) = 1 then {sql} else 0 end)::bigint")


ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,59}")


def attribute(name: str) -> Column | None:
    """Give the column of an attribute that the company added to its deals; None for what can't be the name of one.

    Money stands on the first line where deals are read line by line, and comes back in part with a return.
    """
    if ATTRIBUTE.fullmatch(name) is None:
        return None
    sql = f"(v.attributes->>'{name}')"
    if name.endswith("_minor"):
        return Column(
            f"{sql}::bigint", "", "part", f"(case when coalesce(l.place, 1) = 1 then {sql}::bigint else 0 end)"
        )
    if name.endswith("_on"):
        return Column(f"{sql}::date - date '1970-01-01'")
    return Column(f"{sql}::bigint" if name.endswith("_rate") else sql)


COLUMNS: dict[str, Column] = {
    "closed_on": _day("v.close_on"),
    "created_on": Column("v.created_on - date '1970-01-01'"),
    "stage": Column("v.stage"),
    "status": Column("v.status"),
    "type": Column("v.kind"),
    "forecast_category": Column("v.forecast_category"),
    "deal_source_key": Column("f.source_key"),
    "product_key": Column("p.source_key", "product"),
    "product_family": Column("pv.family", "product"),
    "account_key": Column("a.source_key", "account"),
    "account_id": Column("a.id::text", "account"),
    "industry_key": Column("av.industry", "account"),
    "segment_key": Column("av.segment", "account"),
    "country_key": Column("av.country", "account"),
    "region_key": Column("av.region", "account"),
    "quantity": Column("o.quantity", "ordered", "part", "l.quantity"),
    "cost_minor": _ordered("cost_minor"),
    "list_minor": _ordered("list_minor"),
    "order_key": Column("null", "", "same", "l.order_key"),
    "line_key": Column("null", "", "same", "l.source_key"),
    "annual_value_minor": _agreed("annual_minor"),
    "contract_value_minor": _agreed("total_minor"),
    "contract_months": Column("c.months::text", "agreed"),
    "contract_kind": Column("c.kind", "agreed"),
    "contract_starts_on": Column("c.starts_on - date '1970-01-01'", "agreed"),
    "booked_on": _day("bo.booked_on", "booked"),
    "invoiced_on": _day("b.invoiced_on", "billed"),
    "paid_on": _day("b.paid_on", "billed"),
}
"""What may be asked of a deal beside its key, owner, amount, currency and credit day."""
