"""Columns out of and into the database by COPY: the fast way for many rows, inside the walls of the open scope.

COPY of a query obeys row-level security like any query. COPY into a walled table is refused by PostgreSQL; `copy_in` is for the tables
that are opened to the company for that purpose (`spm.tenancy.walls.EXCEPTIONS`).
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.db import connection


def copy_out(query: str, parameters: Mapping[str, Any]) -> bytes:
    """Give the rows of the query as CSV with a header; an empty cell is NULL. Order the query, so that equal rows give equal bytes."""
    target = BytesIO()
    with connection.cursor() as cursor:
        raw = cursor.cursor
        statement = raw.mogrify(query, parameters).decode()
        raw.copy_expert(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, HEADER, ENCODING 'UTF8')", target)
    return target.getvalue()


def copy_in(table: str, columns: tuple[str, ...], rows: bytes) -> None:
    """Append CSV rows without a header to the table; an empty cell is NULL."""
    with connection.cursor() as cursor:
        names = ", ".join(connection.ops.quote_name(column) for column in columns)
        statement = f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN WITH (FORMAT csv, ENCODING 'UTF8')"
        cursor.cursor.copy_expert(statement, BytesIO(rows))
