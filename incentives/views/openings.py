"""Pages of opening balances: the list, what is approved together, taking it back, releasing what was held."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from incentives.selectors.brought import KIND
from incentives.selectors.openings import opening_batches, opening_list, opening_totals, reaches_batch
from incentives.services.openings import opening_release, opening_reverse, openings_approve
from incentives.views.approving import approve_and_say
from spm.approvals.selectors import approval_latest, approval_obstacle
from spm.roles.policy import can_for
from spm.web.views import PageMixin


class OpeningListPage(PageMixin, TemplateView):
    """The opening balances of the people within reach."""

    template_name = "incentives/opening_list.html"
    actions = {"GET": "opening.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(opening_list(self.viewer), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, may_edit=self.viewer.can("opening.edit"), **kwargs)


class OpeningBatchPage(PageMixin, TemplateView):
    """What was brought in together, what it comes to, and where its approval stands."""

    template_name = "incentives/opening_batch.html"
    actions = {"GET": "opening.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch = get_object_or_404(opening_batches(self.viewer), pk=self.kwargs["pk"])
        request = approval_latest(KIND, batch.pk)
        rows = opening_list(self.viewer).filter(batch=batch)
        page = Paginator(rows, 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            batch=batch,
            page=page,
            releasable={one.pk for one in page if self._is_releasable(one)},
            totals=opening_totals(rows),
            request_of=request,
            obstacle=approval_obstacle(self.viewer, request) if request else "",
            may_approve=self.viewer.can("opening.approve"),
            may_edit=self.viewer.can("opening.edit") and reaches_batch(self.viewer, batch),
            **kwargs,
        )

    def _is_releasable(self, one: Any) -> bool:
        is_held = one.held_minor > 0 and one.is_posted and not one.is_reversed and not one.is_released
        own = self.viewer.participant
        is_own = own is not None and own.pk == one.participant_id
        return is_held and not is_own and can_for(self.viewer, "opening.approve", one.participant_id)


class OpeningApprove(PageMixin, View):
    """Approves what was brought in together, and posts it."""

    actions = {"POST": "opening.approve"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        batch = get_object_or_404(opening_batches(self.viewer.seeing("opening.view")), pk=pk)
        approve_and_say(
            request,
            lambda reason: openings_approve(batch_id=batch.pk, actor=self.viewer, reason=reason),
            _("Approved and posted."),
        )
        return redirect("incentives:opening_batch", pk)


class OpeningReverse(PageMixin, View):
    """Asks to take a batch back as a whole."""

    actions = {"POST": "opening.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        batch = get_object_or_404(opening_batches(self.viewer.seeing("opening.view")), pk=pk)
        try:
            back = opening_reverse(batch_id=batch.pk, reason=request.POST.get("reason", ""), actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("incentives:opening_batch", pk)
        messages.success(request, _("It was asked for. It counts once somebody else has approved it."))
        return redirect("incentives:opening_batch", back.pk)


class OpeningRelease(PageMixin, View):
    """Releases what was held when it was brought in."""

    actions = {"POST": "opening.approve"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        one = get_object_or_404(opening_list(self.viewer.seeing("opening.view")), pk=pk)
        try:
            opening_release(balance_id=one.pk, reason=request.POST.get("reason", ""), actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Released. The next payout pays it."))
        return redirect("incentives:opening_batch", one.batch_id)
