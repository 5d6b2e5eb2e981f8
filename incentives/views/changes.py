"""Pages that say why a figure is not what an earlier run of its period found."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from incentives.models import Statement
from incentives.selectors.causes import (
    Explained,
    Moved,
    line_changes,
    lines_beside,
    prior_changes,
    run_chosen,
    run_explain,
    runs_before,
    runs_moved,
)
from incentives.selectors.lines import Line
from incentives.selectors.runs import run_get, run_list
from incentives.selectors.standing import runs_uncalculated
from incentives.selectors.statements import statement_rows
from incentives.selectors.why import line_get
from spm.web.views import PageMixin


class StatementChangesPage(PageMixin, TemplateView):
    """Why a line changed since an earlier run: each changed input and what it moved; a part of the statement for htmx."""

    actions = {"GET": "statement.view"}

    def get_template_names(self) -> list[str]:
        return ["incentives/_line_causes.html" if self.request.htmx else "incentives/statement_changes.html"]  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement = get_object_or_404(statement_rows(self.viewer), pk=self.kwargs["pk"])
        line = line_get(statement, self.kwargs["place"])
        if line is None:
            raise Http404
        found, refused = None, ""
        try:
            found = line_changes(self.viewer, statement, line, since=self.request.GET.get("since", ""))
        except ValueError as fault:
            refused = str(fault)
        return super().get_context_data(
            statement=statement,
            line=line,
            found=found,
            refused=refused,
            earlier=runs_before(found.later) if found else [],
            beside=self._beside(found, statement, line) if found else [],
            **kwargs,
        )

    def _beside(self, found: Explained, statement: Statement, line: Line) -> list[Moved]:
        mine = (line.plan_id, line.component)
        return lines_beside(self.viewer, found, participant_id=statement.participant_id, without=mine)


class PriorChangesPage(PageMixin, TemplateView):
    """Why an earlier period pays otherwise than its closed books say: each changed input and what it moved."""

    template_name = "incentives/statement_prior.html"
    actions = {"GET": "statement.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement = get_object_or_404(statement_rows(self.viewer), pk=self.kwargs["pk"])
        lines = statement.content.get("prior", [])
        number = self.kwargs["number"]
        if not 1 <= number <= len(lines):
            raise Http404
        line, since = lines[number - 1], self.request.GET.get("since", "")
        found, refused = None, ""
        try:
            found = prior_changes(self.viewer, statement, line, since=since)
        except ValueError as fault:
            refused = str(fault)
        amounts = {name: line[name] for name in ("before_minor", "after_minor", "difference_minor")}
        if found and since:
            amounts = {name: getattr(found, name) for name in amounts}
        return super().get_context_data(
            statement=statement, line=line, amounts=amounts, found=found, refused=refused, **kwargs
        )


class RunChangesPage(PageMixin, TemplateView):
    """What a run pays otherwise than an earlier one: by cause, and by person."""

    template_name = "incentives/run_changes.html"
    actions = {"GET": "run.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = get_object_or_404(run_list(self.viewer).select_related("period"), pk=self.kwargs["pk"])
        earlier = run_chosen(run, self.request.GET.get("since", ""))
        moved = runs_moved(self.viewer, earlier, run) if earlier else []
        explained, refused = [], ""
        try:
            if earlier is not None:
                currencies = [total.currency for total in run_get(self.viewer, run).totals]
                explained = [(each, run_explain(self.viewer, earlier, run, currency=each)) for each in currencies]
        except ValueError as fault:
            refused = str(fault)
        return super().get_context_data(
            run=run,
            since=earlier,
            earlier=runs_before(run),
            explained=explained,
            uncalculated=runs_uncalculated(self.viewer, earlier, run) if earlier else [],
            refused=refused,
            page=Paginator(moved, 50).get_page(self.request.GET.get("page")),
            **kwargs,
        )
