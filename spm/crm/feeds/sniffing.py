"""What a file is, whatever it is called: its format by its first bytes, its encoding, its delimiter.

The name only has to agree with the contents; it never decides. This module does not parse rows.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from spm.crm.feeds.errors import feed_error
from spm.crm.feeds.limits import SIZE_LIMIT

HEAD = 65_536
DELIMITERS = ",;\t|"
CSV_NAMES = (".csv", ".tsv", ".txt")
XLSX_NAMES = (".xlsx",)
CP1252_HOLES = frozenset(b"\x81\x8d\x8f\x90\x9d")
SAMPLE_RECORDS = 50

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_MAGIC = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM\x00", "a picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"{\\rtf", "a rich text document"),
)
_TEXT_MAGIC = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<table", "a web page"),
    (b"<?xml", "an XML document"),
    (b'{"', "a JSON document"),
    (b"[{", "a JSON document"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file as received: a path, or bytes in memory. Opened anew for every reading."""

    contents: Path | bytes
    filename: str

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.contents) if isinstance(self.contents, bytes) else self.contents.stat().st_size

    def open(self) -> BinaryIO:
        """The file from its beginning; the caller closes it."""
        return io.BytesIO(self.contents) if isinstance(self.contents, bytes) else self.contents.open("rb")

    def head(self) -> bytes:
        """Its first bytes."""
        with self.open() as file:
            return file.read(HEAD)


def sniff_format(source: Source) -> str:
    """`csv` or `xlsx`, by contents; raises FeedError for everything else and when the name says otherwise."""
    where, suffix = source.filename, PurePath(source.filename).suffix.lower()
    if source.size > SIZE_LIMIT:
        what = f"The file has {source.size / 1024**2:,.0f} MB; {SIZE_LIMIT // 1024**2} MB are allowed."
        raise feed_error("FILE_TOO_LARGE", where, what, "Split the file into smaller ones.")
    head = source.head()
    if not head:
        raise feed_error("FILE_EMPTY", where, "The file is empty.", "Export it again, with a header and rows.")
    _refuse_foreign(head, where)
    if head.startswith(_ZIP):
        _refuse_suffix(suffix, XLSX_NAMES, where, "The file is a zip archive such as a workbook (.xlsx)", ".xlsx")
        return "xlsx"
    if suffix in XLSX_NAMES:
        what = "The file is called .xlsx and is not a workbook: its contents are not a zip archive."
        raise feed_error(
            "WRONG_EXTENSION",
            where,
            what,
            "If it is text with delimiters, rename it to .csv; else save it as .xlsx again.",
        )
    _refuse_suffix(suffix, CSV_NAMES, where, "The file is text", ".csv")
    return "csv"


def _refuse_foreign(head: bytes, where: str) -> None:
    if head.startswith(_OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in head:
            raise feed_error(
                "ENCRYPTED",
                where,
                "The workbook is protected by a password.",
                "Remove the password and upload it again.",
            )
        what = "The file is an old office document (.xls, .doc)."
        raise feed_error("WRONG_FORMAT", where, what, "Open it and save it as .xlsx or .csv.")
    start = head[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, name in _MAGIC:
        if head.startswith(magic):
            raise _wrong_format(where, name)
    for magic, name in _TEXT_MAGIC:
        if start.startswith(magic):
            raise _wrong_format(where, name)


def _wrong_format(where: str, name: str) -> Exception:
    return feed_error("WRONG_FORMAT", where, f"The file is {name}, not a table.", "Export the table as .csv or .xlsx.")


def _refuse_suffix(suffix: str, allowed: tuple[str, ...], where: str, what: str, wanted: str) -> None:
    if suffix in allowed:
        return
    if suffix == ".xlsm":
        raise feed_error(
            "MACROS", where, "The workbook is of the kind that holds macros.", "Save it as .xlsx, without macros."
        )
    said = f"it is called {suffix}" if suffix else "its name has no extension"
    raise feed_error(
        "WRONG_EXTENSION",
        where,
        f"{what}, but {said}.",
        f"If that is right, rename it to {wanted}; else export the table again.",
    )


def sniff_encoding(source: Source) -> tuple[str, bool]:
    """The encoding of a text file, and whether it had to be assumed; raises FeedError when none fits."""
    head, where = source.head(), source.filename
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise feed_error("ENCODING", where, "The file is encoded as UTF-32.", "Save it as UTF-8.")
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", False
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    wide = _wide_encoding(head)
    if wide:
        return wide, True
    _refuse_binary(head, where)
    return _narrow_encoding(source)


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of Western text is 0."""
    sample = head[:1000]
    even, odd, half = sample[0::2].count(0), sample[1::2].count(0), max(len(sample) // 2, 1)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _refuse_binary(head: bytes, where: str) -> None:
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0c\x1a" for byte in head[:4096])
    if controls > 0.05 * len(head[:4096]) and controls > 2:
        raise feed_error("WRONG_FORMAT", where, "The file is not text.", "Export the table as .csv or .xlsx.")


def _narrow_encoding(source: Source) -> tuple[str, bool]:
    decoder, readable = codecs.getincrementaldecoder("utf-8")(), True
    seen: set[int] = set()
    with source.open() as file:
        while block := file.read(1024**2):
            if readable:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    readable = False
            seen |= CP1252_HOLES.intersection(block)
    try:
        decoder.decode(b"", final=readable)
    except UnicodeDecodeError:
        readable = False
    if readable:
        return "utf-8", False
    if seen:
        what = "The file is neither UTF-8 nor Windows text (cp1252)."
        raise feed_error("ENCODING", source.filename, what, "Save it as “CSV UTF-8”.")
    return "cp1252", True


def sniff_delimiter(text: str) -> str:
    """The delimiter under which the records of a text agree best on how many values they have.

    >>> sniff_delimiter("name;amount\\nA, Inc.;1,5\\n")
    ';'
    """
    scores = {delimiter: _agreement(text, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def _agreement(text: str, delimiter: str) -> tuple[float, int]:
    widths = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if record:
                widths.append(len(record))
            if len(widths) == SAMPLE_RECORDS:
                break
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    width, count = Counter(widths).most_common(1)[0]
    return (count / len(widths), width) if width > 1 else (0.0, 1)
