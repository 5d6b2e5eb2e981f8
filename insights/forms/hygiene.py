"""The form of pipeline hygiene, for the page and for the queries of the API."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.forms.plans import DayInput
from insights.engine.hygiene import Hygiene, Limits
from insights.selectors.hygiene import WORDS, HygieneAsked

FINDINGS = [("", gettext_lazy("All open deals")), *((one.value, WORDS[one][0]) for one in Hygiene)]


class HygieneForm(forms.Form):
    """As of which day, from when on a deal is stuck or pushed, and which deals are listed. Empty: today, 30 days, 3 times, all."""

    on = forms.DateField(label=gettext_lazy("At the end of"), widget=DayInput(), required=False)
    days = forms.IntegerField(label=gettext_lazy("Stuck after days"), min_value=1, max_value=3650, required=False)
    pushes = forms.IntegerField(label=gettext_lazy("Pushed times"), min_value=1, max_value=100, required=False)
    finding = forms.ChoiceField(label=gettext_lazy("Finding"), choices=FINDINGS, required=False)
    owner = forms.UUIDField(required=False, widget=forms.HiddenInput())
    stage = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput())

    def __init__(self, data: Mapping[str, str], *, today: date) -> None:
        asked = {name: data[name] for name in self.base_fields if data.get(name)}
        usual = Limits()
        super().__init__({"on": today, "days": usual.days, "pushes": usual.pushes, **asked})
        self.today, self.in_stage = today, data.get("stage")

    def clean_on(self) -> date:
        """Refuse a day that has not been."""
        day: Any = self.cleaned_data["on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not been yet. Choose today or an earlier one."))
        return day

    def asked(self) -> HygieneAsked:
        """Give what was asked; only of a valid form."""
        found = self.cleaned_data
        owner = str(found["owner"]) if found["owner"] else ""
        return HygieneAsked(found["on"], Limits(found["days"], found["pushes"]), found["finding"], owner, self.in_stage)
