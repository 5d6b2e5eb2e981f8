"""What changed the pipeline: each deal in one class, and the classes sum to the difference, whatever happened."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.engine.pipeline_changes import Change, State, Window, movement

Q4 = Window(date(2026, 10, 1), date(2027, 1, 1))
OPEN = State("open", 1000, date(2026, 11, 15), "commit")
LATER = date(2027, 1, 1)

STORIES = {
    "new": (None, OPEN, Change.NEW, 1000),
    "opened again": (replace(OPEN, status="lost"), OPEN, Change.REOPENED, 1000),
    "pulled in": (replace(OPEN, close_on=LATER), OPEN, Change.PULLED_IN, 1000),
    "taken over": (replace(OPEN, within_reach=False), OPEN, Change.ARRIVED, 1000),
    "up": (OPEN, replace(OPEN, amount_minor=1200), Change.UP, 200),
    "an amount at last": (replace(OPEN, amount_minor=None), OPEN, Change.UP, 1000),
    "down and another category": (OPEN, replace(OPEN, amount_minor=700, category="best"), Change.DOWN, -300),
    "another category": (OPEN, replace(OPEN, category="best"), Change.CATEGORY, 0),
    "slipped": (OPEN, replace(OPEN, close_on=LATER, amount_minor=5000), Change.SLIPPED, -1000),
    "no close date any more": (OPEN, replace(OPEN, close_on=None), Change.SLIPPED, -1000),
    "handed over": (OPEN, replace(OPEN, within_reach=False), Change.LEFT, -1000),
    "won for less": (OPEN, replace(OPEN, status="won", amount_minor=900), Change.WON, -1000),
    "lost": (OPEN, replace(OPEN, status="lost"), Change.LOST, -1000),
    "withdrawn": (OPEN, None, Change.WITHDRAWN, -1000),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_deal_stands_in_one_class(story: str) -> None:
    before, after, change, by = STORIES[story]
    found = movement({"d": before} if before else {}, {"d": after} if after else {}, Q4)
    assert [(one.change, one.by_minor) for one in found.moved] == [(change, by)]
    assert found.by_change == {change: (1, by)}


def test_what_stays_as_it_was_or_never_counted_is_no_change() -> None:
    outside = replace(OPEN, close_on=LATER)
    found = movement(
        {"a": OPEN, "b": outside, "c": replace(OPEN, status="won")},
        {"a": OPEN, "b": replace(outside, amount_minor=9), "c": replace(OPEN, status="lost")},
        Q4,
    )
    assert found.moved == ()
    assert (found.opening_minor, found.opening_deals, found.closing_minor, found.closing_deals) == (1000, 1, 1000, 1)


def test_a_period_ends_before_its_last_day_and_everything_counts_without_one() -> None:
    assert Q4.holds(date(2026, 12, 31)) and not Q4.holds(LATER) and not Q4.holds(None)
    assert Window().holds(None) and Window().holds(LATER)


states = st.none() | st.builds(
    State,
    st.sampled_from(["open", "open", "won", "lost"]),
    st.none() | st.integers(-5, 1000),
    st.sampled_from([None, date(2026, 9, 30), date(2026, 10, 1), LATER]),
    st.sampled_from(["", "commit"]),
    st.booleans(),
)


@given(st.lists(st.tuples(states, states), max_size=8), st.sampled_from([Q4, Window(), Window(date(2026, 10, 1))]))
@settings(max_examples=50)
def test_the_classes_sum_to_the_difference(deals: list[tuple[State | None, State | None]], window: Window) -> None:
    before = {str(place): one for place, (one, _) in enumerate(deals) if one}
    after = {str(place): one for place, (_, one) in enumerate(deals) if one}
    found = movement(before, after, window)
    assert found.opening_minor + sum(by for _, by in found.by_change.values()) == found.closing_minor
    assert len({one.deal for one in found.moved}) == len(found.moved)
    back = movement(after, before, window)
    assert back.opening_minor == found.closing_minor
    assert sum(one.by_minor for one in back.moved) == -sum(one.by_minor for one in found.moved)
