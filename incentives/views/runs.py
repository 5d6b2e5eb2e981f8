"""Pages of runs and journals."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from incentives.forms.filters import RunStartForm
from incentives.selectors.causes import biggest_changes
from incentives.selectors.chain import journal_verify
from incentives.selectors.ledger import journal_entries, journal_list
from incentives.selectors.periods import periods_locked
from incentives.selectors.runs import period_states, periods_startable, run_get, run_list
from incentives.services.starting import run_start
from spm.core.money import to_major
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class RunListPage(PageMixin, TemplateView):
    """The open periods with their state, and every run."""

    template_name = "incentives/run_list.html"
    actions = {"GET": "run.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(run_list(self.viewer), 50).get_page(self.request.GET.get("page"))
        states = period_states(self.viewer, on=self.viewer.on)
        periods = periods_startable(on=self.viewer.on)
        return super().get_context_data(
            page=page,
            states=states,
            shut=periods_locked(state.period.pk for state in states),
            waiting=[state for state in states if state.stale or state.run is None],
            may_see_journals=self.viewer.can("ledger.view"),
            form=RunStartForm(periods=periods) if self.viewer.can("run.start") and periods else None,
            **kwargs,
        )


class RunStart(PageMixin, View):
    """Starts a run of one period as a job."""

    actions = {"POST": "run.start"}

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RunStartForm(request.POST, periods=periods_startable(on=self.viewer.on))
        if not form.is_valid():
            messages.error(
                request, _("No run was started: choose a period that has begun and that a published plan pays.")
            )
            return redirect("incentives:run_list")
        job = run_start(period_id=UUID(form.cleaned_data["period"]), actor=self.viewer)
        messages.success(request, _("The run is on its way."))
        return redirect(_job_url(job.pk))


def _job_url(job_id: UUID) -> str:
    """Where the job's progress is shown; the list of runs where that page is not there."""
    try:
        return reverse("jobs:job_detail", args=[job_id])
    except NoReverseMatch:
        return reverse("incentives:run_list")


class RunPage(PageMixin, TemplateView):
    """One run: what it read, what it found, what it posted, whether it is stale."""

    template_name = "incentives/run_detail.html"
    actions = {"GET": "run.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = get_object_or_404(run_list(self.viewer), pk=self.kwargs["pk"])
        detail = run_get(self.viewer, run)
        findings = Paginator(run.findings, 50).get_page(self.request.GET.get("page"))
        may_see_journals = self.viewer.can("ledger.view")
        return super().get_context_data(
            run=run,
            detail=detail,
            findings=findings,
            may_see_journals=may_see_journals,
            moved=biggest_changes(self.viewer, run),
            **kwargs,
        )


class JournalListPage(PageMixin, TemplateView):
    """Every journal, latest first, and whether the chain holds."""

    template_name = "incentives/journal_list.html"
    actions = {"GET": "ledger.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(journal_list(self.viewer), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, **kwargs)


class JournalPage(PageMixin, TemplateView):
    """One journal with its legs."""

    template_name = "incentives/journal_detail.html"
    actions = {"GET": "ledger.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        journal = get_object_or_404(journal_list(self.viewer), pk=self.kwargs["pk"])
        page = Paginator(journal_entries(self.viewer, journal), 100).get_page(self.request.GET.get("page"))
        is_intact = journal_verify(journal)
        return super().get_context_data(journal=journal, page=page, is_intact=is_intact, **kwargs)


class JournalExport(PageMixin, View):
    """A journal's legs as a file."""

    actions = {"GET": "ledger.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        journal = get_object_or_404(journal_list(self.viewer), pk=pk)
        rows = [
            (
                journal.number,
                journal.get_kind_display(),
                entry.participant.name,
                entry.component,
                entry.get_account_display(),
                to_major(entry.amount_minor, entry.currency),
                entry.currency,
            )
            for entry in journal_entries(self.viewer, journal)
        ]
        columns = ("Journal", "Kind", "Person", "Component", "Account", "Amount", "Currency")
        return table_download(rows, columns, name=f"journal-{journal.number}", form=form)
