"""The form for what payroll answered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy


class PayoutAnswerForm(forms.Form):
    """What payroll paid: all that waits, but the lines named as rejected."""

    reference = forms.CharField(required=False, max_length=200, label=gettext_lazy("Payroll run or bank file"))

    def __init__(self, *args: Any, numbers: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in numbers:
            self.fields[f"line_{number}"] = forms.ChoiceField(
                choices=[
                    ("paid", gettext_lazy("Paid")),
                    ("rejected", gettext_lazy("Rejected")),
                    ("waits", gettext_lazy("Waits")),
                ]
            )
            self.fields[f"reason_{number}"] = forms.CharField(required=False, max_length=300)
        self.numbers = numbers

    def paid(self) -> list[int]:
        """Give the numbers of the lines that were paid."""
        return [number for number in self.numbers if self.cleaned_data[f"line_{number}"] == "paid"]

    def rejected(self) -> dict[int, str]:
        """Give why lines were rejected, by number."""
        said = self.cleaned_data
        return {number: said[f"reason_{number}"] for number in self.numbers if said[f"line_{number}"] == "rejected"}
