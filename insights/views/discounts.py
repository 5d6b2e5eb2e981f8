"""Pages of price and discount: what was given away of list prices, by whom and how deep, and how deals of each depth ended."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from insights.engine.discounts import EDGES, FEWEST
from insights.selectors.discounts import BY, USUAL, Discounts, bands_chart, discounts
from insights.selectors.freshness import freshness
from insights.selectors.measure_groups import KEPT_BY, Group
from insights.views.effectiveness import rate_number
from insights.views.performance import PeriodMixin
from spm.core.money import to_major
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.templatetags.figures import rate_text


class DiscountMixin(PeriodMixin):
    """Reads the period, the group and the depth of the address."""

    usual_group = Group.PRODUCT

    @cached_property
    def found(self) -> Discounts:
        """The figures asked; 404 for a group or a depth that there is not."""
        edge = self.request.GET.get("over", str(USUAL))
        if self.group not in BY or edge not in map(str, EDGES):
            raise Http404
        return discounts(self.viewer, self.windows, group=self.group, edge=int(edge), kept=self.kept)


class DiscountPage(DiscountMixin, TemplateView):
    """Distribution of discounts, price realisation, leakage, and the win rate by depth."""

    template_name = "insights/discounts.html"
    actions = {"GET": "performance.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.found
        rate = found.total.over_rate
        title = _("Order lines by discount")
        if rate is not None:
            words = {"share": rate_text(rate, digits=1), "edge": found.edge}
            title = _("%(share)s of the order lines were discounted by more than %(edge)s %%") % words
        context = {
            "found": found,
            "chart": bands_chart(found),
            "chart_title": title,
            "edges": EDGES,
            "fewest": FEWEST,
            "only": KEPT_BY[self.group],
            "base_of_period": self._base("by", "over", "sort"),
            "fresh": freshness(self.viewer) if self.windows[0].end_on > self.viewer.on else None,
        }
        return super().get_context_data(**kwargs | self.asked() | context)


class DiscountExport(DiscountMixin, View):
    """Discounts by group and by depth, as a file."""

    actions = {"GET": "performance.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        found, currency = self.found, self.viewer.organisation.currency
        columns = ["By", "Name", "Order lines", "List price", "Given away", "Price realisation", "Lines over the depth"]
        columns += ["Won deals", "Lost deals", "Win rate", "From", "To"]
        whole = [("", _("All within reach"), found.total), *((found.group, one.name, one) for one in found.groups)]
        rows: list[list[object]] = [
            [
                by,
                name,
                one.lines,
                to_major(one.list_minor, currency),
                to_major(one.list_minor - one.net_minor, currency),
            ]
            + [rate_number(one.realisation.number), one.over, None, None, None, None, None]
            for by, name, one in whole
        ]
        rows += [
            [
                Group.DISCOUNT,
                one.name,
                one.lines,
                to_major(one.list_minor, currency),
                to_major(one.leakage_minor, currency),
            ]
            + [None, None, one.won, one.lost]
            + [rate_number(value) for value in (one.win_rate, one.low_rate, one.high_rate)]
            for one in found.bands
        ]
        return table_download(rows, columns, name="discounts", form=form)
