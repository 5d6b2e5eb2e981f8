"""Pages that hold scenarios side by side, and beside the live plan."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from planning.forms.scenarios import CompareForm
from planning.selectors.scenarios import Column, compared, measure_numbers
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.templatetags.figures import money, quantity, rate
from spm.web.views import PageMixin

RATE = 10**8
MOST_COMPARED = 5


class ScenarioCompare(PageMixin, TemplateView):
    """Scenarios side by side, and beside the live plan."""

    template_name = "planning/scenario_compare.html"
    actions = {"GET": "scenario.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, columns = columns_asked(self.request, self.viewer)
        query = urlencode([("scenario", str(each.scenario.pk)) for each in columns if each.scenario is not None])
        return super().get_context_data(
            asked=asked,
            columns=columns,
            query=query,
            measures=measure_rows(columns, self.viewer.organisation.currency),
            **kwargs,
        )


class ScenarioCompareExport(PageMixin, View):
    """The comparison as a file: a row for each plan."""

    actions = {"GET": "scenario.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        _asked, columns = columns_asked(request, self.viewer)
        rows = [[each.name, *map(_exact, measure_numbers(each).values())] for each in columns]
        names = list(measure_numbers(columns[0])) if columns else []
        return table_download(rows, ["plan", *names], name="scenarios", form=form)


def columns_asked(request: HttpRequest, viewer: Any) -> tuple[CompareForm, list[Column]]:
    """Give the form of the comparison and its columns, five scenarios at most."""
    asked = CompareForm(request.GET)
    chosen = list(asked.cleaned_data["scenario"])[:MOST_COMPARED] if asked.is_valid() else []
    return asked, compared(viewer, chosen)


def measure_rows(columns: Sequence[Column], currency: str) -> list[tuple[str, list[Any]]]:
    """Give the rows of the comparison as a page shows them: the name of each measure and a figure for each plan."""
    numbers = [measure_numbers(each) for each in columns]

    def share(value: float | None) -> Any:
        return rate(None if value is None else round(value * RATE), digits=1)

    def amount(value: int | None) -> Any:
        return money(value, currency, whole=True)

    shown: list[tuple[Any, str, Callable[[Any], Any]]] = [
        (_("Territories that nobody covers"), "territories_uncovered", quantity),
        (_("Territories with shares over 100%"), "territories_over_100_percent", quantity),
        (_("Accounts in no territory"), "accounts_in_no_territory", quantity),
        (_("Accounts whose territory nobody covers"), "accounts_without_cover", quantity),
        (_("Accounts covered over 100%"), "accounts_double", quantity),
        (_("Unevenness of accounts (CV)"), "accounts_variation", share),
        (_("Unevenness of sales (CV)"), "sales_variation", share),
        (_("Accounts that go to other hands"), "accounts_moved", quantity),
        (_("Sales that go to other hands"), "sales_moved_share", share),
        (_("Quotas of the year, those of managers too"), "quota_minor", amount),
        (_("Quotas outside 85% to 115% of parity"), "quotas_outside_parity", quantity),
        (_("Quotas that can be judged"), "quotas_judged", quantity),
        (_("Quota that heads can carry"), "capacity_minor", amount),
        (_("Missing to the target of the capacity plan"), "capacity_gap_minor", amount),
    ]
    return [(label, [figure(each[name]) for each in numbers]) for label, name, figure in shown] if columns else []


def _exact(value: float | int | None) -> Decimal | int | None:
    """A number as a file takes it; shares with six digits."""
    return Decimal(f"{value:.6f}") if isinstance(value, float) else value
