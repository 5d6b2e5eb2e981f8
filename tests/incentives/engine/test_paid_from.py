"""A payment pays the oldest earnings first; one of all that is payable leaves nothing of any plan, and no sum ever changes."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.paid_from import BEYOND, Payable, Source, paid_from

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
ENDS = {JULY: AUGUST, AUGUST: date(2026, 9, 1)}


def owed(number, plan, minor, month=JULY, other=""):
    return Payable(number, Source(month, f"{month:%Y-%m}", plan, "c" if plan else "", other), ENDS[month], minor, False)


def paid(number, minor, month=JULY):
    return Payable(number, Source(month, f"{month:%Y-%m}", "", "", "pay"), ENDS[month], -minor, True)


def left(*rows):
    """Give (month, plan or what else, minor) of what is left."""
    return [(one.earned_on.month, one.plan or one.other, minor) for one, minor in paid_from(rows).items()]


def test_a_payment_of_all_leaves_nothing_of_any_plan_although_something_was_owed_back():
    """100.00 of a, 30.00 owed back of b and 20.00 by hand are 90.00; without the payment each stands as it is."""
    rows = [owed(1, "a", 10_000), owed(2, "b", -3_000), owed(3, "", 2_000, other="adjust")]
    assert left(*rows) == [(7, "adjust", 2_000), (7, "a", 10_000), (7, "b", -3_000)]
    assert left(*rows, paid(4, 9_000)) == []
    assert left(*rows, paid(4, 9_000), owed(5, "a", -500)) == [(7, "a", -500)]


def test_a_part_pays_the_oldest_first_and_what_was_owed_back_of_it_pays_with_it():
    """Of 100.00 in July and 50.00 in August, less 30.00 owed back, 100.00 are paid: 130.00 pay July and 30.00 of August, 20.00 are left."""
    rows = [owed(1, "a", 10_000), owed(2, "b", 5_000, AUGUST), owed(3, "b", -3_000, AUGUST)]
    assert left(*rows, paid(4, 10_000, AUGUST)) == [(8, "b", 2_000)]
    assert left(owed(1, "a", 10_000), owed(2, "b", -3_000), paid(3, 6_000)) == [(7, "a", 1_000)]


def test_the_books_after_those_that_are_paid_stay_as_they_are():
    rows = [owed(1, "b", 5_000, AUGUST), owed(2, "a", 10_000), paid(3, 10_000)]
    assert left(*rows) == [(8, "b", 5_000)]


def test_what_was_paid_beyond_stands_apart_and_the_next_payment_is_less_by_it():
    rows = [owed(1, "a", 10_000), paid(2, 10_700)]
    assert left(*rows) == [(7, BEYOND, -700)]
    assert left(*rows, owed(3, "a", 2_000, AUGUST), paid(4, 1_300, AUGUST)) == []
    assert left(owed(1, "a", -500), paid(2, 100)) == [(7, BEYOND, -100), (7, "a", -500)]


AMOUNTS = st.integers(-500, 500).filter(bool)
ROWS = st.lists(st.tuples(st.sampled_from(("a", "b", "")), AMOUNTS, st.sampled_from((JULY, AUGUST)), st.booleans()))


@given(ROWS)
def test_no_sum_changes_and_the_order_of_rows_does_not_matter(drawn):
    rows = [
        paid(number, abs(minor), month) if is_paid else owed(number, plan, minor, month, "" if plan else "adjust")
        for number, (plan, minor, month, is_paid) in enumerate(drawn)
    ]
    assert sum(paid_from(rows).values()) == sum(row.minor for row in rows)
    assert paid_from(reversed(rows)) == paid_from(rows)
