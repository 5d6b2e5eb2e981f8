"""The page of the currencies that people are paid in, and of the rate that pay is converted at."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from incentives.engine.words import PayRatePolicy
from incentives.forms.terms import PAY_RATES, HolderCurrencyForm, PayRateForm
from incentives.selectors.terms import pay_currency_list, pay_rate_list, terms_people
from incentives.services.pay_currencies import pay_currency_set, pay_rate_set
from spm.web.views import PageMixin

SHOWN = 500


class PayCurrencyListPage(PageMixin, FormView):
    """Who is paid in which currency, and at which rate; who may sets one from a day on."""

    template_name = "incentives/pay_currency_list.html"
    form_class = HolderCurrencyForm
    actions = {"GET": "target.view", "POST": "target.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "people": terms_people(self.viewer, "target.edit").order_by("name")}

    def get_initial(self) -> dict[str, Any]:
        return {"start": self.viewer.on}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, words = self.request.GET.get("q", "").strip(), dict(PAY_RATES)
        return super().get_context_data(
            rows=pay_currency_list(self.viewer, query=asked)[:SHOWN],
            rules=[(one, words[one.policy]) for one in pay_rate_list(self.viewer)],
            rate_form=PayRateForm(initial={"start": self.viewer.on}, prefix="rate"),
            asked=asked,
            shown=SHOWN,
            may_edit=self.viewer.can("target.edit"),
            may_choose=self.viewer.can("rate.edit"),
            **kwargs,
        )

    def form_valid(self, form: HolderCurrencyForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        try:
            pay_currency_set(participant_id=values.pop("participant").pk, actor=self.viewer, **values)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("It holds from that day on. Open books are converted already."))
        return redirect("incentives:pay_currency_list")

    def form_invalid(self, form: HolderCurrencyForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class PayRateSet(PageMixin, View):
    """Chooses the rate that pay is converted at."""

    actions = {"POST": "rate.edit"}

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PayRateForm(request.POST, prefix="rate")
        if not form.is_valid():
            messages.error(request, _("Nothing was changed: choose a rate and the day it begins."))
            return redirect("incentives:pay_currency_list")
        values = form.cleaned_data
        try:
            pay_rate_set(policy=PayRatePolicy(values["policy"]), start=values["start"], actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("It holds from that day on. Open books are converted anew."))
        return redirect("incentives:pay_currency_list")
