"""What somebody means by a name that deals do not have: the one that the plan language has for it."""

from __future__ import annotations

from collections.abc import Collection

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from incentives.engine.language.context import DEAL_NAMES, MONEY_NAMES

OWNERS = frozenset({"owner", "owner_key", "owners"})
"""Whose a deal is, which no plan asks of it."""

_PEOPLE = OWNERS | {"employee", "participant", "person", "rep", "sales_rep", "salesperson", "salesrep", "seller"}
_WRITTEN = {
    "account": ("account_name", "client", "company", "customer", "customer_name"),
    "amount": ("deal_value", "net", "net_amount", "price", "revenue", "sales", "total", "value"),
    "annual_value": ("acv", "arr", "annual_contract_value"),
    "booked_on": ("booking_date", "order_date", "ordered_on"),
    "closed_on": ("close_date", "close_on", "closed_at", "closing_date", "won_on"),
    "contract_kind": ("contract_type", "renewal"),
    "contract_months": ("months", "term", "term_months"),
    "contract_value": ("tcv", "total_contract_value"),
    "cost": ("cogs", "cost_price"),
    "credit_on": ("credit_date", "date", "day", "on"),
    "discount": ("discount_percent", "rebate"),
    "industry": ("sector", "vertical"),
    "invoiced_on": ("invoice_date",),
    "list": ("catalogue_price", "list_amount", "list_price"),
    "margin": ("gross_margin", "gross_profit", "profit"),
    "margin_rate": ("margin_percent",),
    "paid_on": ("paid_date", "payment_date"),
    "product": ("item", "product_name", "sku"),
    "product_family": ("category", "family", "product_category", "product_group", "product_line"),
    "quantity": ("pieces", "qty", "units"),
}
_MEANT = {written: name for name, several in _WRITTEN.items() for written in several}
_NAMES = (
    "account_territory",
    "country",
    "created_on",
    "forecast_category",
    "region",
    "segment",
    "stage",
    "status",
    "territory",
    "type",
)
ONE_SLIP = 85
"""How like a name another one is that was meant by it."""
OWNER_ASKED = "{} asks whose the deal is."
OWNER_FIX = "No plan asks whose a deal is: its credit rules say whom it credits. Put people who are paid otherwise on a plan of their own."

_FIELDS = {"amount": "amount", "credit_on": "on", "quantity": "quantity"}
"""What every deal of an example has, and the field that states it."""


def field_meant(name: str) -> str:
    """Give the field of a deal in an example that somebody means who writes another word for it, nothing where it is none.

    >>> field_meant("date"), field_meant("sales_rep"), field_meant("tier")
    ('on', 'owner', '')
    """
    return "owner" if name in _PEOPLE else _FIELDS.get(_MEANT.get(name, ""), "")


def name_fix(name: str, stated: Collection[str] = ()) -> str:
    """Give what to write in the place of a name that no deal has, nothing where none is like it; `stated` are names that deals have.

    >>> name_fix("units"), name_fix("close_dat"), name_fix("zone"), name_fix("owner")[:34]
    ('Did you mean quantity?', 'Did you mean closed_on?', '', 'No plan asks whose a deal is: its ')
    """
    name = name.removesuffix("_minor")
    if name in _PEOPLE:
        return OWNER_FIX
    shown = {column: word for word, column in MONEY_NAMES.items()}
    known = {*stated, *(shown.get(each, each) for each in DEAL_NAMES), *_WRITTEN, *_NAMES} - {name}
    alike = extractOne(name, sorted(known), scorer=ratio, score_cutoff=80)
    slip = extractOne(name, sorted(_MEANT), scorer=ratio, score_cutoff=ONE_SLIP)
    near = _MEANT.get(name) or (alike[0] if alike else _MEANT[slip[0]] if slip else "")
    return f"Did you mean {near}?" if near else ""
