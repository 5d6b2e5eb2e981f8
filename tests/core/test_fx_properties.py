"""Rates and conversions of random books, held against a small calculation of their own in whole fractions."""

import random
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest

from spm.core.fx import RateBook, convert

DIGITS = {"JPY": 0, "USD": 2, "EUR": 2, "GBP": 2, "KWD": 3}
OTHERS = ("EUR", "GBP", "JPY", "KWD")
Row = tuple[str, str, int, Decimal]


def book_of(dice: random.Random) -> list[Row]:
    """Rates of some days between the dollar and each other currency, in either direction."""
    rows: list[Row] = []
    for other in OTHERS:
        for day in dice.sample(range(30), dice.randrange(1, 6)):
            rate = Decimal(dice.randrange(1, 10**9)).scaleb(-dice.randrange(3, 9))
            rows.append((other, "USD", day, rate) if dice.random() < 0.5 else ("USD", other, day, rate))
    return rows


def dollars(rows: list[Row], currency: str, day: int) -> Fraction | None:
    """The worth of one of a currency in dollars: the newest of its rates by the day, whichever way it was written."""
    known = [row for row in rows if currency in row[:2] and row[2] <= day]
    if currency == "USD":
        return Fraction(1)
    if not known:
        return None
    source, _, _, rate = max(known, key=lambda row: row[2])
    return Fraction(rate) if source == currency else 1 / Fraction(rate)


@pytest.mark.parametrize("seed", range(40))
def test_inverse_and_cross_rates_are_exact_and_go_through_the_dollar(seed: int) -> None:
    dice = random.Random(seed)
    rows = book_of(dice)
    book = RateBook.of(rows, pivot="USD")
    for source in DIGITS:
        for target in DIGITS:
            day = dice.randrange(30)
            rate, back = book.rate(source, target, day), book.rate(target, source, day)
            first, second = dollars(rows, source, day), dollars(rows, target, day)
            if first is None or second is None:
                assert source == target or (rate, back) == (None, None)
            else:
                assert rate == first / second and back == 1 / rate


@pytest.mark.parametrize("seed", range(40))
def test_means_of_days_are_exact_and_go_through_the_dollar(seed: int) -> None:
    dice = random.Random(f"mean/{seed}")
    rows = book_of(dice)
    book = RateBook.of(rows, pivot="USD")
    for source in DIGITS:
        for target in DIGITS:
            start = dice.randrange(20)
            days = range(start, start + dice.randrange(1, 15))
            first, second = ([dollars(rows, each, day) for day in days] for each in (source, target))
            quote, back = (book.average(*pair, days.start, days.stop) for pair in ((source, target), (target, source)))
            mean = None if quote is None else quote.rate
            if source == target:
                assert mean == 1
            elif None in first or None in second:
                assert mean is None
            else:
                assert mean == sum(filter(None, first)) / sum(filter(None, second))
                assert back is not None and mean * back.rate == 1


@pytest.mark.parametrize("seed", range(40))
def test_means_of_own_rates_are_as_they_were_first_given_and_the_other_direction_has_the_inverse(seed: int) -> None:
    dice = random.Random(f"own/{seed}")
    days = sorted({0, *dice.sample(range(1, 20), dice.randrange(1, 6))})
    pairs = [dice.choice([("GBP", "EUR"), ("EUR", "GBP")]) for _ in days]
    rates = [Decimal(dice.randrange(1, 10**6)).scaleb(-5) for _ in days]
    far = [("GBP", "USD", 0, "1.25"), ("USD", "EUR", 0, "0.9")] if dice.random() < 0.5 else []
    rows = [(*pair, day, str(rate)) for pair, day, rate in zip(pairs, days, rates, strict=True)]
    book = RateBook.of([*rows, *far], pivot="USD")
    start = dice.randrange(15)
    end = start + dice.randrange(1, 15)
    first = max(place for place, day in enumerate(days) if day <= start)
    total = Fraction(0)
    for day in range(start, end):
        place = max(place for place, since in enumerate(days) if since <= day)
        total += Fraction(rates[place]) if pairs[place] == pairs[first] else 1 / Fraction(rates[place])
    given, back = (book.average(*pair, start, end) for pair in (pairs[first], pairs[first][::-1]))
    assert given is not None and given.rate == total / (end - start)
    assert back is not None and given.rate * back.rate == 1


def test_a_mean_of_a_pair_that_has_no_own_rate_on_a_day_goes_through_the_dollar() -> None:
    rows = [("GBP", "USD", 0, "1.2"), ("EUR", "USD", 0, "0.8"), ("GBP", "EUR", 2, "2")]
    mean = RateBook.of(rows, pivot="USD").average("GBP", "EUR", 0, 10)
    assert mean is not None and mean.rate == Fraction(3, 2)


@pytest.mark.parametrize("seed", range(40))
def test_amounts_are_rounded_once_to_the_minor_unit_of_their_currency(seed: int) -> None:
    dice = random.Random(seed)
    for source, have in DIGITS.items():
        for target, want in DIGITS.items():
            minor = dice.randrange(-(10**9), 10**9)
            rate = Decimal(dice.randrange(1, 10**9)).scaleb(-dice.randrange(3, 9))
            with localcontext(prec=60):
                exact = Decimal(minor).scaleb(-have) * rate
                rounded = int(exact.quantize(Decimal(1).scaleb(-want), rounding=ROUND_HALF_UP).scaleb(want))
            rate_of = Fraction(rate)
            assert convert(np.array([minor, -minor]), rate=rate_of, source=source, target=target).tolist() == [
                rounded,
                -rounded,
            ]


@pytest.mark.parametrize(
    ("minor", "rate", "source", "target", "expected"),
    [
        (100, "149.505", "USD", "JPY", 150),
        (1, "0.0065", "JPY", "USD", 1),
        (1, "0.0049", "JPY", "USD", 0),
        (12_345, "0.3067", "USD", "KWD", 37_862),
        (1_000, "0.0005", "KWD", "JPY", 0),
        (1_000, "0.5", "KWD", "JPY", 1),
    ],
    ids=["to yen", "from yen", "below half a cent", "to dinar", "dinar to yen", "half a yen"],
)
def test_known_amounts_of_currencies_with_no_two_and_three_digits(
    minor: int, rate: str, source: str, target: str, expected: int
) -> None:
    got = convert(np.array([minor, -minor]), rate=Fraction(Decimal(rate)), source=source, target=target)
    assert got.tolist() == [expected, -expected]
