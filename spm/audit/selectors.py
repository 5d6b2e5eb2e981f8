"""What changed: entries of the company's rows, and of the global rows that speak of the company.

Who may see which tables is decided above (`spm.roles.catalogue.TABLE_ACTIONS`): the caller names the apps.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Max, Q, QuerySet, Sum

from spm.audit.models import AuditRow, Entry, PlatformEntry, Seal, SealCheck
from spm.tenancy.scope import current_organisation_id
from spm.tenancy.walls import AUDITED_GLOBAL, tenant_models

R = TypeVar("R", bound=AuditRow)
SILENT = frozenset({"organisation_id"})
"""Columns that say nothing to a reader."""


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """What a reader looks for; empty fields are not asked about. Days are whole days of `zone`, `until` included."""

    zone: ZoneInfo
    table: str = ""
    actor: str = ""
    row: str = ""
    verb: str = ""
    since: date | None = None
    until: date | None = None

    def keep(self, rows: QuerySet[R]) -> QuerySet[R]:
        """Give the rows that are looked for, newest first."""
        equal = {"table_name": self.table, "row_id": self.row, "verb": self.verb}
        rows = rows.filter(**{name: value for name, value in equal.items() if value})
        if self.actor:
            rows = rows.filter(actor__icontains=self.actor)
        if self.since:
            rows = rows.filter(at__gte=self._start(self.since))
        if self.until:
            rows = rows.filter(at__lt=self._start(self.until + timedelta(days=1)))
        return rows.order_by("-at", "-pk")

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)


def entry_list(wanted: EntryFilter, *, app_labels: Collection[str]) -> QuerySet[Entry]:
    """Give the changes of the company's rows in tables of the named apps."""
    return wanted.keep(Entry.objects.filter(_of_apps(app_labels)))


def rows_entries(table: str, rows: Collection[object]) -> QuerySet[Entry]:
    """Give the changes of some rows of the company, newest first; whether the viewer may read them is the caller's to ask."""
    return Entry.objects.filter(table_name=table, row_id__in=[str(row) for row in rows]).order_by("-at", "-pk")


def row_entries(table: str, row: object) -> QuerySet[Entry]:
    """Give the changes of one row of the company, newest first; whether the viewer may read the row is the caller's to ask."""
    return rows_entries(table, [row])


def platform_entry_list(wanted: EntryFilter, *, app_labels: Collection[str]) -> QuerySet[PlatformEntry]:
    """Give the changes of members, invitations, tokens, staff entries and settings of the company."""
    rows = PlatformEntry.objects.filter(organisation_id=current_organisation_id())
    return wanted.keep(rows.filter(_of_apps(app_labels)))


def changes(entry: AuditRow) -> list[tuple[str, object, object]]:
    """Give the columns that differ as (name, before, after)."""
    before, after = entry.before or {}, entry.after or {}
    names = [name for name in [*before, *(name for name in after if name not in before)] if name not in SILENT]
    return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def seal_last() -> Seal | None:
    """Give the newest seal of the company, without its rows; its hash is what to keep elsewhere."""
    return Seal.objects.defer("rows").order_by("-number").first()


def seal_totals() -> list[dict[str, Any]]:
    """Give the sealed tables with how many rows are sealed and when the last one was."""
    totals = Seal.objects.values("source").annotate(sealed=Sum("count"), last_at=Max("sealed_at"))
    return [dict(each) for each in totals.order_by("source")]


def seal_check_list() -> QuerySet[SealCheck]:
    """Give the verifications, newest first."""
    return SealCheck.objects.order_by("-checked_at")


@cache
def table_names() -> dict[str, str]:
    """Give the audited tables with the words people use for them."""
    audited = {model._meta.db_table: str(model._meta.verbose_name) for model in tenant_models() if not model.unaudited}
    known = {model._meta.db_table: str(model._meta.verbose_name) for model in apps.get_models()}
    return audited | {table: known[table] for table in AUDITED_GLOBAL if table in known}


def _of_apps(app_labels: Collection[str]) -> Q:
    tables = [table for table in table_names() if table.partition("_")[0] in app_labels]
    return Q(table_name__in=tables)
