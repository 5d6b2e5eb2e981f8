"""What belongs to one seat of a quota plan: the commitment from below, and relief from what is expected."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from planning.engine.prorating import month_in_role
from planning.models import QuotaRelief, QuotaSeat, ReliefKind
from planning.selectors.quota_plans import holders_of, plan_stored
from planning.services.quota_plans import SheetValue, edit_keep, plan_draft, plan_shared, quota_plan_set
from planning.services.quotas import LARGEST
from spm.people.models import Participant, PositionHolding
from spm.roles.policy import Viewer, require, visible

FOUND = (ReliefKind.JOINED, ReliefKind.LEFT, ReliefKind.RAMP)


@transaction.atomic
def commitment_give(*, seat_id: UUID, value: int | None, note: str, actor: Viewer) -> QuotaSeat:
    """Keep what the holder of a seat commits to, or somebody above on their behalf; None takes it back.

    Raises PermissionDenied for a seat out of reach.
    """
    require(actor, "quota.commit")
    seat = QuotaSeat.objects.select_related("plan", "position").get(pk=seat_id)
    plan = plan_draft(seat.plan_id)
    seat = QuotaSeat.objects.select_for_update(of=("self",)).select_related("position").get(pk=seat_id)
    people = visible(actor, Participant.objects.all(), participant="pk", action="quota.commit")
    holder = holders_of({seat.position_id}, plan_stored(plan).periods).get(seat.position_id)
    if holder is None or not people.filter(pk=holder.pk).exists():
        raise PermissionDenied("Commitments are given for oneself, or for others within reach. Nothing was kept.")
    if value is not None and not 0 <= value <= LARGEST:
        raise ValidationError({"value": "A commitment is between 0 and the largest amount. Correct it."})
    old = seat.commitment
    seat.commitment, seat.commitment_note, seat.committed_by_name = value, note.strip()[:500], actor.name
    seat.save(update_fields=["commitment", "commitment_note", "committed_by_name"])
    change = {"seat": str(seat.pk), "period": "", "field": "commitment", "old": old, "new": value}
    what = f"Commitment of {seat.position.name}"
    edit_keep(plan, what=what, why=seat.commitment_note, changes=[change], actor=actor)
    return seat


@transaction.atomic
def commitments_take(*, plan_id: UUID, actor: Viewer) -> int:
    """Make the commitments of those who sell the values of their years; the rest is shared among the others. Gives how many changed."""
    require(actor, "cascade.edit")
    plan = plan_draft(plan_id)
    seats = list(QuotaSeat.objects.filter(plan=plan))
    above = {seat.parent_id for seat in seats}
    values = [
        SheetValue(seat.pk, seat.commitment) for seat in seats if seat.commitment is not None and seat.pk not in above
    ]
    return quota_plan_set(plan_id=plan.pk, values=values, what="Commitments taken over", actor=actor)


@dataclass(frozen=True)
class ReliefWish:
    """Relief on the days of [start, until): a rate (10**8 is all) of them, or a stated amount; always with its reason."""

    kind: str
    start: date
    until: date
    reason: str
    rate: int = 10**8
    amount: int | None = None


@transaction.atomic
def relief_add(*, seat_id: UUID, wish: ReliefWish, actor: Viewer) -> QuotaRelief:
    """Relieve a seat of a draft; raises ValidationError without a reason, and for days outside the year."""
    require(actor, "cascade.edit")
    seat = QuotaSeat.objects.select_related("position").get(pk=seat_id)
    plan = plan_draft(seat.plan_id)
    periods = plan_stored(plan).periods
    first, end = periods[0].during.lower, periods[-1].during.upper
    if wish.until <= wish.start:
        raise ValidationError({"until": "The end is not after the first day. Choose a later one."})
    if wish.until <= first or wish.start >= end:
        raise ValidationError({"start": f"These days lie outside {plan.year}. Choose days of the plan's year."})
    if not wish.reason.strip():
        raise ValidationError({"reason": "Say why less is carried: who reads it later was not there."})
    if not 0 < wish.rate <= 10**8:
        raise ValidationError({"rate": "The part of the days is above 0 and at most 100 %. Correct it."})
    if wish.amount is not None and not 0 < wish.amount <= LARGEST:
        raise ValidationError({"amount": "A stated amount is above 0. Correct it, or leave it empty to count days."})
    relief = _relief(seat, ReliefKind(wish.kind), wish, actor)
    relief.save(force_insert=True)
    change = {"seat": str(seat.pk), "period": "", "field": "relief", "old": None, "new": _text(relief)}
    plan_shared(plan, what=f"Relief of {seat.position.name}", why=wish.reason, inputs=[change], actor=actor)
    return relief


@transaction.atomic
def relief_remove(*, relief_id: UUID, actor: Viewer, why: str = "") -> None:
    """Take relief back in a draft."""
    require(actor, "cascade.edit")
    relief = QuotaRelief.objects.select_related("seat__position").get(pk=relief_id)
    plan = plan_draft(relief.seat.plan_id)
    change = {"seat": str(relief.seat_id), "period": "", "field": "relief", "old": _text(relief), "new": None}
    QuotaRelief.objects.filter(pk=relief.pk).delete()
    what = f"Relief of {relief.seat.position.name} taken back"
    plan_shared(plan, what=what, why=why, inputs=[change], actor=actor)


@transaction.atomic
def reliefs_find(*, plan_id: UUID, actor: Viewer, ramp_rates: tuple[int, ...] = ()) -> int:
    """Relieve seats of the days on which nobody holds them, and joiners by month in role; gives how many reliefs there are.

    `ramp_rates` are what a joiner carries in the first, second … month in role, at scale 10**8. What was found before is found anew;
    relief that people gave stays.
    """
    require(actor, "cascade.edit")
    plan = plan_draft(plan_id)
    if any(not 0 <= rate <= 10**8 for rate in ramp_rates):
        raise ValidationError({"ramp": "What a joiner carries in a month is between 0 and 100 %. Correct it."})
    stored = plan_stored(plan)
    year = (stored.periods[0].during.lower, stored.periods[-1].during.upper)
    QuotaRelief.objects.filter(seat__plan=plan, kind__in=FOUND).delete()
    seats = {seat.position_id: seat for seat in stored.seats}
    held: dict[UUID, list[PositionHolding]] = {}
    rows = PositionHolding.objects.filter(position__in=seats, during__overlap=year).select_related("participant")
    for one in rows.order_by("during"):
        held.setdefault(one.position_id, []).append(one)
    found = [
        relief
        for position, seat in seats.items()
        for relief in _found(seat, held.get(position, []), year, ramp_rates, actor)
    ]
    QuotaRelief.objects.bulk_create(found)
    changes = [
        {"seat": str(one.seat_id), "period": "", "field": "relief", "old": None, "new": _text(one)} for one in found
    ]
    plan_shared(plan, what="Joiners and leavers found", why="", inputs=changes, actor=actor)
    return len(found)


def _found(
    seat: QuotaSeat,
    held: list[PositionHolding],
    year: tuple[date, date],
    ramp_rates: tuple[int, ...],
    actor: Viewer,
) -> list[QuotaRelief]:
    found, at, last = [], year[0], ""
    for one in held:
        name, start = one.participant.name, one.during.lower or year[0]
        if start > at:
            kind, reason = (
                (ReliefKind.LEFT, f"{last} left on {at}, {name} follows on {start}.")
                if last
                else (ReliefKind.JOINED, f"{name} joins on {start}.")
            )
            found.append(_relief(seat, kind, ReliefWish(kind, at, start, reason), actor))
        if start > year[0]:
            found += _ramp(seat, name, start, year[1], ramp_rates, actor)
        at, last = max(at, one.during.upper or year[1]), name
    if at < year[1]:
        reason = f"{last} leaves on {at}, and nobody follows." if last else "Nobody holds the position."
        found.append(_relief(seat, ReliefKind.LEFT, ReliefWish(ReliefKind.LEFT, at, year[1], reason), actor))
    return found


def _ramp(
    seat: QuotaSeat, name: str, start: date, until: date, rates: tuple[int, ...], actor: Viewer
) -> list[QuotaRelief]:
    found, day = [], start
    while day < until:
        month = month_in_role(start, day)
        if month > len(rates):
            break
        following = min((day.replace(day=1) + timedelta(days=31)).replace(day=1), until)
        carried = rates[month - 1]
        if carried < 10**8:
            reason = f"{name} is in month {month} in role and carries {carried / 10**6:g} %."
            wish = ReliefWish(ReliefKind.RAMP, day, following, reason, rate=10**8 - carried)
            found.append(_relief(seat, ReliefKind.RAMP, wish, actor))
        day = following
    return found


def _relief(seat: QuotaSeat, kind: ReliefKind, wish: ReliefWish, actor: Viewer) -> QuotaRelief:
    return QuotaRelief(
        seat=seat,
        kind=kind,
        during=DateRange(wish.start, wish.until),
        rate=wish.rate,
        amount=wish.amount,
        reason=wish.reason.strip()[:500],
        by_name=actor.name,
    )


def _text(one: QuotaRelief) -> str:
    part = f"{one.rate / 10**6:g} %" if one.amount is None else str(one.amount)
    return f"{ReliefKind(one.kind).label}: {part}, {one.during.lower} to {one.during.upper}. {one.reason}"
