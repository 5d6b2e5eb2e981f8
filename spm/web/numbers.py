"""Numbers as people type or paste them into a page: thousands apart, with a currency sign, in the way of the reader's locale.

An amount that has two readings is refused with both of them; nothing is guessed. Files have their own reading, which learns the marks from
the file (`spm.crm.feeds.numerals`), and plan files that of the plan language.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

from babel.numbers import get_currency_symbol, get_decimal_symbol
from django import forms
from django.utils.translation import gettext as _

from spm.core.money import CURRENCY_SIGNS
from spm.web.templatetags.figures import reader_locale

_SPACES = " '’\u00a0\u2009\u202f"
_UNIT = rf"(?:[{''.join(CURRENCY_SIGNS.values())}]|[A-Z]{{3}})"
OTHER = {".": ",", ",": "."}
"""By decimal mark: the mark between thousands."""
RATE_UNITS = ("%", "BPS")


def number_plain(text: str, *, is_amount: bool = True) -> str:
    """Give an amount with its thousands apart as one without; sign, currency and percent stay. Any other text stays as it is.

    So does what may be read in two ways, such as a percentage with one group of three digits: whoever reads it decides or refuses it.

    >>> number_plain("2,000"), number_plain("$1,000.50"), number_plain("1,125 %"), number_plain("2.000"), number_plain("Tier 2,000 up")
    ('2000', '$1000.50', '1,125 %', '2.000', 'Tier 2,000 up')
    """
    mark = decimal_mark()
    match = _typed(mark).fullmatch(text.strip())
    if match is None or _is_ambiguous(match, mark, is_amount=is_amount and match["unit_after"] not in RATE_UNITS):
        return text
    return f"{match['before']}{_digits(match)}{match['after']}"


def decimal_mark() -> str:
    """Give the reader's decimal mark: a comma, or else a point."""
    return "," if get_decimal_symbol(reader_locale()) == "," else "."


@cache
def _typed(mark: str) -> re.Pattern[str]:
    whole = rf"[1-9][0-9]{{0,2}}(?:[{OTHER[mark]}{_SPACES}][0-9]{{3}})+|[0-9]+"
    number = rf"(?=[{mark}]?[0-9])(?P<whole>{whole}|)(?:[{mark}](?P<fraction>[0-9]+))?"
    before = rf"(?P<before>(?P<sign>[-+\u2212]?)\s*(?:(?P<unit>{_UNIT})\s*)?)"
    return re.compile(rf"{before}{number}(?P<after>\s*(?P<unit_after>%|{_UNIT})?)")


def _is_ambiguous(match: re.Match[str], mark: str, *, is_amount: bool) -> bool:
    """Nothing but one mark before exactly three digits, where half of the world reads thousands and half decimals.

    Of an amount it is the decimal mark; of a rate, which takes either mark before its decimals, that of thousands.
    """
    whole, fraction = match["whole"], match["fraction"]
    if not is_amount:
        return fraction is None and whole.count(OTHER[mark]) == 1 and len(whole) <= len("100,000")
    return len(fraction or "") == 3 and whole.isdecimal() and len(whole) <= 3 and whole.strip("0") != ""


def _digits(match: re.Match[str]) -> str:
    whole = re.sub(r"[^0-9]", "", match["whole"]) or "0"
    return whole if match["fraction"] is None else f"{whole}.{match['fraction']}"


def number_typed(text: str, *, is_amount: bool = True, currency: str = "") -> Decimal:
    """Give the number that is typed, without its currency; raises ValueError with a sentence.

    An amount is read in the reader's way only, and may stand with the sign or the code of its currency. In a rate or another number either
    mark may stand before the decimals.
    """
    mark = decimal_mark()
    match = _typed(mark).fullmatch(text.strip())
    if match is None and not is_amount:
        mark = OTHER[mark]
        match = _typed(mark).fullmatch(text.strip())
    if match is None:
        raise ValueError(_unreadable_said(text, is_amount=is_amount))
    units = {each for each in (match["unit"], match["unit_after"]) if each}
    if not units <= (_units_of(currency) if is_amount else {"%"}):
        raise ValueError(_unit_said(text, currency if is_amount else "%"))
    if _is_ambiguous(match, mark, is_amount=is_amount):
        raise ValueError(_ambiguous_said(text, match, mark))
    number = Decimal(_digits(match))
    return number.copy_negate() if match["sign"] in ("-", "\N{MINUS SIGN}") else number


def _unreadable_said(text: str, *, is_amount: bool) -> str:
    mark = decimal_mark()
    example = f"90{OTHER[mark]}000{mark}00"
    said = _("“%(text)s” is not an amount. Write digits, such as 90000 or %(example)s.")
    if not is_amount:
        said, example = _("“%(text)s” is not a number. Write digits, such as %(example)s."), f"12{mark}5"
    return said % {"text": text[:40], "example": example}


def _ambiguous_said(text: str, match: re.Match[str], mark: str) -> str:
    decimals = (
        f"{match['whole']}{mark}{match['fraction'][:2]}"
        if match["fraction"]
        else match["whole"].replace(OTHER[mark], mark)
    )
    thousands = re.sub(r"[^0-9]", "", match["whole"]) + (match["fraction"] or "")
    readings = {"text": text[:40], "thousands": thousands, "decimals": decimals}
    return _("“%(text)s” can be read in two ways. Write %(thousands)s, or %(decimals)s for decimals.") % readings


def _units_of(currency: str) -> set[str]:
    """The code of a currency, its sign, and the last letter of what the reader's locale calls it: CA$ may be typed as $."""
    if not currency:
        return set()
    return {currency, CURRENCY_SIGNS.get(currency, currency), get_currency_symbol(currency, locale=reader_locale())[-1]}


def _unit_said(text: str, wanted: str) -> str:
    if wanted in ("", "%"):
        return _("“%(text)s” has a sign that does not belong there. Write the number alone.") % {"text": text[:40]}
    return _("“%(text)s” is not in %(currency)s. Convert it, or write the number alone.") % {
        "text": text[:40],
        "currency": wanted,
    }


class NumberField(forms.DecimalField):
    """A number as people type it: a text, because a browser's own field for numbers takes no marks between thousands.

    `currency` may be set by the form that knows it: then its sign or code may stand with an amount.
    """

    widget = forms.TextInput
    currency = ""

    def __init__(self, *, is_amount: bool = False, **kwargs: Any) -> None:
        self.is_amount = is_amount
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """Read what was typed or pasted."""
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return number_typed(value, is_amount=self.is_amount, currency=self.currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        """Show a number with the decimal mark with which it is read."""
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return f"{Decimal(str(value)):f}".replace(".", decimal_mark())
        return value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Give the keys of numbers on a phone."""
        return {**super().widget_attrs(widget), "inputmode": "decimal", "autocomplete": "off"}
