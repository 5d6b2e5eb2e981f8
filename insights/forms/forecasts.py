"""Forms of pipeline, forecast and pay estimator, for pages and for the queries of the API."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import DecimalValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.forms.plans import DayInput
from incentives.selectors.pipeline_estimates import ChosenDeal
from insights.engine.pipeline_changes import Window
from insights.models import ForecastCategory, RollUp
from insights.selectors.forecast_sheet import SheetAsked, forecast_period
from insights.selectors.pay_estimates import deal_day
from insights.selectors.pipeline_changes import Asked
from planning.selectors import period_list
from spm.core.money import minor_digits, to_major, to_minor
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
