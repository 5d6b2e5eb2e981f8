"""The form for what payroll answered."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.forms.plans import DayInput
from spm.core.money import AmountError, to_minor
from spm.web.numbers import NumberField


class PayoutAnswerForm(forms.Form):
    """What payroll answered. Nothing is preset: a line is paid because somebody said so, of it or of all that have no other answer."""

    use_required_attribute = False

    reference = forms.CharField(
        max_length=200,
        label=gettext_lazy("Payroll run or bank file"),
        help_text=gettext_lazy(
            "What payroll's answer came with. Required: it stands beside each line and on the journal."
        ),
        error_messages={"required": gettext_lazy("Name the payroll run or bank file that paid it.")},
    )
    paid_on = forms.DateField(
        label=gettext_lazy("Paid on"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy(
            "The day on which the money left, as accruals and the general ledger have it. Today where it is empty."
        ),
    )
    rest = forms.ChoiceField(
        label=gettext_lazy("Lines without an answer of their own"),
        help_text=gettext_lazy("Required while a line above has no answer."),
        choices=[
            ("", gettext_lazy("Choose what holds for them")),
            ("paid", gettext_lazy("Payroll paid all of them")),
            ("waits", gettext_lazy("They still wait")),
        ],
        error_messages={
            "required": gettext_lazy(
                "Say of each line whether it was paid, rejected, or still waits, or of the rest here."
            )
        },
    )

    def __init__(self, *args: Any, currencies: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = list(currencies)
        for number in numbers:
            self.fields[f"line_{number}"] = _answer(number)
            self.fields[f"amount_{number}"] = _amount(number)
            self.fields[f"reason_{number}"] = _reason(number)
        self.numbers, self.currencies = numbers, currencies
        self.fields["rest"].required = any(not self.data.get(f"line_{number}") for number in numbers)

    def asked(self, number: int) -> tuple[forms.BoundField, ...]:
        """Give the fields of a line, its answer, another amount and why; none where the line is not asked."""
        names = ("line", "amount", "reason")
        return tuple(self[f"{name}_{number}"] for name in names) if number in self.numbers else ()

    def clean(self) -> dict[str, Any]:
        """Read the amounts in minor units; an amount of a line that was not paid is refused."""
        values: dict[str, Any] = super().clean() or {}
        for number, currency in self.currencies.items():
            name = f"amount_{number}"
            if values.get(name) is None or f"line_{number}" not in values:
                continue
            if self._answer(number) != "paid":
                self.add_error(name, _("Line %(line)s has an amount and is not said to be paid.") % {"line": number})
                continue
            try:
                values[name] = to_minor(values[name], currency)
            except AmountError as error:
                self.add_error(name, str(error))
        return values

    def refuse(self, error: ValidationError) -> None:
        """Say why nothing was posted: of the reference at its field, of lines above the form, as their words name them."""
        by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in by_field.items():
            self.add_error(name if name in self.fields else None, messages)

    def paid(self) -> list[int]:
        """Give the numbers of the lines that were paid."""
        return [number for number in self.numbers if self._answer(number) == "paid"]

    def rejected(self) -> dict[int, str]:
        """Give why lines were rejected, by number."""
        said = self.cleaned_data
        return {number: said[f"reason_{number}"] for number in self.numbers if self._answer(number) == "rejected"}

    def amounts(self) -> dict[int, tuple[int, str]]:
        """Give what was paid of lines where an amount was typed, in minor units, each with the reason, by number."""
        said = self.cleaned_data
        found = ((number, said[f"amount_{number}"], said[f"reason_{number}"]) for number in self.numbers)
        return {number: (minor, reason) for number, minor, reason in found if minor is not None}

    def _answer(self, number: int) -> str:
        """What holds for a line: its own answer, else that of the rest."""
        return str(self.cleaned_data[f"line_{number}"] or self.cleaned_data.get("rest", ""))


def _answer(number: int) -> forms.ChoiceField:
    words = gettext_lazy("Say of each line whether it was paid, rejected, or still waits.")
    return forms.ChoiceField(
        required=False,
        label=format_lazy(gettext_lazy("Answer to line {number}"), number=number),
        choices=[
            ("", gettext_lazy("No answer yet")),
            ("paid", gettext_lazy("Paid")),
            ("rejected", gettext_lazy("Rejected")),
            ("waits", gettext_lazy("Waits")),
        ],
        error_messages={"invalid_choice": words},
        widget=forms.Select({"form": "answer", "class": "form-select"}),
    )


def _amount(number: int) -> NumberField:
    hint = gettext_lazy("Amount paid, if another")
    return NumberField(
        is_amount=True,
        label=format_lazy(gettext_lazy("Amount paid of line {number}, if another"), number=number),
        required=False,
        widget=forms.TextInput(
            {"form": "answer", "class": "form-control", "inputmode": "decimal", "placeholder": hint}
        ),
    )


def _reason(number: int) -> forms.CharField:
    hint = gettext_lazy("Reason")
    return forms.CharField(
        label=format_lazy(gettext_lazy("Why line {number} was rejected, or another amount paid"), number=number),
        required=False,
        max_length=300,
        widget=forms.TextInput({"form": "answer", "class": "form-control", "placeholder": hint}),
    )
