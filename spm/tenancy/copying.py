"""Columns out of and into the database in bulk: the fast way for many rows, inside the walls of the open scope.

COPY of a query obeys row-level security like any query. COPY into a walled table is refused by PostgreSQL; `copy_in` is for the tables
that are opened to the company for that purpose (`spm.tenancy.walls.EXCEPTIONS`). Other tables take whole columns by `insert_columns`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from spm.core.packs import EMPTY, KEY, Cell, Pack, texts_split
from spm.tenancy.keys import uuid7_texts

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
"""How a stream of COPY BINARY begins: its signature, no flags, no extension."""
END = b"\xff\xff"
NULL = -1


@contextmanager
def without_nested_loops() -> Iterator[None]:
    """Let a join of whole tables be hashed: right after a large import the planner has no statistics and would join row by row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("show enable_nestloop")
        before = cursor.fetchone()[0]
        cursor.execute("set local enable_nestloop = off")
        yield
        cursor.execute("select set_config('enable_nestloop', %s, true)", [before])


def copy_out(query: str, parameters: Mapping[str, Any]) -> bytes:
    """Give the rows of the query as CSV with a header; an empty cell is NULL. Order the query, so that equal rows give equal bytes."""
    target = BytesIO()
    with connection.cursor() as cursor:
        raw = cursor.cursor
        statement = raw.mogrify(query, parameters).decode()
        raw.copy_expert(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, HEADER, ENCODING 'UTF8')", target)
    return target.getvalue()


def copy_columns(query: str, parameters: Mapping[str, Any], cells: Mapping[str, Cell], *, by: str = "") -> Pack:
    """Give the rows of the query as whole columns, in no order; every column is one value that the database puts together.

    `by` is an expression over the rows that keeps one value from growing too long: a gigabyte is the most.
    """
    picked = ", ".join(_SENT[cell].format(connection.ops.quote_name(name)) for name, cell in cells.items())
    target = BytesIO()
    with connection.cursor() as cursor:
        raw = cursor.cursor
        statement = raw.mogrify(
            f"select {picked} from ({query}) sent{f' group by {by}' if by else ''}", parameters
        ).decode()
        raw.copy_expert(f"COPY ({statement}) TO STDOUT WITH (FORMAT binary)", target)
    parts: dict[str, list[np.ndarray]] = {name: [] for name in cells}
    for row in _values(target.getbuffer(), len(cells)):
        for (name, cell), value in zip(cells.items(), row, strict=True):
            parts[name].append(_RECEIVED[cell](value))
    return Pack(
        {name: np.concatenate(parts[name]) if parts[name] else _RECEIVED[cell](None) for name, cell in cells.items()}
    )


def _values(stream: memoryview, width: int) -> Iterator[list[memoryview | None]]:
    """The rows of a stream of COPY BINARY, each as its values; None for NULL."""
    place = len(SIGNATURE)
    while stream[place : place + 2] != END:
        place += 2
        row: list[memoryview | None] = []
        for _ in range(width):
            size = int.from_bytes(stream[place : place + 4], "big", signed=True)
            place += 4
            row.append(None if size == NULL else stream[place : place + size])
            place += max(size, 0)
        yield row


_SENT = {
    Cell.KEY: f"string_agg(uuid_send(coalesce({{0}}, '{UUID(int=0)}')), ''::bytea)",
    Cell.WHOLE: f"string_agg(int8send(coalesce({{0}}::bigint, {EMPTY})), ''::bytea)",
    Cell.TEXT: "string_agg(textsend(coalesce({0}::text, '')), '\\x00'::bytea)",
}
_RECEIVED: dict[Cell, Callable[[memoryview | None], np.ndarray]] = {
    Cell.KEY: lambda value: np.frombuffer(value or b"", dtype=KEY),
    Cell.WHOLE: lambda value: np.frombuffer(value or b"", dtype=">i8").astype(np.int64),
    Cell.TEXT: lambda value: np.zeros(0, dtype="S1") if value is None else texts_split(value),
}


def binary_rows(columns: Sequence[np.ndarray | bytes | None]) -> bytes:
    """Give rows for COPY BINARY: a column is an array of fixed width (integers, or keys as V16), a value of all rows, or None for NULL."""
    length = len(next(column for column in columns if isinstance(column, np.ndarray)))
    layout: list[tuple[str, Any]] = [("count", ">i2")]
    for number, column in enumerate(columns):
        layout.append((f"size{number}", ">i4"))
        if column is not None and len(column):
            kind = column.dtype.newbyteorder(">") if isinstance(column, np.ndarray) else f"V{len(column)}"
            layout.append((f"value{number}", kind))
    rows = np.empty(length, dtype=layout)
    rows["count"] = len(columns)
    for number, column in enumerate(columns):
        if column is None:
            rows[f"size{number}"] = NULL
        elif isinstance(column, np.ndarray):
            rows[f"size{number}"], rows[f"value{number}"] = column.dtype.itemsize, column
        else:
            rows[f"size{number}"] = len(column)
            if len(column):
                rows[f"value{number}"] = np.void(column)
    return rows.tobytes()


def copy_in(table: str, columns: Sequence[str], rows: Sequence[bytes]) -> int:
    """Append blocks of binary rows to the table; gives how many rows the database took."""
    with connection.cursor() as cursor:
        names = ", ".join(connection.ops.quote_name(column) for column in columns)
        statement = f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN WITH (FORMAT binary)"
        cursor.cursor.copy_expert(statement, BytesIO(b"".join([SIGNATURE, *rows, END])))
        return int(cursor.rowcount)


def insert_columns(table: str, columns: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
    """Insert rows in one statement from whole columns, each with its type in SQL; every row gets a new key unless they are given.

    Triggers of the statement see all rows together; policies, references and defaults hold as for any insert. A value that all rows
    share travels once.
    """
    length = len(next(iter(columns.values()))[1])
    if not length:
        return
    # New keys stand in their order, so that their indexes grow at their end.
    keys = columns.get("id", ("uuid", sorted(uuid7_texts(length))))[1]
    others = {name: column for name, column in columns.items() if name != "id"}
    shared = {name: (kind, column[0]) for name, (kind, column) in others.items() if column.count(column[0]) == length}
    sent = {"id": ("uuid", keys), **{name: column for name, column in others.items() if name not in shared}}
    chosen = [f"sent.{_named(name)}::{kind}" for name, (kind, _) in sent.items()]
    chosen += [f"%s::{kind}" for kind, _ in shared.values()]
    arrays = ", ".join(_ARRAYS.get(kind, f"%s::{kind}[]") for kind, _ in sent.values())
    statement = f"""insert into {_named(table)} ({", ".join(map(_named, (*sent, *shared)))})
        select {", ".join(chosen)} from unnest({arrays}) as sent({", ".join(map(_named, sent))})"""
    values = [None if value is None else str(value) for _, value in shared.values()]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *(_array(kind, column) for kind, column in sent.values())])


def _named(name: str) -> str:
    return str(connection.ops.quote_name(name))


_BETWEEN = "\x1e"
"""What stands between documents that travel together: no document can hold it."""
_ARRAYS = {"jsonb": "string_to_array(%s, chr(30), '')"}
"""How an array of a type is read where it is not by its own form: documents would be quoted twice."""
PLAIN = frozenset({"uuid", "bigint", "integer", "smallint", "date"})
"""Types whose values stand in an array without quotes."""


def _array(kind: str, column: Sequence[Any]) -> str:
    """A column as one text: the database reads it at once, where it would parse a list value by value."""
    if kind == "jsonb":
        return _BETWEEN.join(["" if value is None else value for value in column])
    if kind in PLAIN:
        return f"{{{','.join(['NULL' if value is None else str(value) for value in column])}}}"
    said = {value: "NULL" if value is None else _quoted(str(value)) for value in set(column)}
    return f"{{{','.join([said[value] for value in column])}}}"


def _quoted(text: str) -> str:
    backslash = "\\"
    return '"' + text.replace(backslash, 2 * backslash).replace('"', f'{backslash}"') + '"'


def insert_rows(table: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows as `insert_columns` does; `kinds` are the types in SQL of their columns, in order."""
    if rows:
        columns = zip(*rows, strict=True)
        insert_columns(
            table, {name: (kind, column) for (name, kind), column in zip(kinds.items(), columns, strict=True)}
        )
