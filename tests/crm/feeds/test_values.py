"""Cells as people write them: the value, or the reason and the fix. Source: trust.md 4.8 F4."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm.crm.feeds.values import Format, ValueProblem, ValueType, parse

T = ValueType
POINT, COMMA = Format(decimal_mark="."), Format(decimal_mark=",")
DMY, MDY = Format(date_order="DMY"), Format(date_order="MDY")

TAKEN = [
    (T.TEXT, "  007 ", Format(), "007"),
    (T.TEXT, "\u00a0Smörgås\u00a0", Format(), "Smörgås"),
    (T.TEXT, "می\u200cخواهم", Format(), "می\u200cخواهم"),
    (T.TEXT, "'=1+1", Format(), "=1+1"),
    (T.TEXT, "O'Neil", Format(), "O'Neil"),
    (T.TEXT, "   ", Format(), None),
    (T.TEXT, None, Format(), None),
    (T.INTEGER, "2822", Format(), 2822),
    (T.INTEGER, "007", Format(), 7),
    (T.INTEGER, "2,822", POINT, 2822),
    (T.INTEGER, "12.0", Format(), 12),
    (T.INTEGER, "-5", Format(), -5),
    (T.INTEGER, "'-5", Format(), -5),
    (T.DECIMAL, "1.5", Format(), Decimal("1.5")),
    (T.DECIMAL, "1,5", Format(), Decimal("1.5")),
    (T.AMOUNT, "1.234,56", Format(), 123456),
    (T.AMOUNT, "1,234.56", Format(), 123456),
    (T.AMOUNT, "1,234,567", Format(), 123456700),
    (T.AMOUNT, "(1,000)", POINT, -100000),
    (T.AMOUNT, "(1.000,50)", COMMA, -100050),
    (T.AMOUNT, "1,000", POINT, 100000),
    (T.AMOUNT, "1.000", COMMA, 100000),
    (T.AMOUNT, "$1,234.50", Format(), 123450),
    (T.AMOUNT, "USD 12", Format(), 1200),
    (T.AMOUNT, "12 usd", POINT, 1200),
    (T.AMOUNT, "100-", POINT, -10000),
    (T.AMOUNT, "\u2212100", POINT, -10000),
    (T.AMOUNT, "1'234.50", POINT, 123450),
    (T.AMOUNT, "1\u202f234,50", COMMA, 123450),
    (T.AMOUNT, "12,34,567", POINT, 123456700),
    (T.AMOUNT, ".5", Format(), 50),
    (T.PERCENT, "10 %", Format(), Decimal("0.1")),
    (T.PERCENT, "7.25%", Format(), Decimal("0.0725")),
    (T.PERCENT, "0.1", Format(percent="FRACTION"), Decimal("0.1")),
    (T.PERCENT, "10", Format(percent="PERCENT"), Decimal("0.1")),
    (T.PERCENT, "0", Format(), Decimal(0)),
    (T.DATE, "2017-03-01", Format(), date(2017, 3, 1)),
    (T.DATE, "2017-03-01T23:30:00.000+0000", Format(), date(2017, 3, 1)),
    (T.DATE, "2017-03-01 10:30", Format(), date(2017, 3, 1)),
    (T.DATE, "2017/3/1", Format(), date(2017, 3, 1)),
    (T.DATE, "20170301", Format(), date(2017, 3, 1)),
    (T.DATE, "01.03.2017", Format(), date(2017, 3, 1)),
    (T.DATE, "03/01/2017", MDY, date(2017, 3, 1)),
    (T.DATE, "01/03/2017", DMY, date(2017, 3, 1)),
    (T.DATE, "31/03/2017", Format(), date(2017, 3, 31)),
    (T.DATE, "05/05/2017", Format(), date(2017, 5, 5)),
    (T.DATE, "1 March 2017", Format(), date(2017, 3, 1)),
    (T.DATE, "01-Mar-2017", Format(), date(2017, 3, 1)),
    (T.DATE, "Mar 1, 2017", Format(), date(2017, 3, 1)),
    (T.DATE, "42795", Format(excel_serials=True), date(2017, 3, 1)),
    (T.DATE, "42795.4375", Format(excel_serials=True), date(2017, 3, 1)),
    (T.BOOLEAN, "Yes", Format(), True),
    (T.BOOLEAN, "FALSE", Format(), False),
    (T.BOOLEAN, "nein", Format(), False),
    (T.CURRENCY, "usd", Format(), "USD"),
    (T.CURRENCY, "€", Format(), "EUR"),
    (T.COUNTRY, "Kenya", Format(), "Kenya"),
    (T.COUNTRY, "us", Format(), "us"),
]


@pytest.mark.parametrize(("type", "text", "format", "value"), TAKEN)
def test_a_clear_cell_is_taken(type: ValueType, text: str | None, format: Format, value: object) -> None:
    assert parse(text, type, format, currency="USD") == value


REFUSED = [
    (T.TEXT, "Acme\u200b", Format(), "an invisible character (U+200B, zero width space)", "Type it again: Acme"),
    (T.TEXT, "abc\u202egpj.exe", Format(), "an invisible character (U+202E, right-to-left override)", "Type it again"),
    (T.TEXT, "Smörg\ufffds", Format(), "letters were lost", "UTF-8"),
    (T.TEXT, "a\x07b", Format(), "U+0007", "Type it again: ab"),
    (T.TEXT, "#N/A", Format(), "the spreadsheet error #N/A", "leave the cell blank"),
    (T.INTEGER, "12.5", Format(), "is not a whole number", "without decimals"),
    (T.INTEGER, "99999999999999999999", Format(), "larger than any number", "number of digits"),
    (T.INTEGER, "twelve", Format(), "“twelve” is not a number", "1234.56"),
    (T.INTEGER, "１２", Format(), "is not a number", "1234.56"),
    (T.DECIMAL, "1e309", Format(), "in scientific notation", "all its digits"),
    (T.DECIMAL, "1.2E+05", Format(), "in scientific notation", "all its digits"),
    (T.DECIMAL, "NaN", Format(), "not a number that can be counted with", "leave the cell blank"),
    (T.DECIMAL, "-Infinity", Format(), "not a number that can be counted with", "leave the cell blank"),
    (T.DECIMAL, "0x10", Format(), "is not a number", "1234.56"),
    (T.DECIMAL, "1_000", Format(), "is not a number", "1234.56"),
    (T.DECIMAL, "9" * 100, Format(), "is not a number", "1234.56"),
    (T.AMOUNT, "1,234", Format(), "“1,234” can be 1234 or 1.234", "decimal mark"),
    (T.AMOUNT, "(1,000)", Format(), "“(1,000)” can be 1000 or 1.000", "decimal mark"),
    (T.AMOUNT, "1.234,56", POINT, "is not a number with “.” before its decimals", "decimal mark"),
    (T.AMOUNT, "12,34", POINT, "does not stand before three digits", "decimal mark"),
    (T.AMOUNT, "1.005", POINT, "more decimals than USD has", "at its source"),
    (T.AMOUNT, "€5", Format(), "“€5” shows €, its currency is USD", "Correct the currency"),
    (T.AMOUNT, "5 EUR", Format(), "shows EUR, its currency is USD", "Correct the currency"),
    (T.AMOUNT, "9" * 20, POINT, "larger than any amount", "number of digits"),
    (T.AMOUNT, "12\u200e", POINT, "invisible character (U+200E", "12"),
    (T.AMOUNT, "10%", POINT, "is not a number", "1234.56"),
    (T.PERCENT, "0.5", Format(), "“0.5” can be 0.5 % or 50.0 %", "Choose in the mapping"),
    (T.PERCENT, "0.123456789 %", Format(), "at most six decimals", "number of digits"),
    (T.DATE, "03/04/2017", Format(), "“03/04/2017” can be April 3 or March 4.", "order of day and month"),
    (T.DATE, "13/04/2017", MDY, "has no month 13: the mapping says month first", "order of dates"),
    (T.DATE, "31.02.2017", Format(), "is not a day of the calendar", "Correct the date"),
    (T.DATE, "01/03/17", DMY, "The year of “01/03/17” has two digits.", "all four"),
    (T.DATE, "42795", Format(), "the number that a spreadsheet keeps for a day", "allow day numbers"),
    (T.DATE, "1017-03-01", Format(), "not between 1900 and 2199", "year"),
    (T.DATE, "1 Foo 2017", Format(), "“Foo” is not an English month", "2026-03-31"),
    (T.DATE, "Q1 2017", Format(), "is not a date", "2026-03-31"),
    (T.BOOLEAN, "maybe", Format(), "neither yes nor no", "yes or no"),
    (T.CURRENCY, "$", Format(), "is not a currency code", "three letters"),
    (T.CURRENCY, "EURO", Format(), "is not a currency code", "three letters"),
]


@pytest.mark.parametrize(("type", "text", "format", "reason", "fix"), REFUSED)
def test_an_unclear_cell_is_refused_with_its_fix(
    type: ValueType, text: str, format: Format, reason: str, fix: str
) -> None:
    with pytest.raises(ValueProblem) as caught:
        parse(text, type, format, currency="USD")
    assert reason in caught.value.reason
    assert fix in caught.value.fix
    assert caught.value.severity == "ERROR"


def test_an_amount_without_a_currency_names_the_mapping() -> None:
    with pytest.raises(ValueProblem) as caught:
        parse("5", T.AMOUNT)
    assert "no currency" in caught.value.reason and "in the mapping" in caught.value.fix


def test_an_unknown_country_is_kept_and_a_standard_one_offered() -> None:
    with pytest.raises(ValueProblem) as caught:
        parse("Philipines", T.COUNTRY)
    assert (caught.value.severity, caught.value.kept, caught.value.proposals[0]) == (
        "WARNING",
        "Philipines",
        "Philippines",
    )


def test_a_choice_is_taken_in_any_case_and_else_refused() -> None:
    assert parse("WON", T.CHOICE, choices=("open", "won", "lost")) == "won"
    with pytest.raises(ValueProblem) as caught:
        parse("gewonnen", T.CHOICE, choices=("open", "won", "lost"))
    assert caught.value.reason == "“gewonnen” is none of open, won, lost."


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_every_amount_survives_every_way_of_writing_it(amount: Decimal) -> None:
    minor = int(amount * 100)
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert parse(english, T.AMOUNT, POINT, currency="USD") == minor
    assert parse(german, T.AMOUNT, COMMA, currency="EUR") == minor
    assert parse(f"({english.lstrip('-')})", T.AMOUNT, POINT, currency="USD") == -abs(minor)


@given(st.text(), st.sampled_from([each for each in T if each not in (T.CHOICE,)]))
def test_any_text_gives_a_value_or_a_problem(text: str, type: ValueType) -> None:
    try:
        parse(text, type, currency="USD")
    except ValueProblem as problem:
        assert problem.reason and problem.fix
