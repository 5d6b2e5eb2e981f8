"""Where a component asks another measure too: the deals made up for one measure don't hide what the other decides."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.engine.checks import check_plan
from incentives.engine.compiling import compile_plan
from spm.core.findings import Finding
from tests.incentives.engine.test_checks import HEAD, shown

NEW = {"key": "new", "credit": {"where": {"product": "N"}}}
ALL = {"key": "all", "quota": "all"}
COUNT = {"key": "n", "measure": "COUNT"}
MARGIN = {"key": "m", "measure": "MARGIN"}
OWN = {"credit": {"where": {"product": "N"}}}
RISING = {"tiers": [{"until": 50000, "rate": "5 %"}, {"rate": "8 %"}]}
FALLING = {"tiers": [{"until": 50000, "rate": "5 %"}, {"until": 80000, "rate": "-7.5 %"}, {"rate": "8 %"}]}
UP = [{"until": "80 %", "rate": "100 %"}, {"rate": "120 %"}]


def found_in(measures: list[dict[str, Any]], **component: Any) -> tuple[dict[str, Any], list[Finding]]:
    document = {**HEAD, "measures": measures, "components": [{"key": "c", **component}]}
    plan, findings = compile_plan(document)
    assert plan is not None, findings
    return document, check_plan(plan)


def test_a_measure_that_deals_can_move_is_never_said_to_credit_none() -> None:
    """Net retention: renewals and expansions held against what was due of the renewals, which no single deal turns alone."""
    due = {"key": "due", "measure": {"kind": "COLUMN", "column": "due_minor"}, "credit": {"where": {"type": "renewal"}}}
    retained = {"key": "nrr", "against": "due", "credit": {"where": {"type": ["renewal", "expansion"]}}}
    curve = [{"at": "90 %", "pays": "50 %"}, {"at": "120 %", "pays": "200 %"}]
    _, findings = found_in([due, retained], of="nrr", target=4000, curve=curve)
    codes = [each.code for each in findings]
    assert "CREDIT_UNREACHABLE" not in codes and "NOT_JUDGED" in codes


def kicker(of: str, at_least: int) -> dict[str, Any]:
    return {"kickers": [{"of": of, "at_least": at_least, "amount": 900}]}


def gate(of: str, at_least: int) -> dict[str, Any]:
    return {"gates": [{"of": of, "at_least": at_least}]}


@pytest.mark.parametrize(
    ("measure", "fields"),
    [
        (NEW, kicker("new", 90000)),
        (ALL, OWN | kicker("all", 60000)),
        (COUNT, kicker("n", 60)),
        (COUNT, gate("n", 12)),
        (MARGIN, gate("m", 20000)),
        ({"key": "a"}, {"measure": "MARGIN"} | gate("a", 200000)),
        (ALL, OWN | {"multipliers": [{"of": "all", "tiers": UP}]}),
        (NEW, {"cap": 9000} | kicker("new", 90000)),
    ],
    ids=str,
)
def test_a_falling_tier_is_found_beside_another_measure(measure: dict[str, Any], fields: dict[str, Any]) -> None:
    document, findings = found_in([measure], **FALLING, **fields)
    (finding,) = [each for each in findings if each.code == "PAY_FALLS"]
    assert finding.what == "From 65,000.00 USD on, more sales pay less: 1,000.00 USD more cost 75.00 USD."
    less, more = (sum(float(part) for part in person.values()) for person in shown(document, finding).values())
    assert round(more - less, 2) == -75.00
    assert not [each for each in findings if "TIER" in each.code or "CAP" in each.code]


@pytest.mark.parametrize(
    ("measure", "fields"),
    [
        (NEW, {"cap": 9000} | kicker("new", 90000)),
        (NEW | {"quota": "q2"}, {"quota": "q", "cap": 9000} | kicker("new", 90000)),
        (ALL, OWN | {"cap": 9000} | kicker("all", 60000)),
        (COUNT, {"cap": 9000} | kicker("n", 60)),
        (COUNT, gate("n", 60)),
        (COUNT | {"credit": {"where": {"amount": {"at_least": 2000}}}}, gate("n", 3)),
        ({"key": "s", "credit": {"where": {"amount": {"below": 5000}}}}, gate("s", 40000)),
        ({"key": "s", "credit": {"cap": 5000}}, gate("s", 40000)),
        (NEW, gate("new", 10000)),
        (NEW, {"cap": 9000, "multipliers": [{"of": "new", "tiers": [{"until": 70000, "rate": "100 %"}, {"rate": "120 %"}]}]}),
    ],
    ids=str,
)  # fmt: skip
def test_nothing_is_called_unreachable_that_other_sales_reach(measure: dict[str, Any], fields: dict[str, Any]) -> None:
    _, findings = found_in([measure], **RISING, **fields)
    assert {each.code for each in findings} <= {"CLIFF"}
    assert all(
        each.where.startswith(("components.c.kickers", "components.c.gates", "components.c.multipliers"))
        for each in findings
    )
    assert "gates" not in fields or findings


def test_an_edge_that_two_clauses_share_is_told_of_the_clause_that_jumps() -> None:
    document, findings = found_in([ALL], **OWN, **RISING, **kicker("all", 50000))
    (finding,) = findings
    assert (finding.code, finding.where) == ("CLIFF", "components.c.kickers[0]")
    assert "Reaching 50,000.00 USD of all, one more USD raises the pay of a period by 900.00 USD" in finding.what
    shown(document, finding)


@pytest.mark.parametrize(
    ("fields", "code", "where"),
    [
        ({"cap": 4000} | kicker("new", 90000), "KICKER_UNREACHABLE", "components.c.kickers[0]"),
        ({"rate": "5 %", "cap": 1000, "multipliers": [{"of": "new", "tiers": [{"until": 70000, "rate": "100 %"}, {"rate": "120 %"}]}]},
         "MULTIPLIER_UNREACHABLE", "components.c.multipliers[0]"),
    ],
)  # fmt: skip
def test_a_clause_that_a_cap_hides_is_named(fields: dict[str, Any], code: str, where: str) -> None:
    rates = {} if "rate" in fields else RISING
    document, findings = found_in([NEW], **rates, **fields)
    (finding,) = [each for each in findings if "UNREACHABLE" in each.code]
    assert (finding.code, finding.where) == (code, where)
    assert "never changes the pay" in finding.what
    shown(document, finding)


@pytest.mark.parametrize(
    ("measure", "at_least", "reason"),
    [(COUNT, 600, "more deals are needed"), ({"key": "n", "measure": {"formula": "amount * 0.5"}}, 40000, "a formula")],
)
def test_what_no_made_up_deals_reach_is_said_and_not_claimed(
    measure: dict[str, Any], at_least: int, reason: str
) -> None:
    _, findings = found_in([measure], **RISING, **gate("n", at_least))
    assert [each.code for each in findings] == ["NOT_JUDGED"]
    assert reason in findings[0].what


def test_a_rate_that_rounding_hides_in_one_step_is_found() -> None:
    document, findings = found_in([], tiers=[{"until": 50000, "rate": "5 %"}, {"rate": "-0.2 %"}])
    (finding,) = findings
    assert "1,000.00 USD more cost 2.00 USD" in finding.what
    assert shown(document, finding) == {"one step less": {"c": 2350}, "one step more": {"c": 2348}}
