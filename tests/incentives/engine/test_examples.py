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
