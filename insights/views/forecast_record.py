"""The page of how wrong forecasts were that were made, and its file."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from insights.engine.forecast_record import HORIZONS, METHOD_NAMES
from insights.selectors.forecast_record import RecordLine, forecast_record
from insights.views.effectiveness import rate_number
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

SHOWN = 200
"""Lines that the page shows; the export has all."""


class HorizonMixin(PageMixin):
    """Reads the horizon of the address."""

    @cached_property
    def horizon(self) -> int:
        """Days before the end; 404 for one that there is not."""
        text = self.request.GET.get("horizon", str(HORIZONS[1]))
        if text not in map(str, HORIZONS):
            raise Http404
        return int(text)


class RecordMixin(HorizonMixin):
    """Reads the record of the horizon."""

    @cached_property
    def lines(self) -> list[RecordLine]:
        """The record within reach at the horizon."""
        return [one for one in forecast_record(self.viewer) if one.line.horizon == self.horizon]


class ForecastRecordPage(RecordMixin, TemplateView):
    """How wrong each method was, of the company, units and people, so many days before the end of past periods."""

    template_name = "insights/forecast_record.html"
    actions = {"GET": "pipeline.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = [(one, _subject(one), _(METHOD_NAMES[one.line.method])) for one in self.lines[:SHOWN]]
        return super().get_context_data(
            lines=lines, count=len(self.lines), horizon=self.horizon, horizons=HORIZONS,
            query=self.request.GET.urlencode(), **kwargs,
        )  # fmt: skip


class ForecastRecordExport(RecordMixin, View):
    """The record as a file."""

    actions = {"GET": "pipeline.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        columns = [
            "Of",
            "Name",
            "Method",
            "Days before the end",
            "Past periods",
            "WMAPE",
            "Bias",
            "Better than a year ago by",
        ]
        rows = [
            [
                one.kind, _subject(one), METHOD_NAMES[one.line.method], one.line.horizon, one.line.past.tests,
                *map(rate_number, (one.line.past.wmape_rate, one.line.past.bias_rate, one.line.skill_rate)),
            ]
            for one in self.lines
        ]  # fmt: skip
        return table_download(rows, columns, name="forecast-record", form=form)


def _subject(one: RecordLine) -> str:
    return one.name or _("Company")
