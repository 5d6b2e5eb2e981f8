"""Setting target pay, a ramp or leave of a person."""

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incentives.engine.words import PayRatePolicy
from incentives.forms.plans import DayInput
from incentives.models import RampSchedule, TargetPer
from incentives.services.terms import shares_read
from spm.core.money import AmountError, parse_amount
from spm.people.models import Participant, Position
from spm.web.numbers import number_plain

PAY_RATES = [
    (PayRatePolicy.PERIOD_END.value, _("the last day of the period")),
    (PayRatePolicy.PERIOD_AVERAGE.value, _("the mean of its days")),
]
"""The rates that pay may be converted at, in words."""


class TargetForm(forms.Form):
    """Target pay of a person, from a day on."""

    name = forms.CharField(
        label=_("Name in the plan"), max_length=100, initial="variable", help_text=_("As in “target: variable”.")
    )
    target = forms.CharField(label=_("Target incentive"), max_length=40)
    base = forms.CharField(label=_("Base"), max_length=40)
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    per = forms.ChoiceField(label=_("For"), choices=TargetPer.choices, initial=TargetPer.YEAR)
    start = forms.DateField(label=_("From"), widget=DayInput())
    until = forms.DateField(
        label=_("Until"), widget=DayInput(), required=False, help_text=_("The first day after; empty while it lasts.")
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("target", "base"):
            if values.get(name) and values.get("currency"):
                try:
                    values[f"{name}_minor"] = parse_amount(number_plain(values[name]), values["currency"].upper())
                except AmountError as error:
                    self.add_error(name, str(error))
        return values


class HolderTargetForm(TargetForm):
    """Target pay of a person, or of whoever holds a position."""

    participant = forms.ModelChoiceField(
        Participant.objects.none(), label=_("Person"), required=False, empty_label=_("No person")
    )
    position = forms.ModelChoiceField(
        Position.objects.none(), label=_("Position"), required=False, empty_label=_("No position")
    )
    field_order = ("participant", "position")

    def __init__(self, *args: Any, people: Any, seats: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].queryset = people  # type: ignore[attr-defined]
        self.fields["position"].queryset = seats  # type: ignore[attr-defined]


class RampForm(forms.Form):
    """A ramp from a day on: one of the company's, or a new one."""

    schedule = forms.ModelChoiceField(
        RampSchedule.objects.none(), label=_("Ramp"), required=False, empty_label=_("A new one")
    )
    name = forms.CharField(label=_("Name of the new ramp"), max_length=200, required=False)
    shares = forms.CharField(
        label=_("Part of the quota by month in the role"),
        max_length=500,
        required=False,
        help_text=_("Such as 25 %, 50 %, 75 %. Afterwards it is all of it."),
    )
    start = forms.DateField(label=_("First day in the role"), widget=DayInput())
    nothing = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["schedule"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = RampSchedule.objects.order_by("name")

    def choose_only(self) -> None:
        """Offer the company's ramps only: a new one is everybody's, and not everybody may make it."""
        del self.fields["name"], self.fields["shares"]
        self.fields["schedule"].required = True
        self.fields["schedule"].empty_label = None  # type: ignore[attr-defined]
        if not RampSchedule.objects.exists():
            self.nothing = gettext(
                "There is no ramp to choose yet. Who sets terms for the whole company makes the first."
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("schedule") or "name" not in self.fields:
            return values
        if not values.get("name") or not values.get("shares"):
            raise forms.ValidationError(_("Choose a ramp, or write the name and the months of a new one."))
        try:
            values["read"] = shares_read(values["shares"])
        except AmountError as error:
            self.add_error("shares", str(error))
        values["code"] = slugify(values["name"])
        return values


class LeaveForm(forms.Form):
    """Days away, and what they reduce."""

    start = forms.DateField(label=_("First day away"), widget=DayInput())
    until = forms.DateField(label=_("First day back"), widget=DayInput())
    relieves_quota = forms.BooleanField(label=_("The quota is less by these days"), required=False, initial=True)
    relieves_target = forms.BooleanField(label=_("The target pay is less by these days"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class PayCurrencyForm(forms.Form):
    """The currency that a person is paid in, from a day on."""

    currency = forms.CharField(label=_("Paid in"), max_length=3, min_length=3, help_text=_("Such as EUR."))
    start = forms.DateField(
        label=_("From"), widget=DayInput(), help_text=_("A pay period is paid in the currency of its last day.")
    )
    until = forms.DateField(
        label=_("Until"), widget=DayInput(), required=False, help_text=_("The first day after; empty while it lasts.")
    )

    def clean_currency(self) -> str:
        """Take small letters, too."""
        return str(self.cleaned_data["currency"]).upper()


class HolderCurrencyForm(PayCurrencyForm):
    """The same of a person who is chosen."""

    participant = forms.ModelChoiceField(Participant.objects.none(), label=_("Person"))
    field_order = ("participant",)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].queryset = people  # type: ignore[attr-defined]


class PayRateForm(forms.Form):
    """The rate that pay is converted at, from a day on."""

    policy = forms.ChoiceField(label=_("Converted at the rate of"), choices=PAY_RATES)
    start = forms.DateField(label=_("For pay periods that end from"), widget=DayInput())


class EndForm(forms.Form):
    """The day on which an entry ends."""

    until = forms.DateField(widget=DayInput())
