"""A plan as text, a plan as a file, and the days of plans."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LARGEST = 100_000
"""Characters of a plan text."""


class DayInput(forms.DateInput):
    """A calendar day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PlanTextForm(forms.Form):
    """A plan as YAML text."""

    text = forms.CharField(
        label=_("Plan"),
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "wrap": "off"}),
        strip=False,
        max_length=LARGEST,
        help_text=_("Fields and words are those of the plan language."),
    )


class PlanFileForm(forms.Form):
    """A plan file."""

    file = forms.FileField(label=_("Plan file (YAML)"), widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml"}))

    def clean_file(self) -> str:
        """Give the text of the file."""
        given: Any = self.cleaned_data["file"]
        if given.size > LARGEST * 4:
            raise forms.ValidationError(_("The file is larger than a plan can be. Choose a plan file."))
        try:
            return str(given.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is no text. Save it as YAML in UTF-8.")) from error
