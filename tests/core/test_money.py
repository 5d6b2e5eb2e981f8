"""Money: exact, symmetric, and parts that sum to the whole."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm.core.money import (
    RATE_SCALE,
    AmountError,
    Rate,
    format_amount,
    parse_amount,
    round_columns,
    round_half_away,
    scale_amount,
    split,
    to_major,
    to_minor,
)

int64 = st.integers(-(2**62), 2**62)


@given(int64, st.integers(1, 10**12))
def test_rounding_equals_decimal_half_up_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = round_half_away(numerator, denominator)
    assert abs(exact - rounded) <= Fraction(1, 2)
    assert round_half_away(-numerator, denominator) == -rounded
    if abs(exact - rounded) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@given(st.lists(st.tuples(int64, st.integers(1, 2**40)), min_size=1, max_size=8))
def test_rounding_of_columns_equals_rounding_of_each(pairs: list[tuple[int, int]]) -> None:
    tops, bottoms = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    assert round_columns(tops, bottoms).tolist() == [round_half_away(*pair) for pair in pairs]


@given(st.lists(st.integers(-(10**16), 10**16), min_size=1, max_size=8), st.integers(-(10**10), 10**10))
def test_scaled_amounts_equal_decimals(amounts: list[int], rate: int) -> None:
    expected = [
        int((Decimal(amount) * Decimal(rate) / RATE_SCALE).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        for amount in amounts
    ]
    assert scale_amount(np.array(amounts), rate).tolist() == expected


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=9))
def test_parts_sum_to_the_whole_and_are_near_their_share(total: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        weights[0] = 1
    parts = split(total, weights, list(range(len(weights))))
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Fraction(total * weight, sum(weights)) - part) < 1
    assert split(-total, weights, list(range(len(weights)))) == [-part for part in parts]


def test_residual_cents_go_to_the_largest_remainder_then_the_first_key() -> None:
    assert split(100, [1, 1, 1], ["c", "b", "a"]) == [33, 33, 34]
    assert split(10, [5, 3, 3], ["a", "b", "c"]) == [4, 3, 3]
    with pytest.raises(AmountError):
        split(10, [0, 0], ["a", "b"])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,234.56", "USD", 123456),
        ("1.234,56", "EUR", 123456),
        ("1 234,56", "EUR", 123456),
        ("1'234.50", "CHF", 123450),
        ("(1,000)", "JPY", -1000),
        ("(1,000.00)", "USD", -100000),
        ("1.234,5-", "EUR", -123450),
        ("−12.30", "USD", -1230),
        ("$ 12", "USD", 1200),
        ("EUR 12,5", "EUR", 1250),
        ("1,234,567", "USD", 123456700),
        ("12,34,567.00", "INR", 123456700),
        ("0.125", "KWD", 125),
        ("0", "USD", 0),
        (".5", "USD", 50),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,234", "AMOUNT_AMBIGUOUS"),
        ("1.234", "AMOUNT_AMBIGUOUS"),
        ("", "AMOUNT_UNREADABLE"),
        ("abc", "AMOUNT_UNREADABLE"),
        ("1e5", "AMOUNT_UNREADABLE"),
        ("NaN", "AMOUNT_UNREADABLE"),
        ("1.2.3", "AMOUNT_UNREADABLE"),
        ("1,23,4.5", "AMOUNT_UNREADABLE"),
        ("12.345,678.9", "AMOUNT_UNREADABLE"),
        ("1.005", "AMOUNT_AMBIGUOUS"),
        ("12.3456", "AMOUNT_PRECISION"),
        ("9" * 20, "AMOUNT_TOO_LARGE"),
    ],
)
def test_an_amount_that_can_not_be_read_is_refused_with_a_fix(text: str, code: str) -> None:
    with pytest.raises(AmountError) as caught:
        parse_amount(text, "USD")
    assert caught.value.finding.code == code
    assert caught.value.finding.fix


@pytest.mark.parametrize(
    ("text", "currency", "shows"),
    [
        ("€100", "USD", "€"),
        ("100 €", "CHF", "€"),
        ("-£100", "EUR", "£"),
        ("($100)", "EUR", "$"),
        ("EUR 100", "USD", "EUR"),
        ("100chf", "USD", "CHF"),
        ("USD €100", "USD", "€"),
    ],
)
def test_an_amount_with_the_sign_or_code_of_another_currency_is_refused(text: str, currency: str, shows: str) -> None:
    with pytest.raises(AmountError) as caught:
        parse_amount(text, currency)
    found = caught.value.finding
    assert (found.code, found.what) == ("CURRENCY_OTHER", f"“{text}” shows {shows}, and its currency is {currency}.")
    assert found.fix == f"Convert it to {currency}, or choose its own currency."


@pytest.mark.parametrize(
    ("text", "currency"),
    [("$100", "CAD"), ("$100", "JMD"), ("100 usd", "USD"), ("¥100", "CNY"), ("£100", "EGP"), ("£100", "GIP")],
)
def test_a_sign_that_several_currencies_bear_is_read(text: str, currency: str) -> None:
    assert parse_amount(text, currency) == 10_000


def test_a_currency_that_there_is_not_is_told_before_the_sign() -> None:
    with pytest.raises(AmountError) as caught:
        parse_amount("€100", "EUU")
    assert caught.value.finding.code == "CURRENCY_UNKNOWN"


@given(st.integers(-(10**16), 10**16), st.sampled_from(["USD", "JPY", "KWD"]))
def test_an_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor
    if currency != "KWD":
        assert parse_amount(format_amount(minor, currency), currency) == minor or currency == "JPY"


def test_rates_are_exact() -> None:
    assert Rate.parse("3 %") == Rate.parse("3%") == Rate.parse("0.03") == Rate.parse(Decimal("0.03")) == Rate(3_000_000)
    assert Rate.parse("0.000001 %").scaled == 1
    assert str(Rate.parse("-12,5 %")) == "-12.5 %"
    assert Rate.parse(1) == Rate.parse("100 %")
    for bad in (0.03, "3 percent", "0.0000001 %", "", "1e3"):
        with pytest.raises(AmountError):
            Rate.parse(bad)  # type: ignore[arg-type]
