"""What to look at before a quota plan is published: parity with potential, evenness, attainment to expect, and what changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from planning.engine.evenness import Evenness, evenness, is_fair, parity
from planning.engine.expecting import Distribution, distribution, growth
from planning.models import Quota, QuotaPlan
from planning.selectors.quota_plans import PlanSheet, SheetRow, plan_periods, plan_sheet
from spm.core.money import RATE_SCALE


@dataclass(frozen=True)
class ParityRow:
    """A seller's quota beside the potential, `value` 1 is fair, and beside the year before. None can't be told."""

    row: SheetRow
    value: float | None
    potential_rate: int | None
    """Its share of all potential at scale 10**8; None where there is none."""
    before: int | None = None
    """The quota of the year before; None without one."""
    growth: Fraction | None = None
    is_beyond: bool = False
    """True where the growth is beyond the guardrail of the plan."""

    @property
    def growth_rate(self) -> int | None:
        """Give the growth at scale 10**8, for showing."""
        return None if self.growth is None else round(self.growth * 10**8)

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

    @property
    def beyond(self) -> list[ParityRow]:
        """Give the rows whose growth is beyond the guardrail."""
        return [one for one in self.parity if one.is_beyond]


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
            _parity(
                plan,
                row,
                value,
                earlier.get(row.seat.position_id),
                row.seat.potential * RATE_SCALE // whole if whole else None,
            )
            for row, value in zip(leaves, shares, strict=True)
        ),
        evenness([row.carried for row in leaves]),
        distribution(sold, [row.carried for row in leaves]),
        distribution(sold, [earlier.get(seat, 0) for seat in seats]),
        changed=sum(old is not None and old != new for old, new in now),
        new=sum(old is None for old, _ in now),
    )


def growth_beyond(sheet: PlanSheet) -> list[str]:
    """Give the names of sellers whose quota grows or falls beyond the guardrail of the plan; none without one."""
    plan, leaves = sheet.plan, sheet.leaves
    if plan.growth_rate is None:
        return []
    earlier = _quotas_before(plan, [row.seat.position_id for row in leaves])
    rows = [_parity(plan, row, None, earlier.get(row.seat.position_id)) for row in leaves]
    return [one.row.holder or one.row.seat.position.name for one in rows if one.is_beyond]


def _parity(
    plan: QuotaPlan, row: SheetRow, value: float | None, before: int | None, potential_rate: int | None = None
) -> ParityRow:
    grown = growth(row.carried, before)
    limit = plan.growth_rate
    is_beyond = limit is not None and grown is not None and abs(grown) * 10**8 > limit
    return ParityRow(row, value, potential_rate, before, grown, is_beyond)


def _quotas_before(plan: QuotaPlan, seats: Sequence[UUID]) -> dict[UUID, int]:
    """The quotas of the year before, by seat; unknown where one of them is in another currency than the plan."""
    periods = plan_periods(plan.calendar.kind, plan.year - 1)
    quotas = list(Quota.objects.filter(period__in=periods, measure=plan.measure, position__in=seats))
    foreign = {quota.position_id for quota in quotas if quota.currency != plan.currency}
    found: Counter[UUID] = Counter()
    for quota in quotas:
        found[quota.position_id] += quota.value
    return {seat: value for seat, value in found.items() if seat not in foreign}
