"""Forms of account families and scores."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from planning.engine.scoring import MOST_FACTORS, MOST_WEIGHT, Missing, Scaling
from planning.forms import amount_of, plain_amount, stored_amount
from planning.models import Territory
from planning.selectors.scores import FIELDS, MONEY, TEXT_FIELDS


class FamilyFilter(forms.Form):
    """Which families are looked at."""

    q = forms.CharField(required=False, label=_("Top account"))


class ParentForm(forms.Form):
    """Whom an account belongs to."""

    parent = forms.CharField(
        required=False,
        max_length=200,
        label=_("Key of the parent account"),
        help_text=_("As its source calls it; empty: it belongs to nobody."),
    )


class TerritoryFilter(forms.Form):
    """Accounts of which territory are looked at."""

    territory = forms.ModelChoiceField(
        queryset=Territory.objects.none(), required=False, label=_("Territory"), empty_label=_("All")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.order_by("name")  # type: ignore[attr-defined]

    def chosen(self) -> Any:
        """Give the key of the territory, None for all."""
        territory = self.cleaned_data.get("territory") if self.is_valid() else None
        return None if territory is None else territory.pk


SCALINGS = {
    Scaling.LINEAR: _("evenly between two values"),
    Scaling.LOG: _("by magnitude between two values"),
    Scaling.TABLE: _("points by text"),
}
MISSINGS = {
    Missing.ZERO: _("counts nothing"),
    Missing.HALF: _("counts half"),
    Missing.LEFT_OUT: _("is left out"),
}


class FactorForm(forms.Form):
    """One factor of a score; a row without a field is left out."""

    name = forms.CharField(required=False, max_length=100, label=_("Name"))
    field = forms.ChoiceField(required=False, choices=[("", _("Choose a field")), *FIELDS.items()], label=_("Field"))
    scaling = forms.ChoiceField(required=False, choices=list(SCALINGS.items()), label=_("Gives points"))
    low = forms.CharField(required=False, label=_("Nothing at"))
    high = forms.CharField(required=False, label=_("Full marks at"))
    table = forms.CharField(required=False, label=_("Points by text, such as Retail=40, Technology=100"))
    weight = forms.IntegerField(required=False, min_value=1, max_value=MOST_WEIGHT, label=_("Weight"))
    missing = forms.ChoiceField(required=False, choices=list(MISSINGS.items()), label=_("Unknown"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._currency = currency

    def clean(self) -> dict[str, Any]:
        """Read numbers and points."""
        values = self.cleaned_data
        if not values.get("field"):
            return values
        unit = self._currency if values["field"] in MONEY else ""
        if values["field"] in TEXT_FIELDS:
            values["table"] = self._points(values.get("table", ""))
            return values
        for end in ("low", "high"):
            try:
                amount = amount_of(values.get(end, ""), unit)
                values[end] = None if amount is None else stored_amount(amount, unit)
            except ValueError as error:
                self.add_error(end, str(error))
        return values

    def factor(self) -> dict[str, Any] | None:
        """Give the factor as it is kept; None for an empty row."""
        values = self.cleaned_data
        if not values.get("field"):
            return None
        wanted = ("table",) if values["field"] in TEXT_FIELDS else ("low", "high")
        return {name: values.get(name) for name in ("name", "field", "scaling", "weight", "missing", *wanted)}

    def _points(self, text: str) -> list[list[Any]]:
        rows = []
        for part in filter(str.strip, text.split(",")):
            name, _sign, points = part.rpartition("=")
            if not name.strip() or not points.strip().isdecimal():
                self.add_error("table", _("Write each text with its points from 0 to 100, such as Retail=40."))
                return []
            rows.append([name.strip(), int(points)])
        return rows

    @staticmethod
    def initial_of(factor: dict[str, Any], currency: str) -> dict[str, Any]:
        """Give what the row shows of a kept factor."""
        unit = currency if factor["field"] in MONEY else ""
        shown = {end: plain_amount(factor[end], unit) for end in ("low", "high") if end in factor}
        table = ", ".join(f"{text}={points}" for text, points in factor.get("table", ()))
        return factor | shown | {"table": table}


FactorSet = forms.formset_factory(FactorForm, extra=2, max_num=MOST_FACTORS, validate_max=True)
