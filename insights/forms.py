"""Forms of insights, for pages and for the queries of the API."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import DecimalValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.forms.plans import DayInput
from incentives.selectors.pipeline_estimates import ChosenDeal
from insights.engine.kpis import Kpi, Missed, Unit
from insights.engine.pipeline_changes import Window
from insights.models import ForecastCategory, RollUp
from insights.selectors.forecast_sheet import SheetAsked, forecast_period
from insights.selectors.pay_estimates import deal_day
from insights.selectors.performance import OWN, kpi_get, kpi_list, kpi_of
from insights.selectors.pipeline_changes import Asked
from insights.services.kpi_targets import TargetWish
from planning.selectors import period_list
from spm.core.money import RATE_SCALE, minor_digits, to_major, to_minor
from spm.people.models import Participant
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible
from spm.web.numbers import NumberField

USUAL = timedelta(days=7)
"""How far before today a comparison begins where no day is named."""


class MovementForm(forms.Form):
    """Between the ends of which two days, and which deals by their close date. Empty: the last week, all open deals."""

    first = forms.DateField(label=gettext_lazy("From the end of"), widget=DayInput(), required=False)
    last = forms.DateField(label=gettext_lazy("To the end of"), widget=DayInput(), required=False)
    period = forms.ChoiceField(label=gettext_lazy("Closing in"), required=False)

    def __init__(self, data: Mapping[str, str], *, today: date) -> None:
        asked = {name: data[name] for name in self.base_fields if data.get(name)}
        super().__init__({"first": today - USUAL, "last": today, **asked})
        self.today = today
        self.periods = {one.key: one for one in period_list()}
        choices = [("", _("Any period")), *((key, key) for key in self.periods)]
        self.fields["period"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse days that can't be compared."""
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if last and last > self.today:
            self.add_error("last", _("This day has not been yet. Choose today or an earlier one."))
        elif first and last and first >= last:
            self.add_error("first", _("This day is not before the other one. Choose an earlier one."))
        return found

    def asked(self) -> Asked:
        """Give what was asked; only of a valid form."""
        period = self.periods.get(self.cleaned_data["period"])
        window = Window(period.during.lower, period.during.upper) if period else Window()
        return Asked(self.cleaned_data["first"], self.cleaned_data["last"], window)


class ForecastForm(forms.Form):
    """Which period, as of the end of which day, with whose hierarchy. Empty: the current period today."""

    period = forms.ChoiceField(label=gettext_lazy("Period"), required=False)
    day = forms.DateField(label=gettext_lazy("As known at the end of"), widget=DayInput(), required=False)
    org = forms.ChoiceField(
        label=gettext_lazy("Hierarchy"),
        choices=[("", gettext_lazy("Of that day")), ("today", gettext_lazy("Of today"))],
        required=False,
    )

    def __init__(self, data: Mapping[str, str], *, today: date) -> None:
        self.current = forecast_period(today)
        usual = {"day": today, "period": self.current.key if self.current else ""}
        super().__init__(usual | {name: data[name] for name in self.base_fields if data.get(name)})
        self.today = today
        same = period_list(kind=self.current.calendar.kind) if self.current else period_list()
        self.periods = {one.key: one for one in same}
        self.fields["period"].choices = [(key, key) for key in self.periods]  # type: ignore[attr-defined]

    def clean_day(self) -> date:
        """Refuse a day that has not been."""
        day = self.cleaned_data["day"] or self.today
        if day > self.today:
            raise forms.ValidationError(_("This day has not been yet. Choose today or an earlier one."))
        return day

    def asked(self) -> SheetAsked | None:
        """Give what was asked, None where the company has no period; only of a valid form."""
        period = self.periods.get(self.cleaned_data["period"], self.current)
        day = self.cleaned_data["day"]
        return None if period is None else SheetAsked(period, day, self.today if self.cleaned_data["org"] else day)


DAYS = [
    gettext_lazy("Monday"), gettext_lazy("Tuesday"), gettext_lazy("Wednesday"), gettext_lazy("Thursday"), gettext_lazy("Friday"),
    gettext_lazy("Saturday"), gettext_lazy("Sunday"),
]  # fmt: skip


def word_field(word: str) -> str:
    """Give the name of a word's field, the same whichever other words there are.

    >>> word_field("upside")
    'word_757073696465'
    """
    return f"word_{word.encode().hex()}"


class ForecastPolicyForm(forms.Form):
    """How the company forecasts; `words` are those of the deals' categories and stages."""

    roll_up = forms.ChoiceField(label=gettext_lazy("Categories count"), choices=RollUp.choices)
    due_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Due at the end of"), choices=list(enumerate(DAYS)), coerce=int
    )
    remind_days = forms.IntegerField(label=gettext_lazy("Remind days before"), min_value=0, max_value=6)

    def __init__(self, *args: Any, words: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        for word in words:
            self.fields[word_field(word)] = forms.ChoiceField(label=word, choices=OPEN_CATEGORIES, required=False)

    def categories(self) -> dict[str, str]:
        """Give what each word means; only of a valid form."""
        given = {word: self.cleaned_data[word_field(word)] for word in self.words}
        return {word: category for word, category in given.items() if category}


OPEN_CATEGORIES = [
    ("", gettext_lazy("As usual")),
    *[(value, label) for value, label in ForecastCategory.choices if value != ForecastCategory.CLOSED],
]


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


class ChosenDealForm(forms.Form):
    """An open deal of the estimator: at which amount it would be won, and on which day; its fields carry the deal's id as prefix."""

    amount = NumberField(is_amount=True, min_value=0, max_digits=15)
    close_on = forms.DateField(widget=DayInput())

    def __init__(self, data: Mapping[str, str], *, deal: Any, on: date, is_chosen: bool) -> None:
        self.deal, self.is_chosen = deal, is_chosen
        self.name = deal.name or deal.fact.source_key
        amount = to_major(deal.amount_minor, deal.currency) if deal.currency and deal.amount_minor is not None else None
        stands = {"amount": amount, "close_on": deal_day(deal, on)}
        prefix = str(deal.fact_id)
        typed = {name: data[f"{prefix}-{name}"] for name in stands if f"{prefix}-{name}" in data}
        given = {f"{prefix}-{name}": value for name, value in {**stands, **typed}.items()}
        super().__init__(given if is_chosen or typed else None, prefix=prefix, initial=stands)
        labels = {"amount": _("Amount of %(deal)s"), "close_on": _("Close date of %(deal)s")}
        for name, label in labels.items():
            self.fields[name].widget.attrs |= {"aria-label": label % {"deal": self.name}, "class": "form-control"}
        self.fields["amount"].widget.attrs["class"] += " num"
        self.fields["amount"].currency = deal.currency  # type: ignore[attr-defined]
        digits = minor_digits(deal.currency) if deal.currency else 0
        self.fields["amount"].validators.append(DecimalValidator(15, digits))

    @property
    def wrong(self) -> list[str]:
        """Give what is wrong with a deal that is chosen."""
        if not self.is_chosen:
            return []
        if not self.deal.currency:
            return [_("%(deal)s has no currency. Enter it in your CRM, or leave the deal out.") % {"deal": self.name}]
        return [
            f"{self.fields[name].widget.attrs['aria-label']}: {text}"
            for name, texts in self.errors.items()
            for text in texts
        ]

    @property
    def chosen(self) -> ChosenDeal:
        """Give the deal as it might be won; only where nothing is wrong."""
        values = self.cleaned_data
        return ChosenDeal(self.prefix or "", to_minor(values["amount"], self.deal.currency), values["close_on"])


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
