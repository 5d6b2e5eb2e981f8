"""Builds workbooks, harmless and nasty, in memory: nothing binary is kept beside the tests."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

ROWS = [["name", "amount"], ["Betatech", 12.5], ["Cancity", 7]]
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(
    build: Callable[[xlsxwriter.Workbook, Any], None] | None = None, rows: Sequence[Sequence[Any]] = ROWS
) -> bytes:
    """A workbook with one sheet of rows, and whatever `build` adds."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("Deals")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    if build:
        build(book, sheet)
    book.close()
    return stream.getvalue()


def parts(contents: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return stream.getvalue()


def with_sheet(xml: str, **others: bytes) -> bytes:
    """A workbook whose only sheet is the XML between worksheet tags."""
    made = parts(workbook())
    made["xl/worksheets/sheet1.xml"] = f'<?xml version="1.0"?><worksheet {NAMESPACE}>{xml}</worksheet>'.encode()
    return packed(made | others)


def text_cells(number: int, *texts: str) -> str:
    """One row of inline texts."""
    cells = "".join(
        f'<c r="{"ABCDEF"[at]}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


def bomb(megabytes: int = 312) -> bytes:
    """A small file whose sheet unpacks to hundreds of megabytes, and says so."""
    made = parts(workbook())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made.items():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(megabytes):
                part.write(b" " * 1_000_000)
    return stream.getvalue()


def lying_bomb(megabytes: int = 200) -> bytes:
    """The same, whose list of parts promises a kilobyte."""
    contents = bytearray(bomb(megabytes))
    true_size = struct.pack("<I", megabytes * 1_000_000)
    at = contents.find(true_size)
    while at >= 0:
        contents[at : at + 4] = struct.pack("<I", 1_000)
        at = contents.find(true_size)
    return bytes(contents)


def crowded(entries: int = 70_000) -> bytes:
    """An archive whose list of parts alone is large."""
    names = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0) + b"%08d" % number
        for number in range(entries)
    )
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 33, zlib.crc32(b""), 0, 0, 8, 0) + b"00000000"
    return (
        local
        + names
        + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, entries & 0xFFFF, entries & 0xFFFF, len(names), len(local), 0)
    )
