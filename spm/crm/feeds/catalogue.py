"""Every kind of facts that can be imported, by name, in the order in which references find what they name."""

from __future__ import annotations

from spm.crm.feeds.fields import Kind
from spm.crm.feeds.kinds import billing, customers, deals, orders, people, products

IMPORT_ORDER = (
    "participant",
    "account",
    "product",
    "price",
    "lead",
    "opportunity",
    "split",
    "stage_change",
    "order",
    "order_line",
    "contract",
    "invoice",
    "credit_note",
    "payment",
    "activity",
)

_ALL = {kind.name: kind for module in (people, customers, products, deals, orders, billing) for kind in module.KINDS}

KINDS: dict[str, Kind] = {name: _ALL[name] for name in IMPORT_ORDER}
