"""Territory rules: the first one wins, names go before, and rules that do nothing are said."""

from dataclasses import replace

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from planning.engine.rules import NUMBERS, TEXTS, Condition, Rule, Test, differing, meeting, route, rules_of


def accounts(*rows: dict[str, object]) -> pd.DataFrame:
    """Accounts a0, a1, … with the given fields, all others empty."""
    frame = pd.DataFrame([{"account_key": f"a{number}", **row} for number, row in enumerate(rows)])
    for name in TEXTS:
        frame[name] = frame.get(name)
    for name in NUMBERS:
        frame[name] = pd.array(frame[name] if name in frame else [None] * len(frame), dtype="Int64")
    return frame


US = Rule("us", "United States", "west", (Condition("country", Test.IS, ("US",)),))
WEST = Rule("ca", "California", "west", (*US.conditions, Condition("postal_code", Test.STARTS, ("90", "94"))))
LARGE = Rule("large", "Large", "named", (Condition("employees", Test.AT_LEAST, number=1000),))
REST = Rule("rest", "All others", "inside")


def test_the_first_rule_that_matches_wins_and_the_others_are_told() -> None:
    """Given a large account of California, then the rule above wins and both others lose, in order."""
    frame = accounts({"country": "us", "postal_code": "94105", "employees": 5000}, {"country": "US"}, {"country": "FR"})
    rules = [LARGE, WEST, US, REST]
    found = route(frame, rules, {})
    assert found.territories(rules, {}, frame["account_key"].tolist()) == ["named", "west", "inside"]
    assert rules_of(frame.iloc[:1], rules) == [0, 1, 2, 3]
    assert (found.matched, found.won) == ((1, 1, 2, 3), (1, 0, 1, 1))


def test_a_named_account_goes_before_every_rule() -> None:
    """Given an account named apart, then no rule wins it."""
    frame, rules = accounts({"country": "US"}, {"country": "US"}), [US]
    named = {"a1": "south"}
    assert route(frame, rules, named).territories(rules, named, ["a0", "a1"]) == ["west", "south"]


def test_rules_that_do_nothing_and_accounts_without_a_rule_are_found() -> None:
    """Given a rule that matches nothing, one that never wins and an account left over, then each is said by name."""
    found = route(
        accounts({"country": "US"}, {"country": "FR"}), [US, WEST, Rule("us2", "Again", "x", US.conditions)], {}
    )
    assert [(each.code, each.where) for each in found.findings] == [
        ("RULE_WITHOUT_ACCOUNT", "California"),
        ("RULE_SHADOWED", "Again"),
        ("ACCOUNTS_UNASSIGNED", "accounts"),
    ]


def test_an_empty_field_meets_only_what_asks_for_its_absence() -> None:
    """Given an account without country and employees, then IS, STARTS, BELOW don't match it, IS_NOT and IS_EMPTY do."""
    frame = accounts({"country": " "}, {"country": "US", "employees": 5})
    asked = {
        "is": Condition("country", Test.IS, ("US", "")),
        "starts": Condition("country", Test.STARTS, ("",)),
        "not": Condition("country", Test.IS_NOT, ("FR",)),
        "empty": Condition("country", Test.IS_EMPTY),
        "below": Condition("employees", Test.BELOW, number=10),
        "none": Condition("employees", Test.IS_EMPTY),
    }
    found = {name: route(frame, [Rule(name, name, "t", (each,))], {}).rule.tolist() for name, each in asked.items()}
    assert found == {
        "is": [-1, 0],
        "starts": [-1, 0],
        "not": [0, 0],
        "empty": [0, -1],
        "below": [-1, 0],
        "none": [0, -1],
    }


RULES = [
    Rule("us", "US", "west", (Condition("country", Test.IS, ("US",)),)),
    Rule("fr", "FR", "south", (Condition("country", Test.IS, ("FR",)),)),
    Rule("large", "Large", "named", (Condition("employees", Test.AT_LEAST, number=1000),)),
    Rule("small", "Small", "inside", (Condition("employees", Test.BELOW, number=10),)),
    REST,
]


@given(st.permutations(RULES), st.sets(st.integers(0, 4)), st.booleans())
def test_an_account_that_meets_no_differing_rule_keeps_its_winner(
    after: list[Rule], gone: set[int], is_changed: bool
) -> None:
    """Given any other order with rules taken out and one changed, then whoever is taken elsewhere meets a rule that differs."""
    frame = accounts(*({"country": place, "employees": size} for place in ("US", "FR", "DE") for size in (5, 50, 5000)))
    left = [rule for number, rule in enumerate(after) if number not in gone]
    if is_changed and left:
        left[0] = replace(left[0], territory="elsewhere")
    touched = meeting(frame, differing(RULES, left))
    keys = frame["account_key"].tolist()
    was, now = (route(frame, rules, {}).territories(rules, {}, keys) for rules in (RULES, left))
    assert all(hit for hit, one, other in zip(touched, was, now, strict=True) if one != other)


def test_one_rule_moved_differs_alone_and_nothing_differs_from_itself() -> None:
    """Given the small rule moved to the top, then only it differs, as it was and as it is; the same order has no difference."""
    moved = [RULES[3], *RULES[:3], RULES[4]]
    assert [rule.key for rule in differing(RULES, moved)] == ["small", "small"]
    assert differing(RULES, RULES) == []
