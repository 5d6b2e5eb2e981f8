"""Pages of plan effectiveness and fairness."""

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from insights.selectors.effectiveness import Category, Effectiveness, bands_chart, effectiveness
from insights.views.performance import PeriodMixin
from spm.core.money import RATE_SCALE
from spm.roles.policy import require
from spm.web.downloads import table_download


class EffectivenessMixin(PeriodMixin):
    """Reads the period and the category of the address."""

    @cached_property
    def found(self) -> Effectiveness:
        """The figures asked; 404 for a category that there is not."""
        try:
            category = Category(self.request.GET.get("by", Category.UNIT))
        except ValueError as error:
            raise Http404 from error
        return effectiveness(self.viewer, self.windows[0], category)


class EffectivenessPage(EffectivenessMixin, TemplateView):
    """Whether pay buys performance, and whether groups are paid alike."""

    template_name = "insights/effectiveness.html"
    actions = {"GET": "effectiveness.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.found
        reached = found.health.reached_rate
        title = _("Attainment of the quota by people")
        if reached is not None:
            title = _("%(reached)s of %(people)s people reached their quota") % {
                "reached": found.health.reached,
                "people": found.health.people,
            }
        context = {"found": found, "chart": bands_chart(found), "chart_title": title, "is_healthy": _healthy(reached)}
        return super().get_context_data(**kwargs | self.asked() | context)


def _healthy(reached: int | None) -> bool | None:
    """Tell whether 50 % to 70 % of the people reach their quota, the usual aim. Source: domain.md C8."""
    return None if reached is None else RATE_SCALE // 2 <= reached <= RATE_SCALE * 7 // 10


class EffectivenessExport(EffectivenessMixin, View):
    """Gaps in pay by group, as a file."""

    actions = {"GET": "effectiveness.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        columns = ["Category", "Group", "People", "Others", "Gap of means", "Gap of medians"]
        columns += ["Adjusted gap", "Adjusted from", "Adjusted to", "Flagged"]
        rows = [
            [self.found.category, gap.group, gap.people, gap.others]
            + [
                rate_number(one)
                for one in (gap.mean_rate, gap.median_rate, gap.adjusted_rate, gap.low_rate, gap.high_rate)
            ]
            + [_("yes") if gap.is_flagged else ""]
            for gap in self.found.gaps
        ]
        return table_download(rows, columns, name="pay-gaps", form=form)


def rate_number(value: int | None) -> Decimal | None:
    """Give a rate as a number for files."""
    return None if value is None else Decimal(value) / RATE_SCALE
