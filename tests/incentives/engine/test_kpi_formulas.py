"""Formulas of KPIs: units of measures, divisions by zero, what is not known."""

from fractions import Fraction

import pytest

from incentives.engine.kpi_formulas import Operand, analyse_figure, compute_figure

OPERANDS = {
    one.key: one
    for one in (
        Operand("won_deals", "DEALS", "Deals won.", "No deal is known."),
        Operand("lost_deals", "DEALS", "Deals lost.", "No deal is known."),
        Operand("cycle_days", "DAYS", "Days.", "No deal is known."),
        Operand("won_amount", "AMOUNT", "Amount won.", "No deal is known."),
        Operand("list_amount", "AMOUNT", "List price.", "No order line has a list price."),
    )
}


def figures(text: str, **values: list[int | None]) -> list[tuple[Fraction | None, str]]:
    found = analyse_figure(text, OPERANDS, "USD")
    assert found.formula is not None, found.findings
    rows = compute_figure(found.formula, OPERANDS, values, len(next(iter(values.values()))))
    return [(one.value, one.reason) for one in rows]


def test_a_rate_is_exact_and_a_division_by_zero_is_unknown_with_a_sentence() -> None:
    assert figures("won_deals / (won_deals + lost_deals)", won_deals=[1, 0], lost_deals=[2, 0]) == [
        (Fraction(1, 3), ""),
        (None, "(won_deals + lost_deals) is 0, and nothing can be divided by it."),
    ]


def test_what_is_not_known_is_said_and_is_not_0() -> None:
    assert figures("won_amount / list_amount", won_amount=[90_00], list_amount=[None]) == [
        (None, "No order line has a list price.")
    ]


def test_a_money_literal_is_in_the_currency() -> None:
    assert figures("won_amount - 10", won_amount=[25_00]) == [(Fraction(15_00), "")]


@pytest.mark.parametrize(
    ("text", "code", "column", "said"),
    [
        ("won_amount + won_deals", "UNIT_ERROR", 1, "won_deals is a count"),
        ("won_deals / 2 + cycle_days", "UNIT_ERROR", 1, "won_deals / 2 is deals and cycle_days is days"),
        (
            "won_deals * IF(lost_deals > cycle_days, 1, 2)",
            "UNIT_ERROR",
            16,
            "lost_deals is deals and cycle_days is days",
        ),
        ("won_amount * list_amount", "UNIT_ERROR", 1, "money × money"),
        ("won_deals / 0", "FORMULA_DIVISION", 13, "is 0"),
        ("won_deels / lost_deals", "NAME_UNKNOWN", 1, "won_deels is not known"),
        ("SUM(amount)", "FUNCTION_PLACE", 1, "SUM is known where a component pays"),
    ],
)
def test_mixed_units_and_slips_are_errors_with_their_place(text: str, code: str, column: int, said: str) -> None:
    found = analyse_figure(text, OPERANDS, "USD")
    assert found.formula is None
    first = found.findings[0]
    assert (first.code, first.keys["column"]) == (code, column)
    assert said in first.what and first.why == "The figure is unknown until it is corrected."


@pytest.mark.parametrize(
    "text", ["cycle_days / won_deals", "won_deals * 2 + lost_deals", "MAX(won_amount, list_amount) / won_deals"]
)
def test_units_that_go_together_pass(text: str) -> None:
    assert analyse_figure(text, OPERANDS, "USD").findings == ()
