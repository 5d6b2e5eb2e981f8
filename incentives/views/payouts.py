"""Pages of payouts: batches, their files, what payroll answered, and the look of the file."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView, View

from incentives.forms.layout import LookForm, look_initial
from incentives.forms.payouts import PayoutAnswerForm
from incentives.selectors.payers import payer_obstacle, payer_obstacles
from incentives.selectors.payouts import (
    FIELDS,
    Payout,
    file_name,
    format_of,
    payable_periods,
    payout_control,
    payout_csv,
    payout_get,
    payout_held,
    payout_list,
    payout_xlsx,
)
from incentives.selectors.periods import payout_waiting
from incentives.services.payouts import PaidOtherwise, payout_confirm, payout_format_set, payout_make
from spm.web.downloads import controlled_download
from spm.web.views import PageMixin, id_posted

EDIT = "payout.edit"
WRITERS = {"csv": payout_csv, "xlsx": payout_xlsx, "sha256": payout_control}


class PayoutListPage(PageMixin, TemplateView):
    """The batches; POST makes one for an approved period."""

    template_name = "incentives/payout_list.html"
    actions = {"GET": "payout.view", "POST": "payout.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit, periods = self.viewer.can(EDIT), payable_periods(self.viewer)
        obstacles = payer_obstacles(self.viewer, periods, EDIT) if may_edit else {}
        return super().get_context_data(
            payouts=payout_list(self.viewer),
            periods=[one for one in periods if not obstacles.get(one.pk)],
            obstacle=next(iter(obstacles.values()), ""),
            waiting=payout_waiting(),
            may_edit=may_edit,
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        period = id_posted(request.POST.get("period", ""), _("Choose the period."))
        try:
            batch = payout_make(period_id=period, actor=self.viewer)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=error.messages), status=409)
        except PermissionDenied as error:
            return self.render_to_response(self.get_context_data(errors=[str(error)]), status=403)
        messages.success(request, _("%(batch)s was made. Nothing is paid before you confirm it.") % {"batch": batch})
        return redirect("incentives:payout_detail", batch.pk)


class PayoutPage(PageMixin, TemplateView):
    """One batch with its control totals and lines; POST says what payroll answered."""

    template_name = "incentives/payout_detail.html"
    actions = {"GET": "payout.view", "POST": "payout.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payout = payout_get(self.viewer, self.kwargs["pk"])
        form = kwargs.pop("form", None) or self._form(payout)
        may_edit = self.viewer.can(EDIT)
        obstacle = payer_obstacle(self.viewer, payout.batch.period, EDIT) if may_edit else ""
        return super().get_context_data(
            payout=payout,
            form=form,
            rows=[(line, answer, form.asked(line.number)) for line, answer in payout.rows],
            digest=payout.digest,
            held=payout_held(payout),
            may_edit=may_edit and not obstacle,
            obstacle=obstacle if payout.waiting else "",
            sees_packs=self.viewer.can("pack.view"),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        form = self._form(payout_get(self.viewer.acting("payout.view"), pk), request.POST)
        if not form.is_valid():
            return self._refused(form)
        try:
            done = payout_confirm(
                batch_id=pk,
                reference=form.cleaned_data["reference"],
                paid=form.paid(),
                rejected=form.rejected(),
                paid_on=form.cleaned_data["paid_on"],
                otherwise={number: PaidOtherwise(*said) for number, said in form.amounts().items()},
                actor=self.viewer,
            )
        except ValidationError as error:
            form.refuse(error)
            return self._refused(form)
        except PermissionDenied as error:
            return self.render_to_response(self.get_context_data(form=form, refusal=str(error)), status=403)
        waiting = len(done.waiting)
        said = ngettext("Posted. %(count)s line waits.", "Posted. %(count)s lines wait.", waiting)
        messages.success(request, said % {"count": waiting})
        return redirect("incentives:payout_detail", pk)

    def _form(self, payout: Payout, given: QueryDict | None = None) -> PayoutAnswerForm:
        currencies = {line.number: line.currency for line in payout.waiting}
        return PayoutAnswerForm(given, currencies=currencies, initial={"paid_on": self.viewer.on})

    def _refused(self, form: PayoutAnswerForm) -> HttpResponse:
        """Give the page with what was typed: a line that was rejected must not come back as paid."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


class PayoutFile(PageMixin, View):
    """The file of a batch, as CSV or sheet, and its control totals with the hash."""

    actions = {"GET": "payout.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        payout = payout_get(self.viewer, pk)
        return controlled_download(payout, form, name=file_name(payout), writers=WRITERS)


class PayoutFormatPage(PageMixin, FormView):
    """How files for payroll look from the next batch on."""

    template_name = "incentives/payout_format.html"
    form_class = LookForm
    actions = {"GET": "payout.view", "POST": "payout.edit"}

    def get_initial(self) -> dict[str, Any]:
        return look_initial(format_of())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(fields=FIELDS, may_edit=self.viewer.can("payout.edit"), **kwargs)

    def form_valid(self, form: LookForm) -> HttpResponse:
        try:
            payout_format_set(actor=self.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, _("Kept for the next batch. Files of earlier ones stay as they are."))
        return redirect("incentives:payout_list")
