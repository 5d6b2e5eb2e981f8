"""What a deal of a worked example lacks is unknown, as in a run: never 0, and never a figure to expect."""

import pytest

from incentives.engine.testing import ExampleResult, test_text

HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: MONTHLY\ncomponents: [{key: c, %s}]\n"
FLOOR = "per: DEAL, floor: {deal: 50}, "
BY_DISCOUNT = "lookup: [{where: {discount: {at_least: 20 %}}, rate: 1 %}, {rate: 10 %}]"
BY_MARGIN = "lookup: [{where: {margin_rate: {at_least: 50 %}}, rate: 10 %}, {rate: 1 %}]"
WHOLE = "{amount: 1000, cost: 400, list: 2000}"


def ran(component: str, deals: str, then: str) -> ExampleResult:
    given = f"{{period: 2026-01, deals: [{deals}]}}"
    (result,) = test_text(HEAD % component + f"examples: [{{name: x, given: {given}, then: {then}}}]\n")
    return result


@pytest.mark.parametrize(
    ("component", "once_paid"),
    [
        ("measure: MARGIN, rate: 10 %", 110),
        (BY_MARGIN, 150),
        (BY_DISCOUNT, 60),
        (FLOOR + BY_DISCOUNT, 100),
        ("formula: SUM((amount - cost) * 10 %)", 110),
    ],
)
@pytest.mark.parametrize("others", [WHOLE + ", ", ""], ids=["beside a deal that has it", "where none has it"])
def test_a_deal_without_cost_or_list_leaves_the_person_uncalculated(
    component: str, once_paid: int, others: str
) -> None:
    result = ran(component, others + "{amount: 500}", f"{{earned: {once_paid}}}")
    assert [each.code for each in result.findings if each.is_error] == ["FACT_EMPTY"] and not result.passed
    assert result.differences[0].endswith("without what can't be calculated") and not result.computed


def test_a_floor_of_a_deal_is_no_answer_where_no_deal_states_a_list_price() -> None:
    result = ran(FLOOR + BY_DISCOUNT, "{amount: 500}", "{earned: 50}")
    assert [each.code for each in result.findings] == ["FACT_EMPTY"] and not result.passed
    assert "computed 0.00 USD without" in result.differences[0]


@pytest.mark.parametrize("others", [WHOLE + ", ", ""], ids=["beside a deal that has it", "where none has it"])
def test_a_rule_that_compares_what_a_deal_lacks_does_not_credit_it_and_says_so(others: str) -> None:
    result = ran("credit: {where: {discount: {below: 20 %}}}, rate: 10 %", others + "{amount: 500}", "{earned: 0}")
    (finding,) = result.findings
    assert finding.code == "FACT_EMPTY" and not finding.is_error and result.passed
    assert "The rule compares list_minor" in finding.what or "The rule compares discount" in finding.what


def test_whole_deals_are_paid_and_a_deal_without_a_contract_has_an_annual_value_of_0() -> None:
    assert ran("measure: MARGIN, rate: 10 %", WHOLE, "{earned: 60}").passed
    annual = "measure: {kind: COLUMN, column: annual_value_minor}, rate: 10 %"
    assert ran(annual, "{amount: 9, annual_value: 1000}, {amount: 500}", "{earned: 100}").passed


BY_MONTHS = "lookup: [{where: {contract_months: {above: 12}}, rate: 3 %}, {rate: 2 %}]"
BY_FORMULA = "lookup: [{where: 'seats > 5 and amount > 1', rate: 3 %}, {rate: 2 %}]"
EDGES = "rows: {column: seats, edges: [10]}, columns: {column: amount, edges: [1000]}"
MATRIX = f"per: DEAL, matrix: {{{EDGES}, rates: [[1 %, 2 %], [3 %, 4 %]]}}"


@pytest.mark.parametrize(
    ("component", "what", "fix"),
    [
        (
            BY_MONTHS,
            "Deal deal 001: it has no length of contract (contract_months), which decides its rate.",
            "Complete the length of contract (contract_months) by importing its contract; or pay deals without it by a component of "
            "their own (where: {contract_months: {empty: true}}).",
        ),
        (
            BY_DISCOUNT,
            "Deal deal 001: it has no list price, which decides its rate.",
            "on its order lines, or in the price list",
        ),
        (
            BY_FORMULA,
            "Deal deal 001: it has no seats, which decides its rate.",
            "where the deal comes from, and import it again",
        ),
        (MATRIX, "Deal deal 001: it has no seats, which decides its rate.", "(where: {seats: {empty: true}})"),
    ],
    ids=["contract", "list price", "condition", "matrix"],
)
def test_what_a_deal_lacks_is_named_with_the_way_to_complete_it(component: str, what: str, fix: str) -> None:
    result = ran(component, "{amount: 500}", "{earned: 0}")
    (finding,) = [each for each in result.findings if each.is_error]
    assert (finding.code, finding.what) == ("FACT_EMPTY", what) and fix in finding.fix


def test_deals_without_a_value_are_paid_by_a_component_of_their_own_as_the_fix_says() -> None:
    two = (
        "credit: {where: {contract_months: {empty: false}}}, " + BY_MONTHS + "}, "
        "{key: d, credit: {where: {contract_months: {empty: true}}}, rate: 1 %"
    )
    assert ran(two, "{amount: 1000, contract_months: 24}, {amount: 500}", "{earned: 35}").passed


FIRST_FITS = "lookup: [{where: {product: A}, rate: 5 %}, {where: {discount: {above: 20 %}}, rate: 1 %}, {rate: 10 %}]"
BOTH_ASKED = "lookup: [{where: {product: A, discount: {above: 20 %}}, rate: 1 %}, {rate: 10 %}]"
BY_WORDS = "lookup: [{where: \"product = 'A'\", rate: 5 %}, {where: 'discount > 20 %', rate: 1 %}, {rate: 10 %}]"
LAST_FIRST = "lookup: [{rate: 5 %}, {where: {discount: {above: 20 %}}, rate: 1 %}]"


@pytest.mark.parametrize(
    ("component", "product", "paid"),
    [(FIRST_FITS, "A", 25), (BOTH_ASKED, "B", 50), (BY_WORDS, "A", 25), (LAST_FIRST, "B", 25)],
    ids=["an earlier row fits", "another condition fails", "formulas", "a row without conditions comes before"],
)
def test_a_row_of_a_lookup_asks_only_the_deals_that_it_may_pay(component: str, product: str, paid: int) -> None:
    """A deal without a list price is paid by the row before that fits, or by the one after where a row can't fit whatever the price."""
    result = ran(component, f"{{amount: 500, product: {product}}}", f"{{earned: {paid}}}")
    assert [each for each in result.findings if each.is_error] == [] and result.passed, result.differences


@pytest.mark.parametrize(("component", "product"), [(FIRST_FITS, "B"), (BOTH_ASKED, "A"), (BY_WORDS, "B")])
def test_a_row_of_a_lookup_that_may_pay_a_deal_needs_what_it_asks(component: str, product: str) -> None:
    result = ran(component, f"{{amount: 500, product: {product}}}", "{earned: 0}")
    assert [each.code for each in result.findings if each.is_error] == ["FACT_EMPTY"]
