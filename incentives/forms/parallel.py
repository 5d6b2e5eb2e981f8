"""Which rows of a parallel run are shown."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.selectors.parallel import DIFFERENT, LABELS, MOST_WITHIN, WITHIN, Compared, parallel_kept


class ParallelFilterForm(forms.Form):
    """By cause and person; up to how many minor units a difference is rounding."""

    cause = forms.ChoiceField(label=_("Cause"), required=False)
    q = forms.CharField(label=_("Person"), required=False, max_length=100)
    within = forms.IntegerField(
        label=_("Rounding up to (cents)"), required=False, min_value=0, max_value=MOST_WITHIN, initial=WITHIN
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        causes = [(str(cause), label) for cause, label in LABELS.items()]
        choices = [("", _("All")), (DIFFERENT, _("All that differ")), *causes]
        self.fields["cause"] = forms.ChoiceField(label=_("Cause"), required=False, choices=choices)
        self.is_valid()

    @property
    def cents(self) -> int:
        """Give up to how many minor units a difference is rounding."""
        given = self.cleaned_data.get("within")
        return WITHIN if given is None else int(given)

    @property
    def has_filter(self) -> bool:
        """Tell whether rows are left out."""
        return bool(self.cleaned_data.get("cause") or self.cleaned_data.get("q"))

    def kept(self, rows: Sequence[Compared]) -> list[Compared]:
        """Give the rows that were asked for."""
        asked = self.cleaned_data
        return parallel_kept(rows, cause=asked.get("cause") or "", query=asked.get("q") or "")
