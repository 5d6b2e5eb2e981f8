"""Forms of account families, scores, whitespace and leads."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FamilyFilter(forms.Form):
    """Which families are looked at."""

    q = forms.CharField(required=False, label=_("Top account"))


class ParentForm(forms.Form):
    """Whom an account belongs to."""

    parent = forms.CharField(
        required=False,
        max_length=200,
        label=_("Key of the parent account"),
        help_text=_("As its source calls it; empty: it belongs to nobody."),
    )
