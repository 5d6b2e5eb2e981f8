"""Pages of the likelihood of open deals: all within reach, one deal, and the file."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.views.generic import TemplateView, View

from insights.selectors.likelihoods import likelihood_deals, likelihood_get, likelihood_trial, likelihoods_of
from insights.views.effectiveness import rate_number
from spm.core.money import to_major
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

SHOWN = 50


class LikelihoodPage(PageMixin, TemplateView):
    """How likely each open deal within reach is won, why, and how good such likelihoods were."""

    template_name = "insights/likelihoods.html"
    actions = {"GET": "pipeline.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(likelihood_deals(self.viewer), SHOWN).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page, rows=likelihoods_of(self.viewer, page), trial=likelihood_trial(self.viewer), **kwargs
        )


class DealLikelihoodPage(PageMixin, TemplateView):
    """How likely one deal is won, with every reason; a part of the deal's page for htmx."""

    actions = {"GET": "pipeline.view"}

    def get_template_names(self) -> list[str]:
        return ["insights/_likelihood.html" if self.request.htmx else "insights/likelihood.html"]  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = likelihood_get(self.viewer, self.kwargs["pk"])
        if told is None:
            raise Http404
        return super().get_context_data(told=told, trial=likelihood_trial(self.viewer), **kwargs)


class LikelihoodExport(PageMixin, View):
    """Every open deal within reach with its likelihood and its reasons, as a file."""

    actions = {"GET": "pipeline.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        rows = [
            [
                one.deal.fact.source_key, one.deal.name, one.deal.owner.name if one.deal.owner else None, one.deal.stage,
                one.deal.expected_close_on,
                None if one.deal.amount_minor is None else to_major(one.deal.amount_minor, one.deal.currency), one.deal.currency,
                rate_number(one.chance_rate), "; ".join(f"{why.words} {why.points} ({why.deals})" for why in one.why), one.reason,
                one.as_on,
            ]
            for one in likelihoods_of(self.viewer, likelihood_deals(self.viewer))
        ]  # fmt: skip
        columns = [
            *("Key", "Deal", "Owner", "Stage", "Expected close", "Amount", "Currency"),
            *("Likelihood", "Raised or lowered by points (from past deals)", "Unknown because", "As of"),
        ]
        return table_download(rows, columns, name="likelihood", form=form)
