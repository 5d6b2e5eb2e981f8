"""Reads what is written out in a formula: amounts, percentages, numbers, days, texts, answers."""

from __future__ import annotations

from fractions import Fraction

from incentives.engine.language.checking import DIGITS, Checker
from incentives.engine.language.tree import Node, Raw
from incentives.engine.language.units import PERCENT, PLAIN, TEXT, YES_NO, Kind, Type
from incentives.engine.typed import is_thousands, number_fix
from spm.core.money import is_currency, minor_digits


def check_literal(checker: Checker, raw: Raw) -> Node | None:
    if raw.what == "TEXT":
        quote, inner = raw.value[0], raw.value[1:-1]
        return Node("CONSTANT", TEXT, (), inner.replace(quote * 2, quote), raw.span)
    if raw.what in ("YES", "NO"):
        return Node("CONSTANT", YES_NO, (), raw.what == "YES", raw.span)
    if raw.what == "DATE":
        return _date(checker, raw)
    return _number(checker, raw)


def _date(checker: Checker, raw: Raw) -> Node | None:
    found = checker.day(Node("CONSTANT", TEXT, (), raw.value, raw.span))
    if found is None:
        checker.find("DAY_UNREADABLE", raw.span, f"{raw.value} is no day of the calendar.", "Write it like 2026-01-31.")
    return found


def _number(checker: Checker, raw: Raw) -> Node | None:
    digits = raw.value.rstrip("%").strip()
    currency = digits[-3:] if raw.what == "MONEY" else ""
    digits = digits[:-3].strip() if currency else digits
    if "," in digits and not currency and _separates(checker.text, raw.span[0]):
        what = f"{digits} can be one number or two arguments."
        checker.find(
            "NUMBER_AMBIGUOUS", raw.span, what, f"Write {digits.replace(',', '')} or {digits.replace(',', ', ')}."
        )
        return None
    if is_thousands(digits) and raw.what != "PERCENT":
        what = f"{digits} can be {digits.partition('.')[0]} or {digits.replace('.', '')}."
        checker.find("NUMBER_AMBIGUOUS", raw.span, what, number_fix(digits))
        return None
    if sum(letter.isdigit() for letter in digits) > DIGITS:
        what = f"The number has more than {DIGITS} digits."
        checker.find("NUMBER_TOO_LARGE", raw.span, what, "No amount of the product is that large or that precise.")
        return None
    value = Fraction(digits.replace(",", ""))
    if raw.what == "PERCENT":
        return Node("CONSTANT", PERCENT, (), value / 100, raw.span)
    if raw.what == "NUMBER":
        return Node("CONSTANT", PLAIN, (), value, raw.span)
    return _amount(checker, raw, value, currency)


def _amount(checker: Checker, raw: Raw, value: Fraction, currency: str) -> Node | None:
    own = checker.context.currency
    if not is_currency(currency):
        checker.find("CURRENCY_UNKNOWN", raw.span, f"{currency} is no currency.", f"Write {own}.")
        return None
    if currency != own:
        what = f"{raw.value} is in {currency}, and the plan is in {own}: amounts of two currencies can't be mixed."
        checker.find("CURRENCY_MIXED", raw.span, what, f"Write the amount in {own}.")
        return None
    return Node("CONSTANT", Type(Kind.MONEY, own), (), value * 10 ** minor_digits(own), raw.span)


def _separates(text: str, place: int) -> bool:
    """True inside the brackets of a function or list, where a comma separates arguments."""
    depth, before = 0, text[:place]
    for index in range(len(before) - 1, -1, -1):
        if before[index] == ")":
            depth += 1
        elif before[index] == "(":
            if depth == 0 and before[:index].rstrip()[-1:].isalnum():
                return True
            depth -= depth > 0
    return False
