"""Looks at the list of parts of a workbook before anything is unpacked, so that a bomb costs nothing.

The list can lie about sizes; the process that opens the workbook counts again while it unpacks (`xlsx_scan`).
"""

from __future__ import annotations

import struct
import zipfile
from typing import BinaryIO

from spm.core.findings import Finding
from spm.crm.feeds.errors import FeedError, feed_error, warning
from spm.crm.feeds.limits import DIRECTORY_LIMIT, ENTRIES_LIMIT, RATIO_FREE, RATIO_LIMIT, UNPACKED_LIMIT
from spm.crm.feeds.sniffing import Source

WORKBOOK = "xl/workbook.xml"
_END_MARK, _END_SIZE, _COMMENT_LIMIT = b"PK\x05\x06", 22, 65_535
_OTHERS = (
    ("xl/workbook.bin", "a binary workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a presentation"),
    ("META-INF/MANIFEST.MF", "a program archive"),
    ("content.xml", "an OpenDocument file (.ods)"),
)


def guard_workbook(source: Source) -> tuple[Finding, ...]:
    """Raises FeedError for a zip archive that is not a harmless workbook; returns warnings. Unpacks nothing."""
    with source.open() as file:
        _guard_directory(file, source)
        try:
            with zipfile.ZipFile(file) as archive:
                parts = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, UnicodeDecodeError) as error:
            raise damaged(source.filename) from error
    names = [part.filename for part in parts]
    _guard_names(names, source.filename)
    _guard_kind(set(names), source.filename)
    _guard_sizes(parts, source)
    return _external_links(names, source.filename)


def damaged(where: str) -> FeedError:
    """The error of a workbook whose container or contents can't be read."""
    what = "The workbook is damaged and can't be opened."
    return feed_error(
        "WORKBOOK_DAMAGED", where, what, "Open it in a spreadsheet program, save it as .xlsx again and upload that."
    )


def _guard_directory(file: BinaryIO, source: Source) -> None:
    """Refuses a list of parts that alone would fill the memory, before it is parsed."""
    file.seek(max(source.size - _END_SIZE - _COMMENT_LIMIT, 0))
    tail = file.read()
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise damaged(source.filename)
    entries, size, offset = struct.unpack("<H2I", tail[at + 10 : at + 20])
    file.seek(0)
    if entries > ENTRIES_LIMIT or size > DIRECTORY_LIMIT or offset == 0xFFFFFFFF:
        what = f"The workbook has more than {ENTRIES_LIMIT:,} parts."
        raise feed_error(
            "TOO_MANY_PARTS", source.filename, what, "Save only the sheet with the table as a new .xlsx or .csv."
        )


def _guard_names(names: list[str], where: str) -> None:
    if len(names) > ENTRIES_LIMIT:
        what = f"The workbook has {len(names):,} parts; {ENTRIES_LIMIT:,} are allowed."
        raise feed_error("TOO_MANY_PARTS", where, what, "Save only the sheet with the table as a new .xlsx or .csv.")
    for name in names:
        steps = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in steps or ":" in steps[0] or "\0" in name:
            what = f"The archive has a part called “{name[:60]}”, which points outside of it."
            raise feed_error("PART_ESCAPES", where, what, "Do not use this file; ask its sender where it comes from.")
    if len({name.casefold() for name in names}) < len(names):
        what = "The archive has two parts of the same name, so that programs disagree on what it says."
        raise feed_error("PART_REPEATED", where, what, "Open it in a spreadsheet program and save it as .xlsx again.")


def _guard_kind(names: set[str], where: str) -> None:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise feed_error("MACROS", where, "The workbook holds macros.", "Save it as .xlsx, without macros.")
    if WORKBOOK in names:
        return
    kind = next((kind for name, kind in _OTHERS if name in names), "a zip archive without a workbook")
    raise feed_error("WRONG_FORMAT", where, f"The file is {kind}.", "Save the table as .xlsx or .csv.")


def _guard_sizes(parts: list[zipfile.ZipInfo], source: Source) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise feed_error(
            "ENCRYPTED",
            source.filename,
            "The workbook is protected by a password.",
            "Remove the password and upload it again.",
        )
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise damaged(source.filename)
    total = sum(part.file_size for part in parts)
    if total > UNPACKED_LIMIT:
        raise bomb(source.filename, f"unpacks to {total / 1e6:,.0f} MB; {UNPACKED_LIMIT / 1e6:,.0f} MB are allowed")
    for part in parts:
        if part.file_size > RATIO_FREE and part.file_size > RATIO_LIMIT * part.compress_size:
            ratio = part.file_size // max(part.compress_size, 1)
            raise bomb(
                source.filename,
                f"packs “{part.filename[:60]}” {ratio:,} times smaller; {RATIO_LIMIT} times are allowed",
            )


def bomb(where: str, what: str) -> FeedError:
    """The error of a workbook that is far larger than its file."""
    return feed_error(
        "UNPACKED_TOO_LARGE", where, f"The workbook {what}.", "Save only the sheet with the table as .csv."
    )


def _external_links(names: list[str], where: str) -> tuple[Finding, ...]:
    if not any(name.startswith("xl/externalLinks/") for name in names):
        return ()
    what = "The workbook takes values from other files; the values saved in it were read, the other files were not."
    return (warning("EXTERNAL_LINKS", where, what, "Check that the values are up to date, or paste them as values."),)
