"""Pages of scores."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from planning.forms import ScoreForm
from planning.models import Period
from planning.selectors import score_list
from planning.services.goals import score_enter
from spm.people.models import Participant
from spm.roles.policy import visible
from spm.web.views import PageMixin


class ScoreListPage(PageMixin, FormView):
    """The scores within reach and where each stands; who may enters one, and a second person approves it."""

    template_name = "planning/score_list.html"
    form_class = ScoreForm
    actions = {"GET": "quota.view", "POST": "score.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        people = Participant.objects.order_by("name")
        return {**super().get_form_kwargs(), "people": visible(self.viewer, people, participant="pk")}

    def get_initial(self) -> dict[str, Any]:
        return {"period": self._period()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = score_list(self.viewer, period=self._period())[:500]
        return super().get_context_data(scores=rows, may_edit=self.viewer.can("score.edit"), **kwargs)

    def form_valid(self, form: ScoreForm) -> HttpResponse:
        wanted = form.cleaned_data
        try:
            score = score_enter(
                participant_id=wanted["participant"].pk,
                period_id=wanted["period"].pk,
                objective=wanted["objective"],
                score_rate=form.score_rate(),
                evidence=wanted["evidence"],
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        except PermissionDenied as error:
            form.add_error("participant", str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("The score was entered. It counts once somebody else has approved it."))
        return redirect(f"{self.request.path}?period={score.period_id}")

    def _period(self) -> Period | None:
        asked = self.request.GET.get("period", "")
        try:
            return Period.objects.filter(pk=asked).first() if asked else None
        except ValidationError:
            return None
