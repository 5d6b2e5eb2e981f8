"""Sets quotas: singly, in a grid, or from rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from planning.models import Period, Quota, QuotaMeasure, QuotaStep
from planning.selectors.closing import closed_periods
from planning.selectors.quotas import quotas_writable
from spm.crm.feeds.values import ValueProblem, ValueType, parse
from spm.people.models import Position
from spm.roles.policy import Viewer, require

LARGEST = 10**15


@dataclass(frozen=True)
class Seen:
    """What somebody saw before they changed it; None is no quota."""

    value: int | None


@dataclass(frozen=True)
class QuotaValue:
    """A value to set; None removes the quota. With `seen` it is refused where somebody else has changed the quota since."""

    position_id: UUID
    period_id: UUID
    value: int | None
    seen: Seen | None = None


@dataclass(frozen=True)
class QuotaChange:
    """How many quotas were added, changed, removed and left alone."""

    created: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0


@transaction.atomic
def quota_set_many(
    *, values: Iterable[QuotaValue], actor: Viewer, measure: QuotaMeasure = QuotaMeasure.AMOUNT, currency: str = ""
) -> QuotaChange:
    """Set quotas of positions and periods, all or nothing; raises ValidationError naming each wrong value.

    A value holds for the whole period: what changed within it from a day on ends.

    Money is minor units of `currency` (the company's, where it is not given); a position, period or value that is not the company's or
    out of range is refused.
    """
    require(actor, "quota.edit")
    values = list(values)
    wanted = _by_place(values)
    places_check(wanted, actor)
    unit = (currency or actor.organisation.currency) if measure.is_money else ""
    positions = {place[0] for place in wanted}
    known = Quota.objects.select_for_update().filter(measure=measure, position__in=positions).order_by("pk")
    existing = {(quota.position_id, quota.period_id): quota for quota in known}
    _refuse_changed_since(values, existing)
    closed_refuse(wanted, existing)
    return _write(wanted, existing, measure, unit)


def _by_place(values: Iterable[QuotaValue]) -> dict[tuple[UUID, UUID], int | None]:
    wanted: dict[tuple[UUID, UUID], int | None] = {}
    for one in values:
        place = (one.position_id, one.period_id)
        if place in wanted and wanted[place] != one.value:
            raise ValidationError(
                "A position has two quotas for the same period. Keep one of the two values and save again."
            )
        wanted[place] = one.value
    return wanted


def places_check(wanted: dict[tuple[UUID, UUID], int | None], actor: Viewer) -> None:
    """Lock the positions; raises ValidationError for one beyond reach, a period not known, a value out of range."""
    positions = {place[0] for place in wanted}
    periods = {place[1] for place in wanted}
    known = Position.objects.filter(pk__in=positions).select_for_update(no_key=True).order_by("pk")
    found = Period.objects.filter(pk__in=periods)
    if len(found) != len(periods):
        raise ValidationError("A period is not known in this company. Reload the page and try again.")
    beyond = {period for _, period in wanted.keys() - quotas_writable(actor, positions, found)}
    if len(known) != len(positions) or beyond:
        named = ", ".join(sorted(one.key for one in found if one.pk in (beyond or periods)))
        raise ValidationError(
            f"A position is not known in this company, or who holds it in {named} is not within your reach. Nothing was changed. Leave it "
            "out, or ask somebody who reaches it."
        )
    wrong = [value for value in wanted.values() if value is not None and not 0 <= value <= LARGEST]
    if wrong:
        raise ValidationError(
            f"A quota must be between 0 and {LARGEST}, money in minor units; {wrong[0]} is not. Correct the value."
        )


def _refuse_changed_since(values: Iterable[QuotaValue], existing: dict[tuple[UUID, UUID], Quota]) -> None:
    changed = []
    for one in values:
        quota = existing.get((one.position_id, one.period_id))
        now = None if quota is None else quota.value
        if one.seen is not None and now not in (one.seen.value, one.value):
            changed.append(one)
    if not changed:
        return
    names = dict(Position.objects.filter(pk__in={one.position_id for one in changed}).values_list("pk", "name"))
    keys = dict(Period.objects.filter(pk__in={one.period_id for one in changed}).values_list("pk", "key"))
    raise ValidationError(
        [
            f"{names[one.position_id]}, {keys[one.period_id]}: somebody else has changed this quota since you opened the page. "
            "Its value of now stands below the cell: save again to replace it, or type that value."
            for one in changed
        ]
    )


def closed_refuse(wanted: dict[tuple[UUID, UUID], int | None], existing: dict[tuple[UUID, UUID], Quota]) -> None:
    """Raise ValidationError naming each closed period in which a value would change."""
    now = {place: quota.value for place, quota in existing.items()}
    changed = {period for (position, period), value in wanted.items() if now.get((position, period)) != value}
    closed = closed_periods(changed)
    if closed:
        keys = dict(Period.objects.filter(pk__in=closed).order_by("during").values_list("pk", "key"))
        raise ValidationError(
            [
                f"{key} is {closed[period]}: its quotas don't change. Nothing was saved. Leave them as they were, or have the period "
                "reopened first."
                for period, key in keys.items()
            ]
        )


def _write(
    wanted: dict[tuple[UUID, UUID], int | None],
    existing: dict[tuple[UUID, UUID], Quota],
    measure: QuotaMeasure,
    unit: str,
) -> QuotaChange:
    created, updated, removed = [], [], []
    for (position_id, period_id), value in wanted.items():
        quota = existing.get((position_id, period_id))
        if quota is None and value is not None:
            created.append(
                Quota(position_id=position_id, period_id=period_id, measure=measure, value=value, currency=unit)
            )
        elif quota is not None and value is None:
            removed.append(quota.pk)
        elif quota is not None and value is not None and (quota.value, quota.currency) != (value, unit):
            quota.value, quota.currency = value, unit
            updated.append(quota)
    Quota.objects.bulk_create(created)
    Quota.objects.bulk_update(updated, ["value", "currency"])
    _end_steps([quota for place, quota in existing.items() if place in wanted])
    Quota.objects.filter(pk__in=removed).delete()
    changed = len(created) + len(updated) + len(removed)
    return QuotaChange(len(created), len(updated), len(removed), len(wanted) - changed)


def _end_steps(quotas: Iterable[Quota]) -> None:
    """Let values hold for whole periods; in closed periods, where none changes, what was said by days stays as the record."""
    steps = QuotaStep.objects.filter(quota__in=[quota.pk for quota in quotas])
    periods = set(steps.values_list("quota__period_id", flat=True))
    if periods:
        steps.exclude(quota__period__in=closed_periods(periods)).delete()


def quota_value(text: str, currency: str) -> int:
    """Read a quota as it is typed, in minor units or as a whole number where there is no currency; raises ValidationError."""
    try:
        value = parse(text, ValueType.AMOUNT if currency else ValueType.INTEGER, currency=currency or None)
    except ValueProblem as problem:
        raise ValidationError(f"amount: {problem.reason} {problem.fix}") from problem
    if not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValidationError(f"A quota is between 0 and {LARGEST}, money in minor units. Correct “{text[:40]}”.")
    return value
