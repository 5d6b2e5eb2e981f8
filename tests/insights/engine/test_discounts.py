"""Statistics of discounts: bands that end with their edge, and what counts of won and lost deals say, and don't."""

import pytest

from insights.engine.discounts import BANDS, Outcome, band_name, bands_over, is_comparable, trend, wilson


def test_bands_are_named_in_order_and_those_over_a_limit_leave_out_the_limit_itself() -> None:
    assert [band_name(band) for band in BANDS][2:5] == ["Up to 5 %", "Over 5 to 10 %", "Over 10 to 15 %"]
    assert bands_over(20) == ("30", "40", "50", "beyond")


def test_the_interval_of_wilson_is_that_of_the_tables() -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    found = [wilson(*each) for each in ((81, 263), (15, 148), (0, 20), (1, 29))]
    assert [tuple(round(end / 10**8, 4) for end in each) for each in found] == [
        (0.2553, 0.3662),
        (0.0624, 0.1605),
        (0.0, 0.1611),
        (0.0061, 0.1718),
    ]


@pytest.mark.parametrize(
    ("outcomes", "direction"),
    [
        ([Outcome(3, 12, 8), Outcome(5, 2, 8)], -1),
        ([Outcome(3, 2, 8), Outcome(5, 12, 8)], 1),
        ([Outcome(3, 6, 6), Outcome(5, 5, 7)], 0),
        ([Outcome(3, 12, 8), Outcome(5, 0, 9)], None),
        ([Outcome(3, 12, 0), Outcome(5, 11, 0)], None),
    ],
)
def test_a_direction_is_told_only_where_chance_does_not_explain_it(
    outcomes: list[Outcome], direction: int | None
) -> None:
    assert trend(outcomes) == direction


def test_rates_are_comparable_where_discounts_are_known_of_won_and_lost_deals_alike() -> None:
    assert is_comparable(Outcome(0, 90, 80), Outcome(0, 10, 20))
    assert not is_comparable(Outcome(0, 90, 79), Outcome(0, 10, 21))
    assert not is_comparable(Outcome(0, 50, 0), Outcome(0, 0, 50))
