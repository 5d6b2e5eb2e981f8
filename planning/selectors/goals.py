"""Targets and scores as people and runs see them. A score counts once a second person has approved what it says now."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from planning.models import Period, Score, Target
from spm.approvals.selectors import approval_state
from spm.people.models import PositionHolding
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible
from spm.tenancy.copying import copy_out

_TARGETS = """
    select name, participant_id, position_id, amount_minor, currency, per,
           greatest(lower(during), %(start)s) - date '1970-01-01' as from_on,
           least(upper(during), %(end)s) - date '1970-01-01' as until_on
    from planning_target where during && daterange(%(start)s, %(end)s) and name = any(%(names)s)
    order by name, participant_id, position_id, from_on
"""
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


def targets_csv(*, start: date, end: date, names: Collection[str]) -> bytes:
    """Give the targets of these names on a day of [start, end): holder, amount, currency, per period or year, from_on, until_on."""
    return copy_out(_TARGETS, {"start": start, "end": end, "names": sorted(names)})


def scores_csv(*, period_keys: Collection[str], objectives: Collection[str]) -> bytes:
    """Give participant_key, period_key, objective, score (10**8) of the approved scores."""
    return copy_out(_SCORES, {"keys": sorted(period_keys), "objectives": sorted(objectives)})


def target_list(viewer: Viewer) -> QuerySet[Target]:
    """Give the targets within reach: of people, and of the positions that they hold on the viewer's day."""
    rows = Target.objects.select_related("participant", "position").order_by("name", "-during", "pk")
    if viewer.reach is Reach.ALL:
        return rows
    people = viewer.participant_ids
    held = PositionHolding.objects.filter(participant__in=people, during__contains=viewer.on).values("position_id")
    return rows.filter(Q(participant__in=people) | Q(position__in=held))


def score_list(viewer: Viewer, *, period: Period | None = None) -> QuerySet[Score]:
    """Give the scores within reach with their `state`: open, approved or declined; of one period where it is given."""
    rows = visible(viewer, Score.objects.select_related("participant", "period"))
    rows = rows.annotate(state=approval_state("score", content="content"))
    rows = rows.filter(period=period) if period is not None else rows
    return rows.order_by("-period__during", "participant__name", "objective")
