"""Pay curves: what one component pays at each attainment or amount, computed by the engine itself from one invented person per point.

Credit rules, conditions and the reach of other measures are left out: a curve shows what the component's own table, limits and gates do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from incentives.engine.contracts import Facts
from incentives.engine.plan import (
    UNIT_SCALE,
    Component,
    CreditRule,
    Measure,
    MeasureKind,
    Plan,
    RateTable,
    TierUnit,
)
from incentives.engine.run import compute
from incentives.engine.words import Accumulation, GoalWindow, Per
from spm.core.money import RATE_SCALE, format_amount, minor_digits, round_half_away

STEPS = 40
"""Points of a curve after its first."""

SAMPLE = 100_000
"""The quota in major units on which a curve of attainment is drawn; 100 where units are counted."""

SAMPLE_UNITS = 100
SAMPLE_TARGET = 10_000
"""The target in major units on which a curve is drawn where the plan names a target of each person."""

SUMMED = (RATE_SCALE // 2, RATE_SCALE, RATE_SCALE * 3 // 2)
"""The attainments whose pay stands beside a curve in words."""


@dataclass(frozen=True)
class Curve:
    """Chart data of pay against attainment or amount; `quota` is in minor units or at UNIT_SCALE, None on an axis of amounts."""

    chart: Mapping[str, Any]
    quota: int | None
    is_money: bool
    at: Mapping[int, int | None]
    """Pay at each point: by ratio at RATE_SCALE on an axis of attainment, by value on one of amounts."""

    @property
    def summary(self) -> tuple[int | None, ...] | None:
        """Give what half, the whole and one and a half times the quota pay; None on an axis of amounts."""
        return None if self.quota is None else tuple(self.at[place] for place in SUMMED)


def curve_of(plan: Plan, component: Component, *, live: Component | None = None) -> Curve | None:
    """Give the curve of a component that pays by a table of its own measure, beside that of the live version; None for others."""
    table = component.table
    if table is None or not table.by_own_sum or not table.tiers:
        return None
    by_goal = table.unit == TierUnit.ATTAINMENT
    quota = _quota(plan, component.measure)
    places = _places(table, component.measure)
    asked = [*places, *SUMMED] if by_goal else places
    values = [round_half_away(place * quota, RATE_SCALE) for place in asked] if by_goal else places
    known = _paid(plan, component, values, quota)
    paid = known[: len(places)]
    series: list[dict[str, Any]] = [{"name": component.name, "values": paid}]
    if live is not None and live.table is not None and live.table.unit == table.unit and live.table.by_own_sum:
        before = _paid(plan, live, values[: len(places)], quota)
        series += [{"name": "live", "values": before}] if before != paid else []
    chart = {
        "categories": [_label(place, by_goal=by_goal, measure=component.measure, plan=plan) for place in places],
        "series": series,
        "unit": "money",
        "currency": plan.currency,
        "quota": quota if by_goal else None,
    }
    return Curve(
        chart,
        quota if by_goal else None,
        component.measure.is_money,
        dict(zip(asked, known, strict=True)),
    )


def curve_notes(plan: Plan, component: Component) -> tuple[str, ...]:
    """Give what the curve of a component leaves out, or why there is none: a reader must not take it for all of the pay."""
    pay = component.pay
    without = {
        "lookup": _("No curve: the table pays deal by deal, by what each deal is. Its rows stand in the clauses."),
        "matrix": _("No curve: the matrix pays by two things at once. Its cells stand in the clauses."),
        "formula": _("No curve: a formula may ask more than one thing. Worked examples show what it pays."),
    }
    for name, words in without.items():
        if getattr(pay, name) is not None:
            return (words,)
    if pay.table is not None and pay.table.on is not None:
        return (_("No curve: the tier is found by %(of)s, the pay by what counts here.") % {"of": pay.table.on},)
    if pay.table is not None and pay.table.per:
        return (_("No curve: each %(per)s of a deal has these tiers for itself.") % {"per": pay.table.per},)
    return tuple(_left_out(plan, component)) if pay.table is not None else ()


def _left_out(plan: Plan, component: Component) -> Iterator[str]:
    own = component.measure.key
    if component.pay.target_name:
        amount = f"{format_amount(_target(plan), plan.currency)} {plan.currency}"
        yield _("Drawn on a target %(of)s of %(amount)s.") % {"of": component.pay.target_name, "amount": amount}
    gates = sorted({each.of for each in component.gates if each.of != own})
    others = sorted({*(each.of for each in component.multipliers), *(each.of for each in component.kickers)} - {own})
    if gates:
        yield _("Drawn as if the gate on %(of)s were met.") % {"of": ", ".join(gates)}
    if others:
        yield _("Without the multipliers and kickers on %(of)s.") % {"of": ", ".join(others)}
    if component.per == Per.DEAL:
        yield _("Holds for a single deal: every deal is rated alone, and the sum of the period finds no tier.")
    if any(rule.cap is not None for rule in component.measure.credit):
        yield _("Without the most that is credited of one deal.")
    if plan.cap != type(plan.cap)() or plan.floor != type(plan.floor)():
        yield _("Without the limits of the whole plan.")


def _quota(plan: Plan, measure: Measure) -> int:
    return int(SAMPLE * 10 ** minor_digits(plan.currency)) if measure.is_money else SAMPLE_UNITS * UNIT_SCALE


def _target(plan: Plan) -> int:
    return int(SAMPLE_TARGET * 10 ** minor_digits(plan.currency))


def _places(table: RateTable, measure: Measure) -> list[int]:
    """Where the curve is asked: whole steps from 0 to beyond the last edge."""
    edges = [edge for tier in table.tiers for edge in (tier.lower, tier.upper) if edge]
    highest = max(edges, default=Fraction(1))
    if table.unit == TierUnit.ATTAINMENT:
        top = max(Fraction(2), highest * 5 / 4)
        step = -(-(top * 100) // STEPS) * RATE_SCALE // 100
        return [int(step) * number for number in range(STEPS + 1)]
    step = max(1, int(highest * 3 / 2) // STEPS)
    rounded = _round_up(step, 1 if measure.is_money else UNIT_SCALE)
    return [rounded * number for number in range(STEPS + 1)]


def _round_up(step: int, unit: int) -> int:
    """A step that reads well: 1, 2, 2.5 or 5 times a power of ten."""
    power = unit
    while True:
        for times in (10, 20, 25, 50):
            if power * times // 10 >= step and power * times % 10 == 0:
                return power * times // 10
        power *= 10


def _label(place: int, *, by_goal: bool, measure: Measure, plan: Plan) -> str:
    if by_goal:
        return f"{place * 100 // RATE_SCALE} %"
    if measure.is_money:
        return f"{Decimal(place).scaleb(-minor_digits(plan.currency)):,f}".removesuffix(".00")
    return f"{Decimal(place) / UNIT_SCALE:f}"


def _paid(plan: Plan, component: Component, values: list[int], quota: int) -> list[int | None]:
    """What the engine pays for each value; the smallest currency unit, None where it computed nothing."""
    alone = _alone(plan, component)
    key, day = alone.key, plan.start
    keys = [f"{number:03}" for number in range(len(values))]
    dates = dict.fromkeys(("credit_on", "booked_on", "closed_on", "invoiced_on", "paid_on"), day)
    of_money = component.measure.is_money
    deals = {
        "deal_key": keys,
        "source_key": keys,
        "owner_key": keys,
        "amount_minor": values if of_money else [0] * len(values),
        "quantity": [Decimal(value) / UNIT_SCALE for value in values] if not of_money else [Decimal(1)] * len(values),
        "currency": plan.currency,
        **dates,
    }
    always = {"from_on": day, "until_on": day + 1}
    goals = {"participant_key": keys, "period_key": "p", "measure": alone.measure.quota or "", "amount_minor": quota}
    facts = Facts(
        deals=pd.DataFrame(deals),
        positions=pd.DataFrame({"participant_key": keys, "position_key": keys, **always}),
        assignments=pd.DataFrame({"plan_key": plan.key, "participant_key": keys, **always}),
        periods=pd.DataFrame({"period_key": ["p"], "start_on": [day], "end_on": [day + 1]}),
        quotas=pd.DataFrame(goals | {"currency": plan.currency}),
    )
    small = replace(
        plan, measures=(alone.measure,), components=(alone,), draw=None, cap=type(plan.cap)(), floor=type(plan.floor)()
    )
    earnings = compute(facts, [small]).earnings
    mine = earnings[earnings["component_key"] == key]
    paid = dict(zip(mine["participant_key"], mine["earned_minor"].tolist(), strict=True))
    return [paid.get(one) for one in keys]


def _alone(plan: Plan, component: Component) -> Component:
    """The component with one plain credit rule and a plain measure, without what other measures change."""
    measure = component.measure
    kind = MeasureKind.AMOUNT if measure.is_money else MeasureKind.UNITS
    rule = CreditRule(key=f"{measure.key}-direct")
    plain = replace(
        measure,
        credit=(rule,),
        kind=kind,
        column="",
        accumulation=Accumulation.PERIOD,
        goal=GoalWindow.TO_DATE,
        quota=measure.quota or measure.against,
        against=None,
    )
    pay = component.pay
    if pay.target_name:
        pay = replace(pay, target=Fraction(_target(plan)), target_name="")
    own = measure.key
    return replace(
        component,
        measure=plain,
        pay=pay,
        paid=True,
        multipliers=tuple(each for each in component.multipliers if each.of == own),
        kickers=tuple(each for each in component.kickers if each.of == own),
        gates=tuple(each for each in component.gates if each.of == own),
    )
