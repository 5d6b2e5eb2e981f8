"""Forms of scenarios."""

from decimal import Decimal
from typing import Any

from django import forms

from planning.forms import DAY
from planning.forms.capacity import AmountField
from planning.models import CapacityPlan, Period, QuotaMeasure, Scenario, Territory
from spm.people.models import Position


class ScenarioForm(forms.Form):
    """Begins a scenario."""

    name = forms.CharField(max_length=200)
    starts_on = forms.DateField(
        widget=DAY, label="Holds from", help_text="The day from which the live plan is to be so."
    )
    capacity_plan = forms.ModelChoiceField(
        queryset=CapacityPlan.objects.none(), required=False, empty_label="None", label="Capacity plan"
    )
    note = forms.CharField(required=False, max_length=500, help_text="What it is about, for who decides.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["capacity_plan"].queryset = CapacityPlan.objects.order_by("name")  # type: ignore[attr-defined]


class CoverForm(forms.Form):
    """Who is to cover a territory, by which share."""

    territory = forms.ModelChoiceField(queryset=Territory.objects.none(), empty_label="Choose a territory")
    position = forms.ModelChoiceField(queryset=Position.objects.none(), empty_label="Choose a position")
    share = forms.DecimalField(
        min_value=Decimal("0.000001"),
        max_value=100,
        required=False,
        label="Share in %",
        help_text="Empty: not any more.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["position"].queryset = Position.objects.order_by("name")  # type: ignore[attr-defined]

    def share_rate(self) -> int | None:
        """Give the share at scale 10**8; None for no cover."""
        share = self.cleaned_data["share"]
        return None if share is None else int(share * 10**6)


class ScenarioQuotaForm(forms.Form):
    """What a position is to sell in a period."""

    position = forms.ModelChoiceField(queryset=Position.objects.none(), empty_label="Choose a position")
    period = forms.ModelChoiceField(queryset=Period.objects.none(), empty_label="Choose a period")
    measure = forms.ChoiceField(choices=QuotaMeasure.choices, label="Counts")
    value = AmountField(required=False, label="Quota", help_text="Empty: no quota.")
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].queryset = Position.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["period"].queryset = Period.objects.order_by("-during")  # type: ignore[attr-defined]
        self.fields["period"].label_from_instance = lambda period: period.key  # type: ignore[attr-defined]


class UndoForm(forms.Form):
    """The day from which what was before comes back."""

    starts_on = forms.DateField(widget=DAY, label="Comes back on")


class CompareForm(forms.Form):
    """Which scenarios stand side by side."""

    scenario = forms.ModelMultipleChoiceField(
        queryset=Scenario.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Scenarios"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scenario"].queryset = Scenario.objects.order_by("-starts_on", "name")  # type: ignore[attr-defined]
