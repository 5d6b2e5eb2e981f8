"""Which of the things that few companies have are there: one query, so that what is not there is not asked for one thing after another."""

from typing import NamedTuple

from django.db import connection

from incentives.models import Hold, OpeningBalance, PayConversion, PayCurrency

_TABLES = {
    "holds": (Hold,),
    "openings": (OpeningBalance,),
    "conversions": (PayCurrency, PayConversion),
}


class Rare(NamedTuple):
    """Whether the company has any holds by hand, opening balances, and anybody who is, or was, paid in a currency of their own."""

    holds: bool
    openings: bool
    conversions: bool


def rare_get() -> Rare:
    """Give what there is of it now, whatever its state."""
    asked = [
        " or ".join(f"exists (select from {one._meta.db_table})" for one in _TABLES[name]) for name in Rare._fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(asked)}")
        return Rare(*cursor.fetchone())
