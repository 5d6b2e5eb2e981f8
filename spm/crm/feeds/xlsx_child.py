"""The boxed process that opens a workbook: bounded memory, time and output, no secrets in its environment.

Run as `python -m spm.crm.feeds.xlsx_child PATH ROWS_FD`. Writes one JSON line per batch of rows to ROWS_FD and one JSON object, the
sheets or the finding, to standard output. A workbook that breaks the process breaks nothing else.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TextIO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from spm.crm.feeds import limits
from spm.crm.feeds.xlsx_scan import Refused, SheetScan, cell_place, feed, parser_for, scan_sheet, sheet_parts, unpack

LARGE_NUMBER = 1e15
SHORT_NUMBER = 16
"""Characters of a number that certainly has no more than 15 digits."""

BATCH = 500
"""Rows per line of output."""
Problem = tuple[str, str, str]
_PLAIN_PARTS = (".xml", ".rels")
_RECALCULATE = "Open the file in a spreadsheet program, recalculate, and save it again."


def main(path: str, rows_fd: int) -> dict[str, object]:
    """The sheets of the workbook, or the finding that stopped the reading."""
    _box()
    try:
        with zipfile.ZipFile(path) as archive:
            scans = _scan(archive)
        with os.fdopen(rows_fd, "w", encoding="ascii") as rows:
            return {"sheets": _sheets(path, scans, rows)}
    except Refused as refused:
        code, what, fix = refused.args
        return {"finding": [code, what, fix]}
    except MemoryError:
        return {"finding": ["WORKBOOK_TOO_LARGE", "", ""]}
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, CalamineError, KeyError, ValueError, EOFError):
        return {"finding": ["WORKBOOK_DAMAGED", "", ""]}


def _box() -> None:
    for kind, limit in (
        (resource.RLIMIT_AS, limits.CHILD_MEMORY),
        (resource.RLIMIT_CPU, limits.CHILD_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, limits.CHILD_OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def _scan(archive: zipfile.ZipFile) -> dict[str, SheetScan]:
    """Every XML part looked through once; the findings of the sheets by their names."""
    left, scans = limits.UNPACKED_LIMIT, {}
    parts = sheet_parts(archive, left)
    for part in archive.infolist():
        if part.filename.lower().endswith(_PLAIN_PARTS):
            if part.filename in parts.values():
                blocks = unpack(archive, part, left)
                scans[part.filename] = scan_sheet(part.filename, blocks, part.file_size, limits.MARKS_LIMIT)
            else:
                feed(parser_for(part.filename), unpack(archive, part, left))
        left -= part.file_size
    return {name: scans[part] for name, part in parts.items() if part in scans}


def _sheets(path: str, scans: dict[str, SheetScan], rows: TextIO) -> list[dict[str, object]]:
    workbook, told = CalamineWorkbook.from_path(path), []
    if len(workbook.sheets_metadata) > limits.SHEETS_LIMIT:
        what = f"The workbook has {len(workbook.sheets_metadata):,} sheets; {limits.SHEETS_LIMIT} are allowed."
        raise Refused("TOO_MANY_SHEETS", what, "Save only the sheet with the table as a new file.")
    for meta in workbook.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        about: dict[str, object] = {"name": meta.name, "hidden": meta.visible != SheetVisibleEnum.Visible}
        scan = scans.get(meta.name, SheetScan())
        refused = _too_large(scan)
        if refused or about["hidden"]:
            about["finding"] = refused
        else:
            about |= _write_sheet(workbook.get_sheet_by_name(meta.name), scan, rows)
        told.append(about)
    return told


def _too_large(scan: SheetScan) -> Problem | None:
    extent = f"The sheet stretches over {scan.rows:,} rows and {scan.columns:,} columns"
    if scan.rows > limits.ROWS_LIMIT + 1:
        return (
            "TOO_MANY_ROWS",
            f"{extent}; {limits.ROWS_LIMIT:,} rows are allowed.",
            "Split the sheet, or delete what stands far below the table.",
        )
    if scan.columns > limits.COLUMNS_LIMIT:
        fix = "Delete the columns that are not needed, and what stands far right of the table."
        return "TOO_MANY_COLUMNS", f"{extent}; {limits.COLUMNS_LIMIT} columns are allowed.", fix
    if scan.rows * scan.columns > limits.POSITIONS_LIMIT:
        return (
            "WORKBOOK_TOO_LARGE",
            f"{extent}; {limits.POSITIONS_LIMIT:,} cells are allowed.",
            "Save the sheet as .csv.",
        )
    return None


def _write_sheet(sheet: CalamineSheet, scan: SheetScan, rows: TextIO) -> dict[str, object]:
    """Writes the non-blank rows in batches and tells where they start, and what should be known about them."""
    start, large, number = rows.tell(), 0, 0
    batch: list[tuple[int, list[str | None], Problem | None]] = []
    first_column = sheet.start[1] if sheet.start else 0
    problems, shown = _problems(scan), _shown_by_row(scan)
    for number, values in enumerate(sheet.iter_rows(), start=1):
        texts: list[str | None] = [value or None if type(value) is str else _text(value) for value in values]
        if number in shown:
            _show(texts, shown[number], first_column)
        if number in shown or any(texts):
            batch.append((number, texts, problems.get(number)))
        if len(batch) >= BATCH:
            rows.write(json.dumps(batch) + "\n")
            batch.clear()
        large = large or (number if any(map(_is_large, values)) else 0)
    batch.extend((row, _show([], shown[row], first_column), problems[row]) for row in sorted(shown) if row > number)
    rows.write(json.dumps(batch) + "\n")
    hidden = {"hidden_rows": scan.hidden_rows, "hidden_columns": scan.hidden_columns}
    return {"start": start, "end": rows.tell(), "first_column": first_column, "large": large, **hidden}


def _show(texts: list[str | None], marks: list[tuple[int, str | None]], first_column: int) -> list[str | None]:
    """Puts what error cells show into their places."""
    for column, text in marks:
        place = column - first_column - 1
        texts.extend([None] * (place + 1 - len(texts)))
        if place >= 0:
            texts[place] = text
    return texts


def _is_large(value: object) -> bool:
    return type(value) is float and not -LARGE_NUMBER < value < LARGE_NUMBER


def _shown_by_row(scan: SheetScan) -> dict[int, list[tuple[int, str | None]]]:
    """What error cells show, by row: the reader of values leaves them blank."""
    shown: dict[int, list[tuple[int, str | None]]] = {}
    for (row, column), (_, text) in scan.marks.items():
        shown.setdefault(row, []).append((column, text or None))
    return shown


def _problems(scan: SheetScan) -> dict[int, Problem]:
    """Why rows have to be held, by row."""
    problems: dict[int, Problem] = {}
    for (row, column), (code, shown) in scan.marks.items():
        cell = f"{_letters(column)}{row}"
        said = f"shows {shown}" if code == "ERROR_VALUE" else "holds a formula without a saved result"
        fix = "Correct the formula, or put a value in its place." if code == "ERROR_VALUE" else _RECALCULATE
        problems.setdefault(row, (code, f"Cell {cell} {said}.", fix))
    for reference in scan.merges:
        for row in _merged_rows(reference):
            if len(problems) > limits.MARKS_LIMIT:
                what = f"Merged cells or errors cover more than {limits.MARKS_LIMIT:,} rows."
                raise Refused("TOO_MANY_ERRORS", what, "Unmerge the cells and fill in their values.")
            what = f"The cells {reference} are merged: only the first of them holds a value."
            problems.setdefault(row, ("MERGED_CELLS", what, "Unmerge them and fill in every cell."))
    return problems


def _merged_rows(reference: str) -> range:
    first, _, last = reference.partition(":")
    top, bottom = cell_place(first)[0], cell_place(last or first)[0]
    return range(top, min(bottom, top + limits.MARKS_LIMIT + 1) + 1)


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, remainder = divmod(column - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def _text(value: object) -> str | None:
    """A cell as text: plain decimals without noise, ISO dates, TRUE and FALSE; None when it is blank."""
    if type(value) is str:
        return value or None
    if type(value) is float:
        return _number(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return None if value is None else str(value)


def _number(value: float) -> str:
    """The 15 digits that a spreadsheet keeps, without an exponent or a needless decimal."""
    text = repr(value)
    if len(text) > SHORT_NUMBER or "e" in text or "n" in text:
        return format(Decimal(format(value, ".15g")), "f")
    return text[:-2] if text.endswith(".0") else text


def _moment(value: datetime) -> str:
    """A date when the time is midnight; seconds are rounded, because spreadsheets keep fractions of days."""
    rounded = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    return rounded.date().isoformat() if rounded.time() == time() else rounded.isoformat()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
