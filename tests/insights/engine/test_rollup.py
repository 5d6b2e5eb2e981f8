"""Roll-up: by hand, and generated hierarchies in which the parts sum to the whole at every level."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.engine.rollup import NOBODY, SUREST_FIRST, called, category_of, from_below, roll_up, shown

ABOVE = {"boss": None, "mara": "boss", "rex": "mara", "ria": "mara", "rob": "boss"}
OWN = {
    "mara": {"CLOSED": 1},
    "rex": {"CLOSED": 10, "COMMIT": 20, "BEST": 30, "PIPELINE": 40},
    "ria": {"COMMIT": 5},
    "rob": {"BEST": 7},
    "gone": {"CLOSED": 3},
}


def test_a_team_is_its_manager_and_everybody_below() -> None:
    tree = roll_up(OWN, ABOVE, {})
    assert [(one.person, one.depth) for one in tree.nodes.values()] == [
        ("boss", 0), ("mara", 1), ("rex", 2), ("ria", 2), ("rob", 1), (NOBODY, 0),
    ]  # fmt: skip
    assert tree.nodes["mara"].team == {"CLOSED": 11, "COMMIT": 25, "BEST": 30, "PIPELINE": 40}
    assert tree.nodes["mara"].own["CLOSED"] == 1
    assert tree.whole == {"CLOSED": 14, "COMMIT": 25, "BEST": 37, "PIPELINE": 40}
    assert tree.tops == ("boss", NOBODY)


def test_single_and_cumulative() -> None:
    amounts = {"CLOSED": 1, "COMMIT": 2, "PIPELINE": 8}
    assert shown(amounts, cumulative=False) == {"CLOSED": 1, "COMMIT": 2, "BEST": 0, "PIPELINE": 8}
    assert shown(amounts, cumulative=True) == {"CLOSED": 1, "COMMIT": 3, "BEST": 3, "PIPELINE": 11}


@pytest.mark.parametrize(
    ("status", "category", "stage", "expected"),
    [
        ("won", "Omitted", "x", "CLOSED"),
        ("lost", "Commit", "x", "OMITTED"),
        ("open", " Commit ", "Negotiation", "COMMIT"),
        ("open", "", "Negotiation", "BEST"),
        ("open", "unheard of", "Negotiation", "BEST"),
        ("open", "", "", "PIPELINE"),
    ],
)
def test_the_category_of_a_deal(status: str, category: str, stage: str, expected: str) -> None:
    assert category_of(status, category, stage, {"commit": "COMMIT", "negotiation": "BEST"}) == expected


def test_numbers_from_below_pass_over_who_gave_none() -> None:
    tree = roll_up(OWN, ABOVE, {})
    assert from_below(tree, {"rex": 50, "ria": 5, "rob": 9})["boss"] == (64, 2)
    assert from_below(tree, {"rex": 50, "mara": 40})["boss"] == (40, 1)
    assert called(tree, {"rex": 50}) == (50, 1)
    assert called(tree, {}) == (0, 0)


def test_a_circle_has_a_top() -> None:
    tree = roll_up({"a": {"CLOSED": 1}, "b": {"CLOSED": 2}}, {"a": "b", "b": "a", "c": "c"}, {})
    assert tree.tops == ("a", "c") and tree.whole["CLOSED"] == 3


PEOPLE = [f"p{number}" for number in range(8)]


@settings(max_examples=25, deadline=None)
@given(
    above=st.dictionaries(st.sampled_from(PEOPLE), st.none() | st.sampled_from(PEOPLE)),
    own=st.dictionaries(
        st.sampled_from(PEOPLE), st.dictionaries(st.sampled_from(SUREST_FIRST), st.integers(0, 10**12))
    ),
)
def test_parts_sum_to_the_whole_at_every_level(above: dict[str, str | None], own: dict[str, dict[str, int]]) -> None:
    tree = roll_up(own, above, {})
    for name in SUREST_FIRST:
        assert sum(each.get(name, 0) for each in own.values()) == tree.whole[name]
        assert sum(tree.nodes[top].team[name] for top in tree.tops) == tree.whole[name]
        for node in tree.nodes.values():
            assert node.team[name] == node.own[name] + sum(tree.nodes[one].team[name] for one in node.below)
    assert set(above) <= set(tree.nodes)
