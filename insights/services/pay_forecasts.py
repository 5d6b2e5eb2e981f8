"""Makes the pay forecast of a period: deals drawn won or lost, scenarios priced by the engine, people and teams summed in each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

import numpy as np
from django.db import transaction

from incentives.selectors.pay_scenarios import Scenarios, pay_scenarios
from insights.engine.pay_forecast import draw_won, spread_of
from insights.models import PayForecast, PayForecastBasis, PayScope
from insights.selectors.chances import Chances, chances_of
from insights.selectors.pay_records import teams_on
from insights.services.pay_records import pay_record_keep
from spm.core.dated import day_number
from spm.crm.selectors.facts import facts_moment
from spm.tenancy.models import Organisation

SCENARIOS = 1000


@dataclass
class _Drawn:
    """What was drawn: the chances and how many deals, once the deals are known."""

    day: date
    seed: int
    chances: Chances | None = None
    deals: int = 0

    def __call__(self, keys: Sequence[str]) -> np.ndarray:
        """Draw which deals are won; nothing but all lost where the chances are unknown."""
        self.chances, self.deals = chances_of(keys, self.day), len(keys)
        rates = self.chances.rates
        dice = np.random.default_rng(self.seed)
        known = np.zeros(len(keys), dtype=np.int64) if rates is None else rates
        return draw_won(known, 0 if rates is None else SCENARIOS if len(keys) else 1, dice)


@transaction.atomic
def pay_forecast_refresh(*, organisation: Organisation, period: Any, day: date) -> int:
    """Write what everybody is expected to earn in the period, in the place of what was written before; the record keeps what it needs.

    Gives how many rows. The seed is of the period and the day, so that doing it again over the same facts gives the same rows.
    """
    pay_record_keep(period=period, day=day)
    seed = crc32(period.key.encode()) * 10**6 + day_number(day)
    drawn = _Drawn(day, seed)
    try:
        found = pay_scenarios(period, known_at=facts_moment(), day=day, draw=drawn)
    except OverflowError as error:
        PayForecastBasis.objects.create(period=period, as_on=day, seed=seed, deals=drawn.deals, reason=str(error))
        return 0
    basis = _basis(period, drawn, found)
    basis.save()
    rows = [*_people(basis, found, organisation.currency), *_sums(basis, found, day)]
    PayForecast.objects.bulk_create(rows, batch_size=5000)
    return len(rows)


def _basis(period: Any, drawn: _Drawn, found: Scenarios) -> PayForecastBasis:
    chances = drawn.chances
    assert chances is not None
    return PayForecastBasis(
        period=period,
        as_on=drawn.day,
        seed=drawn.seed,
        scenarios=len(found.amounts) - 1,
        deals=drawn.deals,
        at_share=chances.at_share,
        source=chances.source if drawn.deals else "",
        source_reason=chances.source_reason if drawn.deals else "",
        in_full="FULL" in found.ways.values(),
        reason=found.failed or chances.reason,
    )


def _people(basis: PayForecastBasis, found: Scenarios, currency: str) -> Iterator[PayForecast]:
    for place, (person, paid_in) in enumerate(found.payees):
        yield _row(basis, PayScope.PERSON, person, paid_in, found.amounts[:, place])
    unknown = {(person, currency): why for person, why in found.unplanned.items()} | found.unknown
    for (person, paid_in), why in sorted(unknown.items()):
        yield PayForecast(
            basis=basis, scope=PayScope.PERSON, participant_id=person, currency=paid_in, unknown=1, reason=why
        )


def _sums(basis: PayForecastBasis, found: Scenarios, day: date) -> Iterator[PayForecast]:
    """The company and the team of each manager, by currency: summed in each scenario, then told."""
    lacking = sorted(found.unknown)
    for currency in sorted({paid_in for _, paid_in in [*found.payees, *lacking]}):
        place = {person: number for number, (person, paid_in) in enumerate(found.payees) if paid_in == currency}
        without = {person for person, paid_in in lacking if paid_in == currency}
        groups: list[tuple[str | None, Iterable[str]]] = [(None, place.keys() | without), *teams_on(day)]
        for manager, people in groups:
            inside = [place[person] for person in people if person in place]
            unknown = sum(person in without for person in people)
            if inside or unknown:
                scope = PayScope.COMPANY if manager is None else PayScope.TEAM
                amounts = found.amounts[:, sorted(inside)].sum(axis=1) if inside else None
                row = _row(basis, scope, manager, currency, amounts)
                row.people, row.unknown = len(inside) + unknown, unknown
                yield row


def _row(
    basis: PayForecastBasis, scope: PayScope, person: str | None, currency: str, amounts: np.ndarray | None
) -> PayForecast:
    """A row of what scenarios come to; without any but the first only what is earned so far is known."""
    row = PayForecast(basis=basis, scope=scope, participant_id=person, currency=currency)
    if amounts is None:
        row.reason = "Nobody of them could be calculated."
        return row
    spread = spread_of(amounts)
    row.earned_minor, row.reason = int(amounts[0]), basis.reason
    if spread is not None:
        row.low_minor, row.median_minor, row.high_minor = spread.low, spread.median, spread.high
    return row
