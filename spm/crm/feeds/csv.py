"""Text files with delimiters: lines of bounded length, strict quotes, rows one by one.

Only a piece of the file is in memory at a time. This module does not type values.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from spm.core.findings import Finding
from spm.crm.feeds.errors import FeedError, feed_error, warning
from spm.crm.feeds.limits import COLUMNS_LIMIT, LINE_LIMIT
from spm.crm.feeds.sheets import TITLE_SAMPLE, RawRow, Rows, Sheet, header_check, place, refuse_empty, refuse_no_rows
from spm.crm.feeds.sniffing import DELIMITERS, HEAD, Source, sniff_delimiter, sniff_encoding

_SEP_LINE = re.compile(r"sep=(.)[\r\n]*\Z", re.IGNORECASE)


def open_csv(source: Source) -> list[Sheet]:
    """The one sheet of a text file; raises FeedError when its beginning can't be read."""
    encoding, assumed = sniff_encoding(source)
    first = next(_Lines(source, encoding).__iter__(), "")
    told = _SEP_LINE.match(first)
    delimiter = told[1] if told and told[1] in DELIMITERS else sniff_delimiter(_sample(source, encoding))
    records = Records(source, encoding, delimiter, skip=1 if told else 0)
    sample = list(islice(records, TITLE_SAMPLE))
    refuse_empty(sample, source.filename)
    header = header_check(sample[0].values, place(source.filename, row=sample[0].number))
    refuse_no_rows(sample, source.filename)
    notes = _encoding_notes(source.filename, encoding) if assumed else ()
    return [Sheet("", header, Rows(records, header, source.filename), notes)]


def _sample(source: Source, encoding: str) -> str:
    """The beginning of the text without its last, perhaps cut, line."""
    with source.open() as file:
        text = io.TextIOWrapper(file, encoding, errors="replace", newline="").read(HEAD)
    cut = max(text.rfind("\n"), text.rfind("\r"))
    return text[: cut + 1] if len(text) == HEAD and cut > 0 else text


def _encoding_notes(filename: str, encoding: str) -> tuple[Finding, ...]:
    name = "Windows text (cp1252)" if encoding == "cp1252" else encoding.upper()
    what = f"The file does not say how it is encoded and was read as {name}."
    fix = "If letters with accents look wrong in the preview, save the file as “CSV UTF-8”."
    return (warning("ENCODING_ASSUMED", filename, what, fix),)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a text with their ends, none longer than the limit and none with a NUL."""

    source: Source
    encoding: str

    def __iter__(self) -> Iterator[str]:
        with self.source.open() as file:
            text = io.TextIOWrapper(file, self.encoding, newline="")
            number = 1
            try:
                while line := text.readline(LINE_LIMIT + 1):
                    self._refuse(line, number)
                    yield line
                    number += 1
            except UnicodeError as error:
                what = f"Line {number} or a line shortly behind it can't be read as {self.encoding.upper()}."
                raise feed_error("ENCODING", self.source.filename, what, "Save the file as “CSV UTF-8”.") from error

    def _refuse(self, line: str, number: int) -> None:
        if len(line) > LINE_LIMIT:
            what = f"Line {number} has more than {LINE_LIMIT:,} characters."
            raise feed_error(
                "LINE_TOO_LONG", self.source.filename, what, "Check that the lines of the file end with a line break."
            )
        if "\0" in line:
            what = f"Line {number} holds a NUL character, which no text has."
            raise feed_error(
                "NUL_CHARACTER", self.source.filename, what, "Export the file again; it is damaged or not text."
            )


@dataclass(frozen=True, slots=True)
class Records:
    """The non-blank records of a text file, numbered as a spreadsheet numbers its rows."""

    source: Source
    encoding: str
    delimiter: str
    skip: int = 0

    def __iter__(self) -> Iterator[RawRow]:
        lines = islice(iter(_Lines(self.source, self.encoding)), self.skip, None)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        number, started = self.skip, 1
        while True:
            try:
                record = next(reader, None)
            except csv.Error as error:
                raise self._broken(str(error), started + self.skip, reader.line_num + self.skip) from error
            if record is None:
                return
            number, started = number + 1, reader.line_num + 1
            if any(each.strip() for each in record):
                yield RawRow(number, self._values(record, number))

    def _values(self, record: list[str], number: int) -> list[str | None]:
        if len(record) > COLUMNS_LIMIT:
            what = f"The row has {len(record):,} values; {COLUMNS_LIMIT} columns are allowed."
            raise feed_error(
                "TOO_MANY_COLUMNS",
                place(self.source.filename, row=number),
                what,
                "Delete the columns that are not needed.",
            )
        return [each or None for each in record]

    def _broken(self, reason: str, first: int, last: int) -> FeedError:
        lines = f"Line {first}" if last <= first else f"Lines {first} to {last}"
        if "expected after" in reason:
            what, fix = (
                f"{lines}: text stands behind a closing quote.",
                'Write a quote inside a quoted value twice: "".',
            )
        elif "end of data" in reason or "field limit" in reason:
            what, fix = f"{lines}: a quote is opened and not closed.", "Close the quote, or delete it."
        else:
            what, fix = f"{lines}: the line can't be split into values.", "Export the file again."
        return feed_error("QUOTE_BROKEN", self.source.filename, what, fix)
