"""Answering, sending and filtering plan documents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.forms.plans import DayInput
from incentives.models import AcceptancePolicy


class AnswerForm(forms.Form):
    """An answer to exactly the file that was shown."""

    hash = forms.CharField(max_length=64, widget=forms.HiddenInput())
    is_accepted = forms.TypedChoiceField(
        choices=[("yes", _("I accept")), ("no", _("I decline"))], coerce=lambda value: value == "yes", label=_("Answer"),
        widget=forms.RadioSelect(),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, required=False, help_text=_("Needed where you decline; sales operations reads it.")
    )  # fmt: skip


class SendForm(forms.Form):
    """Which plan's document to send, and by when an answer is expected."""

    version = forms.ChoiceField(label=_("Plan"))
    due_on = forms.DateField(label=_("Answer by"), required=False, widget=DayInput())

    def __init__(self, *args: Any, versions: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["version"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.pk), f"{one.plan.name}, {_('version')} {one.number}") for one in versions]


class PolicyForm(forms.Form):
    """What pay makes of a document that is not accepted."""

    policy = forms.ChoiceField(label=_("A plan document that is not accepted"), choices=AcceptancePolicy.choices)
