"""Who is on which plan, from when until when."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.models import Plan, PlanAssignment
from incentives.selectors.moving import (
    Wish,
    assignments_ending,
    assignments_in_the_way,
    assignments_meeting,
    assignments_of,
)
from spm.crm.row_files import Change
from spm.people.models import Participant, Position, Title
from spm.roles.policy import Viewer, require

TARGETS = {"title": Title, "position": Position, "participant": Participant}


class Assigning:
    """Puts titles, positions and people on plans, one after the other; those `wanted` are locked, and their assignments read once.

    What puts the same one on another plan ends on the first day: two plans at once would pay nothing. Works inside a transaction.
    """

    def __init__(self, wanted: Collection[tuple[str, UUID]], *, actor: Viewer) -> None:
        require(actor, "plan.edit")
        self._who: dict[tuple[str, UUID], Any] = {}
        self._present: dict[tuple[str, UUID], list[PlanAssignment]] = {}
        for target, model in TARGETS.items():
            ids = {key for kind, key in wanted if kind == target}
            # Who moves is locked: two moves of one person at the same time would leave both plans open
            rows = (
                model._default_manager.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk") if ids else ()
            )
            for one in rows:
                self._who[target, one.pk], self._present[target, one.pk] = one, []
            for each in assignments_of(target, ids).select_for_update(of=("self",)) if ids else ():
                self._present[target, getattr(each, f"{target}_id")].append(each)

    def put(self, wish: Wish) -> PlanAssignment:
        """Put one on a plan; raises ValidationError where an assignment in these days leaves open what is meant."""
        place = wish.target, wish.target_id
        if place not in self._who:
            raise ValidationError(
                {"target": f"The {wish.target} is not known in this company. Reload the page and choose again."}
            )
        present = self._present[place]
        for other in assignments_in_the_way(wish, present):
            raise ValidationError(_in_the_way(str(self._who[place]), other, wish))
        for other in assignments_ending(wish, present):
            if _end(other, wish.start) is None:
                present.remove(other)
        made = PlanAssignment.objects.create(
            plan=wish.plan, during=DateRange(wish.start, wish.until), **{f"{wish.target}_id": wish.target_id}
        )
        present.append(made)
        return made

    def state(self, wish: Wish) -> Change:
        """Let the assignment that begins on the first day be what is wished; without an end it lasts until the next one of whom it puts."""
        present = self._present.get((wish.target, wish.target_id), [])
        same = next((one for one in present if one.plan_id == wish.plan.pk and one.during.lower == wish.start), None)
        if same is None:
            self.put(wish)
            return Change.CREATED
        later = min((one.during.lower for one in present if one.during.lower > wish.start), default=None)
        days = replace(wish, until=wish.until or later)
        if same.during.upper == days.until and assignments_meeting(days, present) == [same]:
            return Change.UNCHANGED
        present.remove(same)
        same.delete()
        self.put(wish)
        return Change.UPDATED


@transaction.atomic
def plan_assign(
    *, plan_id: UUID, target: str, target_id: UUID, start: date, actor: Viewer, until: date | None = None
) -> PlanAssignment:
    """Put a title, a position or a participant (`target`) on the plan for the days [start, until), as `Assigning` says."""
    assigning = Assigning([(target, target_id)], actor=actor)
    return assigning.put(Wish(Plan.objects.get(pk=plan_id), target, target_id, start, until))


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
    if assignment.during.upper is not None and until >= assignment.during.upper:
        raise ValidationError(
            {"until": f"The assignment ends before {assignment.during.upper} already. Choose an earlier day."}
        )
    return _end(assignment, until)


def _end(assignment: PlanAssignment, until: date) -> PlanAssignment | None:
    if until <= assignment.during.lower:
        assignment.delete()
        return None
    assignment.during = DateRange(assignment.during.lower, until)
    assignment.save(update_fields=["during"])
    return assignment
