"""Pages of jobs: what runs, what ran, what came of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from spm.jobs.models import Job, JobState
from spm.jobs.selectors import JobProgress, job_label, job_list, job_outcome, job_progress, job_steps, step_label
from spm.jobs.services import OPEN, job_cancel, job_retry, nightly_start
from spm.jobs.timetable import KINDS, NIGHTLY_AT
from spm.web.templatetags.figures import grouped
from spm.web.views import PageMixin


class JobListPage(PageMixin, TemplateView):
    """The jobs of the company, latest first; starts the nightly job by hand."""

    template_name = "jobs/job_list.html"
    actions = {"GET": "job.view", "POST": "job.start"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(self._jobs(), 50).get_page(self.request.GET.get("page"))
        now = timezone.now()
        rows = [(job, job_progress(job, now=now)) for job in page]
        return super().get_context_data(
            page=page,
            rows=rows,
            kinds=[(kind, job_label(kind)) for kind in KINDS],
            states=JobState.choices,
            chosen=self.request.GET,
            may_start=self.viewer.can("job.start"),
            nightly_at=NIGHTLY_AT,
            organisation=self.viewer.organisation,
            **kwargs,
        )

    def _jobs(self) -> QuerySet[Job]:
        wanted = {name: value for name in ("kind", "state") if (value := self.request.GET.get(name))}
        return job_list(self.viewer).filter(**wanted)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start today's nightly job, again if it has run."""
        job = nightly_start(on=self.viewer.on, again=True, actor=self.viewer)
        return redirect("jobs:job_detail", pk=job.pk)


class JobPage(PageMixin, TemplateView):
    """One job: progress, findings, outcome, steps, who asked."""

    template_name = "jobs/job_detail.html"
    actions = {"GET": "job.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job = get_object_or_404(job_list(self.viewer), pk=kwargs["pk"])
        steps = Paginator(job_steps(self.viewer, job), 100).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            job=job,
            progress=_progress(job),
            steps=steps,
            outcome=[(label, grouped(value) if isinstance(value, int) else value) for label, value in job_outcome(job)],
            done=[(step_label(step.name), step.done_at) for step in steps],
            may_start=_may_change(self, job),
            **kwargs,
        )


class JobProgressPart(PageMixin, View):
    """The progress alone, asked for every two seconds; reloads the page when the job has ended."""

    actions = {"GET": "job.view"}

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        job = get_object_or_404(job_list(self.viewer), pk=pk)
        values = {"job": job, "progress": _progress(job), "may_start": _may_change(self, job)}
        answer = render(request, "jobs/_progress.html", values)
        if job.state not in OPEN:
            answer["HX-Refresh"] = "true"
        return answer


class JobRetry(PageMixin, View):
    """Queues a failed or cancelled job again."""

    actions = {"POST": "job.start"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        job = get_object_or_404(job_list(self.viewer), pk=pk)
        if not job_retry(job, actor=self.viewer):
            messages.info(request, _("The job is already under way or done; there is nothing to try again."))
        return redirect("jobs:job_detail", pk=pk)


class JobCancel(PageMixin, View):
    """Stops a queued or running job."""

    actions = {"POST": "job.start"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        job = get_object_or_404(job_list(self.viewer), pk=pk)
        if job_cancel(job, actor=self.viewer):
            messages.success(request, _("Cancelled. Finished steps stay, the one under way is undone."))
        else:
            messages.info(request, _("The job had ended before it could be cancelled."))
        return redirect("jobs:job_detail", pk=pk)


def _progress(job: Job) -> JobProgress:
    return job_progress(job, now=timezone.now())


def _may_change(page: PageMixin, job: Job) -> bool:
    return page.viewer.can("job.start") and (job.kind not in KINDS or page.viewer.can(KINDS[job.kind].action))
