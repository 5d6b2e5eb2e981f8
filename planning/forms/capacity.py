"""Forms of capacity plans."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from planning.engine.staffing import MONTHS, Tweak
from planning.forms import DAY, amount_of
from spm.core.money import AmountError, to_minor
from spm.core.periods import months_from
from spm.people.models import Title, Unit

RATE = 10**6
"""A percent at scale 10**8."""


class AmountField(forms.CharField):
    """An amount of money as the grid takes it; `minor` gives it in minor units of a currency."""

    def clean(self, value: Any) -> Any:
        """Give the amount as a decimal; None where it may be empty."""
        text = super().clean(value)
        try:
            return amount_of(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class CapacityPlanForm(forms.Form):
    """Begins a capacity plan."""

    name = forms.CharField(max_length=200)
    starts_on = forms.DateField(widget=DAY, label="First day of the year", help_text="The first of a month.")
    target = AmountField(label="Target of the year", help_text="In the company's currency.")

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._currency = currency

    def clean_target(self) -> int:
        """Give the target in minor units."""
        return minor(self.cleaned_data["target"], self._currency)


class CapacityEditForm(CapacityPlanForm):
    """Changes a capacity plan."""

    season = forms.CharField(
        required=False,
        help_text="Twelve whole weights separated by commas, one for each month; empty: every month alike.",
    )
    calls = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Calls by segment",
        help_text="For the workload method: a segment and the calls of each account in a year, a line each, such as “Enterprise: 36”.",
    )
    calls_per_head = forms.IntegerField(
        min_value=1, max_value=10**6, required=False, label="Calls that a head makes in a year"
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_season(self) -> list[int]:
        """Give the weights."""
        return whole_numbers(self.cleaned_data["season"])

    def clean_calls(self) -> dict[str, int]:
        """Give calls by segment."""
        found: dict[str, int] = {}
        for line in self.cleaned_data["calls"].splitlines():
            name, mark, number = line.rpartition(":")
            if not line.strip():
                continue
            if not mark or not name.strip() or not re.fullmatch(r"\s*\d{1,6}\s*", number):
                raise forms.ValidationError(f"“{line[:60]}” is not a segment, a colon and a whole number.")
            found[name.strip()] = int(number)
        return found


class CapacityRoleForm(forms.Form):
    """What one full head of a title carries."""

    title = forms.ModelChoiceField(queryset=Title.objects.none(), empty_label="Choose a title")
    quota = AmountField(label="Quota of a full head", help_text="Of the whole year.")
    ramp = forms.CharField(
        required=False,
        help_text="Percent of each month before a head is full, separated by commas, such as “0, 25, 50”; empty: full at once.",
    )
    attainment = forms.DecimalField(
        min_value=0,
        max_value=1000,
        decimal_places=4,
        required=False,
        label="Attainment in %",
        help_text="Empty: the median of history.",
    )
    attrition = forms.DecimalField(
        min_value=0,
        max_value=Decimal("99.99"),
        decimal_places=4,
        required=False,
        label="Leave in a year, in %",
        help_text="Empty: as history shows.",
    )
    availability = forms.DecimalField(
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=4,
        initial=100,
        label="There, in % of the time",
        help_text="100 less leave that attainment in the past did not include already.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._currency = currency
        self.fields["title"].queryset = Title.objects.order_by("name")  # type: ignore[attr-defined]

    def clean_quota(self) -> int:
        """Give the quota in minor units."""
        return minor(self.cleaned_data["quota"], self._currency)

    def clean_ramp(self) -> list[int]:
        """Give the percentages."""
        return whole_numbers(self.cleaned_data["ramp"])

    def values(self) -> dict[str, Any]:
        """Give the role as the service takes it."""
        wanted = self.cleaned_data
        rates = {
            f"{name}_rate": None if wanted[name] is None else int(wanted[name] * RATE)
            for name in ("attainment", "attrition", "availability")
        }
        return {"quota_minor": wanted["quota"], "ramp": wanted["ramp"], **rates}


class CapacityHireForm(forms.Form):
    """Heads who are to start in a month."""

    title = forms.ModelChoiceField(queryset=Title.objects.none(), empty_label="Choose a title")
    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), required=False, label="Place", empty_label="No place")
    month = forms.TypedChoiceField(coerce=date.fromisoformat)
    heads = forms.IntegerField(min_value=0, max_value=100_000, help_text="0 takes them out.")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, starts_on: date, titles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].queryset = titles  # type: ignore[attr-defined]
        self.fields["unit"].queryset = Unit.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["month"].choices = list(_months(starts_on))  # type: ignore[attr-defined]


class TweakForm(forms.Form):
    """A change of every role at once, tried and not kept."""

    quota = forms.DecimalField(min_value=-100, max_value=1000, required=False, label="Quota, % more")
    attainment = forms.DecimalField(min_value=-100, max_value=1000, required=False, label="Attainment, % more")
    attrition = forms.DecimalField(min_value=-100, max_value=1000, required=False, label="Leaving, % more")
    availability = forms.DecimalField(min_value=-100, max_value=1000, required=False, label="Time there, % more")
    ramp_months = forms.IntegerField(min_value=-24, max_value=24, required=False, label="Ramp, months longer")
    hire_months = forms.IntegerField(min_value=-11, max_value=12, required=False, label="Hires, months later")

    def tweak(self) -> Tweak:
        """Give the change; what is empty changes nothing."""
        wanted = self.cleaned_data
        shares = ("quota", "attainment", "attrition", "availability")
        return Tweak(
            **{name: float(wanted[name] or 0) / 100 for name in shares},
            ramp_months=wanted["ramp_months"] or 0,
            hire_months=wanted["hire_months"] or 0,
        )


def minor(amount: Decimal | None, currency: str) -> int:
    """Give an amount in minor units; raises ValidationError where the currency has no such parts."""
    if amount is None:
        raise forms.ValidationError("Write an amount.")
    try:
        return to_minor(amount, currency)
    except AmountError as error:
        raise forms.ValidationError(error.finding.what) from error


def whole_numbers(text: str) -> list[int]:
    """Give whole numbers that stand between commas; raises ValidationError naming what is none."""
    words = [word.strip().removesuffix("%").strip() for word in text.split(",") if word.strip()]
    wrong = next((word for word in words if not re.fullmatch(r"\d{1,6}", word)), None)
    if wrong is not None:
        raise forms.ValidationError(f"“{wrong[:20]}” is not a whole number. Write numbers separated by commas.")
    return [int(word) for word in words]


def _months(starts_on: date) -> Iterator[tuple[str, str]]:
    for number in range(MONTHS):
        month = months_from(starts_on, number)
        yield month.isoformat(), f"{month:%B %Y}"
