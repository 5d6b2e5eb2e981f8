"""What somebody writes wrong in a first plan: each message says what, where and how to write it."""

from __future__ import annotations

import pytest

from incentives.engine.testing import check_text, test_text

HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: MONTHLY\n"
RATE = HEAD + "components: [{key: c, rate: 1 %}]\n"


def plan(component: str) -> str:
    return HEAD + "components: [{key: c, " + component + "}]\n"


EXAMPLE = (
    "examples: [{name: x, given: {period: 2026-01, deals: [{amount: 10, owner: ada, tarif: A}]}, then: {earned: 1}}]\n"
)
NO_OWNER = "No plan asks whose a deal is: its credit rules say whom it credits."


@pytest.mark.parametrize(
    ("asked", "fix"),
    [
        ("{owner: ada}", NO_OWNER),
        ("{seller: ada}", NO_OWNER),
        ("\"owner = 'ada'\"", NO_OWNER),
        ("{units: {above: 3}}", "Did you mean quantity?"),
        ("{close_dat: '2026-01-01'}", "Did you mean closed_on?"),
        ("{customer: Acme}", "Did you mean account?"),
        ("{tariff: A}", "Did you mean tarif?"),
        ("{arr_minor: {above: 3}}", "Did you mean annual_value?"),
    ],
)
def test_a_name_that_no_deal_states_is_answered_with_the_right_one(asked: str, fix: str) -> None:
    [result] = test_text(plan("rate: 1 %, credit: {where: " + asked + "}") + EXAMPLE)
    assert [each for each in result.differences if "no deal states" in each and fix in each]


@pytest.mark.parametrize("asked", ["{owner: ada}", "{owner_key: ada}", "\"owner = 'ada'\"", "\"owner_key = 'ada'\""])
def test_that_a_plan_asks_whose_a_deal_is_is_told_where_it_stands(asked: str) -> None:
    [found] = [each for each in check_text(plan("rate: 1 %, credit: {where: " + asked + "}")) if "owner" in each.what]
    assert found.code == "NAME_RESEMBLES" and found.where.startswith("component c, credit where")
    assert " asks whose the deal is." in found.what and NO_OWNER in found.fix


def test_deals_of_an_example_state_their_owner_by_its_name() -> None:
    [result] = test_text(RATE + EXAMPLE.replace("owner: ada", "owner_key: ada"))
    assert [each.fix for each in result.findings if each.is_error] == ["Write owner."]


def test_a_name_of_a_formula_is_not_taken_for_a_component_of_one_letter() -> None:
    components = "[{key: a, rate: 1 %}, {key: c, rate: 1 %}, {key: x, formula: \"IF(product = 'A', 5, 0)\"}]"
    [found] = [each for each in check_text(HEAD + f"components: {components}\n") if each.is_error]
    assert found.fix.startswith("A column of the deals stands inside SUM, COUNT, AVERAGE or DISTINCT")


def test_shares_of_a_release_that_can_not_be_read_are_said_once() -> None:
    parts = "release: {parts: [{share: 33.3333333 %}, {share: 66.6666667 %, when: CASH_FULL}]}\n"
    assert [each.code for each in check_text(RATE + parts) if each.is_error] == ["RATE_UNREADABLE"] * 2


@pytest.mark.parametrize(
    ("text", "code"),
    [(RATE + "draw: 300\n", "FIELD_UNREADABLE"), (plan("contest: {pot: 1 %, share: EQUAL}"), "UNIT_ERROR")],
)
def test_what_is_no_draw_or_pot_is_said_once(text: str, code: str) -> None:
    assert [each.code for each in check_text(text) if each.is_error] == [code]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (plan("rate: 7"), "component c, rate: rate is 7 without a % sign, which is 700 %. Write 7 % if that is meant"),
        (
            plan("rate: 50 bps"),
            "“50 bps” is not a rate. Nobody is calculated by this plan until it is corrected. Write 0.5 %.",
        ),
        (plan("rate: 1 %, cap: 10.000"), "“10.000” can be 10000 or 10.000"),
        (plan("rate: 1 %, cap: 1,500.50"), "A comma inside { } or [ ] begins a new field"),
        (plan("rate: 1 %, cap: 1:30"), "“1:30” is not an amount"),
        (plan("rate: 1 %, cap: 200 %"), "cap is 200 %, a percentage, and an amount of USD is expected"),
        (plan("rate: 1 %, cap: {year: 200 %}"), "To stop at a percentage of quota, let a tier end there"),
        (
            plan("bonus: 5 %"),
            "bonus is 5 %, a percentage, and an amount of USD is expected. Nobody is calculated by this plan until it",
        ),
        (plan("formula: 'MIN(measure; 100)'"), "formula, character 12: “;” separates nothing here"),
        (
            plan("formula: 'MIN(measure; 100)'"),
            "Write a comma in its place, as in MIN(measure, 100), and decimals with a point",
        ),
        (plan("rate: 1 %, cap: € 500"), "cap is € 500, and the plan is in USD"),
        (plan("rate: 1 %, rate: 2 %"), "the field rate is given twice. No plan was read. Keep one of the two."),
        (plan("tier_mode: retroactive, tiers: [{rate: 1 %}]"), "Write WHOLE."),
        (plan("tiers: [{to: 100, rate: 1 %}, {rate: 2 %}]"), "Did you mean until?"),
        (
            plan("tiers: [{until: 100, rate: 1 %}, {from: 101, rate: 2 %}]"),
            "component c, tier 2, from: There is no rate",
        ),
        (plan("rate: 1 %, credit: {where: {amount: {more_than: 5}}}"), "Known here: above, at_least"),
        (plan("rate: 1 %, credit: {where: {amount: {}}}"), "amount is compared with nothing"),
        (plan("rate: 1 %, credit: {kind: MANAGER}"), "Write ROLLUP."),
        (plan("measure: {kind: COLUMN, column: arr}, rate: 1 %"), "Write column: arr_minor"),
        (
            RATE.replace("USD", "usd"),
            "usd is not an ISO 4217 code. Nobody is calculated by this plan until it is corrected. Write USD.",
        ),
        (RATE.replace("MONTHLY", "month"), "Write MONTHLY."),
        (RATE + "clawback: 90 days\n", "Write for example clawback: {within: 90 days}."),
        (RATE + "draw: 300\n", "Write for example draw: {kind: RECOVERABLE_GUARANTEE, amount: 2000}."),
        (RATE + "release: [{share: 40 %}]\n", "release is a list, not a set of fields."),
        (RATE + "release: [{share: 40 %}]\n", "Write for example release: {parts: [{share: 40 %}, {share: 60 %,"),
        (RATE + "release: CASHFUL\n", "Write CASH_FULL."),
        (plan("formula: 'measure * (measure / 100)'"), "in brackets, to get a percentage: (… / 100 USD)."),
        (plan("quota: 100000, rate: 5 %"), "Write a name, such as quota: revenue"),
        (plan("rate: 5 %, accelerators: [{at: 100 %, rate: 8 %}]"), "Did you mean tiers?"),
        (plan("rate: 5 %, accelerator: 150 %"), "Did you mean tiers?"),
        (plan("rate: 5 %, decelerator: 50 %"), "Did you mean tiers?"),
        (plan("spiff: 500"), "Did you mean bonus?"),
        (plan("rate: 3.3333333 %"), "more than six decimals of a percent. Nobody is calculated by this plan until"),
        (plan("rate: 3.3333333 %"), "Write at most six."),
        (
            plan("rate: 5 %, gates: [{of: margin, at_least: 20 %}]"),
            "Describe it in measures of the plan, or write one of these: c.",
        ),
        (plan("rate: 5 %, of: margin"), "Describe it in measures of the plan"),
        (plan("formula: 'measure > 5 ? 1 : 2'"), "Write IF(condition, then, otherwise)."),
        (plan("formula: 'IF(product = Gold, 5, 0)'"), "Write 'Gold' if it is a text."),
        (plan("rate: 5 %, kickers: [{bonus: 500}]"), "Did you mean amount?"),
        (plan("contest: {pot: 1 %, share: EQUAL}"), "credit: [{kind: DIRECT}, {kind: ROLLOVER, relation: team}]"),
        (plan("rate: 5 %, credit: {cap: 50 %}"), "MIN(credit, QUOTA() * 50 %)"),
        (
            plan("formula: \"IF(product = 'A', 5, 0)\""),
            "A column of the deals stands inside SUM, COUNT, AVERAGE or DISTINCT",
        ),
        (plan("tiers_per: account, tiers_against: LAST_YEAR, tiers: [{rate: 5 %}]"), "Write PRIOR_YEAR."),
        (plan("measure: {kind: DISTINCT, column: x}, accumulation: YTD, amount_each: 5"), "DISTINCT(x) * 5 USD"),
        (RATE.replace("2027-01-01", "2026-12-31"), "so the plan leaves 2026-12-31 out. Write until: 2027-01-01"),
        (HEAD + "components:\n\t- key: c\n", "Indent with spaces: YAML knows no tabs."),
        (HEAD + "components:\n  - key:c\n    rate: 1 %\n", "Put a space after each colon"),
    ],
)
def test_a_mistake_of_the_plan(text: str, message: str) -> None:
    assert any(message in finding.message for finding in check_text(text)), [each.message for each in check_text(text)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("deals: [{amount: 100, on: 2026-02-03}]", "deal 001 is on 2026-02-03, outside the periods of the example"),
        ("deals: [{value: 100}]", "deal 001 states no amount and counts 0"),
        (
            "people: {a: {}}, deals: [{amount: 100, split: {a: 50 %, z: 50 %}}]",
            "shared with z, who is not among the people",
        ),
        ("people: {a: {plan: other}}, deals: [{amount: 100}]", "the plan other, which the file does not have"),
        ("people: {a: {manager: boss}}, deals: [{amount: 1}]", "boss, the manager of a, is not among the people"),
        ("deals: [{key: s, amount: 100}, {amount: 5, reverses: s}]", "deal 002 is a return, and its amount is above 0"),
        ("deals: [{amount: 100, stage: Won}], quota: 5", "Did you mean quotas?"),
        ("deals: [{amount: 100, date: 2026-01-03}]", "deal 001 states date, which no plan asks for. Did you mean on?"),
        (
            "deals: [{amount: 100, sales_rep: a}]",
            "deal 001 states sales_rep, which no plan asks for. Did you mean owner?",
        ),
        ("deals: [{amount: 100, units: 3}]", "deal 001 states units, which no plan asks for. Did you mean quantity?"),
    ],
)
def test_a_mistake_of_an_example(given: str, message: str) -> None:
    (result,) = test_text(
        RATE + f"examples:\n  - {{name: x, given: {{period: 2026-01, {given}}}, then: {{earned: 7}}}}\n"
    )
    told = [*result.differences, *(finding.message for finding in result.findings)]
    assert any(message in line for line in told), told


def test_a_list_of_people_is_people() -> None:
    (result,) = test_text(
        RATE
        + "examples: [{name: x, given: {period: 2026-01, people: [a, b], deals: [{amount: 100}]}, then: {people: {a: 1, b: 0}}}]\n"
    )
    assert result.passed, result


def test_a_matrix_by_a_column_that_no_deal_states_pays_nobody_and_says_so() -> None:
    matrix = "matrix: {rows: {column: margin_rate, edges: [10 %]}, columns: {column: amount, edges: [1]}, rates: [[1 %, 2 %], [3 %, 4 %]]}"
    (result,) = test_text(
        plan(f"per: DEAL, {matrix}")
        + "examples: [{name: x, given: {period: 2026-01, amounts: [100]}, then: {earned: 0}}]\n"
    )
    assert [finding.code for finding in result.findings if finding.is_error] == ["FACT_EMPTY"]
