"""What the changed inputs of two runs are called, looked up together: a bounded number of queries however many rows changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model

from incentives.models import PlanVersion, Run
from incentives.selectors.deal_steps import Pair
from spm.core.ids import id_of
from spm.crm.deal_keys import deals_named
from spm.crm.models import AccountVersion, Opportunity, OpportunityVersion, ProductVersion
from spm.people.models import Participant, Position, Title

Row = Mapping[str, str]
FACTS: Mapping[str, Any] = {"product_key": ProductVersion, "account_key": AccountVersion}
"""What knows the names of keys that come from the CRM."""
RETURNS = {"credit_note": "Credit note", "order": "Reversing order"}


@dataclass(frozen=True)
class DealNames:
    """What changed deals are called: people and CRM facts by key, what takes a deal back, and the import that brought each."""

    people: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    returned: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)


def deal_names(pairs: Sequence[Pair], earlier: Run, later: Run) -> DealNames:
    """Give the names of deals that are told one by one: key, row before and row after of each."""
    rows = [row for _key, *both in pairs for row in both if row is not None]
    keys = [key for key, _old, _new in pairs]
    return DealNames(
        people=names_of((row.get("owner_key", "") for row in rows), Participant),
        facts={column: fact_names(column, {row.get(column, "") for row in rows}) for column in FACTS},
        returned=_returned(keys, later),
        imports=_imports(keys, earlier, later),
    )


def names_of(texts: Iterable[str], *models: type[Model]) -> dict[str, str]:
    """Give the names of the rows of these kinds among texts that may be their keys."""
    keys = _keys(texts)
    pairs = (
        pair
        for model in models
        for pair in (model._default_manager.filter(pk__in=keys).values_list("pk", "name") if keys else ())
    )
    return {str(key): name for key, name in pairs}


def frame_names(texts: Collection[str]) -> dict[str, str]:
    """Give what people, seats, titles and plan versions among the cells of a frame are called."""
    versions = PlanVersion.objects.filter(pk__in=_keys(texts)).select_related("plan")
    named = {str(one.pk): f"{one.plan.name}, version {one.number}" for one in versions}
    return named | names_of(texts, Participant, Position, Title)


def fact_names(column: str, keys: Collection[str]) -> dict[str, str]:
    """Give the names of products or accounts by their keys; none for a key whose facts differ in name."""
    wanted = set(keys) - {""}
    if not wanted:
        return {}
    known = FACTS[column].objects.filter(fact__source_key__in=wanted, known_until=None).exclude(name="")
    found: dict[str, set[str]] = {}
    for key, name in known.values_list("fact__source_key", "name"):
        found.setdefault(key, set()).add(name)
    return {key: min(names) for key, names in found.items() if len(names) == 1}


def _keys(texts: Iterable[str]) -> list[UUID]:
    return [key for text in sorted(set(texts)) if (key := id_of(text)) is not None]


def _returned(keys: Sequence[str], later: Run) -> dict[str, str]:
    """What takes a deal back, by its name and with its deal; what is no return is not in it."""
    found = {key: one for key, one in deals_named(keys, later.facts_known_at).items() if one.kind in RETURNS}
    deals = Opportunity.objects.filter(pk__in=[one.deal_id for one in found.values() if one.deal_id])
    sold = {str(key): name for key, name in deals.values_list("pk", "source_key")} if found else {}
    return {
        key: f"{RETURNS[one.kind]} {one.source_key}"
        + (f", deal {sold[str(one.deal_id)]}" if str(one.deal_id) in sold else "")
        for key, one in found.items()
    }


def _imports(keys: Sequence[str], earlier: Run, later: Run) -> dict[str, str]:
    """The import that brought each deal as the later run read it."""
    versions: Any = OpportunityVersion.objects  # its query set is typed for versions of any kind
    known = versions.filter(
        fact_id__in=_keys(keys), known_from__gt=earlier.facts_known_at, known_from__lte=later.facts_known_at
    )
    latest = known.select_related("upload").order_by("fact_id", "-known_from").distinct("fact_id")
    return {
        str(one.fact_id): f"import {one.upload.file_name}"
        + (f", row {one.row_number}" if one.row_number is not None else "")
        for one in latest
        if one.upload is not None
    }
