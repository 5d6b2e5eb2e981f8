"""Keeps what an approver of a plan version is shown: its text with the request, its figures by a job. Written once, never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from incentives.models import PlanVersion, ReviewPart, Shown
from incentives.selectors.reviews import (
    CostPart,
    cost_content,
    cost_part,
    cost_periods,
    gaming_content,
    text_content,
)
from incentives.selectors.trials import Question, is_long
from planning.selectors import period_get
from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.jobs.models import Job
from spm.jobs.services import job_enqueue
from spm.roles.policy import Viewer

KEEP_SECONDS = 60 * 60
TOO_LONG = (
    "The latest periods hold too many credits for their cost to be computed while somebody waits. Send a version for review before it is "
    "published: then a job computes it."
)


def review_start(version: PlanVersion, asked: ApprovalRequest, *, actor: Viewer) -> Job:
    """Keep the text that is asked for, and queue the figures."""
    review_text_keep(version, asked)
    arguments = {"request": str(asked.pk), "version": str(version.pk)}
    return job_enqueue("plan_review", slot=str(asked.pk), arguments=arguments, actor=actor)


def review_text_keep(version: PlanVersion, asked: ApprovalRequest) -> None:
    """Keep the text that is asked for."""
    _keep(asked.pk, Shown.TEXT, text_content(version))


def review_complete(version: PlanVersion, asked: ApprovalRequest, *, now: datetime) -> None:
    """Keep the figures with a request that was just made: for who publishes without a second person.

    A cost over more credits than a page computes at once is kept as the reason why it was not computed.
    """
    review_gaming_keep(version, asked.pk)
    periods = tuple(one.pk for one in cost_periods(version, on=timezone.localtime(now).date()))
    if is_long(Question(version=version.pk, plan=version.plan_id, periods=periods)):
        _keep(asked.pk, Shown.COST, {"refused": TOO_LONG})
    else:
        review_cost_keep(version, list(periods), asked.pk, now=now)


def review_waits(request_id: UUID) -> bool:
    """Tell whether the request is still open; what is computed after the answer was not shown, and is not kept."""
    return ApprovalRequest.objects.filter(pk=request_id, state=ApprovalState.OPEN).exists()


def review_cost_try(version: PlanVersion, period: UUID, request_id: UUID, *, now: datetime) -> CostPart:
    """Try the version on one period and hand the result to the step that sums up."""
    found = cost_part(version, period_get(period), now=now)
    cache.set(f"plan_review:{request_id}:{period}", found, KEEP_SECONDS)
    return found


def review_cost_keep(version: PlanVersion, periods: list[UUID], request_id: UUID, *, now: datetime) -> None:
    """Keep the cost over the periods; what can't be tried is kept as the reason why."""
    content: dict[str, Any]
    try:
        known = [(one, cache.get(f"plan_review:{request_id}:{one}")) for one in periods]
        parts = [part or review_cost_try(version, one, request_id, now=now) for one, part in known]
        content = cost_content(version, parts)
    except ValueError as refusal:
        content = {"refused": str(refusal)}
    _keep(request_id, Shown.COST, content)


def review_gaming_keep(version: PlanVersion, request_id: UUID) -> None:
    """Keep what the search for gaming finds."""
    _keep(request_id, Shown.GAMING, gaming_content(version.definition))


def _keep(request_id: UUID, part: Shown, content: dict[str, Any]) -> None:
    """Keep a part, unless a job or somebody else kept it in the meantime: the first is what was shown."""
    ReviewPart.objects.bulk_create(
        [ReviewPart(request_id=request_id, part=part, content=content)], ignore_conflicts=True
    )
