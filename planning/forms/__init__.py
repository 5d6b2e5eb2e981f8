"""Forms of the planning pages."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from planning.engine.rules import NUMBERS, Test
from planning.models import CalendarKind, Period, QuotaMeasure, Territory
from planning.selectors.rule_sets import FIELD_NAMES
from spm.core.money import to_major, to_minor
from spm.people.models import Participant, Position, Unit
from spm.web.numbers import number_typed

DAY = forms.DateInput(attrs={"type": "date"})


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
    cut_from = forms.DateField(
        required=False,
        widget=DAY,
        label="Two weeks begin on",
        help_text="The first day of any pay period of two weeks. Only for these, and only the first time.",
    )

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


def amount_of(text: str, currency: str = "") -> Decimal | None:
    """Read an amount from a cell of the grid as people type it, perhaps with the sign of its currency: empty is None; raises ValueError."""
    return number_typed(text, currency=currency) if text.strip() else None


def stored_amount(amount: Decimal, currency: str) -> int:
    """Give an amount in minor units, or a whole number where there is no currency; raises ValueError."""
    if currency:
        return to_minor(amount, currency)
    if amount != amount.to_integral_value():
        raise ValueError(f"'{amount}' is not a whole number. Quotas that are no money are counted in whole numbers.")
    return int(amount)


def plain_amount(value: int, currency: str) -> str:
    """Give an amount as it is typed: thousands apart, decimals only where there are some."""
    amount = to_major(value, currency) if currency else Decimal(value)
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,f}"


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


class RuleSetForm(forms.Form):
    """Begins a draft of rules."""

    starts_on = forms.DateField(widget=DAY, label="Rules begin on")
    note = forms.CharField(
        required=False, max_length=500, help_text="Why the rules change, for whoever reads them later."
    )


class RuleForm(forms.Form):
    """A rule of a draft; its conditions stand in a formset beside it. It leads to a territory, or in a set of segments to a segment."""

    name = forms.CharField(max_length=200)
    segment = forms.CharField(max_length=100, help_text="Where matching accounts belong, such as enterprise.")
    territory = forms.ModelChoiceField(
        queryset=Territory.objects.none(), empty_label="Choose a territory", help_text="Where matching accounts belong."
    )

    def __init__(self, *args: Any, is_segments: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["territory" if is_segments else "segment"]
        if not is_segments:
            self.fields["territory"].queryset = Territory.objects.order_by("name")  # type: ignore[attr-defined]


TESTS = {
    Test.IS: "is one of",
    Test.IS_NOT: "is none of",
    Test.STARTS: "starts with one of",
    Test.AT_LEAST: "is at least",
    Test.BELOW: "is below",
    Test.IS_EMPTY: "is empty",
}


class ConditionForm(forms.Form):
    """One condition: a field of the account, how it is asked, and what it is compared with."""

    field = forms.ChoiceField(
        required=False,
        choices=[("", "Choose a field"), *((key, name.strip(",").capitalize()) for key, name in FIELD_NAMES.items())],
    )
    test = forms.ChoiceField(required=False, choices=list(TESTS.items()), label="Asks whether it")
    values = forms.CharField(required=False, label="Compared with")

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._currency = currency

    def clean(self) -> dict[str, Any]:
        """Read a number where the field is one."""
        values = self.cleaned_data
        if values.get("field") in NUMBERS and values.get("test") in (Test.AT_LEAST, Test.BELOW):
            try:
                number = amount_of(values.get("values", ""))
            except ValueError as error:
                raise forms.ValidationError({"values": str(error)}) from error
            if number is None:
                raise forms.ValidationError({"values": "Write the number to compare with."})
            is_money = values["field"] == "annual_revenue_minor"
            if not is_money and number != int(number):
                raise forms.ValidationError({"values": "Write a whole number."})
            values["number"] = to_minor(number, self._currency) if is_money else int(number)
        return values

    def condition(self) -> dict[str, Any] | None:
        """Give the condition as it is kept; None for an empty row."""
        values = self.cleaned_data
        if not values.get("field"):
            return None
        found: dict[str, Any] = {"field": values["field"], "test": values["test"]}
        if "number" in values:
            return found | {"number": values["number"]}
        return found | {"values": values["values"].split(",")}

    @staticmethod
    def initial_of(condition: dict[str, Any], currency: str) -> dict[str, str]:
        """Give what the row shows of a kept condition."""
        number = condition.get("number")
        if number is None:
            shown = ", ".join(condition.get("values", ()))
        else:
            shown = str(to_major(number, currency) if condition["field"] == "annual_revenue_minor" else number)
        return {"field": condition["field"], "test": condition["test"], "values": shown}


ConditionSet = forms.formset_factory(ConditionForm, extra=4, max_num=12, validate_max=True)


class AccountFilterForm(forms.Form):
    """Which accounts are looked at."""

    q = forms.CharField(required=False, label="Account")
    territory = forms.ModelChoiceField(queryset=Territory.objects.none(), required=False, empty_label="All")
    on = forms.DateField(widget=DAY, required=False, label="As of")
    nobody = forms.BooleanField(required=False, label="In no territory")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.order_by("name")  # type: ignore[attr-defined]


class NamedAccountForm(forms.Form):
    """Gives an account to a territory whatever the rules say."""

    territory = forms.ModelChoiceField(queryset=Territory.objects.none(), empty_label="Choose a territory")
    start = forms.DateField(widget=DAY, label="First day")
    until = forms.DateField(
        widget=DAY,
        required=False,
        label="Until",
        help_text="The first day on which the rules hold again; empty while it lasts.",
    )
    reason = forms.CharField(max_length=500, help_text="Why the rules don't hold for this account.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.order_by("name")  # type: ignore[attr-defined]
