"""Forms of insights, for pages and for the queries of the API."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.forms.plans import DayInput
from insights.engine.pipeline_changes import Window
from insights.selectors.pipeline_changes import Asked
from planning.selectors import period_list

USUAL = timedelta(days=7)
"""How far before today a comparison begins where no day is named."""


class MovementForm(forms.Form):
    """Between the ends of which two days, and which deals by their close date. Empty: the last week, all open deals."""

    first = forms.DateField(label=gettext_lazy("From the end of"), widget=DayInput(), required=False)
    last = forms.DateField(label=gettext_lazy("To the end of"), widget=DayInput(), required=False)
    period = forms.ChoiceField(label=gettext_lazy("Closing in"), required=False)

    def __init__(self, data: Mapping[str, str], *, today: date) -> None:
        asked = {name: data[name] for name in self.base_fields if data.get(name)}
        super().__init__({"first": today - USUAL, "last": today, **asked})
        self.today = today
        self.periods = {one.key: one for one in period_list()}
        choices = [("", _("Any period")), *((key, key) for key in self.periods)]
        self.fields["period"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse days that can't be compared."""
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if last and last > self.today:
            self.add_error("last", _("This day has not been yet. Choose today or an earlier one."))
        elif first and last and first >= last:
            self.add_error("first", _("This day is not before the other one. Choose an earlier one."))
        return found

    def asked(self) -> Asked:
        """Give what was asked; only of a valid form."""
        period = self.periods.get(self.cleaned_data["period"])
        window = Window(period.during.lower, period.during.upper) if period else Window()
        return Asked(self.cleaned_data["first"], self.cleaned_data["last"], window)
