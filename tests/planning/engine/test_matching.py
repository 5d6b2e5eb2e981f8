"""The win rate to expect of a seller: a few deals prove little, in an industry as of a person."""

import pytest

from planning.engine.matching import Record, expected


def test_an_industry_with_one_deal_proves_as_little_as_a_seller_with_one() -> None:
    """Given energy 1 of 1 and banks 40 of 100, 41 of 101 together, then energy is (1 + 410/101) / 11 for somebody unknown, not 1."""
    everybody = {"Energy": Record(1, 1), "Banks": Record(40, 100)}
    assert expected({"Energy": 1}, {}, everybody) == pytest.approx((1 + 410 / 101) / 11)
    assert expected({"Banks": 1}, {}, everybody) == pytest.approx((40 + 410 / 101) / 110)
    assert expected({"Farms": 1}, {}, everybody) == pytest.approx(41 / 101)


def test_the_deals_of_who_alone_sells_an_industry_count_once() -> None:
    """Given energy sold by one seller alone, 10 of 10, and banks 40 of 100 by others, then energy is drawn to 50 of 110."""
    own = {"Energy": Record(10, 10)}
    everybody = own | {"Banks": Record(40, 100)}
    assert expected({"Energy": 1}, own, everybody) == pytest.approx((10 + 500 / 110) / 20)
    assert expected({"Energy": 1}, own, own) == 1.0


def test_of_two_who_closed_as_many_the_better_is_expected_to_win_more() -> None:
    """Given two sellers, 6 of 10 and 4 of 10, then the first is expected to win more, though drawn to the second."""
    first, second = {"Energy": Record(6, 10)}, {"Energy": Record(4, 10)}
    rates = [expected({"Energy": 1}, own, {"Energy": Record(10, 20)}) for own in (first, second)]
    assert rates == [pytest.approx((6 + 4.5) / 20), pytest.approx((4 + 5.5) / 20)]
