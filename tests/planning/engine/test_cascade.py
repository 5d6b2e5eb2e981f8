"""Quotas handed down: parts sum to the whole, manual values stand, guardrails hold, and what can't be shared is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.engine.cascade import Kept, Node, by_period, cascade, over_assignment, share


def values(found: object) -> dict[str, int]:
    """The parts by key."""
    return {key: part.value for key, part in found.parts.items()}  # type: ignore[attr-defined]


def test_a_manual_value_stands_and_the_others_share_the_rest() -> None:
    """Given three sellers of weight 1, 2 and 1, one set by hand, then the other two share what it leaves by weight."""
    found = cascade(1000, [Node("ann", weight=1), Node("bo", weight=2), Node("cy", weight=1, manual=400)])
    assert values(found) == {"ann": 200, "bo": 400, "cy": 400}
    assert found.parts["cy"].kept == Kept.MANUAL


def test_padding_is_carried_by_the_level_below_only() -> None:
    """Given a manager padded by 10 %, then the team carries 1,100 of the manager's 1,000."""
    found = cascade(1000, [Node("lead", padding_rate=10**7), Node("ann", "lead", 1), Node("bo", "lead", 1)])
    assert values(found) == {"lead": 1000, "ann": 550, "bo": 550}
    assert over_assignment([550, 550], 1000) == pytest.approx(0.1)


def test_guardrails_bound_a_part_and_the_free_ones_take_the_rest() -> None:
    """Given a part bound from above and one from below, then the third takes what both leave."""
    found = cascade(100, [Node("a", weight=8, most=50), Node("b", weight=1, least=40), Node("c", weight=1)])
    assert values(found) == {"a": 50, "b": 40, "c": 10}
    assert [found.parts[key].kept for key in "abc"] == [Kept.MOST, Kept.LEAST, Kept.SHARED]


def test_what_can_not_be_shared_is_said_with_its_amount() -> None:
    """Given manual values above the target, or bounds below it, then a finding names the parent and the amount."""
    over = cascade(100, [Node("a", manual=80), Node("b", manual=40)])
    under = cascade(100, [Node("a", most=30), Node("b", most=30)])
    assert [each.keys["missing"] for each in over.findings] == [-20]
    assert [each.keys["missing"] for each in under.findings] == [40]


def test_manual_values_above_the_whole_leave_nothing_below_zero() -> None:
    """Given manual values above the target and a free one, then the free one gets its least and the excess is said."""
    found = cascade(100, [Node("a", manual=150), Node("b", weight=1)])
    assert values(found) == {"a": 150, "b": 0} and found.findings[0].keys["missing"] == -50


@pytest.mark.parametrize(
    ("nodes", "says"),
    [
        ([Node("a"), Node("a")], "twice"),
        ([Node("a", "x")], "not in the tree"),
        ([Node("a", "b"), Node("b", "a")], "loop"),
        ([Node("a", least=5, most=4)], "above its most"),
    ],
)
def test_a_tree_that_is_none_is_refused(nodes: list[Node], says: str) -> None:
    """Given a broken tree, then the refusal names the node and what is wrong."""
    with pytest.raises(ValueError, match=says):
        cascade(100, nodes)


def test_what_a_bound_leaves_goes_to_those_without_weight_evenly() -> None:
    """Given one weight that is bound and two without any, then these two share what it leaves."""
    found = cascade(100, [Node("a", weight=5, most=40), Node("b"), Node("c")])
    assert values(found) == {"a": 40, "b": 30, "c": 30}


NODE = st.tuples(
    st.integers(0, 50), st.none() | st.integers(0, 300), st.integers(0, 100), st.none() | st.integers(0, 400)
)


@given(st.integers(0, 1000), st.lists(NODE, min_size=1, max_size=8))
def test_parts_and_what_is_left_always_sum_to_the_whole(
    total: int, rows: list[tuple[int, int | None, int, int | None]]
) -> None:
    """Given any siblings, then parts and the rest sum to the whole, bounds hold, and a rest is left only where nobody can take it."""
    nodes = [
        Node(f"{number}", None, weight, manual, least, None if most is None else most + least)
        for number, (weight, manual, least, most) in enumerate(rows)
    ]
    parts, rest = share(total, nodes)
    assert sum(part.value for part in parts) + rest == total
    for node, part in zip(nodes, parts, strict=True):
        if node.manual is not None:
            assert part.value == node.manual
        else:
            assert node.least <= part.value <= (part.value if node.most is None else node.most)
    if rest > 0:
        assert all(
            part.kept != Kept.SHARED and (node.manual is not None or part.value == node.most)
            for node, part in zip(nodes, parts, strict=True)
        )
    if rest < 0:
        assert all(node.manual is not None or part.value == node.least for node, part in zip(nodes, parts, strict=True))


@given(st.integers(0, 10**12), st.lists(st.integers(0, 100), min_size=1, max_size=12).filter(any))
def test_periods_sum_to_the_year(value: int, weights: list[int]) -> None:
    """Given any value and seasonality, then the periods sum to it."""
    assert sum(by_period(value, weights)) == value
