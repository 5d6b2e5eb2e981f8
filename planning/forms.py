"""Forms of the planning pages."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from planning.models import CalendarKind, Period, QuotaMeasure, Territory
from spm.people.models import Participant, Position, Unit

DAY = forms.DateInput(attrs={"type": "date"})
AMOUNT = re.compile(r"-?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")


class GridForm(forms.Form):
    """Which grid is looked at."""

    kind = forms.ChoiceField(choices=CalendarKind.choices, required=False, label="Calendar")
    year = forms.IntegerField(min_value=1990, max_value=2100, required=False, label="Year")
    measure = forms.ChoiceField(choices=QuotaMeasure.choices, required=False, label="Counts")
    q = forms.CharField(required=False, label="Position")


class PeriodsForm(forms.Form):
    """Makes the periods of a year."""

    kind = forms.ChoiceField(choices=CalendarKind.choices, label="Calendar")
    year = forms.IntegerField(min_value=1990, max_value=2100, label="Year")

    def span(self) -> tuple[date, date]:
        """Give the days of the year, half-open."""
        year = self.cleaned_data["year"]
        return date(year, 1, 1), date(year + 1, 1, 1)


class TerritoryForm(forms.Form):
    """A territory."""

    name = forms.CharField(max_length=200)
    code = forms.SlugField(max_length=100, help_text="Short and lasting; files and the API use it.")
    parent = forms.ModelChoiceField(
        queryset=Territory.objects.none(), required=False, label="Part of", empty_label="Nothing larger"
    )
    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(),
        required=False,
        label="Unit",
        empty_label="No unit",
        help_text="The office that works this territory.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Territory.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["unit"].queryset = Unit.objects.order_by("name")  # type: ignore[attr-defined]


class AssignmentForm(forms.Form):
    """Who covers a territory, from when until when, by which share."""

    position = forms.ModelChoiceField(queryset=Position.objects.none(), empty_label="Choose a position")
    start = forms.DateField(widget=DAY, label="First day")
    until = forms.DateField(
        widget=DAY,
        required=False,
        label="Until",
        help_text="The first day that no longer counts; empty while it lasts.",
    )
    share = forms.DecimalField(min_value=Decimal("0.000001"), max_value=100, initial=100, label="Share in %")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].queryset = Position.objects.order_by("name")  # type: ignore[attr-defined]

    def share_rate(self) -> int:
        """Give the share at scale 10**8."""
        return int(self.cleaned_data["share"] * 10**6)


class AssignmentEndForm(forms.Form):
    """The day an assignment ends."""

    until = forms.DateField(widget=DAY, label="First day that no longer counts")


def amount_of(text: str) -> Decimal | None:
    """Read an amount from a cell of the grid: empty is None, spaces are ignored; raises ValueError.

    Commas stand between groups of three digits only: "1,5" is one and a half to some, and never fifteen.
    """
    plain = text.replace(" ", "").replace("\u00a0", "")
    if not plain:
        return None
    if not AMOUNT.fullmatch(plain):
        raise ValueError(f"“{text}” is not an amount. Write digits, such as 90000 or 90,000.00.")
    return Decimal(plain.replace(",", ""))


class ScoreForm(forms.Form):
    """A score of an objective, with what shows it."""

    participant = forms.ModelChoiceField(
        queryset=Participant.objects.none(), label="Person", empty_label="Choose a person"
    )
    period = forms.ModelChoiceField(queryset=Period.objects.none(), empty_label="Choose a period")
    objective = forms.CharField(max_length=100, help_text="The key of the objective in the plan.")
    score = forms.DecimalField(min_value=0, max_value=1000, label="Score in %")
    evidence = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), help_text="A document, a figure, a date.")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].queryset = people  # type: ignore[attr-defined]
        self.fields["period"].queryset = Period.objects.order_by("-during")  # type: ignore[attr-defined]

    def score_rate(self) -> int:
        """Give the score at scale 10**8."""
        return int(self.cleaned_data["score"] * 10**6)


class EvidenceForm(forms.Form):
    """What somebody shows for an objective."""

    participant = forms.ModelChoiceField(
        queryset=Participant.objects.none(), label="Person", empty_label="Choose a person"
    )
    period = forms.ModelChoiceField(queryset=Period.objects.none(), empty_label="Choose a period")
    objective = forms.CharField(max_length=100, help_text="The key of the objective in the plan.")
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), required=False, max_length=5000)
    link = forms.URLField(required=False, max_length=500, assume_scheme="https", help_text="Where it can be seen.")
    file = forms.FileField(
        required=False, help_text="Up to 2 MB. It is kept as it is and given to who may see the score."
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].queryset = people  # type: ignore[attr-defined]
        self.fields["period"].queryset = Period.objects.order_by("-during")  # type: ignore[attr-defined]

    def clean_link(self) -> str:
        """Take web addresses only."""
        link = str(self.cleaned_data["link"])
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError("Give an address that begins with https://.")
        return link
