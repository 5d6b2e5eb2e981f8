"""What reading a file gives: sheets with a header and rows of text, and the checks that every format shares.

Values stay text as received; a blank cell is None. This module does not know any file format.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from spm.core.findings import Finding
from spm.crm.feeds.errors import feed_error
from spm.crm.feeds.limits import CELL_LIMIT, COLUMNS_LIMIT, HEADER_LIMIT, ROWS_LIMIT

TITLE_SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row as received: `number` as a spreadsheet counts, the header's included.

    `problem` is why the row has to be held although the file is readable; the values are complete all the same.
    """

    number: int
    values: list[str | None]
    problem: Finding | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file. `rows` is lazy, can be iterated again and may raise FeedError on the way.

    `name` is "" for CSV. `canonical` says that numbers have a decimal point and dates are ISO, whatever the sender's locale.
    `notes` are warnings; those about the whole file stand on its first sheet.
    """

    name: str
    header: list[str]
    rows: Iterable[Row]
    notes: tuple[Finding, ...] = ()
    canonical: bool = False


def column_letters(index: int) -> str:
    """The letters of a column counted from 0.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def place(filename: str, sheet: str = "", row: int | None = None) -> str:
    """The place of a finding for a reader.

    >>> place("deals.xlsx", "Q1", 7)
    'deals.xlsx, sheet “Q1”, row 7'
    """
    parts = [filename]
    if sheet:
        parts.append(f"sheet “{sheet}”")
    if row is not None:
        parts.append(f"row {row}")
    return ", ".join(parts)


def header_check(values: Sequence[str | None], where: str, first_column: int = 0) -> list[str]:
    """The names of the columns, trimmed; raises FeedError for blank, repeated, over-long or too many names.

    Blank cells behind the last name are not columns.
    """
    names = [(value or "").strip() for value in values]
    while names and not names[-1]:
        names.pop()
    if len(names) > COLUMNS_LIMIT:
        fix = "Delete the columns that are not needed."
        raise feed_error(
            "TOO_MANY_COLUMNS", where, f"The header names {len(names):,} columns; {COLUMNS_LIMIT} are allowed.", fix
        )
    blank = [column_letters(first_column + index) for index, name in enumerate(names) if not name]
    if blank:
        what = f"{_columns(blank)} no name in the header."
        raise feed_error("HEADER_BLANK", where, what, "Give every column a name, or delete the column.")
    for name in names:
        if len(name) > HEADER_LIMIT:
            what = f"The column name “{name[:40]}…” has {len(name):,} characters; {HEADER_LIMIT} are allowed."
            raise feed_error("HEADER_TOO_LONG", where, what, "Put the names of the columns into the first row.")
    _refuse_repeats(names, where, first_column)
    return names


def _refuse_repeats(names: list[str], where: str, first_column: int) -> None:
    counts = Counter(name.casefold() for name in names)
    repeated = [name for name in names if counts[name.casefold()] > 1]
    if not repeated:
        return
    first = repeated[0]
    places = [column_letters(first_column + at) for at, name in enumerate(names) if name.casefold() == first.casefold()]
    what = f"The column name “{first}” stands more than once: in {', '.join(places[:10])}."
    raise feed_error("HEADER_REPEATED", where, what, "Rename or delete one of them.")


def _columns(letters: list[str]) -> str:
    if len(letters) == 1:
        return f"Column {letters[0]} has"
    shown = ", ".join(letters[:10]) + (" …" if len(letters) > 10 else "")
    return f"Columns {shown} have"


class RawRow(NamedTuple):
    """A non-blank row before it is measured against the header; `problem` comes from the format's own reader."""

    number: int
    values: list[str | None]
    problem: tuple[str, str, str] | None = None


class Rows:
    """The rows below a header: counted, padded to the header's width, and marked when they have to be held."""

    def __init__(self, source: Iterable[RawRow], header: list[str], filename: str, sheet: str = "") -> None:
        self._source, self._header, self._filename, self._sheet = source, header, filename, sheet

    def __iter__(self) -> Iterator[Row]:
        for count, raw in enumerate(islice(self._source, 1, None), start=1):
            if count > ROWS_LIMIT:
                raise too_many_rows(place(self._filename, self._sheet))
            yield self._measured(raw)

    def _measured(self, raw: RawRow) -> Row:
        values, width = raw.values, len(self._header)
        while len(values) > width and values[-1] is None:
            values.pop()
        problem = raw.problem or self._too_wide(values, width) or self._too_long(values)
        values.extend([None] * (width - len(values)))
        if problem is None:
            return Row(raw.number, values)
        code, what, fix = problem
        where = place(self._filename, self._sheet, raw.number)
        return Row(raw.number, values, Finding(code=code, where=where, what=what, why="The row is held.", fix=fix))

    @staticmethod
    def _too_wide(values: list[str | None], width: int) -> tuple[str, str, str] | None:
        if len(values) <= width:
            return None
        what = f"The row has {len(values)} values, the header has {width} columns: “{(values[width] or '')[:40]}” has no column."
        return "ROW_TOO_WIDE", what, "Put values that hold the delimiter into quotes, or name the missing column."

    def _too_long(self, values: list[str | None]) -> tuple[str, str, str] | None:
        longest = max(values, key=_length, default=None)
        if longest is None or len(longest) <= CELL_LIMIT:
            return None
        column = self._header[values.index(longest)]
        what = f"The value of column “{column}” has {len(longest):,} characters; {CELL_LIMIT:,} are allowed."
        return "CELL_TOO_LONG", what, "Shorten the value."


def _length(value: str | None) -> int:
    return len(value) if value else 0


def too_many_rows(where: str) -> Exception:
    """The error of a sheet with more rows than are allowed."""
    what = f"There are more than {ROWS_LIMIT:,} rows below the header."
    return feed_error("TOO_MANY_ROWS", where, what, "Split the file into smaller ones.")


def refuse_empty(sample: Sequence[RawRow], where: str) -> None:
    """Raises FeedError when there is nothing at all, or a title where the header is expected."""
    if not sample:
        raise feed_error(
            "FILE_EMPTY", where, "There is nothing in it.", "Export the file again, with a header and rows."
        )
    filled = [sum(value is not None for value in raw.values) for raw in sample]
    wider = sum(count > filled[0] for count in filled[1:])
    if filled[0] == 1 and len(filled) > 2 and wider > len(filled) / 2:
        title = next(value for value in sample[0].values if value is not None)
        what = (
            f"Row {sample[0].number} holds only “{title[:40]}”, the rows below hold more values: it looks like a title."
        )
        raise feed_error("TITLE_ABOVE_HEADER", where, what, "Delete the rows above the names of the columns.")


def refuse_no_rows(sample: Sequence[RawRow], where: str) -> None:
    """Raises FeedError when there is only a header."""
    if len(sample) == 1:
        what = "There is a header and no row below it."
        raise feed_error("NO_ROWS", where, what, "Export the file again, with its rows.")
