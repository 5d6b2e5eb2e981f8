"""Forms of figures of performance and their targets, for pages and for the queries of the API."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.engine.kpis import Kpi, Missed, Unit
from insights.selectors.performance import OWN, kpi_get, kpi_list, kpi_of
from insights.services.kpi_targets import TargetWish
from spm.core.money import RATE_SCALE, to_minor
from spm.people.models import Participant
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible
from spm.web.numbers import NumberField

UNITS = {
    Unit.MONEY: gettext_lazy("an amount"),
    Unit.MONEY_PER_DAY: gettext_lazy("an amount per day"),
    Unit.RATE: gettext_lazy("a percentage"),
    Unit.DAYS: gettext_lazy("days"),
    Unit.COUNT: gettext_lazy("a count"),
    Unit.NUMBER: gettext_lazy("a number"),
}


class OwnFigureForm(forms.Form):
    """A formula of one's own over the measures, and how it is read; without a unit as its type says."""

    formula = forms.CharField(label=gettext_lazy("Formula"), max_length=500)
    unit = forms.ChoiceField(label=gettext_lazy("Read as"), required=False)

    def __init__(self, data: Mapping[str, str], *, currency: str) -> None:
        super().__init__({name: data[name] for name in self.base_fields if name in data} or None)
        self.currency = currency
        self.kpi: Kpi | None = None
        self.fields["unit"].choices = [("", _("what it gives")), *UNITS.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a formula that is wrong, each finding with its place."""
        found = super().clean() or {}
        if "formula" in found and "unit" in found:
            self.kpi, findings = kpi_of(found["formula"], found["unit"], self.currency)
            for finding in findings if self.kpi is None else ():
                self.add_error("unit" if finding.where == "unit" else "formula", finding.message)
        return found


class KpiTargetForm(forms.Form):
    """A target of a figure of the catalogue, or of an own formula; the number is read as the figure is: 30 is 30 % of a percentage."""

    kpi = forms.ChoiceField(label=gettext_lazy("Figure"))
    formula = forms.CharField(
        label=gettext_lazy("Formula of an own figure"), max_length=500, required=False,
        help_text=gettext_lazy("In the language of plan formulas, over the measures: won_amount / won_deals."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name of an own figure"), max_length=100, required=False)
    participant = forms.ModelChoiceField(
        label=gettext_lazy("For"), queryset=Participant.objects.none(), required=False,
    )  # fmt: skip
    has_team = forms.BooleanField(label=gettext_lazy("With everybody below"), required=False)
    missed_when = forms.ChoiceField(
        label=gettext_lazy("Missed when it is"), choices=[(one.value, one.label) for one in Missed]
    )
    number = NumberField(
        is_amount=True, label=gettext_lazy("Target"), max_digits=24, decimal_places=6,
        help_text=gettext_lazy("An amount, a number, days, or percent: 30 is 30 %."),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, viewer: Viewer) -> None:
        looking = viewer.acting("alert.edit")
        people = visible(looking, Participant.objects.order_by("name"), participant="pk")
        own = viewer.participant.pk if viewer.participant else None
        super().__init__(data, initial={"participant": own})
        self.currency = viewer.organisation.currency
        self.fields["number"].currency = self.currency  # type: ignore[attr-defined]
        self.figure: Kpi | None = None
        whole = looking.reach is Reach.ALL
        self.fields["kpi"].choices = [*((one.key, _(one.name)) for one in kpi_list()), (OWN, _("Own figure"))]  # type: ignore[attr-defined]
        self.fields["participant"].queryset = people  # type: ignore[attr-defined]
        self.fields["participant"].empty_label = _("The company") if whole else None  # type: ignore[attr-defined]
        self.fields["participant"].required = not whole

    def clean(self) -> dict[str, Any]:
        """Refuse a formula that is wrong, and an own figure without a name."""
        found = super().clean() or {}
        if found.get("kpi") != OWN:
            self.figure = kpi_get(found["kpi"]) if "kpi" in found else None
        elif not found.get("formula") or not found.get("name"):
            self.add_error("formula", _("An own figure needs its formula and a name."))
        else:
            self.figure, findings = kpi_of(found["formula"], "", self.currency)
            for finding in findings if self.figure is None else ():
                self.add_error("formula", finding.message)
        return found

    def wish(self) -> TargetWish:
        """Give what is asked; only of a valid form.

        Raises AmountError for an amount finer than the currency or too large, and ValidationError for another number that is.
        """
        given, figure, person = self.cleaned_data, self.figure, self.cleaned_data["participant"]
        assert figure is not None
        return TargetWish(
            figure,
            given["name"] if figure.is_own else figure.name,
            None if person is None else person.pk,
            given["has_team"],
            given["missed_when"],
            figure_number(given["number"], figure.unit, self.currency),
        )


def figure_number(typed: Decimal, unit: Unit, currency: str) -> int:
    """Give a figure as it is stored from what is typed; percentages are typed in percent.

    >>> figure_number(Decimal("30"), Unit.RATE, "USD"), figure_number(Decimal("1.5"), Unit.MONEY, "USD")
    (30000000, 150)
    """
    if unit in (Unit.MONEY, Unit.MONEY_PER_DAY):
        return to_minor(typed, currency)
    number = int((typed / 100 if unit is Unit.RATE else typed) * RATE_SCALE)
    if abs(number) >= 2**63:
        raise forms.ValidationError({"number": _("%(number)s is too large to be a target.") % {"number": f"{typed:f}"}})
    return number
