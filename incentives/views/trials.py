"""The page of what-if: a version beside the live plan over chosen periods. Reading it writes nothing; a long one becomes a job."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from incentives.forms.trials import TrialForm
from incentives.models import PlanVersion
from incentives.selectors.plans import plan_rows, version_rows
from incentives.selectors.previews import preview_start
from incentives.selectors.trial_sums import PERCENTILES, Compared, TrialSum, people_sorted, person_rows, trial_sum
from incentives.selectors.trials import (
    PeriodTrial,
    is_long,
    trial_get,
    trial_job,
    trial_parts,
    trial_periods,
)
from incentives.services.trials import trial_start
from spm.core.money import RATE_SCALE, minor_digits, to_major
from spm.jobs.models import Job
from spm.jobs.selectors import job_progress
from spm.roles.policy import Viewer, require
from spm.web.downloads import table_download
from spm.web.templatetags.figures import money_text
from spm.web.views import PageMixin

COLUMNS = ("Person", "Live plan", "Draft", "Difference", "Change", "Currency", "Why unknown")
CHOSEN = 4


class _Trial:
    """What a request asks to be tried, and what came of it: parts, a job that is under way, or why not."""

    def __init__(self, request: HttpRequest, viewer: Viewer, version: PlanVersion) -> None:
        self.version, self.viewer = version, viewer
        self.job = _job(request, viewer, version)
        periods = trial_periods(version, now_on=viewer.on)
        plans = list(plan_rows(viewer).order_by("name"))
        given = _given(request, self.job)
        begun = [one for one in periods if one.during.lower <= viewer.on]
        first, people = preview_start(viewer, version.plan, begun)
        keys = [str(one.pk) for one in begun]
        start = keys.index(str(first)) if first is not None else 0
        initial = {"period": keys[start : start + CHOSEN], "plan": str(people)}
        self.form = TrialForm(given or None, initial=initial, periods=periods, plans=plans)
        self.plans = {one.id: one for one in plans}
        self.parts: list[PeriodTrial] | None = None
        self.refused, self.needs_job = "", False
        if self.form.is_bound and self.form.is_valid():
            self._try()

    def _try(self) -> None:
        question = self.form.question(self.version)
        if self.job is not None:
            self.parts = trial_parts(self.viewer, self.job)
        elif is_long(question):
            self.needs_job = True
        else:
            try:
                self.parts = trial_get(self.viewer, self.version, question, now=timezone.now())
            except ValueError as refusal:
                self.refused = str(refusal)

    @property
    def total(self) -> TrialSum | None:
        """The trial summed up, once it is there."""
        if self.parts is None:
            return None
        values = self.form.cleaned_data
        digits = minor_digits(str(self.version.definition["currency"]))
        budget = None if values["budget"] is None else int(values["budget"].scaleb(digits))
        return trial_sum(self.version, self.plans[UUID(values["plan"])], self.parts, budget=budget)


def _job(request: HttpRequest, viewer: Viewer, version: PlanVersion) -> Job | None:
    try:
        return trial_job(viewer, version, UUID(request.GET.get("job", "")))
    except ValueError:
        return None


def _given(request: HttpRequest, job: Job | None) -> Any:
    """The answers of the form: from the address, or of the job that is shown."""
    if job is None:
        return request.GET if request.GET.get("period") else None
    asked = job.arguments
    return {
        "period": asked["periods"],
        "plan": asked["plan"],
        "pipeline": asked["pipeline"],
        "quota": asked["quota_percent"],
        "years": asked["years"],
        "seed": asked["seed"],
        "budget": request.GET.get("budget", ""),
    }


class PlanTrialPage(PageMixin, TemplateView):
    """What a version would pay beside the live plan: totals, spread of the cost, winners and losers, each person."""

    template_name = "incentives/plan_trial.html"
    actions = {"GET": "whatif.view", "POST": "whatif.start"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = get_object_or_404(version_rows(self.viewer), pk=self.kwargs["pk"])
        trial = _Trial(self.request, self.viewer, version)
        total = trial.total
        people = people_sorted(total.people, self.request.GET.get("sort", "")) if total else []
        return super().get_context_data(
            version=version,
            plan=version.plan,
            trial=trial,
            total=total,
            page=Paginator(people, 50).get_page(self.request.GET.get("page")),
            chart=_chart(total),
            spread_rows=_spread_rows(total) if total else [],
            tables=_tables(total) if total else [],
            person=_person(self.request, total, trial.parts),
            progress=job_progress(trial.job, now=timezone.now()) if trial.job and trial.parts is None else None,
            may_start=self.viewer.can("whatif.start"),
            may_see_jobs=self.viewer.can("job.view"),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Start the trial as a job."""
        version = get_object_or_404(version_rows(self.viewer), pk=pk)
        periods = trial_periods(version, now_on=self.viewer.on)
        form = TrialForm(request.POST, periods=periods, plans=list(plan_rows(self.viewer)))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(errors=form.errors), status=400)
        job = trial_start(question=form.question(version), actor=self.viewer)
        budget = f"&budget={form.cleaned_data['budget']}" if form.cleaned_data["budget"] is not None else ""
        return redirect(f"{reverse('incentives:plan_whatif', args=[pk])}?job={job.pk}{budget}")


def _tables(total: TrialSum) -> list[tuple[str, str, tuple[Compared, ...]]]:
    return [
        (_("By component"), _("Component"), total.components),
        (_("By period"), _("Period"), total.periods),
    ]


def _spread_rows(total: TrialSum) -> list[tuple[str, list[tuple[int | None, str]]]]:
    """The mean and the percentiles of the drawn costs, a column for each plan with why it is unknown."""
    rows = [(_("Mean"), [(each.mean_minor, each.why_unknown) for each in total.spreads])]
    drawn = [(dict(each.percentiles), each.why_unknown) for each in total.spreads]
    for percent in PERCENTILES:
        label = _("%(percent)s %% cost at most") % {"percent": percent}
        rows.append((label, [(known.get(percent), why) for known, why in drawn]))
    return rows


def _chart(total: TrialSum | None) -> dict[str, Any] | None:
    if total is None or total.chart is None:
        return None
    edges = [money_text(edge, total.currency, whole=True) for edge in total.chart["edges"]]
    labels = {"category": _("Cost from")}
    names = {"Live plan": _("Live plan"), "Draft": _("This version")}
    series = [{**each, "name": names[each["name"]]} for each in total.chart["series"]]
    return {"categories": edges, "series": series, "unit": "count", "labels": labels}


def _person(
    request: HttpRequest, total: TrialSum | None, parts: Sequence[PeriodTrial] | None
) -> tuple[Compared, list[tuple[str, Compared]]] | None:
    """The person whose lines are asked for."""
    asked = request.GET.get("person", "")
    found = next((one for one in total.people if one.key == asked), None) if total else None
    if total is None or found is None:
        return None
    names = {one.key: one.name for one in total.components}
    return found, person_rows(parts or [], UUID(asked), names)


class PlanTrialExport(PageMixin, View):
    """Winners and losers as a file."""

    actions = {"GET": "whatif.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        version = get_object_or_404(version_rows(self.viewer), pk=pk)
        total = _Trial(request, self.viewer, version).total
        people = people_sorted(total.people, request.GET.get("sort", "")) if total else []
        currency = total.currency if total else ""
        rows = [
            (
                one.name,
                None if one.before_minor is None else to_major(one.before_minor, currency),
                None if one.after_minor is None else to_major(one.after_minor, currency),
                None if one.difference_minor is None else to_major(one.difference_minor, currency),
                None if one.change_rate is None else one.change_rate / to_major(RATE_SCALE, "JPY"),
                currency,
                one.why_unknown,
            )
            for one in people
        ]
        return table_download(rows, COLUMNS, name=f"what-if-{version.plan.code}-{version.number}", form=form)
