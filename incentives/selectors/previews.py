"""What a document that is being written would pay real people in a period, beside the live plan. Nothing is saved.

It is a trial of one period without resampling; larger questions are asked of a saved draft on the page of what-if.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count, Q

from incentives.models import Plan, PlanAssignment, PlanVersion, Run, RunEarning, RunState
from incentives.selectors.finding_words import findings_named
from incentives.selectors.trial_sums import Compared, compared, compared_by, people_sorted
from incentives.selectors.trials import PeriodTrial, Question, is_long, period_try
from planning.selectors import period_list
from spm.core.findings import Finding
from spm.people.models import Participant
from spm.roles.policy import Viewer, require

MOST = 50
"""People shown: those whose pay changes most."""

PERIODS = 12


@dataclass(frozen=True)
class Preview:
    """The people of a preview, those whose pay changes most first; `refused` says why there is none."""

    currency: str = ""
    period_key: str = ""
    rows: tuple[Compared, ...] = ()
    total: Compared | None = None
    people: int = 0
    who: str = ""
    findings: tuple[dict[str, object], ...] = ()
    refused: str = ""


def preview_periods(viewer: Viewer, kind: str) -> list[Any]:
    """Give the periods of this kind that have begun, latest first."""
    return list(period_list(kind=kind, started_by=viewer.on))[:PERIODS]


def preview_start(viewer: Viewer, plan: Plan | None, periods: Sequence[Any]) -> tuple[UUID | None, UUID | None]:
    """Give the period and the plan whose people a preview begins with: who would be on it, in the latest period with their data.

    These are the people of the plan itself where a run paid them, else of the plan that pays whom it names, else of the one with
    most people who sold. Without a run of these periods it is the plan itself and the latest period.
    """
    require(viewer, "whatif.view")
    runs = _runs(periods)
    if not runs:
        return (periods[0].pk if periods else None), (plan.pk if plan else None)
    own = set(_paid_by(runs, plan)) if plan is not None else set()
    run = next((one for one in runs if one.pk in own), None)
    if run is not None and plan is not None:
        return run.period_id, plan.pk
    return runs[0].period_id, _plan_beside(runs[0], plan)


def _runs(periods: Sequence[Any]) -> list[Run]:
    """The newest run with credits of each period, latest period first."""
    done = Run.objects.filter(period__in=[one.pk for one in periods], state__in=(RunState.DONE, RunState.POSTED))
    newest = {run.period_id: run for run in done.filter(credit_count__gt=0).order_by("started_at")}
    return [newest[one.pk] for one in periods if one.pk in newest]


def _paid_by(runs: Sequence[Run], plan: Plan) -> list[UUID]:
    rows = RunEarning.objects.filter(run__in=[one.pk for one in runs], plan_version__plan=plan)
    return list(rows.order_by().values_list("run_id", flat=True).distinct())


def _plan_beside(run: Run, plan: Plan | None) -> UUID | None:
    """The plan of a run that pays whom this plan names, else the one with most people who sold."""
    rows = RunEarning.objects.filter(run=run, credit_count__gt=0).order_by().values_list("plan_version__plan")
    paid = rows.annotate(people=Count("participant", distinct=True)).order_by("-people", "plan_version__plan__name")
    keys = [key for key, _people in paid]
    named = _named_by(plan).intersection(keys) if plan is not None else set()
    return next((key for key in keys if key in named), next(iter(keys), plan.pk if plan else None))


def _named_by(plan: Plan) -> set[UUID]:
    """The other plans that name a title, position or person of this one."""
    mine = PlanAssignment.objects.filter(plan=plan)
    same = Q()
    for target in ("title", "position", "participant"):
        held = mine.filter(**{f"{target}__isnull": False})
        same |= Q(**{f"{target}__in": list(held.values_list(target, flat=True))})
    return set(PlanAssignment.objects.filter(same).exclude(plan=plan).values_list("plan_id", flat=True))


def preview_get(
    viewer: Viewer, document: Mapping[str, Any], *, plan: Plan, period: Any, who: str, now: datetime
) -> Preview:
    """Give what the people of a plan would get by the document in the period; `who` keeps those whose name has it."""
    require(viewer, "whatif.view")
    version = PlanVersion(pk=uuid4(), plan=plan, definition=dict(document))
    question = Question(version=version.pk, plan=plan.pk, periods=(period.pk,), years=1)
    if is_long(question):
        return Preview(refused="This period has too many credits for a preview. Save the draft and ask “What if”.")
    try:
        trial = period_try(version, question, period, now=now)
    except ValueError as error:
        return Preview(refused=str(error))
    return _preview(trial, version, who)


def _preview(trial: PeriodTrial, version: PlanVersion, who: str) -> Preview:
    names = {str(key): name for key, name in Participant.objects.values_list("id", "name")}
    wanted = who.strip().lower()
    named = {key for key, name in names.items() if wanted in name.lower()}
    rows = [row for row in trial.rows if row.participant_id in named]
    people = people_sorted(compared_by(rows, lambda row: row.participant_id, names), "")
    plans = {str(version.pk): version.plan.name}
    return Preview(
        str(version.definition.get("currency", "")),
        trial.period_key,
        tuple(people[:MOST]),
        compared("", "", rows),
        len(people),
        who.strip(),
        tuple(findings_named((one for one in trial.findings if _concerns(one, named)), names | plans)),
    )


def _concerns(finding: Finding, people: Container[str]) -> bool:
    """Tell whether a finding is about one of these people, or about nobody alone."""
    person = dict(finding.about).get("participant_key")
    return person is None or str(person) in people
