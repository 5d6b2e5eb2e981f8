"""Figures as the reader's locale writes them: exact, with a word for a minus, and never 0 for what is not known."""

from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from spm.core.money import RATE_SCALE
from spm.web.templatetags import figures


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("en", 123456, "USD", "$1,234.56"),
        ("de", 123456, "EUR", "1.234,56\xa0€"),
        ("en", 1250, "JPY", "¥1,250"),
        ("en", 1250, "KWD", "KWD\xa01.250"),
        ("en", 9_007_199_254_740_993, "USD", "$90,071,992,547,409.93"),
    ],
)
def test_money_has_the_decimals_of_its_currency(language: str, amount: int, currency: str, text: str) -> None:
    with override(language):
        assert figures.money_text(amount, currency) == text


def test_whole_money_rounds_half_away_from_zero() -> None:
    assert [figures.money_text(minor, "USD", whole=True) for minor in (150, -150, 149)] == ["$2", "-$2", "$1"]


def test_a_negative_amount_has_a_sign_and_a_word() -> None:
    html = figures.money(-1250, "USD")
    assert '<span aria-hidden="true">−$12.50</span>' in html
    assert '<span class="visually-hidden">minus $12.50</span>' in html


def test_an_unknown_amount_says_so_with_its_reason() -> None:
    html = figures.money(None, "USD", reason="No quota in Q2.")
    assert "unknown" in html
    assert "No quota in Q2." in html
    assert "0" not in html


def test_a_reason_is_escaped() -> None:
    assert "<b>" not in figures.money(None, "USD", reason="<b>")


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [("en", 8_500_000, "8.5%"), ("de", 8_512_345, "8,51\xa0%"), ("en-in", RATE_SCALE, "100%"), ("en", 0, "0%")],
)
def test_rates_are_percentages_without_trailing_zeros(language: str, value: int, text: str) -> None:
    with override(language):
        assert figures.rate_text(value) == text


def test_days_show_the_last_day_of_a_half_open_range() -> None:
    assert figures.days_text(date(2026, 1, 1), date(2026, 4, 1)) == "Jan 1, 2026 – Mar 31, 2026"
    assert figures.days_text(date(2026, 1, 1), date(2026, 1, 2)) == "Jan 1, 2026"
    assert figures.days_text(date(2026, 1, 1), None) == "since Jan 1, 2026"


def test_a_moment_is_read_in_the_zone_of_the_reader() -> None:
    html = figures.moment(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    assert 'datetime="2026-03-01T09:30:00+00:00"' in html
