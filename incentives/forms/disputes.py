"""The forms of disputes: raise, say, assign, decide, filter."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.models import DisputeFix, DisputeReason, DisputeState
from incentives.services.disputes import Said
from spm.core.money import AmountError, parse_amount


class SayForm(forms.Form):
    """A text, and a file where there is one."""

    text = forms.CharField(label=_("Text"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))
    file = forms.FileField(
        label=_("File"), required=False, help_text=_("Up to 2 MB. It is given to who may see the dispute.")
    )

    def said(self) -> Said:
        """Give what was said and shown."""
        file = self.cleaned_data.get("file")
        return Said(self.cleaned_data["text"], *((file.name, file.read()) if file else ()))


def _amount(form: forms.Form, name: str, currency: str) -> int | None:
    """The amount of a field in minor units; None where it is empty, or says what is wrong in its field."""
    text = form.cleaned_data.get(name, "").strip()
    try:
        return parse_amount(text, currency) if text else None
    except AmountError as error:
        form.add_error(name, str(error))
        return None


class RaiseForm(SayForm):
    """What is doubted of a line, and why."""

    reason = forms.ChoiceField(label=_("What is wrong"), choices=DisputeReason.choices)
    claimed = forms.CharField(
        label=_("What it should come to"), max_length=40, required=False, help_text=_("Leave it empty where you don't know.")
    )  # fmt: skip
    deal = forms.CharField(label=_("Deal"), max_length=200, required=False, help_text=_("Its key, if it is about one."))
    field_order = ("reason", "text", "claimed", "deal", "file")

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["text"].label = _("Why")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        return values | {"claimed_minor": _amount(self, "claimed", self.currency)}


class AssignForm(forms.Form):
    """Who answers."""

    assignee = forms.TypedChoiceField(label=_("Who answers"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, people: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assignee"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Nobody yet")), *people.items()]


class FixForm(SayForm):
    """What mends it."""

    fix = forms.ChoiceField(label=_("What mends it"), choices=DisputeFix.choices)
    amount = forms.CharField(
        label=_("Ask for an adjustment of"), max_length=40, required=False, help_text=_("It is posted once somebody else has approved it.")
    )  # fmt: skip
    adjustment = forms.TypedChoiceField(
        label=_("or an adjustment that is there"), coerce=UUID, empty_value=None, required=False
    )
    credit = forms.TypedChoiceField(label=_("Manual credit"), coerce=UUID, empty_value=None, required=False)
    deal = forms.CharField(
        label=_("Deal corrected at the source"), max_length=200, required=False,
        help_text=_("Its key. Empty: say in the text what was corrected."),
    )  # fmt: skip
    field_order: tuple[str, ...] | list[str] | None = ("fix", "amount", "adjustment", "credit", "deal", "text", "file")

    def __init__(self, *args: Any, currency: str, adjustments: Any, credits: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        batches = {one.batch_id: f"{one.batch}: {one.reason[:60]}" for one in adjustments}
        numbered = {one.pk: f"{one}: {one.reason[:60]}" for one in credits}
        for name, choices in (("adjustment", batches), ("credit", numbered)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "–"), *choices.items()]
        self.fields["text"].label = _("Reason")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        amount = _amount(self, "amount", self.currency)
        if values.get("fix") == DisputeFix.ADJUSTMENT and amount is not None and values.get("adjustment"):
            self.add_error("adjustment", _("Write an amount or choose an adjustment, not both."))
        return values | {"amount_minor": amount}


class DecideForm(FixForm):
    """Whether the dispute was right, for which cause, and what mends it."""

    is_accepted = forms.TypedChoiceField(
        choices=[("yes", _("Accept: the line is wrong")), ("no", _("Reject: the line is right"))], label=_("Decision"),
        coerce=lambda value: value == "yes", widget=forms.RadioSelect(),
    )  # fmt: skip
    cause = forms.ChoiceField(label=_("Root cause"), choices=DisputeReason.choices)
    fix = forms.ChoiceField(
        label=_("What mends it"), choices=[("", "–"), *DisputeFix.choices], required=False, help_text=_("Where you accept.")
    )  # fmt: skip
    field_order = ("is_accepted", "cause", "text", "fix", "amount", "adjustment", "credit", "deal", "file")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("is_accepted") and not values.get("fix"):
            self.add_error("fix", _("Say what mends it."))
        return values


class DaysForm(forms.Form):
    """How soon disputes are answered."""

    days_to_answer = forms.IntegerField(label=_("Days to answer"), min_value=1, max_value=90)


class DisputeFilterForm(forms.Form):
    """Which disputes."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("live", _("Not closed")), *DisputeState.choices]
    )
    assignee = forms.ChoiceField(label=_("Who answers"), required=False)
    reason = forms.ChoiceField(label=_("Cause"), required=False, choices=[("", _("All")), *DisputeReason.choices])
    older = forms.TypedChoiceField(
        label=_("Age"), required=False, coerce=int, empty_value=None,
        choices=[("", _("All")), ("5", _("Over 5 days")), ("10", _("Over 10 days")), ("30", _("Over 30 days"))],
    )  # fmt: skip
    overdue = forms.ChoiceField(label=_("Due"), required=False, choices=[("", _("All")), ("yes", _("Overdue"))])
    q = forms.CharField(label=_("Person or line"), required=False, max_length=100)

    def __init__(self, *args: Any, people: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assignee"]
        assert isinstance(field, forms.ChoiceField)
        named = [(str(key), name) for key, name in people.items()]
        field.choices = [("", _("All")), ("me", _("Me")), ("nobody", _("Nobody yet")), *named]
