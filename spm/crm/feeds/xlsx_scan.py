"""Looks through the parts of a workbook in small pieces before a reader sees it. Runs in the boxed process only.

Counts what is really unpacked, refuses document types and entities, and notes per sheet what a reader of values would lose
without a word: extent, merged cells, error values, formulas without a saved result, hidden rows and columns.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from posixpath import join, normpath
from xml.parsers import expat

BLOCK = 65_536
UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


class Refused(Exception):
    """A workbook that is not read any further: code, what, fix."""


@dataclass(slots=True)
class SheetScan:
    """What one sheet holds. Rows and columns count from 1; `marks` are (row, column) → (code, text shown)."""

    rows: int = 0
    columns: int = 0
    marks: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: int = 0


def unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """The contents of a part in blocks; raises Refused as soon as they differ from what the list of parts promises."""
    raw = _packed(archive, part)
    inflater = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    size = 0
    for block in raw:
        pending = block
        while pending:
            if inflater is None:
                plain, pending = pending, b""
            else:
                plain = inflater.decompress(pending, BLOCK)
                pending = inflater.unconsumed_tail
            size += len(plain)
            if size > min(part.file_size, limit):
                raise Refused(
                    "UNPACKED_TOO_LARGE", f"The part “{part.filename}” unpacks to more than the workbook says.", ""
                )
            if plain:
                yield plain
    if inflater is not None:
        yield inflater.flush()


def _packed(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    file = archive.fp
    if file is None:
        raise zipfile.BadZipFile("closed")
    file.seek(part.header_offset)
    local = file.read(30)
    if len(local) < 30 or local[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    position = part.header_offset + 30 + int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
    left = part.compress_size
    while left > 0:
        file.seek(position)
        block = file.read(min(BLOCK, left))
        if not block:
            raise zipfile.BadZipFile("cut off")
        position, left = position + len(block), left - len(block)
        yield block


def parser_for(name: str) -> expat.XMLParserType:
    """A parser that refuses document types, and with them every entity of the file's own."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        what = f"The part “{name}” declares a document type, which can pull other files into the workbook."
        raise Refused("XML_ENTITIES", what, "Do not use this file; ask its sender where it comes from.")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def sheet_parts(archive: zipfile.ZipFile, limit: int) -> dict[str, str]:
    """The part of each sheet by the sheet's name."""
    targets = {
        each["Id"]: normpath(join("xl", each["Target"])) if not each["Target"].startswith("/") else each["Target"][1:]
        for each in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship", limit)
        if each.get("TargetMode") != "External" and "Id" in each and "Target" in each
    }
    parts = {}
    for each in _elements(archive, "xl/workbook.xml", "sheet", limit):
        relation = next((value for name, value in each.items() if name.endswith(":id")), "")
        if relation in targets:
            parts[each.get("name", "")] = targets[relation]
    return parts


def _elements(archive: zipfile.ZipFile, part: str, tag: str, limit: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == tag:
            found.append(attributes)

    parser = parser_for(part)
    parser.StartElementHandler = start
    feed(parser, unpack(archive, archive.getinfo(part), limit))
    return found


def feed(parser: expat.XMLParserType, blocks: Iterable[bytes]) -> None:
    """Parses blocks to the end."""
    for block in blocks:
        parser.Parse(block, False)
    parser.Parse(b"", True)


_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")


def cell_place(reference: str) -> tuple[int, int]:
    """Row and column, from 1, of a cell's name; (0, 0) when it is none.

    >>> cell_place("AB12")
    (12, 28)
    """
    match = _PLACE.fullmatch(reference)
    if not match:
        return (0, 0)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r=["']([A-Z]{1,3})(\d{1,7})["'][^>]*(?<!/)>""")
_ERROR = re.compile(rb"""<(?:\w+:)?c(\s[^>]*?\bt=["']e["'][^>]*)(?<!/)>(.*?)</(?:\w+:)?c>""", re.DOTALL)
_NO_RESULT = re.compile(
    rb"<(?:\w+:)?c(\s[^>]*|)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_SHOWN = re.compile(rb"<(?:\w+:)?v>([^<]{1,40})")
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3}\d{1,7})["']""")
_TEXT_RESULT = re.compile(rb"""\bt=["']str["']""")
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref=["']([A-Z0-9:$]{2,30})["']""")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\bhidden=["'](?:1|true)["']""")
_HIDDEN_COLUMN = re.compile(rb"""<(?:\w+:)?col\s[^>]*?\bhidden=["'](?:1|true)["']""")


def scan_sheet(part: str, blocks: Iterable[bytes], size: int, marks_limit: int) -> SheetScan:
    """What one sheet holds, from its XML of `size` bytes; raises Refused for a document type or too many marks.

    The XML is parsed for its form only and searched by patterns, because a call per cell would take most of the time.
    """
    xml, end, parser = bytearray(size), 0, parser_for(part)
    for block in blocks:
        parser.Parse(block, False)
        xml[end : end + len(block)] = block
        end += len(block)
    parser.Parse(b"", True)
    if xml.startswith(UTF16):
        raise Refused(
            "XML_ENCODING",
            f"The part “{part}” is not encoded as UTF-8.",
            "Open the file in a spreadsheet program and save it again.",
        )
    scan = SheetScan()
    _measure(scan, xml)
    _mark(scan, xml, marks_limit)
    if b"mergeCell" in xml:
        scan.merges = [match[1].decode().replace("$", "") for match in islice(_MERGE.finditer(xml), marks_limit + 1)]
    if b"hidden=" in xml:
        scan.hidden_rows = sum(1 for _ in _HIDDEN_ROW.finditer(xml))
        scan.hidden_columns = sum(1 for _ in _HIDDEN_COLUMN.finditer(xml))
    return scan


def _measure(scan: SheetScan, xml: bytearray) -> None:
    """The last row and column with contents; cells that only have a format do not count."""
    letters, longest = set(), 0
    for match in _CELL.finditer(xml):
        letter, row = match.groups()
        letters.add(letter)
        longest = max(longest, int(row))
    scan.rows = longest
    scan.columns = max((cell_place(f"{letter.decode()}1")[1] for letter in letters), default=0)


def _mark(scan: SheetScan, xml: bytearray, limit: int) -> None:
    errors = _ERROR.finditer(xml) if b't="e"' in xml or b"t='e'" in xml else ()
    formulas = _NO_RESULT.finditer(xml) if b"<f" in xml or b":f" in xml else ()
    for match in errors:
        shown = _SHOWN.search(match[2])
        _add(scan, match[1], ("ERROR_VALUE", shown[1].decode("utf-8", "replace") if shown else "#ERROR"), limit)
    for match in formulas:
        if not _TEXT_RESULT.search(match[1]):
            _add(scan, match[1], ("FORMULA_WITHOUT_RESULT", ""), limit)


def _add(scan: SheetScan, attributes: bytes, mark: tuple[str, str], limit: int) -> None:
    reference = _REFERENCE.search(attributes)
    if reference is None or len(scan.marks) >= limit:
        what = (
            "Cells hold error values or formulas without a saved result: too many, or without saying where they stand."
        )
        raise Refused(
            "TOO_MANY_ERRORS", what, "Open the file in a spreadsheet program, recalculate, and save it again."
        )
    scan.marks.setdefault(cell_place(reference[1].decode()), mark)
