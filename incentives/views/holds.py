"""Pages of holds of pay by hand: the list, asking for one, one with what it keeps, its approval and release."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from incentives.forms.holds import HoldForm
from incentives.selectors.holds import hold_get, hold_list
from incentives.services.holds import HoldWish, hold_approve, hold_ask, hold_release_ask
from incentives.views.approving import approve_and_say
from incentives.views.reaching import ForReached
from spm.roles.policy import can_for, require
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class HoldListPage(PageMixin, TemplateView):
    """The holds of the people within reach."""

    template_name = "incentives/hold_list.html"
    actions = {"GET": "hold.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(hold_list(self.viewer), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, may_edit=self.viewer.can("hold.edit"), **kwargs)


class HoldExport(PageMixin, View):
    """The same as a file."""

    actions = {"GET": "hold.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        columns = ("Number", "Person", "Plan", "Component", "Deal", "From", "Reason", "Asked by", "State")
        rows = [
            (
                one.number,
                one.participant.name if one.participant else "",
                str(one.plan or ""),
                one.component,
                one.deal.source_key if one.deal else "",
                one.starts_on,
                one.reason,
                one.asked_by_name,
                "released" if one.is_over else one.state,
            )
            for one in hold_list(self.viewer)
        ]
        return table_download(rows, columns, name="holds", form=form)


class HoldNewPage(ForReached, PageMixin, FormView):
    """Asks for a hold."""

    template_name = "incentives/hold_form.html"
    form_class = HoldForm
    actions = {"GET": "hold.edit", "POST": "hold.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"is_of_all": can_for(self.viewer, "hold.edit", None), "viewer": self.viewer}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.viewer.on, "participant": self.request.GET.get("participant")}

    def form_valid(self, form: HoldForm) -> HttpResponse:
        values = form.cleaned_data
        wish = HoldWish(
            participant_id=values["participant"].pk if values["participant"] else None,
            plan_id=values["plan"].pk if values["plan"] else None,
            component=values["component"],
            starts_on=values["starts_on"],
            reason=values["reason"],
            deal_id=values["deal"].pk if values["deal"] else None,
        )
        try:
            hold = hold_ask(wish=wish, actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("It was asked for. It holds once it is approved."))
        return redirect("incentives:hold_detail", hold.pk)


class HoldPage(PageMixin, TemplateView):
    """One hold: why, what it keeps of whom, what was asked and answered."""

    template_name = "incentives/hold_detail.html"
    actions = {"GET": "hold.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        detail = hold_get(self.viewer, get_object_or_404(hold_list(self.viewer), pk=self.kwargs["pk"]))
        return super().get_context_data(
            detail=detail,
            hold=detail.hold,
            may_edit=can_for(self.viewer, "hold.edit", detail.hold.participant_id),
            may_approve=self.viewer.can("hold.approve"),
            **kwargs,
        )


class HoldApprove(PageMixin, View):
    """Approves a hold, or its release, and posts what follows."""

    actions = {"POST": "hold.approve"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        hold = get_object_or_404(hold_list(self.viewer.seeing("hold.view")), pk=pk)
        approve_and_say(
            request, lambda reason: hold_approve(hold_id=hold.pk, actor=self.viewer, reason=reason), _("Approved.")
        )
        return redirect("incentives:hold_detail", pk)


class HoldRelease(PageMixin, View):
    """Asks that what a hold keeps is released."""

    actions = {"POST": "hold.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        hold = get_object_or_404(hold_list(self.viewer.seeing("hold.view")), pk=pk)
        try:
            hold_release_ask(hold_id=hold.pk, reason=request.POST.get("reason", ""), actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The release was asked for. It counts once it is approved."))
        return redirect("incentives:hold_detail", pk)
