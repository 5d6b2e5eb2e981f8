"""The small forms of periods and adjustments."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incentives.models import AdjustmentReason, Plan
from planning.selectors import calendar_list, period_list
from spm.core.money import AmountError, parse_amount
from spm.people.models import Participant


class PayCalendarForm(forms.Form):
    """In which calendar the periods of another are paid."""

    calendar = forms.ModelChoiceField(calendar_list(), label=_("What is earned by"))
    paid_in = forms.ModelChoiceField(calendar_list(), label=_("is paid by"))


class AdjustmentForm(forms.Form):
    """For whom, for which period, how much, of which plan and component, and why."""

    participant = forms.ModelChoiceField(Participant.objects.none(), label=_("Person"))
    period = forms.ModelChoiceField(period_list(), label=_("Period"))
    amount = forms.CharField(label=_("Amount"), max_length=40, help_text=_("Below 0 takes pay back."))
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    plan = forms.ModelChoiceField(Plan.objects.none(), label=_("Plan"), required=False, empty_label=_("None"))
    component = forms.CharField(
        label=_("Component"), max_length=100, required=False, help_text=_("Its key in the plan.")
    )
    reason_code = forms.ChoiceField(label=_("Kind"), choices=AdjustmentReason.choices)
    reason = forms.CharField(label=_("Reason"), max_length=1000, help_text=_("It stands on the statement."))

    def __init__(self, *args: Any, people: QuerySet[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("participant", people),
            ("plan", Plan.objects.order_by("code")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("amount") and values.get("currency"):
            try:
                values["amount_minor"] = parse_amount(values["amount"], values["currency"].upper())
            except AmountError as error:
                self.add_error("amount", str(error))
        return values
