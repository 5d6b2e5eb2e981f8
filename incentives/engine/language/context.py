"""What a formula may name where it stands: columns of deals, measures, earlier components, tables of the plan, functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from incentives.engine.language.points import Points
from incentives.engine.language.units import COUNT, DATE, OPEN, PERCENT, TEXT, Kind, Type


class Place(StrEnum):
    """Where a formula stands: a `where`, a measure (both ask one deal), pay of a deal, pay of a period, a figure of performance."""

    CONDITION = "CONDITION"
    MEASURE = "MEASURE"
    DEAL = "DEAL"
    PERIOD = "PERIOD"
    FIGURE = "FIGURE"


WANTED = {
    Place.CONDITION: (Kind.YES_NO,),
    Place.MEASURE: (Kind.MONEY, Kind.COUNT, Kind.NUMBER),
    Place.DEAL: (Kind.MONEY,),
    Place.PERIOD: (Kind.MONEY,),
    Place.FIGURE: (Kind.MONEY, Kind.PERCENT, Kind.COUNT, Kind.NUMBER),
}
"""What the formula of a place must give."""

MONEY_NAMES = {
    "amount": "amount_minor",
    "cost": "cost_minor",
    "list": "list_minor",
    "margin": "margin_minor",
    "annual_value": "annual_value_minor",
    "contract_value": "contract_value_minor",
}
"""Amounts of a deal, as they are written and as their columns are called."""

DEAL_NAMES: Mapping[str, Type] = {
    "amount_minor": Type(Kind.MONEY),
    "cost_minor": Type(Kind.MONEY),
    "list_minor": Type(Kind.MONEY),
    "margin_minor": Type(Kind.MONEY),
    "annual_value_minor": Type(Kind.MONEY),
    "contract_value_minor": Type(Kind.MONEY),
    "contract_months": COUNT,
    "contract_kind": TEXT,
    "discount": PERCENT,
    "margin_rate": PERCENT,
    "share": PERCENT,
    "quantity": COUNT,
    "currency": TEXT,
    "credit_on": DATE,
    "booked_on": DATE,
    "closed_on": DATE,
    "invoiced_on": DATE,
    "paid_on": DATE,
}
"""What is known of every deal that has it; any other attribute may be named too."""


@dataclass(frozen=True, slots=True)
class Table:
    """A named table of the plan: what it is asked with, what it gives. `content` is what computes it; `is_tier` tells the tier
    tables from the lookups."""

    key: str
    takes: tuple[Type, ...]
    gives: Type
    content: object
    is_tier: bool

    @property
    def function(self) -> str:
        """The function that asks it."""
        return "CURVE" if isinstance(self.content, Points) else "TIER" if self.is_tier else "LOOKUP"


@dataclass(frozen=True, slots=True)
class Context:
    """What a formula may name.

    `measures` and `components` give the type of each key; `against` names what a measure is held against in place of a quota;
    `own` is the component's measure; `later` are components that do not stand before it; `attributes` are the known further
    attributes of deals, None when any may be named.
    """

    currency: str
    place: Place
    measures: Mapping[str, Type] = field(default_factory=dict)
    quotas: frozenset[str] = frozenset()
    against: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, Type] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    tables: Mapping[str, Table] = field(default_factory=dict)
    own: str = ""
    has_target: bool = False
    attributes: frozenset[str] | None = None

    @property
    def asks_deals(self) -> bool:
        """True when the formula is asked deal by deal."""
        return self.place not in (Place.PERIOD, Place.FIGURE)

    @property
    def pays(self) -> bool:
        """True when the formula says what a component pays."""
        return self.place in (Place.DEAL, Place.PERIOD)

    def column_type(self, column: str) -> Type:
        """The type of a column of deals: by its name, else open."""
        known = DEAL_NAMES.get(column)
        if column.endswith("_minor") or (known is not None and known.kind == Kind.MONEY):
            return Type(Kind.MONEY, self.currency)
        if known is not None:
            return known
        return PERCENT if column.endswith("_rate") else DATE if column.endswith("_on") else OPEN
