"""What of books is converted into the currency that a person is paid in: worked by hand, then as properties of whole histories."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.converting import (
    Change,
    Conversions,
    Days,
    Moved,
    Place,
    changes,
    convert_pay,
    rounding_of,
    unconverted,
)
from incentives.engine.words import PayRatePolicy
from spm.core.fx import RateBook

END, AVERAGE = PayRatePolicy.PERIOD_END, PayRatePolicy.PERIOD_AVERAGE
RATES = RateBook.of(
    [("USD", "EUR", 5, "0.90", "ECB"), ("USD", "EUR", 15, "0.92"), ("USD", "GBP", 0, "0.80")], pivot="USD"
)


def books(*keys, policy=END, shut=()):
    return [Days(key, 10 * place, 10 * place + 10, policy, key in shut) for place, key in enumerate(keys)]


def of(found: Conversions) -> dict:
    return {
        (one.place.books, one.place.currency): (one.amount, one.currency, one.converted)
        for one in found.payments.values()
    }


def test_pay_is_converted_once_at_the_rate_of_the_last_day_and_says_what_rounding_added():
    moved = {
        Place("ann", "p1", "USD"): Moved(1_001),
        Place("ann", "p1", "EUR"): Moved(70),
        Place("bob", "p1", "USD"): Moved(5),
    }
    found = convert_pay(books("p1"), {("ann", "p1"): "EUR"}, moved, RATES)
    # 10.01 x 0.90 = 9.009, rounded to 9.01; what is in euros already stays, and bob is paid in dollars
    assert of(found) == {("p1", "USD"): (1_001, "EUR", 901)}
    (payment,) = found.payments.values()
    assert (payment.rounding, payment.quote.rate_on, payment.quote.tables) == (Fraction(1, 10), 5, ("ECB",))
    assert rounding_of("USD", "JPY", 1_001, 15, Fraction("1.5")) == Fraction(-3, 200)


def test_a_mean_is_of_the_days_of_the_books():
    # a euro is 1 / 0.90 dollars on five days and 1 / 0.92 on five, in the mean 1.09903…: 100.00 USD = 90.989… EUR
    found = convert_pay(
        books("p1", "p2", policy=AVERAGE), {("ann", "p2"): "EUR"}, {Place("ann", "p2", "USD"): Moved(10_000)}, RATES
    )
    assert of(found) == {("p2", "USD"): (10_000, "EUR", 9_099)}
    early = convert_pay(
        books("p1", policy=AVERAGE), {("ann", "p1"): "EUR"}, {Place("ann", "p1", "USD"): Moved(10_000)}, RATES
    )
    assert not early.payments and early.unrated == {Place("ann", "p1", "USD"): ("EUR", 10_000)}


def test_what_was_owed_moves_into_the_new_currency_and_what_is_still_to_be_paid_does_not():
    """p1 in dollars: 100.00, of which 60.00 were paid and 40.00 were rejected. p2 and p3 in euros, p4 in pounds."""
    paid_in = {("ann", "p2"): "EUR", ("ann", "p3"): "EUR", ("ann", "p4"): "GBP", ("ann", "p5"): "GBP"}
    moved = {
        Place("ann", "p1", "USD"): Moved(10_000, -6_000),
        Place("ann", "p2", "USD"): Moved(-20_000, -4_000),
        Place("ann", "p3", "USD"): Moved(5_000),
        Place("ann", "p4", "USD"): Moved(50_000),
    }
    found = convert_pay(books("p1", "p2", "p3", "p4", "p5"), paid_in, moved, RATES)
    # p2: -200.00 x 0.92 = -184.00 owed in euros; p3: 50.00 = 46.00, so that -138.00 are carried; p4: 138.00 EUR / 0.92 = 150.00 USD
    # x 0.80 = 120.00 GBP, beside 500.00 USD = 400.00 GBP; what was owed is converted once, so that p5 has nothing
    assert of(found) == {
        ("p2", "USD"): (-20_000, "EUR", -18_400),
        ("p3", "USD"): (5_000, "EUR", 4_600),
        ("p4", "EUR"): (-13_800, "GBP", -12_000),
        ("p4", "USD"): (50_000, "GBP", 40_000),
    }
    kept = convert_pay(books("p1", "p2"), {("ann", "p2"): "EUR"}, {Place("ann", "p1", "USD"): Moved(10_000)}, RATES)
    assert not kept.payments


def test_only_differences_are_posted_and_shut_books_give_theirs_to_the_open_ones():
    place, named = Place("ann", "p1", "USD"), {each.key: each for each in books("p1", "p2", shut=("p1",))}
    wanted = convert_pay(list(named.values()), {("ann", "p1"): "EUR"}, {place: Moved(10_000)}, RATES)
    first = list(changes(named, "p2", wanted, {}))
    assert first == [Change(place, "EUR", 9_000), Change(place, "USD", -10_000)]
    assert not list(changes(named, "p2", wanted, {place: {"USD": -10_000, "EUR": 9_000}}))
    assert list(changes(named, "p2", wanted, {place: {"USD": -10_000, "EUR": 8_800}})) == [Change(place, "EUR", 200)]
    # another currency by now: the one that was converted into goes back to 0
    moved = list(changes(named, "p2", wanted, {place: {"USD": -10_000, "GBP": 8_000}}))
    assert moved == [Change(place, "EUR", 9_000), Change(place, "GBP", -8_000)]
    others = {key: each._replace(is_shut=False) for key, each in named.items()}
    assert not list(changes(others, "p2", wanted, {})), "open books settle themselves"


@pytest.mark.parametrize("rows", [[], [("USD", "EUR", 0, "90000000000000")]], ids=["no rate", "beyond any amount"])
def test_without_a_rate_that_can_be_used_what_was_posted_stays_and_the_place_is_named(rows):
    place, named = Place("ann", "p1", "USD"), {each.key: each for each in books("p1")}
    rates = RateBook.of(rows, pivot="USD")
    wanted = convert_pay(list(named.values()), {("ann", "p1"): "EUR"}, {place: Moved(10_000)}, rates)
    assert wanted.unrated == {place: ("EUR", 10_000)} and not wanted.payments
    posted = {place: {"USD": -9_000, "EUR": 8_000}}
    assert not list(changes(named, "p1", wanted, posted))
    assert unconverted(wanted, posted) == {place: "EUR"}
    assert not unconverted(wanted, {place: {"USD": -10_000, "EUR": 8_000}})


currency = st.sampled_from(["USD", "EUR", "GBP", "JPY"])
amount = st.integers(-10_000_000, 10_000_000)
history = st.lists(
    st.tuples(st.one_of(st.just(""), currency), st.dictionaries(currency, amount, max_size=3)), min_size=1, max_size=6
)
PRICED = RateBook.of(
    [("USD", "EUR", 0, "0.91"), ("USD", "EUR", 25, "0.93"), ("GBP", "USD", 0, "1.27"), ("USD", "JPY", 0, "149.3")],
    pivot="USD",
)


@given(history)
def test_nothing_is_lost_on_the_way_into_other_currencies(told):
    """Posting twice posts nothing; each currency's balance is what was earned in it less what left it plus what came into it; and as long
    as a person has one pay currency, nothing is payable in another one."""
    named = books(*(f"p{place}" for place in range(len(told))))
    paid_in = {("ann", one.key): target for one, (target, _) in zip(named, told, strict=True) if target}
    moved = {
        Place("ann", one.key, each): Moved(value)
        for one, (_, amounts) in zip(named, told, strict=True)
        for each, value in amounts.items()
    }
    wanted = convert_pay(named, paid_in, moved, PRICED)
    assert not wanted.unrated
    posted: dict[Place, dict[str, int]] = {}
    balance: dict[str, int] = {}
    for place, had in moved.items():
        balance[place.currency] = balance.get(place.currency, 0) + had.payable
    for now in named:
        by_key = {each.key: each for each in named}
        for change in changes(by_key, now.key, wanted, posted):
            posted.setdefault(change.place, {})[change.currency] = change.amount
            balance[change.currency] = balance.get(change.currency, 0) + change.amount
        assert not list(changes(by_key, now.key, wanted, posted))
    assert not unconverted(wanted, posted)
    left = {each: sum(one.payable for place, one in moved.items() if place.currency == each) for each in balance}
    for one in wanted.payments.values():
        assert abs(one.rounding) <= Fraction(1, 2)
        left[one.place.currency] -= one.amount
        left[one.currency] = left.get(one.currency, 0) + one.converted
    assert {each: value for each, value in balance.items() if value} == {
        each: value for each, value in left.items() if value
    }
    targets = {target for target, _ in told}
    if len(targets) == 1 and "" not in targets:
        assert {each for each, value in balance.items() if value} <= targets
