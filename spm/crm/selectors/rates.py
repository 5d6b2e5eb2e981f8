"""Currency rates: as a page lists them, and as calculations read them."""

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Max, QuerySet

from spm.core.dated import day_number
from spm.crm.models import CurrencyRate
from spm.roles.policy import Viewer, require
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id


def rate_list(viewer: Viewer, *, currency: str = "", is_history: bool = False) -> QuerySet[CurrencyRate]:
    """Give the rates that hold, latest day first, of one currency where it is named; with `is_history` every entry that was ever made."""
    require(viewer, "rate.view")
    rows: QuerySet[CurrencyRate] = CurrencyRate.objects.all() if is_history else CurrencyRate.objects.current()
    if currency:
        rows = rows.filter(from_currency=currency) | rows.filter(to_currency=currency)
    return rows.order_by("-rate_on", "from_currency", "to_currency", "-number")


def rate_rows(*, start: date, until: date) -> list[tuple[str, str, int, str, str, str]]:
    """Give the rates that hold on a day of [start, until): from, to, day number, rate, table and the company's currency.

    Of each pair the last rate before the first day is among them, and so is every later one.
    """
    before = CurrencyRate.objects.current().filter(rate_on__lt=start)
    first = {
        (one["from_currency"], one["to_currency"]): one["day"]
        for one in before.values("from_currency", "to_currency").annotate(day=Max("rate_on"))
    }
    pivot = Organisation.objects.values_list("currency", flat=True).get(pk=current_organisation_id())
    earliest = min(first.values(), default=start)
    return [
        (one.from_currency, one.to_currency, day_number(one.rate_on), f"{one.rate:f}", one.table_name, pivot)
        for one in CurrencyRate.objects.current().filter(rate_on__gte=min(earliest, start), rate_on__lt=until)
        if one.rate_on >= first.get((one.from_currency, one.to_currency), start)
    ]


class RateEntry(NamedTuple):
    """An entry of the table of rates: None takes the one before back."""

    source: str
    target: str
    on: date
    rate: str | None
    table: str
    at: datetime


def rate_entries() -> list[RateEntry]:
    """Give every entry that was ever made, of one pair and day in the order of entering: for who asks what was known at a moment."""
    rows = CurrencyRate.objects.order_by("rate_on", "from_currency", "to_currency", "number")
    names = rows.values_list("from_currency", "to_currency", "rate_on", "rate", "table_name", "at")
    return [
        RateEntry(source, target, on, None if rate is None else f"{rate:f}", table, at)
        for source, target, on, rate, table, at in names
    ]
