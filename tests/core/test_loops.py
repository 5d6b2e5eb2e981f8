"""Loops in who stands above whom."""

from spm.core.loops import from_smallest, loop_find


def test_a_loop_is_found_whoever_leads_into_it_and_is_said_from_its_smallest_key() -> None:
    """Given a chain that ends in a loop, one that ends at a top, and one that stands above itself, then the loop alone is said."""
    assert loop_find({}) == [] and loop_find({"a": "b", "b": "c"}) == []
    assert loop_find({"a": "d", "d": "c", "c": "b", "b": "d"}) == ["b", "d", "c"]
    assert loop_find({"z": "z"}) == ["z"]
    assert loop_find({"a": "top", "b": "top", "y": "x", "x": "y"}) == ["x", "y"]


def test_of_several_loops_the_first_is_said_and_a_long_chain_takes_no_depth() -> None:
    """Given two loops, then that of the smallest start is said; a chain of 50,000 ends without one."""
    assert loop_find({"m": "n", "n": "m", "b": "c", "c": "b"}) == ["b", "c"]
    assert loop_find({f"{n:06}": f"{n + 1:06}" for n in range(50_000)}) == []
    assert from_smallest(("c", "a", "b")) == ["a", "b", "c"]
