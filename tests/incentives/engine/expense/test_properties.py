"""What holds of every cost, whatever its amounts and days."""

import random
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from incentives.engine.expense.allocating import Part, fitted, lumps_spread, shared_by_value
from incentives.engine.expense.amortising import Lines, Month, left, month
from incentives.engine.expense.policy import (
    Contract,
    Policy,
    is_commensurate,
    lost_on,
    month_first,
    months_between,
    span_of,
    treatment,
    unit_of,
    units,
)
from incentives.engine.expense.rolling import in_parts, roll
from incentives.engine.expense.words import Basis, Convention, EntryKind, Reason
from spm.core.money import INT64_MAX
from spm.core.periods import months_later

FEW, MANY = settings(max_examples=60, deadline=None), settings(max_examples=10_000, deadline=None)
AMOUNTS = some.integers(-(10**15), 10**15)
DAYS = some.dates(date(2020, 1, 1), date(2030, 12, 31))
ROWS = some.lists(
    some.tuples(some.integers(0, 10**15), some.integers(0, 400), some.integers(-3, 90), some.integers(0, 4)),
    min_size=1,
    max_size=12,
)
EVENTS = some.lists(some.tuples(some.integers(0, 40), some.integers(-(10**9), 10**10)), min_size=1, max_size=6)


def lines(rows: list[dict[str, int]]) -> Lines:
    names = ("cost", "carried", "base", "until", "close", "ahead", "lost", "recoverable")
    columns = {name: np.array([row[name] for row in rows], dtype=np.int64) for name in names}
    return Lines(**columns, is_lost=np.array([bool(row["is_lost"]) for row in rows]))


def one(**values: int) -> Month:
    row = {"base": 0, "until": 12, "close": 1, "ahead": 13, "lost": 0, "recoverable": INT64_MAX, "is_lost": 0}
    return month(lines([row | {"carried": values.get("cost", 0)} | values]))


def lived(events: list[tuple[int, int]], length: int, *, lost: int | None = None) -> list[tuple[int, Month]]:
    """A cost over its whole life and a year more: each month's additions, and what the month did."""
    cost = carried = 0
    found = []
    for place in range(max(length, 41) + 2):
        added = sum(amount for at, amount in events if at == place)
        cost, carried = cost + added, carried + added
        ended = lost is not None and place + 1 >= lost
        if ended and lost is not None and place + 1 > lost:
            cost = carried
        done = one(
            cost=cost, carried=carried, until=length, close=place + 1, ahead=place + 13, lost=lost or 0, is_lost=ended
        )
        found.append((added, done))
        carried = int(done.closing[0])
    return found


def rolls_forward(events: list[tuple[int, int]], length: int, lost: int | None) -> None:
    opening = 0
    opening_later = 0
    for added, done in lived(events, length, lost=lost):
        amortised, impaired, gone, closing = (
            int(each[0]) for each in (done.amortised, done.impaired, done.written_off, done.closing)
        )
        assert closing == opening + added - amortised - impaired - gone
        assert int(done.current[0]) + int(done.non_current[0]) == closing
        assert 0 <= int(done.non_current[0]) <= closing
        kind = EntryKind.ADDED if added > 0 else EntryKind.CLAWED_BACK
        whole = roll(opening, {kind: added, EntryKind.AMORTISED: -amortised, EntryKind.WRITTEN_OFF: -gone})
        forward = in_parts(whole, opening_non_current=opening_later, closing_non_current=int(done.non_current[0]))
        assert whole.closing == closing == forward.total.closing
        assert forward.current.closing == int(done.current[0])
        assert forward.non_current.closing == int(done.non_current[0])
        opening, opening_later = closing, int(done.non_current[0])


@FEW
@given(EVENTS, some.integers(1, 70), some.none() | some.integers(1, 70))
def test_closing_is_opening_and_what_moved(events, length, lost):
    rolls_forward(events, length, lost)


@pytest.mark.deep
@MANY
@given(EVENTS, some.integers(1, 70), some.none() | some.integers(1, 70))
def test_closing_is_opening_and_what_moved_in_full(events, length, lost):
    rolls_forward(events, length, lost)


@FEW
@given(EVENTS, some.integers(1, 70), some.none() | some.integers(1, 70))
def test_what_is_expensed_over_life_is_what_was_capitalised(events, length, lost):
    months = lived(events, length, lost=lost)
    expensed = sum(int((each.amortised + each.impaired + each.written_off)[0]) for _, each in months)
    assert expensed == sum(amount for _, amount in events)
    assert int(months[-1][1].closing[0]) == 0


@FEW
@given(some.integers(1, 10**15), some.integers(1, 400), some.integers(-5, 500))
def test_what_is_left_is_the_exact_part_rounded_once(cost, length, place):
    got = int(left(np.array([cost]), np.array([0]), np.array([length]), np.array([place]))[0])
    exact = Fraction(cost * min(length, max(0, length - max(place, 0))), length)
    assert abs(got - exact) <= Fraction(1, 2)


@FEW
@given(ROWS, some.randoms(use_true_random=False))
def test_the_order_of_costs_does_not_matter(rows, dice):
    given_rows = [
        {
            "cost": cost,
            "carried": cost,
            "base": 0,
            "until": length,
            "close": place,
            "ahead": place + 12,
            "lost": place // 2,
            "recoverable": cost // 3 if how == 1 else INT64_MAX,
            "is_lost": int(how == 2),
        }
        for cost, length, place, how in rows
    ]
    order = list(range(len(rows)))
    dice.shuffle(order)
    straight, mixed = month(lines(given_rows)), month(lines([given_rows[each] for each in order]))
    for name in ("amortised", "impaired", "written_off", "closing", "current"):
        assert [getattr(mixed, name)[order.index(row)] for row in range(len(rows))] == getattr(straight, name).tolist()


PARTS = some.lists(
    some.tuples(some.sampled_from("ab"), some.integers(0, 2), AMOUNTS, some.sampled_from("xyz")), max_size=8
)


@FEW
@given(some.dictionaries(some.sampled_from("abc"), AMOUNTS), PARTS, some.integers(0, 99))
def test_parts_sum_to_what_was_posted_in_any_order(posted, parts, seed):
    totals = {(key, "plan", "commission", "USD"): total for key, total in posted.items()}
    named = {(who, at, deal): amount for who, at, amount, deal in parts}
    made = [Part((who, "plan", "commission", "USD"), at, amount, deal) for (who, at, deal), amount in named.items()]
    found = fitted(totals, made, month=5)
    for group, total in totals.items():
        assert sum(part.amount for part in found if part.group == group) == total
    random.Random(seed).shuffle(made)
    assert fitted(totals, made, month=5) == found


@FEW
@given(AMOUNTS, some.lists(some.integers(-(10**9), 10**9), min_size=1, max_size=6))
def test_lumps_and_shares_sum_to_the_whole(amount, weights):
    deals = [Part(("a", "plan", "commission", "USD"), 1, each, f"d{at}") for at, each in enumerate(weights)]
    lump = Part(("a", "plan", "bonus", "USD"), 1, amount)
    found = lumps_spread([*deals, lump], [("plan", "bonus")])
    assert sum(part.amount for part in found if part.group[2] == "bonus") == amount
    assert (any(weights) or not amount) == all(part.deal for part in found if part.group[2] == "bonus" and part.amount)
    assert sum(shared_by_value(amount, {str(at): each for at, each in enumerate(weights)}).values()) == amount


@FEW
@given(DAYS, some.integers(1, 120), some.sampled_from(Convention))
def test_a_line_begins_with_its_start_and_ends_with_its_end(start, months, convention):
    until = months_later(start, months)
    assert months_between(start, until) == months
    span = span_of(Contract(start, until), Policy(convention=convention))
    base, end = units(span, start, convention)
    assert end - base == (months if convention == Convention.MONTHS else (until - start).days)
    last = month_first(start.year * 12 + start.month - 1 + months + 1)
    cost, ends = np.array([10**9 + 7]), np.array([end])
    assert left(cost, np.array([base]), ends, np.array([unit_of(last, convention)])).tolist() == [0]


def test_the_straight_line_by_days():
    # 365.00 from 15 January for a year: 17 of 365 days are expensed in January.
    span = span_of(Contract(date(2026, 1, 15), date(2027, 1, 15)), Policy())
    base, until = units(span, span.start, Convention.DAYS)
    place = unit_of(date(2026, 2, 1), Convention.DAYS)
    assert left(np.array([36_500]), np.array([base]), np.array([until]), np.array([place])).tolist() == [34_800]


def test_a_clawback_gives_back_what_was_expensed_of_it():
    done = one(cost=600, carried=600 - 500, close=6, ahead=18)
    assert (done.amortised.tolist(), done.closing.tolist()) == ([-200], [300])
    done = one(cost=-100, carried=-600, close=6, ahead=18)
    assert (done.amortised.tolist(), done.closing.tolist()) == ([-600], [0])


def test_a_lost_contract_is_expensed_until_then_and_the_rest_written_off():
    done = one(cost=1200, carried=700, close=6, ahead=18, lost=6, is_lost=1)
    assert [each.tolist() for each in (done.amortised, done.written_off, done.closing)] == [[100], [600], [0]]


def test_what_cannot_be_recovered_is_impaired():
    done = one(cost=1200, carried=700, close=6, ahead=18, recoverable=250)
    assert [each.tolist() for each in (done.amortised, done.impaired, done.closing)] == [[100], [350], [250]]
    assert one(cost=1200, carried=700, close=6, ahead=18, recoverable=-5).closing.tolist() == [0]


def test_the_current_part_is_what_a_year_expenses():
    done = one(cost=3600, until=36, close=1, ahead=13)
    assert (done.current.tolist(), done.non_current.tolist()) == ([1200], [2300])
    # A contract that begins in half a year is expensed for half a year of the next twelve months.
    done = one(cost=3600, base=7, until=43, close=1, ahead=13)
    assert (done.amortised.tolist(), done.current.tolist()) == ([0], [600])


@pytest.mark.parametrize(
    ("ends", "policy", "months"),
    [
        (date(2027, 1, 1), Policy(), 12),
        (date(2027, 1, 1), Policy(basis=Basis.BENEFIT), 60),
        (date(2033, 1, 1), Policy(basis=Basis.BENEFIT), 84),
        (date(2027, 1, 1), Policy(basis=Basis.COMMENSURATE, new_rate=5, renewal_rate=5), 12),
        (date(2027, 1, 1), Policy(basis=Basis.COMMENSURATE, new_rate=6, renewal_rate=2), 60),
        (None, Policy(), 60),
    ],
)
def test_over_which_months_a_cost_is_expensed(ends, policy, months):
    span = span_of(Contract(date(2026, 1, 1), ends), policy)
    assert months_between(span.start, span.until) == months


def test_a_renewal_is_expensed_over_its_own_term():
    contract = Contract(date(2026, 1, 1), date(2027, 1, 1), is_renewal=True)
    assert span_of(contract, Policy(basis=Basis.BENEFIT)).until == date(2027, 1, 1)


def test_commensurate_compares_the_rates_exactly():
    assert is_commensurate((333_333, 10**7), (333_333, 10**7))
    assert not is_commensurate((333_334, 10**7), (333_333, 10**7))
    assert not is_commensurate((0, 0), (0, 0))


def test_the_expedient_reaches_twelve_months_and_no_day_more():
    policy = Policy(uses_expedient=True)
    year, longer = Contract(date(2024, 2, 29), date(2025, 2, 28)), Contract(date(2026, 1, 1), date(2027, 1, 2))
    assert (treatment(year, policy), treatment(longer, policy)) == (Reason.EXPEDIENT, Reason.CAPITALISED)
    assert treatment(year, Policy()) == Reason.CAPITALISED
    assert treatment(year, Policy(uses_expedient=True, basis=Basis.BENEFIT)) == Reason.CAPITALISED
    assert treatment(None, Policy()) == Reason.NO_CONTRACT
    assert treatment(year, Policy(capitalises=False)) == Reason.NOT_CAPITALISED


def test_when_a_contract_is_lost():
    asked = {"is_renewed": False, "policy": Policy(lapse_months=2), "close": date(2026, 11, 1)}
    assert lost_on(date(2026, 10, 15), date(2027, 1, 1), **asked) == date(2026, 10, 15)
    assert lost_on(date(2026, 9, 1), date(2026, 9, 1), **asked) == date(2026, 9, 1)
    assert lost_on(date(2026, 9, 2), date(2026, 9, 2), **asked) is None
    assert lost_on(date(2026, 12, 1), date(2027, 1, 1), **asked) is None
    assert lost_on(date(2026, 9, 1), date(2026, 9, 1), **asked | {"is_renewed": True}) is None
    assert lost_on(date(2026, 9, 1), date(2026, 9, 1), **asked | {"policy": Policy()}) is None
