"""Scores as people and runs see them. A score counts once a second person has approved what it says now."""

from collections.abc import Collection

from django.db.models import QuerySet

from planning.models import Period, Score
from spm.approvals.selectors import approval_state
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


def score_list(viewer: Viewer, *, period: Period | None = None) -> QuerySet[Score]:
    """Give the scores within reach with their `state`: open, approved or declined; of one period where it is given."""
    rows = visible(viewer, Score.objects.select_related("participant", "period"))
    rows = rows.annotate(state=approval_state("score", content="content"))
    rows = rows.filter(period=period) if period is not None else rows
    return rows.order_by("-period__during", "participant__name", "objective")
