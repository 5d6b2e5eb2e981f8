"""By what a target can be shared: what seats sold, when, and what their territories promise. Reads facts; computes no quota."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import connection

from planning.models import POINTS, CalendarKind, Period, QuotaMeasure, ScoreCard, ScoreKind, TerritoryAssignment
from planning.selectors.rules import account_territories
from planning.selectors.scores import card_get, score_frame, scored
from spm.core.money import RATE_SCALE
from spm.core.periods import year_before

MEASURED = (QuotaMeasure.AMOUNT, QuotaMeasure.COUNT)
"""What can be told of past sales: other measures are shared evenly or by own weights."""
YEAR = timedelta(weeks=52)

_SOLD = """
    select h.position_id, o.close_on, o.currency, sum(o.amount_minor)::bigint, count(*)
    from crm_opportunityversion o
    join people_positionholding h on h.participant_id = o.owner_id and h.is_main and h.during @> o.close_on
    where o.known_until is null and not o.is_withdrawn and o.status = 'won' and o.amount_minor is not null
      and o.close_on >= %(start)s and o.close_on < %(until)s
    group by 1, 2, 3
"""

_POTENTIAL = """
    select a.position_id, sum(v.annual_revenue_minor::numeric * a.share_rate / 100000000)::bigint
    from planning_territoryassignment a
    join planning_accountterritory t on t.territory_id = a.territory_id and t.during @> %(on)s::date
    join crm_accountversion v on v.fact_id = t.account_id and v.known_until is null and not v.is_withdrawn
    where a.during @> %(on)s::date and v.annual_revenue_minor is not null and v.currency in (%(currency)s, '')
    group by 1
"""


@dataclass
class Weights:
    """By position: sales of the year before, of the last 12 months, and potential. `season` is by period; `left_out` counts deals of
    another currency, which are in none of them. Potential is in `unit`: minor units of a currency, or hundredths of a point."""

    history: dict[UUID, int] = field(default_factory=dict)
    trailing: dict[UUID, int] = field(default_factory=dict)
    potential: dict[UUID, int] = field(default_factory=dict)
    season: list[int] = field(default_factory=list)
    left_out: int = 0
    unit: str = ""


def weights_of(periods: Sequence[Period], *, measure: str, currency: str, on: date) -> Weights:
    """Give the weights of all positions for a year of periods; the last 12 months end on the day."""
    first = periods[0].during.lower
    found = Weights(season=[0] * len(periods))
    starts = [_before(one) for one in periods]
    until = _before(periods[-1], end=True)
    if measure in MEASURED:
        for position, day, unit, amount, count in _sold(starts[0], until):
            value = _value(measure, unit, currency, amount, count)
            found.left_out += 0 if value is not None else count
            found.history[position] = found.history.get(position, 0) + (value or 0)
            found.season[bisect_right(starts, day) - 1] += value or 0
        for position, _day, unit, amount, count in _sold(year_before(on), on):
            value = _value(measure, unit, currency, amount, count) or 0
            found.trailing[position] = found.trailing.get(position, 0) + value
    card = card_get(ScoreKind.POTENTIAL)
    found.unit = POINTS if card else currency
    found.potential = potential_of(card, first, currency)
    return found


def potential_of(card: ScoreCard | None, on: date, currency: str) -> dict[UUID, int]:
    """What the accounts of each position's territories promise on the day: their scores by the card, without one their revenue."""
    if card is None:
        with connection.cursor() as cursor:
            cursor.execute(_POTENTIAL, {"on": on, "currency": currency})
            return dict(cursor.fetchall())
    points = scored(card, score_frame(currency, on)).by_account
    sums: Counter[UUID] = Counter()
    for account, territory in account_territories(on).values_list("account_id", "territory_id"):
        sums[territory] += points.get(str(account)) or 0
    found: Counter[UUID] = Counter()
    covers = TerritoryAssignment.objects.filter(during__contains=on)
    for position, territory, share in covers.values_list("position_id", "territory_id", "share_rate"):
        found[position] += sums[territory] * share // RATE_SCALE
    return dict(found)


def _sold(start: date, until: date) -> list[tuple[UUID, date, str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_SOLD, {"start": start, "until": until})
        return cursor.fetchall()


def _value(measure: str, unit: str, currency: str, amount: int, count: int) -> int | None:
    if measure == QuotaMeasure.COUNT:
        return count
    return amount if unit == currency else None


def _before(period: Period, *, end: bool = False) -> date:
    """The same period's first day (or the day after its last) a year before; weeks keep their weekday."""
    day: date = period.during.upper if end else period.during.lower
    if period.calendar.kind in (CalendarKind.WEEKLY, CalendarKind.BIWEEKLY, CalendarKind.FOUR_FOUR_FIVE):
        return day - YEAR
    return day.replace(year=day.year - 1)
