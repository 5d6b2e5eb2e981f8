"""Plans measured and compared: exact values of a market of four accounts."""

import pytest

from planning.engine.comparing import World, measured

HALF = 5 * 10**7
LIVE = World(
    territories=("east", "west", "south"),
    cover={("west", "ann"): 2 * HALF, ("east", "bo"): 2 * HALF},
    places={"a": "west", "b": "west", "c": "east", "d": None},
    worth={"a": 60, "b": 20, "c": 20},
    quotas={"ann": 500, "bo": 500},
)


def test_the_live_plan_beside_itself_moves_nothing() -> None:
    """Given the live plan, then one territory and one account have nobody, both quotas are unfair, and nothing moves."""
    found = measured(LIVE, LIVE)
    assert (found.uncovered, found.over, found.accounts, found.unassigned, found.unowned) == (1, 0, 4, 1, 0)
    assert (found.moved, found.moved_value, found.quota, found.judged, found.unfair) == (0, 0.0, 1000, 2, 2)
    assert found.work.mean == 1.5 and found.value.largest_to_smallest == 4.0


def test_an_account_that_goes_to_other_hands_counts_with_its_worth() -> None:
    """Given b and the unowned d going east, then one account, a fifth of the value, moves; what nobody had does not."""
    moved = World(LIVE.territories, LIVE.cover, {**LIVE.places, "b": "east", "d": "east"}, LIVE.worth, LIVE.quotas)
    found = measured(moved, LIVE)
    assert (found.moved, found.moved_value, found.unassigned) == (1, pytest.approx(0.2), 0)
    assert found.value.largest_to_smallest == pytest.approx(1.5)


def test_shares_over_a_hundred_percent_and_lost_cover_are_counted() -> None:
    """Given a second full share in the west and none in the east, then two accounts are double and one has nobody."""
    cover = {("west", "ann"): 2 * HALF, ("west", "bo"): 2 * HALF}
    found = measured(World(LIVE.territories, cover, LIVE.places, LIVE.worth, LIVE.quotas), LIVE)
    assert (found.over, found.double, found.uncovered, found.unowned) == (1, 2, 2, 1)
    assert (found.moved, found.moved_value) == (3, pytest.approx(1.0))
    assert found.value.variation == 0.0 and found.unfair == 0
