"""What every function and operator of the formula language gives, on three deals: d1, d2, and d3, a negative one with gaps."""

from __future__ import annotations

from fractions import Fraction

import pytest

from incentives.engine.language.functions import FUNCTIONS
from tests.incentives.engine.language.asking import ask, dollars, evaluation, holds

MONEY_CASES = [
    ("amount", [1000, Fraction("2500.5"), -50]),
    ("amount - cost", [400, Fraction("2500.5"), 0]),
    ("margin", [400, Fraction("2500.5"), 0]),
    ("amount * 5 %", [50, Fraction("125.025"), Fraction("-2.5")]),
    ("amount / 4", [250, Fraction("625.125"), Fraction("-12.5")]),
    ("-amount + 1,000 USD", [0, Fraction("-1500.5"), 1050]),
    ("amount * quantity", [2000, 0, -250]),
    ("amount * (1 + 10 %)", [1100, Fraction("2750.55"), -55]),
    ("amount - 100 - 0.5 USD", [Fraction("899.5"), Fraction("2400"), Fraction("-150.5")]),
    ("2 * 3 USD / 4", [Fraction("1.5")] * 3),
    ("IF(amount > 1000, 10, 20 USD)", [20, 10, 20]),
    ("IF(quantity = 0, 0, amount / quantity)", [500, 0, -10]),
    ("IF(is_new, amount, 0)", [1000, 0, 0]),
    ("MIN(amount, 1500)", [1000, 1500, -50]),
    ("MAX(amount, 1500 USD, 0)", [1500, Fraction("2500.5"), 1500]),
    ("ABS(amount)", [1000, Fraction("2500.5"), 50]),
    ("ROUND(amount)", [1000, 2501, -50]),
    ("ROUND(amount, -3)", [1000, 3000, 0]),
    ("ROUND(amount / 3, 2)", [Fraction("333.33"), Fraction("833.5"), Fraction("-16.67")]),
    ("ROUNDUP(amount / 3, 2)", [Fraction("333.34"), Fraction("833.5"), Fraction("-16.67")]),
    ("ROUNDDOWN(amount / 3, 2)", [Fraction("333.33"), Fraction("833.5"), Fraction("-16.66")]),
    ("ROUND(amount * 0 + 0.5 USD)", [1, 1, 1]),
    ("ROUND(amount * 0 - 0.5 USD)", [-1, -1, -1]),
    ("TIER(bands, amount)", [10, Fraction("40.01"), Fraction("-0.5")]),
    ("amount * TIERRATE(bands, amount)", [20, Fraction("50.01"), Fraction("-0.5")]),
    ("amount * CURVE(points, amount)", [300, Fraction("2500.5") * Fraction("0.45005"), 0]),
    (
        "amount * CURVE(points, amount / 4)",
        [125, Fraction("2500.5") * (Fraction("0.1") + Fraction("0.0001") * Fraction("625.125")), 0],
    ),
    ("CURVE(each, quantity) + amount * 0", [Fraction("5.5"), 0, 7]),
    ("TIER(pieces, quantity)", [4, 0, 10]),
    ("amount * LOOKUP(regions, region)", [50, Fraction("150.03"), "LOOKUP_ROW_MISSING"]),
    ("amount * 0 + LOOKUP(bonuses, stage)", [0, 0, 0]),
    ("LOOKUP(bonuses, 'A') + amount * 0", [500, 500, 500]),
    ("amount * LOOKUP(rates, region, 'old')", [20, Fraction("75.015"), "LOOKUP_ROW_MISSING"]),
    ("amount * LOOKUP(years, YEAR(credit_on))", [20, Fraction("50.01"), -1]),
    ("amount / quantity", [500, "FORMULA_DIVISION", -10]),
    ("amount * seats", [3000, "FACT_EMPTY", "FACT_UNREADABLE"]),
]
NUMBER_CASES = [
    ("quantity + 1", [3, 1, 6]),
    ("quantity * 2 / 3", [Fraction(4, 3), 0, Fraction(10, 3)]),
    ("YEAR(credit_on)", [2026, 2026, 2026]),
    ("MONTH(credit_on)", [1, 3, 5]),
    ("DAY(credit_on)", [1, 1, 27]),
    ("DAYS(credit_on, 2026-01-01)", [0, 59, 146]),
    ("credit_on - '2025-12-31'", [1, 60, 147]),
    ("DAYS(DATE(2026, quantity + 1, 31), 2026-01-01)", [89, 30, "FORMULA_DAY"]),
    ("LENGTH(region)", [4, 4, 4]),
    ("LENGTH(stage)", [3, 4, 0]),
    ("ROUND(quantity / 4)", [1, 0, 1]),
    ("IF(stage = 'Won', 1, 0)", [1, 0, 0]),
    ("seats", [3, "FACT_EMPTY", "FACT_UNREADABLE"]),
    ("MAX(seats, 1)", [3, "FACT_EMPTY", "FACT_UNREADABLE"]),
]
CONDITION_CASES = [
    ("stage = 'Won'", [True, False, False]),
    ("stage <> 'Won'", [False, True, True]),
    ('stage != "Won"', [False, True, True]),
    ("'Won' = stage", [True, False, False]),
    ("stage IN ('Won', 'Lost')", [True, True, False]),
    ("stage not in ('Won')", [False, True, True]),
    ("amount > 1000", [False, True, False]),
    ("amount >= 1,000", [True, True, False]),
    ("amount < 1,000 USD", [False, False, True]),
    ("amount <= 1000", [True, False, True]),
    ("1000 < amount", [False, True, False]),
    ("amount = 1000 or amount = -50", [True, False, True]),
    ("discount > 15 %", [True, False, False]),
    ("discount >= 0.2", [True, False, False]),
    ("margin / amount > 40 %", [False, True, False]),
    ("margin / list > 30 %", [True, True, "FORMULA_DIVISION"]),
    ("list > 0 and margin / list > 30 %", [True, True, False]),
    ("list = 0 or margin / list > 30 %", [True, True, True]),
    ("seats >= 2", [True, "FACT_EMPTY", "FACT_UNREADABLE"]),
    ("NOT seats >= 2", [False, "FACT_EMPTY", "FACT_UNREADABLE"]),
    ("seats = 3", [True, False, "FACT_UNREADABLE"]),
    ("seats <> 3", [False, True, "FACT_UNREADABLE"]),
    ("not ISEMPTY(seats) and seats >= 2", [True, False, "FACT_UNREADABLE"]),
    ("quantity in (0, 5)", [False, True, True]),
    ("is_new", [True, False, False]),
    ("not is_new", [False, True, True]),
    ("is_new = yes", [True, False, False]),
    ("AND(is_new, amount > 0)", [True, False, False]),
    ("OR(is_new, amount < 0)", [True, False, True]),
    ("NOT(is_new)", [False, True, True]),
    ("credit_on >= 2026-03-01", [False, True, True]),
    ("credit_on = '2026-01-01'", [True, False, False]),
    ("credit_on in ('2026-01-01', '2026-05-27')", [True, False, True]),
    ("credit_on + 31 >= DATE(2026, 2, 1)", [True, True, True]),
    ("STARTSWITH(region, 'E')", [True, False, False]),
    ("ENDSWITH(region, 'A')", [True, False, False]),
    ("CONTAINS(region, 'O')", [False, False, True]),
    ("CONTAINS(category, stage)", [False, False, False]),
    ("UNDER(category, 'hardware')", [True, True, False]),
    ("LOWER(region) = 'emea'", [True, False, False]),
    ("UPPER(stage) = 'WON'", [True, False, False]),
    ("TRIM(' EMEA ') = region", [True, False, False]),
    ("ISEMPTY(stage)", [False, False, True]),
    ("ISEMPTY(paid_on)", [True, True, True]),
    ("LOOKUP(regions, region) > 5 %", [False, True, "LOOKUP_ROW_MISSING"]),
    ("IF(stage = 'Won', 'x', 'y') = 'x'", [True, False, False]),
    ("LOOKUP(bonuses, region) = 0", [True, True, True]),
    ("stage = 'it''s'", [False, False, False]),
    ("no", [False, False, False]),
]


@pytest.mark.parametrize(("text", "wanted"), MONEY_CASES, ids=[text for text, _ in MONEY_CASES])
def test_money(text: str, wanted: list[object]) -> None:
    assert dollars(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), NUMBER_CASES, ids=[text for text, _ in NUMBER_CASES])
def test_numbers(text: str, wanted: list[object]) -> None:
    assert ask(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), CONDITION_CASES, ids=[text for text, _ in CONDITION_CASES])
def test_conditions(text: str, wanted: list[object]) -> None:
    assert holds(text) == wanted


def test_every_function_of_a_deal_has_a_case() -> None:
    texts = " ".join(text for text, _ in [*MONEY_CASES, *NUMBER_CASES, *CONDITION_CASES])
    assert [name for name, function in FUNCTIONS.items() if not function.pays and f"{name}(" not in texts] == []


def test_the_key_that_a_table_lacks_is_named() -> None:
    asked = evaluation("amount * LOOKUP(rates, region, stage)")
    trouble = asked.value().trouble
    assert trouble is not None
    words = [asked.reasons[number - 1].what for number in trouble]
    assert words == [
        f"the table rates has no row for {key}" for key in ("EMEA and Won", "APAC and Lost", "MOON and nothing stated")
    ]
