"""Pages of a version's way: examples, review, publishing, ending."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from incentives.engine.placing import findings_placed
from incentives.forms.filters import EndForm, ExampleForm
from incentives.models import PlanVersion, Standing
from incentives.selectors.lifecycle import lifecycle_of, publication_obstacles
from incentives.selectors.plans import assignment_list, version_rows, version_view
from incentives.selectors.replacing import replacing_preview
from incentives.services.cases import plan_example_add
from incentives.services.lifecycle import plan_publish, plan_submit, plan_version_end, plan_withdraw
from incentives.views.saying import examples_told
from spm.web.templatetags.figures import day_text
from spm.web.views import PageMixin


class PlanPublishPage(PageMixin, TemplateView):
    """What publishing a draft means, and the button that does it; under the single-operator policy what it costs, too, before that."""

    template_name = "incentives/plan_publish.html"
    actions = {"GET": "plan.publish", "POST": "plan.publish"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = get_object_or_404(version_rows(self.viewer), pk=self.kwargs["pk"])
        lifecycle = lifecycle_of(self.viewer, version)
        return super().get_context_data(
            version=version,
            plan=version.plan,
            view=version_view(version),
            lifecycle=lifecycle,
            is_alone=lifecycle.is_single_operator and lifecycle.standing == Standing.DRAFT,
            is_asked=lifecycle.standing == Standing.IN_REVIEW,
            may_see_approvals=self.viewer.can("approval.view"),
            assignments=assignment_list(self.viewer, version.plan).filter(during__overlap=version.during),
            accept=self.request.POST.get("accept", ""),
            replaced=replacing_preview(self.viewer, version),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        version = get_object_or_404(version_rows(self.viewer), pk=pk)
        accept = request.POST.get("accept", "")
        try:
            if request.POST.get("do") == "figures":
                plan_submit(version_id=version.id, actor=self.viewer)
                asked = lifecycle_of(self.viewer, version).review
                return redirect("approvals:approval_detail", asked.pk) if asked else redirect(version_url(version))
            replaces = request.POST.get("replaces") == "yes"
            plan_publish(version_id=version.id, accept=accept, actor=self.viewer, figures=True, replaces=replaces)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=_not_named(error, version)), status=409)
        messages.success(request, _published(version, self.viewer.on))
        return redirect("incentives:plan_detail", version.plan_id)


def _published(version: PlanVersion, today: date) -> str:
    """Say from when the version pays: from the next run on, or from its first day where that is still to come."""
    words = {"number": version.number, "day": day_text(version.during.lower)}
    if version.during.lower > today:
        return _("Version %(number)s is published. It pays from %(day)s on, its first day.") % words
    return _("Version %(number)s is published. The next run pays by it.") % words


def _not_named(error: ValidationError, version: PlanVersion) -> list[str]:
    """Give what a refusal says beyond the obstacles, which the page names; for them the way back."""
    named = {one.message for one in findings_placed(publication_obstacles(version), version.definition)}
    others = [each for each in error.messages if each not in named]
    return others or [_("Mend what is named here first.")]


class PlanExampleNew(PageMixin, FormView):
    """Makes a worked example of the draft from a real person's period."""

    template_name = "incentives/plan_example.html"
    form_class = ExampleForm
    actions = {"GET": "plan.edit", "POST": "plan.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self._version()
        return super().get_context_data(version=version, plan=version.plan, back=version_url(version), **kwargs)

    def form_valid(self, form: ExampleForm) -> HttpResponse:
        values, version = form.cleaned_data, self._version()
        try:
            _draft, warnings = plan_example_add(
                version_id=version.pk,
                participant_id=values["participant"].pk,
                period_id=values["period"].pk,
                name=values["name"],
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        for warning in examples_told(self.request, warnings, version_url(version)):
            messages.warning(self.request, warning.message)
        messages.success(self.request, _("The example was added. It runs at each save."))
        return redirect(version_url(version))

    def _version(self) -> PlanVersion:
        return get_object_or_404(version_rows(self.viewer), pk=self.kwargs["pk"])


class PlanSubmit(PageMixin, View):
    """Sends a draft for review."""

    actions = {"POST": "plan.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        version = get_object_or_404(version_rows(self.viewer), pk=pk)
        try:
            plan_submit(version_id=version.id, reason=request.POST.get("reason", ""), actor=self.viewer)
        except ValidationError as error:
            is_named = bool(lifecycle_of(self.viewer, version).obstacles)
            named = _("The version was not sent for review: this page names what to mend first.")
            messages.error(request, named if is_named else " ".join(error.messages))
        else:
            messages.success(request, _("The version was sent for review. Whoever may approve it was told."))
        return redirect(version_url(version))


class PlanWithdraw(PageMixin, View):
    """Takes a version back from review or approval."""

    actions = {"POST": "plan.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        version = get_object_or_404(version_rows(self.viewer), pk=pk)
        try:
            plan_withdraw(version_id=version.id, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The version is a draft again."))
        return redirect(version_url(version))


def version_url(version: PlanVersion) -> str:
    """Give the address of a version on its plan's page."""
    return f"{reverse('incentives:plan_detail', args=[version.plan_id])}?version={version.number}"


class PlanVersionEnd(PageMixin, FormView):
    """Ends a published version before its time."""

    template_name = "incentives/plan_end.html"
    form_class = EndForm
    actions = {"GET": "plan.publish", "POST": "plan.publish"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self._version()
        return super().get_context_data(version=version, plan=version.plan, **kwargs)

    def form_valid(self, form: EndForm) -> HttpResponse:
        try:
            version = plan_version_end(
                version_id=self._version().id, until=form.cleaned_data["until"], actor=self.viewer
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(
            self.request, _("The version was ended. The next run takes back what it paid from that day on.")
        )
        return redirect("incentives:plan_detail", version.plan_id)

    def _version(self) -> PlanVersion:
        return get_object_or_404(version_rows(self.viewer), pk=self.kwargs["pk"])
