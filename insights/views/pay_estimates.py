"""The page of the estimator: a person's open deals to choose, move and size, and what they would pay. It writes nothing."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from insights.forms.forecasts import ChosenDealForm
from insights.selectors.pay_estimates import (
    PayEstimate,
    Pipeline,
    pay_estimate,
    pay_estimate_person,
    pay_estimate_pipeline,
)
from spm.core.ids import id_of
from spm.people.models import Participant
from spm.web.views import PageMixin


class PayEstimatePage(PageMixin, TemplateView):
    """What chosen open deals would pay a person. Whoever changes a field gets the figures alone."""

    actions = {"GET": "pay_forecast.view", "POST": "pay_forecast.view"}

    def get_template_names(self) -> list[str]:
        """Give the figures alone where a field was changed."""
        return ["insights/_pay_estimate.html" if self.request.htmx else "insights/pay_estimate.html"]  # type: ignore[attr-defined]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Estimate what was chosen."""
        wrong = [text for form in self.forms for text in form.wrong]
        try:
            found = None if wrong else self._estimate()
        except ValidationError as error:
            found, wrong = None, error.messages
        return self.render_to_response(self.get_context_data(found=found, wrong=wrong, **kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        gone = len(self.chosen) - sum(form.is_chosen for form in self.forms)
        more, name = self.pipeline.more, self._name
        shown = {"person": self.person, "forms": self.forms, "more": more, "gone": gone, "name": name}
        names = {form.prefix: form.name for form in self.forms}
        outside = [(names[one.key], one.close_on) for one in found.outside] if (found := kwargs.get("found")) else []
        return super().get_context_data(**kwargs, **shown, outside=outside)

    @cached_property
    def person(self) -> Participant:
        """The person of the address; 404 outside the viewer's reach."""
        found = pay_estimate_person(self.viewer, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def chosen(self) -> set[UUID]:
        """The deals that were ticked."""
        return {key for text in self.request.POST.getlist("deal") if (key := id_of(text)) is not None}

    @property
    def _name(self) -> str:
        return self.request.POST.get("name", "").strip()[:100]

    @cached_property
    def pipeline(self) -> Pipeline:
        """The deals to choose from."""
        return pay_estimate_pipeline(self.viewer, self.person, name=self._name, also=self.chosen)

    @cached_property
    def forms(self) -> list[ChosenDealForm]:
        """A form for each deal."""
        given, on = self.request.POST.dict(), self.viewer.on
        return [
            ChosenDealForm(given, deal=deal, on=on, is_chosen=deal.fact_id in self.chosen)
            for deal in self.pipeline.deals
        ]

    def _estimate(self) -> PayEstimate:
        return pay_estimate(self.viewer, self.person, [form.chosen for form in self.forms if form.is_chosen])
