"""Pages of performance: the figures of the catalogue within reach, each by seller, unit, product or segment, down to its rows."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from insights.engine.kpis import MEASURES, Kpi, Unit
from insights.forms.kpis import OwnFigureForm
from insights.selectors.freshness import freshness
from insights.selectors.measure_groups import KEPT_BY, TEAM, Group, Kept, kept_asked, kept_of, kept_words
from insights.selectors.measures import Window
from insights.selectors.performance import (
    OWN,
    KpiTable,
    Value,
    formula_of,
    kpi_get,
    kpi_list,
    kpi_rows,
    kpi_tables,
    lines_sorted,
    row_owners,
    windows_of,
)
from planning.selectors import period_list
from spm.core.money import RATE_SCALE, to_major
from spm.roles.catalogue import Reach
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

SHOWN = 50
"""Rows behind a figure that the page shows; the export has all."""


class PeriodMixin(PageMixin):
    """Reads the period and the group of the address, and what it keeps."""

    usual_group = Group.SELLER

    @cached_property
    def periods(self) -> list[Any]:
        """The periods that began."""
        return list(period_list(started_by=self.viewer.on))

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The period asked and those before it; 404 for one that does not exist."""
        try:
            return windows_of(self.viewer, self.request.GET.get("period", ""), self.periods)
        except KeyError as error:
            raise Http404 from error

    @cached_property
    def group(self) -> Group:
        """What figures are told by; 404 for what there is not."""
        try:
            return Group(self.request.GET.get("by", self.usual_group))
        except ValueError as error:
            raise Http404 from error

    @cached_property
    def kept(self) -> tuple[Kept, ...]:
        """The groups that the address keeps rows of; all rows where it names none."""
        return kept_asked(self.request.GET, self.viewer.on)

    @property
    def kept_rows(self) -> tuple[Kept, ...]:
        """What is kept, and of it the group that is opened."""
        opened = self.request.GET.get("of")
        return self.kept if opened is None else (*self.kept, *kept_of([(self.group.value, [opened])]))

    @property
    def kpi(self) -> Kpi:
        """The KPI of the address; 404 for one that there is not, 400 for a formula that is wrong."""
        key = self.kwargs["kpi"]  # type: ignore[attr-defined]
        if key == OWN:
            return self._own()
        try:
            return kpi_get(key)
        except KeyError as error:
            raise Http404 from error

    @cached_property
    def form(self) -> OwnFigureForm:
        """The formula of the address."""
        return OwnFigureForm(self.request.GET, currency=self.viewer.organisation.currency)

    def _own(self) -> Kpi:
        if not self.form.is_valid() or self.form.kpi is None:
            raise BadRequest(" ".join(str(text) for texts in self.form.errors.values() for text in texts))
        return self.form.kpi

    @cached_property
    def table(self) -> KpiTable:
        """The KPI by group."""
        return kpi_tables(self.viewer, [self.kpi], self.windows, group=self.group, kept=self.kept)[0]

    def asked(self) -> dict[str, Any]:
        """What every page of figures shows beside them."""
        return {
            "window": self.windows[0],
            "periods": self.periods,
            "currency": self.viewer.organisation.currency,
            "is_own": self.viewer.reach is Reach.SELF,
            "query": self.request.GET.urlencode(),
            "base": self._base(),
            "whole_base": self._base(TEAM, *KEPT_BY.values()),
            "kept": [pair for one in self.kept for pair in one.address],
            "kept_words": kept_words(self.viewer, self.kept),
        }

    def _base(self, *without: str) -> str:
        """The address without what is opened, and without more: links to rows begin with it."""
        query = self.request.GET.copy()
        for name in ("of", "rows", *without):
            query.pop(name, None)
        return query.urlencode()


class PerformancePage(PeriodMixin, TemplateView):
    """Every figure of the catalogue for what is within reach, with its course."""

    template_name = "insights/performance.html"
    actions = {"GET": "performance.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tables = kpi_tables(self.viewer, kpi_list(), self.windows, group=None)
        fresh = freshness(self.viewer) if self.windows[0].end_on > self.viewer.on else None
        return super().get_context_data(tables=tables, fresh=fresh, **self.asked(), **kwargs)


class PerformanceExport(PeriodMixin, View):
    """Every figure of everybody within reach, as a file."""

    actions = {"GET": "performance.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        tables = kpi_tables(self.viewer, kpi_list(), self.windows)
        rows = [line for table in tables for line in file_lines(table, self.viewer.organisation.currency)]
        return table_download(rows, FILE_COLUMNS, name="performance", form=form)


FILE_COLUMNS = ["KPI", "Period", "By", "Name", "Value", "Unit", "Unknown because", "Rows left out"]


def file_lines(table: KpiTable, currency: str) -> list[list[object]]:
    """Give the lines of a file that say a figure: of all, then by group."""
    whole = [("", _("All within reach"), table.total)]
    named = [(line.key, line.name, line) for line in table.lines]
    return [
        [
            table.kpi.name, table.window.key, table.group if key or line is not table.total else "", name,
            _number(line.value, table.kpi.unit, currency), _unit_of(table.kpi, currency), line.value.reason, line.left_out,
        ]
        for key, name, line in [*whole, *named]
    ]  # fmt: skip


def period_lines(table: KpiTable, currency: str) -> list[list[object]]:
    """Give the lines of a file that say a figure over its periods, oldest first; what was left out is known of the last one."""
    kpi, unit = table.kpi, _unit_of(table.kpi, currency)
    course = zip(reversed(table.windows), table.total.course, strict=True)
    return [
        [kpi.name, window.key, "", _("All within reach"), _number(value, kpi.unit, currency), unit, value.reason]
        + [table.total.left_out if window == table.window else None]
        for window, value in course
    ]


def _number(value: Value, unit: Unit, currency: str) -> Decimal | None:
    if value.number is None:
        return None
    return to_major(value.number, currency) if unit.startswith("MONEY") else Decimal(value.number) / RATE_SCALE


def _unit_of(kpi: Kpi, currency: str) -> str:
    return {
        Unit.MONEY: currency,
        Unit.MONEY_PER_DAY: _("%(currency)s a day") % {"currency": currency},
        Unit.DAYS: _("days"),
    }.get(kpi.unit, "")


class KpiPage(PeriodMixin, TemplateView):
    """One figure: its definition, who stands where, how it went, and the rows it is made of."""

    template_name = "insights/kpi.html"
    actions = {"GET": "performance.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form if self.kwargs["kpi"] == OWN else None
        if form is not None and not form.is_valid():
            measures = list(MEASURES.values())
            return super().get_context_data(**kwargs | self.asked() | {"form": form, "measures": measures})
        table = self.table
        only = self.request.GET.get("of")
        line = next((one for one in table.lines if one.key == only), None)
        if only is not None and line is None:
            raise Http404
        shows_rows = only is not None or self.request.GET.get("rows") == "all"
        rows = self._rows(table) if shows_rows else []
        context = {
            "kpi": table.kpi,
            "form": form,
            "table": table,
            "lines": lines_sorted(table.lines, self.request.GET.get("sort", "-value")),
            "line": line or (table.total if shows_rows else None),
            "rows": rows[:SHOWN],
            "has_more": len(rows) > SHOWN,
            "whole": _sums(table, table.total.sums),
            "sums": _sums(table, (line or table.total).sums),
            "groups": list(Group),
            "may_open_statements": self.viewer.can("statement.view"),
        }
        return super().get_context_data(**kwargs | self.asked() | context)

    def _rows(self, table: KpiTable) -> list[Any]:
        rows = kpi_rows(self.viewer, table.kpi, table.window, kept=self.kept_rows, limit=SHOWN + 1)
        owners = row_owners(rows)
        return [
            (row, owners.get(row.owner_id, ""), _sums(table, {key: row.adds.get(key, 0) for key in table.measures}))
            for row in rows
        ]


def _sums(table: KpiTable, sums: dict[str, int | None]) -> list[tuple[Any, int | None, bool]]:
    """The measures of a figure with what they come to, and whether that is money."""
    return [(MEASURES[key], sums[key], MEASURES[key].counts == "AMOUNT") for key in table.measures]


class KpiExport(PeriodMixin, View):
    """One figure by group, as a file."""

    actions = {"GET": "performance.view"}

    def get(self, request: HttpRequest, kpi: str, form: str) -> HttpResponse:
        require(self.viewer, "export")
        table, currency = self.table, self.viewer.organisation.currency
        return table_download(file_lines(table, currency), FILE_COLUMNS, name=self.kpi.key, form=form)


class RowExport(PeriodMixin, View):
    """Every row that a figure is made of, with what it adds to each measure."""

    actions = {"GET": "performance.view"}

    def get(self, request: HttpRequest, kpi: str, form: str) -> HttpResponse:
        require(self.viewer, "export")
        asked, currency = self.kpi, self.viewer.organisation.currency
        measures = formula_of(asked, currency).measures
        found = kpi_rows(self.viewer, asked, self.windows[0], kept=self.kept_rows)
        owners = row_owners(found)
        columns = ["Kind", "Key", "Name", "Person", "Day", *measures]
        rows = [
            [row.kind, row.key, row.name, owners.get(row.owner_id, ""), row.on_day]
            + [_added(row.adds.get(key, 0), key, currency) for key in measures]
            for row in found
        ]
        return table_download(rows, columns, name=f"{asked.key}-rows", form=form)


def _added(value: int | None, measure: str, currency: str) -> object:
    is_money = MEASURES[measure].counts == "AMOUNT"
    return to_major(value, currency) if value is not None and is_money else value
