"""Forecasts: worked by hand, blind to the future, unknown where nothing can be known."""

import math

import numpy as np
import pandas as pd
import pytest

from insights.engine.forecast import (
    Deals,
    Span,
    back_test_naive,
    back_test_pipeline,
    part_weights,
    record,
    seasonal_naive,
    skill,
    weighted_pipeline,
    won_amount,
)


def deals(*rows: tuple[int | None, int | None, str, int | None, str | None]) -> Deals:
    return Deals.of(pd.DataFrame(rows, columns=["created_on", "close_on", "status", "amount_minor", "product_key"]))


def decided(
    won: int, lost: int, *, cycle: int = 10, value: int = 100
) -> list[tuple[int | None, int | None, str, int | None, str | None]]:
    return [(0, cycle, "won", value, "p")] * won + [(0, cycle, "lost", 0, "p")] * lost


def test_everybody_weighs_what_they_won_and_what_is_expected_of_them() -> None:
    """Of the period 10 to 20 on day 15: Ann won 100 in it and 7 before, Bea has one open deal from which 2.6 is expected."""
    some = deals(
        (0, 12, "won", 100, None), (0, 9, "won", 7, None), (0, None, "open", 5, None), (0, 17, "won", 50, None)
    )
    owners = np.array(["ann", "ann", "bea", "cy"], dtype=object)
    worth = np.array([0.0, 0.0, 2.6, 0.0])
    assert part_weights(some, owners, worth, span=Span(10, 20), day=15) == {"ann": 100, "bea": 3, "cy": 0}
    assert part_weights(some, owners, None, span=Span(10, 20), day=15) == {"ann": 100, "bea": 0, "cy": 0}
    assert part_weights(deals(), np.array([], dtype=object), None, span=Span(10, 20), day=15) == {}


def test_won_amount_is_half_open() -> None:
    some = deals(
        (0, 9, "won", 1, None),
        (0, 10, "won", 2, None),
        (0, 19, "won", 4, None),
        (0, 20, "won", 8, None),
        (0, 15, "lost", 16, None),
    )
    assert won_amount(some, Span(10, 20)) == 6
    assert won_amount(some, Span(10, 20), until=19) == 2


def test_seasonal_naive_takes_the_period_a_year_before() -> None:
    some = deals((0, 5, "won", 7, None), (0, 370, "won", 9, None))
    assert seasonal_naive(some, year_before=Span(5, 90)).amount_minor == 7


@pytest.mark.parametrize("before", [None, Span(0, 5), Span(0, 90)])
def test_seasonal_naive_is_unknown_without_a_whole_period(before: Span | None) -> None:
    estimate = seasonal_naive(deals((0, 5, "won", 7, None)), year_before=before)
    assert estimate.amount_minor is None
    assert estimate.reason


def test_weighted_pipeline_by_hand() -> None:
    """16 of 21 decided deals were won, each after about 10 days; two open deals of 5 days with 20 to go will both be decided."""
    some = deals(
        *decided(15, 5), (95, None, "open", 1000, "p"), (95, None, "open", None, "p"), (90, 99, "won", 50, "p")
    )
    estimate = weighted_pipeline(some, span=Span(90, 120), day=100)
    # 16 of 21 decided won; values 1000 and the average of 15 × 100 and 50; won so far 50
    average = (15 * 100 + 50) / 16
    assert estimate.amount_minor == 50 + round((1000 + average) * 16 / 21)
    assert estimate.unvalued == 1


def test_a_likelihood_takes_the_place_of_the_share_of_the_product() -> None:
    """As above, where 15 of 20 were won: an open deal of 1,000 at 40 % brings 400, one whose likelihood is unknown 750."""
    some = deals(*decided(15, 5), (95, None, "open", 1000, "p"), (95, None, "open", 1000, "p"))
    chance = np.append(np.full(20, np.nan), [0.4, np.nan])
    assert weighted_pipeline(some, span=Span(90, 120), day=100, chance=chance).amount_minor == 400 + 750


def test_a_deal_that_can_no_longer_close_in_the_period_counts_nothing() -> None:
    some = deals(*decided(15, 5), (99, None, "open", 1000, "p"))
    assert weighted_pipeline(some, span=Span(90, 105), day=100).amount_minor == 0


def test_weighted_pipeline_needs_decided_deals() -> None:
    estimate = weighted_pipeline(deals(*decided(15, 4)), span=Span(0, 30), day=20)
    assert estimate.amount_minor is None
    assert "Only 19 deals" in estimate.reason


def test_a_back_test_knows_nothing_of_its_future() -> None:
    past = [*decided(15, 5), (95, 101, "won", 1000, "p")]
    future = [(200, 210, "won", 10**9, "p")] * 50
    spans = [Span(90, 120)]
    assert back_test_pipeline(deals(*past), spans, offset=6) == back_test_pipeline(
        deals(*past, *future), spans, offset=6
    )


def test_record_adds_before_it_divides() -> None:
    found = record([(80, 100), (330, 300)])
    assert (found.wmape_rate, found.bias_rate, found.tests) == (50 * 10**8 // 400, 10 * 10**8 // 400, 2)
    assert record([]).wmape_rate is None


def test_record_keeps_the_error_of_each_period_in_its_order() -> None:
    found = record([(100, 90), (None, 50), (0, 10), (100, 120)])
    assert (found.tests, found.errors[0], found.errors[3]) == (3, 0.1, 0.2)
    assert math.isnan(found.errors[1]) and math.isnan(found.errors[2])


def test_skill_compares_the_periods_that_both_forecast() -> None:
    """Naive misses by 20 and 10, the model by 5 and 10 where both are known; its 90 in the first period has no counterpart."""
    naive = record([(None, 100), (80, 100), (110, 100)])
    assert skill(record([(10, 100), (95, 100), (90, 100)]), naive) == 10**8 - 15 * 10**8 // 30
    assert skill(record([(10, 100), (40, 100), (90, 100)]), naive) == 10**8 - 70 * 10**8 // 30
    assert skill(record([(10, 100), (None, 100), (None, 100)]), naive) is None


def test_back_test_of_naive() -> None:
    some = deals((0, 5, "won", 100, None), (0, 370, "won", 80, None))
    assert back_test_naive(some, [(Span(370, 455), Span(5, 90))]).wmape_rate == 20 * 10**8 // 80


def test_order_of_deals_does_not_matter() -> None:
    rows = [*decided(15, 5), (95, None, "open", 1000, "p"), (95, None, "open", None, None)]
    order = np.random.default_rng(7).permutation(len(rows))
    one = weighted_pipeline(deals(*rows), span=Span(90, 120), day=100)
    other = weighted_pipeline(deals(*[rows[index] for index in order]), span=Span(90, 120), day=100)
    assert one == other
