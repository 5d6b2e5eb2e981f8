"""What a return of an example has of its sale where it states nothing else: its owner and shares, and its part of what is counted.

As facts have it: a credit note and an order that reverses another take back on their own day, by the deal's own owner and shares, its
quantity and money in the part of its amount.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any

from incentives.engine.contracts import DAYS_OF_CREDIT
from incentives.engine.plan import UNIT_SCALE
from spm.core.money import round_half_away

Row = dict[str, Any]
IN_FULL = frozenset({"deal_key", "source_key", "amount_minor", "reverses_key"})
"""What each deal has for itself."""


def completed(deals: list[Row], splits: list[Row], owned: Collection[str]) -> None:
    """Fills in, in their order, what the returns among the deals do not state; `owned` are the keys of deals that state an owner."""
    known: dict[str, Row] = {deal["deal_key"]: deal for deal in deals}
    shared = {(row["deal_key"], row["credit_type"]) for row in splits}
    for deal in deals:
        sale = known.get(str(deal.get("reverses_key")))
        if sale is None or sale is deal:
            continue
        if deal["deal_key"] not in owned:
            deal["owner_key"] = sale["owner_key"]
        for name in sale.keys() - deal.keys() - IN_FULL:
            value = _said(name, deal, sale)
            if value is not None:
                deal[name] = value
        mine = [row for row in splits if row["deal_key"] == sale["deal_key"]]
        splits += [
            {**row, "deal_key": deal["deal_key"]}
            for row in mine
            if (deal["deal_key"], row["credit_type"]) not in shared
        ]


def _said(name: str, deal: Row, sale: Row) -> Any:
    """What a return says by its sale: its own day where deals are credited by one; money and quantity in the part that comes back; the rest
    as it is."""
    value, returned, sold = sale[name], deal["amount_minor"], sale["amount_minor"]
    if value is None:
        return None
    if name in DAYS_OF_CREDIT:
        return deal["credit_on"]
    if name.endswith("_minor"):
        return _rounded(value * Fraction(returned, sold)) if sold else None
    if name == "quantity":
        return Decimal(_rounded(Fraction(value) * UNIT_SCALE * Fraction(returned, sold))) / UNIT_SCALE if sold else None
    return value


def _rounded(value: Fraction) -> int:
    return round_half_away(value.numerator, value.denominator)
