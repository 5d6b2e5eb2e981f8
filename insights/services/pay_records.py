"""Keeps the pay forecasts that the record needs, and holds those of ended periods against the statements."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from incentives.selectors.earned import earned_in, statements_issued_at
from insights.engine.forecast_record import HORIZONS, stood_on
from insights.models import PayForecast, PayForecastBasis, PayScope
from insights.selectors.pay_records import teams_on

Earned = Mapping[tuple[Any, str], int | None]


def pay_record_keep(*, period: Any, day: date) -> None:
    """Make place for the forecast of the day: of those before, only what stood last before a horizon of the record stays."""
    before = PayForecastBasis.objects.filter(period=period)
    before.filter(as_on=day).delete()
    days = {day, *before.values_list("as_on", flat=True)}
    kept = {stood_on(days, period.during.upper, horizon) for horizon in HORIZONS}
    before.exclude(as_on__in=[one for one in kept if one is not None]).delete()
    before.update(is_current=False)


def pay_record_settle(*, calendar_id: UUID, day: date) -> None:
    """Write what the ended periods of a calendar came to beside their forecasts, where statements were issued since the last time."""
    ended = PayForecastBasis.objects.filter(period__calendar=calendar_id, period__during__endswith__lte=day)
    ended.filter(is_current=True).update(is_current=False)
    issued: dict[UUID, Any] = {}
    for basis in ended:
        if basis.period_id not in issued:
            issued[basis.period_id] = statements_issued_at(basis.period_id)
        at = issued[basis.period_id]
        if at is not None and at != basis.settled_at:
            _settle(basis, earned_in(basis.period_id))
            basis.settled_at = at
            basis.save(update_fields=["settled_at"])


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
