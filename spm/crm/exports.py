"""Writes tables for people: CSV and XLSX in which no text is ever a formula, and the same input gives the same bytes.

Every export of the product goes through here. Numbers stay numbers, text is made inert (`feeds.inert`), money is given as
exact decimals. What stands in the rows is the caller's business, and so is who may see it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from spm.crm.feeds.inert import inert

Cell = str | int | Decimal | bool | date | datetime | None
ROWS_PER_SHEET = 1_048_575
"""Rows below the header that one sheet holds; what is above goes on to the next sheet."""

EXACT_DIGITS = 15
CELL_LIMIT = 32_767
CREATED = datetime(2000, 1, 1, tzinfo=UTC)
"""The moment written into workbooks, so that equal tables are equal files."""

CHUNK_ROWS = 500
_MARK = "\ufeff"
_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


class ExportError(ValueError):
    """A value that can't be written without loss; the message names its place."""


def write_csv(rows: Iterable[Iterable[Cell]], columns: Sequence[str]) -> bytes:
    """A CSV file as UTF-8 with a mark, so that spreadsheets show every letter.

    >>> write_csv([["=1+1", -5]], ["name", "amount"]).decode("utf-8-sig")
    "name,amount\\r\\n'=1+1,-5\\r\\n"
    """
    return b"".join(stream_csv(rows, columns))


def stream_csv(rows: Iterable[Iterable[Cell]], columns: Sequence[str]) -> Iterator[bytes]:
    """The same file in pieces, for tables that do not fit into memory."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(_MARK)
    lines = chain([[inert(column) for column in columns]], ([_csv_cell(cell) for cell in row] for row in rows))
    while piece := list(islice(lines, CHUNK_ROWS)):
        writer.writerows(piece)
        yield buffer.getvalue().encode("utf-8")
        buffer.seek(0)
        buffer.truncate()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return inert(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return format(_finite(cell), "f")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int):
        return str(cell)
    raise ExportError(f"A {type(cell).__name__} can't be exported: give text, an exact number or a day.")


def write_xlsx(rows: Iterable[Iterable[Cell]], columns: Sequence[str], sheet: str = "Export") -> bytes:
    """A workbook with one table, its header fixed, formulas and links off."""
    stream = io.BytesIO()
    save_xlsx(stream, rows, columns, sheet=sheet)
    return stream.getvalue()


def save_xlsx(
    stream: BinaryIO, rows: Iterable[Iterable[Cell]], columns: Sequence[str], *, sheet: str = "Export"
) -> None:
    """The same workbook into a stream, with a row at a time in memory. Raises ExportError for what would be cut off."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as workbook:
        workbook.set_properties({"created": CREATED})
        table = _Table(workbook, sheet, columns)
        for row in rows:
            table.write(row)


class _Table:
    """Writes rows below a header, onto as many sheets as they need."""

    def __init__(self, workbook: xlsxwriter.Workbook, sheet: str, columns: Sequence[str]) -> None:
        self._workbook, self._columns = workbook, columns
        self._name = _SHEET_NAME.sub(" ", sheet).strip(" '")[:25] or "Export"
        self._header = workbook.add_format({"bold": True})
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._sheets = 0
        self._add_sheet()

    def _add_sheet(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet: Worksheet = self._workbook.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._text(0, place, column, self._header)
        self._row = 0

    def write(self, row: Iterable[Cell]) -> None:
        """One row; numbers with more digits than a spreadsheet keeps are written as text."""
        if self._row == ROWS_PER_SHEET:
            self._add_sheet()
        self._row += 1
        for place, cell in enumerate(row):
            self._cell(self._row, place, cell)

    def _cell(self, row: int, place: int, cell: Cell) -> None:
        sheet = self._sheet
        if cell is None:
            return
        if isinstance(cell, str):
            self._text(row, place, cell)
        elif isinstance(cell, bool):
            sheet.write_boolean(row, place, cell)
        elif isinstance(cell, int | Decimal):
            self._number(row, place, cell)
        elif isinstance(cell, datetime):
            sheet.write_datetime(row, place, cell.replace(tzinfo=None), self._moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, place, cell, self._day)
        else:
            raise ExportError(f"A {type(cell).__name__} can't be exported: give text, an exact number or a day.")

    def _number(self, row: int, place: int, cell: int | Decimal) -> None:
        exact = _finite(Decimal(cell))
        if len(exact.normalize().as_tuple().digits) > EXACT_DIGITS:
            self._string(row, place, format(exact, "f"))
        else:
            self._sheet.write_number(row, place, _plain(exact))

    def _text(self, row: int, place: int, text: str, style: Format | None = None) -> None:
        self._string(row, place, inert(text), style)

    def _string(self, row: int, place: int, written: str, style: Format | None = None) -> None:
        if len(written) > CELL_LIMIT:
            raise ExportError(
                f"Row {row + 1}, column “{self._columns[place]}”: {len(written):,} characters do not fit into a cell. Export as CSV."
            )
        self._sheet.write_string(row, place, written, style)


def _plain(number: Decimal) -> Any:
    """The number with its digits and no zeros behind them. A sheet writes 16 digits of a float: 0.0006 would be 0.0005999999999999999."""
    return Decimal(format(number.normalize(), "f"))


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ExportError(f"{number} is not a number that can be exported.")
    return number
