"""Text files that go wrong, each with the sentence a person gets. Source: trust.md 4.8 F4."""

from __future__ import annotations

import json

import pytest

from spm.crm.feeds.reading import FeedError, Sheet, open_table
from tests.crm.feeds.workbooks import workbook

HEADER = b"name,amount\n"
GOOD = HEADER + b"Betatech,12\n"

REFUSED = {
    "empty": (b"", "a.csv", "FILE_EMPTY", "The file is empty."),
    "only a mark": (b"\xef\xbb\xbf", "a.csv", "FILE_EMPTY", "There is nothing in it."),
    "only blank lines": (b"\n\r\n  \n,,\n", "a.csv", "FILE_EMPTY", "There is nothing in it."),
    "header only": (HEADER, "a.csv", "NO_ROWS", "There is a header and no row below it."),
    "blank header": (b"name,,amount\n1,2,3\n", "a.csv", "HEADER_BLANK", "Column B has no name in the header."),
    "repeated header": (
        b"name,Amount,amount\n1,2,3\n",
        "a.csv",
        "HEADER_REPEATED",
        "The column name “Amount” stands more than once: in B, C.",
    ),
    "long header": (b"n" * 300 + b",b\n1,2\n", "a.csv", "HEADER_TOO_LONG", "has 300 characters; 255 are allowed"),
    "title above": (b"Report\nname,amount\na,1\nb,2\n", "a.csv", "TITLE_ABOVE_HEADER", "Row 1 holds only “Report”"),
    "nul": (GOOD + b"Can\0city,7\n", "a.csv", "NUL_CHARACTER", "Line 3 holds a NUL character"),
    "line too long": (
        GOOD + b"x" * 1_000_001 + b"\n",
        "a.csv",
        "LINE_TOO_LONG",
        "Line 3 has more than 1,000,000 characters.",
    ),
    "no line break at all": (b"x" * 3_000_000, "a.csv", "LINE_TOO_LONG", "Line 1 has more than 1,000,000 characters."),
    "many columns": (
        b",".join(b"c%d" % each for each in range(600)) + b"\n" + b"1," * 599 + b"1\n",
        "a.csv",
        "TOO_MANY_COLUMNS",
        "600",
    ),
    "a million values": (GOOD + b"," * 900_000 + b"1\n", "a.csv", "TOO_MANY_COLUMNS", "The row has 900,001 values"),
    "open quote": (
        GOOD + b'"Cancity,7\nHottechi,8\n',
        "a.csv",
        "QUOTE_BROKEN",
        "Lines 3 to 4: a quote is opened and not closed.",
    ),
    "open quote, long file": (
        GOOD + b'"Cancity,7\n' + b"a,1\n" * 50_000,
        "a.csv",
        "QUOTE_BROKEN",
        "a quote is opened and not closed",
    ),
    "text behind quote": (
        GOOD + b'"Can"city,7\n',
        "a.csv",
        "QUOTE_BROKEN",
        "Line 3: text stands behind a closing quote.",
    ),
    "neither encoding": (GOOD + b"Caf\x81\xe9,1\n", "a.csv", "ENCODING", "neither UTF-8 nor Windows text"),
    "cut utf-16": ("name,amount\nä,1\n".encode("utf-16")[:-1], "a.csv", "ENCODING", "can't be read as UTF-16"),
    "utf-32": ("name,amount\nä,1\n".encode("utf-32"), "a.csv", "ENCODING", "encoded as UTF-32"),
    "png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "a.csv", "WRONG_FORMAT", "The file is a PNG picture, not a table."),
    "png with a zip behind": (b"\x89PNG\r\n\x1a\n" + workbook(), "a.xlsx", "WRONG_FORMAT", "a PNG picture"),
    "jpeg": (b"\xff\xd8\xff\xe0" + b"\0" * 100, "photo.csv", "WRONG_FORMAT", "a JPEG picture"),
    "pdf": (b"%PDF-1.7\n...", "a.csv", "WRONG_FORMAT", "a PDF document"),
    "gzip": (b"\x1f\x8b\x08" + b"\0" * 20, "a.csv", "WRONG_FORMAT", "a gzip archive"),
    "parquet": (b"PAR1" + b"\0" * 20, "a.csv", "WRONG_FORMAT", "a Parquet file"),
    "program": (b"\x7fELF\x02\x01" + b"\0" * 20, "a.csv", "WRONG_FORMAT", "a program"),
    "web page": (b"\n<!DOCTYPE html><table><tr><td>1</td></tr></table>", "a.csv", "WRONG_FORMAT", "a web page"),
    "xml": (b'<?xml version="1.0"?><rows/>', "a.csv", "WRONG_FORMAT", "an XML document"),
    "json": (json.dumps([{"name": "a"}]).encode(), "a.csv", "WRONG_FORMAT", "a JSON document"),
    "random bytes": (bytes(range(1, 32)) * 20, "a.csv", "WRONG_FORMAT", "The file is not text."),
    "workbook called csv": (workbook(), "a.csv", "WRONG_EXTENSION", "it is called .csv"),
    "csv called workbook": (GOOD, "a.xlsx", "WRONG_EXTENSION", "called .xlsx and is not a workbook"),
    "csv called exe": (GOOD, "a.exe", "WRONG_EXTENSION", "it is called .exe"),
    "csv without a name": (GOOD, "table", "WRONG_EXTENSION", "its name has no extension"),
    "old office": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "a.xls",
        "WRONG_FORMAT",
        "an old office document",
    ),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "a.xlsx",
        "ENCRYPTED",
        "protected by a password",
    ),
    "too large": (GOOD + b"a,1\n" * 13_200_000, "a.csv", "FILE_TOO_LARGE", "The file has 50 MB; 50 MB are allowed."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_text_file_is_refused_with_its_reason(name: str) -> None:
    contents, filename, code, sentence = REFUSED[name]
    with pytest.raises(FeedError) as caught:
        for sheet in open_table(contents, filename):
            list(sheet.rows)
    finding = caught.value.finding
    assert finding.code == code
    assert sentence in finding.what
    assert finding.where.startswith(filename)
    assert finding.why and finding.fix and finding.is_error


READ = {
    "utf-8": "name,amount\nSmörgås,1\n".encode(),
    "utf-8 with mark": "name,amount\nSmörgås,1\n".encode("utf-8-sig"),
    "utf-16 with mark": "name,amount\nSmörgås,1\n".encode("utf-16"),
    "utf-16 big": b"\xfe\xff" + "name,amount\nSmörgås,1\n".encode("utf-16-be"),
    "utf-16 without mark": "name,amount\nSmörgås,1\n".encode("utf-16-le"),
    "cp1252": "name,amount\nSmörgås,1\n".encode("cp1252"),
    "semicolons": "name;amount\nSmörgås;1\n".encode(),
    "tabs": "name\tamount\nSmörgås\t1\n".encode(),
    "bars": "name|amount\nSmörgås|1\n".encode(),
    "sep line": "sep=;\nname;amount\nSmörgås;1\n".encode(),
    "quotes": '"name","amount"\r\n"Smörgås","1"\r\n'.encode(),
    "old line ends": "name,amount\rSmörgås,1\r".encode(),
    "no last line end": "name,amount\nSmörgås,1".encode(),
    "blank lines": "\n\nname,amount\n\nSmörgås,1\n\n".encode(),
    "columns without anything": "name,amount,,\nSmörgås,1,,\n".encode(),
    "spaces round names": " name , amount \nSmörgås,1\n".encode(),
}


@pytest.mark.parametrize("name", READ)
def test_every_spelling_of_one_table_reads_the_same(name: str) -> None:
    sheet = _only(READ[name])
    assert sheet.header == ["name", "amount"]
    assert [row.values for row in sheet.rows] == [["Smörgås", "1"]]
    assert [row.values for row in sheet.rows] == [["Smörgås", "1"]], "rows can be read again"


def test_an_assumed_encoding_is_said() -> None:
    [note] = _only(READ["cp1252"]).notes
    assert note.code == "ENCODING_ASSUMED" and not note.is_error
    assert _only(READ["utf-8"]).notes == ()


def test_values_stay_as_received() -> None:
    sheet = _only(b'name,amount,note\n007, 1.50 ,"a ""b"", c\nd"\n=1+1,,1e309\n')
    assert [row.values for row in sheet.rows] == [["007", " 1.50 ", 'a "b", c\nd'], ["=1+1", None, "1e309"]]


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    sheet = _only(b'name,amount\n\n"two\nlines",1\nb,2\n')
    assert [row.number for row in sheet.rows] == [3, 4]


def test_a_row_that_does_not_fit_is_marked_and_keeps_its_values() -> None:
    sheet = _only(b"name,amount\na,1\nSmith, Jones,2\nlong," + b"x" * 32_768 + b"\nshort\n")
    good, wide, long, short = sheet.rows
    assert good.problem is None
    assert wide.values == ["Smith", " Jones", "2"] and wide.problem is not None
    assert wide.problem.where == "deals.csv, row 3"
    assert wide.problem.what == "The row has 3 values, the header has 2 columns: “2” has no column."
    assert (
        long.problem is not None
        and long.problem.code == "CELL_TOO_LONG"
        and "“amount” has 32,768 characters" in long.problem.what
    )
    assert short.values == ["short", None] and short.problem is None


def test_the_path_of_a_sender_is_not_repeated() -> None:
    with pytest.raises(FeedError) as caught:
        open_table(b"", "C:\\Users\\ann\\de\u202eals\n.csv")
    assert caught.value.finding.where == "deals.csv"


def _only(contents: bytes) -> Sheet:
    [sheet] = open_table(contents, "deals.csv")
    return sheet
