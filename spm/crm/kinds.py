"""Where each kind of facts is kept: its tables, and the column of each field that a file can fill.

Derived from the feeds' schemas and the models; a field without a column fails here at import, not during one. The kind
`participant` has no facts: `spm.crm.services.participants` keeps it in the tables of people.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from django.db import models as fields

from spm.core.money import RATE_SCALE
from spm.crm import models
from spm.crm.feeds.schemas import KINDS, Field, ValueType

BASE_COLUMNS = (
    "id",
    "organisation_id",
    "known_from",
    "known_until",
    "is_withdrawn",
    "upload_id",
    "row_number",
    "fact_id",
)
_MODELS: dict[str, type[models.Fact]] = {
    "account": models.Account,
    "product": models.Product,
    "price": models.Price,
    "lead": models.Lead,
    "opportunity": models.Opportunity,
    "split": models.Split,
    "stage_change": models.StageChange,
    "order": models.Order,
    "order_line": models.OrderLine,
    "contract": models.Contract,
    "invoice": models.Invoice,
    "credit_note": models.CreditNote,
    "payment": models.Payment,
    "activity": models.Activity,
}
FACT_KINDS = tuple(_MODELS)


@dataclass(frozen=True)
class FactColumn:
    """A business column of a version table."""

    name: str
    sql_type: str
    default: Any

    @property
    def is_document(self) -> bool:
        """True for attributes, which are kept as the text of their document while rows are compared."""
        return self.sql_type == "jsonb"

    @property
    def is_key(self) -> bool:
        """True for a reference, which is kept as the text of its UUID while rows are compared."""
        return self.sql_type == "uuid"


@dataclass(frozen=True)
class FactKind:
    """One kind: its identity table, its version table, its columns, and the column of each field."""

    name: str
    fact: type[models.Fact]
    version: type[models.FactVersion]

    @property
    def label(self) -> str:
        """Give its name for people."""
        return KINDS[self.name].label

    @property
    def fact_table(self) -> str:
        """Give the table of identities."""
        return self.fact._meta.db_table

    @property
    def version_table(self) -> str:
        """Give the table of versions."""
        return self.version._meta.db_table

    @cached_property
    def columns(self) -> tuple[FactColumn, ...]:
        """Give the business columns in the order of the model."""
        return tuple(_column(each) for each in self.version._meta.concrete_fields if each.column not in BASE_COLUMNS)

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Give the names of the business columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def places(self) -> dict[str, int]:
        """Give the place in `columns` of each stored field of the schema."""
        return {each.name: self.column_names.index(self._stored_as(each)) for each in self.stored_fields}

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        """Give the fields of the schema that fill a column; the key is the identity's."""
        return tuple(each for each in KINDS[self.name].fields if each.name != "key" and each.stored)

    @cached_property
    def reference_fields(self) -> tuple[Field, ...]:
        """Give the fields that name another fact or a participant."""
        return tuple(each for each in self.stored_fields if each.reference)

    @cached_property
    def refers_to_itself(self) -> bool:
        """True where a row may name another row of the same file."""
        return any(each.reference == self.name for each in self.reference_fields)

    @property
    def needs_whole_file(self) -> bool:
        """True where rows are judged together: one may name another, or they are parts of a whole."""
        return self.refers_to_itself or self.name == "split"

    @cached_property
    def has_name(self) -> bool:
        """True where things of the kind have a name besides their key."""
        return "name" in self.column_names

    def _stored_as(self, field: Field) -> str:
        for name in (
            f"{field.name}_id" if field.reference else field.name,
            f"{field.name}_minor",
            f"{field.name}_rate",
        ):
            if name in self.column_names:
                return name
        raise LookupError(f"{self.version.__name__} has no column for the field {field.name}")


def stored_value(field: Field, value: Any) -> Any:
    """Give a typed value as its column keeps it: shares as integers at scale 10**8, blank text as ''."""
    if value is None:
        return "" if field.type in _TEXTS and not field.reference else None
    if field.type is ValueType.PERCENT:
        return int(Decimal(value) * RATE_SCALE)
    return value


_TEXTS = (ValueType.TEXT, ValueType.CURRENCY, ValueType.COUNTRY, ValueType.CHOICE)
_SQL_TYPES = {
    fields.CharField: "varchar",
    fields.TextField: "text",
    fields.UUIDField: "uuid",
    fields.BigIntegerField: "bigint",
    fields.IntegerField: "integer",
    fields.DateField: "date",
    fields.DateTimeField: "timestamptz",
    fields.DecimalField: "numeric",
    fields.BooleanField: "boolean",
    fields.JSONField: "jsonb",
}


def sql_type(field: Any) -> str:
    """Give the type of a column without its length, so that too long a text is refused and not cut."""
    return "uuid" if isinstance(field, fields.ForeignKey) else _SQL_TYPES[type(field)]


def _column(field: Any) -> FactColumn:
    default = "" if isinstance(field, fields.CharField) else "{}" if isinstance(field, fields.JSONField) else None
    return FactColumn(field.column, sql_type(field), default)


@cache
def fact_kind(name: str) -> FactKind:
    """Give a kind by name; raises KeyError for `participant` and for names that are no kind."""
    fact = _MODELS[name]
    return FactKind(name, fact, getattr(models, f"{fact.__name__}Version"))
