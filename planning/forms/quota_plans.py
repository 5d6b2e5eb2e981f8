"""Forms of quota plans: what is handed down and how, relief of a seat, what people answer."""

import re
from decimal import Decimal
from typing import Any

from django import forms

from planning.forms import DAY, amount_of, stored_amount
from planning.models import CalendarKind, QuotaMeasure, QuotaMethod, ReliefKind, Season
from spm.core.money import AmountError
from spm.people.models import Position


class AmountField(forms.CharField):
    """An amount as it is typed; `currency` says what it is kept in, none: whole numbers."""

    currency = ""

    def clean(self, value: Any) -> Any:
        """Give it as it is kept, None where it is empty."""
        text = str(super().clean(value))
        try:
            amount = amount_of(text, self.currency)
            return None if amount is None else stored_amount(amount, self.currency)
        except (ValueError, AmountError) as error:
            raise forms.ValidationError(str(error)) from error


class NumbersField(forms.CharField):
    """Numbers with commas between them; `scale` is what each is multiplied with to be kept."""

    def __init__(self, *, scale: int, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.scale = scale

    def clean(self, value: Any) -> Any:
        """Give them as they are kept."""
        found = [part.strip().rstrip("%").strip() for part in str(super().clean(value)).split(",") if part.strip()]
        wrong = next((part for part in found if not re.fullmatch(r"[0-9]{1,9}([.][0-9]{1,6})?", part)), None)
        if wrong is not None:
            raise forms.ValidationError(f"“{wrong}” is not a number. Write numbers such as 0, 5, 10.")
        return [int(Decimal(part) * self.scale) for part in found]


class QuotaPlanForm(forms.Form):
    """What a quota plan hands down, and how."""

    name = forms.CharField(max_length=100)
    total = AmountField(label="Target of the year")
    method = forms.ChoiceField(choices=QuotaMethod.choices, label="Shared by")
    season = forms.ChoiceField(choices=Season.choices, label="Cut into periods")
    season_weights = NumbersField(
        scale=1, label="Set weights", help_text="One whole number per period, such as 1, 1, 1, 2."
    )
    paddings = NumbersField(
        scale=10**6,
        label="Over-assignment in %",
        help_text="By level from the top, such as 0, 5: what those of the level carry together above what is handed to them.",
    )
    guardrail = forms.DecimalField(
        min_value=0,
        max_value=100,
        initial=10,
        label="Guardrail in %",
        help_text="Commitments that differ by more are marked.",
    )

    growth = forms.DecimalField(
        min_value=0,
        max_value=1000,
        max_digits=7,
        decimal_places=3,
        required=False,
        label="Growth guardrail in %",
        help_text="Quotas that differ by more from the year before need a reason to be sent for approval. Empty: none.",
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["total"].currency = currency  # type: ignore[attr-defined]


class QuotaPlanStartForm(QuotaPlanForm):
    """Begins a quota plan."""

    kind = forms.ChoiceField(choices=CalendarKind.choices, initial=CalendarKind.QUARTERLY, label="Calendar")
    year = forms.IntegerField(min_value=1990, max_value=2100)
    measure = forms.ChoiceField(choices=QuotaMeasure.choices, label="Counts")
    top = forms.ModelChoiceField(
        queryset=Position.objects.none(), required=False, label="Handed down from", empty_label="Everybody"
    )
    field_order = ("name", "year", "kind", "measure", "total", "top")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["top"].queryset = Position.objects.order_by("name")  # type: ignore[attr-defined]


class QuotaChangeForm(forms.Form):
    """A quota from a day on, and why."""

    starts_on = forms.DateField(widget=DAY, label="From")
    value = AmountField(label="Quota of a whole period", help_text="The days before keep what was said for them.")
    rest_of_year = forms.BooleanField(required=False, label="Later periods of the year get it too")
    reason = forms.CharField(max_length=500, label="Why")

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].currency = currency  # type: ignore[attr-defined]


class ReliefForm(forms.Form):
    """Relief of a seat: its days, which part of them or which amount, and why."""

    kind = forms.ChoiceField(choices=ReliefKind.choices, initial=ReliefKind.LEAVE, label="Why")
    start = forms.DateField(widget=DAY, label="First day")
    until = forms.DateField(widget=DAY, label="Until", help_text="The first day that counts again.")
    rate = forms.DecimalField(min_value=Decimal("0.000001"), max_value=100, initial=100, label="Part of the days in %")
    amount = AmountField(required=False, label="Or a stated amount", help_text="Spread over the days.")
    reason = forms.CharField(max_length=500)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]


class LettersForm(forms.Form):
    """Until when letters are to be answered."""

    due_on = forms.DateField(widget=DAY, required=False, label="Answer until")


class LetterAnswerForm(forms.Form):
    """The person's own answer to a letter."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        label="What should change, and why",
        help_text="Needed where you ask for a change.",
    )


class LetterSettleForm(forms.Form):
    """The answer to what somebody asked."""

    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=1000, label="Your answer")
