"""Attributes that a company adds to its deals: any further column of an import under a name and a type, for plans to ask.

The end of a name says its unit, as it does for every column that a plan names: money `_minor`, percentages `_rate`, days `_on`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from spm.core.findings import Finding
from spm.core.money import RATE_SCALE
from spm.crm.feeds.catalogue import KINDS
from spm.crm.feeds.errors import NOTHING_IMPORTED
from spm.crm.feeds.fields import Field
from spm.crm.feeds.values import Value, ValueType

KIND = "opportunity"
"""The kind of facts that takes attributes."""

MOST = 40
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class AttributeType(StrEnum):
    """What an attribute holds."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DATE = "DATE"
    YES_NO = "YES_NO"
    MONEY = "MONEY"
    PERCENT = "PERCENT"


TYPES = [(str(each), str(each)) for each in AttributeType]
"""The types as choices."""

ENDS = {AttributeType.DATE: "_on", AttributeType.MONEY: "_minor", AttributeType.PERCENT: "_rate"}
_READ = {
    AttributeType.TEXT: ValueType.TEXT,
    AttributeType.NUMBER: ValueType.DECIMAL,
    AttributeType.DATE: ValueType.DATE,
    AttributeType.YES_NO: ValueType.BOOLEAN,
    AttributeType.MONEY: ValueType.AMOUNT,
    AttributeType.PERCENT: ValueType.PERCENT,
}
RESERVED = frozenset((
    "amount", "margin", "cost", "list", "discount", "type", "territory", "share", "source_key", "deal_key", "owner_key", "credit_on",
    "booked_on", "closed_on", "invoiced_on", "paid_on", "amount_minor", "cost_minor", "list_minor", "margin_minor", "margin_rate",
    "annual_value", "annual_value_minor", "contract_value", "contract_value_minor", "contract_kind", "contract_months",
    "contract_starts_on", "quantity",
    "line", "line_key", "order", "order_key", "product_key", "product_family", "account_key", "industry", "industry_key", "segment",
    "segment_key", "country", "country_key", "region", "region_key", "deal_source_key", "territory_key", "reverses_key", "credit",
    "measure", "goal", "attainment", "target", "earned", "period_start", "period_end", "manual_measure", "amount_beyond",
))  # fmt: skip
"""Names that plans know already."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a file: the column that states it and what it holds."""

    column: str
    type: str = AttributeType.TEXT


def attribute_name(label: str, kind: str) -> str:
    """The name for the words of a column, with the end of its type.

    >>> attribute_name("Discount approved by", "TEXT"), attribute_name("Signed", "DATE")
    ('discount_approved_by', 'signed_on')
    """
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:50]
    words = words if not words or words[0].isalpha() else f"a_{words}"
    end = ENDS.get(AttributeType(kind), "")
    return words if not end or words.endswith(end) else f"{words}{end}"


def attribute_field(name: str, attribute: Attribute) -> Field:
    """The field that reads the column of an attribute."""
    kind = AttributeType(attribute.type)
    currency = "currency" if kind == AttributeType.MONEY else None
    return Field(name=name, label=name, type=_READ[kind], help="", currency_from=currency)


def attribute_stored(value: Value | None) -> str | int | None:
    """A value as it is kept: whole numbers of minor units and shares, the rest as text; None where nothing is stated."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value


def percent_stored(value: Value | None) -> int | None:
    """A share as a whole number at 10**8."""
    return None if value is None else int(Decimal(str(value)) * RATE_SCALE)


def attribute_findings(
    kind: str, attributes: dict[str, Attribute], header: list[str], *, currency: bool
) -> list[Finding]:
    """What keeps attributes from being read."""
    if not attributes:
        return []
    if kind != KIND:
        what = f"{KINDS[kind].plural} take no attributes of their own."
        return [_finding("ATTRIBUTES_UNKNOWN", "attributes", what, "Map deals with them, or leave them out.")]
    found = [finding for name, each in attributes.items() for finding in _named(name, each, kind)]
    if len(attributes) > MOST:
        what = f"A file gives at most {MOST} attributes."
        found.append(_finding("ATTRIBUTES_MANY", "attributes", what, "Leave some out."))
    for name, each in attributes.items():
        if each.column not in header:
            what = f"The file has no column “{each.column}”, which the mapping uses for “{name}”."
            found.append(_finding("COLUMN_UNKNOWN", name, what, "Choose another column, or none."))
        if each.type == AttributeType.MONEY and not currency:
            what = f"No currency is chosen for “{name}”."
            fix = "Choose one currency for all rows, or the column that names it."
            found.append(_finding("CURRENCY_MISSING", "currency", what, fix))
    return found


def _named(name: str, each: Attribute, kind: str) -> list[Finding]:
    """What is wrong with the name or the type of one attribute."""
    if each.type not in set(AttributeType):
        what = f"{name} holds “{each.type}”, which is no type."
        return [_finding("ATTRIBUTE_TYPE", name, what, f"Choose one of {', '.join(AttributeType)}.")]
    if name in RESERVED | {field.name for field in KINDS[kind].fields}:
        return [_finding("ATTRIBUTE_NAME", name, f"“{name}” is known of every deal.", "Choose another name.")]
    wanted = attribute_name(name, each.type)
    misled = any(name.endswith(end) for of, end in ENDS.items() if of != each.type)
    if NAME.fullmatch(name) is not None and name == wanted and not misled:
        return []
    ends = "money ends in _minor, percentages in _rate, days in _on, other names in none of these"
    what = f"“{name}” can't name a {each.type.lower()}: {ends}."
    return [_finding("ATTRIBUTE_NAME", name, what, f"Call it {wanted}." if not misled else "Call it otherwise.")]


def _finding(code: str, where: str, what: str, fix: str) -> Finding:
    return Finding(code=code, where=where, what=what, why=NOTHING_IMPORTED, fix=fix)
