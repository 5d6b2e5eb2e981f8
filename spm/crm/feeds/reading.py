"""Opens a file of facts: the one door to every format.

Says what a file is, refuses what can't be read with one precise finding, and gives sheets of text. It types nothing and
writes nothing.
"""

from __future__ import annotations

from pathlib import Path, PurePath

from spm.crm.feeds.csv import open_csv
from spm.crm.feeds.errors import FeedError, feed_error
from spm.crm.feeds.sheets import Row, Sheet
from spm.crm.feeds.sniffing import Source, sniff_format
from spm.crm.feeds.xlsx import open_xlsx

NAME_LIMIT = 120
"""Characters of a file's name that findings repeat, from its end."""

__all__ = ["FeedError", "Row", "Sheet", "open_table"]


def open_table(source: Path | str | bytes, filename: str) -> list[Sheet]:
    """The sheets of a file with their headers; rows are read when they are iterated.

    A path is streamed and must stay in place as long as rows are read. `filename` is the name the sender gave; it is used
    in findings and has to agree with the contents. Raises FeedError. Source: issue 2, point 4; trust.md 4.8 F4.
    """
    contents = source if isinstance(source, bytes) else Path(source)
    name = PurePath(filename.replace("\\", "/")).name
    shown = "".join(letter for letter in name if letter.isprintable())[-NAME_LIMIT:] or "file"
    if isinstance(contents, Path) and not contents.is_file():
        raise feed_error("FILE_MISSING", shown, "The file is not there.", "Upload it again.")
    origin = Source(contents, shown)
    return open_xlsx(origin) if sniff_format(origin) == "xlsx" else open_csv(origin)
