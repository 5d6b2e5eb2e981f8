"""What a worked example states and does not state: names that nobody has, unpaid components, windows, tiers not reached."""

from __future__ import annotations

import pytest

from incentives.engine.testing import test_text

PLAN = """
plan: p
currency: USD
from: 2026-01-01
until: 2027-01-01
period: MONTHLY
components:
  - {key: month, quota: revenue, tiers: [{until: 100 %, rate: 1 %}, {until: 200 %, rate: 2 %}, {rate: 3 %}]}
  - {key: year, quota: revenue, accumulation: YTD, rate: 1 %, paid: no}
examples:
  - name: February after January
    given:
      period: 2026-02
      quotas: {revenue: 1000}
      deals: [{key: a, amount: 500, on: 2026-01-10}, {key: b, amount: 1000, on: 2026-02-10}]
    then: THEN
"""


def differences(then: str) -> list[str]:
    (result,) = test_text(PLAN.replace("THEN", then))
    assert not result.findings
    return list(result.differences)


@pytest.mark.parametrize(
    "then",
    [
        "{earned: 10, components: {month: 10, year: 10}, people: {seller: {year: 10}}}",
        "{attainment: {month: 100 %, year: 75 %}, deals: {a: 0, b: 10}, periods: {2026-02: 10}}",
        "{slices: {month: [10, 0, 0]}}",
        "{slices: {month: [10, 0]}}",
    ],
)
def test_an_example_reads_its_windows_and_states_the_periods_it_names(then: str) -> None:
    assert differences(then) == []


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("{components: {yeer: 0}}", "components.yeer: the example has nothing of that name, only month, year"),
        ("{people: {ada: 0}}", "people.ada: the example has nothing of that name, only seller"),
        ("{periods: {2026-01: 0}}", "periods.2026-01: the example has nothing of that name, only 2026-02"),
        ("{deals: {c: 0}}", "deals.c: the example has nothing of that name, only a, b"),
        ("{attainment: {other: 0 %}}", "Attainment is known of month, year"),
        ("{slices: {month: [10, 1]}}", "slices.month: expected 10.00, 1.00; computed 10.00 USD"),
        ("{slices: {month: [10, 0, 0.01]}}", "slices.month: expected 10.00, 0.00, 0.01; computed 10.00 USD"),
    ],
)
def test_a_name_that_nobody_has_and_a_wrong_slice_are_told(then: str, expected: str) -> None:
    (difference,) = differences(then)
    assert expected in difference


SETTLED = """
plan: p
currency: USD
from: 2026-01-01
until: 2027-01-01
period: MONTHLY
TERMS
components:
  - {key: month, rate: 10 % OWN}
examples:
  - name: Half on booking, half with the cash
    given: {period: 2026-01, deals: [{amount: 100000, on: 2026-01-10, invoiced_on: 2026-01-12, paid_on: 2026-02-20}]}
    then: {earned: 10000, THEN}
"""
HALVES = "release: {parts: [{share: 50 %, when: ON_BOOKING}, {share: 50 %, when: CASH_FULL}]}"


@pytest.mark.parametrize(
    ("terms", "own"),
    [
        (HALVES, ""),
        ("", f", {HALVES}"),
        ("holdback: {share: 10 %, until: 2027-01-31}", ""),
        ("clawback: {within: 90 days}", ""),
    ],
    ids=["release", "release of the component", "holdback", "clawback"],
)
@pytest.mark.parametrize("figure", ["paid", "owed"])
def test_pay_that_waits_is_not_stated_as_paid(terms: str, own: str, figure: str) -> None:
    """Examples know no payments and no day on which they look, so that all of it would pass as paid."""
    text = SETTLED.replace("TERMS", terms).replace("OWN", own)
    (result,) = test_text(text.replace("THEN", f"{figure}: {{2026-01: 10000}}"))
    assert not result.passed and not result.differences
    (finding,) = result.findings
    assert (finding.code, finding.where) == ("EXAMPLE_WAITS", f"examples[0].then.{figure}")
    assert "earned" in finding.fix and figure in finding.what
    assert test_text(text.replace(", THEN", ""))[0].passed


def test_pay_that_never_waits_is_stated_as_paid() -> None:
    text = SETTLED.replace("TERMS", "release: {when: ON_BOOKING}").replace("OWN", "")
    assert test_text(text.replace("THEN", "paid: {2026-01: 10000}"))[0].passed
    assert not test_text(text.replace("THEN", "paid: {2026-01: 5000}"))[0].passed


MOVES = """
plan: p
currency: USD
from: 2026-01-01
until: 2027-01-01
period: MONTHLY
components: [{key: c, quota: revenue, rate: "5 %"}, {key: t, formula: "TENURE() * 1 USD"}]
examples:
  - name: another title from 16 March
    given:
      period: 2026-03
      quotas: {revenue: 1000}
      people: {ada: PEOPLE}
      deals: [{amount: 100, on: 2026-03-10}, {amount: 100, on: 2026-03-20}]
    then: {earned: 12, attainment: {c: 20 %}}
"""


def test_who_moves_is_a_list_of_stretches_and_has_one_quota_and_one_employment() -> None:
    stretches = "[{title: old, hired: 2026-01-01, until: 2026-03-16}, {title: new, from: 2026-03-16}]"
    (result,) = test_text(MOVES.replace("PEOPLE", stretches))
    assert result.passed, (result.differences, result.findings)


@pytest.mark.parametrize("people", ["2026-03-16", "[2026-03-16]", "new"])
def test_a_person_that_is_no_set_of_fields_is_refused(people: str) -> None:
    (result,) = test_text(MOVES.replace("PEOPLE", people))
    assert "FIELD_UNREADABLE" in {each.code for each in result.findings}
