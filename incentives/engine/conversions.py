"""At which currency rate each credit was converted: what its deal states in its own currency, the rate, the day and table it is from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.assigning import codes_of
from incentives.engine.conditions import column_of, is_stated
from incentives.engine.credit_lines import MONEY_COLUMNS
from incentives.engine.crediting import sale_days
from incentives.engine.exchange import Exchange
from incentives.engine.phrases import money
from incentives.engine.plan import Component, Plan
from incentives.engine.run import PlanResult, Result
from incentives.engine.words import CreditDate, MeasureKind, RatePolicy
from spm.core.dated import day_text
from spm.core.fx import Quote, convert, rate_text


@dataclass(frozen=True, slots=True)
class Conversion:
    """A rate that credits of one plan were converted at; a mean is of [taken_on, taken_until)."""

    plan: Plan
    source: str
    taken_on: int
    taken_until: int | None
    quote: Quote

    @property
    def rate_on(self) -> int:
        """The first day of the newest entry behind the rate."""
        return self.quote.rate_on

    @property
    def tables(self) -> tuple[str, ...]:
        """The lists that the entries are from."""
        return self.quote.tables

    def words(self, stated_minor: int, into_minor: int) -> str:
        """An amount of the deal, the rate, its day and table, and what it comes to."""
        had, got = money(stated_minor, self.source), money(into_minor, self.plan.currency)
        tables = f" ({', '.join(self.tables)})" if self.tables else ""
        return f"{had} at {rate_text(self.quote.rate)}, {self.when}{tables} = {got}"

    @property
    def when(self) -> str:
        """The policy with its day."""
        if self.plan.currency_rate == RatePolicy.PERIOD_AVERAGE and self.taken_until is not None:
            return f"mean of {day_text(self.taken_on)} to {day_text(self.taken_until - 1)}"
        if self.plan.currency_rate == RatePolicy.PLAN_YEAR:
            return f"rate of the year of {day_text(self.taken_on)}"
        return f"spot of {day_text(self.rate_on)}"


def converted(stated_minor: int, rate: Fraction, source: str, target: str) -> int:
    """One amount at a rate, rounded once."""
    return int(convert(np.array([stated_minor], dtype=np.int64), rate=rate, source=source, target=target)[0])


@dataclass
class Conversions:
    """The rates that rows of a frame of credits were converted at: the place of each row's rate among them (-1: none), the amount
    that its deal states, and what the calculation made of it: parts that come back of one sale are rounded together."""

    number: np.ndarray
    stated: np.ndarray
    into: np.ndarray
    found: list[Conversion] = field(default_factory=list)

    def words(self) -> Iterator[str]:
        """Row by row what was converted; nothing where nothing was."""
        for number, stated, into in zip(self.number.tolist(), self.stated.tolist(), self.into.tolist(), strict=True):
            yield self.found[number].words(stated, into) if number >= 0 else ""


def conversions(result: Result, credits: pd.DataFrame) -> Conversions:
    """The conversions behind credits of a result."""
    empty = np.zeros(len(credits), dtype=np.int64)
    made = Conversions(empty - 1, empty.copy(), empty.copy())
    for computed in result.computed:
        if computed.exchange is not None:
            rows = np.flatnonzero((credits["plan_key"] == computed.plan.key).to_numpy())
            named = credits[["deal_key", "component_key", "rule", "credit_on"]].take(rows)
            _add(made, computed, computed.exchange, named, rows)
    return made


def _add(made: Conversions, computed: PlanResult, exchange: Exchange, credits: pd.DataFrame, rows: np.ndarray) -> None:
    """The conversions of one plan's credits."""
    deals = computed.room.deals
    deal = codes_of(pd.Index(deals["deal_key"]), credits["deal_key"])
    currency = deals["currency"].to_numpy(object)[deal]
    foreign = np.flatnonzero((deal >= 0) & (currency != computed.plan.currency))
    moments = exchange.moments(_priced_on(computed, credits, deal)[foreign])
    pairs = pd.DataFrame({"source": currency[foreign], "moment": moments})
    group = pairs.groupby(["source", "moment"], sort=False).ngroup().to_numpy()
    place = np.full(len(pairs), -1, dtype=np.int64)
    for number, (source, moment) in enumerate(pairs.drop_duplicates().itertuples(index=False, name=None)):
        quote = exchange.quote(str(source), int(moment))
        if quote is not None:
            place[number] = len(made.found)
            made.found.append(_conversion(exchange, str(source), int(moment), quote))
    made.number[rows[foreign]] = place[group]
    for component in computed.plan.components:
        own = foreign[(credits["component_key"] == component.key).to_numpy()[foreign]]
        name = _stated(deals, component)
        found = column_of(deals, name)
        assert found is not None
        made.stated[rows[own]] = found.fillna(0).to_numpy(np.int64)[deal[own]]
        dates = {rule.key: rule.credit_date for rule in component.credit}
        for rule in credits["rule"].take(own).unique():
            mine = own[(credits["rule"].take(own) == rule).to_numpy()]
            made.into[rows[mine]] = _into(computed, name, dates.get(rule, CreditDate.CREDITED))[deal[mine]]


def _into(computed: PlanResult, name: str, policy: CreditDate) -> np.ndarray:
    """A money column of all deals as the calculation converted it."""
    assert computed.room.amounts is not None
    found = computed.room.amounts(name, policy)
    assert found is not None
    return found[0]


def _priced_on(computed: PlanResult, credits: pd.DataFrame, deal: np.ndarray) -> np.ndarray:
    """The day whose rate each credit took: its own, or of a return that of its sale."""
    found, crediting = credits["credit_on"].to_numpy(np.int64).copy(), computed.crediting
    if not (crediting.sold >= 0).any():
        return found
    for component in computed.plan.components:
        for rule in component.credit:
            days = crediting.days(rule.credit_date)
            mine = ((credits["component_key"] == component.key) & (credits["rule"] == rule.key)).to_numpy() & (
                deal >= 0
            )
            if days is not None and mine.any():
                found[mine] = sale_days(days, crediting.sold)[deal[mine]]
    return found


def _conversion(exchange: Exchange, source: str, moment: int, quote: Quote) -> Conversion:
    if exchange.plan.currency_rate != RatePolicy.PERIOD_AVERAGE:
        return Conversion(exchange.plan, source, moment, None, quote)
    start, end = int(exchange.windows.start[moment]), int(exchange.windows.end[moment])
    return Conversion(exchange.plan, source, start, end, quote)


def _stated(deals: pd.DataFrame, component: Component) -> str:
    """The money of a deal that a component credits; the amount of the deal where it counts something else."""
    measure = component.measure
    name = MONEY_COLUMNS.get(measure.kind, measure.column if measure.kind == MeasureKind.COLUMN else "amount_minor")
    return name if is_stated(deals, name) else "amount_minor"
