"""Money, rates, counts and dates as the reader's locale writes them.

The only place that turns stored integers into text. Nothing is computed here.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from re import compile as pattern
from re import sub

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, to_locale

from spm.core.money import RATE_SCALE, minor_digits, round_half_away

register = template.Library()

MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def reader_locale() -> Locale:
    """Return the locale in which the present reader sees numbers and dates."""
    return _locale(get_language() or "en")


def _unknown(reason: str) -> SafeString:
    if not reason:
        return format_html('<span class="unknown">{}</span>', gettext("unknown"))
    return format_html(
        '<span class="unknown" title="{}">{}<span class="visually-hidden">: {}</span></span>',
        reason,
        gettext("unknown"),
        reason,
    )


def _figure(text: str, *, negative: bool, css: str, why: str = "") -> SafeString:
    """Wrap a formatted figure; a negative one is also said as a word, so that the sign is never lost."""
    if negative:
        text = text.lstrip("-" + MINUS)
        body = format_html(
            '<span aria-hidden="true">{}{}</span><span class="visually-hidden">{}</span>',
            MINUS,
            text,
            gettext("minus %(amount)s") % {"amount": text},
        )
        css = f"{css} is-negative"
    else:
        body = format_html("{}", text)
    if why:
        return format_html('<a class="{} figure-why" href="{}">{}</a>', css, why, body)
    return format_html('<span class="{}">{}</span>', css, body)


def money_text(amount_minor: int, currency: str, *, whole: bool = False) -> str:
    """Return an amount of minor units as plain text, with its currency.

    >>> money_text(-123456, "USD")
    '-$1,234.56'
    """
    digits = minor_digits(currency)
    if whole:
        amount_minor, digits = round_half_away(amount_minor, 10**digits), 0
    amount = Decimal(amount_minor).scaleb(-digits)
    pattern = _money_pattern(currency, digits)
    return format_currency(amount, currency, format=pattern, locale=reader_locale(), currency_digits=False)


def _money_pattern(currency: str, digits: int) -> str:
    """The locale's pattern with the currency's decimals, and a gap where a code of letters would touch the digits."""
    locale = reader_locale()
    places = "." + "0" * digits if digits else ""
    pattern = locale.currency_formats["standard"].pattern.replace(".00", places)
    if get_currency_symbol(currency, locale=locale)[-1].isalpha():
        pattern = pattern.replace("¤#", "¤\u00a0#")
    return str(pattern)


@register.simple_tag
def money(
    amount_minor: int | None,
    currency: str | None,
    *,
    why: str = "",
    sign: bool = False,
    whole: bool = False,
    reason: str = "",
) -> SafeString:
    """Show an amount of minor units with its currency; `why` makes it the link to its trace."""
    if amount_minor is None or not currency:
        return _unknown(reason)
    text = money_text(abs(amount_minor), currency, whole=whole)
    if sign and amount_minor > 0:
        text = f"+{text}"
    return _figure(text, negative=amount_minor < 0, css="figure money", why=why)


def exact_money_text(amount: Decimal, currency: str) -> str:
    """Return an exact amount of major units as every amount is written, with all of its digits where it has more than the currency.

    >>> exact_money_text(Decimal("4371.201"), "USD"), exact_money_text(Decimal("-500"), "USD")
    ('$4,371.201', '-$500.00')
    """
    places = minor_digits(currency)
    pattern = sub(
        r"(?<=0)(\.0+)?(?=[^0.]|$)", "." + "0" * places + "#" * (8 - places), _money_pattern(currency, places), count=1
    )
    return str(format_currency(amount, currency, format=pattern, locale=reader_locale(), currency_digits=False))


@register.simple_tag
def exact_money(amount: Decimal | None, currency: str, *, sign: bool = False) -> SafeString:
    """Show an amount before the one rounding, with all of its digits."""
    if amount is None:
        return _unknown("")
    text = exact_money_text(abs(amount), currency)
    return _figure(f"+{text}" if sign and amount > 0 else text, negative=amount < 0, css="figure money")


def rate_text(value: int, *, digits: int = 2, scale: int = RATE_SCALE, fixed: bool = False) -> str:
    """Return a ratio stored as an integer as a percentage, without trailing zeros unless `fixed` lines them up in a column.

    >>> rate_text(8_500_000)
    '8.5%'
    >>> rate_text(59_000_000, digits=1, fixed=True)
    '59.0%'
    """
    percent = _rounded(value * 100, scale, digits)
    number = format_decimal(percent, format="#,##0." + ("0" if fixed else "#") * digits, locale=reader_locale())
    return sub(r"[#,0.]+", number, reader_locale().percent_formats[None].pattern, count=1)


def _rounded(numerator: int, denominator: int, digits: int) -> Decimal:
    return Decimal(round_half_away(numerator * 10**digits, denominator)).scaleb(-digits)


@register.simple_tag
def rate(
    value: int | None,
    *,
    digits: int = 2,
    scale: int = RATE_SCALE,
    sign: bool = False,
    unsigned: bool = False,
    why: str = "",
    reason: str = "",
) -> SafeString:
    """Show a ratio (integer at `scale`) as a percentage; `unsigned` where words beside it say the direction."""
    if value is None:
        return _unknown(reason)
    value = abs(value) if unsigned else value
    text = rate_text(abs(value), digits=digits, scale=scale)
    if sign and value > 0:
        text = f"+{text}"
    return _figure(text, negative=value < 0, css="figure rate", why=why)


@register.simple_tag
def multiple(value: int | None, *, most: int = 99, reason: str = "") -> SafeString:
    """Show a ratio (integer at RATE_SCALE) as "2.4 ×", as covering is spoken of; beyond `most` nobody reads digits."""
    if value is None:
        return _unknown(reason)
    if value > most * RATE_SCALE:
        return format_html('<span class="figure rate">&gt; {} ×</span>', quantity_text(most))
    text = format_decimal(_rounded(value, RATE_SCALE, 1), format="#,##0.0", locale=reader_locale())
    return format_html('<span class="figure rate">{} ×</span>', text)


def quantity_text(value: int | Decimal, *, digits: int = 0) -> str:
    """Return a count with the reader's grouping.

    >>> quantity_text(8800)
    '8,800'
    """
    exact = _rounded(*Decimal(value).as_integer_ratio(), digits)
    return str(format_decimal(exact, format="#,##0." + "#" * digits, locale=reader_locale()))


_BESIDE_ITS_UNIT = pattern(r"(?<=\d) (?=%|[A-Z]{3}\b)")


@register.filter
def unbroken(text: str) -> str:
    """Keep a figure of a sentence on one line with its percent sign or currency.

    >>> unbroken("7 % of 1,000.00 USD").replace("\xa0", "_")
    '7_% of 1,000.00_USD'
    """
    return _BESIDE_ITS_UNIT.sub("\xa0", str(text))


@register.filter
def grouped(value: int) -> str:
    """Write a count inside a sentence, with the reader's grouping."""
    return quantity_text(value)


@register.simple_tag
def quantity(value: int | Decimal | None, *, digits: int = 0, sign: bool = False, reason: str = "") -> SafeString:
    """Show a count or a measured number."""
    if value is None:
        return _unknown(reason)
    text = quantity_text(value if value >= 0 else -value, digits=digits)
    if sign and value > 0:
        text = f"+{text}"
    return _figure(text, negative=value < 0, css="figure quantity")


@register.simple_tag
def rank(value: int | None, *, reason: str = "") -> SafeString:
    """Show a correlation (integer at RATE_SCALE) from -1 to 1."""
    if value is None:
        return _unknown(reason)
    return quantity(_rounded(value, RATE_SCALE, 2), digits=2)


@register.simple_tag
def measured(value: int | None, unit: str, currency: str, *, reason: str = "", why: str = "") -> SafeString:
    """Show a figure of performance: minor units of money, else a number at RATE_SCALE, read by its unit."""
    if value is None:
        return _unknown(reason)
    return _figure(measured_text(abs(value), unit, currency), negative=value < 0, css="figure", why=why)


def measured_text(value: int, unit: str, currency: str, *, more: int = 0) -> str:
    """Return a figure of performance as text, rounded as usual or with so many `more` digits.

    >>> measured_text(45_500_000, "RATE", "USD"), measured_text(12_50_000_000, "DAYS", "USD")
    ('45.5%', '12.5 days')
    >>> measured_text(79_960_000, "RATE", "USD"), measured_text(79_960_000, "RATE", "USD", more=1)
    ('80%', '79.96%')
    """
    if unit == "RATE":
        return rate_text(value, digits=1 + more)
    if unit.startswith("MONEY"):
        text = money_text(value, currency, whole=not more)
        return gettext("%(amount)s a day") % {"amount": text} if unit == "MONEY_PER_DAY" else text
    number = _rounded(value, RATE_SCALE, more + (0 if unit == "COUNT" else 1 if unit == "DAYS" else 2))
    text = quantity_text(number.normalize() if number else 0, digits=2 + more)
    if unit != "DAYS":
        return text
    return ngettext("%(number)s day", "%(number)s days", 1 if number == 1 else 2) % {"number": text}


@register.filter
def hundredths(value: int) -> Decimal:
    """Give a number kept in hundredths as what it is.

    >>> hundredths(6667)
    Decimal('66.67')
    """
    return Decimal(value) / 100


def month_text(value: date) -> str:
    """Return the month of a day as short text.

    >>> month_text(date(2026, 3, 1))
    'Mar 2026'
    """
    return str(format_skeleton("yMMM", value, locale=reader_locale()))


def day_text(value: date, *, long: bool = False) -> str:
    """Return a calendar day as text.

    >>> day_text(date(2026, 3, 1))
    'Mar 1, 2026'
    """
    return str(format_date(value, format="full" if long else "medium", locale=reader_locale()))


@register.simple_tag
def day(value: date | None, *, long: bool = False, reason: str = "") -> SafeString:
    """Show a calendar day."""
    if value is None:
        return _unknown(reason)
    return format_html(
        '<time class="figure day" datetime="{}">{}</time>', value.isoformat(), day_text(value, long=long)
    )


def days_text(start: date, until: date | None) -> str:
    """Return the half-open range [start, until) in words, its last day included."""
    if until is None:
        return gettext("since %(day)s") % {"day": day_text(start)}
    last = until - timedelta(days=1)
    if last <= start:
        return day_text(start)
    return f"{day_text(start)} {EN_DASH} {day_text(last)}"


@register.simple_tag
def days(start: date | None, until: date | None = None, *, reason: str = "") -> SafeString:
    """Show the half-open range [start, until)."""
    if start is None:
        return _unknown(reason)
    return format_html('<span class="figure days">{}</span>', days_text(start, until))


def moment_text(value: datetime) -> str:
    """Return an instant in the reader's time zone, to the minute.

    >>> from datetime import UTC
    >>> moment_text(datetime(2026, 3, 1, 9, 30, tzinfo=UTC)).replace("\u202f", " ")
    'Mar 1, 2026, 9:30 AM'
    """
    local = timezone.localtime(value)
    clock = format_time(local, format="short", locale=reader_locale(), tzinfo=local.tzinfo)
    return f"{day_text(local.date())}, {clock}"


@register.simple_tag
def moment(value: datetime | None, *, relative: bool = False, reason: str = "") -> SafeString:
    """Show an instant in the reader's time zone, exact or as "3 hours ago" with the exact one as its title."""
    if value is None:
        return _unknown(reason)
    local = timezone.localtime(value)
    exact = moment_text(value)
    text = exact
    if relative:
        text = format_timedelta(value - timezone.now(), add_direction=True, locale=reader_locale())
    return format_html('<time class="figure moment" datetime="{}" title="{}">{}</time>', local.isoformat(), exact, text)


@register.simple_tag
def remaining(seconds: int) -> str:
    """Say how long a job will still take, roughly."""
    about = format_timedelta(timedelta(seconds=max(1, seconds)), locale=reader_locale())
    return gettext("about %(time)s left") % {"time": about}
