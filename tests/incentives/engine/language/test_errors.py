"""Every error of the formula language: its code, the piece it points to, and a way out."""

from __future__ import annotations

import pytest

from incentives.engine.language import Place, analyse
from tests.incentives.engine.language.asking import context

CONDITION, MEASURE, DEAL, PERIOD = Place.CONDITION, Place.MEASURE, Place.DEAL, Place.PERIOD
CASES: list[tuple[Place, str, str, str, str]] = [
    (CONDITION, "", "FORMULA_EMPTY", "", "amount * 5 %"),
    (CONDITION, "   ", "FORMULA_EMPTY", "", "amount * 5 %"),
    (CONDITION, "amount >", "FORMULA_UNFINISHED", ">", "after the last sign"),
    (CONDITION, "(amount > 5", "FORMULA_UNFINISHED", "5", "Add )"),
    (CONDITION, "amount > 5)", "FORMULA_SYNTAX", ")", "open a bracket"),
    (CONDITION, "1 < amount < 5", "FORMULA_SYNTAX", "<", "AND"),
    (CONDITION, "stage == 'Won'", "FORMULA_SYNTAX", "=", "one sign"),
    (CONDITION, "stage = 'Won' && is_new", "FORMULA_SIGN", "&", "AND"),
    (CONDITION, "stage = ‘Won’", "FORMULA_SIGN", "‘", "'"),
    (CONDITION, "stage = 'Won", "FORMULA_SIGN", "'", "both quotes"),
    (CONDITION, "amount ≥ 5", "FORMULA_SIGN", "≥", ">="),
    (CONDITION, "аmount > 5", "FORMULA_SIGN", "а", "square brackets"),
    (CONDITION, "amount > $5", "FORMULA_SIGN", "$", "USD"),
    (CONDITION, "amount stage", "FORMULA_SYNTAX", "stage", "operator"),
    (CONDITION, "amount > 1.234,56", "FORMULA_SYNTAX", ",", "point"),
    (CONDITION, "amount", "UNIT_ERROR", "amount", "amount > 0"),
    (CONDITION, "amount > 'x'", "UNIT_ERROR", "amount > 'x'", "quotes"),
    (CONDITION, "amount > 5 %", "UNIT_ERROR", "amount > 5 %", "amount * 5 %"),
    (CONDITION, "amount > quantity", "UNIT_ERROR", "amount > quantity", "quantity * 1 USD"),
    (CONDITION, "discount > 20", "PERCENT_EXPECTED", "20", "20 %"),
    (CONDITION, "credit_on > 5", "UNIT_ERROR", "credit_on > 5", "2026-01-31"),
    (CONDITION, "credit_on > 2026-02-30", "DAY_UNREADABLE", "2026-02-30", "2026-01-31"),
    (CONDITION, "stage > 'A'", "UNIT_ERROR", "stage > 'A'", "equal"),
    (CONDITION, "amount in ('a')", "UNIT_ERROR", "amount in ('a'", "quotes"),
    (CONDITION, "amount and is_new", "UNIT_ERROR", "amount", "amount > 0"),
    (CONDITION, "SUM(amount) > 5", "FUNCTION_PLACE", "SUM(amount)", "component"),
    (CONDITION, "ATTAINMENT() > 5 %", "FUNCTION_PLACE", "ATTAINMENT()", "component"),
    (CONDITION, "amount > 1,000 EUR", "CURRENCY_MIXED", "1,000 EUR", "USD"),
    (CONDITION, "amount > 1,000 XYZ", "CURRENCY_UNKNOWN", "1,000 XYZ", "USD"),
    (CONDITION, "MAX(1,200) > amount", "NUMBER_AMBIGUOUS", "1,200", "1200"),
    (CONDITION, f"amount > {'9' * 30}", "NUMBER_TOO_LARGE", "9" * 30, "large"),
    (CONDITION, "UNDER(category)", "ARGUMENT_COUNT", "UNDER(category)", "UNDER(path, above)"),
    (CONDITION, "UNDER(amount, 'x')", "UNIT_ERROR", "amount", "text in quotes"),
    (CONDITION, "ISEMPTY(5)", "ARGUMENT", "5", "attribute"),
    (CONDITION, "YEAR(stage) = 2026", "UNIT_ERROR", "stage", "closed_on"),
    (CONDITION, "credit_on > period_start", "NAME_UNKNOWN", "period_start", "SUM(credit, … period_start …)"),
    (CONDITION, "TODAY() > credit_on", "FUNCTION_UNKNOWN", "TODAY", "credit_on"),
    (CONDITION, "LEN(stage) > 5", "FUNCTION_UNKNOWN", "LEN", "LENGTH(text)"),
    (CONDITION, "STARTWITH(stage, 'W')", "FUNCTION_UNKNOWN", "STARTWITH", "STARTSWITH"),
    (CONDITION, "LOOKUP(region, stage) = 5", "TABLE_UNKNOWN", "region", "regions"),
    (CONDITION, "LOOKUP(bands, stage) = 5", "TABLE_UNKNOWN", "bands", "TIER(bands"),
    (CONDITION, "LOOKUP(rates, region) = 5 %", "ARGUMENT_COUNT", "LOOKUP(rates, region)", "key, key"),
    (CONDITION, "__import__ = 'os'", "NAME_UNKNOWN", "__import__", "Known here"),
    (MEASURE, "amount * cost", "UNIT_ERROR", "amount * cost", "divide two amounts first"),
    (MEASURE, "amount * margin / cost", "UNIT_ERROR", "amount * margin / cost", "percentage"),
    (MEASURE, "quantity / amount", "UNIT_ERROR", "quantity / amount", "Divide the amount"),
    (MEASURE, "amount + 5 %", "UNIT_ERROR", "amount + 5 %", "amount * 5 %"),
    (MEASURE, "amount + quantity", "UNIT_ERROR", "amount + quantity", "quantity * 1 USD"),
    (MEASURE, "stage + 'x'", "UNIT_ERROR", "stage + 'x'", "quotes"),
    (MEASURE, "amount * 'x'", "UNIT_ERROR", "amount * 'x'", "amounts, numbers"),
    (MEASURE, "credit_on + credit_on", "UNIT_ERROR", "credit_on + credit_on", "2026-01-31"),
    (MEASURE, "discount", "UNIT_ERROR", "discount", "amount - cost"),
    (MEASURE, "IF(amount, 1, 2)", "UNIT_ERROR", "amount", "amount > 0"),
    (MEASURE, "IF(is_new, amount, 'x')", "UNIT_ERROR", "amount, 'x'", "quotes"),
    (MEASURE, "IF(is_new, amount)", "ARGUMENT_COUNT", "IF(is_new, amount)", "IF(condition, then, otherwise)"),
    (MEASURE, "MIN('a', 'b')", "UNIT_ERROR", "MIN('a', 'b')", "amounts"),
    (MEASURE, "ROUND(amount, quantity)", "ARGUMENT", "quantity", "-9 to 9"),
    (MEASURE, "ABS(stage = 'x')", "UNIT_ERROR", "stage = 'x'", "amount"),
    (MEASURE, "TIER(steps, amount)", "UNIT_ERROR", "amount", "ATTAINMENT()"),
    (MEASURE, "TIER(nothing, amount)", "TABLE_UNKNOWN", "nothing", "tiers"),
    (MEASURE, "CURVE(bands, amount)", "TABLE_UNKNOWN", "bands", "TIER(bands"),
    (MEASURE, "TIER(points, amount)", "TABLE_UNKNOWN", "points", "CURVE(points"),
    (MEASURE, "CURVE(points, quantity) * amount", "UNIT_ERROR", "quantity", "an amount in USD"),
    (MEASURE, "CURVE(nothing, amount)", "TABLE_UNKNOWN", "nothing", "a curve"),
    (MEASURE, "points + 1", "NAME_UNKNOWN", "points", "CURVE(points, value)"),
    (MEASURE, "measure * 2", "NAME_UNKNOWN", "measure", "margin"),
    (MEASURE, "bands + 1", "NAME_UNKNOWN", "bands", "TIER(bands, value)"),
    (MEASURE, "IF + 1", "NAME_UNKNOWN", "IF", "IF(condition"),
    (PERIOD, "ATTAINMENT()", "UNIT_ERROR", "ATTAINMENT()", "measure * (ATTAINMENT())"),
    (PERIOD, "COUNT()", "UNIT_ERROR", "COUNT()", "1 USD"),
    (PERIOD, "measure > 5", "UNIT_ERROR", "measure > 5", "measure"),
    (PERIOD, "amount * 5 %", "NAME_UNKNOWN", "amount", "SUM(amount)"),
    (PERIOD, "last + 1", "COMPONENT_ORDER", "last", "before this component"),
    (PERIOD, "own * 5 %", "COMPONENT_ORDER", "own", "before this component"),
    (PERIOD, "mesure * 5 %", "NAME_UNKNOWN", "mesure", "measure"),
    (PERIOD, "new - logos", "NAME_UNKNOWN", "new", "[new-logos]"),
    (PERIOD, "ATTAINMENT(units) * base", "QUOTA_MISSING", "ATTAINMENT(units)", "quota"),
    (PERIOD, "QUOTA(ow) * 1 %", "NAME_UNKNOWN", "ow", "own"),
    (PERIOD, "SUM(base)", "NAME_UNKNOWN", "base", "outside"),
    (PERIOD, "SUM(SUM(credit))", "FUNCTION_PLACE", "SUM(credit)", "outside"),
    (PERIOD, "SUM(PERIOD)", "ARGUMENT_COUNT", "SUM(PERIOD)", "SUM(value, condition, window)"),
    (PERIOD, "SUM(credit, is_new, YTD, 4)", "ARGUMENT_COUNT", "SUM(credit, is_new, YTD, 4)", "SUM(value"),
    (PERIOD, "SUM(credit, 5)", "UNIT_ERROR", "5", "Compare"),
    (PERIOD, "measure * measure", "UNIT_ERROR", "measure * measure", "percentage"),
    (PERIOD, "TARGET(own)", "ARGUMENT_COUNT", "TARGET(own)", "TARGET()"),
    (DEAL, "discount", "UNIT_ERROR", "discount", "credit * (discount)"),
    (DEAL, "quantity", "UNIT_ERROR", "quantity", "1 USD"),
    (PERIOD, "1 / 0", "FORMULA_DIVISION", "0", "other than 0"),
    (PERIOD, "measure / 0", "FORMULA_DIVISION", "0", "other than 0"),
    (PERIOD, "measure * 5 % / 0.00 %", "FORMULA_DIVISION", "0.00 %", "other than 0"),
    (PERIOD, "measure / (1 - 1)", "FORMULA_DIVISION", "(1 - 1)", "other than 0"),
    (PERIOD, "measure / (5 USD * 2 - 10 USD) * measure", "FORMULA_DIVISION", "(5 USD * 2 - 10 USD)", "other than 0"),
    (PERIOD, "IF(measure > 5, measure / -(4 / 2 - 2), 0)", "FORMULA_DIVISION", "-(4 / 2 - 2)", "other than 0"),
    (CONDITION, "amount / (0 USD) > 5 %", "FORMULA_DIVISION", "(0 USD)", "other than 0"),
    (MEASURE, "amount / 0", "FORMULA_DIVISION", "0", "other than 0"),
    (DEAL, "credit / (0)", "FORMULA_DIVISION", "(0)", "other than 0"),
    (DEAL, "measure * 1 %", "NAME_OF_PERIOD", "measure", "Write credit"),
    (DEAL, "crdit * 5 %", "UNIT_ERROR", "crdit * 5 %", "Did you mean credit? Else: Give it a price"),
    (DEAL, "mesure * 5 %", "UNIT_ERROR", "mesure * 5 %", "Did you mean credit?"),
    (PERIOD, "SUM(amout) * 5 %", "UNIT_ERROR", "SUM(amout) * 5 %", "Did you mean amount?"),
    (PERIOD, "crdit * 5 %", "NAME_UNKNOWN", "crdit", "Did you mean SUM(credit)?"),
    (PERIOD, "atainment * 5", "NAME_UNKNOWN", "atainment", "Did you mean ATTAINMENT(measure)?"),
    (DEAL, "credit * 1 % + base", "NAME_OF_PERIOD", "base", "remove per: DEAL"),
    (DEAL, "[new-logos] * 1 USD", "NAME_OF_PERIOD", "[new-logos]", "Write credit"),
]


@pytest.mark.parametrize(
    ("place", "text", "code", "piece", "fix"), CASES, ids=[f"{case[0]}: {case[1][:40]}" for case in CASES]
)
def test_an_error_names_its_piece_and_a_way_out(place: Place, text: str, code: str, piece: str, fix: str) -> None:
    analysis = analyse(text, context(place), where="components[0].formula")
    assert analysis.formula is None and analysis.type == ""
    first = analysis.findings[0]
    assert first.code == code, first.message
    about = first.keys
    assert text[int(str(about["start"])) : int(str(about["end"]))].strip() == piece
    assert fix in first.fix, first.fix
    assert first.what and first.why and first.is_error
    assert first.where.startswith("components[0].formula, line 1, column ")


def test_the_place_of_an_error_is_its_line_and_column() -> None:
    finding = analyse("amount > 5 and\n  stage > 'x'", context(CONDITION)).findings[0]
    assert (finding.keys["line"], finding.keys["column"], finding.keys["piece"]) == (2, 3, "stage > 'x'")
    assert finding.where == "formula, line 2, column 3"


def test_all_names_that_are_wrong_are_told_at_once() -> None:
    assert [finding.keys["piece"] for finding in analyse("a1 + b2", context(PERIOD)).findings] == ["a1", "b2"]


def test_an_attribute_that_resembles_a_name_is_a_warning() -> None:
    analysis = analyse("amont > 5", context(CONDITION))
    assert analysis.formula is not None
    assert [(finding.code, finding.fix) for finding in analysis.findings] == [
        ("NAME_RESEMBLES", "Did you mean amount?")
    ]
