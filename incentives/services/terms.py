"""Sets target pay, ramps and leave from a day on; what held before is cut there, never lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.models import Leave, PayCurrency, Ramp, RampSchedule, TargetPay, TargetPer
from planning.selectors import quota_measures
from planning.selectors.quotas import seats_reached_on
from spm.core.findings import Finding
from spm.core.money import RATE_SCALE, AmountError, Rate, is_currency
from spm.people.models import Participant, Position
from spm.people.services import timeline_set
from spm.roles.policy import Viewer, require, require_for, visible

LARGEST = 10**15
Entry = TargetPay | Ramp | Leave | PayCurrency
MONTHS = 60


@dataclass(frozen=True)
class Holder:
    """Whose terms: a person's, or those of whoever holds a position. Exactly one."""

    participant_id: UUID | None = None
    position_id: UUID | None = None


def holder_key(
    holder: Holder, actor: Viewer, *, start: date, until: date | None
) -> dict[str, Participant | Position | None]:
    """Give the holder's row, locked, so that two changes of one holder wait for each other.

    Raises ValidationError beyond reach: of a position, where anybody holds it on the days [start, until) who is not within it.
    """
    if (holder.participant_id is None) == (holder.position_id is None):
        raise ValidationError("Say whose terms these are: a person's or a position's, one of the two.")
    if holder.participant_id is not None:
        return {"participant": person_locked(holder.participant_id, actor), "position": None}
    rows = seats_reached_on(actor.acting("target.edit"), DateRange(start, until))
    position = rows.select_for_update().filter(pk=holder.position_id).first()
    if position is None:
        raise ValidationError(
            {"position": "This position is not known, or who holds it on these days is not within your reach."}
        )
    return {"participant": None, "position": position}


def person_locked(participant_id: UUID, actor: Viewer) -> Participant:
    """Give a person whose terms are changed, locked; raises ValidationError for one who is not within reach."""
    rows = visible(actor, Participant.objects.all(), participant="pk", action="target.edit")
    person = rows.select_for_update().filter(pk=participant_id).first()
    if person is None:
        raise ValidationError({"participant": "This person is not known, or not within your reach."})
    return person


@transaction.atomic
def target_set(
    *,
    holder: Holder,
    name: str,
    target_minor: int,
    base_minor: int,
    currency: str,
    start: date,
    actor: Viewer,
    until: date | None = None,
    per: str = TargetPer.YEAR,
) -> TargetPay:
    """Let target pay of a year or of each pay period hold from a day on. `name` is what the plan calls the target."""
    require(actor, "target.edit")
    target_check(name=name.strip(), target_minor=target_minor, base_minor=base_minor, currency=currency)
    key = {**holder_key(holder, actor, start=start, until=until), "name": name.strip()}
    values = {"target_minor": target_minor, "base_minor": base_minor, "currency": currency, "per": TargetPer(per)}
    return timeline_set(TargetPay, key=key, values=values, start=start, until=until)


def target_check(*, name: str, target_minor: int, base_minor: int, currency: str) -> None:
    """Raise ValidationError for target pay that can't be."""
    if not is_currency(currency):
        raise ValidationError({"currency": f"{currency} is not a currency. Use an ISO 4217 code such as EUR."})
    if not (0 <= target_minor <= LARGEST and 0 <= base_minor <= LARGEST):
        raise ValidationError({"target": f"Target and base are from 0 to {LARGEST} minor units. Correct the amount."})
    if not name or name in quota_measures():
        raise ValidationError({"name": "Write what the plan calls the target; the names of quotas are taken."})


def shares_read(text: str) -> list[int]:
    """Give the shares of a ramp at RATE_SCALE from words such as 25 %, 50 %, 75 %; raises AmountError for what is none or may be a decimal.

    >>> shares_read("25 %, 37.5 %")
    [25000000, 37500000]
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if not part.endswith("%"):
            what = f"“{part}” has no % sign: a comma parts the months."
            raise AmountError(Finding("RATE_UNREADABLE", "", what, fix="Write each with it, such as 0.5 %, 50 %."))
    return [Rate.parse(part).scaled for part in parts]


@transaction.atomic
def schedule_save(*, code: str, name: str, shares: Sequence[int], actor: Viewer) -> RampSchedule:
    """Name a ramp: the part of the quota in each month in the role, at RATE_SCALE. One that is used is never changed; make another."""
    require_for(actor, "target.edit", None)
    if not 1 <= len(shares) <= MONTHS or any(not 0 <= share <= RATE_SCALE for share in shares):
        raise ValidationError({"shares": f"Write 1 to {MONTHS} months, each from 0 % to 100 %."})
    if RampSchedule.objects.filter(code=code).exists():
        raise ValidationError({"code": f"A ramp with the key {code} exists. Choose another key."})
    return RampSchedule.objects.create(code=code, name=name.strip() or code, shares=list(shares))


@transaction.atomic
def ramp_set(*, holder: Holder, schedule_id: UUID, start: date, actor: Viewer, until: date | None = None) -> Ramp:
    """Let a person, or whoever holds a position, ramp from a day on: that day begins the first month in the role."""
    require(actor, "target.edit")
    schedule = RampSchedule.objects.get(pk=schedule_id)
    key = holder_key(holder, actor, start=start, until=until)
    return timeline_set(Ramp, key=key, values={"schedule": schedule}, start=start, until=until)


@transaction.atomic
def leave_set(
    *,
    participant_id: UUID,
    start: date,
    until: date,
    relieves_quota: bool,
    relieves_target: bool,
    actor: Viewer,
    reason: str = "",
) -> Leave:
    """Note that a person is away for the days [start, until), and what these days reduce."""
    require(actor, "target.edit")
    if until <= start:
        raise ValidationError({"until": "The end lies before the first day. Choose an end after the start."})
    person = person_locked(participant_id, actor)
    other = Leave.objects.filter(participant=person, during__overlap=DateRange(start, until)).first()
    if other is not None:
        raise ValidationError(
            f"{person} is away from {other.during.lower} until {other.during.upper} already. Choose other days."
        )
    return Leave.objects.create(
        participant=person,
        during=DateRange(start, until),
        relieves_quota=relieves_quota,
        relieves_target=relieves_target,
        reason=reason.strip(),
    )


@transaction.atomic
def entry_end(entry: Entry, *, until: date, actor: Viewer) -> None:
    """Let an entry of target pay, a ramp, a leave or a pay currency end on another day; `until` is the first day after it.

    Raises ValidationError where it would end before it begins, or reach into the next entry.
    """
    require(actor, "target.edit")
    stood = entry.during.upper or date.max
    _holder_of(entry, actor, start=min(until, stood), until=max(until, stood))
    row = type(entry)._default_manager.select_for_update().get(pk=entry.pk)
    if until <= row.during.lower:
        raise ValidationError(f"It begins on {row.during.lower}. Choose a later day, or remove it.")
    key = {name: getattr(row, name) for name in ("participant", "position", "name") if hasattr(row, name)}
    others = type(entry)._default_manager.filter(**key).exclude(pk=row.pk)
    following = others.filter(during__overlap=DateRange(row.during.lower, until)).order_by("during").first()
    if following is not None:
        raise ValidationError(f"Another entry begins on {following.during.lower}. Choose that day or an earlier one.")
    row.during = DateRange(row.during.lower, until)
    row.save(update_fields=["during"])


@transaction.atomic
def entry_remove(entry: Entry, *, actor: Viewer) -> None:
    """Remove an entry that should never have been: no day is paid by it. What it was stays in the audit."""
    require(actor, "target.edit")
    _holder_of(entry, actor, start=entry.during.lower, until=entry.during.upper)
    type(entry)._default_manager.filter(pk=entry.pk).delete()


def _holder_of(entry: Entry, actor: Viewer, *, start: date, until: date | None) -> None:
    """Lock whose entry it is; raises ValidationError beyond reach on the days that change."""
    holder_key(Holder(entry.participant_id, getattr(entry, "position_id", None)), actor, start=start, until=until)
