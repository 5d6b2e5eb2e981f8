"""Target pay, ramps and leave: as the frames that a run reads, and as the timeline of a person."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from incentives.engine.terms import ramp_stretches
from incentives.models import Leave, PayCurrency, PayRateRule, PlanAssignment, Ramp, RampSchedule, TargetPay
from incentives.selectors.windows import csv_of
from planning.selectors.quotas import seats_within_reach
from spm.core.dated import FOREVER, day_number, day_of
from spm.core.money import RATE_SCALE, round_half_away
from spm.people.models import Participant, Position, PositionHolding, PositionTitle
from spm.roles.policy import Viewer, require, visible


@dataclass(frozen=True)
class Lane:
    """A stretch of days of one lane of a person's timeline."""

    lane: str
    label: str
    start: date
    until: date | None


@dataclass(frozen=True)
class TargetView:
    """Target pay as people read it: the target incentive, the base, both together, and the target's part of it at RATE_SCALE."""

    row: TargetPay
    holder: str
    ote_minor: int
    mix_rate: int | None


def terms_frames(start: date, until: date) -> dict[str, bytes]:
    """Give the terms of the days [start, until) as the engine reads them; a frame without rows is left out."""
    days = {"during__overlap": (start, until)}
    targets = [
        (
            one.participant_id,
            one.position_id,
            one.name,
            one.target_minor,
            one.currency,
            one.per,
            *_clipped(one.during, start, until),
        )
        for one in TargetPay.objects.filter(**days)
    ]
    ramps = [
        row for one in Ramp.objects.filter(**days).select_related("schedule") for row in _stretches(one, start, until)
    ]
    leaves = [
        (one.participant_id, int(one.relieves_quota), int(one.relieves_target), *_clipped(one.during, start, until))
        for one in Leave.objects.filter(**days)
    ]
    span = ["from_on", "until_on"]
    holder = ["participant_key", "position_key"]
    found = {
        "targets": (targets, [*holder, "name", "amount_minor", "currency", "per", *span]),
        "ramps": (ramps, [*holder, "share", *span]),
        "leaves": (leaves, ["participant_key", "relieves_quota", "relieves_target", *span]),
    }
    return {name: csv_of(rows, columns) for name, (rows, columns) in found.items() if rows}


def _clipped(during: Any, start: date, until: date) -> tuple[int, int]:
    last = until if during.upper is None else min(during.upper, until)
    return day_number(max(during.lower, start)), day_number(last)


def _stretches(ramp: Ramp, start: date, until: date) -> list[tuple[Any, ...]]:
    """The months of a ramp within the days, each with its share."""
    end = FOREVER if ramp.during.upper is None else day_number(ramp.during.upper)
    first, last = day_number(start), min(day_number(until), end)
    found = []
    for begin, stop, share in ramp_stretches(ramp.during.lower, ramp.schedule.shares):
        if max(begin, first) < min(stop, last):
            found.append((ramp.participant_id, ramp.position_id, share, max(begin, first), min(stop, last)))
    return found


def terms_people(viewer: Viewer, action: str = "target.view") -> QuerySet[Participant]:
    """Give the people whose terms the viewer may see, or set."""
    return visible(viewer, Participant.objects.all(), participant="pk", action=action)


def terms_seats(viewer: Viewer) -> QuerySet[Position]:
    """Give the positions whose terms the viewer may set."""
    return seats_within_reach(viewer.acting("target.edit"), Position.objects.all(), "pk__in")


def target_list(viewer: Viewer, *, query: str = "") -> QuerySet[TargetPay]:
    """Give target pay within reach, latest first; with a query, of the people and positions whose name holds it."""
    rows = TargetPay.objects.select_related("participant", "position").order_by("-during", "pk")
    named = Q(participant__name__icontains=query) | Q(position__name__icontains=query) if query else Q()
    return rows.filter(_within(viewer) & named)


def ramp_list(viewer: Viewer) -> QuerySet[Ramp]:
    """Give ramps within reach, latest first."""
    return (
        Ramp.objects.select_related("participant", "position", "schedule").filter(_within(viewer)).order_by("-during")
    )


def leave_list(viewer: Viewer) -> QuerySet[Leave]:
    """Give leave within reach, latest first."""
    return visible(viewer, Leave.objects.select_related("participant")).order_by("-during", "pk")


def pay_currency_list(viewer: Viewer, *, query: str = "") -> QuerySet[PayCurrency]:
    """Give the currencies that people within reach are paid in, latest first; with a query, of those whose name holds it."""
    rows = visible(viewer, PayCurrency.objects.select_related("participant")).order_by(
        "-during", "participant__name", "pk"
    )
    return rows.filter(participant__name__icontains=query) if query else rows


def pay_rate_list(viewer: Viewer) -> QuerySet[PayRateRule]:
    """Give the rates that pay is converted at, latest first."""
    require(viewer, "target.view")
    return PayRateRule.objects.order_by("-during")


def entry_get(viewer: Viewer, what: str, key: UUID) -> TargetPay | Ramp | Leave | PayCurrency | None:
    """Give an entry of target pay (`target`), a ramp (`ramp`), a leave (`leave`) or a pay currency (`currency`) within reach."""
    lists: dict[str, Callable[[Viewer], QuerySet[Any]]] = {
        "target": target_list,
        "ramp": ramp_list,
        "leave": leave_list,
        "currency": pay_currency_list,
    }
    found: TargetPay | Ramp | Leave | PayCurrency | None = (
        lists[what](viewer).filter(pk=key).first() if what in lists else None
    )
    return found


def person_ramps(viewer: Viewer, person_id: UUID) -> QuerySet[Ramp]:
    """Give the ramps of a person and of the positions held."""
    seats = PositionHolding.objects.filter(participant=person_id).values("position_id")
    return ramp_list(viewer).filter(Q(participant=person_id) | Q(position__in=seats))


def schedule_list() -> QuerySet[RampSchedule]:
    """Give the company's ramp schedules by name."""
    return RampSchedule.objects.order_by("name")


def _within(viewer: Viewer) -> Q:
    people = terms_people(viewer).values("pk")
    seats = PositionHolding.objects.filter(participant__in=people, during__contains=viewer.on).values("position_id")
    return Q(participant__in=people) | Q(position__in=seats)


def target_views(viewer: Viewer, person_id: UUID) -> list[TargetView]:
    """Give the target pay of a person and of the positions held, with pay mix and on-target earnings."""
    seats = PositionHolding.objects.filter(participant=person_id).values("position_id")
    rows = target_list(viewer).filter(Q(participant=person_id) | Q(position__in=seats))
    return target_rows(rows)


def target_rows(rows: Iterable[TargetPay]) -> list[TargetView]:
    """Give target pay as people read it."""
    return [_view(one) for one in rows]


def _view(one: TargetPay) -> TargetView:
    ote = one.target_minor + one.base_minor
    mix = round_half_away(one.target_minor * RATE_SCALE, ote) if ote else None
    return TargetView(one, str(one.participant or one.position), ote, mix)


def person_lanes(person_id: UUID) -> list[Lane]:
    """Give what pay depends on, dated: the plans assigned, target pay, ramps and leave of a person and of the positions held."""
    holdings = list(PositionHolding.objects.filter(participant=person_id))
    seats = [one.position_id for one in holdings]
    titles = PositionTitle.objects.filter(position__in=seats).values("title_id")
    mine = Q(participant=person_id) | Q(position__in=seats)
    plans = PlanAssignment.objects.filter(mine | Q(title__in=titles)).select_related("plan").order_by("during")
    lanes = [Lane("Plan", one.plan.name, *_days(one.during)) for one in plans]
    lanes += [Lane("Target", f"{one.name}", *_days(one.during)) for one in TargetPay.objects.filter(mine)]
    ramps = Ramp.objects.filter(mine).select_related("schedule")
    lanes += [Lane("Ramp", one.schedule.name, one.during.lower, _ramp_end(one)) for one in ramps]
    own = PayCurrency.objects.filter(participant=person_id).order_by("during")
    lanes += [Lane("Paid in", one.currency, *_days(one.during)) for one in own]
    return lanes + [
        Lane("Leave", one.reason or "Leave", *_days(one.during)) for one in Leave.objects.filter(participant=person_id)
    ]


def _ramp_end(ramp: Ramp) -> date:
    """The first day on which the whole quota is asked for again."""
    last = day_of(ramp_stretches(ramp.during.lower, ramp.schedule.shares)[-1][1])
    return last if ramp.during.upper is None else min(last, ramp.during.upper)


def _days(during: Any) -> tuple[date, date | None]:
    return during.lower, during.upper
