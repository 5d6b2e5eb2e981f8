"""Opens the content of an upload again, as often as it is needed; and held rows in the same shape."""

import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

from spm.core.findings import Finding, FindingError
from spm.crm.feeds.reading import open_table
from spm.crm.feeds.sheets import Row, Sheet
from spm.crm.models import HeldRow, Upload, UploadContent

HELD_COLUMN, REASON_COLUMN, FIX_COLUMN = "Held row", "Reason", "Fix"
"""The columns that a download of held rows adds to the ones received."""


@dataclass(frozen=True)
class Rows:
    """A header and rows that can be iterated again: of a sheet, or of held rows."""

    header: list[str]
    rows: Iterable[Row]
    sheet: str = ""


@contextmanager
def content_open(content: bytes, file_name: str) -> Iterator[list[Sheet]]:
    """Give the sheets of a file; raises FeedError. The sheets can be read as long as the context is open."""
    suffix = PurePath(file_name).suffix[:10]
    with tempfile.NamedTemporaryFile(prefix="upload-", suffix=suffix if suffix.isascii() else "") as file:
        file.write(content)
        file.flush()
        yield open_table(Path(file.name), file_name)


def content_pack(content: bytes) -> bytes:
    """Give a file as it is kept."""
    return zlib.compress(content, 6)


def content_of(upload: Upload) -> bytes:
    """Give the file of an upload as received."""
    return zlib.decompress(UploadContent.objects.get(upload=upload).content)


@contextmanager
def upload_open(upload: Upload) -> Iterator[Sheet]:
    """Give the chosen sheet of an upload, the first one where none is chosen; raises FeedError or FindingError."""
    with content_open(content_of(upload), upload.file_name) as sheets:
        yield sheet_choose(sheets, upload.sheet, upload.file_name)


def sheet_choose(sheets: list[Sheet], name: str, file_name: str) -> Sheet:
    """Give the sheet of that name, the first where the name is empty; raises FindingError where there is none."""
    for sheet in sheets:
        if not name or sheet.name == name:
            return sheet
    names = ", ".join(f"“{each.name}”" for each in sheets)
    raise FindingError(
        Finding(
            "SHEET_UNKNOWN",
            file_name,
            f"The file has no sheet “{name}”.",
            "Nothing was imported.",
            f"Choose one of {names}.",
        )
    )


def upload_header(upload: Upload) -> list[str]:
    """Give the columns of the chosen sheet of an upload."""
    return next((list(each["header"]) for each in upload.sheets if each["name"] == upload.sheet), [])


def held_columns(held: HeldRow) -> list[str]:
    """Give the columns of a held row in the order of its file, values outside of them last."""
    header = upload_header(held.upload)
    return [column for column in header if column in held.values] + sorted(set(held.values) - set(header))


def held_rows_of(held: Iterable[HeldRow], header: list[str]) -> Rows:
    """Give held rows as rows of their sheet. A value outside of its columns stays a problem until it is moved or blanked."""
    return Rows(header, [_row(each, header) for each in held])


def _row(held: HeldRow, header: list[str]) -> Row:
    values = [held.values.get(column) for column in header]
    outside = [column for column, value in held.values.items() if column not in header and value]
    if not outside:
        return Row(held.row_number, values)
    what = f"The row has a value outside of its columns: “{held.values[outside[0]]}” in {outside[0]}."
    return Row(
        held.row_number,
        values,
        Finding("ROW_TOO_WIDE", "", what, "The row is held.", "Move the values into their columns."),
    )
