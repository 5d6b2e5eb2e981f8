"""A plan as a form: components at a flat percentage, on MARGINAL tiers of attainment, or as a manager's override.

The form writes the same document as the YAML view; a plan that says more than the form knows is edited there. Tiers are typed as their
ends, so that no gap can be typed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from spm.core.money import is_currency
from spm.core.periods import CalendarKind

TIERS, FLAT, OVERRIDE = "TIERS", "FLAT", "OVERRIDE"
KINDS = [
    (TIERS, _("Own deals, tiers on attainment")),
    (FLAT, _("Own deals, flat percentage")),
    (OVERRIDE, _("Manager override on the team's credit")),
]
PERIODS = [
    (CalendarKind.MONTHLY.value, _("Month")),
    (CalendarKind.QUARTERLY.value, _("Quarter")),
    (CalendarKind.YEARLY.value, _("Year")),
    (CalendarKind.FOUR_FOUR_FIVE.value, _("4-4-5 period")),
    (CalendarKind.WEEKLY.value, _("Week")),
]
LEVELS = [("DIRECT_REPORTS", _("Direct reports")), ("SUBTREE", _("Everybody below"))]
TIER_ROWS = 6
QUOTA = "amount"
_PLAN_FIELDS = {"plan", "name", "currency", "from", "until", "period", "components"}
_COMPONENT_FIELDS = {"key", "name", "credit", "quota", "rate", "tiers", "tier_mode", "accumulation", "boundary"}
_DEFAULTS = {"tier_mode": "MARGINAL", "accumulation": "PERIOD", "boundary": "LOWER_INCLUSIVE"}


class DayInput(forms.DateInput):
    """A calendar day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PlanForm(forms.Form):
    """The head of a plan."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.SlugField(
        label=_("Key"), max_length=100, required=False, help_text=_("Empty: made from the name. It never changes.")
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    period = forms.ChoiceField(label=_("Paid for each"), choices=PERIODS)
    start = forms.DateField(label=_("First day"), widget=DayInput())
    until = forms.DateField(
        label=_("First day after"), widget=DayInput(), help_text=_("The plan pays until the day before.")
    )

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper()
        if not is_currency(code):
            raise forms.ValidationError(_("This is no currency code. Write a code such as USD."))
        return code

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        start, until = values.get("start"), values.get("until")
        if start and until and until <= start:
            self.add_error("until", _("The plan ends before it starts. Choose a later day."))
        return values


def _tier_field(words: Any, row: int, example: str) -> forms.CharField:
    """A cell of the table of tiers; the table's heads are its visible label."""
    label = words % {"row": row}
    attributes = {"class": "form-control", "aria-label": label, "placeholder": example if row == 1 else ""}
    return forms.CharField(label=label, required=False, max_length=20, widget=forms.TextInput(attrs=attributes))


class ComponentForm(forms.Form):
    """One component: what is credited, and what it pays."""

    kind = forms.ChoiceField(label=_("Pays for"), choices=KINDS)
    name = forms.CharField(label=_("Name"), max_length=200)
    key = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=100)
    stage = forms.CharField(
        label=_("Stage"), max_length=100, required=False, help_text=_("As the CRM calls it. Empty: every won deal.")
    )
    product = forms.CharField(label=_("Product"), max_length=200, required=False, help_text=_("Empty: every product."))
    rate = forms.CharField(label=_("Percentage"), max_length=20, required=False, help_text=_("Such as 0.5 %."))
    levels = forms.ChoiceField(label=_("Team"), choices=LEVELS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(1, TIER_ROWS + 1):
            self.fields[f"until_{row}"] = _tier_field(_("Tier %(row)s up to"), row, "50 %")
            self.fields[f"rate_{row}"] = _tier_field(_("Tier %(row)s pays"), row, "3 %")

    def tier_rows(self) -> list[tuple[Any, Any]]:
        """Give the fields of each tier, for the page."""
        return [(self[f"until_{row}"], self[f"rate_{row}"]) for row in range(1, TIER_ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("kind") == TIERS:
            self._check_tiers(values)
        elif values.get("kind") and not values.get("rate"):
            self.add_error("rate", _("Write the percentage that this component pays."))
        return values

    def _check_tiers(self, values: Mapping[str, Any]) -> None:
        filled = [row for row in range(1, TIER_ROWS + 1) if values.get(f"rate_{row}") or values.get(f"until_{row}")]
        if not filled:
            self.add_error("rate_1", _("Write at least one tier."))
        for row in filled:
            if not values.get(f"rate_{row}"):
                self.add_error(f"rate_{row}", _("Write what this tier pays."))
            if not values.get(f"until_{row}") and row != filled[-1]:
                self.add_error(f"until_{row}", _("Write where this tier ends; only the last one is open."))
        if filled and values.get(f"until_{filled[-1]}"):
            self.add_error(f"until_{filled[-1]}", _("Leave the last tier open, so that every attainment is paid."))


class ComponentFormSet(forms.BaseFormSet):
    """The components of a plan; at least one."""

    def clean(self) -> None:
        names = [
            form.cleaned_data["name"]
            for form in self.forms
            if form.cleaned_data.get("name") and not form.cleaned_data.get("DELETE")
        ]
        if not names and not any(form.errors for form in self.forms):
            raise forms.ValidationError(_("A plan needs at least one component."))
        if len({slugify(name) for name in names}) != len(names):
            raise forms.ValidationError(_("Two components have the same name. Give each its own."))


Components = forms.formset_factory(
    ComponentForm, formset=ComponentFormSet, extra=0, can_delete=True, max_num=20, absolute_max=20
)


class PlanTextForm(forms.Form):
    """A plan as YAML text."""

    text = forms.CharField(
        label=_("Plan"),
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "wrap": "off"}),
        strip=False,
        max_length=100_000,
        help_text=_("Fields and words are those of the plan language."),
    )


def document_of(head: Mapping[str, Any], components: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give the plan document that a filled form means."""
    kept = [each for each in components if each and not each.get("DELETE")]
    return {
        "plan": head.get("code") or slugify(head["name"]),
        "name": head["name"],
        "currency": head["currency"],
        "from": head["start"].isoformat(),
        "until": head["until"].isoformat(),
        "period": head["period"],
        "components": [_component_of(each) for each in kept],
    }


def _component_of(values: Mapping[str, Any]) -> dict[str, Any]:
    where = {
        name: values[field] for name, field in (("stage", "stage"), ("product_key", "product")) if values.get(field)
    }
    credit: dict[str, Any] = {"kind": "DIRECT"}
    if values["kind"] == OVERRIDE:
        credit = {"kind": "ROLLUP", "levels": values.get("levels") or "DIRECT_REPORTS", "duplicates": "SUM"}
    if where:
        credit["where"] = where
    component: dict[str, Any] = {
        "key": values.get("key") or slugify(values["name"]),
        "name": values["name"],
        "credit": credit,
    }
    if values["kind"] != TIERS:
        return component | {"rate": values["rate"]}
    return component | {"quota": QUOTA, "tiers": _tiers_of(values)}


def _tiers_of(values: Mapping[str, Any]) -> list[dict[str, str]]:
    tiers: list[dict[str, str]] = []
    start = "0 %"
    for row in range(1, TIER_ROWS + 1):
        rate, until = values.get(f"rate_{row}"), values.get(f"until_{row}")
        if rate:
            tiers.append({"from": start, "until": until, "rate": rate} if until else {"from": start, "rate": rate})
            start = until or start
    return tiers


def form_values(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """Give the form's values of a document; None where the document says more than the form knows."""
    components = [_component_values(each) for each in document.get("components", [])]
    if not set(document) <= _PLAN_FIELDS or not components or None in components:
        return None
    head = {
        "name": document.get("name", document["plan"]),
        "code": document["plan"],
        "currency": document["currency"],
        "period": document["period"],
        "start": date.fromisoformat(document["from"]),
        "until": date.fromisoformat(document["until"]),
    }
    return head, [each for each in components if each is not None]


def _component_values(component: Mapping[str, Any]) -> dict[str, Any] | None:
    credit = component.get("credit", {})
    if not set(component) <= _COMPONENT_FIELDS or not isinstance(credit, Mapping):
        return None
    if any(component.get(name, default) != default for name, default in _DEFAULTS.items()):
        return None
    kind = _kind(component, credit)
    where = credit.get("where", {})
    if (
        kind is None
        or not set(where) <= {"stage", "product_key"}
        or any(isinstance(value, list) for value in where.values())
    ):
        return None
    values = {
        "kind": kind,
        "key": component["key"],
        "name": component.get("name", component["key"]),
        "rate": component.get("rate", ""),
    }
    values |= {
        "stage": where.get("stage", ""),
        "product": where.get("product_key", ""),
        "levels": credit.get("levels", "DIRECT_REPORTS"),
    }
    return values | _tier_values(component.get("tiers", []))


def _kind(component: Mapping[str, Any], credit: Mapping[str, Any]) -> str | None:
    direct = credit.get("kind", "DIRECT") == "DIRECT" and set(credit) <= {"kind", "where"}
    rolled = credit.get("kind") == "ROLLUP" and set(credit) <= {"kind", "where", "levels", "duplicates"}
    if direct and "tiers" in component and component.get("quota") == QUOTA and len(component["tiers"]) <= TIER_ROWS:
        plain = all(set(tier) <= {"from", "until", "rate"} for tier in component["tiers"])
        return TIERS if plain else None
    if "rate" in component and "tiers" not in component and "quota" not in component:
        return FLAT if direct else OVERRIDE if rolled and credit.get("duplicates", "SUM") == "SUM" else None
    return None


def _tier_values(tiers: Sequence[Mapping[str, str]]) -> dict[str, str]:
    values = {}
    for row, tier in enumerate(tiers, start=1):
        values[f"until_{row}"], values[f"rate_{row}"] = tier.get("until", ""), tier.get("rate", "")
    return values
