"""How one earning came about: the steps of its calculation, its tier slices, its value and goal.

From a calculation that is at hand, or told again from a stored earning: then only what that row alone decides (a rate or a
table on the value of one period) is known, and the rest is left out rather than guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from incentives.engine import rates
from incentives.engine.contests import PotPart, pot_part
from incentives.engine.deal_pay import climbed_bands
from incentives.engine.deciding import decisions
from incentives.engine.earnings import Earned
from incentives.engine.figures import Figure, figures_of
from incentives.engine.growth import bases_of
from incentives.engine.measuring import CREDIT, QUOTA
from incentives.engine.plan import Component, Plan, RateTable, Tier
from incentives.engine.run import PlanResult
from incentives.engine.slicing import period_bands, slices_frame
from incentives.engine.words import Accumulation, Per, TierUnit
from spm.core.exact import Exact
from spm.core.money import RATE_SCALE, round_half_away

RATES = "Rates"


@dataclass(frozen=True)
class Story:
    """Steps as (label, clause, exact minor units after it), tier slices as records, exact pay of single deals."""

    steps: tuple[tuple[str, str, Fraction], ...]
    slices: tuple[Mapping[Any, Any], ...]
    lines: tuple[Fraction, ...]
    given_back: int
    value: Fraction
    goal: Fraction | None
    figures: tuple[Figure, ...] = ()
    """The pieces of a formula with their values: of the period, or of each credit."""
    pot: PotPart | None = None
    """The part of a shared pot."""
    rated: Fraction | None = None
    """What the period alone adds to the value that is rated."""
    line_values: tuple[Fraction | None, ...] = ()
    """What each single deal counts; None for a return, which pays back at the rate of its sale."""
    line_parts: tuple[tuple[tuple[Fraction, Tier], ...], ...] = ()
    """The parts of each deal by the tiers that all deals, or those of its customer, climb together."""
    line_bases: tuple[Fraction | None, ...] = ()
    """What the customer of each deal came to in the earlier window that its tiers are parts of."""
    decided: Mapping[str, str] = field(default_factory=dict)
    """By clause: what decided a multiplier, kicker or gate."""
    credit_before: Fraction = Fraction(0)
    goal_before: Fraction = Fraction(0)
    """What was brought from a former system into the window of its measure: credits, and the quota of the same time."""
    paid_before: int = 0
    """What a former system paid of the component in the year."""


def is_empty(value: object) -> bool:
    """True for an empty cell of a frame."""
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def told(computed: PlanResult, component: Component, earning: Mapping[str, object]) -> Story:
    """The story of an earning of a calculation that is at hand."""
    cells = computed.cells
    earned = next(each for each in computed.earned if each.component.key == component.key)
    row = cells.row_of(earning["participant_key"], earning["period_key"])
    slices = slices_frame([(computed.plan, cells, earned)])
    mine = (slices["participant_key"] == earning["participant_key"]) & (slices["period_key"] == earning["period_key"])
    lines: tuple[Fraction, ...] = ()
    values: tuple[Fraction | None, ...] = ()
    if earned.raw.lines is not None:
        mine_alone, credited = np.flatnonzero(earned.own.group == row).tolist(), earned.own.credited
        lines = tuple(earned.raw.lines.fraction(place) for place in mine_alone)
        values = tuple(None if credited.reversal[at] else Fraction(int(credited.value[at])) for at in mine_alone)
    opened = earned.own.brought
    return Story(
        steps=tuple((step.label, step.where, step.after.fraction(row)) for step in earned.steps),
        slices=_exactly(earned, slices[mine].to_dict("records"), row),
        lines=lines,
        given_back=int(earned.reversed[row]),
        value=Fraction(int(earned.own.value.after[row])),
        goal=None if earned.own.goal is None else Fraction(int(earned.own.goal.after[row])),
        figures=() if component.pay.formula is None else figures_of(earned, computed.room, row),
        pot=None
        if component.pay.contest is None
        else pot_part(component.pay.contest, cells, earned.own, earned.raw.blocked, row),
        rated=Fraction(int(earned.own.rated.own[row])),
        line_values=values,
        line_parts=_climbed(computed, earned, row),
        line_bases=_bases(computed, earned, row),
        decided={} if earned.own.carried[row] else decisions(computed.plan, component, computed.room, row),
        credit_before=Fraction(0) if opened is None else Fraction(int(opened.of(CREDIT)[row])),
        goal_before=Fraction(0) if opened is None else Fraction(int(opened.of(QUOTA)[row])),
        paid_before=0 if cells.paid is None else int(cells.paid.of(component.key)[row]),
    )


def _climbed(computed: PlanResult, earned: Earned, row: int) -> tuple[tuple[tuple[Fraction, Tier], ...], ...]:
    """What each deal of a group has in each tier, where the deals of another measure climb them."""
    table = earned.component.pay.table
    if table is None or not table.rates_deals:
        return ()
    bands = climbed_bands(table, earned.own, computed.room)
    return tuple(
        tuple((part, table.tiers[band.tier]) for band in bands if (part := band.slice.fraction(place)))
        for place in np.flatnonzero(earned.own.group == row).tolist()
    )


def _bases(computed: PlanResult, earned: Earned, row: int) -> tuple[Fraction | None, ...]:
    """With what each deal's customer is compared, where its tiers are parts of what it came to earlier; None where that is unknown."""
    found = bases_of(earned.component, earned.own, computed.room)
    if found is None:
        return ()
    base, known = (each[earned.own.group == row].tolist() for each in found)
    return tuple(Fraction(each) if is_known else None for each, is_known in zip(base, known, strict=True))


def _exactly(earned: Earned, records: list[dict[Any, Any]], row: int) -> tuple[Mapping[Any, Any], ...]:
    """Slices with Fractions in place of the Decimals of the frame: a share of an interpolated tier has no end."""
    table = earned.component.pay.table
    if table is None:
        return tuple(records)
    bands = period_bands(earned, table) if records else []
    exact = [(record, bands[int(record["tier"])]) for record in records]
    return tuple(
        {**record, "credit_exact": band.slice.fraction(row), "amount_exact": band.pay.fraction(row)}
        for record, band in exact
    )


def told_again(plan: Plan, component: Component, earning: Mapping[str, object]) -> Story:
    """The story of a stored earning, as far as the row and the plan decide it."""
    value = earning["credit_minor"] if is_empty(earning.get("value")) else earning["value"]
    goal = None if is_empty(earning["quota_minor"]) else Fraction(int(str(earning["quota_minor"])))
    counted = Fraction(int(str(value)))
    bands = _bands(component, counted, goal)
    steps = ((RATES, "pay", sum((band.pay.fraction(0) for band, _ in bands), Fraction(0))),) if bands else ()
    slices = tuple(_record(band, tier, component.table) for band, tier in bands if band.slice.top[0])
    return Story(steps, slices, (), 0, counted, goal)


def _bands(component: Component, value: Fraction, goal: Fraction | None) -> list[tuple[rates.Band, Tier]]:
    simple = component.per == Per.PERIOD and component.measure.accumulation == Accumulation.PERIOD
    changed = component.multipliers or component.kickers or component.gates or component.pay.target is not None
    if not simple or changed or component.pay.target_name:
        return []
    column = Exact(np.array([int(value)]))
    if component.rate is not None:
        tier = Tier(Fraction(0), None, component.rate)
        return [(rates.Band(0, column, column.times(component.rate)), tier)]
    table = component.table
    if table is None or not table.by_own_sum or (table.unit == TierUnit.ATTAINMENT and not goal):
        return []
    goals = None if goal is None else np.array([int(goal)])
    return list(zip(rates.bands(table, column, goals, scale=component.measure.scale), table.tiers, strict=True))


def _record(band: rates.Band, tier: Tier, table: RateTable | None) -> Mapping[Any, Any]:
    by_goal = table is not None and table.unit == TierUnit.ATTAINMENT
    return {
        "tier": band.tier,
        "from_rate": _scaled(tier.lower) if by_goal else None,
        "until_rate": _scaled(tier.upper) if by_goal else None,
        "rate": _scaled(tier.rate),
        "credit_exact": band.slice.fraction(0),
        "amount_exact": band.pay.fraction(0),
    }


def _scaled(value: Fraction | None) -> int | None:
    return None if value is None else round_half_away((value * RATE_SCALE).numerator, (value * RATE_SCALE).denominator)
