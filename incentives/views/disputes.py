"""Pages of disputes: the inbox, raising one from a statement line, one dispute, its files, its causes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from incentives.forms.disputes import AssignForm, DaysForm, DecideForm, DisputeFilterForm, FixForm, RaiseForm, SayForm
from incentives.models import Dispute, DisputeState, Statement
from incentives.selectors.dispute_causes import dispute_causes, dispute_periods, dispute_total
from incentives.selectors.disputes import (
    DisputedLine,
    DisputeFilter,
    adjustments_for,
    age_days,
    answerers,
    credits_for,
    days_to_answer,
    dispute_events,
    dispute_file,
    dispute_list,
    dispute_open_of,
    dispute_since,
    disputed_line,
    fixes_posted,
    is_raising_side,
    may_answer,
)
from incentives.selectors.statements import statement_periods, statement_rows
from incentives.services.disputes import Doubt, days_choose, dispute_raise
from spm.core.money import to_major
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, can_for, require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

COLUMNS = (
    "Number", "Person", "Period", "Line", "State", "Reason", "Root cause", "Earned", "Claimed", "Currency", "Raised by", "Raised on",
    "Due on", "Overdue", "Age in days", "Who answers", "Closed on",
)  # fmt: skip
CAUSE_COLUMNS = (
    "Cause", "Disputes", "Not closed", "Overdue", "Accepted", "Rejected", "Withdrawn", "Median days", "In dispute", "Currency",
)  # fmt: skip


def _filtered(request: HttpRequest, viewer: Viewer) -> tuple[DisputeFilterForm, Any]:
    values = request.GET.copy()
    if not values and viewer.can("dispute.answer"):
        values["state"] = "live"
    form = DisputeFilterForm(values, people=answerers(viewer.on))
    given = form.cleaned_data if form.is_valid() else {}
    asked = DisputeFilter(
        state=given.get("state", ""),
        assignee=given.get("assignee", ""),
        reason=given.get("reason", ""),
        is_overdue=given.get("overdue") == "yes",
        older_than=given.get("older"),
        query=given.get("q", ""),
    )
    return form, dispute_list(viewer, asked)


class DisputeListPage(PageMixin, TemplateView):
    """The disputes within reach: a rep's own, everybody else's as an inbox with filters."""

    template_name = "incentives/dispute_list.html"
    actions = {"GET": "dispute.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, rows = _filtered(self.request, self.viewer)
        page = Paginator(rows, 50).get_page(self.request.GET.get("page"))
        may_choose = can_for(self.viewer, "dispute.answer", None)
        return super().get_context_data(
            form=form,
            page=page,
            table=[(one, age_days(one, self.viewer.on)) for one in page],
            total=dispute_total(self.viewer),
            is_own=self.viewer.reach is Reach.SELF,
            has_filter=bool(self.request.GET),
            days_form=DaysForm(initial={"days_to_answer": days_to_answer()}) if may_choose else None,
            **kwargs,
        )


class DisputeExport(PageMixin, View):
    """The list as a file, as filtered."""

    actions = {"GET": "dispute.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        rows = [
            (
                one.number, one.participant.name, one.period.key, one.label, one.get_state_display(), one.get_reason_display(),
                one.get_cause_display(), to_major(one.earned_minor, one.currency),
                None if one.claimed_minor is None else to_major(one.claimed_minor, one.currency), one.currency, one.raised_by_name,
                one.raised_on, one.due_on, "yes" if one.is_overdue else "no", age_days(one, self.viewer.on), one.assignee_name,
                one.closed_on,
            )
            for one in _filtered(request, self.viewer)[1]
        ]  # fmt: skip
        return table_download(rows, COLUMNS, name="disputes", form=form)


class DisputeNewPage(PageMixin, FormView):
    """Raises a dispute from a line of a statement; where the line is disputed already, leads to that dispute."""

    template_name = "incentives/dispute_new.html"
    form_class = RaiseForm
    actions = {"GET": "dispute.raise", "POST": "dispute.raise"}

    def _line(self) -> tuple[Statement, DisputedLine]:
        statement = get_object_or_404(statement_rows(self.viewer), pk=self.kwargs["pk"])
        line = disputed_line(statement, self.kwargs["section"], self.kwargs["place"])
        if line is None:
            raise Http404
        return statement, line

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the open dispute of the line, where there is one."""
        return self._led_to_open() or super().get(request, *args, **kwargs)

    def _led_to_open(self) -> HttpResponse | None:
        other = dispute_open_of(*self._line())
        if other is None:
            return None
        messages.info(self.request, _("This line is in dispute already. Add to it here."))
        return redirect("incentives:dispute_detail", other.pk)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"currency": self._line()[0].currency}

    def get_initial(self) -> dict[str, Any]:
        return {"deal": self.request.GET.get("deal", "")[:200]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement, line = self._line()
        return super().get_context_data(statement=statement, line=line, days=days_to_answer(), **kwargs)

    def form_valid(self, form: RaiseForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            dispute = dispute_raise(
                statement_id=self.kwargs["pk"],
                section=self.kwargs["section"],
                place=self.kwargs["place"],
                doubt=Doubt(given["reason"], given["claimed_minor"], given["deal"]),
                said=form.said(),
                actor=self.viewer,
            )
        except ValidationError as error:
            led = self._led_to_open()
            if led is not None:
                return led
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("It was raised. You are told when it is answered."))
        return redirect("incentives:dispute_detail", dispute.pk)

    def form_invalid(self, form: RaiseForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class DisputePage(PageMixin, TemplateView):
    """One dispute: the line as it was shown, what was said, what was decided, what mended it, and what one may do next."""

    template_name = "incentives/dispute_detail.html"
    actions = {"GET": "dispute.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give what the page shows; `refused` is a form that was sent in vain, with the name of its place."""
        dispute = get_object_or_404(dispute_list(self.viewer), pk=self.kwargs["pk"])
        events = list(dispute_events(dispute))
        slot, form = kwargs.pop("refused", ("", None))
        offered = self._forms(dispute)
        if slot in offered:
            offered[slot] = form
        return super().get_context_data(
            dispute=dispute,
            age=age_days(dispute, self.viewer.on),
            events=events,
            posted={batch for batch, is_posted in fixes_posted(self.viewer, events).items() if is_posted},
            since=dispute_since(self.viewer, dispute),
            refused=form,
            lost_text=form.data.get("text", "") if form is not None and slot not in offered else "",
            **offered,
            **kwargs,
        )

    def _forms(self, dispute: Dispute) -> dict[str, Any]:
        is_answering, is_side = may_answer(self.viewer, dispute), is_raising_side(self.viewer, dispute)
        found: dict[str, Any] = {"may_answer": is_answering, "is_side": is_side}
        if is_side:
            found["say_form"] = SayForm(auto_id="say_%s")
        if is_answering and (dispute.is_live or dispute.state == DisputeState.ACCEPTED):
            found |= answer_forms(self.viewer, dispute)
        return found


def answer_forms(viewer: Viewer, dispute: Dispute, data: Any = None, files: Any = None) -> dict[str, Any]:
    """Give the forms of who answers a dispute."""
    choices: dict[str, Any] = {
        "currency": dispute.currency,
        "adjustments": adjustments_for(viewer, dispute),
        "credits": credits_for(viewer, dispute),
    }
    if dispute.state == DisputeState.ACCEPTED:
        return {"fix_form": FixForm(data, files, auto_id="fix_%s", **choices)}
    return {
        "answer_form": SayForm(auto_id="answer_%s"),
        "decide_form": DecideForm(data, files, auto_id="decide_%s", initial={"cause": dispute.reason}, **choices),
        "assign_form": AssignForm(
            initial={"assignee": dispute.assignee_id}, people=answerers(viewer.on, about=dispute)
        ),
    }


class DisputeFile(PageMixin, View):
    """The file of a step of a dispute, always as a download."""

    actions = {"GET": "dispute.view"}

    def get(self, request: HttpRequest, pk: UUID, event: UUID) -> HttpResponse:
        found = dispute_file(self.viewer, pk, event)
        if found is None:
            raise Http404
        response = HttpResponse(bytes(found.content), content_type="application/octet-stream")
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.file_name) or ""
        return response


class DisputeDays(PageMixin, View):
    """Chooses how soon disputes are answered."""

    actions = {"POST": "dispute.answer"}

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DaysForm(request.POST)
        if form.is_valid():
            days_choose(days=form.cleaned_data["days_to_answer"], actor=self.viewer)
            messages.success(request, _("It holds for what is raised from now on."))
        else:
            messages.error(request, _("An answer takes between 1 and 90 days. Choose a number of days."))
        return redirect("incentives:dispute_list")


class DisputeCausesPage(PageMixin, TemplateView):
    """Why statements are disputed, by cause and by period."""

    template_name = "incentives/dispute_causes.html"
    actions = {"GET": "dispute.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("period", "")[:100]
        causes = dispute_causes(self.viewer, period_key=asked)
        chart = {
            "categories": [row.label for row in causes],
            "series": [
                {"name": _("Accepted"), "values": [row.accepted for row in causes]},
                {"name": _("Rejected"), "values": [row.rejected for row in causes]},
                {"name": _("Withdrawn"), "values": [row.withdrawn for row in causes]},
                {"name": _("Not closed"), "values": [row.live for row in causes]},
            ],
            "unit": "count",
        }
        return super().get_context_data(
            causes=causes,
            by_period=dispute_periods(self.viewer),
            total=dispute_total(self.viewer, period_key=asked),
            chart=chart,
            asked=asked,
            periods=[one.key for one in statement_periods(self.viewer)],
            **kwargs,
        )


class DisputeCausesExport(PageMixin, View):
    """The causes as a file: a line per cause and currency."""

    actions = {"GET": "dispute.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        rows = []
        for row in dispute_causes(self.viewer, period_key=request.GET.get("period", "")[:100]):
            counts = (row.label, row.count, row.live, row.overdue, row.accepted, row.rejected, row.withdrawn)
            amounts: list[tuple[object, str]] = [
                (to_major(one.amount_minor, one.currency), one.currency) for one in row.amounts
            ]
            rows += [(*counts, row.median_days, *one) for one in amounts or [(None, "")]]
        return table_download(rows, CAUSE_COLUMNS, name="dispute-causes", form=form)
