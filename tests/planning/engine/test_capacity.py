"""Capacity: what heads carry month by month, how many a gap takes, and a simulation around it."""

import numpy as np
import pytest

from planning.engine.capacity import Group, Role, capacity, hires_by_start, required_heads, simulate
from planning.engine.staffing import Team, Tweak, effects, tried, tweaked

AE = Role("AE", (100,) * 12, ramp=(0.0, 0.25, 0.5), attainment=0.9, availability=0.95)


def test_a_head_ramps_from_the_month_it_starts() -> None:
    """Given one head from April, then it carries 0, 25 and 50 % in its first three months and full from July."""
    found = capacity([AE], [Group("AE", 1, start=3)], 12)[0]
    assert found == pytest.approx(np.array([0, 0, 0, 0, 0.25, 0.5, 1, 1, 1, 1, 1, 1]) * 100 * 0.9 * 0.95)


def test_who_is_in_role_already_goes_on_where_they_are() -> None:
    """Given a head two months in role when the plan begins, then it carries 50 % in the first month."""
    assert capacity([AE], [Group("AE", 1, months_before=2)], 12)[0][0] == pytest.approx(50 * 0.9 * 0.95)


def test_attrition_takes_a_share_of_what_is_left_each_month() -> None:
    """Given a chance of 2 % a month to leave, then the third month carries 0.98 squared."""
    leaves = Role("AE", (100,) * 3, attrition=0.02)
    assert capacity([leaves], [Group("AE", 1)], 3)[0] == pytest.approx([100, 98, 96.04])


def test_waiting_costs_heads_until_none_can_close_the_gap() -> None:
    """Given a gap, then later starts take more heads, and a start in the last month can't close it: a head carries nothing by then."""
    found = hires_by_start(AE, 5_000, 12)
    assert found[-1] is None and found[0] == required_heads(AE, 5_000, 0, 12)
    known = [each for each in found if each is not None]
    assert known == sorted(known)


def test_the_simulation_lies_around_the_expectation_and_is_the_same_each_time() -> None:
    """Given attrition and spread, then the mean of trials is near to the expected value and the seed makes it repeatable."""
    role = Role("AE", (100,) * 12, attainment=0.9, attrition=0.03)
    groups = [Group("AE", 20)]
    expected = float(capacity([role], groups, 12).sum())
    found, again = (
        simulate([role], groups, 12, deviations={"AE": 0.4}, dice=np.random.default_rng(1), target=expected)
        for _ in range(2)
    )
    assert found == again
    assert found.mean == pytest.approx(expected, rel=0.02) and found.p10 < found.p50 < found.p90
    assert found.reached == pytest.approx(0.5, abs=0.1)


def test_a_role_that_is_not_there_is_named() -> None:
    """Given heads of an unknown role, then the refusal names it."""
    with pytest.raises(ValueError, match="SDR"):
        capacity([AE], [Group("SDR", 1)], 12)


def test_who_is_known_to_leave_carries_nothing_from_that_month() -> None:
    """Given a head who leaves in the third month, then two months are carried, for certain and in every trial."""
    role = Role("AE", (100,) * 4)
    assert capacity([role], [Group("AE", 1, until=2)], 4)[0].tolist() == [100, 100, 0, 0]
    found = simulate([role], [Group("AE", 3, until=2)], 4, deviations={}, dice=np.random.default_rng(1), trials=5)
    assert (found.p10, found.p90, found.low) == (600, 600, (300, 300, 0, 0))


def test_each_factor_alone_moves_the_range_the_way_it_should() -> None:
    """Given a team with a hire, then more quota and attainment carry more; more attrition, a longer ramp and later hires carry less."""
    role = Role("AE", (100,) * 12, ramp=(0.0, 0.5), attainment=0.9, attrition=0.03, availability=0.9)
    team = Team((role,), (Group("AE", 20, months_before=2),), (Group("AE", 5, start=3),), {"AE": 0.3})
    found = effects(team, lambda: np.random.default_rng(7))
    middle = tried(team, np.random.default_rng(7)).p50
    less = {effect.factor: effect.less.p50 < middle < effect.more.p50 for effect in found}
    assert less == {
        "quota": True,
        "attainment": True,
        "attrition": False,
        "availability": True,
        "ramp_months": False,
        "hire_months": False,
    }
    assert tweaked(team, Tweak(ramp_months=-1)).roles[0].ramp == (0.5,)
