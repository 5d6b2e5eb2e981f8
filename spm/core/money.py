"""Amounts in minor units, exact rates, and the one rounding.

Money is an integer of minor units plus a currency code; a rate, share or percentage is an integer at `RATE_SCALE`. Nothing
here is a float. The rounding is half away from zero, so that R(-x) = -R(x), and it is the only one of the product.
This module does not format for people: pages use their own locale-aware tags.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
from babel.numbers import get_currency_precision
from babel.numbers import list_currencies as babel_currencies

from spm.core.findings import Finding, FindingError

RATE_SCALE = 10**8
INT64_MAX = 2**63 - 1
AMOUNT_LIMIT = 10**17
"""Amounts are refused from this many minor units: what is above is a typing error and would not sum in 64 bits."""

_CURRENCIES = frozenset(babel_currencies())


class AmountError(FindingError):
    """A text that can't be read as an amount or a rate."""


def is_currency(code: str) -> bool:
    """True for an ISO 4217 code known to the currency table.

    >>> is_currency("EUR"), is_currency("EURO")
    (True, False)
    """
    return code in _CURRENCIES


def minor_digits(currency: str) -> int:
    """The number of decimals of a currency.

    >>> minor_digits("USD"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)
    """
    if not is_currency(currency):
        raise _unreadable(
            "CURRENCY_UNKNOWN", currency, "is not an ISO 4217 currency code", "Use a code such as EUR or USD."
        )
    return int(get_currency_precision(currency))


def round_half_away(numerator: int, denominator: int = 1) -> int:
    """The one rounding: `numerator / denominator` to the nearest integer, halves away from zero.

    >>> round_half_away(5, 2), round_half_away(-5, 2), round_half_away(7, 3)
    (3, -3, 2)
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def round_columns(numerators: np.ndarray, denominators: np.ndarray | int) -> np.ndarray:
    """The one rounding over columns, as int64. Denominators are positive. A result outside 64 bits raises OverflowError."""
    return np.array(round_wide(numerators, denominators), dtype=np.int64, copy=None)


def round_wide(numerators: np.ndarray, denominators: np.ndarray | int) -> np.ndarray:
    """The one rounding over columns: int64 where it fits, Python integers where it does not. Denominators are positive.

    >>> round_wide(np.array([3]), 2), round_wide(np.array([10**30]), 10)
    (array([2]), array([100000000000000000000000000000], dtype=object))
    """
    numerators = np.asarray(numerators)
    denominators = np.asarray(denominators)
    if numerators.dtype != object and denominators.dtype != object:
        largest = max(abs(int(numerators.min(initial=0))), int(numerators.max(initial=0)))
        divisor = int(np.max(denominators, initial=1))
        if divisor == 1 and largest <= INT64_MAX // 2:
            return np.broadcast_arrays(numerators, denominators)[0].astype(np.int64)
        if largest < INT64_MAX // 2 - divisor:
            size = (2 * np.abs(numerators) + denominators) // (2 * denominators)
            return np.where(numerators < 0, -size, size).astype(np.int64, copy=False)
    numerators, denominators = np.broadcast_arrays(numerators, denominators)
    pairs = zip(numerators.tolist(), denominators.tolist(), strict=True)
    rounded = [round_half_away(int(top), int(bottom)) for top, bottom in pairs]
    return np.array(rounded, dtype=object if any(abs(each) > INT64_MAX // 2 for each in rounded) else np.int64)


def multiply_columns(left: np.ndarray, right: np.ndarray | int) -> np.ndarray:
    """The exact product of integer columns: int64 when no product can overflow, else an object column of Python integers."""
    if isinstance(right, int) and right == 1:
        return left
    left, right = np.asarray(left), np.asarray(right)
    if left.dtype != object and right.dtype != object:
        widest = max(abs(int(left.min(initial=0))), int(left.max(initial=0)))
        factor = max(abs(int(right.min(initial=0))), int(right.max(initial=0)))
        if widest * factor <= INT64_MAX:
            return left.astype(np.int64, copy=False) * right.astype(np.int64, copy=False)
    product = left.astype(object) * right.astype(object)
    return np.asarray(product, dtype=object)


def scale_amount(amounts: np.ndarray, rate: np.ndarray | int, *, scale: int = RATE_SCALE) -> np.ndarray:
    """`amounts × rate / scale` in minor units with the one rounding, exact for every int64 input.

    >>> scale_amount(np.array([150, -150]), 3_000_000).tolist()
    [5, -5]
    """
    return round_columns(multiply_columns(amounts, rate), scale)


def split(total: int, weights: Sequence[int], keys: Sequence[object]) -> list[int]:
    """Parts of `total` in proportion to `weights` that sum to it: the largest remainder gets the residue, ties by key.

    Weights are integers of one sign and sum to something other than 0; keys are unique and comparable.

    >>> split(100, [1, 1, 1], ["b", "a", "c"])
    [33, 34, 33]
    """
    whole = sum(weights)
    if whole == 0 or (min(weights) < 0 < max(weights)):
        raise _unreadable(
            "SPLIT_WEIGHTS", str(list(weights)), "can't share an amount", "Give weights of one sign, not all 0."
        )
    parts = [abs(total) * abs(weight) // abs(whole) for weight in weights]
    remainders = [abs(total) * abs(weight) % abs(whole) for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], keys[index]))
    for index in order[: abs(total) - sum(parts)]:
        parts[index] += 1
    return [part if total >= 0 else -part for part in parts]


def to_minor(amount: Decimal | int | str, currency: str) -> int:
    """An exact amount in major units as minor units; raises AmountError when it has more decimals than the currency.

    >>> to_minor("12.5", "USD")
    1250
    """
    scaled = Fraction(Decimal(amount)) * 10 ** minor_digits(currency)
    if scaled.denominator != 1:
        raise _unreadable(
            "AMOUNT_PRECISION", str(amount), f"has more decimals than {currency} has", "Round it at its source."
        )
    return _bounded(int(scaled), str(amount))


def to_major(minor: int, currency: str) -> Decimal:
    """Minor units as an exact amount in major units.

    >>> to_major(1250, "USD")
    Decimal('12.50')
    """
    return Decimal(int(minor)).scaleb(-minor_digits(currency))


def format_amount(minor: int, currency: str) -> str:
    """A plain amount for files, logs and traces: comma for thousands, point for decimals, no symbol.

    >>> format_amount(-123456, "EUR")
    '-1,234.56'
    """
    return f"{to_major(minor, currency):,f}"


_SPACES = re.compile(r"[\s\u00a0\u202f'\u2019]+")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)*|[.,]\d+")
CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥"}
"""By currency: the sign that may stand with a number that is typed."""
SIGNS = {
    "$": frozenset({
        "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "BBD", "BMD", "BND", "BSD", "BZD",
        "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "XCD", "MXN", "ARS",
        "CLP", "COP", "DOP", "UYU", "CUP", "BRL", "NIO", "TOP", "CVE", "MOP", "WST",
    }),
    "€": frozenset({"EUR"}),
    "£": frozenset({
        "GBP", "EGP", "GIP", "FKP", "SHP", "LBP", "SYP", "SDG", "SSP",
    }),
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
}  # fmt: skip
"""By sign: the currencies whose amounts may bear it."""
_SYMBOLS = "".join(SIGNS)
_CODE = re.compile(r"[A-Z]{3}")


def parse_amount(text: str, currency: str) -> int:
    """An amount as people and spreadsheets write it, in minor units.

    Reads 1,234.56 and 1.234,56, spaces and apostrophes between thousands, (1,000) and a trailing minus for negatives, a sign that its
    currency bears or its own code; those of another currency raise AmountError. A single separator before exactly three digits is
    ambiguous unless the currency has no or three decimals only in one reading; ambiguous and unreadable texts raise it, too.

    >>> parse_amount("(1.234,56)", "EUR"), parse_amount("1'000-", "CHF")
    (-123456, -100000)
    """
    minor_digits(currency)
    _refuse_other(str(text), currency)
    digits, negative = _unsigned(str(text), currency)
    if not _PLAIN.fullmatch(digits):
        raise _unreadable("AMOUNT_UNREADABLE", text, "is not an amount", "Write it like 1234.56.")
    number = _decimal_text(digits, text, minor_digits(currency))
    minor = to_minor(Decimal(number), currency)
    return -minor if negative else minor


def _refuse_other(text: str, currency: str) -> None:
    """Raises AmountError where an amount shows the sign or the code of another currency than its own."""
    signs = (sign for sign, currencies in SIGNS.items() if sign in text and currency not in currencies)
    codes = (code for code in _CODE.findall(text.upper()) if code != currency and is_currency(code))
    shown = next(signs, None) or next(codes, None)
    if shown is not None:
        what, fix = (
            f"shows {shown}, and its currency is {currency}",
            f"Convert it to {currency}, or choose its own currency.",
        )
        raise _unreadable("CURRENCY_OTHER", text, what, fix)


def _unsigned(text: str, currency: str) -> tuple[str, bool]:
    """The digits and separators of an amount, and whether it is negative."""
    bare = _SPACES.sub("", text).replace("\u2212", "-").upper().replace(currency, "").strip(_SYMBOLS)
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        bare, negative = bare[1:-1], True
    elif bare.endswith("-"):
        bare, negative = bare[:-1], True
    elif bare.startswith(("-", "+")):
        bare, negative = bare[1:], bare[0] == "-"
    return bare.strip(_SYMBOLS), negative


def _decimal_text(digits: str, text: str, places: int) -> str:
    """The number with a decimal point and no thousands separators."""
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0:
        return digits
    mark, other = digits[last], "," if digits[last] == "." else "."
    whole, fraction = digits[:last], digits[last + 1 :]
    if mark in whole:
        return _grouped(whole + mark + fraction, mark, text) if other not in whole else _grouped(whole, None, text)
    if other in whole:
        return f"{_grouped(whole, other, text)}.{fraction}"
    if len(fraction) == 3 and len(whole) <= 3 and whole.strip("0"):
        return _one_separator(whole, fraction, text, places)
    return f"{whole or '0'}.{fraction}"


def _one_separator(whole: str, fraction: str, text: str, places: int) -> str:
    """Decides 1,234: thousands where the currency has no decimals, otherwise refused."""
    if places == 0:
        return whole + fraction
    fix = (
        f"Write {whole}{fraction} or {whole}.{fraction}0."
        if places == 3
        else f"Write {whole}{fraction}.00 or {whole}.{fraction[:2]}."
    )
    raise _unreadable("AMOUNT_AMBIGUOUS", text, f"can be {whole}{fraction} or {whole}.{fraction}", fix)


def _grouped(digits: str, mark: str | None, text: str) -> str:
    """Digits without their thousands separators, which must stand before groups of three (or two: 1,00,000)."""
    groups = digits.split(mark) if mark else [""]
    if (
        not groups[0]
        or len(groups[0]) > 3
        or len(groups[-1]) != 3
        or any(len(each) not in (2, 3) for each in groups[1:])
    ):
        raise _unreadable("AMOUNT_UNREADABLE", text, "mixes its separators", "Write it like 1,234.56 or 1.234,56.")
    return "".join(groups)


def _bounded(minor: int, text: str) -> int:
    if abs(minor) >= AMOUNT_LIMIT:
        raise _unreadable(
            "AMOUNT_TOO_LARGE", text, "is larger than any amount the product keeps", "Check the number of digits."
        )
    return minor


def _unreadable(code: str, text: str, what: str, fix: str) -> AmountError:
    return AmountError(Finding(code=code, where="", what=f"“{text}” {what}.", fix=fix))


_RATE = re.compile(r"([+-]?\d*[.,]?\d+)\s*(%?)")
_BASIS_POINTS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:bps?|basis points?)", re.IGNORECASE)


def _rate_fix(text: str) -> str:
    points = _BASIS_POINTS.fullmatch(text.strip())
    return f"Write {Decimal(points[1]) / 100:f} %." if points else 'Write it like "3 %" or "0.03".'


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """An exact rate, share or percentage as an integer at RATE_SCALE.

    >>> Rate.parse("3 %"), str(Rate.parse("0.125"))
    (Rate(scaled=3000000), '12.5 %')
    """

    scaled: int

    @classmethod
    def parse(cls, value: str | int | Decimal | Rate) -> Rate:
        """A rate from '3 %', '3%', '0.03', Decimal('0.03') or a whole number (1 is 100 %).

        More than eight decimals (six of a percentage) raise AmountError, and so do floats.
        """
        if isinstance(value, Rate):
            return value
        if isinstance(value, bool | float):
            raise _unreadable(
                "RATE_UNREADABLE", str(value), "is not an exact rate", 'Write it as text: "3 %" or "0.03".'
            )
        match = _RATE.fullmatch(str(value).strip())
        if not match:
            raise _unreadable("RATE_UNREADABLE", str(value), "is not a rate", _rate_fix(str(value)))
        try:
            number = Fraction(Decimal(match[1].replace(",", ".")))
        except InvalidOperation as error:
            raise _unreadable("RATE_UNREADABLE", str(value), "is not a rate", 'Write it like "3 %".') from error
        scaled = number * RATE_SCALE / (100 if match[2] else 1)
        if scaled.denominator != 1:
            raise _unreadable(
                "RATE_PRECISION", str(value), "has more than six decimals of a percent", "Write at most six."
            )
        return cls(int(scaled))

    @property
    def decimal(self) -> Decimal:
        """The rate as a fraction of one."""
        return Decimal(self.scaled) / RATE_SCALE

    def __str__(self) -> str:
        percent = Decimal(self.scaled).scaleb(-6).normalize()
        return f"{percent:f} %"
