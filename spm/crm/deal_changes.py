"""Which deals changed between two moments, whose they were or are, and which deals are some people's: keys only, found by indexes.

For calculations that do again only what changed; what people see goes through selectors with a viewer.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

TABLES = {"opportunity": "crm_opportunityversion", "split": "crm_splitversion"}
"""The kinds of facts whose changes can be followed to the people that they credit, and their versions."""

_DEAL = {"opportunity": "fact_id", "split": "opportunity_id"}
_CHANGED = """
    select {deal} from {table} where known_from > %(since)s and known_from <= %(until)s
    union select {deal} from {table} where known_until > %(since)s and known_until <= %(until)s
"""
_PEOPLE = """
    select owner_id from crm_opportunityversion where fact_id = any(%(deals)s::uuid[]) and owner_id is not null and {overlapping}
    union
    select participant_id from crm_splitversion where opportunity_id = any(%(deals)s::uuid[]) and {overlapping}
"""
_OVERLAPPING = "known_from <= %(until)s and (known_until is null or known_until > %(since)s)"
_INSIDE = "v.status = 'won' and (v.close_on is null or v.close_on >= %(start)s and v.close_on < %(end)s)"
_WITHIN = """
    select distinct v.fact_id from ({changed}) as changed(deal) join crm_opportunityversion v on v.fact_id = changed.deal
    where {overlapping} and {inside}
"""
_KNOWN = (
    "{0}.known_from <= %(at)s and {0}.known_until is null",
    "{0}.known_from <= %(at)s and {0}.known_until > %(at)s",
)
"""Known at the moment: still, which an index of what is current finds, or until later."""
_OWNED = (
    "select v.fact_id from crm_opportunityversion v where v.owner_id = any(%(people)s::uuid[]) and {won} and {known}"
)
_SHARED = """
    select s.opportunity_id from crm_splitversion s where s.participant_id = any(%(people)s::uuid[]) and {shared}
      and exists (select 1 from crm_opportunityversion v where v.fact_id = s.opportunity_id and {won} and {known})
"""
"""Asked for each pair of the two, so that a share's deal is looked up in the index of current deals alone, `opportunity_won`."""


def deals_changed(*, since: datetime, until: datetime, within: tuple[date, date] | None = None) -> list[str]:
    """Give the keys of deals that became known otherwise in (since, until], themselves or by a share of theirs.

    `within` keeps those that were known at some moment of [since, until] as won on one of these days, half-open, or on none.
    """
    changed = " union ".join(_CHANGED.format(table=table, deal=_DEAL[kind]) for kind, table in TABLES.items())
    start, end = within or (None, None)
    query = _WITHIN.format(changed=changed, overlapping=_OVERLAPPING, inside=_INSIDE) if within else changed
    return _keys(query, {"since": since, "until": until, "start": start, "end": end})


def others_changed(*, since: datetime, until: datetime) -> bool:
    """Tell whether facts of any other kind changed in (since, until]: accounts, products, orders and so on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from crm_factcommit where known_from > %s and known_from <= %s and kind <> all(%s))",
            [since, until, list(TABLES)],
        )
        return bool(cursor.fetchone()[0])


def facts_changed(*, since: datetime, until: datetime) -> bool:
    """Tell whether any fact became known otherwise in (since, until]; where none did, what is read of both moments is equal.

    True where the moments are not in order, as after the clock was turned back: nothing is certain then.
    """
    if since > until:
        return True
    queries = [_CHANGED.format(table=table, deal=_DEAL[kind]) for kind, table in TABLES.items()]
    with connection.cursor() as cursor:
        cursor.execute(f"select exists ({' union all '.join(queries)})", {"since": since, "until": until})
        return bool(cursor.fetchone()[0]) or others_changed(since=since, until=until)


def people_of_deals(deals: Sequence[str], *, since: datetime, until: datetime) -> list[str]:
    """Give the keys of everybody who owned or shared one of the deals, as known at some moment of [since, until]."""
    return _keys(_PEOPLE.format(overlapping=_OVERLAPPING), {"deals": list(deals), "since": since, "until": until})


def deals_of_people(
    people: Collection[str], *, known_at: datetime, within: tuple[date, date] | None = None
) -> list[str]:
    """Give the keys of the won deals that one of the people owns or shares, as known at the moment.

    `within` keeps those that close on one of these days, half-open, or on none that is known.
    """
    won = _INSIDE if within else "v.status = 'won'"
    parts = []
    for known in (each.format("v") for each in _KNOWN):
        parts.append(_OWNED.format(won=won, known=known))
        parts += [_SHARED.format(shared=each.format("s"), won=won, known=known) for each in _KNOWN]
    start, end = within or (None, None)
    return _keys(" union ".join(parts), {"people": sorted(people), "at": known_at, "start": start, "end": end})


def _keys(query: str, parameters: dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"select key::text from ({query}) as found(key)", parameters)
        return sorted(row[0] for row in cursor.fetchall())
