"""Pages of the pay forecast: a period within reach, one person, and the file."""

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from insights.models import PayForecast, PayForecastBasis, PayScope
from insights.selectors.pay_forecasts import (
    pay_forecast_bases,
    pay_forecast_basis,
    pay_forecast_list,
    pay_forecast_person,
)
from insights.selectors.pay_records import horizon_of, pay_record_beside
from spm.core.money import to_major
from spm.roles.policy import Viewer, require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

SHOWN = 50


class BasisMixin(PageMixin):
    """Reads the period of the address."""

    @cached_property
    def basis(self) -> PayForecastBasis | None:
        """What the forecast of the period rests on; None before the first night, 404 for a period without one."""
        try:
            return pay_forecast_basis(self.viewer, self.request.GET.get("period", ""))
        except KeyError as error:
            raise Http404 from error


class PayForecastPage(BasisMixin, TemplateView):
    """What pay is expected to come to in a period: company, teams, people."""

    template_name = "insights/pay_forecast.html"
    actions = {"GET": "pay_forecast.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        basis = self.basis
        context: dict[str, Any] = {"basis": basis, "bases": pay_forecast_bases(self.viewer)}
        if basis is not None:
            rows = pay_forecast_list(self.viewer, basis)
            page = Paginator(rows.filter(scope=PayScope.PERSON), SHOWN).get_page(self.request.GET.get("page"))
            sums, page.object_list = list(rows.exclude(scope=PayScope.PERSON)), list(page.object_list)
            _recorded(self.viewer, [*sums, *page.object_list])
            context |= {
                "sums": sums,
                "page": page,
                "horizon": horizon_of((basis.period.during.upper - basis.as_on).days),
                "is_stale": basis.as_on < self.viewer.on,
                "may_accrue": self.viewer.can("ledger.view"),
            }
        return super().get_context_data(**kwargs | context)


class PayForecastPersonPage(PageMixin, TemplateView):
    """What one person is expected to earn, and the open deals that it depends on."""

    template_name = "insights/pay_forecast_person.html"
    actions = {"GET": "pay_forecast.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = pay_forecast_person(self.viewer, self.kwargs["pk"])
        if found is None:
            raise Http404
        _recorded(self.viewer, found.rows)
        return super().get_context_data(found=found, on=self.viewer.on, **kwargs)


class PayForecastExport(BasisMixin, View):
    """The pay forecast of a period within reach as a file."""

    actions = {"GET": "pay_forecast.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        accrues, basis = self.viewer.can("ledger.view"), self.basis
        rows = [] if basis is None else [_cells(row, accrues) for row in pay_forecast_list(self.viewer, basis)]
        columns = ["Period", "Scope", "Name", "Currency", "People", "Of them unknown", "Earned so far"]
        columns += ["Low (10 %)", "Median", "High (90 %)", *(["Expected accrual at period end"] if accrues else [])]
        columns += ["Unknown because", "Made on", "Scenarios", "Chance of deals from"]
        name = "pay-forecast" if basis is None else f"pay-forecast-{basis.period.key}"
        return table_download(rows, columns, name=name, form=form)


def _recorded(viewer: Viewer, rows: list[PayForecast]) -> None:
    """Put beside each forecast how wrong such were before."""
    known = pay_record_beside(viewer, rows)
    for row in rows:
        row.record = known.get(row.pk)  # type: ignore[attr-defined]


def _cells(row: PayForecast, accrues: bool) -> list[Any]:
    basis = row.basis
    return [
        basis.period.key, row.get_scope_display(), row.participant.name if row.participant else None, row.currency,
        row.people, row.unknown,
        *(_major(each, row.currency) for each in (row.earned_minor, row.low_minor, row.median_minor, row.high_minor)),
        *([_accrual(row)] if accrues else []),
        row.reason, basis.as_on, basis.scenarios, basis.get_source_display(),
    ]  # fmt: skip


def _accrual(row: PayForecast) -> Decimal | None:
    """What the period is expected to leave to accrue: the company's median."""
    return _major(row.median_minor, row.currency) if row.scope == PayScope.COMPANY else None


def _major(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else to_major(minor, currency)
