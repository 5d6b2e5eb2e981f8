"""Pages of routes, deputies, reminders and conflicts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from spm.approvals import routes
from spm.approvals.conflicts import COLUMNS, Conflict, conflict_list
from spm.approvals.models import ReminderPolicy
from spm.approvals.routing import Member
from spm.approvals.selectors import (
    decider_list,
    deputy_list,
    preview_people,
    reminder_policy,
    route_asked,
    route_list,
)
from spm.web.downloads import table_download
from spm.web.pages.approval_forms import DaysForm, DeputyForm, EndForm, PreviewForm, ReminderForm, RouteForm
from spm.web.pages.approvals import approval_tabs
from spm.web.views import PageMixin


class RouteListPage(PageMixin, FormView):
    """The routes of today and the others, reminders, and who would have to approve what; POST sets the reminders."""

    template_name = "approvals/route_list.html"
    form_class = ReminderForm
    actions = {"GET": "route.view", "POST": "route.edit"}

    def get_initial(self) -> dict[str, Any]:
        policy: ReminderPolicy = reminder_policy()
        return {
            "remind_after_days": policy.remind_after_days,
            "escalate_after_days": policy.escalate_after_days,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asks = "kind" in self.request.GET
        people = preview_people(self.viewer)
        preview = PreviewForm(self.request.GET if asks else None, people=people)
        if asks and preview.is_valid():
            values = preview.cleaned_data
            kwargs["asked"] = route_asked(self.viewer, values["kind"], values["lines"], values["participant"])
        return super().get_context_data(
            tabs=approval_tabs(self.viewer, "approvals:route_list"),
            routes=route_list(self.viewer),
            preview=preview,
            may_edit=self.viewer.can("route.edit"),
            **kwargs,
        )

    def form_valid(self, form: ReminderForm) -> HttpResponse:
        routes.reminders_set(actor=self.viewer, **form.cleaned_data)
        messages.success(self.request, _("Reminders were set."))
        return redirect("approvals:route_list")


class RouteNewPage(PageMixin, FormView):
    """Sets a route."""

    template_name = "approvals/route_form.html"
    form_class = RouteForm
    actions = {"GET": "route.edit", "POST": "route.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.viewer.on}

    def form_valid(self, form: RouteForm) -> HttpResponse:
        try:
            route = routes.route_set(wish=form.wish(), actor=self.viewer)
        except ValidationError as error:
            _take(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("%(route)s was set.") % {"route": route.name})
        return redirect("approvals:route_list")


class RouteEnd(PageMixin, View):
    """Ends a route."""

    actions = {"POST": "route.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        until = _until(request)
        try:
            routes.route_end(route_id=pk, until=until, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("approvals:route_list")
        messages.success(request, _("The route ends. What was asked by it goes on by it."))
        return redirect("approvals:route_list")


class DeputyListPage(PageMixin, FormView):
    """Who answers for whom; POST names a deputy."""

    template_name = "approvals/deputy_list.html"
    form_class = DeputyForm
    actions = {"GET": "route.view", "POST": "deputy.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        members: list[Member] = decider_list(self.viewer)
        own = [each for each in members if each.user_id == self.viewer.user_id]
        persons = members if self.viewer.can("route.edit") else own
        return super().get_form_kwargs() | {"members": members, "persons": persons}

    def get_initial(self) -> dict[str, Any]:
        return {"person": self.viewer.user_id, "starts_on": self.viewer.on}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            tabs=approval_tabs(self.viewer, "approvals:deputy_list"),
            deputies=deputy_list(self.viewer),
            may_edit=self.viewer.can("deputy.edit"),
            may_edit_all=self.viewer.can("route.edit"),
            today=self.viewer.on,
            **kwargs,
        )

    def form_valid(self, form: DeputyForm) -> HttpResponse:
        values = form.cleaned_data
        try:
            routes.deputy_name(
                person_id=values["person"],
                deputy_id=values["deputy"],
                starts_on=values["starts_on"],
                until=values["until"],
                actions=values["actions"],
                reason=values["reason"],
                actor=self.viewer,
            )
        except ValidationError as error:
            _take(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("The deputy was named."))
        return redirect("approvals:deputy_list")


class DeputyEnd(PageMixin, View):
    """Ends a deputyship."""

    actions = {"POST": "deputy.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        until = _until(request)
        try:
            routes.deputy_end(deputy_id=pk, until=until, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("approvals:deputy_list")
        messages.success(request, _("It ends."))
        return redirect("approvals:deputy_list")


class ConflictPage(PageMixin, TemplateView):
    """Who holds rights that should be apart, and what nobody else decided."""

    template_name = "approvals/conflict_list.html"
    actions = {"GET": "conflict.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = DaysForm(self.request.GET)
        tabs = approval_tabs(self.viewer, "approvals:conflict_list")
        return super().get_context_data(
            tabs=tabs, form=form, query=self.request.GET.urlencode(), conflicts=_conflicts(self, form), **kwargs
        )


class ConflictExport(PageMixin, View):
    """The same as a file."""

    actions = {"GET": "conflict.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        found = _conflicts(self, DaysForm(request.GET))
        return table_download([each.row() for each in found], COLUMNS, name="conflicts", form=form)


def _conflicts(page: PageMixin, form: DaysForm) -> list[Conflict]:
    try:
        start, until = form.days(page.viewer.on)
    except ValidationError as error:
        raise BadRequest(" ".join(error.messages)) from error
    return conflict_list(page.viewer, start=start, until=until)


def _until(request: HttpRequest) -> Any:
    form = EndForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("Write the first day without it as 2026-01-31."))
    return form.cleaned_data["until"]


def _take(form: Any, error: ValidationError) -> None:
    """Put what a service refused beside the fields it is about; what is about none stands above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    places = {"limits": "amounts", "steps": "step_1"}
    for name, errors in error.error_dict.items():
        place = places.get(name, name)
        form.add_error(place if place in form.fields else None, errors)
