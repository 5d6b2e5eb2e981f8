"""Entries of the ledger on accounts of the general ledger: the narrowest rule decides, and what isn't mapped is named."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.booking import Entry, Key, Rule, book, sums

DAY = date(2026, 9, 30)


def entry(account, minor, *, plan="ae", component="base", who="rex", currency="USD"):
    return Entry(DAY, "earn", who, plan, component, account, currency, minor)


def test_the_narrowest_rule_decides_and_equal_lines_are_summed():
    rules = [
        Rule("expense", "", "", "6010", "person"),
        Rule("expense", "ae", "", "6020", "person"),
        Rule("expense", "ae", "spiff", "6030", "900"),
        Rule("payable", "", "", "2400", ""),
    ]
    rows = [
        entry("expense", -100),
        entry("expense", -50, component="spiff"),
        entry("expense", -7, plan="mgr"),
        entry("expense", -3, plan="mgr", who="ria"),
        entry("payable", 100),
        entry("payable", 60, plan="mgr"),
    ]
    found = book(rows, rules, {"rex": "4711", "ria": "4712"})
    assert found.lines == {
        Key(DAY, "2400", "", "USD"): 160,
        Key(DAY, "6010", "4711", "USD"): -7,
        Key(DAY, "6010", "4712", "USD"): -3,
        Key(DAY, "6020", "4711", "USD"): -100,
        Key(DAY, "6030", "900", "USD"): -50,
    }
    assert sums(found.lines) == {"USD": 0}


def test_what_is_not_mapped_is_named_and_lines_of_nothing_are_left_out():
    rules = [
        Rule("earned", "", "", "2400", ""),
        Rule("payable", "", "", "2400", ""),
        Rule("draw", "ae", "", "1", "person"),
    ]
    rows = [entry("earned", -5), entry("payable", 5), entry("draw", -1), entry("draw", -1, plan="mgr", component="x")]
    found = book(rows, rules, {})
    assert (found.lines, found.unmapped, found.centreless) == ({}, {("draw", "mgr", "x")}, {"rex"})


accounts = st.sampled_from(["expense", "earned", "held", "payable", "paid", "draw"])
legs = st.lists(
    st.tuples(
        accounts, accounts, st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "USD"]), st.sampled_from("ab")
    ),
    max_size=30,
)


@given(legs, st.dictionaries(accounts, st.sampled_from(["1", "2", "3"])))
def test_whole_journals_stay_balanced_however_accounts_are_mapped(pairs, mapped):
    rows = []
    for into, out_of, minor, currency, plan in pairs:
        rows += [
            entry(into, minor, plan=plan, currency=currency),
            entry(out_of, -minor, plan=plan, currency=currency, component="other"),
        ]
    rules = [Rule(account, "", "", mapped.get(account, "9"), "person") for account in accounts.elements]
    found = book(rows, rules, {"rex": "1"})
    assert set(sums(found.lines).values()) <= {0} and not found.unmapped
