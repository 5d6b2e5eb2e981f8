"""Asking for a manual credit."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incentives.forms.plans import DayInput
from incentives.selectors.deal_keys import deal_of_key
from spm.core.money import AmountError, parse_amount
from spm.crm.models import Opportunity
from spm.people.models import Participant
from spm.roles.policy import Viewer
from spm.web.numbers import number_plain


class CreditForm(forms.Form):
    """For whom, in which measure, how much, on which day, and why."""

    participant = forms.ModelChoiceField(Participant.objects.none(), label=_("Person"))
    measure = forms.CharField(
        label=_("Component"), max_length=100, help_text=_("The key of the component or measure that it counts in.")
    )
    amount = forms.CharField(label=_("Amount"), max_length=40, help_text=_("Below 0 takes credit away."))
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    credit_on = forms.DateField(label=_("Credit date"), widget=DayInput())
    deal = forms.CharField(
        label=_("Deal"), max_length=200, required=False, help_text=_("The key of the deal it is about. Empty: none.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, help_text=_("It stands on the statement."))

    def __init__(self, *args: Any, people: QuerySet[Participant], viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        field = self.fields["participant"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people

    def clean_deal(self) -> Opportunity | None:
        """Give the deal that the key names."""
        key = self.cleaned_data["deal"]
        return deal_of_key(key, self.viewer) if key else None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("amount") and values.get("currency"):
            try:
                values["amount_minor"] = parse_amount(number_plain(values["amount"]), values["currency"].upper())
            except AmountError as error:
                self.add_error("amount", str(error))
        return values


class ReverseForm(forms.Form):
    """Why a credit is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=1000)
