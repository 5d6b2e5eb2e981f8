"""Pages of what people say to quotas: commitments from below, and letters with their answers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from planning.forms import amount_of, plain_amount, stored_amount
from planning.forms.quota_plans import LetterAnswerForm, LetterSettleForm
from planning.models import QuotaSeat
from planning.selectors.quota_letters import letter_count, letter_events, letter_list, letter_standing
from planning.selectors.quota_plans import commitment_rows
from planning.services.quota_letters import letter_answer, letter_settle
from planning.services.quota_seats import commitment_give
from spm.core.money import AmountError
from spm.roles.policy import can_for
from spm.web.views import PageMixin


class CommitmentPage(PageMixin, TemplateView):
    """What is expected of the people within reach in plans being made, and what they commit to."""

    template_name = "planning/commitments.html"
    actions = {"GET": "quota.commit", "POST": "quota.commit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plans = [
            (
                plan,
                [
                    (
                        row,
                        "" if row.seat.commitment is None else plain_amount(row.seat.commitment, plan.currency),
                        row.is_beyond(plan.guardrail_rate),
                    )
                    for row in rows
                ],
            )
            for plan, rows in commitment_rows(self.viewer)
        ]
        return super().get_context_data(plans=plans, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            seat = QuotaSeat.objects.select_related("plan").get(pk=UUID(hex=request.POST.get("seat", "")))
            amount = amount_of(request.POST.get("value", ""), seat.plan.currency)
            value = None if amount is None else stored_amount(amount, seat.plan.currency)
            commitment_give(seat_id=seat.pk, value=value, note=request.POST.get("note", ""), actor=self.viewer)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=error.messages), status=422)
        except (ValueError, AmountError) as error:
            return self.render_to_response(self.get_context_data(errors=[str(error)]), status=422)
        messages.success(request, _("The commitment was kept."))
        return redirect("planning:commitments")


class LetterListPage(PageMixin, TemplateView):
    """The quota letters within reach, and where each stands."""

    template_name = "planning/quota_letter_list.html"
    actions = {"GET": "quota.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        letters = list(letter_list(self.viewer)[:500])
        return super().get_context_data(letters=letters, count=letter_count(letters), **kwargs)


class LetterPage(PageMixin, TemplateView):
    """One letter, what was said about it, and the answer that the reader may give."""

    template_name = "planning/quota_letter.html"
    actions = {"GET": "quota.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        letter = letter_list(self.viewer).get(pk=self.kwargs["pk"])
        person, standing = self.viewer.participant, letter_standing(letter)
        is_own = person is not None and person.pk == letter.participant_id
        return super().get_context_data(
            letter=letter,
            events=letter_events(letter),
            standing=standing,
            may_answer=is_own and standing != "accepted" and self.viewer.can("quota.answer"),
            may_settle=not is_own and can_for(self.viewer, "quota.settle", letter.participant_id),
            answer_form=LetterAnswerForm(),
            settle_form=LetterSettleForm(),
            **kwargs,
        )


class LetterAnswer(PageMixin, View):
    """Keeps the person's own answer."""

    actions = {"POST": "quota.answer"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        accepts = request.POST.get("do") == "accept"
        try:
            letter_answer(letter_id=pk, is_accepted=accepts, reason=request.POST.get("reason", ""), actor=self.viewer)
            messages.success(request, _("You accepted your quotas.") if accepts else _("Your wish was passed on."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("planning:quota_letter", pk)


class LetterSettle(PageMixin, View):
    """Keeps an answer to what somebody asked."""

    actions = {"POST": "quota.settle"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            letter_settle(
                letter_id=pk, step=request.POST.get("do", ""), text=request.POST.get("text", ""), actor=self.viewer
            )
            messages.success(request, _("Your answer was sent."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("planning:quota_letter", pk)
