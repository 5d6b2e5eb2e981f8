"""What to look at before a quota plan is published: parity with potential, evenness, attainment to expect, and what changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from planning.engine.evenness import Evenness, evenness, is_fair, parity
from planning.engine.expecting import Distribution, distribution
from planning.models import Quota, QuotaPlan
from planning.selectors.quota_plans import PlanSheet, SheetRow, plan_periods, plan_sheet
from spm.core.money import RATE_SCALE


@dataclass(frozen=True)
class ParityRow:
    """A seller's quota beside the potential; `value` 1 is fair, None can't be told."""

    row: SheetRow
    value: float | None
    potential_rate: int | None
    """Its share of all potential at scale 10**8; None where there is none."""

    @property
    def rate(self) -> int | None:
        """Give it at scale 10**8, for showing."""
        return None if self.value is None else round(self.value * 10**8)

    @property
    def is_fair(self) -> bool:
        """Tell whether it is within the bounds."""
        return is_fair(self.value)


@dataclass(frozen=True)
class PlanReview:
    """What to look at before publishing: parity, evenness, attainment to expect and of the year before, and what changes."""

    sheet: PlanSheet
    parity: tuple[ParityRow, ...]
    even: Evenness
    expected: Distribution
    before: Distribution
    changed: int
    new: int

    @property
    def unfair(self) -> list[ParityRow]:
        """Give the rows outside the bounds."""
        return [one for one in self.parity if not one.is_fair]


def plan_review(plan: QuotaPlan) -> PlanReview:
    """Give what to look at before publishing."""
    found = plan_sheet(plan)
    leaves = found.leaves
    shares = parity([row.carried for row in leaves], [row.seat.potential for row in leaves])
    whole = sum(row.seat.potential for row in leaves)
    sold = [row.seat.history or None for row in leaves]
    seats = [row.seat.position_id for row in leaves]
    earlier = _quotas_before(plan, seats)
    live = {
        (quota.position_id, quota.period_id): quota.value
        for quota in Quota.objects.filter(period__in=[one.pk for one in found.periods], measure=plan.measure)
    }
    cells = [(row.seat.position_id, one.cell) for row in found.rows for one in row.cells]
    now = [(live.get((position, cell.period_id)), cell.carried) for position, cell in cells]
    return PlanReview(
        found,
        tuple(
            ParityRow(row, value, row.seat.potential * RATE_SCALE // whole if whole else None)
            for row, value in zip(leaves, shares, strict=True)
        ),
        evenness([row.carried for row in leaves]),
        distribution(sold, [row.carried for row in leaves]),
        distribution(sold, [earlier.get(seat, 0) for seat in seats]),
        changed=sum(old is not None and old != new for old, new in now),
        new=sum(old is None for old, _ in now),
    )


def _quotas_before(plan: QuotaPlan, seats: Sequence[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for period in plan_periods(plan.calendar.kind, plan.year - 1):
        for quota in Quota.objects.filter(period=period, measure=plan.measure, position__in=seats):
            found[quota.position_id] = found.get(quota.position_id, 0) + quota.value
    return found
