"""What is known now of facts named by key or id, for thousands at once. Set queries without joins, fast also without statistics."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from spm.crm.kinds import FactKind


def fact_ids(kind: FactKind, keys: Iterable[str], source: str) -> dict[str, str]:
    """Give the identities of a source by key, whether anything is known of them now or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select source_key, id::text from {kind.fact_table} where source = %s and source_key = any(%s)",
            [source, list(dict.fromkeys(keys))],
        )
        return dict(cursor.fetchall())


def versions_current(kind: FactKind, fact_ids: list[str]) -> dict[str, tuple[Any, ...]]:
    """Give the open version of facts: fact id → (version id, is withdrawn, business columns …)."""
    columns = ", ".join(f"{each.name}::text" if each.is_key or each.is_document else each.name for each in kind.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select fact_id::text, id::text, is_withdrawn, {columns} from {kind.version_table} "
            "where known_until is null and fact_id = any(%s::uuid[])",
            [fact_ids],
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def facts_by_key(kind: FactKind, keys: Iterable[str], source: str | None) -> list[tuple[str, str]]:
    """Give (key, fact id) of what is known now under the keys, of one source or of any."""
    query = f"select source_key, id::text from {kind.fact_table} where source_key = any(%s)"
    with connection.cursor() as cursor:
        cursor.execute(query + (" and source = %s" if source else ""), [list(keys), *([source] if source else [])])
        rows = cursor.fetchall()
        known = _known_now(kind, [row[1] for row in rows])
    return [row for row in rows if row[1] in known]


def facts_by_name(kind: FactKind, names: Iterable[str]) -> list[tuple[str, str]]:
    """Give (name, fact id) of what is known now under the names."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select name, fact_id::text from {kind.version_table} where known_until is null and not is_withdrawn and name = any(%s)",
            [list(names)],
        )
        return cursor.fetchall()


def parents_above(kind: FactKind, column: str, given: Mapping[str, str | None]) -> dict[str, str]:
    """Give who stands above whom: what rows say (None: nobody), and above them what is known, up to the tops."""
    above = {id: parent for id, parent in given.items() if parent is not None}
    asked = set(given)
    while frontier := sorted(set(above.values()) - asked):
        asked |= set(frontier)
        with connection.cursor() as cursor:
            cursor.execute(
                f"select fact_id::text, {column}::text from {kind.version_table} where known_until is null "
                f"and not is_withdrawn and {column} is not null and fact_id = any(%s::uuid[])",
                [frontier],
            )
            above |= dict(cursor.fetchall())
    return above


def fact_names(kind: FactKind, ids: list[str]) -> dict[str, str]:
    """Give the keys of identities by id."""
    with connection.cursor() as cursor:
        cursor.execute(f"select id::text, source_key from {kind.fact_table} where id = any(%s::uuid[])", [ids])
        return dict(cursor.fetchall())


def _known_now(kind: FactKind, ids: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select fact_id::text from {kind.version_table} "
            "where known_until is null and not is_withdrawn and fact_id = any(%s::uuid[])",
            [ids],
        )
        return {row[0] for row in cursor.fetchall()}
