"""Keeps what an approver of a plan version is shown: its text with the request, its figures by a job. Written once, never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache

from incentives.models import PlanVersion, ReviewPart, Shown
from incentives.selectors.reviews import CostPart, cost_content, cost_part, gaming_content, text_content
from planning.selectors import period_get
from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.jobs.models import Job
from spm.jobs.services import job_enqueue
from spm.roles.policy import Viewer

KEEP_SECONDS = 60 * 60


def review_start(version: PlanVersion, asked: ApprovalRequest, *, actor: Viewer) -> Job:
    """Keep the text that is asked for, and queue the figures."""
    ReviewPart.objects.create(request=asked, part=Shown.TEXT, content=text_content(version))
    arguments = {"request": str(asked.pk), "version": str(version.pk)}
    return job_enqueue("plan_review", slot=str(asked.pk), arguments=arguments, actor=actor)


def review_waits(request_id: UUID) -> bool:
    """Tell whether the request is still open; what is computed after the answer was not shown, and is not kept."""
    return ApprovalRequest.objects.filter(pk=request_id, state=ApprovalState.OPEN).exists()


def review_cost_try(version: PlanVersion, period: UUID, request_id: UUID, *, now: datetime) -> CostPart:
    """Try the version on one period and hand the result to the step that sums up."""
    found = cost_part(version, period_get(period), now=now)
    cache.set(f"plan_review:{request_id}:{period}", found, KEEP_SECONDS)
    return found


def review_cost_keep(version: PlanVersion, periods: list[UUID], request_id: UUID, *, now: datetime) -> ReviewPart:
    """Keep the cost over the periods; what can't be tried is kept as the reason why."""
    content: dict[str, Any]
    try:
        known = [(one, cache.get(f"plan_review:{request_id}:{one}")) for one in periods]
        parts = [part or review_cost_try(version, one, request_id, now=now) for one, part in known]
        content = cost_content(version, parts)
    except ValueError as refusal:
        content = {"refused": str(refusal)}
    return ReviewPart.objects.create(request_id=request_id, part=Shown.COST, content=content)


def review_gaming_keep(version: PlanVersion, request_id: UUID) -> ReviewPart:
    """Keep what the search for gaming finds."""
    content = gaming_content(version.definition)
    return ReviewPart.objects.create(request_id=request_id, part=Shown.GAMING, content=content)
