"""Formulas in plans: as conditions, as measures, as pay of a deal and of a period; prose, traces, files, findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from incentives.engine.checks import check_plan
from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text, write_text
from incentives.engine.examples import facts_of, read_given
from incentives.engine.language import Context, Place, analyse
from incentives.engine.language.wording import words
from incentives.engine.plan import Plan
from incentives.engine.prose import plan_clauses
from incentives.engine.reach import Reach, reach_of
from incentives.engine.reading import Reader
from incentives.engine.run import Result, compute
from incentives.engine.trace import trace
from incentives.engine.words import Accumulation

HEAD = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY"}


def plan_of(*components: dict[str, Any], **more: object) -> Plan:
    plan, findings = compile_plan({**HEAD, **more, "components": list(components)})
    assert plan is not None, [finding.message for finding in findings]
    return plan


def run(plan: Plan, given: dict[str, Any]) -> Result:
    reader = Reader({"period": "2026-01", **given}, "", [])
    found = read_given(reader, [plan])
    assert not reader.findings
    return compute(facts_of(found), [plan])


def earned(result: Result, key: str = "c") -> list[int]:
    """Cents by person and period."""
    mine = result.earnings[result.earnings["component_key"] == key]
    return [int(each) for each in mine["earned_minor"]]


def codes(result: Result) -> set[str]:
    return {finding.code for finding in result.findings}


DEALS = [
    {"key": "a", "amount": 1000, "stage": "Won", "product": "A", "on": "2026-01-05", "quantity": 2, "cost": 400},
    {"key": "b", "amount": 3000, "stage": "Won", "product": "B", "on": "2026-01-06", "quantity": 3, "cost": 1000},
    {"key": "c", "amount": 5000, "stage": "Lost", "product": "A", "on": "2026-01-07", "quantity": 1, "cost": 0},
]
PAIRS = [
    ({"stage": "Won"}, "stage = 'Won'"),
    ({"stage": {"not": ["Won"]}}, "stage <> 'Won'"),
    ({"product": ["A", "B"], "amount": {"above": 1000}}, "product in ('A', 'B') and amount > 1000"),
    ({"amount": {"at_least": 1000, "below": 5000}}, "amount >= 1,000 USD and amount < 5,000 USD"),
    ({"margin_rate": {"at_least": "60 %"}}, "margin_rate >= 60 %"),
    ({"quantity": {"at_most": 2}}, "quantity <= 2"),
    ({"product": {"empty": True}}, "ISEMPTY(product)"),
]


@pytest.mark.parametrize(("mapping", "formula"), PAIRS, ids=[formula for _, formula in PAIRS])
def test_a_formula_is_the_same_condition_as_the_mapping(mapping: dict[str, Any], formula: str) -> None:
    wanted, found = (
        run(plan_of({"key": "c", "credit": {"where": where}, "rate": "10 %"}), {"deals": DEALS})
        for where in (mapping, formula)
    )
    assert earned(found) == earned(wanted)
    assert found.credits["deal_key"].tolist() == wanted.credits["deal_key"].tolist()
    if "quantity" not in mapping:
        assert found.plans == wanted.plans


def test_conditions_of_a_lookup_may_be_formulas() -> None:
    rows = [{"where": "product = 'A' and amount < 2000", "rate": "5 %"}, {"rate": "1 %"}]
    assert earned(run(plan_of({"key": "c", "lookup": rows}), {"deals": DEALS})) == [5000 + 3000 + 5000]


def test_a_condition_without_an_answer_leaves_its_person_out_and_names_the_deal() -> None:
    plan = plan_of({"key": "c", "credit": {"where": "amount / quantity > 400"}, "rate": "1 %"})
    deals = [*DEALS, {"key": "zero", "amount": 1, "quantity": 0, "owner": "bob"}]
    result = run(plan, {"people": {"ada": {}, "bob": {}}, "deals": [{"owner": "ada", **deal} for deal in deals]})
    assert earned(result) == [9000]
    (finding,) = [each for each in result.findings if each.code == "FORMULA_DIVISION"]
    assert finding.keys["participant_key"] == "bob" and "Deal zero: quantity is 0" in finding.what and finding.is_error


def test_a_deal_that_does_not_state_what_is_compared_is_not_credited_and_told() -> None:
    for where in ({"seats": {"at_least": 3}}, "seats >= 3", "seats * 2 >= 6"):
        plan = plan_of({"key": "c", "credit": {"where": where}, "rate": "10 %"})
        result = run(plan, {"deals": [{"amount": 100, "seats": 5}, {"amount": 900, "key": "silent"}]})
        assert earned(result) == [1000]
        (finding,) = result.findings
        assert finding.code == "FACT_EMPTY" and "silent" in finding.what and not finding.is_error


def test_a_text_among_the_numbers_of_an_attribute_is_named_and_stops_nobody() -> None:
    plan = plan_of({"key": "c", "credit": {"where": {"seats": {"at_least": 3}}}, "rate": "10 %"})
    given = {"period": "2026-01", "deals": [{"amount": 100, "seats": 5}, {"amount": 900, "key": "odd", "seats": 0}]}
    facts = facts_of(read_given(Reader(given, "", []), [plan]))
    result = compute(replace(facts, deals=facts.deals.assign(seats=["5", "many"])), [plan])
    assert earned(result) == [1000]
    (finding,) = result.findings
    assert (
        finding.code == "FACT_EMPTY"
        and "compares seats as a number, which 1 deal does not have, first odd" in finding.what
    )


def test_only_what_a_deal_lacks_is_named_and_only_where_it_decides() -> None:
    for where in (
        {"seats": {"at_least": 3}, "stage": "Won", "quantity": {"at_least": 1}},
        "seats >= 3 and stage = 'Won' and quantity >= 1",
    ):
        plan = plan_of({"key": "c", "credit": {"where": where}, "rate": "10 %"})
        deals = [
            {"amount": 900, "key": "silent", "stage": "Won", "quantity": 2},
            {"amount": 9, "stage": "Won", "seats": 9, "quantity": 1},
        ]
        (finding,) = run(plan, {"deals": deals}).findings
        assert "The rule compares seats, which 1 deal does not have" in finding.what
        assert "NOT_EMPTY" in finding.fix


def test_who_asks_whether_a_value_is_given_or_another_condition_that_decides_is_told_nothing() -> None:
    for where in (
        {"seats": {"empty": False, "at_least": 3}},
        {"seats": {"at_least": 3}, "stage": "Won"},
        "not isempty(seats) and seats >= 3",
    ):
        plan = plan_of({"key": "c", "credit": {"where": where}, "rate": "10 %"})
        deals = [{"amount": 900, "key": "silent", "stage": "Lost"}, {"amount": 9, "stage": "Won", "seats": 9}]
        result = run(plan, {"deals": deals})
        assert (earned(result), list(result.findings)) == ([90], [])


def test_money_of_a_condition_is_in_the_currency_of_the_plan() -> None:
    given = {
        "deals": [{"key": "euro", "amount": 900, "currency": "EUR"}, {"key": "dollar", "amount": 950}],
        "fx": [{"from": "EUR", "to": "USD", "rate": 2}],
    }
    for where in ("amount > 1000", {"amount": {"above": 1000}}):
        result = run(plan_of({"key": "c", "credit": {"where": where}, "rate": "10 %"}), given)
        assert result.credits["deal_key"].tolist() == ["euro"]


def test_a_measure_may_be_a_formula() -> None:
    money = plan_of({"key": "c", "measure": {"formula": "amount - 2 * cost"}, "rate": "10 %"})
    assert earned(run(money, {"deals": DEALS})) == [2000 + 10000 + 50000]
    count = plan_of({"key": "c", "measure": {"formula": "IF(product = 'A', quantity, 0)"}, "amount_each": 20})
    assert earned(run(count, {"deals": DEALS})) == [6000]
    number = plan_of({"key": "c", "measure": {"formula": "quantity / 4"}, "amount_each": 1})
    assert earned(run(number, {"deals": DEALS})) == [150]


def test_a_measure_of_a_split_deal_is_shared_to_the_cent() -> None:
    plan = plan_of({"key": "c", "measure": {"formula": "ROUND(amount * 33.333 %, 2)"}, "rate": "100 %"})
    deals = [{"amount": 100, "owner": "ada", "split": {"ada": "50 %", "bob": "50 %"}}]
    assert earned(run(plan, {"people": {"ada": {}, "bob": {}}, "deals": deals})) == [1667, 1666]


def test_a_weighted_quota_is_reached_by_a_formula() -> None:
    plan = plan_of(
        {
            "key": "c",
            "measure": {"formula": "amount * LOOKUP(weights, product)"},
            "quota": "revenue",
            "formula": "measure * IF(ATTAINMENT() >= 100 %, 10 %, 5 %)",
        },
        tables=[{"key": "weights", "rows": {"A": 1, "B": "1.5"}}],
    )
    assert earned(run(plan, {"deals": DEALS, "quotas": {"revenue": 10500}})) == [105000]
    assert earned(run(plan, {"deals": DEALS, "quotas": {"revenue": 10501}})) == [52500]


PERIOD_CASES = [
    ("measure * 5 %", 45000),
    ("5 % * measure", 45000),
    ("MIN(measure * 10 %, 500)", 50000),
    ("IF(measure >= 9000, 1,500 USD, 0)", 150000),
    ("SUM(amount, stage = 'Won') * 10 %", 40000),
    ("SUM(credit, product = 'A', PERIOD) * 1 %", 6000),
    ("SUM(margin) * 1 %", 7600),
    ("COUNT() * 7 USD", 2100),
    ("COUNT(stage = 'Won') * 7 USD", 1400),
    ("AVERAGE(amount, stage = 'Won')", 200000),
    ("SUM(quantity) * 2 USD", 1200),
    ("DISTINCT(product) * 1 USD", 200),
    ("DISTINCT(product, stage = 'Won', YTD) * 1 USD", 200),
    ("QUOTA() * 1 %", 4500),
    ("TARGET() * ATTAINMENT()", 200000),
    ("TARGET() * TIERRATE(steps, ATTAINMENT())", 80000),
    ("measure * ATTAINMENT() * 1 %", 18000),
    ("DAYS(period_end, period_start) * 1 USD", 3100),
    ("LOOKUP(monthly, MONTH(period_start)) + measure * 0", 77700),
    ("TIER(bands, measure)", 17000),
    ("measure / 3", 300000),
    ("measure * 1 % / 3 + 0.005 USD", 3001),
]


@pytest.mark.parametrize(("formula", "wanted"), PERIOD_CASES, ids=[formula for formula, _ in PERIOD_CASES])
def test_a_component_may_pay_by_a_formula(formula: str, wanted: int) -> None:
    plan = plan_of(
        {"key": "c", "quota": "revenue", "target": 1000, "formula": formula},
        tables=[
            {"key": "steps", "tier_mode": "WHOLE", "tiers": [{"until": "100 %", "rate": "50 %"}, {"rate": "80 %"}]},
            {"key": "bands", "tiers": [{"until": 1000, "rate": "1 %"}, {"rate": "2 %"}]},
            {"key": "monthly", "rows": {1: 777}, "otherwise": 0},
        ],
    )
    result = run(plan, {"deals": DEALS, "quotas": {"revenue": 4500}})
    assert earned(result) == [wanted], [finding.message for finding in result.findings]
    assert int(result.credits["earned_minor"].sum()) == wanted
    assert trace(result, "seller", "c", "2026-01").check()


def test_a_formula_builds_on_earlier_components_and_measures() -> None:
    plan = plan_of(
        {"key": "new-business", "rate": "10 %"},
        {"key": "c", "formula": "[new-business] * 20 % + logos * 5 USD + IF(ATTAINMENT(logos) > 100 %, 100, 0)"},
        measures=[{"key": "logos", "measure": "COUNT", "quota": "logos"}],
    )
    result = run(plan, {"deals": DEALS, "quotas": {"logos": 2}})
    assert earned(result) == [90000 * 20 // 100 + 1500 + 10000]
    assert plan.components[1].pay.builds_on == ("new-business",)


def test_the_trace_of_a_formula_calls_measures_and_components_by_their_names() -> None:
    text = "[new-business] * 20 % + logos * 5 USD + IF(ATTAINMENT(logos) > 100 % and ATTAINMENT() > 1 %, 100, 0)"
    plan = plan_of(
        {"key": "new-business", "name": "New business", "rate": "10 %"},
        {"key": "c", "name": "Extra", "quota": "revenue", "formula": text},
        measures=[{"key": "logos", "name": "New customers", "measure": "COUNT", "quota": "logos"}],
    )
    node = trace(run(plan, {"deals": DEALS, "quotas": {"logos": 2, "revenue": 1000}}), "seller", "c", "2026-01")
    told = "\n".join(node.lines())
    for piece in ("New business * 20 %: 180 USD", "New customers * 5 USD: 15 USD", "ATTAINMENT(New customers) > 100 %"):
        assert piece in told, told
    assert "ATTAINMENT() > 1 %" in told and "the attainment of New customers" in told
    assert "logos" not in told and "new-business" not in told
    assert node.check()


def test_every_deal_alone() -> None:
    component = {
        "key": "c",
        "per": "DEAL",
        "formula": "IF(product = 'A', MAX(credit * 1 %, 20), 10)",
        "cap": {"deal": 45},
    }
    result = run(plan_of(component), {"deals": DEALS})
    assert earned(result) == [2000 + 1000 + 4500]
    assert dict(zip(result.credits["deal_key"], result.credits["earned_minor"], strict=True)) == {
        "a": 2000,
        "b": 1000,
        "c": 4500,
    }
    node = trace(result, "seller", "c", "2026-01")
    assert node.check()
    assert any("MAX(credit * 1 %, 20): 50 USD" in line for line in node.lines())


def test_pay_of_a_deal_may_depend_on_the_period() -> None:
    component = {
        "key": "c",
        "per": "DEAL",
        "quota": "revenue",
        "formula": "credit * IF(ATTAINMENT() > 100 %, 2 %, 1 %)",
    }
    assert earned(run(plan_of(component), {"deals": DEALS, "quotas": {"revenue": 8000}})) == [18000]


@pytest.mark.parametrize(("per", "formula", "paid"), [("DEAL", "credit", 3000), (None, "measure", 3000)])
def test_one_per_cent_of_three_deals_is_paid_once(per: str | None, formula: str, paid: int) -> None:
    component = {"key": "c", "formula": f"{formula} * 1 %"} | ({"per": per} if per else {})
    assert earned(run(plan_of(component), {"amounts": [1000, 1000, 1000]})) == [paid]


@pytest.mark.parametrize("name", ["measure", "c", "deals", "before"])
def test_pay_of_a_deal_names_nothing_that_only_a_period_has(name: str) -> None:
    """Else the sum of the period, or an earlier component's pay of it, would be paid once for each deal."""
    document = {
        **HEAD,
        "measures": [{"key": "deals"}],
        "components": [{"key": "before", "rate": "1 %"}, {"key": "c", "per": "DEAL", "formula": f"{name} * 1 %"}],
    }
    plan, findings = compile_plan(document)
    assert plan is None and len(findings) == 1
    assert findings[0].code == ("COMPONENT_ORDER" if name == "c" else "NAME_OF_PERIOD")
    assert findings[0].where == "components[1].formula, line 1, column 1"


def test_quotients_of_single_deals_sum_exactly() -> None:
    deals = [
        {"key": f"d{number:02}", "amount": 100, "cost": prime} for number, prime in enumerate((7, 11, 13, 17, 19, 23))
    ]
    result = run(plan_of({"key": "c", "per": "DEAL", "formula": "credit * (1 USD / cost)"}), {"deals": deals})
    exact = sum(100 * 100 / prime for prime in (7, 11, 13, 17, 19, 23))
    assert earned(result) == [round(exact)]
    assert int(result.credits["earned_minor"].sum()) == round(exact)


def test_an_accumulating_formula_pays_what_the_period_adds() -> None:
    component = {
        "key": "c",
        "accumulation": "YTD",
        "quota": "revenue",
        "formula": "measure * IF(ATTAINMENT() >= 100 %, 10 %, 5 %)",
    }
    deals = [
        {"amount": 900, "on": "2026-01-05"},
        {"amount": 1300, "on": "2026-02-05"},
        {"amount": 100, "on": "2026-04-05"},
    ]
    plan = plan_of(component)
    result = run(
        plan,
        {
            "period": None,
            "periods": ["2026-01", "2026-02", "2026-03", "2026-04"],
            "deals": deals,
            "quotas": {"revenue": 1000},
        },
    )
    # to date: 900 × 5 % = 45; 2,200 × 10 % = 220; then 2,200 of 3,000 × 5 % = 110; 2,300 of 4,000 × 5 % = 115
    assert earned(result) == [4500, 17500, -11000, 500]
    for period in ("2026-01", "2026-02", "2026-03", "2026-04"):
        assert trace(result, "seller", "c", period).check()
    assert "Before this period: -45 USD" in "\n".join(trace(result, "seller", "c", "2026-02").lines())


def test_sums_over_a_wider_window() -> None:
    deals = [
        {"amount": 900, "on": "2026-01-05"},
        {"amount": 1300, "on": "2026-02-05"},
        {"amount": 100, "on": "2026-04-05"},
    ]
    given = {"period": None, "periods": ["2026-01", "2026-02", "2026-03", "2026-04"], "deals": deals}
    for window, wanted in (
        ("YTD", [900, 2200, 2200, 2300]),
        ("QTD", [900, 2200, 2200, 100]),
        ("PERIOD", [900, 1300, 0, 100]),
    ):
        plan = plan_of({"key": "c", "formula": f"SUM(amount, amount > 0, {window}) * 1 %"})
        assert earned(run(plan, given)) == wanted
        assert reach_of([plan]) == Reach(Accumulation(window))


@pytest.mark.parametrize(
    "formula", ["measure * TIERRATE(up-to-quota, ATTAINMENT())", "ATTAINMENT(up-to-quota) * 5 USD"]
)
def test_a_key_with_a_minus_is_asked_in_brackets(formula: str) -> None:
    document = {
        "plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01",
        "tables": [{"key": "up-to-quota", "tiers": [{"until": "50 %", "rate": "5 %"}, {"rate": "10 %"}]}],
        "measures": [{"key": "up-to-quota", "quota": "revenue"}],
        "components": [{"key": "c", "quota": "revenue", "formula": formula}],
    }  # fmt: skip
    _, findings = compile_plan(document)
    assert "Write [up-to-quota] in square brackets: without them - is a minus." in [each.fix for each in findings]


@pytest.mark.parametrize("window", ["PRIOR", "PRIOR_YEAR"])
def test_a_window_before_the_period_reaches_back_through_the_plan(window: str) -> None:
    plan = plan_of({"key": "c", "formula": f"SUM(amount, amount > 0, {window}) * 1 %"})
    assert reach_of([plan]) == Reach(Accumulation.CONTRACT)


def test_a_return_pays_back_what_its_sale_was_paid() -> None:
    deals = [{"key": "sale", "amount": 1000}, {"key": "back", "amount": -400, "reverses": "sale"}]
    for component in (
        {"key": "c", "formula": "measure * 10 %"},
        {"key": "c", "per": "DEAL", "formula": "credit * 10 %"},
    ):
        assert earned(run(plan_of(component), {"deals": deals})) == [6000]


LOST = [
    ("measure / SUM(quantity, product = 'Z')", "FORMULA_DIVISION", "SUM(quantity, product = 'Z') is 0"),
    ("AVERAGE(amount, product = 'Z')", "FORMULA_DIVISION", "no credits to average"),
    ("measure * ATTAINMENT()", "QUOTA_MISSING", "no quota of revenue"),
    ("LOOKUP(bonuses, 'Z') + measure", "LOOKUP_ROW_MISSING", "no row for Z"),
    ("SUM(amount / (quantity - 2))", "FORMULA_DIVISION", "of deal a (quantity - 2) is 0"),
    ("SUM(seats) * 1 USD", "FACT_EMPTY", "of deal a it has no seats"),
    ("measure * 999999999999999", "FORMULA_OVERFLOW", "larger than any amount"),
]


@pytest.mark.parametrize(("formula", "code", "words"), LOST, ids=[formula for formula, _, _ in LOST])
def test_what_cannot_be_computed_is_a_finding_of_its_person(formula: str, code: str, words: str) -> None:
    plan = plan_of({"key": "c", "quota": "revenue", "formula": formula}, tables=[{"key": "bonuses", "rows": {"A": 5}}])
    result = run(plan, {"deals": DEALS})
    assert earned(result) == []
    (finding,) = [each for each in result.findings if each.code == code]
    assert words in finding.what and finding.keys["participant_key"] == "seller" and finding.is_error


@pytest.mark.parametrize(
    "component",
    [
        {"per": "DEAL", "formula": "credit * 5 % + shoe_minor"},
        {"formula": "SUM(shoe_minor) * 5 %"},
        {"measure": {"formula": "amount - shoe_minor"}, "rate": "5 %"},
        {"credit": {"where": "shoe_minor + amount > 5"}, "rate": "5 %"},
    ],
)
def test_a_column_that_the_facts_lack_is_a_finding(component: dict[str, Any]) -> None:
    plan = plan_of({"key": "c", **component})
    reader = Reader({"period": "2026-01", "deals": DEALS}, "", [])
    facts = facts_of(read_given(reader, [plan]))
    result = compute(replace(facts, deals=facts.deals.drop(columns="shoe_minor")), [plan])
    assert "FACT_COLUMN_MISSING" in codes(result)
    assert sum(earned(result)) == 0


def test_a_deal_without_a_value_is_named() -> None:
    plan = plan_of({"key": "c", "per": "DEAL", "formula": "credit / (quantity - 2)"})
    (finding,) = run(plan, {"deals": DEALS}).findings
    assert finding.code == "FORMULA_DIVISION" and "deal a: (quantity - 2) is 0" in finding.what


def test_the_branch_that_is_not_taken_does_not_matter() -> None:
    plan = plan_of(
        {"key": "c", "formula": "IF(SUM(quantity, product = 'Z') = 0, 5, measure / SUM(quantity, product = 'Z'))"}
    )
    result = run(plan, {"deals": DEALS})
    assert (earned(result), result.findings) == ([500], ())


def test_a_formula_that_pays_whole_deals_to_everybody_is_a_warning() -> None:
    _, findings = compile_plan({**HEAD, "components": [{"key": "c", "per": "DEAL", "formula": "amount * 5 %"}]})
    assert [finding.code for finding in findings] == ["FORMULA_WHOLE_DEAL"] and not findings[0].is_error


BROKEN = [
    ({"formula": "last * 5 %"}, "COMPONENT_ORDER", "components[0].formula, line 1, column 1"),
    ({"formula": "c * 5 %"}, "COMPONENT_ORDER", "components[0].formula, line 1, column 1"),
    ({"formula": "measure *"}, "FORMULA_UNFINISHED", "components[0].formula, line 1, column 9"),
    ({"formula": "measure", "rate": "5 %"}, "RATE_MISSING", "components[0].formula"),
    (
        {"rate": "5 %", "credit": {"where": "amount > "}},
        "FORMULA_UNFINISHED",
        "components[0].credit.where, line 1, column 8",
    ),
    (
        {"rate": "5 %", "measure": {"formula": "discount"}},
        "UNIT_ERROR",
        "components[0].measure.formula, line 1, column 1",
    ),
    ({"rate": "5 %", "measure": "FORMULA"}, "FORMULA_EMPTY", "components[0].measure"),
    ({"rate": "5 %", "measure": {"formula": "quantity"}}, "UNIT_ERROR", "components[0].rate"),
    ({"formula": ["a"]}, "FORMULA_SIGN", "components[0].formula, line 1, column 1"),
]


@pytest.mark.parametrize(("fields", "code", "where"), BROKEN, ids=[str(case[0]) for case in BROKEN])
def test_a_plan_with_a_broken_formula_does_not_compile(fields: dict[str, Any], code: str, where: str) -> None:
    plan, findings = compile_plan({**HEAD, "components": [{"key": "c", **fields}, {"key": "last", "rate": "1 %"}]})
    assert plan is None
    assert (code, where) in {(finding.code, finding.where) for finding in findings}


TABLES = [
    ({"key": "t"}, "TABLE_EMPTY"),
    ({"key": "t", "rows": {}}, "TABLE_EMPTY"),
    ({"key": "t", "rows": {"a": {"b": 1}, "c": 2}}, "TABLE_KEYS"),
    ({"key": "t", "rows": {"a": "5 %", "b": "x"}}, "NUMBER_UNREADABLE"),
    ({"key": "t", "tiers": [{"until": 5, "rate": "5 %"}, {"amount": 5}]}, "UNIT_ERROR"),
    ({"key": "t", "curve": [{"at": 5, "pays": 5}]}, "CURVE_INCOMPLETE"),
    ({"key": "t", "curve": [{"at": 5, "pays": 5}, {"at": 6}]}, "CURVE_INCOMPLETE"),
    ({"key": "t", "curve": [{"at": 5, "pays": 5}, {"at": 4, "pays": 5}]}, "CURVE_ORDER"),
    ({"key": "t", "curve": [{"at": 5, "pays": 5}, {"at": "6 %", "pays": 5}]}, "TIER_UNITS_MIXED"),
    ({"key": "t", "curve": [{"at": 5, "pays": 5}, {"at": 6, "pays": "5 %"}]}, "NUMBER_UNREADABLE"),
    ({"key": "t", "edges": "PERCENT", "curve": [{"at": 5, "pays": 5}, {"at": 6, "pays": 6}]}, "TIER_UNITS_MIXED"),
    ({"key": "t", "tiers": [{"until": 5, "amount_each": 5}, {"amount_each": 5}]}, "UNIT_ERROR"),
    ({"key": "t", "edges": "PERCENT", "tiers": [{"until": 5, "rate": "5 %"}, {"rate": "6 %"}]}, "UNIT_ERROR"),
    ({"key": "t", "edges": "APPLES", "tiers": [{"rate": "5 %"}]}, "CHOICE_UNKNOWN"),
    ({"key": "t", "rows": {"a": 1}, "row": 5}, "FIELD_UNKNOWN"),
]


@pytest.mark.parametrize(("table", "code"), TABLES, ids=[str(case[0]) for case in TABLES])
def test_a_table_that_cannot_be_read_is_a_finding(table: dict[str, Any], code: str) -> None:
    plan, findings = compile_plan({**HEAD, "tables": [table], "components": [{"key": "c", "rate": "1 %"}]})
    assert plan is None and code in {finding.code for finding in findings}


def test_a_curve_is_told_point_by_point_and_computed_between_them() -> None:
    points = [{"at": "50 %", "pays": "1 %"}, {"at": "100 %", "pays": "2 %"}, {"at": "100 %", "pays": "4 %"}]
    plan = plan_of(
        {"key": "c", "quota": "revenue", "formula": "measure * CURVE(payout, ATTAINMENT())"},
        tables=[{"key": "payout", "curve": points}],
    )
    texts = {clause.where: clause.text for clause in plan_clauses(plan)}
    assert texts["tables.payout"] == (
        "The curve payout gives 1 % at 50 %, 2 % at 100 %, 4 % at 100 %: straight lines between these points, nothing below the first, "
        "level after the last; of two points at one place the later holds from there on."
    )
    assert (
        texts["components.c.pay"]
        == "It pays what counts for c times the height of the curve payout at the attainment of c."
    )
    paid = [
        earned(run(plan, {"amounts": [amount], "quotas": {"revenue": 1000}})) for amount in (499, 500, 750, 1000, 2000)
    ]
    assert paid == [[0], [500], [1125], [4000], [8000]]


def test_prose_and_files_understand_formulas() -> None:
    document = {
        **HEAD,
        "tables": [{"key": "regions", "rows": {"EMEA": "5 %"}, "otherwise": "1 %"}],
        "components": [
            {
                "key": "base",
                "credit": {"where": "stage = 'Won' and amount / quantity > 10"},
                "measure": {"formula": "amount - cost"},
                "rate": "1 %",
            },
            {
                "key": "c",
                "formula": "IF(base > 100, base * 10 %, 0) + SUM(amount * LOOKUP(regions, region), product = 'A', YTD)",
            },
        ],
    }
    plan, findings = compile_plan(document)
    assert plan is not None and not findings
    again, _ = read_text(write_text(document))
    assert again is not None and compile_plan(again)[0] == plan
    texts = "\n".join(clause.text for clause in plan_clauses(plan))
    assert "deals with stage Won and where (amount divided by quantity) is above 10.00 USD" in texts
    assert "the credited part of amount less cost" in texts
    assert "It pays ((10 % of what base earns) if what base earns is above 100.00 USD, otherwise 0" in texts
    assert (
        "the sum of (amount times what the table regions gives for region) over the credits of the fiscal year to date"
        in texts
    )
    assert "The table regions gives 5 % for EMEA; 1 % otherwise." in texts


WORDS = [
    ("closed_on >= 2026-03-01", "closed day is on or after 2026-03-01"),
    ("DATE(2026, 2, 1) > closed_on", "the day 1 of month 2 of year 2026 is after closed day"),
    ("margin / amount > 40 %", "(margin divided by amount) is above 40 %"),
    ("stage NOT IN ('a', 'b') or ISEMPTY(stage)", "(not (stage is one of “a” and “b”)) or stage is not given"),
    ("IF(is_new, 1, 2) = 1", "(1 if is new, otherwise 2) is 1"),
    ("amount < 1,000 USD * 2", "amount is below (1,000.00 USD times 2)"),
]


@pytest.mark.parametrize(("text", "wanted"), WORDS)
def test_a_formula_in_words(text: str, wanted: str) -> None:
    formula = analyse(text, Context("USD", Place.CONDITION)).formula
    assert formula is not None and words(formula.tree) == wanted


CLIFFS = [
    "IF(measure >= 10000, measure * 10 %, measure * 5 %)",
    "measure * IF(ATTAINMENT() >= 100 %, 10 %, 5 %)",
    "measure * TIERRATE(steps, ATTAINMENT())",
]


@pytest.mark.parametrize("formula", CLIFFS)
def test_checks_see_the_cliffs_of_formulas(formula: str) -> None:
    steps = [{"key": "steps", "tiers": [{"until": "100 %", "rate": "5 %"}, {"rate": "10 %"}]}]
    plan = plan_of({"key": "c", "quota": "revenue", "formula": formula}, tables=steps)
    assert "CLIFF" in {finding.code for finding in check_plan(plan)}
    smooth = plan_of({"key": "c", "formula": "measure * 5 % + MAX(measure - 10000, 0) * 5 %"})
    assert not [finding.message for finding in check_plan(smooth)]


def test_checks_see_two_formulas_that_pay_the_same_deals() -> None:
    plan = plan_of(
        {"key": "first", "formula": "measure * 5 %"}, {"key": "second", "per": "DEAL", "formula": "credit * 1 %"}
    )
    assert [finding.code for finding in check_plan(plan)] == ["DOUBLE_PAY"]


def test_checks_read_conditions_in_either_form() -> None:
    rows = [{"where": "product = 'A'", "rate": "1 %"}, {"where": {"product": "A"}, "rate": "5 %"}, {"rate": "2 %"}]
    assert "LOOKUP_UNREACHABLE" in {finding.code for finding in check_plan(plan_of({"key": "c", "lookup": rows}))}
