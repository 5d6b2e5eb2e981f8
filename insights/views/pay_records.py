"""The page of how wrong pay forecasts were, and its file."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from insights.engine.forecast_record import HORIZONS
from insights.selectors.pay_records import PayRecordLine, pay_record
from insights.views.effectiveness import rate_number
from insights.views.forecast_record import HorizonMixin
from spm.roles.policy import require
from spm.web.downloads import table_download

SHOWN = 100
WHOSE = {"COMPANY": "Company", "TEAM": "Team", "PEOPLE": "People, each alone", "PERSON": "Person"}


class PayRecordMixin(HorizonMixin):
    """Reads the record of the horizon."""

    @cached_property
    def lines(self) -> list[PayRecordLine]:
        """The record within reach."""
        return pay_record(self.viewer, self.horizon)


class PayRecordPage(PayRecordMixin, TemplateView):
    """How wrong forecasts of pay were, of the company, teams and people, so many days before the end of past periods."""

    template_name = "insights/pay_record.html"
    actions = {"GET": "pay_forecast.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            page=Paginator(self.lines, SHOWN).get_page(self.request.GET.get("page")),
            horizon=self.horizon,
            horizons=HORIZONS,
            **kwargs,
        )


class PayRecordExport(PayRecordMixin, View):
    """The record as a file."""

    actions = {"GET": "pay_forecast.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        columns = ["Whose", "Name", "Calendar", "Currency", "Days before the end", "Past periods", "WMAPE", "Bias"]
        columns += ["Ranges that held", "Share of ranges that held"]
        return table_download([_cells(one) for one in self.lines], columns, name="pay-forecast-record", form=form)


def _cells(one: PayRecordLine) -> list[Any]:
    past = one.record
    return [
        WHOSE[one.scope], one.name, one.calendar, one.currency, one.horizon, past.tests,
        rate_number(past.wmape_rate), rate_number(past.bias_rate), past.held, rate_number(past.held_rate),
    ]  # fmt: skip
