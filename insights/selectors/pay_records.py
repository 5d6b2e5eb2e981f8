"""How wrong pay forecasts were: what was shown so many days before the end of a period beside what its statements came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Abs

from insights.engine.forecast_record import HORIZONS, stood_on
from insights.engine.pay_forecast import PayRecord
from insights.models import PayForecast, PayForecastBasis, PayScope
from insights.selectors.forecast_record import PERIODS
from insights.selectors.forecast_sheet import managers_on
from insights.selectors.pay_forecasts import seen
from spm.roles.policy import Viewer

EVERYBODY = "PEOPLE"
"""The ranges of all people within reach together, each by itself: how often what is told a person holds."""


@dataclass(frozen=True)
class PayRecordLine:
    """The record of the company, of a team, of all people within reach each by itself, or of a person.

    It is of the periods of one calendar, by its name, and in one currency.
    """

    calendar: str
    scope: str
    participant_id: UUID | None
    name: str
    currency: str
    horizon: int
    record: PayRecord


def teams_on(day: date) -> list[tuple[str, set[str]]]:
    """Give everybody with people below in the reporting line on the day, and these, as text."""
    above, below = managers_on(day), dict[str, set[str]]()
    for person in above:
        manager, met = above[person], {person}
        while manager is not None and manager not in met:
            below.setdefault(manager, set()).add(person)
            met.add(manager)
            manager = above.get(manager)
    return sorted(below.items())


def horizon_of(days_left: int) -> int:
    """Give the horizon of the record that tells of a forecast made so many days before the end.

    >>> horizon_of(45), horizon_of(3)
    (30, 7)
    """
    return max((one for one in HORIZONS if one <= days_left), default=min(HORIZONS))


def pay_record(viewer: Viewer, horizon: int) -> list[PayRecordLine]:
    """Give the record within reach: company, teams, all people together, people by name."""
    told = ("basis__period__calendar__name", "scope", "participant", "participant__name", "currency")
    lines = [
        PayRecordLine(calendar, scope, person, name or "", currency, horizon, PayRecord(*map(int, sums)))
        for calendar, scope, person, name, currency, *sums in _grouped(viewer, horizon).values_list(*told, *SUMS)
    ]
    people = [one for one in lines if one.scope == PayScope.PERSON]
    pooled = [
        PayRecordLine(
            calendar, EVERYBODY, None, "", currency, horizon,
            PayRecord.of(one.record for one in people if (one.calendar, one.currency) == (calendar, currency)),
        )
        for calendar, currency in sorted({(one.calendar, one.currency) for one in people})
    ]  # fmt: skip
    order = [PayScope.COMPANY, PayScope.TEAM, EVERYBODY, PayScope.PERSON]
    return sorted(
        [*lines, *pooled],
        key=lambda one: (order.index(one.scope), one.name, str(one.participant_id), one.calendar, one.currency),
    )


def pay_record_beside(viewer: Viewer, rows: Sequence[PayForecast]) -> Mapping[Any, PayRecord]:
    """Give the record of forecasts that are shown, by their key, at the horizon that they were made at; none where nothing was tried."""
    found: dict[Any, PayRecord] = {}
    for horizon in sorted({_horizon(row) for row in rows}):
        mine: dict[Any, list[UUID]] = {}
        for row in rows:
            if _horizon(row) == horizon:
                alike = (row.basis.period.calendar_id, row.scope, row.participant_id, row.currency)
                mine.setdefault(alike, []).append(row.pk)
        asked = Q(participant__in={person for _, _, person, _ in mine}) | Q(participant=None)
        told = ("basis__period__calendar", "scope", "participant", "currency")
        for *subject, tests, held, wrong, over, actual in (
            _grouped(viewer, horizon).filter(asked).values_list(*told, *SUMS)
        ):
            for key in mine.get(tuple(subject), ()):
                found[key] = PayRecord(*map(int, (tests, held, wrong, over, actual)))
    return found


SUMS = ("tests", "held", "wrong", "over", "actual")


def _horizon(row: PayForecast) -> int:
    return horizon_of((row.basis.period.during.upper - row.basis.as_on).days)


def _grouped(viewer: Viewer, horizon: int) -> Any:
    """What stood at the horizon in past periods beside what came, summed by calendar and subject, within reach."""
    tried = PayForecast.objects.filter(basis__in=_stood(horizon), actual_minor__isnull=False)
    inside = Q(low_minor__lte=F("actual_minor"), high_minor__gte=F("actual_minor"))
    return (
        seen(viewer, tried)
        .values("basis__period__calendar", "scope", "participant", "currency")
        .annotate(
            tests=Count("pk"),
            held=Count("pk", filter=inside),
            wrong=Sum(Abs(F("median_minor") - F("actual_minor"))),
            over=Sum(F("median_minor") - F("actual_minor")),
            actual=Sum(Abs("actual_minor")),
        )
    )


def _stood(horizon: int) -> list[UUID]:
    """The forecasts that stood last so long before the end, of the last ended periods."""
    found = []
    for bases in recorded_last(PayForecastBasis.objects.filter(settled_at__isnull=False)):
        made = {one.as_on: one.pk for one in bases}
        day = stood_on(made, bases[0].period.during.upper, horizon)
        found += [made[day]] if day is not None else []
    return found


def recorded_last(rows: QuerySet[PayForecastBasis]) -> list[list[PayForecastBasis]]:
    """Give what the forecasts of periods rest on, period by period: of each calendar those that ended last."""
    found: dict[UUID, dict[UUID, list[PayForecastBasis]]] = {}
    for one in rows.select_related("period").order_by("-period__during__endswith", "period"):
        found.setdefault(one.period.calendar_id, {}).setdefault(one.period_id, []).append(one)
    return [bases for periods in found.values() for bases in list(periods.values())[:PERIODS]]
