"""Opening a book of commission expense, and setting its policy from a month on."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.engine.expense.words import Basis, Convention
from incentives.engine.typed import rate_read
from incentives.forms.plans import DayInput
from incentives.models import ExpensePolicy
from spm.core.money import AmountError, Rate

RATES = ("new_rate", "renewal_rate", "direct_cost_rate")
BASES = (
    (Basis.TERM.value, _("The term of the contract")),
    (Basis.BENEFIT.value, _("The expected period of benefit, with renewals")),
    (Basis.COMMENSURATE.value, _("The term where renewals are paid in proportion, else the period of benefit")),
)
CONVENTIONS = (
    (Convention.DAYS.value, _("By days")),
    (Convention.MONTHS.value, _("By months, the first one whole")),
)


class PolicyForm(forms.Form):
    """How a book treats commissions, from a month on. Rates are written as people write them."""

    start = forms.DateField(label=_("From month"), widget=DayInput(), help_text=_("The first day of an open month."))
    capitalises = forms.BooleanField(
        label=_("Capitalise the incremental cost of contracts"), required=False, initial=True
    )
    uses_expedient = forms.BooleanField(
        label=_("Expense at once what is expensed within a year"),
        required=False,
        help_text=_("The practical expedient of ASC 340-40-25-4 and IFRS 15.94."),
    )
    basis = forms.ChoiceField(label=_("Expensed over"), choices=BASES)
    benefit_months = forms.IntegerField(
        label=_("Period of benefit, in months"),
        min_value=1,
        max_value=600,
        initial=60,
        help_text=_("Also for contracts without an end."),
    )
    convention = forms.ChoiceField(label=_("Straight line"), choices=CONVENTIONS)
    new_rate = forms.CharField(label=_("Rate of new contracts"), required=False, max_length=20)
    renewal_rate = forms.CharField(
        label=_("Rate of renewals"),
        required=False,
        max_length=20,
        help_text=_("In proportion: 5 % and 5 %, not 6 % and 2 %."),
    )
    includes_overrides = forms.BooleanField(
        label=_("What managers get for the deals of others is an incremental cost"), required=False, initial=True
    )
    capitalises_without_contract = forms.BooleanField(
        label=_("Capitalise deals without a contract over the period of benefit"), required=False
    )
    lapse_months = forms.IntegerField(
        label=_("Lost when not renewed for months"),
        required=False,
        min_value=0,
        max_value=60,
        help_text=_("Empty: a contract that has ended is not asked for its renewal."),
    )
    direct_cost_rate = forms.CharField(
        label=_("Direct costs of serving a contract"),
        required=False,
        max_length=20,
        help_text=_("As a share of its value. Empty: no test for impairment."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("An auditor will read it."),
    )

    def __init__(
        self, *args: Any, components: Mapping[tuple[str, str], tuple[str, str]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.components = dict(components or {})
        for place, (plan, name) in enumerate(self.components.values()):
            self.fields[f"component-{place}"] = forms.ChoiceField(
                label=f"{plan}: {name}",
                required=False,
                choices=[
                    ("", _("Decided by its deals")),
                    ("yes", _("Incremental cost")),
                    ("no", _("No incremental cost")),
                ],
            )
        self.order_fields([name for name in self.fields if name != "reason"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in RATES:
            text = (values.get(name) or "").strip()
            try:
                values[name] = rate_read(text).scaled if text else None
            except AmountError as error:
                self.add_error(name, str(error))
        return values

    def chosen(self) -> Sequence[tuple[str, str, bool]]:
        """Give the components that were decided by hand."""
        answers = [(key, self.cleaned_data.get(f"component-{place}")) for place, key in enumerate(self.components)]
        return [(plan, component, answer == "yes") for (plan, component), answer in answers if answer]


def policy_initial(row: ExpensePolicy, components: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
    """Give a policy as the form shows it."""
    names = [name for name in PolicyForm.base_fields if name not in ("start", "reason", *RATES)]
    rates = {name: getattr(row, name) for name in RATES}
    chosen = {(each["plan"], each["component"]): "yes" if each["incremental"] else "no" for each in row.components}
    return {
        **{name: getattr(row, name) for name in names},
        **{name: "" if rate is None else str(Rate(rate)) for name, rate in rates.items()},
        **{f"component-{place}": chosen.get(key, "") for place, key in enumerate(components)},
    }


class BookForm(PolicyForm):
    """A book to open, with its first policy."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("Such as ASC 340-40, IFRS 15, local GAAP."))
    close_after_days = forms.IntegerField(
        label=_("Close a month after days"),
        min_value=0,
        max_value=60,
        initial=5,
        help_text=_("So many days after its end. Until then late pay is still dated in it."),
    )
    asset_account = forms.CharField(label=_("Account of the asset"), max_length=60, initial="Contract costs")
    expense_account = forms.CharField(
        label=_("Account of commission expense"), max_length=60, initial="Commission expense"
    )
    amortisation_account = forms.CharField(
        label=_("Account of amortisation"), max_length=60, initial="Amortisation of contract costs"
    )
    impairment_account = forms.CharField(
        label=_("Account of impairment"), max_length=60, initial="Impairment of contract costs"
    )
    field_order = ("name", "start", "close_after_days")


class AssetFilterForm(forms.Form):
    """Which costs of contracts."""

    q = forms.CharField(label=_("Contract or deal"), required=False, max_length=100)
    standing = forms.BooleanField(label=_("Only what still stands"), required=False)
