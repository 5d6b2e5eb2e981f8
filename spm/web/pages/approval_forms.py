"""Forms of approval routes, deputies and reminders: what was typed becomes the words of the services."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spm.approvals.models import KINDS, Basis, Measure
from spm.approvals.routes import RouteWish
from spm.approvals.routing import Line, Member
from spm.core.money import AmountError, is_currency, parse_amount
from spm.people.models import Participant
from spm.roles.catalogue import ACTIONS, ROLE_ACTIONS
from spm.roles.models import Role

STEPS = 4


def day_input() -> forms.DateInput:
    """Give the input of a day."""
    return forms.DateInput(attrs={"type": "date"})


def kind_choices() -> list[tuple[str, str]]:
    """Give the kinds of things that routes may be set for."""
    return [(kind, label) for kind, (label, _action) in KINDS.items()]


def _answer_choices() -> list[tuple[str, Any]]:
    roles = [role for role in Role if "approval.decide" in ROLE_ACTIONS[role]]
    return [
        ("right", gettext_lazy("Whoever holds the right")),
        ("line:1", gettext_lazy("The manager of the person concerned")),
        ("line:2", gettext_lazy("The manager's manager")),
        ("line:3", gettext_lazy("Three levels up")),
        ("line:4", gettext_lazy("Four levels up")),
        *((f"role:{role.value}", gettext_lazy("Role: %(role)s") % {"role": role.label}) for role in roles),
    ]


class RouteForm(forms.Form):
    """A route in words of the page: limits as a line of text, one choice per step."""

    kind = forms.ChoiceField(choices=kind_choices, label=gettext_lazy("For"))
    name = forms.CharField(max_length=100, label=gettext_lazy("Name"))
    position = forms.IntegerField(
        min_value=1,
        max_value=99,
        initial=1,
        label=gettext_lazy("Place"),
        help_text=gettext_lazy("Of several routes for the same things the first one that holds is taken."),
    )
    amounts = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("From amounts"),
        help_text=gettext_lazy(
            "Such as USD 10,000; EUR 9,000. Empty: any amount. Other currencies count as reaching it."
        ),
    )
    measure = forms.ChoiceField(choices=Measure.choices, label=gettext_lazy("The amount is"))
    asked_by_role = forms.ChoiceField(
        required=False,
        choices=[("", gettext_lazy("Anybody")), *Role.choices],
        label=gettext_lazy("Asked by"),
    )
    starts_on = forms.DateField(widget=day_input(), label=gettext_lazy("First day"))
    until = forms.DateField(
        widget=day_input(),
        required=False,
        label=gettext_lazy("Until before"),
        help_text=gettext_lazy("Empty: no end."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, STEPS + 1):
            first = [] if number == 1 else [("", gettext_lazy("No further step"))]
            self.fields[f"step_{number}"] = forms.ChoiceField(
                required=number == 1,
                choices=[*first, *_answer_choices()],
                label=gettext_lazy("Step %(number)s") % {"number": number},
            )

    def clean_amounts(self) -> list[dict[str, Any]]:
        """Read currency and amount of each part."""
        parts = [part.strip() for part in self.cleaned_data["amounts"].split(";") if part.strip()]
        return [_limit(part) for part in parts]

    def wish(self) -> RouteWish:
        """Give the route that was typed."""
        values = self.cleaned_data
        chosen = [values[f"step_{number}"] for number in range(1, STEPS + 1)]
        return RouteWish(
            kind=values["kind"],
            name=values["name"],
            position=values["position"],
            measure=values["measure"],
            limits=values["amounts"],
            asked_by_role=values["asked_by_role"],
            starts_on=values["starts_on"],
            until=values["until"],
            steps=[_step(text) for text in chosen if text],
        )


def _limit(part: str) -> dict[str, Any]:
    currency, _space, amount = part.partition(" ")
    currency = currency.upper()
    if not is_currency(currency):
        raise ValidationError(_("“%(part)s” doesn't begin with a currency. Write it as USD 10,000.") % {"part": part})
    try:
        return {"currency": currency, "from_minor": parse_amount(amount, currency)}
    except AmountError as error:
        raise ValidationError(str(error)) from error


def _step(text: str) -> dict[str, Any]:
    basis, _colon, of = text.partition(":")
    return {
        "basis": basis,
        "role": of if basis == Basis.ROLE else "",
        "level": int(of) if basis == Basis.LINE else 0,
    }


class PreviewForm(forms.Form):
    """What might be asked for: by it one sees who would have to approve it."""

    kind = forms.ChoiceField(choices=kind_choices, label=gettext_lazy("For"))
    amount = forms.CharField(required=False, max_length=40, label=gettext_lazy("Amount"))
    currency = forms.CharField(required=False, max_length=3, label=gettext_lazy("Currency"))
    participant = forms.ModelChoiceField(
        Participant.objects.none(), required=False, label=gettext_lazy("Person concerned")
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the amount in its currency."""
        values = super().clean() or self.cleaned_data
        values["lines"] = []
        if values.get("amount"):
            currency = str(values.get("currency") or "").upper()
            if not is_currency(currency):
                raise ValidationError({"currency": _("Write the currency of the amount, such as USD.")})
            try:
                values["lines"] = [Line(parse_amount(values["amount"], currency), currency)]
            except AmountError as error:
                raise ValidationError({"amount": str(error)}) from error
        return values


class DeputyForm(forms.Form):
    """Who answers for whom, on which days, about what."""

    person = forms.TypedChoiceField(coerce=int, label=gettext_lazy("For"))
    deputy = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Deputy"))
    starts_on = forms.DateField(widget=day_input(), label=gettext_lazy("First day"))
    until = forms.DateField(
        widget=day_input(), label=gettext_lazy("Until before"), help_text=gettext_lazy("The first day without it.")
    )
    actions = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Rights"),
        help_text=gettext_lazy("None chosen: all that the person has."),
    )
    reason = forms.CharField(required=False, max_length=300, label=gettext_lazy("Reason"))

    def __init__(self, *args: Any, members: Sequence[Member], persons: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(each.user_id, each.name) for each in persons]  # type: ignore[attr-defined]
        self.fields["deputy"].choices = [(each.user_id, each.name) for each in members]  # type: ignore[attr-defined]
        rights = sorted({action for _label, action in KINDS.values()})
        self.fields["actions"].choices = [(action, ACTIONS[action]) for action in rights]  # type: ignore[attr-defined]


class ReminderForm(forms.Form):
    """After how many days."""

    remind_after_days = forms.IntegerField(
        min_value=0, max_value=365, label=gettext_lazy("Remind after days"), help_text=gettext_lazy("0: never.")
    )
    escalate_after_days = forms.IntegerField(
        min_value=0,
        max_value=365,
        label=gettext_lazy("Pass up after days"),
        help_text=gettext_lazy("To the next in the reporting line. 0: never."),
    )


class EndForm(forms.Form):
    """The first day without it."""

    until = forms.DateField(widget=day_input(), label=gettext_lazy("Ends before"))


class DaysForm(forms.Form):
    """A stretch of days, both ends named; empty is the last year until today."""

    start = forms.DateField(required=False, widget=day_input(), label=gettext_lazy("From"))
    until = forms.DateField(required=False, widget=day_input(), label=gettext_lazy("Until before"))

    def days(self, today: date) -> tuple[date, date]:
        """Give the first day and the first day after; raises ValidationError where that is none."""
        if not self.is_valid():
            raise ValidationError([_("Write days as 2026-01-31.")])
        values = self.cleaned_data
        until = values["until"] or date.fromordinal(today.toordinal() + 1)
        start = values["start"] or date.fromordinal(max(1, until.toordinal() - 366))
        return start, until
