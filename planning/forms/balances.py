"""Forms of the balance pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from planning.forms import DAY
from planning.models import Territory
from spm.core.money import to_minor
from spm.web.numbers import NumberField


def _weight(label: Any, initial: int, text: Any = "", *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(
        min_value=0,
        max_value=1000,
        max_digits=7,
        decimal_places=3,
        initial=initial,
        label=label,
        help_text=text,
        required=required,
    )


class BalanceForm(forms.Form):
    """What is to be even, and what moving costs."""

    starts_on = forms.DateField(widget=DAY, label=_("From"))
    parent = forms.ModelChoiceField(
        queryset=Territory.objects.none(),
        required=False,
        empty_label=_("All territories"),
        label=_("Territories below"),
    )
    workload = _weight(
        _("Weight of workload"), 1, _("Its score where factors are in force, else every account counts 1.")
    )
    potential = _weight(
        _("Weight of potential"), 1, _("Its score where factors are in force, else its annual revenue.")
    )
    sales = _weight(_("Weight of sales"), 1, _("Won deals of the year before."))
    moves = _weight(_("Cost of moving"), 1, _("Per part of the index that changes hands."))
    regions = _weight(_("Cost of splitting regions"), 0, _("Per part of the index away from the rest of its region."))
    travel = _weight(
        _("Cost of travel"),
        0,
        _("Per part of the index and mean way to the middle of a territory of today."),
        required=False,
    )
    skills = _weight(
        _("Cost of lacking skills"),
        1,
        _("Per part of the index and share of its skills that nobody in the territory has."),
        required=False,
    )
    band_percent = forms.DecimalField(
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        initial=5,
        label=_("Band around the fair load, in percent"),
    )
    protect = NumberField(
        is_amount=True, min_value=0, max_digits=17, decimal_places=2, required=False, label=_("Keep accounts with sales from"),
        help_text=_("In the company's currency. Accounts named apart stay where they are, too."),
    )  # fmt: skip
    is_quick = forms.BooleanField(required=False, label=_("Quick, a little less good"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._currency = currency
        self.fields["protect"].currency = currency  # type: ignore[attr-defined]
        self.fields["parent"].queryset = Territory.objects.order_by("name")  # type: ignore[attr-defined]

    def settings(self) -> dict[str, Any]:
        """Give the settings as the service takes them."""
        values = dict(self.cleaned_data)
        protect = values.pop("protect")
        return {
            **values,
            **{name: values[name] or 0 for name in ("travel", "skills")},
            "protect_minor": None if protect is None else to_minor(protect, self._currency),
        }


class BalanceFilterForm(forms.Form):
    """Which accounts of a proposal are looked at."""

    q = forms.CharField(required=False, label=_("Account"))
    everything = forms.BooleanField(required=False, label=_("Also those that stay"))
