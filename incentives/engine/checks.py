"""What a plan does that its author may not want: cliffs, falling pay, pay without bound, tiers that nobody reaches, double pay.

The pay of one component is asked over a range of values around every edge of its tables. Each finding carries the example
that shows it. These are warnings: the plan compiles, and a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from incentives.engine.paying import has_target, rate_value
from incentives.engine.plan import Component, Condition, Plan, RateTable
from incentives.engine.prose import money
from incentives.engine.words import CreditKind, MeasureKind, Per, TierUnit
from spm.core.exact import Exact
from spm.core.findings import Finding, Severity

SAMPLE_GOAL = 100_000_00
"""Minor units of the goal with which tables on attainment are asked; it only scales the example."""

CLIFF = Fraction(1, 200)
"""A step is a cliff when one more unit changes pay by more than this share of the value."""

STEEP = Fraction(1)
"""Marginal pay of more than the value itself."""


def check_plan(plan: Plan) -> list[Finding]:
    """Warnings about a plan that compiles, in the order of its components."""
    found: list[Finding] = []
    for component in plan.components:
        if component.pay.rate is not None or component.pay.table is not None:
            found += _check_slope(plan, component)
        found += _check_lookup(component)
    return found + _check_double(plan)


def _check_slope(plan: Plan, component: Component) -> list[Finding]:
    """Asks for the pay just below and at every edge, and far above the last."""
    table = component.pay.table
    if table is None:
        return []
    if table.on is not None:
        return []
    points = _points(table, component)
    pay = _pay_of(component, [point + shift for point in points for shift in (-1, 0, 1)])
    found = []
    for place, point in enumerate(points):
        below, at, above = pay[3 * place : 3 * place + 3]
        step = max(at - below, above - at, key=abs)
        if abs(step) > abs(point) * CLIFF and point > 0:
            found.append(_cliff(plan, component, point, step))
    found += _check_falling(plan, component, points, pay)
    return found


def _points(table: RateTable, component: Component) -> list[int]:
    goal = SAMPLE_GOAL if table.unit == TierUnit.ATTAINMENT else 1
    edges = [edge * goal for tier in table.tiers for edge in (tier.lower, tier.upper) if edge]
    return sorted({int(edge) for edge in edges if edge >= 1})


def _pay_of(component: Component, values: Sequence[int]) -> list[Fraction]:
    """Exact pay of values in one period against the sample goal."""
    column = Exact(np.array(values, dtype=np.int64))
    goal = np.full(len(values), SAMPLE_GOAL, dtype=np.int64)
    target = None
    if has_target(component):
        amount = component.pay.target if component.pay.target is not None else Fraction(SAMPLE_GOAL)
        target = np.full(len(values), int(amount), dtype=np.int64)
    pay = rate_value(component, column, goal, target, None, component.measure.scale)
    return [pay.fraction(row) for row in range(len(values))]


def _cliff(plan: Plan, component: Component, point: int, step: Fraction) -> Finding:
    each = "deal" if component.per == Per.DEAL else "period"
    table = component.pay.table
    at = f"{float(Fraction(point, SAMPLE_GOAL) * 100):g} % of the quota"
    if table is not None and table.unit == TierUnit.MEASURE:
        is_money = component.measure.is_money
        at = money(point, plan.currency) if is_money else f"{float(Fraction(point, component.measure.scale)):g}"
    verb = "raises" if step > 0 else "lowers"
    return Finding(
        "CLIFF",
        f"components.{component.key}.tiers",
        f"At {at}, the smallest step more {verb} the pay of a {each} by {money(abs(step), plan.currency)}"
        + (
            f" (with a quota of {money(SAMPLE_GOAL, plan.currency)})."
            if table and table.unit == TierUnit.ATTAINMENT
            else "."
        ),
        "People hold deals back or pull them in around a cliff.",
        "Pay MARGINAL tiers, or accept the cliff knowingly.",
        severity=Severity.WARNING,
        about=(("plan_key", plan.key), ("component_key", component.key)),
    )


def _check_falling(plan: Plan, component: Component, points: list[int], pay: list[Fraction]) -> list[Finding]:
    """More value that pays less in total, and marginal pay above the value itself."""
    table, found = component.pay.table, []
    rates = [tier.rate for tier in table.tiers if tier.rate is not None] if table is not None else []
    if any(rate < 0 for rate in rates):
        found.append(
            _slope_finding(
                plan, component, "PAY_FALLS", "A rate below 0 makes more sales pay less.", "Correct the rate."
            )
        )
    if component.measure.is_money and not has_target(component) and any(rate > STEEP for rate in rates):
        what = "A rate above 100 % pays more than what is sold."
        found.append(_slope_finding(plan, component, "PAY_EXCEEDS_SALES", what, "Correct the rate, or name a target."))
    return found


def _slope_finding(plan: Plan, component: Component, code: str, what: str, fix: str) -> Finding:
    keys = (("plan_key", plan.key), ("component_key", component.key))
    why = "The plan pays what is written."
    return Finding(code, f"components.{component.key}.tiers", what, why, fix, Severity.WARNING, keys)


def _check_lookup(component: Component) -> list[Finding]:
    """Rows of a lookup that an earlier row always takes."""
    if component.pay.lookup is None:
        return []
    found: list[Finding] = []
    seen: list[tuple[Condition, ...]] = []
    for number, row in enumerate(component.pay.lookup.rows):
        for earlier, where in enumerate(seen):
            if _implies(row.where, where):
                found.append(
                    Finding(
                        "LOOKUP_UNREACHABLE",
                        f"components.{component.key}.lookup[{number}]",
                        f"Every deal of this row already fits row {earlier + 1}.",
                        "The row never pays.",
                        "Move it before that row, or remove it.",
                        Severity.WARNING,
                    )
                )
                break
        seen.append(row.where)
    return found


def _implies(narrow: tuple[Condition, ...], wide: tuple[Condition, ...]) -> bool:
    """True when every condition of `wide` follows from one of `narrow` (found for equal columns with lists of values)."""
    return all(
        any(
            own == other
            or (
                own.column == other.column
                and own.operator == other.operator == "IN"
                and set(own.values) <= set(other.values)
            )
            for own in narrow
        )
        for other in wide
    )


def _check_double(plan: Plan) -> list[Finding]:
    """Two paid components with the same credit rules and the same measure pay the same deals twice."""
    found: list[Finding] = []
    seen: dict[tuple[object, ...], str] = {}
    for component in plan.components:
        rules = tuple((rule.kind, rule.where, rule.credit_date, rule.levels) for rule in component.credit)
        direct = all(rule.kind == CreditKind.DIRECT for rule in component.credit)
        key = (rules, component.measure.kind, component.measure.column)
        by_sale = component.pay.rate is not None or component.pay.table is not None
        if not (component.paid and direct and by_sale and component.measure.kind != MeasureKind.DISTINCT):
            continue
        if key in seen:
            found.append(
                Finding(
                    "DOUBLE_PAY",
                    f"components.{component.key}",
                    f"{component.key} pays the same deals as {seen[key]}.",
                    "Every deal is paid twice.",
                    "Give one of them conditions, or accept it knowingly.",
                    Severity.NOTICE,
                )
            )
        seen.setdefault(key, component.key)
    return found
