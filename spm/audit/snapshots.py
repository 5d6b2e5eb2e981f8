"""Has anything been committed to some tables since a moment? Answered from the audit by the numbers of transactions, never by the clock.

A row of the audit says when its change was written, not when it was committed: a slow transaction shows its changes later than what its
rows say. A snapshot names the transactions that were committed when it was taken; every other one counts as a change, however late.
"""

from collections.abc import Collection

from django.db import connection

_NOW = """
    select (select system_identifier from pg_control_system())::text, coalesce(pg_current_xact_id_if_assigned()::text, '0'),
           pg_current_snapshot()::text
"""
_LATER = """
    transaction_id >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)::text::bigint
    and (transaction_id = %(own)s or not pg_visible_in_snapshot(transaction_id::text::xid8, %(snapshot)s::pg_snapshot))
"""
_CHANGED = f"""
    select (select system_identifier from pg_control_system())::text <> %(cluster)s
        or exists (select 1 from audit_entry where table_name = any(%(tables)s) and {_LATER})
        or exists (select 1 from audit_platformentry
                   where table_name = any(%(tables)s) and organisation_id = current_setting('app.organisation_id')::bigint and {_LATER})
"""


def snapshot_taken() -> str:
    """Give a snapshot of what is committed now: the database cluster, the transaction that asks, and what it sees."""
    with connection.cursor() as cursor:
        cursor.execute(_NOW)
        return " ".join(cursor.fetchone())


def changed_since(snapshot: str, tables: Collection[str]) -> bool:
    """Tell whether a row of the company in one of the tables may have changed since the snapshot; True also where that can't be known.

    It can't without a snapshot, nor in another cluster, where transactions are counted anew. What the transaction of the snapshot itself
    wrote, before or after, counts as changed.
    """
    if not snapshot:
        return True
    cluster, own, seen = snapshot.split(" ")
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"cluster": cluster, "own": int(own), "snapshot": seen, "tables": sorted(tables)})
        return bool(cursor.fetchone()[0])
