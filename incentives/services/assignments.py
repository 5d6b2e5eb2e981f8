"""Who is on which plan, from when until when."""

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.models import Plan, PlanAssignment
from incentives.selectors.moving import Wish, assignments_ending, assignments_in_the_way
from spm.people.models import Participant, Position, Title
from spm.roles.policy import Viewer, require

TARGETS = {"title": Title, "position": Position, "participant": Participant}


@transaction.atomic
def plan_assign(
    *, plan_id: UUID, target: str, target_id: UUID, start: date, actor: Viewer, until: date | None = None
) -> PlanAssignment:
    """Put a title, a position or a participant (`target`) on the plan for the days [start, until).

    What puts the same one on another plan ends on the first day: two plans at once would pay nothing. Raises ValidationError
    where the days are empty, or an assignment in these days leaves open what is meant.
    """
    require(actor, "plan.edit")
    if until is not None and until <= start:
        raise ValidationError({"until": "The end lies before the first day. Choose an end after the start."})
    model = TARGETS.get(target)
    # The one who moves is locked: two moves of one person at the same time would leave both plans open
    chosen = model._default_manager.select_for_update(no_key=True).filter(pk=target_id).first() if model else None
    if chosen is None:
        raise ValidationError(
            {"target": f"The {target} is not known in this company. Reload the page and choose again."}
        )
    plan = Plan.objects.get(pk=plan_id)
    wish = Wish(plan, target, target_id, start, until)
    for other in assignments_in_the_way(wish):
        raise ValidationError(_in_the_way(str(chosen), other, wish))
    for other in assignments_ending(wish):
        plan_assignment_end(assignment_id=other.pk, until=start, actor=actor)
    return PlanAssignment.objects.create(plan=plan, during=DateRange(start, until), **{target: chosen})


def _in_the_way(who: str, other: PlanAssignment, wish: Wish) -> str:
    """Which assignment leaves open what is meant, and how to say it."""
    days = f"from {other.during.lower} until {other.during.upper or 'further notice'}"
    what = f"{who} is on {other.plan.name} {days} already."
    if other.plan_id != wish.plan.pk:
        what += " Two plans at once pay nothing."
    if other.during.lower > wish.start:
        return f"{what} Give {other.during.lower} as the end (until), or end that assignment first."
    if other.plan_id != wish.plan.pk:
        return f"{what} Leave the end (until) out for a move on {wish.start}, or end that assignment first."
    return f"{what} End that assignment first."


@transaction.atomic
def plan_assignment_end(*, assignment_id: UUID, until: date, actor: Viewer) -> PlanAssignment | None:
    """Let an assignment end; `until` is the first day off the plan. An end on or before its first day removes it and gives None."""
    require(actor, "plan.edit")
    assignment = PlanAssignment.objects.select_for_update().get(pk=assignment_id)
    if until <= assignment.during.lower:
        assignment.delete()
        return None
    if assignment.during.upper is not None and until >= assignment.during.upper:
        raise ValidationError(
            {"until": f"The assignment ends before {assignment.during.upper} already. Choose an earlier day."}
        )
    assignment.during = DateRange(assignment.during.lower, until)
    assignment.save(update_fields=["during"])
    return assignment
