"""Pages of insights: the first page of each persona, the team, the pipeline and its forecasts."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from incentives.selectors.attainment import period_current
from incentives.selectors.statements import statement_periods
from insights.forms.forecasts import MovementForm
from insights.selectors.home import home_sections
from insights.selectors.pipeline import (
    PipelineView,
    count_chart,
    forecast_latest,
    forecast_units,
    pipeline_trend,
    pipeline_view,
    stage_chart,
    trend_chart,
)
from insights.selectors.pipeline_changes import Line, PipelineChanges, movement_chart, pipeline_changes
from insights.selectors.team import TeamRow, team_chart, team_rows, team_sort
from spm.core.money import RATE_SCALE, to_major
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.templatetags.figures import money_text
from spm.web.views import PageMixin

FEW = 12
"""People up to which the bars of a chart of medium height stay apart."""


class HomePage(PageMixin, TemplateView):
    """The first page: the one question of each role of the viewer, answered."""

    template_name = "insights/home.html"
    actions = {"GET": "home.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sections=home_sections(self.viewer), on=self.viewer.on, **kwargs)


class TeamPage(PageMixin, TemplateView):
    """Who needs me today: everybody within reach against pace."""

    template_name = "insights/team.html"
    actions = {"GET": "team.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period = _period(self)
        rows = team_rows(self.viewer, period_id=period.pk) if period else []
        behind = sum(row.is_behind for row in rows)
        title = ngettext("%(n)s person is well behind pace", "%(n)s people are well behind pace", behind) % {
            "n": behind
        }
        return super().get_context_data(
            period=period,
            periods=statement_periods(self.viewer),
            rows=team_sort(rows, self.request.GET.get("sort", "")),
            may_open=self.viewer.can("statement.view"),
            chart=team_chart(rows),
            chart_height="medium" if len(rows) <= FEW else "large",
            chart_title=title if behind else _("Nobody is well behind pace"),
            **kwargs,
        )


class TeamExport(PageMixin, View):
    """The team table as a file."""

    actions = {"GET": "team.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        period = _period(self)
        rows = team_rows(self.viewer, period_id=period.pk) if period else []
        columns = [
            "Person",
            "Period",
            "Credit",
            "Quota",
            "Attainment",
            "Earned",
            "Payable",
            "Open deals",
            "Open pipeline",
            "Currency",
        ]
        return table_download([_team_line(row) for row in rows], columns, name="team", form=form)


def _team_line(row: TeamRow) -> list[object]:
    one = row.attainment
    major = [None if value is None else to_major(value, one.currency) for value in (one.credit_minor, one.quota_minor)]
    rate = None if one.attainment_rate is None else Decimal(one.attainment_rate) / RATE_SCALE
    paid = [to_major(value, one.currency) for value in (one.earned_minor, one.payable_minor)]
    return [
        one.participant_name,
        one.period_key,
        *major,
        rate,
        *paid,
        row.open_deals,
        to_major(row.open_minor, one.currency),
        one.currency,
    ]


def _period(page: PageMixin) -> Any:
    key = page.request.GET.get("period", "")
    if not key:
        return period_current(page.viewer)
    found = [one for one in statement_periods(page.viewer) if one.key == key]
    if not found:
        raise Http404
    return found[0]


class PipelinePage(PageMixin, TemplateView):
    """What is open, how it developed, and what it may become."""

    template_name = "insights/pipeline.html"
    actions = {"GET": "pipeline.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        view = pipeline_view(self.viewer)
        currency = self.viewer.organisation.currency
        trend = pipeline_trend(self.viewer, currency=currency)
        units = forecast_units(self.viewer)
        unit_id = _unit(self.request.GET.get("unit", ""), units)
        return super().get_context_data(
            pipeline=view,
            open_total=view.totals.get(currency),
            currency=currency,
            chart=stage_chart(view, currency=currency) if view.totals.get(currency) else count_chart(view),
            chart_title=_chart_title(view),
            trend=trend,
            trend_chart=trend_chart(trend, currency=currency),
            forecasts=forecast_latest(self.viewer, unit_id=unit_id),
            units=units,
            unit_id=unit_id,
            **kwargs,
        )


SHOWN = 50
"""Deals that the page of changes shows; the export has all."""


class MovementPage(PageMixin, TemplateView):
    """What changed the open pipeline between two days, class by class and deal by deal."""

    template_name = "insights/pipeline_changes.html"
    actions = {"GET": "pipeline.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = MovementForm(self.request.GET, today=self.viewer.on)
        currency = self.viewer.organisation.currency
        if not form.is_valid():
            return super().get_context_data(form=form, **kwargs)
        changes = pipeline_changes(self.viewer, form.asked())
        return super().get_context_data(
            form=form,
            changes=changes,
            currency=currency,
            lines=changes.lines[:SHOWN],
            query=self.request.GET.urlencode(),
            chart=movement_chart(changes, currency=currency),
            chart_title=_movement_title(changes, currency),
            **kwargs,
        )


def _movement_title(changes: PipelineChanges, currency: str) -> str:
    by = changes.found.closing_minor - changes.found.opening_minor
    amount = money_text(abs(by), currency, whole=True)
    if by == 0:
        return _("The open amount is what it was")
    return (
        _("The open amount grew by %(amount)s") % {"amount": amount}
        if by > 0
        else _("The open amount fell by %(amount)s") % {"amount": amount}
    )


class MovementExport(PageMixin, View):
    """Every deal that changed the pipeline, as a file."""

    actions = {"GET": "pipeline.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        asked = MovementForm(request.GET, today=self.viewer.on)
        if not asked.is_valid():
            raise BadRequest(" ".join(str(text) for texts in asked.errors.values() for text in texts))
        changes = pipeline_changes(self.viewer, asked.asked())
        currency = self.viewer.organisation.currency
        columns = ["Deal", "Owner", "Change", "By", "Amount before", "Amount after", "Close before", "Close after"]
        rows = [_movement_line(line, currency) for line in changes.lines]
        return table_download(rows, [*columns, "Currency"], name="pipeline-changes", form=form)


def _movement_line(line: Line, currency: str) -> list[object]:
    states = (line.moved.before, line.moved.after)
    amounts = [
        None if one is None or one.amount_minor is None else to_major(one.amount_minor, currency) for one in states
    ]
    days = [None if one is None else one.close_on for one in states]
    return [line.name, line.owner, line.label, to_major(line.moved.by_minor, currency), *amounts, *days, currency]


def _unit(text: str, units: list[Any]) -> UUID | None:
    if not text:
        return None
    found = [unit.pk for unit in units if str(unit.pk) == text]
    if not found:
        raise Http404
    return found[0]


def _chart_title(view: PipelineView) -> str:
    if not view.stages:
        return ""
    first = view.stages[0]
    return (
        _("Most of the open amount stands in %(stage)s") % {"stage": first.stage}
        if first.amount_minor
        else _("Open deals by stage")
    )
