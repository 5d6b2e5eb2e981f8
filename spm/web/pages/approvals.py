"""The inbox of approvals: what waits, what was decided, and the decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.approvals.selectors import (
    approval_list,
    approval_obstacle,
    approval_rows,
    approval_thread,
    is_single_operator,
    step_open,
    steps_list,
    totals_of,
)
from spm.approvals.services import approval_decide, approval_take_back, approvals_decide
from spm.roles.policy import Viewer, can_own
from spm.web.views import PageMixin

SUBJECTS: dict[str, str] = dict.fromkeys(("plan_version", "plan_rates"), "incentives.views.review.version_subject")
"""By kind of request, what draws the thing that is decided about: a function of viewer and request that gives HTML, or nothing."""


def approval_tabs(viewer: Viewer, here: str) -> list[dict[str, Any]]:
    """Give the tabs of all pages of approvals that the viewer may open; `here` is the route of the present one."""
    pages = [
        ("approval.view", _("Requests"), "approvals:approval_list"),
        ("route.view", _("Routes"), "approvals:route_list"),
        ("route.view", _("Deputies"), "approvals:deputy_list"),
        ("conflict.view", _("Conflicts"), "approvals:conflict_list"),
    ]
    return [
        {"label": label, "url": reverse(route), "current": route == here}
        for action, label, route in pages
        if viewer.can(action)
    ]


class ApprovalListPage(PageMixin, TemplateView):
    """What waits for a decision, or what was decided."""

    template_name = "approvals/approval_list.html"
    actions = {"GET": "approval.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_open = self.request.GET.get("show") != "decided"
        page = Paginator(approval_list(self.viewer, is_open=is_open), 50).get_page(self.request.GET.get("page"))
        tabs = approval_tabs(self.viewer, "approvals:approval_list")
        rows = approval_rows(self.viewer, page.object_list)
        return super().get_context_data(
            page=page,
            rows=rows,
            is_open=is_open,
            is_single_operator=is_single_operator(self.viewer),
            tabs=tabs,
            may_bulk=self.viewer.can("approval.decide") and any(row.is_mine for row in rows),
            **kwargs,
        )


class ApprovalBulkPage(PageMixin, TemplateView):
    """Several requests at once: POST shows them with their totals, and with `do` decides each by itself."""

    template_name = "approvals/approval_bulk.html"
    actions = {"POST": "approval.decide"}

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = _chosen(request.POST.getlist("selected"))
        if not chosen:
            messages.error(request, _("Nothing was chosen. Tick the requests first."))
            return redirect("approvals:approval_list")
        do = request.POST.get("do")
        if do not in ("approve", "decline"):
            return self.render_to_response(self._shown(chosen))
        reason = request.POST.get("reason", "")
        if do == "decline" and not reason.strip():
            error = _("Say why they are declined, so that they can be mended.")
            return self.render_to_response(self._shown(chosen) | {"error": error}, status=409)
        answered = approvals_decide(chosen=chosen, is_approved=do == "approve", reason=reason, actor=self.viewer)
        refused = [each for each in answered if each.refusal]
        notes = [(each.request, note.message) for each in answered for note in each.request.findings]
        context = self.get_context_data(
            answered=answered, refused=refused, notes=notes, decided=len(answered) - len(refused)
        )
        return self.render_to_response(context)

    def _shown(self, chosen: dict[UUID, int]) -> dict[str, Any]:
        asked = approval_list(self.viewer).filter(pk__in=chosen)
        rows = approval_rows(self.viewer, list(asked))
        if len(rows) != len(chosen):
            raise ApprovalRequest.DoesNotExist
        totals = totals_of(row.request for row in rows)
        return self.get_context_data(rows=rows, totals=totals)


def _chosen(texts: list[str]) -> dict[UUID, int]:
    """Read what was ticked: the key of a request and the number of the step that was shown."""
    try:
        return {UUID(key): int(step) for key, _colon, step in (text.partition(":") for text in texts)}
    except ValueError as error:
        raise BadRequest(_("What was ticked can't be read. Open the list again.")) from error


class ApprovalPage(PageMixin, TemplateView):
    """One request; POST approves or declines it."""

    template_name = "approvals/approval_detail.html"
    actions = {"GET": "approval.view", "POST": "approval.decide"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request = self._asked()
        steps = steps_list([request])[request.pk]
        return super().get_context_data(
            asked=request,
            subject=self._subject(request),
            thread=approval_thread(self.viewer, request),
            is_open=request.state == ApprovalState.OPEN,
            may_withdraw=can_own(self.viewer, "approval.withdraw", request.asked_by_id),
            obstacle=approval_obstacle(self.viewer, request),
            is_single_operator=is_single_operator(self.viewer),
            steps=steps,
            current=step_open(steps),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        is_approved = request.POST.get("do") == "approve"
        step = request.POST.get("step", "")
        try:
            decided = approval_decide(
                request_id=self._asked().pk,
                is_approved=is_approved,
                step=int(step) if step.isdecimal() and len(step) < 5 else None,
                reason=request.POST.get("reason", ""),
                actor=self.viewer,
            )
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=error.messages), status=409)
        if decided.state == ApprovalState.OPEN:
            messages.success(request, _("Your answer was kept. The next step of its route is asked now."))
            return redirect("approvals:approval_list")
        for finding in decided.findings:
            messages.error(request, finding.message)
        messages.success(request, _("It was approved.") if is_approved else _("It was declined."))
        is_inside = bool(decided.url) and url_has_allowed_host_and_scheme(decided.url, allowed_hosts=None)
        return redirect(decided.url if is_inside else "approvals:approval_list")

    def _subject(self, asked: ApprovalRequest) -> str:
        draws = SUBJECTS.get(asked.kind)
        return str(import_string(draws)(self.viewer, asked)) if draws else ""

    def _asked(self) -> ApprovalRequest:
        return get_object_or_404(approval_list(self.viewer.acting("approval.view")), pk=self.kwargs["pk"])


class ApprovalWithdraw(ApprovalPage):
    """Withdraws what the viewer asked for; what can't be is said on the page of the request."""

    actions = {"POST": "approval.withdraw"}
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        reason = request.POST.get("reason", "")
        try:
            approval_take_back(request_id=self._asked().pk, reason=reason, actor=self.viewer)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=error.messages), status=409)
        messages.success(request, _("Your request was withdrawn."))
        return redirect("approvals:approval_detail", pk)
