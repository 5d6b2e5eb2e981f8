"""Pages of a quota plan beside its sheet: one seat with history and relief, and what to look at before publishing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from planning.engine.expecting import band_names
from planning.forms.quota_plans import LettersForm, ReliefForm
from planning.models import QuotaPlan, QuotaPlanState, QuotaRelief, QuotaSeat
from planning.selectors.quota_plans import plan_history, plan_sheet
from planning.selectors.quota_reviews import plan_review
from planning.services.quota_letters import letters_send
from planning.services.quota_publishing import quota_plan_ask, quota_plan_publish
from planning.services.quota_seats import ReliefWish, relief_add, relief_remove
from spm.approvals.selectors import approval_latest, is_single_operator
from spm.web.views import PageMixin


class QuotaPlanReviewPage(PageMixin, TemplateView):
    """What to look at before publishing, and the way to it: ask, publish, send letters."""

    template_name = "planning/quota_plan_review.html"
    actions = {"GET": "cascade.view", "POST": "cascade.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = QuotaPlan.objects.select_related("calendar").get(pk=self.kwargs["pk"])
        review = plan_review(plan)
        bands = [
            {"name": name, "before": before, "expected": expected}
            for name, before, expected in zip(band_names(), review.before.counts, review.expected.counts, strict=True)
        ]
        return super().get_context_data(
            plan=plan,
            review=review,
            sheet=review.sheet,
            bands=bands,
            over=_rate(review.expected.over),
            over_before=_rate(review.before.over),
            asked=approval_latest("quota_plan", plan.pk),
            alone=is_single_operator(self.viewer),
            letters_form=LettersForm(),
            may_edit=self.viewer.can("cascade.edit"),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        QuotaPlan.objects.get(pk=pk)
        try:
            self._done(request, pk)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=error.messages), status=409)
        return redirect("planning:quota_plan_review", pk)

    def _done(self, request: HttpRequest, pk: UUID) -> None:
        asked = request.POST.get("do", "")
        if asked == "ask":
            quota_plan_ask(plan_id=pk, reason=request.POST.get("reason", ""), actor=self.viewer)
            messages.success(request, _("The plan was sent for approval."))
        elif asked == "publish":
            change = quota_plan_publish(plan_id=pk, actor=self.viewer)
            count = change.created + change.updated
            said = ngettext("Published: %(n)s quota was written.", "Published: %(n)s quotas were written.", count)
            messages.success(request, said % {"n": count})
        elif asked == "letters":
            form = LettersForm(request.POST)
            if not form.is_valid():
                raise ValidationError(_("Choose a day until when the letters are to be answered, or none."))
            count = letters_send(plan_id=pk, due_on=form.cleaned_data["due_on"], actor=self.viewer)
            said = ngettext("%(n)s letter was sent.", "%(n)s letters were sent.", count) % {"n": count}
            messages.success(request, said if count else _("Everybody has their letter already."))
        else:
            raise BadRequest(_("Say what to do: ask, publish or letters."))


class QuotaSeatPage(PageMixin, FormView):
    """One seat of a plan: the history of every value, and its relief."""

    template_name = "planning/quota_seat.html"
    form_class = ReliefForm
    actions = {"GET": "cascade.view", "POST": "cascade.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"currency": self._seat().plan.currency}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seat = self._seat()
        sheet = plan_sheet(seat.plan)
        row = next(one for one in sheet.rows if one.seat.pk == seat.pk)
        may_edit = self.viewer.can("cascade.edit") and seat.plan.state == QuotaPlanState.DRAFT
        return super().get_context_data(
            plan=seat.plan,
            row=row,
            cells=list(zip(sheet.periods, row.cells, strict=True)),
            history=plan_history(seat.plan, seat.pk),
            may_edit=may_edit,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add relief, or take one back."""
        if "remove" not in request.POST:
            return super().post(request, *args, **kwargs)
        reliefs: QuerySet[QuotaRelief] = QuotaRelief.objects.filter(seat=self._seat())
        try:
            relief = get_object_or_404(reliefs, pk=UUID(hex=request.POST["remove"]))
            relief_remove(relief_id=relief.pk, actor=self.viewer)
        except ValueError as error:
            raise BadRequest(_("Say which relief is to be taken back.")) from error
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect(request.get_full_path())

    def form_valid(self, form: ReliefForm) -> HttpResponse:
        given = form.cleaned_data
        wish = ReliefWish(
            given["kind"], given["start"], given["until"], given["reason"], int(given["rate"] * 10**6), given["amount"]
        )
        try:
            relief_add(seat_id=self._seat().pk, wish=wish, actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return redirect(self.request.get_full_path())

    def _seat(self) -> QuotaSeat:
        return QuotaSeat.objects.select_related("plan__calendar", "position").get(
            pk=self.kwargs["seat"], plan=self.kwargs["pk"]
        )


def _rate(share: Any) -> int | None:
    return None if share is None else int(share * 10**8)
