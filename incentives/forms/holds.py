"""The form that asks for a hold of pay."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incentives.models import Plan
from incentives.selectors.deal_keys import deal_of_key
from spm.crm.models import Opportunity
from spm.people.models import Participant
from spm.roles.policy import Viewer


class HoldForm(forms.Form):
    """Whose pay, of which plan, component and deal, from which day, and why."""

    participant = forms.ModelChoiceField(
        Participant.objects.none(), label=_("Person"), required=False, empty_label=_("Everybody")
    )
    plan = forms.ModelChoiceField(Plan.objects.none(), label=_("Plan"), required=False, empty_label=_("Any"))
    component = forms.CharField(
        label=_("Component"), max_length=100, required=False, help_text=_("Its key in the plan; empty means all of it.")
    )
    deal = forms.CharField(
        label=_("Deal"),
        max_length=200,
        required=False,
        help_text=_("Its key; empty means all deals, and pay of no deal."),
    )
    starts_on = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("It holds what the books of pay periods have that end on this day or later."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, help_text=_("It stands on the statement."))

    def __init__(
        self, *args: Any, people: QuerySet[Participant], viewer: Viewer, is_of_all: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.fields["participant"].required = not is_of_all
        for name, rows in (
            ("participant", people),
            ("plan", Plan.objects.order_by("code")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows

    def clean_deal(self) -> Opportunity | None:
        """Give the deal that the key names."""
        key = self.cleaned_data["deal"]
        return deal_of_key(key, self.viewer) if key else None
