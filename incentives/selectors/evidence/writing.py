"""Tables and values as the bytes of a file, piece by piece: no file is ever in memory as a whole."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from spm.crm.feeds.inert import inert

ROWS = 2_000
PackFile = tuple[str, Iterable[bytes]]
"""The name of a file of the pack, and its content in pieces."""


def csv_pieces(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """Give a table as CSV. Its cells are read back exactly (`guarded`), because hashes are made of them.

    >>> b"".join(csv_pieces(["name", "amount"], [("=1", -5), ("'x", None)]))
    b"name,amount\\r\\n'=1,-5\\r\\n''x,\\r\\n"
    """
    given = iter(rows)
    part: list[Iterable[Any]] = [columns]
    while part:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\r\n").writerows([_cell(each) for each in row] for row in part)
        yield buffer.getvalue().encode()
        part = list(islice(given, ROWS))


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) else value


def guarded(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet may take for a formula, or that begins with one: the first is always ours."""
    return f"'{text}" if text.startswith("'") or inert(text) != text else text


def json_pieces(value: Any) -> Iterator[bytes]:
    """Give a value as JSON that people can read."""
    yield json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, default=str).encode() + b"\n"


def lines_pieces(values: Iterable[Any]) -> Iterator[bytes]:
    """Give values as JSON, one a line."""
    for value in values:
        yield json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode() + b"\n"
