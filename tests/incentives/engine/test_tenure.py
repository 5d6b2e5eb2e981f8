"""How long people have been employed: counted by the calendar, said in clauses and whys, asked for where it lacks, judged by the checks."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from incentives.engine.checks import check_plan
from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text
from incentives.engine.examples import computed, read_given
from incentives.engine.plan import Plan
from incentives.engine.prose import plan_clauses
from incentives.engine.reading import Reader
from incentives.engine.run import Result
from incentives.engine.sentences_german import GERMAN
from incentives.engine.tenure import Tenures
from incentives.engine.testing import check_text
from incentives.engine.trace import TraceNode, trace
from spm.core.dated import FOREVER, day_number

HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: MONTHLY\n"


def plan_of(components: str, head: str = "") -> Plan:
    plan, findings = compile_plan(read_text(f"{HEAD}{head}components: [{components}]\n")[0] or {})
    assert plan is not None, findings
    return plan


def result_of(plan: Plan, **given: Any) -> Result:
    return computed(read_given(Reader(given, "", []), [plan]))


def words(node: TraceNode) -> str:
    return "; ".join([node.label, node.words, *(words(child) for child in node.children)])


def test_months_are_complete_by_the_calendar_and_begin_anew_after_a_break() -> None:
    rows = [
        ("ada", date(2024, 1, 31), date(2025, 6, 1)),
        ("ada", date(2025, 7, 15), None),
        ("bob", date(2024, 2, 29), None),
    ]
    frame = pd.DataFrame(
        {
            "participant_key": [who for who, _, _ in rows],
            "from_on": [day_number(start) for _, start, _ in rows],
            "until_on": [FOREVER if end is None else day_number(end) for _, _, end in rows],
        }
    )
    tenures = Tenures.of(frame, pd.Index(["ada", "bob", "cy"]))
    asked = [
        (0, date(2024, 1, 30), None), (0, date(2024, 2, 28), 0), (0, date(2024, 2, 29), 1), (0, date(2025, 5, 31), 16),
        (0, date(2025, 6, 1), None), (0, date(2025, 8, 14), 0), (0, date(2026, 7, 15), 12),
        (1, date(2025, 2, 27), 11), (1, date(2025, 2, 28), 12), (1, date(2124, 2, 29), 1200), (2, date(2026, 1, 1), None),
    ]  # fmt: skip
    people, days = np.array([who for who, _, _ in asked]), np.array([day_number(day) for _, day, _ in asked])
    months, known = tenures.months(people, days)
    found = [number if is_known else None for number, is_known in zip(months.tolist(), known.tolist(), strict=True)]
    assert found == [number for _, _, number in asked]
    # of who has left by the end of a period, the last day of the employment counts
    months, known = tenures.months_until(np.array([0]), np.array([day_number(date(2025, 6, 30))]))
    assert (months.tolist(), known.tolist()) == ([16], [True])
    nobody = Tenures.of(frame.iloc[:0], pd.Index(["ada"]))
    assert not nobody.months(np.array([0]), np.array([day_number(date(2026, 1, 1))]))[1].any()


def test_the_clauses_and_the_why_say_how_long() -> None:
    plan = plan_of(
        "{key: new, tenure: {below: 12}, rate: 6 %}, {key: old, credit: {tenure: {at_least: 12}}, rate: 10 %}, "
        "{key: mid, credit: {tenure: {at_least: 3, below: 9}}, rate: 1 %}, {key: bonus, formula: 'IF(TENURE() >= 12, 100, 50)'}"
    )
    english = " ".join(each.text for each in plan_clauses(plan))
    assert "Only who has completed less than 12 months of employment on that day is credited." in english
    assert "Only who has completed 12 months of employment on that day is credited." in english
    assert "Only who has completed 3 and less than 9 months of employment on that day is credited." in english
    assert "It pays (100 if the number of completed months of employment is at least 12, otherwise 50)." in english
    german = " ".join(each.text for each in plan_clauses(plan, GERMAN))
    assert "Gutgeschrieben wird nur, wer an diesem Tag weniger als 12 volle Monate beschäftigt ist." in german
    assert "wer an diesem Tag 3 und weniger als 9 volle Monate beschäftigt ist." in german
    deals = [
        {"key": "sale", "amount": 1000, "on": "2026-03-14"},
        {"amount": -500, "on": "2026-04-20", "reverses": "sale"},
    ]
    result = result_of(plan, periods=["2026-03", "2026-04"], people={"ada": {"hired": "2025-03-15"}}, deals=deals)
    node = trace(result, "ada", "new", "2026-03")
    assert node.check() and "as ada on 2026-03-14; 11 completed months of employment" in words(node)
    back = trace(result, "ada", "new", "2026-04")
    assert back.check() and "11 completed months of employment on the day of the sale" in words(back)
    assert "TENURE() >= 12; the number of completed months of employment is at least 12: yes" in words(
        trace(result, "ada", "bonus", "2026-03")
    )


def test_a_first_day_that_is_not_known_is_a_finding_and_no_zero() -> None:
    plan = plan_of(
        "{key: new, tenure: {below: 12}, rate: 6 %}, {key: bonus, formula: 'IF(TENURE() >= 12, 100, 50)'}, {key: all, rate: 1 %}"
    )
    result = result_of(plan, period="2026-03", people={"ada": {}}, deals=[{"amount": 1000, "on": "2026-03-14"}])
    found = {each.keys["component_key"]: each for each in result.findings if each.is_error}
    assert {each.code for each in found.values()} == {"HIRE_DATE_MISSING"} and set(found) == {"new", "bonus"}
    assert "Enter the first day of employment." in found["new"].message
    assert result.earnings["component_key"].tolist() == ["all"]


@pytest.mark.parametrize(
    ("component", "code", "at"),
    [
        ("{key: c, rate: 1 %, tenure: {}}", "FIELD_MISSING", "tenure"),
        ("{key: c, rate: 1 %, tenure: {below: 0}}", "TENURE_EMPTY", "tenure below"),
        ("{key: c, rate: 1 %, tenure: {at_least: 12, below: 12}}", "TENURE_EMPTY", "tenure below"),
        ("{key: c, rate: 1 %, tenure: {below: 1.5}}", "NUMBER_UNREADABLE", "tenure below"),
        ("{key: c, rate: 1 %, tenure: {below: -3}}", "NUMBER_UNREADABLE", "tenure below"),
        ("{key: c, rate: 1 %, tenure: {below: 999999}}", "NUMBER_UNREADABLE", "tenure below"),
        ("{key: c, rate: 1 %, tenure: {above: 3}}", "FIELD_UNKNOWN", "tenure"),
        ("{key: c, bonus: 100, tenure: {below: 12}}", "TENURE_WITHOUT_CREDIT", "tenure"),
        ("{key: c, rate: 1 %, credit: {where: 'TENURE() < 12'}}", "FUNCTION_PLACE", "where"),
        ("{key: c, formula: 'TENURE()'}", "UNIT_ERROR", "formula"),
        ("{key: c, formula: 'TENURE(1) * 5 USD'}", "ARGUMENT_COUNT", "formula"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused(component: str, code: str, at: str) -> None:
    found = check_text(f"{HEAD}components: [{component}]\n")
    assert any(each.code == code and at in each.where for each in found), [(each.code, each.where) for each in found]


def test_the_checks_judge_each_component_with_people_whom_it_credits() -> None:
    plan = plan_of(
        "{key: new, tenure: {below: 12}, tier_mode: WHOLE, quota: q, tiers: [{until: 100 %, rate: 5 %}, {rate: 9 %}]}, "
        "{key: old, tenure: {at_least: 12}, tier_mode: WHOLE, quota: q, tiers: [{until: 100 %, rate: 6 %}, {rate: 8 %}]}"
    )
    found = check_plan(plan)
    assert [(each.code, each.where) for each in found] == [
        ("CLIFF", "components.new.tiers"),
        ("CLIFF", "components.old.tiers"),
    ]
    for each, hired in zip(found, ("2026-01-01", "2025-01-01"), strict=True):
        assert each.example is not None
        given: Any = each.example["given"]
        assert {person["hired"] for person in given["people"].values()} == {hired}
