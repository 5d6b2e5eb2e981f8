"""What is tried, and on which periods."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.forms.plans import DayInput
from incentives.models import Plan, PlanVersion
from incentives.selectors.trial_facts import Pipeline
from incentives.selectors.trials import YEARS, Question
from spm.web.numbers import NumberField

PIPELINES = [
    (Pipeline.NONE.value, _("Leave them out")),
    (Pipeline.WEIGHTED.value, _("Take them as won, amount × probability")),
    (Pipeline.ALL_IN.value, _("Take them as won, in full")),
]


class TrialForm(forms.Form):
    """A trial of a plan version."""

    period = forms.MultipleChoiceField(label=_("Periods"), widget=forms.CheckboxSelectMultiple())
    plan = forms.ChoiceField(label=_("In the place of"), help_text=_("Whose people the version would pay."))
    pipeline = forms.ChoiceField(label=_("Open deals of these periods"), choices=PIPELINES, initial=Pipeline.NONE.value)
    quota = forms.IntegerField(label=_("Quotas at percent of today's"), min_value=1, max_value=1000, initial=100)
    budget = NumberField(
        is_amount=True,
        label=_("Budget"),
        required=False,
        min_value=0,
        max_digits=15,
        decimal_places=2,
        help_text=_("In the plan's currency."),
    )
    years = forms.TypedChoiceField(
        label=_("Resampled repetitions"), coerce=int, initial=YEARS[0], choices=[(each, f"{each:,}") for each in YEARS]
    )
    seed = forms.IntegerField(
        label=_("Seed"), min_value=0, max_value=2**31, initial=1, help_text=_("The same seed gives the same draws.")
    )

    def __init__(self, *args: Any, periods: list[Any], plans: list[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        period, plan = self.fields["period"], self.fields["plan"]
        assert isinstance(period, forms.MultipleChoiceField) and isinstance(plan, forms.ChoiceField)
        period.choices = [(str(one.id), one.key) for one in periods]
        plan.choices = [(str(one.id), one.name) for one in plans]

    def question(self, version: PlanVersion) -> Question:
        """Give what a valid form asks."""
        values = self.cleaned_data
        return Question(
            version=version.id,
            plan=UUID(values["plan"]),
            periods=tuple(UUID(one) for one in values["period"]),
            pipeline=Pipeline(values["pipeline"]),
            quota_percent=values["quota"],
            years=values["years"],
            seed=values["seed"],
        )


class EstimateForm(forms.Form):
    """The next deal: how large, and when it closes."""

    amount = NumberField(is_amount=True, label=_("Amount"), min_value=0, max_digits=15, decimal_places=2)
    close_on = forms.DateField(label=_("Close date"), widget=DayInput())
