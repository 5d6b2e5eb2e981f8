"""Pages of periods: where each stands, one with its checks and history, and its steps."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import DateField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from incentives.forms.periods import PayCalendarForm
from incentives.selectors.bridge import bridges_of
from incentives.selectors.carried import books_after, left_totals
from incentives.selectors.company_currency import company_totals
from incentives.selectors.ledger_exports import last_day
from incentives.selectors.payers import payer_obstacle, payers_after
from incentives.selectors.period_checks import period_checks, questions_of
from incentives.selectors.periods import (
    KIND,
    REOPENING,
    Total,
    books_by_plan,
    books_get,
    books_list,
    books_sums,
    books_totals,
    is_paid_elsewhere,
    pay_calendar_list,
    payout_waiting,
    step_list,
)
from incentives.services import periods as steps
from incentives.services.calendars import pay_calendar_set
from planning.selectors import period_list
from spm.approvals.selectors import approval_obstacle, approval_open
from spm.core.money import to_major
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class PeriodListPage(PageMixin, TemplateView):
    """The pay periods with their state and what their books hold."""

    template_name = "incentives/period_list.html"
    actions = {"GET": "period.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            rows=[(one, questions_of(one)) for one in books_list(self.viewer)],
            calendars=pay_calendar_list(),
            form=PayCalendarForm() if self.viewer.can("period.close") else None,
            **kwargs,
        )


class PeriodListExport(PageMixin, View):
    """The same as a file."""

    actions = {"GET": "period.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        columns = (
            "Period", "Calendar", "State", "Currency", "Earned", "Waiting", "Held", "Payable", "Paid", "Other", "Carried",
            "Eligible",
        )  # fmt: skip
        rows = [
            (one.period.key, one.period.calendar.name, one.state.label, total.currency, *_major(total))
            for one in books_list(self.viewer)
            for total in one.totals
        ]
        return table_download(rows, columns, name="periods", form=form)


def _major(total: Total) -> list[Any]:
    return [to_major(each, total.currency) for each in (*total[2:], total.eligible_minor)]


class PayCalendarSet(PageMixin, View):
    """Says in which calendar the periods of another are paid."""

    actions = {"POST": "period.close"}

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PayCalendarForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Nothing was changed: choose two calendars."))
            return redirect("incentives:period_list")
        values = form.cleaned_data
        pay_calendar_set(calendar_id=values["calendar"].pk, paid_in_id=values["paid_in"].pk, actor=self.viewer)
        messages.success(request, _("Kept. It counts from the next posting; what is posted stays where it is."))
        return redirect("incentives:period_list")


class PeriodPage(PageMixin, TemplateView):
    """One period: what to look at before it is closed, what it holds, its next step, its history."""

    template_name = "incentives/period_detail.html"
    actions = {"GET": "period.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period = get_object_or_404(period_list(), pk=self.kwargs["pk"])
        books, totals = books_get(period), books_totals(period.pk)
        sums = books_sums(totals)
        asked, reopening = approval_open(KIND, period.pk), approval_open(REOPENING, period.pk)
        checks = period_checks(books, self.viewer.on) if books.state in ("open", "calculating", "in_review") else []
        rights = ("close", "approve", "pay", "reopen")
        return super().get_context_data(
            books=books,
            totals=books_by_plan(totals),
            bridges=bridges_of(period),
            company=company_totals([(one.currency, one.earned_minor) for one in sums], last_day(period)),
            checks=checks,
            payout=payout_waiting() if books.state == "approved" else None,
            payer_obstacle=payer_obstacle(self.viewer, period, "period.pay") if books.state == "approved" else "",
            is_stopped=any(one.is_stop and not one.is_good for one in checks),
            steps=step_list(period.pk),
            path=[(state, state.label) for state in type(books.state)],
            asked=asked,
            obstacle=approval_obstacle(self.viewer, asked) if asked else "",
            reopening=reopening,
            reopening_obstacle=approval_obstacle(self.viewer, reopening) if reopening else "",
            payers=payers_after(self.viewer, period, "period.pay") if asked else None,
            has_begun=period.during.lower <= self.viewer.on,
            carries=left_totals(period) if books.state == "paid" else {},
            carries_to=books_after(period) if books.state == "paid" else None,
            paid_elsewhere=is_paid_elsewhere(period),
            sees_ledger=self.viewer.can("ledger.view"),
            sees_packs=self.viewer.can("pack.view"),
            may={name: self.viewer.can(f"period.{name}") for name in rights},
            **kwargs,
        )


class _PeriodStep(PageMixin, View):
    """Takes a step that the posted form names, and goes back to the period."""

    steps: dict[str, Callable[..., Any]] = {}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        period = get_object_or_404(period_list(), pk=pk)
        taken = self.steps.get(request.POST.get("step", ""))
        if taken is None:
            messages.error(request, _("Nothing was changed: this step is not known."))
            return redirect("incentives:period_detail", pk)
        try:
            step = taken(period.pk, self.viewer, request.POST.get("reason", ""), **self.more(request))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        except PermissionDenied as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("Done.") if step else _("Noted. Further people have to agree before the step is taken.")
            )
        return redirect("incentives:period_detail", pk)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        """Give what a step is told besides; raises ValidationError."""
        return {}


class PeriodClose(_PeriodStep):
    """Begins to close, sends for review, gives back, locks."""

    actions = {"POST": "period.close"}
    steps = {
        "calculate": lambda pk, actor, reason: steps.period_calculate(period_id=pk, actor=actor),
        "review": lambda pk, actor, reason: steps.period_review(period_id=pk, actor=actor),
        "return": lambda pk, actor, reason: steps.period_return(period_id=pk, reason=reason, actor=actor),
        "lock": lambda pk, actor, reason: steps.period_lock(period_id=pk, actor=actor),
    }


class PeriodApprove(_PeriodStep):
    """Approves, or gives back."""

    actions = {"POST": "period.approve"}
    steps = {
        "approve": lambda pk, actor, reason: steps.period_approve(period_id=pk, actor=actor, reason=reason),
        "return": lambda pk, actor, reason: steps.period_return(period_id=pk, reason=reason, actor=actor),
    }


class PeriodPay(_PeriodStep):
    """Confirms the payment."""

    actions = {"POST": "period.pay"}
    steps = {
        "pay": lambda pk, actor, reason, paid_on: steps.period_pay(
            period_id=pk, reference=reason, paid_on=paid_on, actor=actor
        )
    }

    def more(self, request: HttpRequest) -> dict[str, Any]:
        """Give the day of the payment; None where none is named."""
        return {"paid_on": DateField(required=False).clean(request.POST.get("paid_on", ""))}


class PeriodReopen(_PeriodStep):
    """Asks to reopen, and agrees as the second person."""

    actions = {"POST": "period.reopen"}
    steps = {
        "ask": lambda pk, actor, reason: steps.period_reopen_ask(period_id=pk, reason=reason, actor=actor),
        "reopen": lambda pk, actor, reason: steps.period_reopen(period_id=pk, actor=actor),
    }
