"""Pages of scores and of their evidence."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from planning.forms import EvidenceForm, ScoreForm
from planning.models import Period
from planning.selectors import evidence_list, objective_rows
from planning.services.goals import Shown, evidence_give, score_enter
from spm.people.models import Participant
from spm.roles.policy import visible
from spm.web.views import PageMixin

SHOWN = 500


class ScoreListPage(PageMixin, FormView):
    """The scores within reach and where each stands; who may enters one, and a second person approves it."""

    template_name = "planning/score_list.html"
    form_class = ScoreForm
    actions = {"GET": "quota.view", "POST": "score.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        people = Participant.objects.order_by("name")
        return {
            **super().get_form_kwargs(),
            "people": visible(self.viewer, people, participant="pk", action="evidence.give"),
        }

    def get_initial(self) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name, "") for name in ("participant", "objective")}
        return {**asked, "period": period_asked(self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = objective_rows(self.viewer, period=period_asked(self.request), limit=SHOWN)
        may_edit, may_give = self.viewer.can("score.edit"), self.viewer.can("evidence.give")
        return super().get_context_data(rows=rows, may_edit=may_edit, may_give=may_give, **kwargs)

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


def period_asked(request: HttpRequest) -> Period | None:
    """Give the period of the address; None where it names none."""
    asked = request.GET.get("period", "")
    try:
        return Period.objects.filter(pk=asked).first() if asked else None
    except ValidationError:
        return None


class EvidencePage(PageMixin, FormView):
    """Gives evidence for an objective of oneself, or of somebody within reach."""

    template_name = "planning/evidence_form.html"
    form_class = EvidenceForm
    actions = {"GET": "evidence.give", "POST": "evidence.give"}

    def get_form_kwargs(self) -> dict[str, Any]:
        people = Participant.objects.order_by("name")
        return {
            **super().get_form_kwargs(),
            "people": visible(self.viewer, people, participant="pk", action="evidence.give"),
        }

    def get_initial(self) -> dict[str, Any]:
        own = self.viewer.participant
        asked = {"participant": self.request.GET.get("participant") or (own.pk if own else "")}
        return {**asked, "objective": self.request.GET.get("objective", ""), "period": period_asked(self.request)}

    def form_valid(self, form: EvidenceForm) -> HttpResponse:
        wanted, file = form.cleaned_data, form.cleaned_data["file"]
        shown = Shown(wanted["text"], wanted["link"], *((file.name, file.read()) if file else ()))
        try:
            evidence = evidence_give(
                participant_id=wanted["participant"].pk,
                period_id=wanted["period"].pk,
                objective=wanted["objective"],
                shown=shown,
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("It was kept. Who scores the objective sees it."))
        return redirect(f"{reverse('planning:score_list')}?period={evidence.period_id}")

    def form_invalid(self, form: EvidenceForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class EvidenceFile(PageMixin, View):
    """The file of some evidence, always as a download."""

    actions = {"GET": "quota.view"}

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        found = get_object_or_404(evidence_list(self.viewer).exclude(file_name=""), pk=pk)
        response = HttpResponse(bytes(found.content), content_type="application/octet-stream")
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.file_name) or ""
        return response
