"""Forms of the map."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from planning.engine.places import Level
from planning.forms import DAY
from planning.models import RulePurpose, RuleSet, RuleSetState, Scenario, ScenarioState, Territory

LEVELS = [(Level.STATE, _("US states")), (Level.COUNTY, _("US counties")), (Level.COUNTRY, _("Countries"))]
MEASURES = [("territory", _("Territory")), ("accounts", _("Accounts")), ("potential", _("Potential"))]
MONEY_MEASURES = [("sales", _("Sales of the year before")), ("pipeline", _("Open pipeline"))]


class MapForm(forms.Form):
    """Which map is looked at."""

    level = forms.ChoiceField(choices=LEVELS, required=False, label=_("Map of"))
    measure = forms.ChoiceField(required=False, label=_("Coloured by"))
    rules = forms.ModelChoiceField(
        queryset=RuleSet.objects.none(), required=False, label=_("As by"), empty_label=_("What stands on the day")
    )
    on = forms.DateField(widget=DAY, required=False, label=_("On"))

    def __init__(self, *args: Any, sees_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = [*MEASURES, *(MONEY_MEASURES if sees_all else [])]  # type: ignore[attr-defined]
        rules = self.fields["rules"]
        drafts = RuleSet.objects.filter(purpose=RulePurpose.TERRITORY, state=RuleSetState.DRAFT)
        rules.queryset = drafts.order_by("starts_on", "pk")  # type: ignore[attr-defined]
        rules.label_from_instance = draft_name  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """Where the chosen units go, and into which draft."""

    territory = forms.ModelChoiceField(queryset=Territory.objects.none(), label=_("Move to"), empty_label=None)
    into = forms.ChoiceField(label=_("Written into"), help_text=_("Nothing is live before the draft is put in force."))
    starts_on = forms.DateField(widget=DAY, required=False, label=_("A new draft begins on"))

    def __init__(self, *args: Any, may_plan: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.order_by("name")  # type: ignore[attr-defined]
        drafts = RuleSet.objects.filter(purpose=RulePurpose.TERRITORY, state=RuleSetState.DRAFT).order_by(
            "starts_on", "pk"
        )
        scenarios = Scenario.objects.filter(state=ScenarioState.DRAFT).order_by("name") if may_plan else []
        self.fields["into"].choices = [  # type: ignore[attr-defined]
            *((f"rules:{each.pk}", draft_name(each)) for each in drafts),
            *((f"scenario:{each.pk}", gettext("Scenario %(name)s") % {"name": each.name}) for each in scenarios),
            ("new", gettext("A new draft of rules")),
        ]

    def draft(self) -> dict[str, Any]:
        """Give the draft as the service takes it."""
        kind, _colon, key = self.cleaned_data["into"].partition(":")
        if kind == "new":
            return {"starts_on": self.cleaned_data["starts_on"]}
        return {"rule_set_id" if kind == "rules" else "scenario_id": UUID(key)}


def draft_name(draft: RuleSet) -> str:
    """Say which draft it is."""
    said = gettext("Draft from %(day)s") % {"day": draft.starts_on}
    return f"{said}: {draft.note[:60]}" if draft.note else said
