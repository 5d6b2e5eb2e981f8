"""Changes quotas from a day on: what was said before holds for the days before, and the quota is what both come to by days."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from planning.engine.prorating import by_days
from planning.models import Period, Quota, QuotaMeasure, QuotaStep
from planning.services.quotas import QuotaValue, closed_refuse, places_check, quota_set_many
from spm.people.models import PositionHolding
from spm.roles.policy import Viewer, require


@dataclass(frozen=True, kw_only=True)
class QuotaFrom:
    """A quota from a day on, said for a whole period of the calendar `kind`, and why; money in minor units of the quota's currency.

    Where `currency` is given, the quota must be in it. With `rest_of_year` the later periods of the year that have a quota get it too.
    """

    position_id: UUID
    kind: str
    starts_on: date
    value: int
    reason: str
    measure: str = QuotaMeasure.AMOUNT
    rest_of_year: bool = False
    currency: str | None = None


@transaction.atomic
def quota_change(*, wish: QuotaFrom, actor: Viewer) -> Quota:
    """Change a quota from a day on; gives the quota of the period of that day.

    Raises ValidationError without a reason, without a quota in that period, for a closed period, and where the position changes hands
    within the period, because its quota is one for all who hold it.
    """
    require(actor, "quota.edit")
    if not wish.reason.strip():
        raise ValidationError({"reason": "Say why the quota changes."})
    period = _period(wish)
    place = (wish.position_id, period.pk)
    places_check({place: wish.value}, actor)
    rows = Quota.objects.select_for_update(of=("self",)).select_related("position", "period")
    quota = rows.filter(position=wish.position_id, period=period, measure=wish.measure).first()
    if quota is None:
        raise ValidationError(f"There is no quota in {period.key} that could change. Set it first.")
    later = _later(quota, period) if wish.rest_of_year else []
    _refuse_currency([quota, *later], quota.currency if wish.currency is None else wish.currency)
    if wish.starts_on > period.during.lower:
        _refuse_handover(quota, period)
        _step(quota, period, wish, actor)
    else:
        _whole([quota], wish, actor)
    _whole(later, wish, actor)
    quota.refresh_from_db()
    return quota


def _period(wish: QuotaFrom) -> Period:
    found = Period.objects.filter(calendar__kind=wish.kind, during__contains=wish.starts_on)
    period = found.select_related("calendar").first()
    if period is None:
        raise ValidationError(
            {"starts_on": f"{wish.starts_on} lies in no period of this calendar. Make its periods first."}
        )
    return period


def _later(quota: Quota, period: Period) -> list[Quota]:
    """The quotas of the periods of the same calendar that begin later in the year."""
    rows = Period.objects.filter(calendar=period.calendar_id, during__startswith__year=period.during.lower.year)
    periods = rows.filter(during__startswith__gte=period.during.upper)
    same = Quota.objects.filter(position=quota.position_id, measure=quota.measure, period__in=periods)
    return list(same.select_related("period").order_by("period__during"))


def _refuse_currency(quotas: list[Quota], currency: str) -> None:
    other = next((one for one in quotas if one.currency != currency), None)
    if other is not None:
        raise ValidationError(
            f"The quota of {other.period.key} is in {other.currency}, the new one in {currency}. Nothing was changed. "
            "Set it in one currency first."
        )


def _whole(quotas: list[Quota], wish: QuotaFrom, actor: Viewer) -> None:
    """Set the value for whole periods."""
    values = [QuotaValue(one.position_id, one.period_id, wish.value) for one in quotas]
    if values:
        measure, currency = QuotaMeasure(wish.measure), quotas[0].currency
        quota_set_many(values=values, measure=measure, currency=currency, actor=actor)


def _step(quota: Quota, period: Period, wish: QuotaFrom, actor: Viewer) -> None:
    steps = {one.starts_on: one for one in QuotaStep.objects.filter(quota=quota)}
    first = period.during.lower
    if first not in steps:
        steps[first] = QuotaStep(quota=quota, starts_on=first, value=quota.value, by_name=actor.name)
    step = steps.setdefault(wish.starts_on, QuotaStep(quota=quota, starts_on=wish.starts_on))
    step.value, step.reason, step.by_name = wish.value, wish.reason.strip(), actor.name
    gone = [day for day in steps if wish.rest_of_year and day > wish.starts_on]
    ordered = sorted((day, one.value) for day, one in steps.items() if day not in gone)
    place, value = (quota.position_id, quota.period_id), by_days(ordered, period.during.upper)
    closed_refuse({place: value}, {place: quota})
    quota.value = value
    quota.save(update_fields=["value"])
    QuotaStep.objects.filter(quota=quota, starts_on__in=gone).delete()
    steps[first].save()
    step.save()


def _refuse_handover(quota: Quota, period: Period) -> None:
    """Refuse where somebody takes the position over within the period: each would carry a part of both values."""
    days = (period.during.lower, period.during.upper)
    held = PositionHolding.objects.filter(position=quota.position_id, during__overlap=days)
    edges = {edge for one in held for edge in (one.during.lower, one.during.upper)}
    inside = sorted(day for day in edges if day is not None and days[0] < day < days[1])
    if inside:
        raise ValidationError(
            f"{quota.position.name} changes hands on {inside[0]}, within {period.key}, and its quota is one for all who hold it, "
            "shared by days. Nothing was changed. Let the change begin with a period, or give the new holder a position of their own."
        )
