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


def number_plain(text: str) -> str:
    """Give an amount with its thousands apart as one without; sign, currency and percent stay. Any other text stays as it is.

    So does what may be read in two ways: whoever reads it refuses it.

    >>> number_plain("2,000"), number_plain("$1,000.50"), number_plain("1.5 %"), number_plain("2.000"), number_plain("Tier 2,000 up")
    ('2000', '$1000.50', '1.5 %', '2.000', 'Tier 2,000 up')
    """
    mark = decimal_mark()
    match = _typed(mark).fullmatch(text.strip())
    if match is None or _is_ambiguous(match, mark):
        return text
    return f"{match['before']}{_digits(match)}{match['after']}"


def decimal_mark() -> str:
    """Give the reader's decimal mark: a comma, or else a point."""
    return "," if get_decimal_symbol(reader_locale()) == "," else "."


@cache
def _typed(mark: str) -> re.Pattern[str]:
    whole = rf"[0-9]{{1,3}}(?:[{OTHER[mark]}{_SPACES}][0-9]{{3}})+|[0-9]+"
    number = rf"(?=[{mark}]?[0-9])(?P<whole>{whole}|)(?:[{mark}](?P<fraction>[0-9]+))?"
    before = rf"(?P<before>(?P<sign>[-+\u2212]?)\s*(?:(?P<unit>{_UNIT})\s*)?)"
    return re.compile(rf"{before}{number}(?P<after>\s*(?P<unit_after>%|{_UNIT})?)")


def _is_ambiguous(match: re.Match[str], mark: str) -> bool:
    """Nothing but the decimal mark before exactly three digits, as half of the world writes thousands."""
    whole, fraction = match["whole"], match["fraction"] or ""
    return len(fraction) == 3 and whole.isdecimal() and 1 <= int(whole) < 1000


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
        match = _typed(OTHER[mark]).fullmatch(text.strip())
    if match is None:
        example = f"90{OTHER[mark]}000{mark}00"
        said = _("“%(text)s” is not an amount. Write digits, such as 90000 or %(example)s.")
        if not is_amount:
            said, example = _("“%(text)s” is not a number. Write digits, such as %(example)s."), f"12{mark}5"
        raise ValueError(said % {"text": text[:40], "example": example})
    units = {each for each in (match["unit"], match["unit_after"]) if each}
    if not units <= (_units_of(currency) if is_amount else {"%"}):
        raise ValueError(_unit_said(text, currency if is_amount else "%"))
    if is_amount and _is_ambiguous(match, mark):
        whole, fraction = match["whole"], match["fraction"]
        readings = {"text": text[:40], "thousands": f"{whole}{fraction}", "decimals": f"{whole}{mark}{fraction[:2]}"}
        raise ValueError(
            _("“%(text)s” can be read in two ways. Write %(thousands)s, or %(decimals)s for decimals.") % readings
        )
    number = Decimal(_digits(match))
    return -number if match["sign"] in ("-", "\N{MINUS SIGN}") else number


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
