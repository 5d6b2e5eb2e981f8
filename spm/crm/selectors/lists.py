"""Facts as pages and the API list them: what is known now, with the names of what they refer to, and their history."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from spm.core.money import Rate
from spm.crm.feeds.schemas import Field, ValueType
from spm.crm.kinds import FACT_KINDS, fact_kind
from spm.crm.models import AccountVersion, ProductVersion
from spm.crm.selectors.visibility import visible_facts
from spm.people.models import Participant
from spm.roles.policy import Viewer


@dataclass(frozen=True)
class Shown:
    """A value as a page shows it: `form` is amount, day, number or text."""

    form: str
    value: Any
    currency: str = ""


@dataclass(frozen=True)
class FactChange:
    """One version of a fact: when it was known, from which file, and what it changed: (label, before, after)."""

    known_from: datetime
    known_until: datetime | None
    file_name: str
    row_number: int | None
    is_withdrawn: bool
    changes: list[tuple[str, Shown | None, Shown | None]]


FORMS = {ValueType.DATE: "day", ValueType.DECIMAL: "number"}


def _current_name(kind: str, reference: str) -> Coalesce:
    version: Any = {"account": AccountVersion, "product": ProductVersion}[kind]
    named = version.objects.filter(fact=OuterRef(reference), known_until__isnull=True).values("name")[:1]
    return Coalesce(Subquery(named), Value(""))


def opportunity_list(viewer: Viewer, *, withdrawn: bool = False) -> QuerySet[Any]:
    """Give the current deals within reach, with the names of account and product."""
    rows = visible_facts(viewer, "opportunity", withdrawn=withdrawn).select_related("fact", "owner")
    return rows.annotate(
        account_name=_current_name("account", "account"), product_name=_current_name("product", "product")
    )


def account_list(viewer: Viewer, *, withdrawn: bool = False) -> QuerySet[Any]:
    """Give the current accounts within reach, with the name of the parent."""
    rows = visible_facts(viewer, "account", withdrawn=withdrawn).select_related("fact", "owner")
    return rows.annotate(parent_name=_current_name("account", "parent"))


def product_list(viewer: Viewer, *, withdrawn: bool = False) -> QuerySet[Any]:
    """Give the current products."""
    return visible_facts(viewer, "product", withdrawn=withdrawn).select_related("fact")


def split_list(viewer: Viewer, opportunity_id: UUID) -> list[Any]:
    """Give the current shares of a deal within reach, revenue first, by name."""
    rows = visible_facts(viewer, "split").filter(opportunity=opportunity_id, share_rate__gt=0)
    return list(rows.select_related("participant").order_by("-kind", "participant__name"))


def fact_list(viewer: Viewer, kind: str) -> QuerySet[Any]:
    """Give what is known now of a kind within reach, in a fixed order; references are joined for their keys."""
    names = [field.name for field in fact_kind(kind).reference_fields]
    return visible_facts(viewer, kind).select_related("fact", *names).order_by("fact__source", "fact__source_key")


def fact_rows(viewer: Viewer, kind: str) -> QuerySet[Any]:
    """Give the facts of a kind within reach as a page of one shows them: as known last, also those that are withdrawn."""
    lists = {"opportunity": opportunity_list, "account": account_list, "product": product_list}
    rows = lists[kind](viewer, withdrawn=True)
    return rows.select_related("upload", "fact", *[field.name for field in fact_kind(kind).reference_fields])


def fact_history(viewer: Viewer, kind: str, fact_id: UUID) -> list[FactChange]:
    """Give every version of a fact, the newest first, each with what it changed; none for a fact out of reach."""
    if not visible_facts(viewer, kind, withdrawn=True).filter(fact_id=fact_id).exists():
        return []
    facts = fact_kind(kind)
    rows = facts.version._default_manager.filter(fact_id=fact_id).select_related(  # type: ignore[misc]
        "upload", *[field.name for field in facts.reference_fields]
    )
    versions: list[Any] = list(rows.order_by("known_from"))
    found = []
    for place, version in enumerate(versions):
        before = versions[place - 1] if place else None
        changes = [
            (field.label, _shown(before, field), after)
            for field in facts.stored_fields
            if _shown(before, field) != (after := _shown(version, field))
        ]
        was, now = dict(attributes_shown(before)), dict(attributes_shown(version))
        changes += [
            (name, was.get(name), now.get(name)) for name in sorted({*was, *now}) if was.get(name) != now.get(name)
        ]
        file_name = version.upload.file_name if version.upload else ""
        found.append(
            FactChange(
                version.known_from, version.known_until, file_name, version.row_number, version.is_withdrawn, changes
            )
        )
    return found[::-1]


def attributes_shown(version: Any) -> list[tuple[str, Shown]]:
    """Give the attributes that the company's own columns state of a deal, by name, as a page shows them."""
    stated: dict[str, Any] = getattr(version, "attributes", None) or {}
    return [(name, _attribute(version, name, value)) for name, value in sorted(stated.items())]


def _attribute(version: Any, name: str, value: Any) -> Shown:
    if name.endswith("_minor") and version.currency:
        return Shown("amount", value, version.currency)
    if name.endswith("_on"):
        return Shown("day", date.fromisoformat(value))
    return Shown("text", str(Rate(value)) if name.endswith("_rate") else value)


def _shown(version: Any, field: Field) -> Shown | None:
    return None if version is None else value_shown(version, field)


def value_shown(version: Any, field: Field, currency: str = "") -> Shown | None:
    """Give a value as pages show it: references by name or key, amounts in the currency of the fact, else in the one given."""
    if field.reference:
        named = getattr(version, field.name)
        return Shown("text", named.name if isinstance(named, Participant) else named.source_key) if named else None
    facts = fact_kind(_kind_of(version))
    value: Any = getattr(version, facts.column_names[facts.places[field.name]])
    if value in (None, ""):
        return None
    currency = getattr(version, "currency", "") or currency
    if field.type is ValueType.AMOUNT and currency:
        return Shown("amount", value, currency)
    return Shown(FORMS.get(field.type, "text"), str(Rate(value)) if field.type is ValueType.PERCENT else value)


def _kind_of(version: Any) -> str:
    return next(name for name in FACT_KINDS if fact_kind(name).version is type(version))
