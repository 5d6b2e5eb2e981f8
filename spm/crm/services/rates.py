"""Enters currency rates, one by one and from a file. An entry is never changed; the next one of its pair and day takes its place."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from spm.core.money import is_currency
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.models import CurrencyRate
from spm.crm.row_files import Change, Meant, RowColumn, RowFile, Values
from spm.crm.selectors.rates import rate_list
from spm.roles.policy import Viewer, require
from spm.tenancy.scope import current_organisation_id

PLACES = 12
LARGEST = Decimal(10**9)
TABLE = "company"
_RATE = re.compile(r"\d{1,12}(\.\d+)?")


@dataclass(frozen=True)
class RateWish:
    """From a day on, 1 of `from_currency` is worth `rate` of `to_currency`; without a rate, the entry of that day is taken back."""

    from_currency: str
    to_currency: str
    rate_on: date
    rate: Decimal | None
    table_name: str = TABLE

    @property
    def key(self) -> dict[str, object]:
        """Give what an entry is found by."""
        return {"from_currency": self.from_currency, "to_currency": self.to_currency, "rate_on": self.rate_on}


@transaction.atomic
def rate_set(*, wish: RateWish, actor: Viewer) -> Change:
    """Enter a rate of a pair and a day, correct it, or take it back. The same rate again changes nothing."""
    require(actor, "rate.edit")
    rate_check(wish)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rates:{current_organisation_id()}"])
    latest = CurrencyRate.objects.filter(**wish.key).order_by("-number").first()
    if latest is None and wish.rate is None:
        raise ValidationError({"rate": "There is no rate of this pair and day to take back. Write the rate."})
    if latest is not None and (latest.rate, latest.table_name) == (wish.rate, wish.table_name):
        return Change.UNCHANGED
    opposite = {**wish.key, "from_currency": wish.to_currency, "to_currency": wish.from_currency}
    if wish.rate is not None and CurrencyRate.objects.current().filter(**opposite).exists():
        raise ValidationError(
            f"The rate {wish.to_currency} to {wish.from_currency} of {wish.rate_on} is known, and its inverse follows from it. "
            "Correct that one."
        )
    CurrencyRate.objects.create(
        **wish.key,
        rate=wish.rate,
        table_name=wish.table_name,
        number=latest.number + 1 if latest else 1,
        by_id=actor.user_id,
        by_name=actor.name,
        at=timezone.now(),
    )
    return Change.UPDATED if latest else Change.CREATED


def rate_check(wish: RateWish) -> None:
    """Raise ValidationError for a rate that can't be."""
    for name in ("from_currency", "to_currency"):
        if not is_currency(code := getattr(wish, name)):
            raise ValidationError({name: f"{code} is not a currency. Use an ISO 4217 code such as EUR."})
    if wish.from_currency == wish.to_currency:
        raise ValidationError({"to_currency": "A rate is between two currencies. Name another one."})
    if wish.rate is not None and not 0 < wish.rate < LARGEST:
        raise ValidationError({"rate": f"{wish.rate} is no rate: it is above 0 and below {LARGEST:,}. Correct it."})
    if wish.rate is not None and round(wish.rate, PLACES) != wish.rate:
        raise ValidationError({"rate": f"{wish.rate} has more than {PLACES} decimals. Shorten it."})
    if not wish.table_name or len(wish.table_name) > 50:
        raise ValidationError({"table_name": "Name the table that the rate is taken from, in up to 50 characters."})


def rate_parse(text: str) -> Decimal:
    """A rate of a file. Its mark is the point: 149.505 is no amount with thousands, and a comma could be either.

    >>> rate_parse("149.505")
    Decimal('149.505')
    """
    if not _RATE.fullmatch(text.strip()):
        raise ValidationError({"rate": f"“{text[:40]}” is no rate. Write it with a decimal point, like 1.0825."})
    return Decimal(text.strip())


def _open(actor: Viewer) -> Callable[[Values], Meant]:
    def meaning(values: Values) -> Meant:
        rate = rate_parse(values["rate"])
        wish = RateWish(values["from"], values["to"], values["on"], rate, values["table"])
        rate_check(wish)
        pair = tuple(sorted((wish.from_currency, wish.to_currency)))
        return Meant((pair, wish.rate_on), lambda: rate_set(wish=wish, actor=actor))

    return meaning


def _rows(viewer: Viewer) -> Iterator[list[Cell]]:
    for one in rate_list(viewer):
        yield [one.from_currency, one.to_currency, one.rate_on, one.rate, one.table_name]


RATES = RowFile(
    name="rates",
    title="Import currency rates",
    purpose="What 1 of a currency is worth in another, from a day on.",
    action="rate.edit",
    columns=(
        RowColumn(
            name="from", help="The currency of which 1 is worth …", sample="EUR", type=ValueType.CURRENCY, required=True
        ),
        RowColumn(name="to", help="… the rate in this currency.", sample="USD", type=ValueType.CURRENCY, required=True),
        RowColumn(
            name="on",
            help="The first day on which it holds, until the pair's next rate.",
            sample="2026-01-01",
            type=ValueType.DATE,
            required=True,
        ),
        RowColumn(
            name="rate", help="Above 0, with a decimal point, up to 12 decimals.", sample="1.0825", required=True
        ),
        RowColumn(name="table", help="The list that it is taken from; blank: company.", sample="ECB", default=TABLE),
    ),
    open=_open,
    rows=_rows,
)
