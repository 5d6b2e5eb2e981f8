"""Facts as known at a moment, for engines and the nightly job: frames, moments, digests. Never called from a door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pandas as pd
from django.db import connection
from django.db.models import Min

from spm.crm.intake.storing import LOCK
from spm.crm.kinds import FactKind, fact_kind
from spm.crm.models import FactCommit
from spm.tenancy.copying import without_nested_loops
from spm.tenancy.models import Organisation

_DTYPES = {"bigint": "Int64", "integer": "Int64"}


@dataclass(frozen=True)
class FactsChange:
    """A moment at which facts changed."""

    known_from: datetime
    kind: str
    action: str
    upload_id: UUID | None
    created: int
    updated: int
    withdrawn: int


@dataclass(frozen=True)
class FactSource:
    """Where a version of a fact came from."""

    source: str
    source_key: str
    upload_id: UUID | None
    file_name: str
    row_number: int | None
    known_from: datetime


def facts_moment() -> datetime:
    """Give a moment at which no change of facts is half-way; whatever comes later is known strictly later."""
    with connection.cursor() as cursor:
        # Two statements in one message: the second sees what was committed by the time that the lock was given.
        cursor.execute(
            f"select pg_advisory_lock_shared({LOCK}); "
            "select greatest(clock_timestamp(), (select max(known_from) from crm_factcommit))"
        )
        try:
            return cursor.fetchone()[0]
        finally:
            cursor.execute(f"select pg_advisory_unlock_shared({LOCK})")


def facts_digest(known_at: datetime) -> str:
    """Give the digest of everything known at the moment, "" before the first fact. Equal digests mean equal facts."""
    rows = FactCommit.objects.filter(known_from__lte=known_at).order_by("-known_from")
    return rows.values_list("digest", flat=True).first() or ""


def facts_known_since(kind: str) -> datetime | None:
    """Give the moment at which the first fact of a kind became known; None while none is."""
    return FactCommit.objects.filter(kind=kind).aggregate(first=Min("known_from"))["first"]


def facts_known_since_day(kind: str, organisation: Organisation) -> date | None:
    """Give the company's day on which the first fact of a kind became known; None while none is."""
    since = facts_known_since(kind)
    return None if since is None else organisation.day_of(since)


def facts_changed_since(moment: datetime, kinds: Iterable[str] | None = None) -> list[FactsChange]:
    """Give the changes after a moment, oldest first; of some kinds only where they are named."""
    rows = FactCommit.objects.filter(known_from__gt=moment).order_by("known_from")
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    names = ("known_from", "kind", "action", "upload_id", "created", "updated", "withdrawn")
    return [FactsChange(*row) for row in rows.values_list(*names)]


def fact_source(kind: str, fact_id: UUID | str, *, known_at: datetime | None = None) -> FactSource | None:
    """Give where the version known at the moment (now: None) came from; None for a fact that was not known."""
    versions = fact_kind(kind).version._default_manager.filter(fact_id=fact_id).select_related("fact", "upload")  # type: ignore[misc]
    version: Any = (versions.current() if known_at is None else versions.known_at(known_at)).first()
    if version is None:
        return None
    file_name = version.upload.file_name if version.upload else ""
    return FactSource(
        version.fact.source,
        version.fact.source_key,
        version.upload_id,
        file_name,
        version.row_number,
        version.known_from,
    )


def fact_frame(kind: str, *, known_at: datetime | None = None) -> pd.DataFrame:
    """Give every fact of a kind as known at the moment (now: None), sorted by source and source key.

    Columns: `<kind>_id`, source, source_key, version_id, upload_id, row_number and the kind's own; ids are text, amounts Int64 minor
    units, rates Int64 at scale 10**8, days date or None. Withdrawn facts are left out.
    """
    facts = fact_kind(kind)
    names = ["fact_id", "id", "upload_id", "row_number", *facts.column_names]
    picked = ", ".join(f"v.{name}::text" if _is_key(facts, name) else f"v.{name}" for name in names)
    then = (
        "v.known_until is null"
        if known_at is None
        else "v.known_from <= %(at)s and (v.known_until is null or v.known_until > %(at)s)"
    )
    query = (
        f"select f.source, f.source_key, {picked} from {facts.version_table} v join {facts.fact_table} f on f.id = v.fact_id "
        f"where not v.is_withdrawn and {then}"
    )
    with without_nested_loops(), connection.cursor() as cursor:
        cursor.execute(query, {"at": known_at})
        rows = cursor.fetchall()
    columns = ["source", "source_key", f"{kind}_id", "version_id", *names[2:]]
    frame = pd.DataFrame.from_records(rows, columns=columns)
    dtypes = {each.name: _DTYPES[each.sql_type] for each in facts.columns if each.sql_type in _DTYPES}
    return frame.astype({"row_number": "Int64", **dtypes}).sort_values(
        ["source", "source_key"], kind="stable", ignore_index=True
    )


def opportunity_frame(*, known_at: datetime | None = None) -> pd.DataFrame:
    """Give the deals as known at the moment, with `account_key` and `product_key` beside the ids."""
    frame = fact_frame("opportunity", known_at=known_at)
    for name in ("account", "product"):
        frame[f"{name}_key"] = frame[f"{name}_id"].map(_keys(name))
    return frame


def account_frame(*, known_at: datetime | None = None) -> pd.DataFrame:
    """Give the accounts as known at the moment."""
    return fact_frame("account", known_at=known_at)


def product_frame(*, known_at: datetime | None = None) -> pd.DataFrame:
    """Give the products as known at the moment."""
    return fact_frame("product", known_at=known_at)


def _is_key(facts: FactKind, name: str) -> bool:
    return name in ("id", "fact_id", "upload_id") or any(each.name == name and each.is_key for each in facts.columns)


def _keys(kind: str) -> dict[str, str]:
    return {str(id): key for id, key in fact_kind(kind).fact._default_manager.values_list("id", "source_key")}
