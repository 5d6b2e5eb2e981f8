"""Facts as files that the import takes back unchanged: keys, every field that a file can state, and the company's attributes.

The names of what a row refers to stand beside the keys for people to read; the import reads the keys.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet

from spm.core.money import Rate, to_major
from spm.crm.exports import Cell
from spm.crm.feeds.fields import KEY_SOURCE
from spm.crm.feeds.schemas import KINDS, Field, ValueType
from spm.crm.kinds import FactKind, fact_kind
from spm.crm.selectors.attributes import deal_attributes

CHUNK = 2000


def fact_table(kind: str, rows: QuerySet[Any]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Give the columns and the rows of a file of facts; `rows` are versions within reach, as a list gives them."""
    facts = fact_kind(kind)
    own = sorted(deal_attributes()) if kind == "opportunity" else []
    names = [each.name for each in facts.reference_fields]
    shown = [f"{KINDS[kind].field(name).label} name" for name in names]
    read = rows.select_related("fact", *names)
    return [*KINDS[kind].written.values(), *own, *shown, KEY_SOURCE], _lines(facts, read, own, names)


def _lines(facts: FactKind, rows: QuerySet[Any], own: list[str], names: list[str]) -> Iterator[list[Cell]]:
    for row in rows.iterator(CHUNK):
        cells = [row.fact.source_key, *(_cell(facts, row, each) for each in facts.stored_fields)]
        cells += [_attribute(row, name) for name in own]
        yield [*cells, *(_named(row, name) for name in names), row.fact.source]


def _cell(facts: FactKind, row: Any, each: Field) -> Cell:
    if each.reference:
        named = getattr(row, each.name)
        return named.source_key if named else None
    value = getattr(row, facts.column_names[facts.places[each.name]])
    if value is None:
        return None
    if each.type is ValueType.AMOUNT:
        return to_major(value, row.currency) if row.currency else None
    return str(Rate(value)) if each.type is ValueType.PERCENT else value


def _named(row: Any, name: str) -> str:
    """The name of what a row refers to, as its list annotates it."""
    named = getattr(row, f"{name}_name", None)
    return named if named is not None else getattr(getattr(row, name), "name", "")


def _attribute(row: Any, name: str) -> Cell:
    """An attribute as its type is read: money in major units, shares with their sign, days as days."""
    value = row.attributes.get(name)
    if value is None:
        return None
    if name.endswith("_minor"):
        return to_major(value, row.currency)
    if name.endswith("_rate"):
        return str(Rate(value))
    return date.fromisoformat(value) if name.endswith("_on") else value
