"""Keeps the pay forecasts that the record needs, and holds those of ended periods against the statements."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from incentives.selectors.earned import earned_in, statements_issued_at
from insights.engine.forecast_record import HORIZONS, stood_on
from insights.models import PayForecast, PayForecastBasis, PayScope
from insights.selectors.pay_records import recorded_last, teams_on

Earned = Mapping[tuple[Any, str], int | None]


def pay_record_keep(*, period: Any, day: date) -> None:
    """Make place for the forecast of the day: of those before, only what stood last before a horizon of the record stays."""
    before = PayForecastBasis.objects.filter(period=period)
    before.filter(as_on=day).delete()
    days = {day, *before.values_list("as_on", flat=True)}
    kept = {stood_on(days, period.during.upper, horizon) for horizon in HORIZONS}
    before.exclude(as_on__in=[one for one in kept if one is not None]).delete()
    before.update(is_current=False)


@transaction.atomic
def pay_record_settle(*, day: date) -> int:
    """Close the forecasts of ended periods, and hold those of the last ones against the statements issued since; gives how many."""
    ended = PayForecastBasis.objects.filter(period__during__endswith__lte=day)
    ended.filter(is_current=True).update(is_current=False)
    settled = 0
    for bases in recorded_last(ended):
        at = statements_issued_at(bases[0].period_id)
        due = [one for one in bases if at is not None and at != one.settled_at]
        earned = earned_in(bases[0].period_id) if due else {}
        for basis in due:
            _settle(basis, earned)
            basis.settled_at = at
            basis.save(update_fields=["settled_at"])
        settled += len(due)
    return settled


def _settle(basis: PayForecastBasis, earned: Earned) -> None:
    """Write the actual of each row that told anything; a sum's is that of the people who were in it, unknown where one's is."""
    rows = list(PayForecast.objects.filter(basis=basis, median_minor__isnull=False))
    told = {(row.participant_id, row.currency) for row in rows if row.scope == PayScope.PERSON}
    teams = {UUID(manager): people for manager, people in teams_on(basis.as_on)}
    for row in rows:
        row.actual_minor = _actual(row, told, teams, earned)
    PayForecast.objects.bulk_update(rows, ["actual_minor"], batch_size=2000)


def _actual(row: PayForecast, told: set[Any], teams: Mapping[Any, set[str]], earned: Earned) -> int | None:
    if row.scope == PayScope.PERSON:
        return earned.get((row.participant_id, row.currency))
    people = {person for person, currency in told if currency == row.currency}
    if row.scope == PayScope.TEAM:
        people &= {UUID(person) for person in teams.get(row.participant_id, ())}
    amounts = [earned.get((person, row.currency)) for person in people]
    if len(amounts) != row.people - row.unknown or None in amounts:
        return None
    return sum(amount for amount in amounts if amount is not None)
