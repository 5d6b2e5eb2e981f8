"""The form for the look of a file that is handed to another system."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.selectors.layout import columns_sentence


class LookForm(forms.Form):
    """Columns as lines of text: header, equals sign, field."""

    columns = forms.CharField(
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 9, "spellcheck": "false"}),
        label=gettext_lazy("Columns"),
        help_text=gettext_lazy("One a line, in order: header = field. A fixed text: Type = text: C100."),
    )
    delimiter = forms.ChoiceField(
        choices=[
            (",", gettext_lazy("Comma")),
            (";", gettext_lazy("Semicolon")),
            ("tab", gettext_lazy("Tab")),
            ("|", gettext_lazy("Bar")),
        ],
        label=gettext_lazy("Columns are parted by"),
    )
    decimal = forms.ChoiceField(
        choices=[(".", gettext_lazy("Point: 1234.56")), (",", gettext_lazy("Comma: 1234,56"))],
        label=gettext_lazy("Decimal mark"),
    )
    has_header = forms.BooleanField(required=False, label=gettext_lazy("First line names the columns"))
    has_trailer = forms.BooleanField(required=False, label=gettext_lazy("Last line holds totals and hash"))

    def clean_columns(self) -> list[dict[str, str]]:
        """Read each line; raises ValidationError naming the one that can't be read."""
        found = []
        for line in filter(None, (line.strip() for line in self.cleaned_data["columns"].splitlines())):
            header, equals, rest = line.rpartition("=") if ": " not in line else line.partition("=")
            field, _colon, text = rest.strip().partition(":")
            if not equals:
                raise ValidationError(_("“%(line)s” has no equals sign. Write header = field.") % {"line": line})
            found.append({"header": header.strip(), "field": field.strip(), "text": text.strip()})
        return found

    def clean_delimiter(self) -> str:
        """Give the character itself."""
        value: str = self.cleaned_data["delimiter"]
        return "\t" if value == "tab" else value


def look_initial(look: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the form begins with."""
    delimiter = "tab" if look["delimiter"] == "\t" else look["delimiter"]
    return {**look, "columns": columns_sentence(look["columns"]), "delimiter": delimiter}
