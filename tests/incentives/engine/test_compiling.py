"""A plan that can't be run is refused with clause, reason and fix; nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text, write_text
from incentives.engine.prose import plan_clauses
from incentives.engine.sentences_german import GERMAN
from incentives.engine.testing import check_text, test_text

PLAN: dict[str, Any] = {
    "plan": "ae",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "components": [{"key": "c", "quota": "revenue", "tiers": [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]}],
}


def component(**fields: object) -> dict[str, Any]:
    return PLAN | {"components": [{"key": "c", "quota": "revenue", **fields}]}


TIERS = {
    "gap": [{"until": "80 %", "rate": "5 %"}, {"from": "100 %", "rate": "8 %"}],
    "overlap": [{"until": "80 %", "rate": "5 %"}, {"from": "70 %", "rate": "8 %"}],
    "after the open end": [{"rate": "5 %"}, {"from": "100 %", "rate": "8 %"}],
    "closed top": [{"until": "80 %", "rate": "5 %"}],
    "mixed": [{"until": "80 %", "rate": "5 %"}, {"from": 90000, "rate": "8 %"}],
    "word": [{"until": "abc", "rate": "5 %"}, {"from": "90 %", "rate": "8 %"}],
    "no rate": [{"until": "80 %"}, {"rate": "8 %"}],
    "two rates": [{"until": "80 %", "rate": "5 %", "amount": 5}, {"rate": "8 %"}],
    "backwards": [{"from": "80 %", "until": "50 %", "rate": "5 %"}, {"from": "50 %", "rate": "1 %"}],
}


def curve(*ats: int, **fields: object) -> dict[str, Any]:
    return component(
        target=100, curve=[{"at": f"{at} %", "pays": f"{place} %"} for place, at in enumerate(ats)], **fields
    )


@pytest.mark.parametrize(
    ("document", "code", "where"),
    [
        (curve(90, 80), "CURVE_ORDER", "components[0].curve[1].at"),
        (curve(80, 90, 90, 85), "CURVE_ORDER", "components[0].curve[3].at"),
        (curve(80, 80, 90), "CURVE_ORDER", "components[0].curve[1].at"),
        (curve(80, 90, 90, 90), "CURVE_ORDER", "components[0].curve[3].at"),
        (curve(80, 90, 90, boundary="UPPER_INCLUSIVE"), "FIELD_UNUSED", "components[0].boundary"),
        (component(rate="1 %") | {"currency_rate": "PLAN_YEAR"}, "CURRENCY_RATE_DAY", "fixed_on"),
        (component(rate="1 %") | {"fixed_on": "2026-01-01"}, "CURRENCY_RATE_DAY", "fixed_on"),
        (
            component(rate="1 %") | {"currency_rate": "PERIOD_AVERAGE", "fixed_on": "2026-01-01"},
            "CURRENCY_RATE_DAY",
            "fixed_on",
        ),
        (
            component(rate="1 %") | {"currency_rate": "PLAN_YEAR", "fixed_on": "2027-01-01"},
            "CURRENCY_RATE_DAY",
            "fixed_on",
        ),
        (component(rate="1 %") | {"currency_rate": "AVERAGE"}, "CHOICE_UNKNOWN", "currency_rate"),
        (component(tiers=TIERS["gap"]), "TIER_GAP", "components[0].tiers[1].from"),
        (component(tiers=TIERS["overlap"]), "TIER_OVERLAP", "components[0].tiers[1].from"),
        (component(tiers=TIERS["after the open end"]), "TIER_OVERLAP", "components[0].tiers[1].from"),
        (component(tiers=TIERS["closed top"]), "TIER_TOP_CLOSED", "components[0].tiers[0].until"),
        (component(tiers=TIERS["mixed"]), "TIER_UNITS_MIXED", "components[0].tiers[1].from"),
        (component(tiers=TIERS["word"]), "RATE_UNREADABLE", "components[0].tiers[0].until"),
        (component(tiers=TIERS["no rate"]), "RATE_MISSING", "components[0].tiers[0].rate"),
        (component(tiers=TIERS["two rates"]), "RATE_MISSING", "components[0].tiers[0].rate"),
        (component(tiers=TIERS["backwards"]), "TIER_EMPTY", "components[0].tiers[0].until"),
        (component(), "RATE_MISSING", "components[0].rate"),
        (component(rate="5 %", bonus=5), "RATE_MISSING", "components[0].bonus"),
        (component(rate="lots"), "RATE_UNREADABLE", "components[0].rate"),
        (component(rate="5 %", tier_mode="MARGINEL"), "CHOICE_UNKNOWN", "components[0].tier_mode"),
        (component(rate="5 %", qouta="x"), "FIELD_UNKNOWN", "components[0].qouta"),
        (component(rate="5 %", measure="COUNT"), "UNIT_ERROR", "components[0].rate"),
        (component(amount_each=5), "UNIT_ERROR", "components[0].amount_each"),
        (component(rate="5 %", credit={"share": "0 %"}), "SHARE_NOT_POSITIVE", "components[0].credit.share"),
        (
            component(rate="5 %", gates=[{"of": "nothing", "at_least": "5 %"}]),
            "MEASURE_UNKNOWN",
            "components[0].gates[0].of",
        ),
        (component(greater_of=["later"]), "COMPONENT_ORDER", "components[0].greater_of"),
        (component(objectives=[{"key": "a", "weight": "50 %"}], target=5), "WEIGHTS_SUM", "components[0].objectives"),
        (PLAN | {"currency": "EURO"}, "CURRENCY_UNKNOWN", "currency"),
        (PLAN | {"currency": "XXX"}, "CURRENCY_UNKNOWN", "currency"),
        (PLAN | {"until": "2026-01-01"}, "PLAN_EMPTY", "until"),
        (PLAN | {"from": "soon"}, "DAY_UNREADABLE", "from"),
        (PLAN | {"components": []}, "PLAN_WITHOUT_COMPONENTS", "components"),
        (PLAN | {"components": PLAN["components"] * 2}, "KEY_REPEATED", "components[1].key"),
        ({"plan": "x"}, "FIELD_MISSING", "currency"),
    ],
)
def test_a_broken_plan_is_refused_with_its_clause(document: dict[str, Any], code: str, where: str) -> None:
    plan, findings = compile_plan(document)
    assert plan is None
    found = {(finding.code, finding.where) for finding in findings}
    assert (code, where) in found
    assert all(finding.what and finding.fix and finding.why for finding in findings)


def test_tiers_on_attainment_need_a_quota() -> None:
    document = PLAN | {"components": [{"key": "c", "tiers": [{"until": "50 %", "rate": "1 %"}, {"rate": "2 %"}]}]}
    assert [finding.code for finding in compile_plan(document)[1]] == ["QUOTA_MISSING"]


@pytest.mark.parametrize(
    ("fixed_on", "codes"), [("2026-01-02", ["CURRENCY_RATE_LATE"]), ("2026-01-01", []), ("2025-11-15", [])]
)
def test_a_currency_rate_fixed_after_the_first_day_is_a_warning(fixed_on: str, codes: list[str]) -> None:
    plan, findings = compile_plan(component(rate="1 %") | {"currency_rate": "PLAN_YEAR", "fixed_on": fixed_on})
    assert plan is not None and [finding.code for finding in findings] == codes


def test_an_absurd_rate_is_a_warning_for_a_second_person() -> None:
    plan, findings = compile_plan(component(rate="1500 %"))
    assert plan is not None
    assert [(finding.code, str(finding.severity)) for finding in findings] == [("RATE_ABSURD", "WARNING")]


@pytest.mark.parametrize("document", [None, [], "plan", 5, {"components": 5}, {"components": [5]}, {"plan": {"a": 1}}])
def test_what_is_no_plan_is_refused(document: Any) -> None:
    plan, findings = compile_plan(document)
    assert plan is None
    assert findings


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x",
        "a: 1\na: 2",
        "- 1",
        "{",
        "a: !!python/object:os.system 1",
        "? [1, 2]\n: 3",
        "[" * 5000,
        "a" * 2_000_000,
    ],
)
def test_what_is_no_plan_file_is_a_finding(text: str) -> None:
    document, findings = read_text(text)
    assert document is None
    assert findings[0].code == "FILE_UNREADABLE"
    assert not test_text(text)[0].passed


def test_a_plan_survives_being_written_and_read() -> None:
    again, _ = read_text(write_text(PLAN))
    assert again is not None
    assert compile_plan(again) == compile_plan(PLAN)


def test_a_cliff_and_double_pay_are_shown_with_their_example() -> None:
    rows = [{"until": 10000, "rate": "1 %"}, {"rate": "2 %"}]
    document = PLAN | {"components": [{"key": "a", "tier_mode": "WHOLE", "tiers": rows}, {"key": "b", "rate": "1 %"}]}
    found = {finding.code: finding for finding in check_text(write_text(document))}
    assert set(found) == {"CLIFF", "DOUBLE_PAY", "GAMING_PERIOD", "GAMING_SHIFT", "GAMING_REBOOK"}
    assert "10,000.00 USD" in found["CLIFF"].what
    assert "one more USD raises the pay of a period by 100.01 USD" in found["CLIFF"].what


def test_a_marginal_plan_has_no_cliff_and_accelerates() -> None:
    found = [(finding.code, str(finding.severity)) for finding in check_text(write_text(PLAN))]
    assert found == [("GAMING_REBOOK", "WARNING"), ("GAMING_PERIOD", "NOTICE"), ("GAMING_SHIFT", "NOTICE")]


def test_a_linear_plan_has_no_finding() -> None:
    assert check_text(write_text(PLAN | {"components": [{"key": "c", "rate": "5 %"}]})) == []


def test_a_plan_is_told_in_plain_clauses() -> None:
    plan, _ = compile_plan(PLAN)
    assert plan is not None
    text = " ".join(clause.text for clause in plan_clauses(plan))
    assert "5 % up to 100 % of the quota, 8 % above 100 % of the quota" in text
    assert "rounded once" in text


def test_a_text_that_begins_like_a_truth_value_is_a_text() -> None:
    document, findings = read_text("plan: true-up\nname: Trueline\nsource: FALSE start\nsmall: true\nnone: False\n")
    assert document == {"plan": "true-up", "name": "Trueline", "source": "FALSE start", "small": True, "none": False}
    assert findings == []


@pytest.mark.parametrize("levels", ["0", "21", "2.5", "99999999999999999999"])
def test_levels_are_whole_and_few(levels: str) -> None:
    head = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\n"
    text = f"{head}components: [{{key: c, rate: 1 %, credit: {{kind: ROLLUP, levels: {levels}}}}}]\n"
    [found] = [each for each in check_text(text) if each.is_error]
    assert found.code == "NUMBER_UNREADABLE" and "from 1 to 20" in found.what


def test_the_clauses_say_how_many_levels_below() -> None:
    plan, _ = compile_plan(component(rate="1 %", credit={"kind": "ROLLUP", "levels": 2}))
    assert plan is not None
    assert "those who stand 2 levels below them" in " ".join(each.text for each in plan_clauses(plan))
    assert "die 2 Ebenen unter ihnen stehen" in " ".join(each.text for each in plan_clauses(plan, GERMAN))
    first, _ = compile_plan(component(rate="1 %", credit={"kind": "ROLLUP", "levels": 1}))
    assert first is not None
    assert "their direct reports" in " ".join(each.text for each in plan_clauses(first))
