"""The form of stage conversion, for the page and for the queries of the API."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.forms.plans import DayInput
from insights.engine.conversion import By
from insights.selectors.conversion import ENDS, ConversionAsked, RowsAsked

EARLIEST = date(1990, 1, 1)


class ConversionForm(forms.Form):
    """As of which day, which cohorts, and which of their deals are opened. Empty: today, months of creation, none."""

    on = forms.DateField(label=gettext_lazy("At the end of"), widget=DayInput(), required=False)
    by = forms.ChoiceField(
        label=gettext_lazy("Cohorts"),
        choices=[(By.MONTH.value, gettext_lazy("Months")), (By.QUARTER.value, gettext_lazy("Quarters"))],
        required=False,
    )
    since = forms.CharField(max_length=100, required=False, strip=False, widget=forms.HiddenInput())
    cohort = forms.DateField(required=False, widget=forms.HiddenInput())
    to = forms.CharField(max_length=100, required=False, strip=False, widget=forms.HiddenInput())
    ended = forms.ChoiceField(choices=[("", ""), *ENDS.items()], required=False, widget=forms.HiddenInput())
    left = forms.BooleanField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: Mapping[str, str], *, today: date) -> None:
        asked = {name: data[name] for name in self.base_fields if data.get(name)}
        super().__init__({"on": today, "by": By.MONTH.value, **asked})
        self.today = today
        self.opens = any(data.get(name) for name in ("cohort", "to", "ended", "left"))

    def clean_on(self) -> date:
        """Refuse a day that has not been, or that no deal is old enough for."""
        day: Any = self.cleaned_data["on"]
        if day < EARLIEST:
            raise forms.ValidationError(_("This day lies before 1990. Choose a later one."))
        if day > self.today:
            raise forms.ValidationError(_("This day has not been yet. Choose today or an earlier one."))
        return day

    def asked(self) -> ConversionAsked:
        """Give what was asked; only of a valid form."""
        found = self.cleaned_data
        return ConversionAsked(found["on"], By(found["by"]), found["since"])

    def rows(self) -> RowsAsked:
        """Give which deals were asked for; only of a valid form."""
        found = self.cleaned_data
        return RowsAsked(found["cohort"], found["to"], found["ended"], found["left"])
