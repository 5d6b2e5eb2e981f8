"""The form for how the ledger is mapped to the general ledger, and for the look of its file."""

import re
from collections.abc import Iterator

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.forms.layout import LookForm
from incentives.models import ExportBasis

_RULE = re.compile(r"(\S+)(?:\s+(\S+))?(?:\s+(\S+))?\s*=\s*([^@]*?)\s*(?:@\s*(.*?))?\s*$")
_CENTRE = re.compile(r"(\S+)\s+(.+?)\s*=\s*(.*?)\s*$")


class LedgerFormatForm(LookForm):
    """Rules and cost centres as lines of text."""

    basis = forms.ChoiceField(
        choices=ExportBasis.choices,
        label=gettext_lazy("An expense is booked"),
        help_text=gettext_lazy(
            "On what is paid, payroll books the payments; the accrual at period end comes from here."
        ),
    )
    accounts = forms.CharField(
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 9, "spellcheck": "false"}),
        label=gettext_lazy("Accounts"),
        help_text=gettext_lazy(
            "One a line: expense = 6010. For one plan or component: expense reps-2026 commission = 6020. "
            "With a cost centre: expense = 6010 @ 4711, or @ person for the person's own."
        ),
    )
    centres = forms.CharField(
        required=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        label=gettext_lazy("Cost centres"),
        help_text=gettext_lazy(
            "One a line: unit west = 4711, or person rex = 4712. A unit above counts for those below."
        ),
    )

    field_order = ("basis", "accounts", "centres", "columns", "delimiter", "decimal", "has_header", "has_trailer")

    def clean_accounts(self) -> list[dict[str, str]]:
        """Read each rule; raises ValidationError naming the one that can't be read."""
        found = []
        for line in _lines(self.cleaned_data["accounts"]):
            read = _RULE.match(line)
            if read is None:
                raise ValidationError(_("“%(line)s” can't be read. Write account = number.") % {"line": line})
            names = ("account", "plan", "component", "gl_account", "cost_centre")
            found.append({name: value or "" for name, value in zip(names, read.groups(), strict=True)})
        return found

    def clean_centres(self) -> list[dict[str, str]]:
        """Read each cost centre; raises ValidationError naming the one that can't be read."""
        found = []
        for line in _lines(self.cleaned_data["centres"]):
            read = _CENTRE.match(line)
            if read is None:
                raise ValidationError(_("“%(line)s” can't be read. Write unit code = cost centre.") % {"line": line})
            found.append(dict(zip(("kind", "key", "cost_centre"), read.groups(), strict=True)))
        return found


def _lines(text: str) -> Iterator[str]:
    return filter(None, (line.strip() for line in text.splitlines()))
