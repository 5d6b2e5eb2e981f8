"""The inbox of approvals: what waits, what was decided, and the decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.approvals.selectors import approval_list, approval_obstacle, approval_thread, is_single_operator
from spm.approvals.services import approval_decide
from spm.web.views import PageMixin

SUBJECTS: dict[str, str] = dict.fromkeys(("plan_version", "plan_rates"), "incentives.views.review.version_subject")
"""By kind of request, what draws the thing that is decided about: a function of viewer and request that gives HTML, or nothing."""


class ApprovalListPage(PageMixin, TemplateView):
    """What waits for a decision, or what was decided."""

    template_name = "approvals/approval_list.html"
    actions = {"GET": "approval.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_open = self.request.GET.get("show") != "decided"
        page = Paginator(approval_list(self.viewer, is_open=is_open), 50).get_page(self.request.GET.get("page"))
        tabs = [
            {"label": _("Open"), "url": "?", "current": is_open},
            {"label": _("Decided"), "url": "?show=decided", "current": not is_open},
        ]
        return super().get_context_data(page=page, is_open=is_open, tabs=tabs, **kwargs)


class ApprovalPage(PageMixin, TemplateView):
    """One request; POST approves or declines it."""

    template_name = "approvals/approval_detail.html"
    actions = {"GET": "approval.view", "POST": "approval.decide"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request = self._asked()
        return super().get_context_data(
            asked=request,
            subject=self._subject(request),
            thread=approval_thread(self.viewer, request),
            is_open=request.state == ApprovalState.OPEN,
            obstacle=approval_obstacle(self.viewer, request),
            is_single_operator=is_single_operator(self.viewer),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        is_approved = request.POST.get("do") == "approve"
        try:
            decided = approval_decide(
                request_id=self._asked().pk,
                is_approved=is_approved,
                reason=request.POST.get("reason", ""),
                actor=self.viewer,
            )
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=error.messages), status=409)
        messages.success(request, _("It was approved.") if is_approved else _("It was declined."))
        is_inside = bool(decided.url) and url_has_allowed_host_and_scheme(decided.url, allowed_hosts=None)
        return redirect(decided.url if is_inside else "approvals:approval_list")

    def _subject(self, asked: ApprovalRequest) -> str:
        draws = SUBJECTS.get(asked.kind)
        return str(import_string(draws)(self.viewer, asked)) if draws else ""

    def _asked(self) -> ApprovalRequest:
        return get_object_or_404(approval_list(self.viewer.acting("approval.view")), pk=self.kwargs["pk"])
