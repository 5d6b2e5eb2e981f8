"""What is kept of a plan version with the request to approve it: its text when it was asked, what it costs, how it could be gamed.

Everything is plain values, so that a decided request is read the same in years. Figures are whole minor units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from incentives.engine.compiling import compile_plan
from incentives.models import PlanAssignment, PlanState, PlanVersion, ReviewPart, Shown
from incentives.selectors.entering import before_version, entering_try
from incentives.selectors.lifecycle import VERSION, last_written, writers
from incentives.selectors.plans import version_preceding
from incentives.selectors.searching import search_all
from incentives.selectors.trial_sums import Compared, compared, compared_by, trial_sum
from incentives.selectors.trials import PeriodTrial, Question, period_try, trial_periods
from spm.approvals.models import ApprovalRequest
from spm.core.findings import Severity
from spm.jobs.models import Job, JobState
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id

RECENT = 4
"""Periods over which the cost is shown, the latest that have begun."""


NOBODY = (
    "Nobody is on this plan in the days of the version, so what it costs is not known. To see it, open the what-if and try the version in "
    "the place of the plan whose people it is meant for; or put them on this plan from the version's first day, and send it again."
)


@dataclass(frozen=True)
class CostPart:
    """A version tried on one period, and the versions beside which it stands: what its people were on, or will be on before it.

    `left` are the other plans among them.
    """

    trial: PeriodTrial
    beside: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def review_parts(asked: ApprovalRequest) -> dict[str, ReviewPart]:
    """Give what was kept with a request; a request about rates shows what its version's request was about."""
    requests = [asked.pk]
    if asked.kind != VERSION:
        same = ApprovalRequest.objects.filter(kind=VERSION, key=asked.key, content=asked.content)
        requests = list(same.order_by("-asked_at").values_list("pk", flat=True)[:1])
    return {one.part: one for one in ReviewPart.objects.filter(request__in=requests)}


def reviews_of(version: PlanVersion) -> list[ApprovalRequest]:
    """Give the requests to approve the version, newest first."""
    return list(ApprovalRequest.objects.filter(kind=VERSION, key=version.pk).order_by("-asked_at", "pk"))


def review_failures(asked: ApprovalRequest, job: Job | None) -> list[dict[str, Any]]:
    """Give what ended the job of the request before it had computed everything, as plain findings."""
    if job is None or job.slot != str(asked.pk) or job.state != JobState.FAILED:
        return []
    return [each for each in job.findings if each["severity"] == Severity.ERROR]


def review_job(asked: ApprovalRequest) -> Job | None:
    """Give the job that computes the figures of a version's request."""
    return Job.objects.filter(kind="plan_review", arguments__version=str(asked.key)).order_by("-queued_at").first()


def text_content(version: PlanVersion) -> dict[str, Any]:
    """Give the version as it is asked for: its definition, the published one before it, who is on it and who wrote it."""
    before = version_preceding(version)
    written_by, written_at = last_written(version)
    rows = PlanAssignment.objects.filter(plan=version.plan, during__overlap=version.during)
    assigned = rows.select_related("title", "position", "participant").order_by("-during", "pk")
    return {
        "definition": version.definition,
        "before": None if before is None else {"number": before.number, "definition": before.definition},
        "assigned": [_assigned(one) for one in assigned],
        "writers": writers(version) or [written_by],
        "written_at": None if written_at is None else written_at.isoformat(),
    }


def _assigned(one: PlanAssignment) -> dict[str, str | None]:
    kind = next(name for name in ("title", "position", "participant") if getattr(one, f"{name}_id") is not None)
    until = one.during.upper
    return {
        "id": str(one.pk),
        "kind": kind,
        "name": str(getattr(one, kind)),
        "from": one.during.lower.isoformat(),
        "until": None if until is None else until.isoformat(),
    }


def cost_periods(version: PlanVersion, *, on: date) -> list[Any]:
    """Give the periods over which the cost is shown, earliest first."""
    begun = [one for one in trial_periods(version, now_on=on) if one.during.lower <= on]
    return list(reversed(begun[:RECENT]))


def cost_part(version: PlanVersion, period: Any, *, now: datetime) -> CostPart:
    """Try the version on a period beside the versions of its plan that paid there, or beside what its people are on before it.

    Raises ValueError where it does not compile, or where nobody is on the plan who could be paid by it.
    """
    draft, findings = compile_plan(version.definition)
    if draft is None:
        raise ValueError(findings[0].message)
    paid = _own_paid(version, period)
    if paid:
        asked = Question(version=version.pk, plan=version.plan_id, periods=(period.pk,))
        return CostPart(period_try(version, asked, period, now=now), tuple(map(_named, paid)))
    if not PlanAssignment.objects.filter(plan=version.plan, during__overlap=version.during).exists():
        raise ValueError(NOBODY)
    company = Organisation.objects.get(pk=current_organisation_id())
    before = before_version(version, on=company.day_of(now))
    trial, beside = entering_try(version, draft, period, before, now=now)
    others = sorted({one.plan.name for one in beside if one.plan_id != version.plan_id})
    return CostPart(trial, tuple(sorted(map(_named, beside))), tuple(others))


def _own_paid(version: PlanVersion, period: Any) -> list[PlanVersion]:
    """The other versions of the plan that pay in the period, earliest first; none where nobody was on the plan."""
    days = (period.during.lower, period.during.upper)
    if not PlanAssignment.objects.filter(plan=version.plan, during__overlap=days).exists():
        return []
    others = PlanVersion.objects.filter(plan=version.plan, state=PlanState.PUBLISHED, during__overlap=days)
    return list(others.exclude(pk=version.pk).select_related("plan").order_by("during", "number"))


def _named(version: PlanVersion) -> str:
    return f"{version.plan.name}, version {version.number}"


def cost_content(version: PlanVersion, parts: Sequence[CostPart]) -> dict[str, Any]:
    """Sum the periods up."""
    total = trial_sum(version, version.plan, [part.trial for part in parts])
    return {
        "currency": total.currency,
        "left": sorted({name for part in parts for name in part.left}),
        "beside": sorted({name for part in parts for name in part.beside}),
        "total": _figures(total.total),
        "winners": total.winners,
        "losers": total.losers,
        "not_compared": total.not_compared,
        "people": len(total.people),
        "periods": [
            {
                **_figures(_of_period(part)),
                "known_at": part.trial.known_at.isoformat(),
                "key": part.trial.period_key,
                "beside": list(part.beside),
            }
            for part in parts
        ],
        "findings": list(total.findings),
    }


def _of_period(part: CostPart) -> Compared:
    found = compared_by(part.trial.rows, lambda row: row.period_key, {})
    return found[0] if found else compared(part.trial.period_key, part.trial.period_key, [])


def _figures(one: Compared) -> dict[str, Any]:
    return {
        "before_minor": one.before_minor,
        "after_minor": one.after_minor,
        "difference_minor": one.difference_minor,
        "before_lacks": one.before_lacks,
        "after_lacks": one.after_lacks,
        "why_unknown": one.why_unknown,
    }


def gaming_content(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Search the definition for gaming and give what was found, in words."""
    part = search_all(definition)
    found = [
        {"severity": str(one.finding.severity), "where": one.where, "what": one.finding.what, "fix": one.finding.fix}
        for one in part.found
    ]
    return {
        "found": found,
        "searched": part.searched,
        "unsearched": part.unsearched,
        "total": part.total,
        "refused": part.refused,
    }


__all__ = [
    "CostPart",
    "Shown",
    "cost_content",
    "cost_part",
    "cost_periods",
    "gaming_content",
    "review_job",
    "review_parts",
    "text_content",
]
