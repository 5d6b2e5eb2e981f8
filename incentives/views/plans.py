"""Pages of plans: read, delete drafts, assign."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from incentives.forms.filters import AssignmentForm, EndForm, PlanFilterForm
from incentives.models import Plan, PlanAssignment, PlanVersion
from incentives.selectors.lifecycle import Lifecycle, definition_for, examples_run, lifecycle_of
from incentives.selectors.moving import Wish, first_day_proposed, moving_preview
from incentives.selectors.plans import (
    assignment_list,
    assignment_rows,
    draft_of,
    plan_list,
    plan_rows,
    version_list,
    version_rows,
    version_view,
)
from incentives.services.assignments import plan_assign, plan_assignment_end
from incentives.services.documents import document_text
from incentives.services.plans import plan_draft_delete
from spm.approvals.selectors import approval_obstacle
from spm.web.views import PageMixin


class PlanListPage(PageMixin, TemplateView):
    """The plans within reach."""

    template_name = "incentives/plan_list.html"
    actions = {"GET": "plan.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PlanFilterForm(self.request.GET)
        query = form.cleaned_data["q"] if form.is_valid() else ""
        page = Paginator(plan_list(self.viewer, query=query), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            form=form, page=page, may_edit=self.viewer.can("plan.edit"), query=query, **kwargs
        )


class PlanPage(PageMixin, TemplateView):
    """One plan: a version in plain clauses with its tiers and curve, every version, who is on it."""

    template_name = "incentives/plan_detail.html"
    actions = {"GET": "plan.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = get_object_or_404(plan_rows(self.viewer), pk=self.kwargs["pk"])
        versions = list(version_list(self.viewer, plan))
        version = self._chosen(versions)
        lifecycle = lifecycle_of(self.viewer, version) if version else None
        assignments = list(assignment_list(self.viewer, plan))
        return super().get_context_data(
            plan=plan,
            versions=versions,
            version=version,
            view=version_view(version) if version else None,
            text=document_text(definition_for(self.viewer, version.definition)) if version else "",
            lifecycle=lifecycle,
            may_decide=lifecycle is not None and self._may_decide(lifecycle),
            may_publish_now=lifecycle is not None and self.viewer.can("plan.publish") and lifecycle.may_be_published,
            examples=examples_run(definition_for(self.viewer, version.definition)) if version else [],
            assignments=assignments,
            is_anybody_on=version is not None and any(_meets(one, version) for one in assignments),
            draft=draft_of(plan.id) if self.viewer.can("plan.edit") else None,
            may_edit=self.viewer.can("plan.edit"),
            may_publish=self.viewer.can("plan.publish"),
            may_see_approvals=self.viewer.can("approval.view"),
            may_try=self.viewer.can("whatif.view"),
            **kwargs,
        )

    def _may_decide(self, lifecycle: Lifecycle) -> bool:
        asked = lifecycle.review
        may = asked is not None and asked.state == "open" and self.viewer.can("approval.decide")
        return asked is not None and may and not approval_obstacle(self.viewer, asked)

    def _chosen(self, versions: list[PlanVersion]) -> PlanVersion | None:
        """The version asked for, else the one that pays today, else the latest published, else the latest."""
        asked = self.request.GET.get("version", "")
        on = self.viewer.on
        wishes = (
            lambda one: str(one.number) == asked,
            lambda one: one.state == "published" and one.during.lower <= on < one.during.upper,
            lambda one: one.state == "published",
            lambda one: True,
        )
        return next((one for wish in wishes for one in versions if wish(one)), None)


def _meets(assignment: PlanAssignment, version: PlanVersion) -> bool:
    """Tell whether the assignment puts somebody on the plan on a day of the version."""
    days, held = assignment.during, version.during
    return bool(days.lower < held.upper and (days.upper is None or days.upper > held.lower))


class PlanDraftDelete(PageMixin, View):
    """Deletes a draft."""

    actions = {"POST": "plan.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        version = get_object_or_404(version_rows(self.viewer), pk=pk)
        try:
            plan_draft_delete(version_id=version.id, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The draft was deleted."))
        return redirect("incentives:plan_detail", version.plan_id)


class PlanAssignPage(PageMixin, FormView):
    """Puts a title, a position or a person on a plan."""

    template_name = "incentives/plan_assign.html"
    form_class = AssignmentForm
    actions = {"GET": "plan.edit", "POST": "plan.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"start": first_day_proposed(self.viewer, self._plan())}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = self._plan()
        return super().get_context_data(plan=plan, assignments=assignment_list(self.viewer, plan), **kwargs)

    def form_valid(self, form: AssignmentForm) -> HttpResponse:
        """Show what it would do; once that was seen, do it."""
        values = form.cleaned_data
        target = values["target"]
        plan, days = self._plan(), {"start": values["start"], "until": values["until"]}
        try:
            if self.request.POST.get("do") != "assign":
                seen = moving_preview(self.viewer, Wish(plan, target, values[target].pk, *days.values()))
                return self.render_to_response(self.get_context_data(form=form, moving=seen, who=values[target]))
            plan_assign(plan_id=plan.id, target=target, target_id=values[target].pk, **days, actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        said = _("%(who)s is on the plan from %(day)s. The next run calculates what changes.")
        messages.success(self.request, said % {"who": values[target], "day": date_format(values["start"])})
        return redirect("incentives:plan_detail", plan.pk)

    def _plan(self) -> Plan:
        return get_object_or_404(plan_rows(self.viewer), pk=self.kwargs["pk"])


class PlanAssignmentEnd(PageMixin, View):
    """Ends or removes an assignment."""

    actions = {"POST": "plan.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        assignment = get_object_or_404(assignment_rows(self.viewer), pk=pk)
        form = EndForm(request.POST)
        removed = request.POST.get("do") == "remove"
        if not removed and not form.is_valid():
            messages.error(request, _("Nothing was changed: choose the first day off the plan."))
            return redirect("incentives:plan_detail", assignment.plan_id)
        until = assignment.during.lower if removed else form.cleaned_data["until"]
        try:
            plan_assignment_end(assignment_id=assignment.id, until=until, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The assignment was changed. The next run posts the difference."))
        return redirect("incentives:plan_detail", assignment.plan_id)
