"""The fields by which a file says that it is the full list of its kind, of some days or of a book."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from spm.crm.intake.absent import DAYS, LISTED, FullList, book_fields

DAY = forms.DateInput(attrs={"type": "date"})
NAMES = ("is_full_list", "list_from", "list_until", "list_field", "list_value")


class FullListForm(forms.Form):
    """What a full list says of itself; which of it a kind can say is known only with the kind."""

    is_full_list = forms.BooleanField(required=False, label=gettext_lazy("This file is the full list"))
    list_from = forms.DateField(required=False, label=gettext_lazy("From day"), widget=DAY)
    list_until = forms.DateField(required=False, label=gettext_lazy("Before day"), widget=DAY)
    list_field = forms.ChoiceField(required=False, label=gettext_lazy("Only records whose"))
    list_value = forms.CharField(required=False, max_length=200, label=gettext_lazy("is"))

    def set_full_list(self, kind: str, known: FullList | None) -> None:
        """Offer what a full list of the kind can say; a kind that has no day is asked for none."""
        for name in NAMES if kind not in LISTED else NAMES[1:3] if kind not in DAYS else ():
            del self.fields[name]
        field: Any = self.fields.get("list_field")
        if field:
            field.choices = [("", gettext_lazy("– none –")), *((each.name, each.label) for each in book_fields(kind))]
        if known:
            values = (True, known.since, known.until, known.field, known.value)
            self.initial.update(dict(zip(NAMES, values, strict=True)))

    @property
    def can_be_full(self) -> bool:
        """Say whether a file of the kind can be a full list."""
        return "is_full_list" in self.fields

    @property
    def has_days(self) -> bool:
        """Say whether a full list of the kind can be of some days only."""
        return "list_from" in self.fields

    def full_list(self) -> FullList | None:
        """Give what was said of the file as a full list; None where it is none."""
        chosen = self.cleaned_data
        if not chosen.get("is_full_list"):
            return None
        days = (chosen.get("list_from"), chosen.get("list_until"))
        return FullList(*days, chosen["list_field"], chosen["list_value"].strip())
