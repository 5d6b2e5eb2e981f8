"""The page that says what the next deal would pay. Reading it writes nothing."""

from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from incentives.forms.trials import EstimateForm
from incentives.models import Statement
from incentives.selectors.estimates import Estimate, estimate
from incentives.selectors.statements import statement_rows
from spm.core.money import to_minor
from spm.web.views import PageMixin


class StatementEstimatePage(PageMixin, TemplateView):
    """What one more deal would pay the person of a statement, with attainment before and after."""

    template_name = "incentives/statement_estimate.html"
    actions = {"GET": "statement.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement = get_object_or_404(statement_rows(self.viewer), pk=self.kwargs["pk"])
        days = statement.period.during
        day = min(max(self.viewer.on, days.lower), days.upper - timedelta(days=1))
        form = EstimateForm(self.request.GET if "amount" in self.request.GET else None, initial={"close_on": day})
        found = _estimated(statement, form) if form.is_bound and form.is_valid() else None
        return super().get_context_data(statement=statement, form=form, found=found, **kwargs)


def _estimated(statement: Statement, form: EstimateForm) -> Estimate | None:
    try:
        amount = to_minor(form.cleaned_data["amount"], statement.currency)
        return estimate(statement, amount_minor=amount, close_on=form.cleaned_data["close_on"])
    except ValueError as refusal:
        form.add_error(None, str(refusal))
        return None
