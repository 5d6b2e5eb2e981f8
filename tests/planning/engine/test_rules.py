"""Territory rules: the first one wins, names go before, and rules that do nothing are said."""

import pandas as pd

from planning.engine.rules import NUMBERS, TEXTS, Condition, Rule, Test, route, rules_of


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
