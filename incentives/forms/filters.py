"""Filters of lists, and the small forms beside them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.forms.plans import DayInput
from planning.selectors import period_list
from spm.people.models import Participant, Position, Title


class StatementFilterForm(forms.Form):
    """Which statements: of which period, of whom."""

    period = forms.ChoiceField(label=_("Period"), required=False)
    q = forms.CharField(label=_("Person"), required=False, max_length=100)

    def __init__(self, *args: Any, periods: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"] = forms.ChoiceField(
            label=_("Period"),
            required=False,
            choices=[("", _("All periods")), *((str(one.id), one.key) for one in periods)],
        )


class PlanFilterForm(forms.Form):
    """Which plans."""

    q = forms.CharField(label=_("Name"), required=False, max_length=100)


class AssignmentForm(forms.Form):
    """Who goes on the plan: exactly one of a title, a position, a person."""

    title = forms.ModelChoiceField(Title.objects.none(), label=_("Title"), required=False, empty_label="–")
    position = forms.ModelChoiceField(Position.objects.none(), label=_("or position"), required=False, empty_label="–")
    participant = forms.ModelChoiceField(
        Participant.objects.none(), label=_("or person"), required=False, empty_label="–"
    )
    start = forms.DateField(label=_("First day"), widget=DayInput())
    until = forms.DateField(
        label=_("First day after"), widget=DayInput(), required=False, help_text=_("Empty: until further notice.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("title", Title), ("position", Position), ("participant", Participant)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = model._default_manager.order_by("name")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        chosen = [name for name in ("title", "position", "participant") if values.get(name)]
        if len(chosen) != 1:
            raise forms.ValidationError(_("Choose exactly one: a title, a position or a person."))
        values["target"] = chosen[0]
        return values


class EndForm(forms.Form):
    """When something ends."""

    until = forms.DateField(label=_("First day that no longer counts"), widget=DayInput())


class RunStartForm(forms.Form):
    """Which period to calculate."""

    period = forms.ChoiceField(label=_("Period"))

    def __init__(self, *args: Any, periods: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"] = forms.ChoiceField(
            label=_("Period"), choices=[(str(one.id), one.key) for one in periods]
        )


class ExampleForm(forms.Form):
    """Whose period becomes an example."""

    participant = forms.ModelChoiceField(Participant.objects.none(), label=_("Person"))
    period = forms.ModelChoiceField(Participant.objects.none(), label=_("Period"))
    name = forms.CharField(
        label=_("Name of the example"), max_length=200, required=False, help_text=_("Empty: made from the period.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("participant", Participant.objects.order_by("name")), ("period", period_list())):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        self.fields["period"].label_from_instance = lambda period: period.key  # type: ignore[attr-defined]
