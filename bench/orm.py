"""The same work as a Django application would do it: well written with bulk_create, and naively, one object and query after another.

Both keep what the floor keeps, without versions, proof or statements: a row per credit with its part of the earning. They are slower than
the product at work that is less; compared is the rate, because nobody would wait for a million.
"""

import time
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from django.db.models import Sum

from bench.company import COMPANY, Place
from bench.generator import EDGES, RATES
from incentives.models import LedgerEntry
from planning.models import Period, Quota
from spm.core.money import RATE_SCALE
from spm.crm.models import OpportunityVersion, SplitVersion
from spm.people.models import PositionHolding
from spm.tenancy.scope import Actor, organisation_scope

TABLE = """
    drop table if exists bench_credit;
    create table bench_credit (id bigserial primary key, deal_id uuid, person_id uuid, period_id uuid,
        credit_minor bigint, earned_minor bigint);
    create index on bench_credit (deal_id); create index on bench_credit (person_id, period_id);
    grant all on bench_credit to public; grant all on sequence bench_credit_id_seq to public
"""


class BenchCredit(models.Model):
    """A credit as an application without partitions keeps it."""

    id = models.BigAutoField(primary_key=True)
    deal_id = models.UUIDField()
    person_id = models.UUIDField()
    period_id = models.UUIDField()
    credit_minor = models.BigIntegerField()
    earned_minor = models.BigIntegerField()

    class Meta:
        managed = False
        app_label = "bench"
        db_table = "bench_credit"


def whole(value: Decimal) -> int:
    """Round half away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def paid(value: int, quota: int) -> int:
    """Pay of a value by the tiers of the bench's plan."""
    total = Decimal(0)
    for number, (edge, rate) in enumerate(zip(EDGES, RATES, strict=True)):
        low = Decimal(edge) / 100 * quota
        high = Decimal(EDGES[number + 1]) / 100 * quota if number + 1 < len(EDGES) else None
        part = Decimal(value) - low if high is None else min(Decimal(value), high) - low
        if number == 0 or part > 0:
            total += part * rate / 100
    return whole(total)


def shares(amount: int, parts: list[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """Parts of an amount that sum to it: the residue goes to the largest remainder."""
    sign, size = (-1 if amount < 0 else 1), abs(amount)
    found = [[who, size * share // RATE_SCALE, size * share % RATE_SCALE] for who, share in parts]
    for one in sorted(found, key=lambda one: (-one[2], str(one[0])))[: size - sum(one[1] for one in found)]:
        one[1] += 1
    return [(who, sign * part) for who, part, _ in found]


def by_bulk(place: Place) -> tuple[float, int]:
    """Do the work with dictionaries, Decimal and bulk_create; gives the seconds and the sum of earnings."""
    _fresh(place)
    start = time.perf_counter()
    with organisation_scope(COMPANY, actor=Actor(name="bench")):
        quotas = _quotas()
        periods = sorted(Period.objects.all(), key=lambda one: one.during.lower)
        split: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
        for one in SplitVersion.objects.current().iterator():
            split[one.opportunity_id].append((one.participant_id, one.share_rate))
        reached: dict[Any, int] = defaultdict(int)
        rows = []
        for deal in (
            OpportunityVersion.objects.current().filter(status="won").order_by("close_on", "fact_id").iterator()
        ):
            period = next(one for one in periods if one.during.lower <= deal.close_on < one.during.upper)
            parts = split.get(deal.fact_id) or [(deal.owner_id, RATE_SCALE)]
            for person, credit in shares(deal.amount_minor, parts):
                key = (person, period.id)
                before, quota = reached[key], quotas[key]
                reached[key] += credit
                earned = paid(reached[key], quota) - paid(before, quota)
                rows.append(
                    BenchCredit(
                        deal_id=deal.fact_id,
                        person_id=person,
                        period_id=period.id,
                        credit_minor=credit,
                        earned_minor=earned,
                    )
                )
        BenchCredit.objects.bulk_create(rows, batch_size=1000)
    return time.perf_counter() - start, sum(row.earned_minor for row in rows)


def _quotas() -> dict[Any, int]:
    """The quota of each person and period: of each position by the days that it was held."""
    values = {(one.position_id, one.period_id): one.value for one in Quota.objects.all()}
    exact: dict[Any, Decimal] = defaultdict(Decimal)
    periods = list(Period.objects.all())
    for seat in PositionHolding.objects.all():
        for period in periods:
            exact[seat.participant_id, period.id] += _part(seat, period) * values[seat.position_id, period.id]
    return {key: whole(value) for key, value in exact.items()}


def _part(seat: PositionHolding, period: Period) -> Decimal:
    first = max(seat.during.lower, period.during.lower)
    last = min(seat.during.upper or date.max, period.during.upper)
    length = period.during.upper - period.during.lower
    return Decimal(max(last - first, timedelta(0)).days) / Decimal(length.days)


def naively(place: Place, count: int) -> tuple[float, int]:
    """Do the work of the first deals with a query for everything that is needed; gives the seconds and the sum of earnings."""
    _fresh(place)
    start, total = time.perf_counter(), 0
    with organisation_scope(COMPANY, actor=Actor(name="bench")):
        for deal in OpportunityVersion.objects.current().filter(status="won").order_by("close_on", "fact_id")[:count]:
            period = Period.objects.get(during__contains=deal.close_on)
            split = SplitVersion.objects.current().filter(opportunity_id=deal.fact_id)
            parts = [(one.participant_id, one.share_rate) for one in split] or [(deal.owner_id, RATE_SCALE)]
            for person, credit in shares(deal.amount_minor, parts):
                seats = PositionHolding.objects.filter(participant_id=person, during__overlap=period.during)
                quota = whole(
                    sum(
                        (
                            _part(seat, period) * Quota.objects.get(position_id=seat.position_id, period=period).value
                            for seat in seats
                        ),
                        Decimal(0),
                    )
                )
                mine = BenchCredit.objects.filter(person_id=person, period_id=period.id)
                before = mine.aggregate(total=Sum("credit_minor"))["total"] or 0
                earned = paid(before + credit, quota) - paid(before, quota)
                BenchCredit.objects.create(
                    deal_id=deal.fact_id,
                    person_id=person,
                    period_id=period.id,
                    credit_minor=credit,
                    earned_minor=earned,
                )
                total += earned
    return time.perf_counter() - start, total


def _fresh(place: Place) -> None:
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute(TABLE)


def posted() -> int:
    """Give what the product posted in all."""
    with organisation_scope(COMPANY, actor=Actor(name="bench")):
        return -int(LedgerEntry.objects.filter(account="expense").aggregate(total=Sum("amount_minor"))["total"] or 0)
