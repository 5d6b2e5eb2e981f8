"""Types one cell of text: the value, or the reason and the fix.

A blank cell is None; whether it may be blank is the schema's business. Nothing is guessed: what has two readings is refused
until the mapping's format decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from spm.core.findings import FindingError, Severity
from spm.core.money import SIGNS, is_currency, parse_amount, to_minor
from spm.crm.feeds.dates import parse_date
from spm.crm.feeds.inert import restored
from spm.crm.feeds.matching import propose, propose_spelling
from spm.crm.feeds.numerals import parse_number
from spm.crm.feeds.problems import ValueProblem
from spm.crm.feeds.vocabulary import is_standard

__all__ = ["Format", "ValueProblem", "ValueType", "parse"]

TEXT_LIMIT = 32_767
INTEGER_LIMIT = 2**63 - 1
PERCENT_PLACES = 8
Value = str | int | Decimal | date | bool


class ValueType(StrEnum):
    """What a field holds."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    DECIMAL = "DECIMAL"
    AMOUNT = "AMOUNT"
    PERCENT = "PERCENT"
    DATE = "DATE"
    BOOLEAN = "BOOLEAN"
    CURRENCY = "CURRENCY"
    COUNTRY = "COUNTRY"
    CHOICE = "CHOICE"


@dataclass(frozen=True, slots=True)
class Format:
    """How a file writes dates and numbers, as its mapping says.

    `date_order`: DMY, MDY, YMD. `decimal_mark`: "." or ",". `percent`: PERCENT (10 is 10 %) or FRACTION (0.1 is 10 %).
    None means that only texts with one reading are taken.
    """

    date_order: str | None = None
    decimal_mark: str | None = None
    percent: str | None = None
    excel_serials: bool = False


_DAMAGE = re.compile(
    "[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
_SHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)", re.IGNORECASE)
_TRUE = {"true", "t", "yes", "y", "1", "on", "x", "ja", "j", "oui", "si", "sí", "wahr"}
_FALSE = {"false", "f", "no", "n", "0", "off", "nein", "non", "falsch"}


def parse(
    text: str | None,
    type: ValueType,
    format: Format = Format(),
    *,
    currency: str | None = None,
    choices: Sequence[str] = (),
) -> Value | None:
    """The value of a cell, None when it is blank; raises ValueProblem.

    AMOUNT gives minor units of `currency`, PERCENT a share (10 % is Decimal("0.1")), COUNTRY the text as received.

    >>> parse("1,234.50", ValueType.AMOUNT, currency="USD"), parse(" 007 ", ValueType.TEXT)
    (123450, '007')
    """
    cleaned = _cleaned(text)
    if cleaned is None:
        return None
    if type == ValueType.AMOUNT:
        return _amount(cleaned, format, currency)
    if type == ValueType.CHOICE:
        return _choice(cleaned, choices)
    return _PARSERS[type](cleaned, format)


def _cleaned(text: str | None) -> str | None:
    """The text without outer space; raises ValueProblem for characters that nobody sees and for error values."""
    if text is None:
        return None
    cleaned = restored(text).strip().strip("\u00a0\u202f\u2007 ")
    if not cleaned:
        return None
    damage = _DAMAGE.search(cleaned)
    if damage:
        raise _damaged(cleaned, damage[0])
    if _SHEET_ERROR.fullmatch(cleaned):
        raise ValueProblem(
            f"The cell shows the spreadsheet error {cleaned}.", "Correct the formula, or leave the cell blank."
        )
    if len(cleaned) > TEXT_LIMIT:
        raise ValueProblem(f"The value has {len(cleaned):,} characters; {TEXT_LIMIT:,} are allowed.", "Shorten it.")
    return cleaned


def _damaged(text: str, character: str) -> ValueProblem:
    code = f"U+{ord(character):04X}"
    shown = _DAMAGE.sub("", text)[:40]
    if character == "\ufffd":
        return ValueProblem(
            f"“{text[:40]}” holds {code}: letters were lost before the file was sent.",
            "Export the file again as UTF-8.",
        )
    name = unicodedata.name(character, "control character").lower()
    return ValueProblem(f"“{shown}” holds an invisible character ({code}, {name}).", f"Type it again: {shown}")


def _text(text: str, _: Format) -> str:
    return text


def _integer(text: str, format: Format) -> int:
    number = parse_number(text, format.decimal_mark)
    if number != number.to_integral_value():
        raise ValueProblem(f"“{text[:40]}” is not a whole number.", "Write it without decimals.")
    if abs(number) > INTEGER_LIMIT:
        raise ValueProblem(f"“{text[:40]}” is larger than any number the product keeps.", "Check the number of digits.")
    return int(number)


def _decimal(text: str, format: Format) -> Decimal:
    number = parse_number(text, format.decimal_mark)
    if abs(number) > INTEGER_LIMIT:
        raise ValueProblem(f"“{text[:40]}” is larger than any number the product keeps.", "Check the number of digits.")
    return number


def _amount(text: str, format: Format, currency: str | None) -> int:
    if currency is None:
        raise ValueProblem(f"“{text[:40]}” has no currency.", "Choose the currency in the mapping, or name its column.")
    bare = _without_currency(text, currency)
    try:
        if format.decimal_mark is None:
            parse_number(bare)
            return parse_amount(bare, currency)
        return to_minor(parse_number(bare, format.decimal_mark), currency)
    except FindingError as error:
        raise ValueProblem(error.finding.what, error.finding.fix) from error


def _without_currency(text: str, currency: str) -> str:
    """The number of an amount; raises ValueProblem when it names another currency than its own."""
    bare = re.sub(rf"^{currency}\b|(?<![A-Z]){currency}$", "", text.strip(), flags=re.IGNORECASE).strip()
    for symbol, currencies in SIGNS.items():
        if symbol not in bare:
            continue
        if currency not in currencies:
            raise ValueProblem(
                f"“{text[:40]}” shows {symbol}, its currency is {currency}.",
                "Correct the currency of the row or of the mapping.",
            )
        bare = bare.replace(symbol, "", 1).strip()
    other = re.search(r"\b[A-Z]{3}\b", bare)
    if other and is_currency(other[0]):
        raise ValueProblem(
            f"“{text[:40]}” shows {other[0]}, its currency is {currency}.",
            "Correct the currency of the row or of the mapping.",
        )
    return bare


def _percent(text: str, format: Format) -> Decimal:
    signed = text.endswith("%")
    number = parse_number(text.rstrip("%").strip(), format.decimal_mark)
    if not signed and format.percent is None and number != 0:
        reason = f"“{text[:40]}” can be {number:f} % or {number * 100:f} %."
        raise ValueProblem(reason, "Choose in the mapping whether percentages are written as 10 or as 0.1.")
    share = number / 100 if signed or format.percent == "PERCENT" else number
    if abs(share) > 1_000 or round(share, PERCENT_PLACES) != share:
        raise ValueProblem(
            f"“{text[:40]}” is not a percentage with at most six decimals.", "Check the number of digits."
        )
    return share


def _date(text: str, format: Format) -> date:
    return parse_date(text, format.date_order, excel_serials=format.excel_serials)


def _boolean(text: str, _: Format) -> bool:
    word = text.casefold()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueProblem(f"“{text[:40]}” is neither yes nor no.", "Write yes or no.")


def _currency(text: str, _: Format) -> str:
    code = text.upper()
    if is_currency(code):
        return code
    named = SIGNS.get(text, frozenset())
    if len(named) == 1:
        return next(iter(named))
    raise ValueProblem(f"“{text[:40]}” is not a currency code.", "Write the code of three letters, such as EUR or USD.")


def _country(text: str, _: Format) -> str:
    if is_standard(text, "country"):
        return text
    proposals = tuple(name for name, _score in propose_spelling(text, "country"))
    fix = f"Map it to {proposals[0]}." if proposals else "Map it to a country's name."
    raise ValueProblem(
        f"“{text[:40]}” is not a known country.", fix, severity=Severity.WARNING, kept=text, proposals=proposals
    )


def _choice(text: str, choices: Sequence[str]) -> str:
    for choice in choices:
        if text.casefold() == choice.casefold():
            return choice
    proposals = tuple(name for name, _score in propose(text, choices))
    raise ValueProblem(
        f"“{text[:40]}” is none of {', '.join(choices)}.", "Map the value to one of them.", proposals=proposals
    )


_PARSERS: dict[ValueType, Callable[[str, Format], Value]] = {
    ValueType.TEXT: _text,
    ValueType.INTEGER: _integer,
    ValueType.DECIMAL: _decimal,
    ValueType.PERCENT: _percent,
    ValueType.DATE: _date,
    ValueType.BOOLEAN: _boolean,
    ValueType.CURRENCY: _currency,
    ValueType.COUNTRY: _country,
}
