"""The queries of deals for calculations: what was known of them at a moment. `spm.crm.deal_packs` reads them as columns.

Days are numbers since 1970-01-01, amounts minor units. A deal is credited on its close day once it is won; a credit note, and an order that
reverses another, are rows of their own that take back a part of the deal they name. Other columns are read only when they are asked for.
These are for engines; what people see goes through selectors with a viewer.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from spm.crm.deal_columns import (
    COLUMNS,
    JOINS,
    NOTED,
    RETURNED,
    RETURNED_LINES,
    TABLES,
    UNDEALT,
    UNPLACED,
    Column,
    attribute,
    known,
)
from spm.tenancy.copying import copy_out, without_nested_loops

_OF = "(%(of)s::uuid[] is null or {0} = any(%(of)s::uuid[]))"


@dataclass(frozen=True)
class DealsAsked:
    """Which deals are read: known at a moment, with a day in [start, end); beside the close day, `days` may bring a deal into the window.

    `only` keeps the rows with these keys, `of` what belongs to these deals: themselves, their lines, shares and returns.
    """

    start: date
    end: date
    known_at: datetime
    columns: Sequence[str] = ()
    attributes: Sequence[str] = ()
    days: Sequence[str] = ()
    only: Sequence[str] | None = None
    of: Sequence[str] | None = None
    back: bool | None = None

    @property
    def takes_back(self) -> bool:
        """Tell whether anything had ever been taken back by the moment; `back` is the answer of who has asked already."""
        return has_returns(self.known_at) if self.back is None else self.back

    def planned(self, *, by_line: bool = False) -> AbstractContextManager[None]:
        """Open how the planner joins what is summed up to all deals: hashed, never summed anew for each of them."""
        if self.only is not None or self.of is not None:
            return nullcontext()
        is_summed = by_line or bool(_needed(columns_of(self), self, by_line=by_line, back=False)) or self.takes_back
        return without_nested_loops() if is_summed else nullcontext()

    @property
    def parameters(self) -> dict[str, Any]:
        """Give the values that the queries are asked with."""
        only, of = (None if keys is None else list(keys) for keys in (self.only, self.of))
        return {"start": self.start, "end": self.end, "known_at": self.known_at, "only": only, "of": of}


def won_query(asked: DealsAsked, *, by_line: bool) -> str:
    """Give the query of the won deals with a day in the window and what takes them back, in no order: key, source, owner, amount, currency,
    day, and what is asked.

    A deal without amount or currency can't be credited; it stands in `deal_gaps_csv` instead. `by_line` gives order line by order line: a
    deal without lines is one row, and the contract's value stands on the first line.
    """
    columns, back = columns_of(asked), asked.takes_back
    parts = [_won(asked, columns, by_line=by_line, head=_head(by_line=by_line, back=back))]
    if back:
        parts.append(_back(columns, by_line=by_line))
    tables = _tables(_needed(columns, asked, by_line=by_line, back=back))
    returned = [RETURNED_LINES if by_line else RETURNED] if back else []
    expressions = ", ".join([*([tables] if tables else []), *returned])
    return (f"with {expressions} " if expressions else "") + " union all ".join(parts)


def open_deals_csv(asked: DealsAsked) -> bytes:
    """Give the open deals expected to close in the window, with the columns of won ones and `probability_rate` (at 10**8).

    Of deals that are named (`only`) a day and an amount that they lack are the first of the window and 0: who names them knows both.
    """
    asked = replace(asked, days=())
    columns = columns_of(asked)
    head = _head(by_line=False, back=has_returns(asked.known_at)) + ", v.probability_rate"
    query = _won(asked, columns, by_line=False, head=head)
    query = query.replace("v.status = 'won' and v.close_on is not null", "v.status = 'open'")
    tables = _tables(_needed(columns, asked, by_line=False, back=False))
    query = query.replace("v.close_on", _expected(asked))
    if asked.only is not None:
        query = query.replace("v.amount_minor", "coalesce(v.amount_minor, 0)")
    with asked.planned():
        return copy_out(f"{f'with {tables} ' if tables else ''}{query} order by 2, 1", asked.parameters)


def _expected(asked: DealsAsked) -> str:
    """The day on which an open deal is expected to close."""
    return f"coalesce(v.expected_close_on, v.close_on{', %(start)s' if asked.only is not None else ''})"


def open_splits_csv(asked: DealsAsked) -> bytes:
    """Give the shares of the open deals expected to close in the window, with the columns of those of won ones."""
    query = f"""select s.opportunity_id as deal_key, s.participant_id as participant_key, s.share_rate as share,
               case s.kind when 'overlay' then 'OVERLAY' end as credit_type
        from crm_splitversion s join crm_opportunityversion v on v.fact_id = s.opportunity_id and {known("v")}
        where {known("s")} and s.share_rate > 0 and v.status = 'open' and (%(only)s::uuid[] is null or v.fact_id = any(%(only)s::uuid[]))
          and {_expected(asked)} >= %(start)s and {_expected(asked)} < %(end)s
        order by 1, 2, 4, 3"""
    return copy_out(query, asked.parameters)


def has_facts(table: str, known_at: datetime) -> bool:
    """Tell whether the company had a row in a table of versions by a moment: most have no orders or splits, and need not be asked.

    It is asked as of the moment, so that whoever computes a run again later reads what the run has read.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"select exists (select 1 from {connection.ops.quote_name(table)} where known_from <= %s)", [known_at]
        )
        return bool(cursor.fetchone()[0])


def has_returns(known_at: datetime) -> bool:
    """Tell whether anything had ever been taken back by a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from crm_creditnoteversion where known_from <= %(at)s) "
            "or exists (select 1 from crm_orderversion where reverses_id is not null and known_from <= %(at)s)",
            {"at": known_at},
        )
        return bool(cursor.fetchone()[0])


def first_sale(asked: DealsAsked) -> date | None:
    """Give the earliest close day among the deals that something in the window takes back; None without one."""
    if not has_returns(asked.known_at):
        return None
    query = f"""with {_tables(["notes"])}, {RETURNED}
        select min(v.close_on) from returned r join crm_opportunityversion v on v.fact_id = r.opportunity_id and {known("v")}
        where v.status = 'won' and r.on_day >= %(start)s and r.on_day < %(end)s"""
    with connection.cursor() as cursor:
        cursor.execute(query, asked.parameters)
        found: date | None = cursor.fetchone()[0]
        return found


def columns_of(asked: DealsAsked) -> dict[str, Column]:
    """Give the columns that are read beside those of every deal."""
    found = {name: COLUMNS[name] for name in {*asked.columns, *asked.days} & COLUMNS.keys()}
    found |= {name: own for name in asked.attributes if (own := attribute(name)) is not None}
    return {name: found[name] for name in sorted(found)}


def _head(*, by_line: bool, back: bool) -> str:
    key, source = (
        ("coalesce(l.line_id, v.fact_id)", "coalesce(l.source_key, f.source_key)")
        if by_line
        else ("v.fact_id", "f.source_key")
    )
    amount, currency = _amount(by_line=by_line), "coalesce(l.currency, v.currency)" if by_line else "v.currency"
    head = f"""{key} as deal_key, {source} as source_key, v.owner_id as owner_key, {amount} as amount_minor,
        {currency} as currency, v.close_on - date '1970-01-01' as credit_on"""
    return head + (", null::uuid as reverses_key" if back else "")


def _amount(*, by_line: bool) -> str:
    return "(case when l.line_id is null then v.amount_minor else l.net_minor end)" if by_line else "v.amount_minor"


def _won(asked: DealsAsked, columns: Mapping[str, Column], *, by_line: bool, head: str) -> str:
    values = [f"{_sql(column, by_line=by_line)} as {name}" for name, column in columns.items()]
    return f"""select {", ".join([head, *values])} from crm_opportunityversion v join crm_opportunity f on f.id = v.fact_id
        {_joins(columns, asked.days, by_line=by_line)}
        where {_where(asked)} and {_amount(by_line=by_line)} is not null and v.currency <> ''
          and (%(only)s::uuid[] is null or {"coalesce(l.line_id, v.fact_id)" if by_line else "v.fact_id"} = any(%(only)s::uuid[]))"""


def _where(asked: DealsAsked) -> str:
    """The won deals with a day in the window."""
    days = ["v.close_on", *(COLUMNS[name].sql.removesuffix(" - date '1970-01-01'") for name in asked.days)]
    inside = " or ".join(f"({day} >= %(start)s and {day} < %(end)s)" for day in dict.fromkeys(days))
    return f"{known('v')} and v.status = 'won' and v.close_on is not null and ({inside}) and {_OF.format('v.fact_id')}"


def _back(columns: Mapping[str, Column], *, by_line: bool) -> str:
    """What takes deals back: everything as the deal says, but its own amount and day, and its part of the other amounts."""
    base, key = _amount(by_line=by_line), "coalesce(l.line_id, v.fact_id)" if by_line else "v.fact_id"
    values = []
    for name, column in columns.items():
        sql = _sql(column, by_line=by_line)
        if column.back == "day":
            sql = "r.on_day - date '1970-01-01'"
        elif column.back == "part":
            places = 4 if name == "quantity" else 0
            kind = "numeric" if name == "quantity" else "bigint"
            sql = f"round(({sql})::numeric * r.amount_minor / nullif({base}, 0), {places})::{kind}"
        values.append(f"{sql} as {name}")
    lines = "left join sold l on l.line_id = r.line_id" if by_line else ""
    head = f"""r.return_id as deal_key, r.source_key, v.owner_id as owner_key, r.amount_minor, coalesce(r.currency, v.currency) as currency,
        r.on_day - date '1970-01-01' as credit_on, {key} as reverses_key"""
    return f"""select {", ".join([head, *values])} from returned r
        join crm_opportunityversion v on v.fact_id = r.opportunity_id and {known("v")} join crm_opportunity f on f.id = v.fact_id
        {lines} {_joins(columns, (), by_line=by_line, sold=False)}
        where v.status = 'won' and v.currency <> '' and r.on_day >= %(start)s and r.on_day < %(end)s
          and (%(only)s::uuid[] is null or r.return_id = any(%(only)s::uuid[])) and {_OF.format("r.opportunity_id")}"""


def _sql(column: Column, *, by_line: bool) -> str:
    return column.of_line if by_line and column.of_line else column.sql


def _sources(columns: Mapping[str, Column], days: Iterable[str], *, by_line: bool) -> list[str]:
    """The sources of the columns, in the order of `JOINS`; a column of the line needs no sum over lines."""
    needed = {each.source for each in columns.values() if not (by_line and each.source == "ordered")}
    needed |= {COLUMNS[name].source for name in days}
    return [name for name in JOINS if name in needed or (by_line and name == "sold")]


def _joins(columns: Mapping[str, Column], days: Iterable[str], *, by_line: bool, sold: bool = True) -> str:
    product = "coalesce(l.product_id, v.product_id)" if by_line else "v.product_id"
    names = _sources(columns, days, by_line=by_line)
    ordered = sorted(names, key=lambda name: name != "sold")
    return " ".join(JOINS[name][1].replace("{product}", product) for name in ordered if sold or name != "sold")


def _needed(columns: Mapping[str, Column], asked: DealsAsked, *, by_line: bool, back: bool) -> list[str]:
    names = [table for name in _sources(columns, asked.days, by_line=by_line) for table in JOINS[name][0].split()]
    return [*names, *(["notes"] if back else [])]


def _tables(names: Iterable[str]) -> str:
    """The common table expressions of these names and what they are made of, each once, in the order of `TABLES`."""
    wanted = set(names)
    if "notes" in wanted:
        wanted |= {"bills", "priced"}
    return ", ".join(sql for name, sql in TABLES.items() if name in wanted)


def splits_query(asked: DealsAsked, *, by_line: bool, whole: bool) -> str:
    """Give the query of deal_key, participant_key, share (10**8), credit_type (OVERLAY, or empty) of the deals with a day in the window.

    A return is shared as its deal; `by_line` gives the shares of every order line too. `whole` gives those of all deals, of any day.
    """
    shares = f"""select s.opportunity_id, s.participant_id, s.share_rate, case s.kind when 'overlay' then 'OVERLAY' end as credit_type
        from crm_splitversion s where {known("s")} and s.share_rate > 0 and {_OF.format("s.opportunity_id")}"""
    if whole:
        return f"""select opportunity_id as deal_key, participant_id as participant_key, share_rate as share, credit_type
            from ({shares}) shares"""
    back, days = asked.takes_back, _joins({}, asked.days, by_line=False)
    dealt = f"select v.fact_id as opportunity_id, v.fact_id as deal_key from crm_opportunityversion v {days} where {_where(asked)}"
    parts = [dealt]
    names = _needed({}, asked, by_line=by_line, back=back)
    if by_line:
        parts.append(
            f"select d.opportunity_id, l.line_id from ({dealt}) d join sold l on l.opportunity_id = d.opportunity_id"
        )
    if back:
        parts.append("select opportunity_id, return_id from returned where on_day >= %(start)s and on_day < %(end)s")
    tables = [_tables(names), (RETURNED_LINES if by_line else RETURNED) if back else ""]
    expressions = ", ".join([*(each for each in tables if each), f"shares as ({shares})"])
    return f"""with {expressions} select k.deal_key, s.participant_id as participant_key, s.share_rate as share, s.credit_type
        from shares s join ({" union ".join(parts)}) k on k.opportunity_id = s.opportunity_id"""


_ZONE = "(select o.time_zone from tenancy_organisation o where o.id = v.organisation_id)"
_OWNERS = """
    select v.fact_id, v.owner_id, row_number() over deal as place,
           min((v.known_from at time zone {zone})::date) over (partition by v.fact_id) as first_day,
           (v.known_from at time zone {zone})::date as day,
           lead((v.known_from at time zone {zone})::date) over deal as next_day
    from crm_opportunityversion v
    where v.known_from <= %(known_at)s and not v.is_withdrawn and v.owner_id is not null and {of}
      and exists (select 1 from crm_opportunityversion w where w.fact_id = v.fact_id and w.known_from <= %(known_at)s
                  and not w.is_withdrawn and w.owner_id <> v.owner_id)
    window deal as (partition by v.fact_id order by v.known_from, v.id)
"""


def owners_csv(asked: DealsAsked, *, by_line: bool = False) -> bytes:
    """Give deal_key, owner_key, from_on, until_on of the deals that had more than one owner, by what was known at the end of each
    day of the company.

    The first owner known counts before the day on which it was known, too. `by_line` gives the owners of every order line as well.
    """
    tables = f"{_tables(['priced', 'sold'])}, " if by_line else ""
    lines = "union select l.opportunity_id, l.line_id from sold l where l.opportunity_id in (select fact_id from owned)"
    query = f"""with {tables}owned as ({_OWNERS.format(of=_OF.format("v.fact_id"), zone=_ZONE)}),
        keyed as (select fact_id, fact_id as deal_key from owned {lines if by_line else "group by fact_id"})
        select k.deal_key, o.owner_id as owner_key,
               case when o.day = o.first_day then -719162 else o.day - date '1970-01-01' end as from_on,
               coalesce(o.next_day - date '1970-01-01', 2147483647) as until_on
        from owned o join keyed k on k.fact_id = o.fact_id where o.next_day is null or o.next_day > o.day
        order by k.deal_key, o.place"""
    with asked.planned(by_line=by_line):
        return copy_out(query, asked.parameters)


_LACKING = "(v.close_on is null or v.amount_minor is null or v.currency = '' or v.owner_id is null)"
"""In the words of the index `opportunity_lacking`, which finds what is known now; what was known until later is found by its end."""
_GAPS = " union all ".join(
    f"""
    select f.source_key, v.owner_id as owner_key,
           case when v.close_on is null then 'close date' when v.amount_minor is null then 'amount'
                when v.currency = '' then 'currency' else 'owner' end as missing, v.fact_id
    from crm_opportunityversion v join crm_opportunity f on f.id = v.fact_id
    where v.known_from <= %(known_at)s and v.{until} and not v.is_withdrawn and v.status = 'won' and {_LACKING}
      and (v.close_on is null or (v.close_on >= %(start)s and v.close_on < %(end)s)) and {_OF.format("v.fact_id")}
    """
    for until in ("known_until is null", "known_until > %(known_at)s")
)


def deal_gaps_csv(asked: DealsAsked, *, by_line: bool = False) -> bytes:
    """Give source_key, owner_key and what is missing of won deals that lack amount, currency, owner or close day, and of returns.

    Of a return that leads to no deal that is "deal of invoice" or "deal of order"; `by_line` adds those that can't be told to lines: "line"
    of an order that reverses, "lines" of a credit note.
    """
    tables, parts = "", [f"select * from ({_GAPS}) lacking"]
    if asked.takes_back:
        parts.append(UNDEALT)
    if asked.takes_back and by_line:
        tables = f"with {_tables(['priced', 'sold', 'notes'])}, {NOTED}, unplaced as ({UNPLACED})"
        parts.append("select *, null::uuid from unplaced")
    query = f"""{tables} select source_key, owner_key, missing from ({" union all ".join(parts)}) gaps
        order by source_key collate "C", fact_id, missing"""
    with asked.planned(by_line=by_line):
        return copy_out(query, asked.parameters)
