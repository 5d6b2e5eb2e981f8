"""Currency rates are exact in both directions; frames that break their contract are findings."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from spm.core.findings import Finding, Severity, errors, in_order
from spm.core.frames import Column, Contract, Kind
from spm.core.fx import RateBook, convert


def test_a_rate_holds_until_the_next_and_its_inverse_is_derived() -> None:
    book = RateBook.of(
        [("GBP", "USD", 10, "1.22"), ("GBP", "USD", 20, "1.30"), ("JPY", "USD", 5, "0.0068")], pivot="USD"
    )
    assert book.rate("GBP", "USD", 19) == Fraction("1.22")
    assert book.rate("USD", "GBP", 20) == 1 / Fraction("1.30")
    assert book.rate("GBP", "JPY", 10) == Fraction("1.22") / Fraction("0.0068")
    assert book.rate("GBP", "USD", 9) is None
    assert book.rate("CHF", "USD", 9) is None
    assert book.rate("CHF", "CHF", 9) == 1


def test_a_book_refuses_what_contradicts_itself() -> None:
    for rows in ([("GBP", "USD", 1, "0")], [("GBP", "USD", 1, "1.2"), ("USD", "GBP", 1, "0.8")]):
        with pytest.raises(ValueError, match="rate"):
            RateBook.of(rows, pivot="USD")


def test_amounts_are_converted_across_decimals_and_rounded_once() -> None:
    yen = convert(np.array([1_00, -1_00]), rate=Fraction("149.505"), source="USD", target="JPY")
    assert yen.tolist() == [150, -150]
    frame = pd.DataFrame(
        {"from_currency": ["GBP"], "to_currency": ["USD"], "on": ["2026-01-01"], "rate": [Decimal("1.22")]}
    )
    assert RateBook.from_frame(frame, pivot="USD").rate("GBP", "USD", 20454) == Fraction("1.22")


CONTRACT = Contract(
    "deals",
    (
        Column("deal_key", Kind.KEY),
        Column("owner_key", Kind.KEY, nullable=True),
        Column("amount_minor", Kind.INTEGER),
        Column("on", Kind.DAY, nullable=True, missing=-1),
    ),
    key=("deal_key",),
)


def checked(**columns: list[object]) -> tuple[pd.DataFrame, list[Finding]]:
    made = {"deal_key": ["a", "b"], "owner_key": ["x", None], "amount_minor": [1, 2], "on": ["2026-01-01", None]}
    return CONTRACT.check(pd.DataFrame(made | columns))


def test_a_good_frame_has_the_declared_kinds() -> None:
    frame, findings = checked()
    assert findings == []
    assert frame["amount_minor"].dtype == np.int64
    assert frame["on"].tolist() == [20454, -1]
    assert frame["owner_key"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("columns", "code", "words"),
    [
        ({"amount_minor": [1.5, 2.0]}, "COLUMN_UNREADABLE", "floats"),
        ({"amount_minor": [1, None]}, "COLUMN_UNREADABLE", "row 1 is empty"),
        ({"amount_minor": ["1", "2"]}, "COLUMN_UNREADABLE", "row 0 holds '1'"),
        ({"deal_key": ["a", None]}, "COLUMN_UNREADABLE", "row 1 is empty"),
        ({"deal_key": ["a", "a"]}, "ROW_REPEATED", "example a"),
        ({"on": ["soon", None]}, "COLUMN_UNREADABLE", "Invalid isoformat"),
        ({"amount_minor": [2**70, 1]}, "COLUMN_UNREADABLE", "too large"),
    ],
)
def test_a_frame_that_breaks_its_contract_is_a_finding(columns: dict[str, list[object]], code: str, words: str) -> None:
    _, findings = checked(**columns)
    assert [finding.code for finding in findings] == [code]
    assert words in findings[0].what
    assert findings[0].fix


def test_a_missing_column_is_a_finding() -> None:
    _, findings = CONTRACT.check(pd.DataFrame({"deal_key": []}))
    assert {finding.code for finding in findings} == {"COLUMN_MISSING"}


def test_findings_keep_an_order_of_their_own() -> None:
    one, two = Finding("A", "x", "what"), Finding("B", "y", "what", severity=Severity.WARNING)
    assert in_order([two, one, two]) == (one, two)
    assert errors([one, two]) == [one]
    assert two.as_dict()["severity"] == "WARNING"
