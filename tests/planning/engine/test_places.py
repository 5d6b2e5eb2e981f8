"""Places of accounts, and what moving them on a map makes of rules."""

from typing import Any

import pandas as pd

from planning.engine.places import STATES, Drafted, Level, Spelt, atlas_key, unit_of, units_moved
from planning.engine.rules import NUMBERS, TEXTS, Condition, Rule, Test, route

US = frozenset({"US", "United States"})
CA = Spelt(US, frozenset({"CA", "California"}))
NV = Spelt(US, frozenset({"NV", "Nevada"}))
REST = Drafted("rest", "All others", "rest", ())


def winners(rules: list[Drafted], *places: tuple[str, str]) -> list[str | None]:
    """The territory of accounts that lie in these countries and regions."""
    frame = pd.DataFrame({"account_key": [str(n) for n, _ in enumerate(places)]})
    for name in TEXTS:
        frame[name] = ""
    for name in NUMBERS:
        frame[name] = pd.array([pd.NA] * len(places), dtype="Int64")
    frame["country"], frame["region"] = [each[0] for each in places], [each[1] for each in places]
    typed = [
        Rule(str(n), each.name, each.territory, tuple(_condition(one) for one in each.conditions))
        for n, each in enumerate(rules)
    ]
    return route(frame, typed, {}).territories(typed, {}, frame["account_key"].tolist())


def _condition(one: Any) -> Condition:
    return Condition(one["field"], Test(one["test"]), tuple(one["values"]))


def test_a_moved_unit_wins_over_every_rule_and_its_neighbours_stay() -> None:
    """Given a rule for all, when California moves west, then both its spellings are west and Nevada stays."""
    new, kept = units_moved([REST], {"CA": CA}, "west", "Map: West")
    places = (("US", "CA"), ("united states", "California"), ("US", "NV"), ("MX", "CA"))
    assert winners([*new, *kept], *places) == ["west", "west", "rest", "rest"]


def test_a_unit_that_moves_again_leaves_the_rule_of_before() -> None:
    """Given California and Nevada west, when both move east one by one, then each stands in one rule, and no empty rule is left."""
    new, kept = units_moved([REST], {"CA": CA, "NV": NV}, "west", "Map: West")
    new, kept = units_moved([*new, *kept], {"CA": CA}, "east", "Map: East")
    assert [(each.name, each.conditions[-1]["values"]) for each in (*new, *kept) if each.conditions] == [
        ("Map: East", ["CA", "California"]),
        ("Map: West", ["NV", "Nevada"]),
    ]
    new, kept = units_moved([*new, *kept], {"NV": NV}, "east", "Map: East")
    assert not new and [each.name for each in kept] == ["Map: East", "All others"]
    assert kept[0].conditions[-1]["values"] == ["CA", "California", "NV", "Nevada"]


def test_a_rule_below_a_rule_of_another_kind_is_left_alone() -> None:
    """Given a rule by size before one for California, when California moves, then the lower one keeps its text: somebody wrote it."""
    size = Drafted("size", "Large", "large", ({"field": "employees", "test": "AT_LEAST", "number": 5},))
    by_hand = Drafted("ca", "Coast", "west", ({"field": "region", "test": "IS", "values": ["CA"]},))
    new, kept = units_moved([size, by_hand], {"CA": CA}, "east", "Map: East")
    assert kept == [size, by_hand] and len(new) == 1


def test_counties_of_two_states_make_a_rule_for_each_state() -> None:
    """Given counties of two states, then each state has its rule, and a name that both states have is not confused."""
    orange = frozenset({"orange"})
    units = {"CA:orange": Spelt(US, CA.regions, orange), "FL:orange": Spelt(US, frozenset({"FL"}), orange)}
    new, _ = units_moved([], units, "west", "Map: West")
    assert sorted(each.conditions[1]["values"] for each in new) == [["CA", "California"], ["FL"]]


def test_moving_a_state_takes_its_counties_along() -> None:
    """Given a county apart from its state, when the state moves to where another state is already, then it stands above the county."""
    county = Spelt(US, CA.regions, frozenset({"orange"}))
    new, kept = units_moved([REST], {"NV": NV}, "east", "Map: East")
    new, kept = units_moved([*new, *kept], {"CA:orange": county}, "west", "Map: West")
    new, kept = units_moved([*new, *kept], {"CA": CA}, "east", "Map: East")
    assert winners([*new, *kept], ("US", "CA"), ("US", "NV")) == ["east", "east"] and new[0].territory == "east"


def test_a_place_that_can_not_be_told_has_no_unit() -> None:
    """Given accounts without country, state or county, then they lie in no unit of that map."""
    asked = (("", "CA", ""), ("US", "", ""), ("US", "Baja", ""), ("CA", "ON", ""))
    assert [unit_of(Level.STATE, *each) for each in asked] == ["", "", "", ""]
    assert unit_of(Level.COUNTY, "US", "CA", "") == "" and unit_of(Level.COUNTRY, "", "CA", "") == ""
    assert len(STATES) == 51 and atlas_key(Level.STATE, unit_of(Level.STATE, "US", "ny", "")) == "36"
