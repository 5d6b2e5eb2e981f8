"""The page of a position's quotas: which value holds on which days, every value it had, and a change from a day on."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from planning.forms.quota_plans import QuotaChangeForm
from planning.selectors.quotas import QuotaDays, position_in_reach, quota_days, quota_history, quotas_writable
from planning.services.quota_steps import QuotaFrom, quota_change
from planning.views.grids import GridChoice, grid_choice
from spm.people.models import Position
from spm.web.views import PageMixin


class QuotaPositionPage(PageMixin, FormView):
    """The quotas of a position in a year by days; changes one from a day on."""

    template_name = "planning/quota_position.html"
    form_class = QuotaChangeForm
    actions = {"GET": "quota.view", "POST": "quota.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"currency": self._currency}

    @cached_property
    def _chosen(self) -> GridChoice:
        return grid_choice(self.request, self.viewer.on)

    @cached_property
    def _position(self) -> Position:
        return position_in_reach(self.viewer, self.kwargs["pk"])

    @cached_property
    def _shown(self) -> list[QuotaDays]:
        chosen = self._chosen
        return quota_days(self.viewer, self._position, kind=chosen.kind, year=chosen.year, measure=chosen.measure)

    @property
    def _currency(self) -> str:
        """What amounts are typed in: the currency of the quotas that are shown, none for numbers."""
        return self._shown[0].quota.currency if self._shown else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            position=self._position,
            year=self._chosen.year,
            shown=self._shown,
            history=quota_history([each.quota for each in self._shown]),
            may_edit=bool(
                quotas_writable(self.viewer, [self._position.pk], [each.quota.period for each in self._shown])
            ),
            **kwargs,
        )

    def form_valid(self, form: QuotaChangeForm) -> HttpResponse:
        wish = QuotaFrom(
            position_id=self._position.pk,
            kind=self._chosen.kind,
            measure=self._chosen.measure,
            currency=self._currency,
            **form.cleaned_data,
        )
        try:
            quota_change(wish=wish, actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, _("The quota was changed."))
        return redirect(self.request.get_full_path())

    def form_invalid(self, form: QuotaChangeForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)
