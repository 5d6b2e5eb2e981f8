"""Makes territories and says who covers them."""

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from planning.models import Territory, TerritoryAssignment
from spm.core.money import RATE_SCALE
from spm.people.models import Position, PositionUnit, Unit
from spm.roles.policy import Viewer, require


@transaction.atomic
def territory_save(
    *,
    code: str,
    name: str,
    actor: Viewer,
    territory_id: UUID | None = None,
    parent_id: UUID | None = None,
    unit_id: UUID | None = None,
) -> Territory:
    """Create or change a territory; raises ValidationError for a code that is taken or a parent that would make a loop."""
    require(actor, "territory.edit")
    territory = Territory.objects.select_for_update().get(pk=territory_id) if territory_id else Territory()
    if Territory.objects.filter(code=code).exclude(pk=territory.pk).exists():
        raise ValidationError({"code": f"The code {code} is taken by another territory. Choose another code."})
    _check_parent(territory, parent_id)
    territory.code, territory.name, territory.parent_id, territory.unit_id = code, name, parent_id, unit_id
    territory.save()
    return territory


def _check_parent(territory: Territory, parent_id: UUID | None) -> None:
    parents = dict(Territory.objects.values_list("pk", "parent_id"))
    if parent_id is not None and parent_id not in parents:
        raise ValidationError({"parent": "The parent is not known in this company. Choose another."})
    step = parent_id
    while step is not None:
        if step == territory.pk:
            raise ValidationError(
                {"parent": "The parent lies below this territory, which would be a loop. Choose a parent above it."}
            )
        step = parents[step]


@transaction.atomic
def territory_assign(
    *,
    territory_id: UUID,
    position_id: UUID,
    start: date,
    actor: Viewer,
    until: date | None = None,
    share_rate: int = RATE_SCALE,
) -> TerritoryAssignment:
    """Let a position cover a territory on [start, until); raises ValidationError where it already does.

    Several positions may cover a territory together; that shares of a day pass 100 % is shown as a finding, not refused, because overlays
    are meant to.
    """
    require(actor, "territory.edit")
    if until is not None and until <= start:
        raise ValidationError("The last day lies before the first. Choose an end after the start.")
    territory = Territory.objects.select_for_update().get(pk=territory_id)
    position = Position.objects.get(pk=position_id)
    during = DateRange(start, until)
    if not 0 < share_rate <= RATE_SCALE:
        raise ValidationError("A share is more than 0 % and at most 100 %. Correct the share.")
    try:
        with transaction.atomic():
            return TerritoryAssignment.objects.create(
                territory=territory, position=position, during=during, share_rate=share_rate
            )
    except IntegrityError as error:
        if "territory_assignment_once" not in str(error):
            raise
        raise ValidationError(
            f"{position.name} already covers {territory.name} on some of these days. End the earlier assignment first."
        ) from error


@transaction.atomic
def territory_assignment_end(*, assignment_id: UUID, until: date, actor: Viewer) -> TerritoryAssignment:
    """End an assignment: `until` is the first day on which the position no longer covers the territory."""
    require(actor, "territory.edit")
    assignment = TerritoryAssignment.objects.select_for_update().get(pk=assignment_id)
    if until <= assignment.during.lower:
        raise ValidationError("The end lies before the first day. Choose a later end, or remove the assignment.")
    assignment.during = DateRange(assignment.during.lower, until)
    assignment.save(update_fields=["during"])
    return assignment


@transaction.atomic
def territory_assignment_remove(*, assignment_id: UUID, actor: Viewer) -> None:
    """Remove an assignment that should never have been."""
    require(actor, "territory.edit")
    TerritoryAssignment.objects.select_for_update().get(pk=assignment_id).delete()


@transaction.atomic
def territories_from_units(*, actor: Viewer) -> int:
    """Make one territory per business unit and let the unit's positions cover it on the days they belong to it.

    What exists is kept; running it again adds only what is new. Gives the number of assignments added.
    """
    require(actor, "territory.edit")
    by_unit = {one.unit_id: one for one in Territory.objects.filter(unit__isnull=False)}
    for unit in Unit.objects.exclude(pk__in=[key for key in by_unit if key]):
        by_unit[unit.pk] = Territory.objects.create(code=f"unit-{unit.code}"[:100], name=unit.name, unit=unit)
    added = 0
    for seat in PositionUnit.objects.select_related("position"):
        territory = by_unit[seat.unit_id]
        if not TerritoryAssignment.objects.filter(
            territory=territory, position=seat.position, during__overlap=seat.during
        ).exists():
            TerritoryAssignment.objects.create(territory=territory, position=seat.position, during=seat.during)
            added += 1
    return added
