"""Numbers as people type and paste them, in the way of their locale; what has two readings is refused, nothing is guessed."""

from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from spm.web.numbers import NumberField, number_plain, number_typed

AMOUNTS = [
    ("en", "2,000", "2000"),
    ("en", "1,000.50", "1000.50"),
    ("en", "$1,000.50", "1000.50"),
    ("en", "USD 2,000", "2000"),
    ("en", "- $5", "-5"),
    ("en", "12\u00a0500.25", "12500.25"),
    ("de", "2.000", "2000"),
    ("de", "1.000,50 $", "1000.50"),
    ("de", "1,5", "1.5"),
]
REFUSED = [
    ("en", "2.000", "Write 2000, or 2.00 for decimals."),
    ("de", "2,000", "Write 2000, or 2,00 for decimals."),
    ("en", "€2,000", "“€2,000” is not in USD."),
    ("en", "5 %", "“5 %” is not in USD."),
    ("en", "1.000,50", "is not an amount. Write digits, such as 90000 or 90,000.00."),
    ("de", "1,000.50", "is not an amount. Write digits, such as 90000 or 90.000,00."),
    ("en", "9,00,000", "is not an amount"),
    ("en", "1e5", "is not an amount"),
]


@pytest.mark.parametrize(("language", "text", "number"), AMOUNTS)
def test_an_amount_is_read_in_the_way_of_the_reader(language, text, number):
    with translation.override(language):
        assert number_typed(text, currency="USD") == Decimal(number)
        plain = number_plain(text)
    assert plain.strip("$USD -") == number.strip("-")


@pytest.mark.parametrize(("language", "text", "words"), REFUSED)
def test_what_has_two_readings_or_another_unit_is_refused_with_a_sentence(language, text, words):
    with translation.override(language), pytest.raises(ValueError, match=r".") as refusal:
        number_typed(text, currency="USD")
    assert words in str(refusal.value)


def test_a_rate_takes_either_mark_and_shows_the_readers_own():
    class Rate(forms.Form):
        rate = NumberField(initial=Decimal("12.5"))

    with translation.override("de"):
        assert 'value="12,5"' in str(Rate()["rate"])
        assert [Rate({"rate": each}).fields["rate"].clean(each) for each in ("12,5", "12.5 %")] == [Decimal("12.5")] * 2


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "0.250 %"), ("de", "1.125 %"), ("en", "1,125 %"), ("en", "-2,000%"), ("en", "1,125 BPS")],
)
def test_a_percentage_never_loses_the_mark_before_three_digits(language, text):
    """1,125 % is no 1125 %: the plan language and a form refuse it with both readings."""
    with translation.override(language):
        assert number_plain(text) == text
        assert number_plain(text.rstrip("% BPS"), is_amount=False) == text.rstrip("% BPS")


def test_a_rate_with_one_group_of_three_is_refused_with_both_readings_and_one_below_one_is_read():
    with translation.override("de"):
        assert number_typed("0.250 %", is_amount=False) == Decimal("0.25")
        assert number_typed("1.125,5 %", is_amount=False) == Decimal("1125.5")
        with pytest.raises(ValueError, match=r"Write 1125, or 1,125 for decimals"):
            number_typed("1.125 %", is_amount=False)
        with pytest.raises(ValueError, match=r"is not an amount"):
            number_typed("0.250")
    with translation.override("en"), pytest.raises(ValueError, match=r"Write 1125, or 1.125 for decimals"):
        number_typed("1,125", is_amount=False)


def test_an_amount_of_thousands_of_digits_is_read_like_any_other():
    with translation.override("en"):
        long = "9" * 5000 + ".125"
        assert number_plain(long) == long
        assert number_typed(f"-{long}") == Decimal(f"-{long}")


def test_text_that_is_no_number_stays_as_it_is():
    for text in ("2026-01-31", "Tier 2,000 up", "amount > 2,000", "31 01 2026", "1,5", ""):
        assert number_plain(text) == text
