"""Quota plans as people see them: the sheet, its history, and what to look at before publishing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from planning.engine.sheet import Relief, Seat, Sheet, sheet
from planning.models import (
    Period,
    QuotaCell,
    QuotaEdit,
    QuotaMethod,
    QuotaPlan,
    QuotaPlanState,
    QuotaRelief,
    QuotaSeat,
    Season,
)
from planning.selectors.quota_weights import MEASURED
from spm.core.findings import Finding
from spm.core.money import format_amount
from spm.people.models import Participant, PositionHolding
from spm.roles.policy import Viewer, visible


@dataclass(frozen=True)
class SheetCell:
    """A period of a row: its part of the year, whether a person set it, and what is carried after relief."""

    cell: QuotaCell

    @property
    def relief(self) -> int:
        """Give what is not carried."""
        return self.cell.value - self.cell.carried


@dataclass(frozen=True)
class SheetRow:
    """A seat in the tree with its holder, its periods and its reliefs."""

    seat: QuotaSeat
    holder: str
    depth: int
    is_leaf: bool
    weight: int
    cells: tuple[SheetCell, ...]
    reliefs: tuple[QuotaRelief, ...]

    @property
    def carried(self) -> int:
        """Give what is carried of the year."""
        return sum(one.cell.carried for one in self.cells)

    @property
    def gap(self) -> int | None:
        """Give by how much the commitment differs from the year, None without one."""
        return None if self.seat.commitment is None else self.seat.commitment - self.seat.value

    def is_beyond(self, guardrail: int) -> bool:
        """Tell whether the commitment differs by more than the guardrail, a rate at scale 10**8."""
        return self.gap is not None and abs(self.gap) * 10**8 > guardrail * self.seat.value


@dataclass(frozen=True)
class PlanSheet:
    """The whole sheet: rows, parents before children; totals of those at the bottom; and what can't be shared."""

    plan: QuotaPlan
    periods: tuple[Period, ...]
    rows: tuple[SheetRow, ...]
    findings: tuple[Finding, ...]

    @property
    def leaves(self) -> list[SheetRow]:
        """Give the rows that nobody stands under: the people who sell."""
        return [row for row in self.rows if row.is_leaf]

    @property
    def given(self) -> int:
        """Give what the people who sell are given together."""
        return sum(row.seat.value for row in self.leaves)

    @property
    def carried(self) -> int:
        """Give what they carry together after relief."""
        return sum(row.carried for row in self.leaves)

    @property
    def committed(self) -> int:
        """Give what they commit to together."""
        return sum(row.seat.commitment or 0 for row in self.leaves)

    @property
    def weight(self) -> int:
        """Give what they weigh together."""
        return sum(row.weight for row in self.leaves)

    @property
    def period_totals(self) -> list[int]:
        """Give what they carry together by period."""
        return [sum(row.cells[place].cell.carried for row in self.leaves) for place in range(len(self.periods))]

    @property
    def over_rate(self) -> int | None:
        """Give what they carry above the target, at scale 10**8; None without a target."""
        return int((Fraction(self.carried, self.plan.total) - 1) * 10**8) if self.plan.total else None


def quota_plan_list() -> QuerySet[QuotaPlan]:
    """Give the plans, drafts first, then the latest."""
    return QuotaPlan.objects.select_related("calendar").order_by("state", "-year", "-pk")


def quota_plans_named(name: str) -> QuerySet[QuotaPlan]:
    """Give the plans of a name that were not thrown away, latest first; people, files and approvals tell plans apart by it."""
    rows = QuotaPlan.objects.filter(name__iexact=name.strip()).exclude(state=QuotaPlanState.DISCARDED)
    return rows.order_by("-year", "-pk")


def quota_plans_published(days: Any, *, until: datetime) -> QuerySet[QuotaPlan]:
    """Give the plans with quotas of these days that were published until a moment: for evidence."""
    seats = QuotaCell.objects.filter(period__during__overlap=days).values("seat__plan")
    return QuotaPlan.objects.filter(published_at__lte=until, pk__in=seats).order_by("published_at", "pk")


def plan_periods(kind: str, year: int) -> list[Period]:
    """Give the periods of a calendar kind that begin in the year."""
    begins = (date(year, 1, 1), date(year + 1, 1, 1))
    rows = Period.objects.filter(
        calendar__kind=kind, during__startswith__gte=begins[0], during__startswith__lt=begins[1]
    )
    return list(rows.select_related("calendar").order_by("during"))


@dataclass(frozen=True)
class Stored:
    """What is kept of a plan, as read at once."""

    plan: QuotaPlan
    periods: list[Period]
    seats: list[QuotaSeat]
    cells: dict[tuple[UUID, UUID], QuotaCell]
    reliefs: dict[UUID, list[QuotaRelief]]


def plan_stored(plan: QuotaPlan) -> Stored:
    """Read everything that is kept of a plan."""
    seats = list(QuotaSeat.objects.filter(plan=plan).select_related("position").order_by("position__name", "pk"))
    cells = QuotaCell.objects.filter(seat__plan=plan).select_related("period__calendar")
    by_place = {(cell.seat_id, cell.period_id): cell for cell in cells}
    periods = sorted({cell.period for cell in by_place.values()}, key=lambda one: one.during.lower)
    reliefs: dict[UUID, list[QuotaRelief]] = {}
    for one in QuotaRelief.objects.filter(seat__plan=plan).order_by("during", "pk"):
        reliefs.setdefault(one.seat_id, []).append(one)
    return Stored(plan, periods, seats, by_place, reliefs)


def plan_computed(stored: Stored) -> Sheet:
    """Compute the sheet of what is kept; raises ValueError where the hierarchy is none."""
    codes = {seat.pk: seat.position.code for seat in stored.seats}
    season = _season(stored.plan, len(stored.periods))
    seats = [
        Seat(
            codes[seat.pk],
            codes[seat.parent_id] if seat.parent_id else None,
            weight_of(stored.plan, seat),
            seat.manual,
            season,
            tuple(stored.cells[seat.pk, period.pk].manual for period in stored.periods),
            tuple(_relief(one) for one in stored.reliefs.get(seat.pk, [])),
        )
        for seat in stored.seats
    ]
    days = [(period.during.lower, period.during.upper) for period in stored.periods]
    return sheet(stored.plan.total, seats, days, stored.plan.paddings)


def weight_of(plan: QuotaPlan, seat: QuotaSeat) -> int:
    """Give a seat's own weight by the method of the plan."""
    if plan.method == QuotaMethod.EVEN:
        return 1
    return max(0, int(getattr(seat, plan.method.lower())))


def plan_sheet(plan: QuotaPlan) -> PlanSheet:
    """Give the sheet of a plan as it is kept, with its findings."""
    stored = plan_stored(plan)
    findings = [*_unshared(stored), *_weightless(stored)]
    holders = holders_of({seat.position_id for seat in stored.seats}, stored.periods)
    children: dict[UUID | None, list[QuotaSeat]] = {}
    for seat in stored.seats:
        children.setdefault(seat.parent_id, []).append(seat)
    rows: list[SheetRow] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for seat in children.get(parent, []):
            rows.append(
                SheetRow(
                    seat,
                    holders[seat.position_id].name if seat.position_id in holders else "",
                    depth,
                    seat.pk not in children,
                    weight_of(plan, seat),
                    tuple(SheetCell(stored.cells[seat.pk, period.pk]) for period in stored.periods),
                    tuple(stored.reliefs.get(seat.pk, [])),
                )
            )
            walk(seat.pk, depth + 1)

    walk(None, 0)
    return PlanSheet(plan, tuple(stored.periods), tuple(rows), tuple(findings))


def holders_of(position_ids: set[UUID], periods: Sequence[Period]) -> dict[UUID, Participant]:
    """Give who holds each position in the year, the latest one."""
    if not periods:
        return {}
    days = (periods[0].during.lower, periods[-1].during.upper)
    held = PositionHolding.objects.filter(position__in=position_ids, during__overlap=days).order_by("during")
    return {one.position_id: one.participant for one in held.select_related("participant")}


def plan_digest(plan: QuotaPlan) -> str:
    """Give the digest of what a second person approves: the target and every quota of every seat."""
    cells = QuotaCell.objects.filter(seat__plan=plan).order_by("seat__position__code", "period__during")
    rows = cells.values_list("seat__position__code", "period__key", "value", "carried")
    text = f"{plan.year} {plan.measure} {plan.currency} {plan.total} {list(rows)}"
    return sha256(text.encode()).hexdigest()


def plan_history(plan: QuotaPlan, seat_id: UUID | None = None) -> list[QuotaEdit]:
    """Give the changes of a plan, latest first; of one seat, with only what they did to it."""
    edits = list(QuotaEdit.objects.filter(plan=plan).order_by("-number"))
    if seat_id is None:
        return edits
    for edit in edits:
        edit.changes = [one for one in edit.changes if one["seat"] == str(seat_id)]
    return [edit for edit in edits if edit.changes]


def commitment_rows(viewer: Viewer) -> list[tuple[QuotaPlan, list[SheetRow]]]:
    """Give of each draft the seats whose holders are within reach, with what is expected of them; over-assignment stays unseen."""
    people = set(visible(viewer, Participant.objects.all(), participant="pk").values_list("pk", flat=True))
    found = []
    for plan in quota_plan_list().filter(state=QuotaPlanState.DRAFT):
        full = plan_sheet(plan)
        holders = holders_of({row.seat.position_id for row in full.rows}, full.periods)
        own = {position for position, person in holders.items() if person.pk in people}
        rows = [row for row in full.rows if row.seat.position_id in own]
        if rows:
            found.append((plan, rows))
    return found


def _season(plan: QuotaPlan, count: int) -> tuple[int, ...]:
    weights = {Season.HISTORY: plan.season_history, Season.SET: plan.season_weights}.get(Season(plan.season), [])
    return tuple(weights) if len(weights) == count and any(weights) else (1,) * count


def _relief(one: QuotaRelief) -> Relief:
    return Relief(one.during.lower, one.during.upper or date.max, one.amount, one.rate)


def _unshared(stored: Stored) -> list[Finding]:
    """What the engine could not share, in the words and the money of people."""
    names = {seat.position.code: seat.position.name for seat in stored.seats}
    try:
        found = plan_computed(stored).findings
    except ValueError as error:
        fix = "Correct who reports to whom."
        return [Finding("QUOTA_NO_TREE", stored.plan.name, str(error), "Nothing can be handed down.", fix)]
    return [_worded(one, stored.plan, names) for one in found]


def _worded(finding: Finding, plan: QuotaPlan, names: dict[str, str]) -> Finding:
    missing, value = (int(str(finding.keys[name])) for name in ("missing", "value"))
    amount, whole = (
        format_amount(abs(one), plan.currency) if plan.currency else f"{abs(one):,}" for one in (missing, value)
    )
    said = "is left over" if missing > 0 else "is given out beyond it"
    what = f"Of {whole}, {amount} {said}: too much of it is set by hand."
    return replace(finding, where=names.get(finding.where, finding.where), what=what)


def _weightless(stored: Stored) -> list[Finding]:
    plan, found = stored.plan, []
    if plan.method != QuotaMethod.EVEN and not any(weight_of(plan, seat) for seat in stored.seats):
        found.append(
            Finding(
                "QUOTA_NO_WEIGHTS",
                plan.name,
                f"Nobody has a weight by {plan.get_method_display().lower()}.",
                "Nothing says who gets which part."
                if plan.measure in MEASURED
                else "Past sales tell amounts and deals only.",
                "Choose another way to share, or give own weights.",
            )
        )
    wanted = {Season.HISTORY: plan.season_history, Season.SET: plan.season_weights}.get(Season(plan.season))
    if wanted is not None and (len(wanted) != len(stored.periods) or not any(wanted)):
        found.append(
            Finding(
                "QUOTA_NO_SEASON",
                plan.name,
                f"There are no weights for the {len(stored.periods)} periods.",
                "Nothing says which part of the year each period is.",
                "Set one weight per period, or cut the year evenly.",
            )
        )
    return found
