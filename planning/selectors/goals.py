"""Scores and their evidence as people and runs see them. A score counts once a second person has approved what it says now."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from planning.models import Period, Score, ScoreEvidence
from spm.approvals.selectors import approval_state
from spm.people.models import Participant
from spm.roles.policy import Viewer, visible
from spm.tenancy.copying import copy_out

_SCORES = """
    select s.participant_id as participant_key, p.key as period_key, s.objective, s.score_rate as score
    from planning_score s join planning_period p on p.id = s.period_id
    join lateral (
        select a.state, a.content from approvals_approvalrequest a
        where a.kind = 'score' and a.key = s.id and a.state <> 'withdrawn' order by a.asked_at desc, a.id desc limit 1
    ) a on a.state = 'approved' and a.content = s.content
    where p.key = any(%(keys)s) and s.objective = any(%(objectives)s)
    order by 1, 2, 3
"""


def scores_csv(*, period_keys: Collection[str], objectives: Collection[str]) -> bytes:
    """Give participant_key, period_key, objective, score (10**8) of the approved scores."""
    return copy_out(_SCORES, {"keys": sorted(period_keys), "objectives": sorted(objectives)})


def scores_of(days: Any, period_keys: Collection[str]) -> QuerySet[Score]:
    """Give the scores of the periods of these days and of those that are named, whatever became of them: for evidence."""
    rows = Score.objects.filter(Q(period__during__overlap=days) | Q(period__key__in=period_keys))
    return rows.order_by("period__during", "participant_id", "objective")


def score_list(viewer: Viewer, *, period: Period | None = None) -> QuerySet[Score]:
    """Give the scores within reach with their `state`: open, approved or declined; of one period where it is given."""
    rows = visible(viewer, Score.objects.select_related("participant", "period"))
    rows = rows.annotate(state=approval_state("score", content="content"))
    rows = rows.filter(period=period) if period is not None else rows
    return rows.order_by("-period__during", "participant__name", "objective")


@dataclass
class ObjectiveRow:
    """An objective of a person and period: the score, where it was entered, and the evidence, latest first."""

    participant: Participant
    period: Period
    objective: str
    score: Score | None = None
    evidence: list[ScoreEvidence] = field(default_factory=list)


def evidence_list(viewer: Viewer, *, period: Period | None = None) -> QuerySet[ScoreEvidence]:
    """Give the evidence within reach, latest first, without the files themselves."""
    rows = visible(viewer, ScoreEvidence.objects.select_related("participant", "period").defer("content"))
    rows = rows.filter(period=period) if period is not None else rows
    return rows.order_by("-given_at", "-pk")


def objective_rows(viewer: Viewer, *, period: Period | None = None, limit: int) -> list[ObjectiveRow]:
    """Give the latest scores and evidence within reach, one row for each person, period and objective."""
    found: dict[tuple[UUID, UUID, str], ObjectiveRow] = {}
    for score in score_list(viewer, period=period)[:limit]:
        place = (score.participant_id, score.period_id, score.objective)
        found[place] = ObjectiveRow(score.participant, score.period, score.objective, score)
    for one in evidence_list(viewer, period=period)[:limit]:
        place = (one.participant_id, one.period_id, one.objective)
        found.setdefault(place, ObjectiveRow(one.participant, one.period, one.objective)).evidence.append(one)
    return sorted(found.values(), key=lambda row: (row.participant.name, row.objective))
