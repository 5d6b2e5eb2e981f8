"""Pages of pipeline hygiene: how old open deals are, what they lack, whose they are; and the file."""

from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from insights.engine.hygiene import CODES
from insights.forms.hygiene import HygieneForm
from insights.selectors.hygiene import DealAge, PipelineHygiene, pipeline_hygiene
from insights.views.effectiveness import rate_number
from spm.core.money import to_major
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

SHOWN = 50


class HygieneMixin(PageMixin):
    """Reads the day, the limits and what is listed of the address."""

    @cached_property
    def form(self) -> HygieneForm:
        """What was asked."""
        return HygieneForm(self.request.GET, today=self.viewer.on)

    @cached_property
    def found(self) -> PipelineHygiene:
        """The open deals, judged; only of a valid form."""
        return pipeline_hygiene(self.viewer, self.form.asked())

    def base(self, *without: str) -> str:
        """The address without what is opened, and without more."""
        query = self.request.GET.copy()
        for name in ("page", *without):
            query.pop(name, None)
        return query.urlencode()


class HygienePage(HygieneMixin, TemplateView):
    """Which open deals need care, and why."""

    template_name = "insights/hygiene.html"
    actions = {"GET": "pipeline.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not self.form.is_valid():
            return super().get_context_data(form=self.form, **kwargs)
        found = self.found
        page = Paginator(range(len(found.listed)), SHOWN).get_page(self.request.GET.get("page"))
        start = max(0, page.start_index() - 1)
        context = {
            "form": self.form,
            "found": found,
            "asked": found.asked,
            "page": page,
            "rows": found.rows(slice(start, start + SHOWN)),
            "owners": found.owners[:SHOWN],
            "heads": [one.name for one in found.findings],
            "query": self.base(),
            "base": self.base("finding", "owner", "stage"),
            "only": self._only(found),
        }
        return super().get_context_data(**kwargs | context)

    def _only(self, found: PipelineHygiene) -> list[str]:
        """What the list is kept to beside the finding, in words; people beyond reach have no name here."""
        asked = found.asked
        names = [one.name for one in found.owners if asked.owner and one.owner_id == asked.owner]
        return [*(names or ["–"] if asked.owner else ()), *([asked.stage or "–"] if asked.stage is not None else ())]


class HygieneExport(HygieneMixin, View):
    """Every deal of the list with its ages and a column per finding, as a file."""

    actions = {"GET": "pipeline.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        if not self.form.is_valid():
            raise BadRequest(" ".join(str(text) for texts in self.form.errors.values() for text in texts))
        columns = [
            *(
                "Key",
                "Deal",
                "Owner",
                "Stage",
                "Amount",
                "Currency",
                "Close date",
                "Age in days",
                "At least so old",
                "Days in stage",
            ),
            *("At least so long in stage", "Won deals stayed (median)", "Unknown because", "Times pushed", "As of"),
            *(one.name for one in self.found.findings),
        ]
        rows = [
            self._line(row, one)
            for row, one in zip(self.found.listed.to_dict("records"), self.found.rows(), strict=True)
        ]
        return table_download(rows, columns, name="pipeline-hygiene", form=form)

    def _line(self, row: dict[Any, Any], one: DealAge) -> list[object]:
        amount = None if one.amount_minor is None or not one.currency else to_major(one.amount_minor, one.currency)
        return [
            one.key, one.name, one.owner, one.stage, amount, one.currency, one.closes, one.age_days, _yes(one.age_is_least), one.stage_days,
            _yes(one.stage_is_least), rate_number(one.usual.median), one.reason, one.pushes, self.found.asked.day,
            *(_yes(row[code]) for code in CODES),
        ]  # fmt: skip


def _yes(value: Any) -> str:
    return "unknown" if value is None or value != value or str(value) == "<NA>" else "yes" if value else "no"
