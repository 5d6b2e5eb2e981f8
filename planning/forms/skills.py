"""Forms of skills."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from planning.engine.rules import TEXTS
from planning.forms import DAY
from planning.selectors.rule_sets import FIELD_NAMES
from spm.people.models import Participant, SkillKind


class SkillForm(forms.Form):
    """A skill that somebody has."""

    participant = forms.ModelChoiceField(
        queryset=Participant.objects.none(), empty_label=_("Choose a person"), label=_("Person")
    )
    kind = forms.ChoiceField(choices=SkillKind.choices, label=_("Kind"))
    name = forms.CharField(max_length=100, label=_("Skill"), help_text=_("Such as German, or Senior."))
    start = forms.DateField(widget=DAY, label=_("From"))
    until = forms.DateField(
        widget=DAY,
        required=False,
        label=_("Until"),
        help_text=_("The first day that no longer counts; empty while it lasts."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].queryset = Participant.objects.order_by("name", "pk")  # type: ignore[attr-defined]


class NeedForm(forms.Form):
    """What accounts ask for by one of their fields."""

    field = forms.ChoiceField(choices=[(each, FIELD_NAMES[each]) for each in TEXTS], label=_("Accounts whose"))
    value = forms.CharField(max_length=200, label=_("is"), help_text=_("Such as Germany, or Enterprise."))
    kind = forms.ChoiceField(choices=SkillKind.choices, label=_("ask for a skill of the kind"))
    name = forms.CharField(max_length=100, label=_("Skill"))
    is_required = forms.BooleanField(
        required=False,
        label=_("Required"),
        help_text=_("A proposal gives them to nobody without it. Else, lacking it costs."),
    )
