"""Pages of stage conversion: cohorts, the days between stages, the deals behind each count; and the files."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from insights.forms.conversion import ConversionForm
from insights.selectors.conversion import Reached, conversion, conversion_deals
from insights.views.effectiveness import rate_number
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

SHOWN = 50
"""Deals that the page shows; the export has all."""


class ConversionMixin(PageMixin):
    """Reads the day, the cohorts and what is opened of the address."""

    @cached_property
    def form(self) -> ConversionForm:
        """What was asked."""
        return ConversionForm(self.request.GET, today=self.viewer.on)

    def base(self, *names: str) -> str:
        """What the address says under these names."""
        query = self.request.GET.copy()
        for name in set(query) - set(names):
            query.pop(name)
        return query.urlencode()

    def refuse_wrong(self) -> None:
        """Answer 400 to what can't be asked."""
        if not self.form.is_valid():
            raise BadRequest(" ".join(str(text) for texts in self.form.errors.values() for text in texts))


class ConversionPage(ConversionMixin, TemplateView):
    """How many deals of each cohort reached each later stage, and in how many days."""

    template_name = "insights/conversion.html"
    actions = {"GET": "pipeline.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form
        if not form.is_valid():
            return super().get_context_data(form=form, **kwargs)
        found = conversion(self.viewer, form.asked())
        rows = conversion_deals(self.viewer, found.asked, form.rows(), limit=SHOWN + 1) if form.opens else []
        context = {
            "form": form,
            "found": found,
            "asked": found.asked,
            "opened": form.rows() if form.opens else None,
            "rows": rows[:SHOWN],
            "has_more": len(rows) > SHOWN,
            "base": self.base("on", "by", "since"),
            "query": self.request.GET.urlencode(),
        }
        return super().get_context_data(**kwargs | context)


class ConversionExport(ConversionMixin, View):
    """Every cohort with what its deals reached and how they ended, as a file."""

    actions = {"GET": "pipeline.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        self.refuse_wrong()
        found = conversion(self.viewer, self.form.asked())
        columns = [
            *("Cohort", "Deals", "Course known", "Reached or ended", "Deals there", "Share"),
            *(
                "Deals with days",
                "Days (lower quartile)",
                "Days (median)",
                "Days (upper quartile)",
                "Unknown because",
                "As of",
            ),
        ]
        rows = [
            [cohort.name, cohort.deals, cohort.known, one.name, *_told(one), found.asked.day]
            for cohort in (*found.cohorts, found.whole)
            for one in (*cohort.stages, *cohort.ends)
        ]
        rows += [
            [f"{one.stage} – {one.later}", None, None, one.later, one.deals, None, *_days(one), found.asked.day]
            for one in found.between
        ]
        return table_download(rows, columns, name="stage-conversion", form=form)


def _told(one: Reached) -> list[object]:
    return [one.deals, rate_number(one.share_rate), *_days(one)]


def _days(one: Any) -> list[object]:
    days = one.days
    return [days.stays, *(rate_number(each) for each in (days.low, days.median, days.high)), one.few]


class ConversionRowExport(ConversionMixin, View):
    """Every deal behind a count, as a file."""

    actions = {"GET": "pipeline.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        self.refuse_wrong()
        columns = ["Key", "Deal", "Owner", "Cohort", "Began on", "Ended", "Closed on", "Course known", "Days"]
        rows: list[list[object]] = [
            [
                one.key,
                one.name,
                one.owner,
                one.cohort,
                one.day,
                one.ended,
                one.close_on if one.status != "open" else None,
                "yes" if one.is_known else "no",
                one.days,
            ]
            for one in conversion_deals(self.viewer, self.form.asked(), self.form.rows())
        ]
        return table_download(rows, columns, name="stage-conversion-deals", form=form)
