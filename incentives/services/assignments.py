"""Who is on which plan, from when until when."""

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.models import Plan, PlanAssignment
from incentives.selectors.moving import Wish, assignments_ending
from spm.people.models import Participant, Position, Title
from spm.roles.policy import Viewer, require

TARGETS = {"title": Title, "position": Position, "participant": Participant}


@transaction.atomic
def plan_assign(
    *, plan_id: UUID, target: str, target_id: UUID, start: date, actor: Viewer, until: date | None = None
) -> PlanAssignment:
    """Put a title, a position or a participant (`target`) on the plan for the days [start, until).

    Raises ValidationError where the days are empty or the same one is on the plan on one of them already.
    """
    require(actor, "plan.edit")
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    if until is not None and until <= start:
        raise ValidationError({"until": "The end lies before the first day. Choose an end after the start."})
    model = TARGETS.get(target)
    chosen = model._default_manager.filter(pk=target_id).first() if model else None
    if chosen is None:
        raise ValidationError(
            {"target": f"The {target} is not known in this company. Reload the page and choose again."}
        )
    days = DateRange(start, until)
    other = PlanAssignment.objects.filter(plan=plan, during__overlap=days, **{target: chosen}).first()
    if other is not None:
        end = other.during.upper or "further notice"
        raise ValidationError(
            f"{chosen} is on {plan.name} from {other.during.lower} until {end} already. End that assignment first."
        )
    return PlanAssignment.objects.create(plan=plan, during=days, **{target: chosen})


@transaction.atomic
def plan_move(*, plan_id: UUID, target: str, target_id: UUID, start: date, actor: Viewer) -> PlanAssignment:
    """Put a title, a position or a participant on the plan from a day on; what put the same one on other plans ends on that day."""
    require(actor, "plan.edit")
    wish = Wish(Plan.objects.get(pk=plan_id), target, target_id, start)
    for other in assignments_ending(wish):
        plan_assignment_end(assignment_id=other.pk, until=start, actor=actor)
    return plan_assign(plan_id=plan_id, target=target, target_id=target_id, start=start, actor=actor)


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
