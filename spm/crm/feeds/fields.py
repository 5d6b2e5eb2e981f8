"""The words in which a kind of facts is described: what it is called, its fields, and what each of them must hold."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from spm.crm.feeds.values import ValueType

KEY_SOURCE = "Source of key"
"""The column of the product's own exports that says whose keys a row holds; a file of another source holds such a row back."""

INTEGER_BOUNDS = (Decimal(0), Decimal(2_147_483_647))
SHARE_BOUNDS = (Decimal(0), Decimal(1))
QUANTITY_BOUNDS = (Decimal(-(10**13)), Decimal(10**13))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a file can say about a fact.

    `required_when` are (field, value) pairs: the field must be filled in rows where one of them holds. `reference` is the
    kind whose key the text is; with `creates`, a key that nobody knows makes a new one instead of holding the row.
    `synonyms` are names of columns, most telling first. `stored` is False for what only helps to read the row.
    `wanted` is the warning for a row that leaves out what it may leave out.
    """

    name: str
    label: str
    type: ValueType = ValueType.TEXT
    help: str
    required: bool = False
    required_when: tuple[tuple[str, str], ...] = ()
    reference: str | None = None
    creates: bool = False
    choices: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    vocabulary: str | None = None
    currency_from: str | None = None
    max_length: int = 200
    bounds: tuple[Decimal, Decimal] | None = None
    places: int | None = None
    stored: bool = True
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of facts that can be imported. `natural_key` are the fields that make the key when no column gives one."""

    name: str
    label: str
    plural: str
    help: str
    fields: tuple[Field, ...]
    natural_key: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """The field of that name; raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name}")

    @property
    def written(self) -> dict[str, str]:
        """The column in which the product itself writes each field: field → header."""
        kept = [each.name for each in self.fields if each.name == "key" or each.stored]
        return {name: name.replace("_", " ").capitalize() for name in kept}


def key_field(help: str, *synonyms: str) -> Field:
    """The source key: what the source calls the thing, the same in every file."""
    everywhere = ("source key", "key", "external id", "record id", "id", "number")
    return Field(name="key", label="Key", help=help, required=True, synonyms=(*synonyms, *everywhere))


def reference_field(kind: str, help: str, *synonyms: str, name: str = "", label: str = "", **more: object) -> Field:
    """A field that holds the key of another fact."""
    name = name or kind
    label = label or name.replace("_", " ").capitalize()
    return Field(name=name, label=label, help=help, reference=kind, synonyms=synonyms, **more)  # type: ignore[arg-type]


def owner_field(help: str) -> Field:
    """The participant whose deal, order or account it is."""
    synonyms = (
        "owner",
        "sales agent",
        "sales rep",
        "rep",
        "salesperson",
        "seller",
        "account executive",
        "opportunity owner",
    )
    more = (
        "account owner",
        "lead owner",
        "owner name",
        "owner id",
        "hubspot owner",
        "assigned to",
        "employee",
        "agent",
    )
    return reference_field("participant", help, *synonyms, *more, name="owner")


def currency_field(
    help: str = "The currency of the amounts, as a code of three letters.", *, stored: bool = True
) -> Field:
    """The currency of the amounts of a row."""
    synonyms = ("currency", "currency code", "currency iso code", "iso currency", "deal currency code", "curr")
    return Field(
        name="currency",
        label="Currency",
        type=ValueType.CURRENCY,
        help=help,
        synonyms=synonyms,
        max_length=3,
        stored=stored,
    )


def amount_field(name: str, label: str, help: str, *synonyms: str, **more: object) -> Field:
    """An amount of money in the currency of its row."""
    return Field(
        name=name,
        label=label,
        type=ValueType.AMOUNT,
        help=help,
        synonyms=synonyms,
        currency_from="currency",
        **more,  # type: ignore[arg-type]
    )


def date_field(name: str, label: str, help: str, *synonyms: str, **more: object) -> Field:
    """A day."""
    return Field(name=name, label=label, type=ValueType.DATE, help=help, synonyms=synonyms, **more)  # type: ignore[arg-type]
