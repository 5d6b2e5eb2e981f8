"""Pages of manual credits: the list, asking, one credit with its reversal."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from incentives.forms.credits import CreditForm, ReverseForm
from incentives.models import ManualCredit
from incentives.selectors.credits import KIND, credit_list
from incentives.services.credits import CreditWish, credit_ask, credit_reverse
from incentives.views.reaching import ForReached
from spm.approvals.models import ApprovalState
from spm.approvals.selectors import approval_latest
from spm.roles.policy import can_for
from spm.web.views import PageMixin

LIVE = (ApprovalState.OPEN, ApprovalState.APPROVED)


class CreditListPage(PageMixin, TemplateView):
    """The manual credits within reach."""

    template_name = "incentives/credit_list.html"
    actions = {"GET": "credit.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(credit_list(self.viewer), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, may_edit=self.viewer.can("credit.edit"), **kwargs)


class CreditNewPage(ForReached, PageMixin, FormView):
    """Asks for a manual credit."""

    template_name = "incentives/credit_form.html"
    form_class = CreditForm
    actions = {"GET": "credit.edit", "POST": "credit.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"viewer": self.viewer}

    def get_initial(self) -> dict[str, Any]:
        return {"currency": self.viewer.organisation.currency, "credit_on": self.viewer.on}

    def form_valid(self, form: CreditForm) -> HttpResponse:
        values = form.cleaned_data
        deal = values["deal"]
        wish = CreditWish(
            participant_id=values["participant"].pk,
            measure=values["measure"],
            amount_minor=values["amount_minor"],
            currency=values["currency"].upper(),
            credit_on=values["credit_on"],
            reason=values["reason"],
            opportunity_id=None if deal is None else deal.pk,
        )
        try:
            credit = credit_ask(wish=wish, actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("It was asked for. It counts once somebody else has approved it."))
        return redirect("incentives:credit_detail", credit.pk)


class CreditPage(PageMixin, FormView):
    """One manual credit; POST asks to take it back."""

    template_name = "incentives/credit_detail.html"
    form_class = ReverseForm
    actions = {"GET": "credit.view", "POST": "credit.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        credit = self._credit()
        return super().get_context_data(
            credit=credit,
            request_of=approval_latest(KIND, credit.pk),
            reversals=credit_list(self.viewer).filter(reverses=credit, state__in=LIVE),
            may_edit=can_for(self.viewer, "credit.edit", credit.participant_id),
            may_see_approvals=self.viewer.can("approval.view"),
            **kwargs,
        )

    def form_valid(self, form: ReverseForm) -> HttpResponse:
        try:
            taken = credit_reverse(credit_id=self._credit().pk, reason=form.cleaned_data["reason"], actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("The reversal was asked for. It counts once somebody else has approved it."))
        return redirect("incentives:credit_detail", taken.pk)

    def _credit(self) -> ManualCredit:
        found: ManualCredit = get_object_or_404(credit_list(self.viewer.seeing("credit.view")), pk=self.kwargs["pk"])
        return found
