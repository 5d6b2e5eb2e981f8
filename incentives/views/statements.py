"""Pages of statements: the list, one statement, the why of a line."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from incentives.forms.filters import StatementFilterForm
from incentives.models import Statement
from incentives.selectors.deal_why import statement_deal_why
from incentives.selectors.disputes import statement_flags, statements_in_dispute
from incentives.selectors.lines import Line, lines_of_many, pace_rate
from incentives.selectors.paid_in import paid_in_of
from incentives.selectors.rates import Converted
from incentives.selectors.statements import (
    period_current,
    statement_get,
    statement_known_on,
    statement_list,
    statement_periods,
    statement_rows,
    statement_totals,
    unplanned_words,
    with_states,
)
from incentives.selectors.why import line_get, statement_line_brought, statement_line_steps, statement_line_why
from spm.core.dated import day_read
from spm.core.money import RATE_SCALE, to_major
from spm.crm.exports import Cell
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

SORTS = {
    "person": ("participant__name", "-period__during"),
    "period": ("period__during", "participant__name"),
    "credit": ("credit_minor", "participant__name"),
    "earned": ("earned_minor", "participant__name"),
    "eligible": ("eligible_now_minor", "participant__name"),
    "paid": ("paid_now_minor", "participant__name"),
    "payable": ("payable_now_minor", "participant__name"),
}
COLUMNS = (
    "Person", "Period", "Currency", "Credit", "Quota", "Attainment", "Earned", "Payable", "Version", "Issued",
    "Waits or held", "Eligible", "Carried", "Paid",
)  # fmt: skip


def _sorted(request: HttpRequest, rows: Any) -> Any:
    chosen = request.GET.get("sort", "")
    keys = SORTS.get(chosen.removeprefix("-"))
    if keys is None:
        return rows
    first = keys[0] if not chosen.startswith("-") else f"-{keys[0]}"
    return rows.order_by(first, keys[1], "pk")


def _main(lines: tuple[Line, ...]) -> Line | None:
    return next((line for line in lines if line.quota_minor is not None), lines[0] if lines else None)


class StatementListPage(PageMixin, TemplateView):
    """Statements within reach: a rep's own by period, everybody else's as a table with filters."""

    template_name = "incentives/statement_list.html"
    actions = {"GET": "statement.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        periods = statement_periods(self.viewer)
        form, rows = _filtered(self.request, self.viewer, periods)
        page = Paginator(_sorted(self.request, rows), 50).get_page(self.request.GET.get("page"))
        lines = lines_of_many(list(page.object_list))
        disputed = statements_in_dispute(self.viewer, list(page.object_list))
        table = [
            (
                one,
                _main(lines[one.id]),
                pace_rate(one.period.during.lower, one.period.during.upper, self.viewer.on),
                (one.participant_id, one.period_id, one.currency) in disputed,
            )
            for one in page
        ]
        return super().get_context_data(
            form=form,
            page=page,
            table=table,
            totals=statement_totals(rows),
            periods=periods,
            is_own=self.viewer.reach is Reach.SELF,
            has_filter=any(self.request.GET.get(name) for name in ("period", "q")),
            may_run=self.viewer.can("run.start"),
            may_take_papers=self.viewer.can("paper.view"),
            **kwargs,
        )


def _filtered(request: HttpRequest, viewer: Viewer, periods: list[Any]) -> tuple[StatementFilterForm, Any]:
    """The filter form and its rows; who sees others starts with the current period."""
    values = request.GET.copy()
    if "period" not in values and viewer.reach is not Reach.SELF:
        current = period_current(viewer) or (periods[0] if periods else None)
        if current is not None:
            values["period"] = str(current.id)
    form = StatementFilterForm(values, periods=periods)
    cleaned = form.cleaned_data if form.is_valid() else {}
    rows = statement_list(viewer, period_id=cleaned.get("period") or None, query=cleaned.get("q", ""))
    return form, with_states(rows)


class StatementExport(PageMixin, View):
    """The list as a file, as filtered."""

    actions = {"GET": "statement.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        _, rows = _filtered(request, self.viewer, statement_periods(self.viewer))
        return table_download(_export_rows(_sorted(request, rows)), COLUMNS, name="statements", form=form)


def _export_rows(rows: Any) -> Iterator[tuple[object, ...]]:
    statements = list(rows)
    lines = lines_of_many(statements)
    for one in statements:
        main = _main(lines[one.id])
        quota = main.quota_minor if main else None
        rate = main.attainment_rate if main else None
        yield (
            one.participant.name,
            one.period.key,
            one.currency,
            to_major(one.credit_minor, one.currency),
            None if quota is None else to_major(quota, one.currency),
            None if rate is None else to_major(0, "JPY") + rate / to_major(RATE_SCALE, "JPY"),
            to_major(one.earned_minor, one.currency),
            to_major(one.payable_now_minor, one.currency),
            one.number,
            timezone.localtime(one.issued_at).date(),
            *(
                to_major(minor, one.currency)
                for minor in (one.held_now_minor, one.eligible_now_minor, one.carried_now_minor, one.paid_now_minor)
            ),
        )


class StatementPage(PageMixin, TemplateView):
    """One statement: what was earned, against which quota, from which deals, and what changed."""

    template_name = "incentives/statement_detail.html"
    actions = {"GET": "statement.view"}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the version that stood on the day asked for with `on`."""
        day = day_read(request.GET.get("on", ""))
        if day is None:
            return super().get(request, *args, **kwargs)
        statement = get_object_or_404(statement_rows(self.viewer), pk=self.kwargs["pk"])
        found = statement_known_on(self.viewer, statement, day)
        if found is None:
            messages.error(request, _("No version had been issued by that day."))
        return redirect("incentives:statement_detail", (found or statement).pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement = get_object_or_404(statement_rows(self.viewer), pk=self.kwargs["pk"])
        detail = statement_get(self.viewer, statement)
        main = detail.main
        why = statement_line_why(statement, main, with_untaken=True) if main else None
        days = statement.period.during
        return super().get_context_data(
            statement=statement,
            detail=detail,
            main=main,
            deals=sorted(why.credits, key=lambda one: -one.earned_minor)[:8] if why else [],
            has_others=why is not None and why.has_others,
            flags=statement_flags(self.viewer, statement),
            unplanned="" if detail.lines else unplanned_words(statement),
            may_dispute=detail.is_latest and self.viewer.can("dispute.raise"),
            before_run=next((one.run_id for one in detail.versions if one.number == statement.number - 1), None),
            is_own=self.viewer.participant is not None and self.viewer.participant.id == statement.participant_id,
            pace=pace_rate(days.lower, days.upper, self.viewer.on) if detail.stands == "running" else None,
            **kwargs,
        )


class StatementLinePage(PageMixin, TemplateView):
    """The why of one line, to the cent: as a page, or as a part of the statement for htmx."""

    actions = {"GET": "statement.view"}

    def get_template_names(self) -> list[str]:
        return ["incentives/_line_why.html" if self.request.htmx else "incentives/statement_line.html"]  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement, line = _line(self.viewer, self.kwargs["pk"], self.kwargs["place"])
        why = statement_line_why(statement, line, with_untaken=True)
        page = Paginator(why.credits if why else [], 25).get_page(self.request.GET.get("page"))
        steps = statement_line_steps(statement, line, why)
        return super().get_context_data(
            statement=statement,
            line=line,
            why=why,
            steps=steps,
            brought=statement_line_brought(statement, line),
            conversions=paid_in_of(statement),
            page=page,
            may_dispute=self.viewer.can("dispute.raise"),
            **kwargs,
        )


def _line(viewer: Viewer, pk: Any, place: int) -> tuple[Statement, Line]:
    statement = get_object_or_404(statement_rows(viewer), pk=pk)
    line = line_get(statement, place)
    if line is None:
        raise Http404
    return statement, line


class StatementDealPage(PageMixin, TemplateView):
    """One credited deal of a line, down to the rows of the files that said it."""

    template_name = "incentives/statement_deal.html"
    actions = {"GET": "statement.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement, line = _line(self.viewer, self.kwargs["pk"], self.kwargs["place"])
        why = statement_deal_why(self.viewer, statement, line, self.kwargs["row"])
        if why is None:
            raise Http404
        may_see = self.viewer.can("quality.view")
        return super().get_context_data(statement=statement, line=line, why=why, may_see_uploads=may_see, **kwargs)


class StatementLineExport(PageMixin, View):
    """The deals behind a line as a file."""

    actions = {"GET": "statement.view"}

    def get(self, request: HttpRequest, pk: Any, place: int, form: str) -> HttpResponse:
        require(self.viewer, "export")
        statement, line = _line(self.viewer, pk, place)
        why = statement_line_why(statement, line)
        rows = [
            (
                one.source,
                one.source_key,
                one.account,
                one.product,
                one.credit_on,
                one.via or statement.participant.name,
                to_major(one.credit_minor, line.currency),
                to_major(one.earned_minor, line.currency),
                line.currency,
                *_stated(one.converted),
            )
            for one in (why.credits if why else ())
        ]
        columns = (
            "Source", "Deal", "Account", "Product", "Credited on", "Owner", "Credit", "Earned", "Currency",
            "Stated", "In currency", "Rate", "Rate of", "Rate from",
        )  # fmt: skip
        return table_download(rows, columns, name=f"statement-{statement.period.key}-{line.component}", form=form)


def _stated(one: Converted | None) -> tuple[Cell, ...]:
    """What a deal in another currency states, and the rate, its day and table; nothing for one in the plan's."""
    if one is None:
        return (None,) * 5
    return to_major(one.stated_minor, one.from_currency), one.from_currency, one.rate, one.rate_on, one.table_name
