"""Ways to the middle of a territory, and what they cost in a balance."""

import numpy as np
import pytest

from planning.engine.balancing import NOBODY
from planning.engine.proposing import Patch, Weights, propose
from planning.engine.travelling import costs, middles, travel, ways
from tests.planning.engine.test_proposing import frame

BERLIN, HAMBURG, MUNICH, LOST = (52.52, 13.405), (53.55, 9.99), (48.14, 11.58), (np.nan, np.nan)


def test_ways_are_great_circles() -> None:
    """Given towns, then ways are those of an atlas to a kilometre, the same both ways, and a quarter of the earth to the pole."""
    towns = np.array([BERLIN, HAMBURG, MUNICH])
    found = ways(towns, towns)
    assert found[0, 1] == pytest.approx(255, abs=1) and found[0, 2] == pytest.approx(504, abs=1)
    assert np.allclose(found, found.T) and np.allclose(np.diag(found), 0)
    assert ways(np.array([[0.0, 5.0]]), np.array([[90.0, 0.0]]))[0, 0] == pytest.approx(10_007.5, abs=1)


def test_what_has_no_place_is_counted_and_in_no_mean() -> None:
    """Given two known accounts of one patch and an unknown one, then the mean is of the two, and a patch without places has no middle."""
    places, chosen = np.array([BERLIN, HAMBURG, LOST, MUNICH]), np.array([0, 0, 0, NOBODY])
    found = travel(places, chosen, 2)
    assert found.unknown == 1 and found.mean_km == pytest.approx(255 / 2, abs=1)
    assert np.isnan(middles(places, chosen, 2)[1]).all()
    assert travel(np.array([LOST]), np.array([0]), 1).mean_km is None
    cost = costs(places, chosen, 2)
    assert not np.isnan(cost).any() and cost[2].tolist() == [0, 0] and np.allclose(cost[:, 0], cost[:, 1])


def test_a_balance_gives_accounts_to_the_territory_that_is_near() -> None:
    """Given the north full and the south empty but for one, when travel costs, then of equal accounts the southern one moves."""
    accounts = frame((10, 0), (10, 0), (10, 0), (10, 1))
    places = np.array([HAMBURG, MUNICH, BERLIN, (48.4, 11.8)])
    accounts["latitude"], accounts["longitude"] = places[:, 0], places[:, 1]
    patches = [Patch("North", 1.0), Patch("South", 1.0)]
    weights = Weights(workload=0, potential=0, sales=1, travel=2)
    found = propose(accounts, patches, weights, 0.0)
    assert found.patches.tolist() == [0, 1, 0, 1]
    before, after = (travel(places, each, 2).mean_km for each in (accounts["patch"].to_numpy(), found.patches))
    assert before is not None and after is not None and after < before / 2


def test_travel_that_can_not_be_told_is_said() -> None:
    """Given no place at all, when travel is to cost, then a finding says that it costs nothing."""
    accounts = frame((10, 0), (10, 0))
    accounts["latitude"] = accounts["longitude"] = None
    found = propose(accounts, [Patch("North", 1.0), Patch("South", 1.0)], Weights(travel=1), 0.0)
    assert "TRAVEL_UNKNOWN" in [each.code for each in found.findings]
