"""Pages of whitespace: the products that an account's family has not bought."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.generic import TemplateView, View

from planning.selectors.whitespace import whitespace_get
from spm.core.money import Rate
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

COLUMNS = ("Key", "Product", "Product family", "Segment", "Similar accounts", "Of these bought it", "Share")


class WhitespacePage(PageMixin, TemplateView):
    """What the family of an account has not bought, beside similar accounts."""

    template_name = "planning/whitespace.html"
    actions = {"GET": "territory.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            found=whitespace_get(self.viewer, self.kwargs["pk"], on=self.viewer.on), **kwargs
        )


class WhitespaceExport(PageMixin, View):
    """The same as a file."""

    actions = {"GET": "territory.view"}

    def get(self, request: HttpRequest, pk: Any, form: str) -> HttpResponse:
        require(self.viewer, "export")
        found = whitespace_get(self.viewer, pk, on=self.viewer.on)
        rows = [
            (
                gap.product.fact.source_key,
                gap.product.name,
                gap.product.family,
                found.segment,
                gap.similar,
                gap.bought,
                "" if gap.share_rate is None else str(Rate(gap.share_rate)),
            )
            for gap in found.gaps
        ]
        return table_download(rows, COLUMNS, name="whitespace", form=form)
