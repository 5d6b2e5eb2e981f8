"""Pages of the audit: who changed what, when, before and after."""

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from spm.audit.models import AuditRow
from spm.audit.selectors import (
    EntryFilter,
    changes,
    entry_list,
    platform_entry_list,
    seal_check_list,
    seal_last,
    seal_totals,
    table_names,
)
from spm.roles.catalogue import TABLE_ACTIONS
from spm.roles.policy import Viewer, require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

MOST_EXPORTED = 50_000
COLUMNS = ("At", "Who", "By way of", "Table", "Row", "Verb", "Before", "After")
VERBS = [("", _("All")), ("insert", _("Created")), ("update", _("Changed")), ("delete", _("Deleted"))]
SEALED_TABLES = {
    "audit_entry": _("Audit of data"),
    "audit_platformentry": _("Audit of access"),
    "incentives_journal": _("Journals"),
    "incentives_ledgerentry": _("Ledger entries"),
}
DAY = forms.DateInput(attrs={"type": "date"})


class EntryFilterForm(forms.Form):
    """What to look for."""

    table = forms.ChoiceField(required=False, label=_("Table"))
    verb = forms.ChoiceField(choices=VERBS, required=False, label=_("What"))
    actor = forms.CharField(max_length=200, required=False, label=_("Who"))
    row = forms.CharField(max_length=64, required=False, label=_("Row"))
    since = forms.DateField(widget=DAY, required=False, label=_("From"))
    until = forms.DateField(widget=DAY, required=False, label=_("Up to"))

    def __init__(self, *args: Any, tables: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["table"].choices = [("", _("All")), *tables]  # type: ignore[attr-defined]


def readable_apps(viewer: Viewer) -> list[str]:
    """Give the apps whose entries the viewer may read: those of which the rows themselves may be seen."""
    return [label for label, action in TABLE_ACTIONS.items() if viewer.can(action)]


class EntryListPage(PageMixin, TemplateView):
    """Changes of the company's data, or of who gets in (`?of=access`)."""

    template_name = "audit/entry_list.html"
    actions = {"GET": "audit.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, rows = _rows(self.viewer, self.request)
        page = Paginator(rows, 50).get_page(self.request.GET.get("page"))
        for row in page.object_list:
            row.changes, row.table = changes(row), table_names().get(row.table_name, row.table_name)
        query = self.request.GET.urlencode()
        exports = {kind: f"{reverse('audit:entry_export', args=[kind])}?{query}" for kind in ("csv", "xlsx")}
        return super().get_context_data(
            page=page,
            form=form,
            of=self.request.GET.get("of", ""),
            exports=exports if self.viewer.can("export") else None,
            **kwargs,
        )


class SealListPage(PageMixin, TemplateView):
    """What is sealed against later changes, and when that was last verified."""

    template_name = "audit/seal_list.html"
    actions = {"GET": "audit.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        checks = list(seal_check_list()[:30])
        names = table_names() | SEALED_TABLES
        totals = [total | {"name": names.get(total["source"], total["source"])} for total in seal_totals()]
        return super().get_context_data(
            last=seal_last(), totals=totals, checks=checks, check=checks[0] if checks else None, **kwargs
        )


class EntryExport(PageMixin, View):
    """The same entries as a file, the newest 50,000."""

    actions = {"GET": "audit.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        _form, rows = _rows(self.viewer, request)
        return table_download(_lines(rows[:MOST_EXPORTED]), COLUMNS, name="audit", form=form)


def _rows(viewer: Viewer, request: HttpRequest) -> tuple[EntryFilterForm, QuerySet[Any]]:
    readable = readable_apps(viewer)
    tables = sorted((table, name) for table, name in table_names().items() if table.partition("_")[0] in readable)
    form = EntryFilterForm(request.GET or None, tables=sorted(tables, key=lambda pair: pair[1]))
    found = form.cleaned_data if form.is_bound and form.is_valid() else {}
    wanted = EntryFilter(zone=ZoneInfo(viewer.organisation.time_zone), **found)
    select = platform_entry_list if request.GET.get("of") == "access" else entry_list
    return form, select(wanted, app_labels=readable)


def _lines(rows: QuerySet[AuditRow]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        before, after = (
            json.dumps(value, sort_keys=True) if value is not None else None for value in (row.before, row.after)
        )
        yield row.at.isoformat(), row.actor, row.via, row.table_name, row.row_id, row.verb, before, after
