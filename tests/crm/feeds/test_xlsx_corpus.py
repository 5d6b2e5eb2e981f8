"""Workbooks that go wrong, each with the sentence a person gets. Source: trust.md 4.8 F4, libraries.md fact 8."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest

from spm.crm.feeds import xlsx
from spm.crm.feeds.reading import FeedError, Sheet, open_table
from tests.crm.feeds.workbooks import (
    NAMESPACE,
    bomb,
    crowded,
    lying_bomb,
    packed,
    parts,
    text_cells,
    with_sheet,
    workbook,
)

DOCTYPE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DATA = f"<sheetData>{text_cells(1, 'name', 'amount')}{text_cells(2, 'a', '1')}</sheetData>"


def _xxe(prolog: str) -> bytes:
    return packed(
        parts(workbook()) | {"xl/worksheets/sheet1.xml": f"{prolog}<worksheet {NAMESPACE}>{DATA}</worksheet>".encode()}
    )


def _with(name: str, content: bytes = b"x") -> bytes:
    return packed(parts(workbook()) | {name: content})


def _without(name: str) -> bytes:
    return packed({part: content for part, content in parts(workbook()).items() if part != name})


def _repeated() -> bytes:
    stream = io.BytesIO(workbook())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("XL/Workbook.xml", b"<workbook/>")
    return stream.getvalue()


def _encrypted() -> bytes:
    contents = bytearray(workbook())
    at = contents.find(b"PK\x01\x02")
    contents[at + 8] |= 1
    return bytes(contents)


def _far_cells() -> str:
    return f'<sheetData>{text_cells(1, "name")}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "bomb": (bomb, "UNPACKED_TOO_LARGE", "The workbook unpacks to 312 MB; 100 MB are allowed."),
    "bomb of one ratio": (lambda: bomb(50), "UNPACKED_TOO_LARGE", "200 times are allowed"),
    "bomb that lies": (lying_bomb, "UNPACKED_TOO_LARGE", "unpacks to more than the workbook says"),
    "crowded": (crowded, "TOO_MANY_PARTS", "more than 2,000 parts"),
    "many small parts": (
        lambda: packed(parts(workbook()) | {f"xl/media/{n}": b"" for n in range(2_500)}),
        "TOO_MANY_PARTS",
        "2,000",
    ),
    "zip slip": (lambda: _with("../../etc/cron.d/x"), "PART_ESCAPES", "“../../etc/cron.d/x”"),
    "zip slip of another system": (lambda: _with("..\\..\\x"), "PART_ESCAPES", "points outside"),
    "absolute part": (lambda: _with("/etc/passwd"), "PART_ESCAPES", "points outside"),
    "repeated part": (_repeated, "PART_REPEATED", "two parts of the same name"),
    "encrypted part": (_encrypted, "ENCRYPTED", "protected by a password"),
    "macros": (lambda: _with("xl/vbaProject.bin"), "MACROS", "The workbook holds macros."),
    "word": (lambda: packed({"word/document.xml": b"x"}), "WRONG_FORMAT", "a Word document"),
    "opendocument": (lambda: packed({"mimetype": b"x", "content.xml": b"x"}), "WRONG_FORMAT", "an OpenDocument file"),
    "binary workbook": (lambda: packed({"xl/workbook.bin": b"x"}), "WRONG_FORMAT", "a binary workbook"),
    "plain zip": (lambda: packed({"a.csv": b"a,b"}), "WRONG_FORMAT", "a zip archive without a workbook"),
    "cut off": (lambda: workbook()[:-100], "WORKBOOK_DAMAGED", "damaged"),
    "only the first bytes": (lambda: b"PK\x03\x04" + b"\0" * 40, "WORKBOOK_DAMAGED", "damaged"),
    "broken xml": (lambda: with_sheet("<sheetData><row"), "WORKBOOK_DAMAGED", "damaged"),
    "no relations": (lambda: _without("xl/_rels/workbook.xml.rels"), "WORKBOOK_DAMAGED", "damaged"),
    "foreign entity": (lambda: _xxe(DOCTYPE), "XML_ENTITIES", "declares a document type"),
    "laughs": (lambda: _xxe(f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'), "XML_ENTITIES", "declares a document type"),
    "entity in the strings": (
        lambda: _with("xl/sharedStrings.xml", f"{DOCTYPE}<sst {NAMESPACE}/>".encode()),
        "XML_ENTITIES",
        "xl/sharedStrings.xml",
    ),
    "utf-16 sheet": (
        lambda: _with(
            "xl/worksheets/sheet1.xml",
            f'<?xml version="1.0" encoding="utf-16"?><worksheet {NAMESPACE}>{DATA}</worksheet>'.encode("utf-16"),
        ),
        "XML_ENCODING",
        "not encoded as UTF-8",
    ),
    "far cell": (lambda: with_sheet(_far_cells()), "TOO_MANY_ROWS", "stretches over 1,048,576 rows and 16,384 columns"),
    "far column": (
        lambda: with_sheet(f'<sheetData>{text_cells(1, "name")}<row r="2"><c r="XFD2"><v>1</v></c></row></sheetData>'),
        "TOO_MANY_COLUMNS",
        "16,384 columns; 500 columns are allowed",
    ),
    "wide and long": (
        lambda: with_sheet(
            f'<sheetData>{text_cells(1, "name")}<row r="900000"><c r="SA900000"><v>1</v></c></row></sheetData>'
        ),
        "WORKBOOK_TOO_LARGE",
        "5,000,000 cells are allowed",
    ),
    "shared text a thousand times": (
        lambda: _amplified(),
        "UNPACKED_TOO_LARGE",
        "needs more memory to open than is allowed",
    ),
    "empty": (lambda: workbook(rows=[]), "FILE_EMPTY", "There is nothing in it."),
    "header only": (lambda: workbook(rows=[["name", "amount"]]), "NO_ROWS", "There is a header and no row below it."),
    "blank header": (lambda: workbook(rows=[["a", "", "b"], [1, 2, 3]]), "HEADER_BLANK", "Column B has no name"),
    "blank header far right": (
        lambda: workbook(rows=[["", "", "a", "", "b"], ["", "", 1, 2, 3]]),
        "HEADER_BLANK",
        "Column D has no name",
    ),
    "repeated header": (lambda: workbook(rows=[["a", "a"], [1, 2]]), "HEADER_REPEATED", "in A, B"),
    "merged header": (
        lambda: workbook(lambda book, sheet: sheet.merge_range("A1:B1", "name")),
        "MERGED_CELLS",
        "The cells A1:B1 are merged",
    ),
    "title above": (
        lambda: workbook(rows=[["Report"], [], ["a", "b"], [1, 2], [3, 4]]),
        "TITLE_ABOVE_HEADER",
        "Row 1 holds only “Report”",
    ),
    "only hidden": (lambda: workbook(_hide), "FILE_EMPTY", "There is nothing in it."),
}


def _amplified() -> bytes:
    """Sixty thousand cells that show one text of 32,000 characters: two gigabytes."""
    made = parts(workbook())
    made["xl/sharedStrings.xml"] = (
        f'<sst {NAMESPACE} count="1" uniqueCount="1"><si><t>{"x" * 32_000}</t></si></sst>'.encode()
    )
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 60_001))
    made["xl/worksheets/sheet1.xml"] = f"<worksheet {NAMESPACE}><sheetData>{cells}</sheetData></worksheet>".encode()
    return packed(made)


def _hide(book: Any, sheet: Any) -> None:
    book.add_worksheet("Empty").activate()
    sheet.hide()


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_workbook_is_refused_with_its_reason(name: str) -> None:
    build, code, sentence = REFUSED[name]
    with pytest.raises(FeedError) as caught:
        for sheet in open_table(build(), "deals.xlsx"):
            list(sheet.rows)
    finding = caught.value.finding
    assert finding.code == code, finding
    assert sentence in finding.what
    assert finding.where.startswith("deals.xlsx") and finding.why and finding.fix and finding.is_error


def test_a_workbook_named_for_macros_is_refused() -> None:
    with pytest.raises(FeedError) as caught:
        open_table(workbook(), "deals.xlsm")
    assert caught.value.finding.code == "MACROS"


def test_values_become_canonical_text() -> None:
    moments = [
        datetime(2017, 3, 1, 10, 30),  # noqa: DTZ001 - a spreadsheet has no zones
        time(10, 30),
        date(2016, 2, 29),
    ]

    def build(book: Any, sheet: Any) -> None:
        sheet.write_row(1, 0, ["007", 0.1 + 0.2, 1100.04, 26768, -5, True, "=1+1", " x "])
        styles = ["yyyy-mm-dd hh:mm", "hh:mm", "dd/mm/yyyy"]
        for column, (moment, style) in enumerate(zip(moments, styles, strict=True), start=8):
            sheet.write_datetime(1, column, moment, book.add_format({"num_format": style}))
        sheet.write_string(1, 6, "=1+1")
        sheet.write_formula(1, 11, "=1+1", None, 2)
        sheet.write_number(1, 12, 1e-7)

    sheet = _only(workbook(build, rows=[[f"c{n}" for n in range(13)]]))
    [row] = sheet.rows
    assert sheet.canonical and row.problem is None
    numbers = ["007", "0.3", "1100.04", "26768", "-5", "TRUE", "=1+1", " x "]
    assert row.values == [*numbers, "2017-03-01T10:30:00", "10:30:00", "2016-02-29", "2", "0.0000001"]


def test_dates_of_the_1904_calendar_are_the_same_days() -> None:
    stream = io.BytesIO()
    import xlsxwriter

    with xlsxwriter.Workbook(stream, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["day", "x"])
        sheet.write_datetime(1, 0, date(2017, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    assert [row.values for row in _only(stream.getvalue()).rows] == [["2017-03-01", None]]


def test_rows_keep_their_numbers_and_can_be_read_again() -> None:
    sheet = _only(workbook(rows=[[], ["", "name", "amount"], [], ["", "a", 1], ["", "b", 2]]))
    assert sheet.header == ["name", "amount"]
    expected = [(4, ["a", "1"]), (5, ["b", "2"])]
    assert [(row.number, row.values) for row in sheet.rows] == expected
    both = zip(sheet.rows, sheet.rows, strict=True)
    assert [(row.number, row.values) for row, again in both if row == again] == expected


def test_what_a_reader_would_lose_without_a_word_holds_the_row() -> None:
    def build(book: Any, sheet: Any) -> None:
        sheet.write_formula("B2", "=1/0", None, "#DIV/0!")
        sheet.merge_range("A4:A5", "merged")

    rows = list(_only(workbook(build, rows=[["name", "amount"], ["a", 1], ["b", 2], ["c", 3], ["d", 4]])).rows)
    assert [row.problem.code if row.problem else None for row in rows] == [
        "ERROR_VALUE",
        None,
        "MERGED_CELLS",
        "MERGED_CELLS",
    ]
    assert rows[0].values == ["a", "#DIV/0!"]
    assert rows[0].problem is not None and rows[0].problem.what == "Cell B2 shows #DIV/0!."
    assert rows[0].problem.where == "deals.xlsx, sheet “Deals”, row 2"


@pytest.mark.parametrize("saved", ["", "<v/>", "<v></v>"])
def test_a_formula_without_a_saved_result_holds_the_row(saved: str) -> None:
    cell = f'<row r="3"><c r="A3"><f>1+1</f>{saved}</c></row>'
    rows = list(_only(with_sheet(f"<sheetData>{text_cells(1, 'name')}{text_cells(2, 'a')}{cell}</sheetData>")).rows)
    assert rows[1].problem is not None and rows[1].problem.what == "Cell A3 holds a formula without a saved result."


def test_a_formula_whose_result_is_no_text_is_fine() -> None:
    cells = '<c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f><v></v></c>'
    [row] = _only(with_sheet(f'<sheetData>{text_cells(1, "name", "note")}<row r="2">{cells}</row></sheetData>')).rows
    assert row.values == ["1", None] and row.problem is None


def test_formats_without_contents_do_not_stretch_a_sheet() -> None:
    far = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    sheet = _only(
        with_sheet(
            f'<dimension ref="A1:XFD1048576"/><sheetData>{text_cells(1, "name")}{text_cells(2, "a")}{far}</sheetData>'
        )
    )
    assert [row.values for row in sheet.rows] == [["a"]]


def test_hidden_sheets_are_left_out_and_hidden_rows_are_said() -> None:
    def build(book: Any, sheet: Any) -> None:
        book.add_worksheet("Salaries").hide()
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})

    [sheet] = open_table(workbook(build), "deals.xlsx")
    assert sheet.name == "Deals" and len(list(sheet.rows)) == 2
    assert [note.code for note in sheet.notes] == ["SHEET_HIDDEN", "ROWS_HIDDEN", "ROWS_HIDDEN"]
    assert "Salaries" in sheet.notes[0].where


def test_external_links_are_said_and_not_followed() -> None:
    [note] = _only(_with("xl/externalLinks/externalLink1.xml", b"<externalLink/>")).notes
    assert note.code == "EXTERNAL_LINKS" and not note.is_error


def test_a_broken_sheet_does_not_spoil_its_neighbour() -> None:
    [sheet] = open_table(
        workbook(lambda book, _: book.add_worksheet("Notes").write_row(0, 0, ["a", "", "b"])), "deals.xlsx"
    )
    assert sheet.name == "Deals"
    assert [(note.code, note.is_error) for note in sheet.notes] == [("HEADER_BLANK", False)]


def test_long_numbers_are_said() -> None:
    [note] = _only(workbook(rows=[["key"], [1234567890123456789]])).notes
    assert note.code == "NUMBER_TOO_LONG" and "row 2" in note.what


def test_the_boxed_process_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for a workbook")
    seen: dict[str, Any] = {}
    run = xlsx.subprocess.run

    def spy(*args: Any, **kwargs: Any) -> Any:
        seen.update(kwargs["env"])
        return run(*args, **kwargs)

    monkeypatch.setattr(xlsx.subprocess, "run", spy)
    _only(workbook())
    assert sorted(seen) == ["LANG", "MALLOC_ARENA_MAX", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH"]


def _only(contents: bytes) -> Sheet:
    [sheet] = open_table(contents, "deals.xlsx")
    return sheet
