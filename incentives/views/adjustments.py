"""Pages of manual adjustments: the list, asking, what is approved together, reversing one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from incentives.forms.periods import AdjustmentForm
from incentives.selectors.adjustments import (
    KIND,
    adjustment_list,
    batch_list,
    batch_totals,
    batch_warnings,
    reversed_among,
)
from incentives.services.adjustments import (
    AdjustmentWish,
    adjustment_reverse,
    adjustments_approve,
    adjustments_ask,
)
from incentives.views.approving import approve_and_say
from incentives.views.reaching import ForReached
from spm.approvals.models import ApprovalState
from spm.approvals.selectors import approval_latest, approval_obstacle
from spm.core.money import to_major
from spm.roles.policy import can_for, require
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class AdjustmentListPage(PageMixin, TemplateView):
    """The adjustments of the people within reach."""

    template_name = "incentives/adjustment_list.html"
    actions = {"GET": "adjustment.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(adjustment_list(self.viewer), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, may_edit=self.viewer.can("adjustment.edit"), **kwargs)


class AdjustmentExport(PageMixin, View):
    """The same as a file."""

    actions = {"GET": "adjustment.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        columns = (
            "Number",
            "Person",
            "Period",
            "Plan",
            "Component",
            "Amount",
            "Currency",
            "Kind",
            "Reason",
            "State",
            "Posted",
        )
        rows = [
            (
                one.batch.number,
                one.participant.name,
                one.period.key,
                str(one.plan or ""),
                one.component,
                to_major(one.amount_minor, one.currency),
                one.currency,
                one.get_reason_code_display(),
                one.reason,
                one.state,
                "yes" if one.is_posted else "no",
            )
            for one in adjustment_list(self.viewer)
        ]
        return table_download(rows, columns, name="adjustments", form=form)


class AdjustmentNewPage(ForReached, PageMixin, FormView):
    """Asks for an adjustment."""

    template_name = "incentives/adjustment_form.html"
    form_class = AdjustmentForm
    actions = {"GET": "adjustment.edit", "POST": "adjustment.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"currency": self.viewer.organisation.currency}

    def form_valid(self, form: AdjustmentForm) -> HttpResponse:
        values = form.cleaned_data
        wish = AdjustmentWish(
            participant_id=values["participant"].pk,
            period_id=values["period"].pk,
            amount_minor=values["amount_minor"],
            currency=values["currency"].upper(),
            reason_code=values["reason_code"],
            reason=values["reason"],
            plan_id=values["plan"].pk if values["plan"] else None,
            component=values["component"],
        )
        try:
            batch = adjustments_ask(wishes=[wish], title=wish.reason, actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("It was asked for. It counts once somebody else has approved it."))
        return redirect("incentives:adjustment_batch", batch.pk)


class AdjustmentBatchPage(PageMixin, TemplateView):
    """What was asked for together, what it comes to, and where its approval stands."""

    template_name = "incentives/adjustment_batch.html"
    actions = {"GET": "adjustment.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch = get_object_or_404(batch_list(self.viewer), pk=self.kwargs["pk"])
        request = approval_latest(KIND, batch.pk)
        rows = adjustment_list(self.viewer).filter(batch=batch)
        page = Paginator(rows, 50).get_page(self.request.GET.get("page"))
        reversible = {one.pk for one in page if self._is_reversible(one)}
        return super().get_context_data(
            batch=batch,
            page=page,
            reversible=reversible - reversed_among(reversible),
            totals=batch_totals(rows),
            warnings=batch_warnings(rows, on=self.viewer.on) if batch.state == ApprovalState.OPEN else [],
            request_of=request,
            obstacle=approval_obstacle(self.viewer, request) if request else "",
            may_approve=self.viewer.can("adjustment.approve"),
            **kwargs,
        )

    def _is_reversible(self, one: Any) -> bool:
        is_over = one.state == ApprovalState.APPROVED and one.reverses_id is None
        return is_over and can_for(self.viewer, "adjustment.edit", one.participant_id)


class AdjustmentApprove(PageMixin, View):
    """Approves what was asked for together, and posts it."""

    actions = {"POST": "adjustment.approve"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        batch = get_object_or_404(batch_list(self.viewer.seeing("adjustment.view")), pk=pk)
        approve_and_say(
            request,
            lambda reason: adjustments_approve(batch_id=batch.pk, actor=self.viewer, reason=reason),
            _("Approved and posted."),
        )
        return redirect("incentives:adjustment_batch", pk)


class AdjustmentReverse(PageMixin, View):
    """Asks for the opposite of an adjustment."""

    actions = {"POST": "adjustment.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        one = get_object_or_404(adjustment_list(self.viewer.seeing("adjustment.view")), pk=pk)
        try:
            batch = adjustment_reverse(adjustment_id=one.pk, reason=request.POST.get("reason", ""), actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("incentives:adjustment_batch", one.batch_id)
        messages.success(request, _("The reversal was asked for. It counts once somebody else has approved it."))
        return redirect("incentives:adjustment_batch", batch.pk)
