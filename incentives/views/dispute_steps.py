"""The steps of a dispute: added to, withdrawn, reopened by those who doubt; assigned, answered, decided, mended by those who answer."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from incentives.forms.disputes import AssignForm, FixForm, SayForm
from incentives.models import Dispute
from incentives.selectors.disputes import answerers, dispute_list
from incentives.services.dispute_answers import (
    Fix,
    dispute_accept,
    dispute_answer,
    dispute_assign,
    dispute_mend,
    dispute_reject,
)
from incentives.services.disputes import dispute_reopen, dispute_say, dispute_withdraw
from incentives.views.disputes import DisputePage, answer_forms
from spm.roles.policy import RightMissing
from spm.web.views import PageMixin


class _Step(PageMixin, View):
    """One step: what is given is checked, done, and said on the page of the dispute; what is refused stands there again as it was typed."""

    done: Any = ""
    slot = ""
    """The form of the page that it is sent from; `auto_id` of the form is its first word."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        dispute = get_object_or_404(dispute_list(self.viewer.acting("dispute.view")), pk=pk)
        form = self.form_for(dispute)
        if not form.is_valid():
            return self._again(form)
        try:
            self.take(dispute, form)
        except ValidationError as error:
            form.add_error(None, error.messages)
        except RightMissing:
            raise
        except PermissionDenied as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, self.done)
            return redirect("incentives:dispute_detail", pk)
        return self._again(form)

    def _again(self, form: forms.Form) -> HttpResponse:
        """Give the page of the dispute as it stands now, with the refused form in its place."""
        page = DisputePage()
        page.setup(self.request, **self.kwargs)
        return page.render_to_response(page.get_context_data(refused=(self.slot, form)), status=422)

    def form_for(self, dispute: Dispute) -> forms.Form:
        """Give the form that was sent."""
        return SayForm(self.request.POST, self.request.FILES, auto_id=f"{self.slot.partition('_')[0]}_%s")

    def take(self, dispute: Dispute, form: Any) -> None:
        """Do it."""
        raise NotImplementedError


class DisputeSay(_Step):
    """Adds to a dispute on the side of who raised it."""

    actions = {"POST": "dispute.raise"}
    slot = "say_form"
    done = _("It was added.")

    def take(self, dispute: Dispute, form: SayForm) -> None:
        dispute_say(dispute_id=dispute.pk, said=form.said(), actor=self.viewer)


class DisputeWithdraw(_Step):
    """Takes a dispute back."""

    actions = {"POST": "dispute.raise"}
    slot = "say_form"
    done = _("The dispute was withdrawn.")

    def take(self, dispute: Dispute, form: SayForm) -> None:
        dispute_withdraw(dispute_id=dispute.pk, said=form.said(), actor=self.viewer)


class DisputeReopen(_Step):
    """Opens a closed dispute again."""

    actions = {"POST": "dispute.raise"}
    slot = "say_form"
    done = _("The dispute is open again.")

    def take(self, dispute: Dispute, form: SayForm) -> None:
        dispute_reopen(dispute_id=dispute.pk, said=form.said(), actor=self.viewer)


class DisputeAnswer(_Step):
    """Answers a dispute."""

    actions = {"POST": "dispute.answer"}
    slot = "answer_form"
    done = _("It was answered.")

    def take(self, dispute: Dispute, form: SayForm) -> None:
        dispute_answer(dispute_id=dispute.pk, said=form.said(), actor=self.viewer)


class DisputeAssign(_Step):
    """Gives a dispute to somebody who may answer it."""

    actions = {"POST": "dispute.answer"}
    slot = "assign_form"
    done = _("It was assigned.")

    def form_for(self, dispute: Dispute) -> forms.Form:
        return AssignForm(self.request.POST, people=answerers(self.viewer.on, about=dispute))

    def take(self, dispute: Dispute, form: AssignForm) -> None:
        dispute_assign(dispute_id=dispute.pk, user_id=form.cleaned_data["assignee"], actor=self.viewer)


class _Deciding(_Step):
    """A step with a form that offers what mends a dispute."""

    def form_for(self, dispute: Dispute) -> forms.Form:
        offered = answer_forms(self.viewer, dispute, self.request.POST, self.request.FILES)
        form: forms.Form = offered.get(self.slot) or super().form_for(dispute)
        return form


class DisputeDecide(_Deciding):
    """Accepts or rejects a dispute."""

    actions = {"POST": "dispute.answer"}
    done = _("It was decided.")
    slot = "decide_form"

    def take(self, dispute: Dispute, form: Any) -> None:
        given, cause = form.cleaned_data, form.cleaned_data.get("cause", "")
        if given.get("is_accepted"):
            dispute_accept(dispute_id=dispute.pk, cause=cause, said=form.said(), fix=_fix(form), actor=self.viewer)
        else:
            dispute_reject(dispute_id=dispute.pk, cause=cause, said=form.said(), actor=self.viewer)


class DisputeMend(_Deciding):
    """Names what mends an accepted dispute."""

    actions = {"POST": "dispute.answer"}
    done = _("What mends it is named.")
    slot = "fix_form"

    def take(self, dispute: Dispute, form: Any) -> None:
        dispute_mend(dispute_id=dispute.pk, said=form.said(), fix=_fix(form), actor=self.viewer)


def _fix(form: FixForm | SayForm) -> Fix:
    given = form.cleaned_data
    return Fix(
        given.get("fix", ""),
        amount_minor=given.get("amount_minor"),
        batch_id=given.get("adjustment"),
        credit_id=given.get("credit"),
        deal=given.get("deal", ""),
    )
