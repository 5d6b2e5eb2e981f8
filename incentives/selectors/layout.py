"""How a file that is handed to another system looks: columns of the company's choice, what parts them, and totals with a hash.

What a column may hold and what stands in the rows is said by whoever hands the file over: payouts, exports of the ledger.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

from spm.core.money import to_major
from spm.crm.exports import write_xlsx
from spm.crm.feeds.inert import inert

LOOK = ("columns", "delimiter", "decimal", "has_header", "has_trailer")
"""What the look of a file consists of."""

Cell = str | int | Decimal
Totals = Sequence[tuple[str, int]]
"""Control totals: what they are of, which ends with the currency or is one, and minor units."""


def look_of(columns: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Give the look of a file that nobody has set: headers and fields in order, as most programs read them."""
    return {
        "columns": [{"header": header, "field": field, "text": ""} for header, field in columns],
        "delimiter": ",",
        "decimal": ".",
        "has_header": True,
        "has_trailer": False,
    }


def look_kept(look: Mapping[str, Any]) -> dict[str, Any]:
    """Give the look that a file keeps for good. Its totals have the decimal mark of its amounts; files of earlier releases say nothing of
    it and stay as they were, with a point.
    """
    return {**look, "totals_decimal": look["decimal"]}


def look_csv(look: Mapping[str, Any], rows: Sequence[Sequence[Cell]], totals: Totals) -> bytes:
    """Give the file as UTF-8 text; the trailer counts the lines, sums them and holds the hash of all that stands above it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=look["delimiter"], lineterminator="\r\n")
    if look["has_header"]:
        writer.writerow([inert(column["header"]) for column in look["columns"]])
    writer.writerows([[_text(cell, look["decimal"]) for cell in row] for row in rows])
    body = buffer.getvalue().encode("utf-8")
    if not look["has_trailer"]:
        return body
    trailer = ["TRAILER", str(len(rows)), *_sums(look, totals), sha256(body).hexdigest()]
    return body + (look["delimiter"].join(trailer) + "\r\n").encode("utf-8")


def look_xlsx(look: Mapping[str, Any], rows: Sequence[Sequence[Cell]], sheet: str) -> bytes:
    """Give the same as a sheet, with amounts as numbers."""
    return write_xlsx(rows, [column["header"] for column in look["columns"]], sheet=sheet)


def control_text(look: Mapping[str, Any], name: str, digest: str, lines: int, totals: Totals) -> bytes:
    """Give the sidecar: the hash in the words of `sha256sum -c`, below it the control totals as comments."""
    found = [f"{digest}  {name}.csv", f"# lines {lines}", *(f"# {one}" for one in _sums(look, totals))]
    return ("\n".join(found) + "\n").encode("utf-8")


def columns_sentence(columns: Sequence[Mapping[str, str]]) -> str:
    """Give columns as the page writes them: one a line, header, equals sign, field.

    >>> columns_sentence([{"header": "No", "field": "line", "text": ""}, {"header": "Type", "field": "text", "text": "C1"}])
    'No = line\\nType = text: C1'
    """
    return "\n".join(
        f"{each['header']} = {each['field']}" + (f": {each['text']}" if each["field"] == "text" else "")
        for each in columns
    )


def _text(cell: Cell, decimal: str) -> str:
    """The cell as text: a number is one, also below 0; only text is kept from being taken for a formula."""
    if isinstance(cell, str):
        return inert(cell)
    return format(cell, "f").replace(".", decimal) if isinstance(cell, Decimal) else str(cell)


def _sums(look: Mapping[str, Any], totals: Totals) -> list[str]:
    mark = look.get("totals_decimal", ".")
    return [f"{name} {_text(to_major(minor, name[-3:]), mark)}" for name, minor in totals]
