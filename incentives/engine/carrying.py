"""Whether what a former system credited can go on in a component of a plan, and how it is counted there."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from incentives.engine.blocking import has_target, needs_goal
from incentives.engine.plan import UNIT_SCALE, Component, Measure
from incentives.engine.words import Accumulation, Per
from spm.core.money import minor_digits


def carrying_obstacle(component: Component, *, credit: int, quota: int, target: int) -> str:
    """Say why credits of a former system can't go on in a component; empty where they can. Figures in the smallest units."""
    name = component.name
    if component.measure.accumulation == Accumulation.PERIOD:
        return f"{name} begins anew in each period, so nothing credited before counts. Leave credits, quota and target blank."
    if component.pay.formula is not None and component.per != Per.DEAL:
        return (
            f"{name} is paid by a formula to date, and what it paid before is not known from credits. Leave them blank."
        )
    if component.measure.against is not None:
        return f"{name} is held against another measure, of which nothing can be brought in. Leave credits, quota and target blank."
    if min(credit, quota, target) < 0:
        return "Credits, quota and target are not below 0."
    if not credit and not quota and has_target(component):
        return ""
    if needs_goal(component) and quota <= 0:
        return f"{name} is held against a quota. Write the quota of the same time as the credits."
    if has_target(component) and target <= 0:
        return f"{name} pays shares of a target. Write the target pay of the same time as the credits."
    return ""


def smallest(measure: Measure, value: Decimal, currency: str) -> int | None:
    """A number in the smallest units of a measure; None where it has more decimals than these.

    >>> smallest(Measure("sales", ()), Decimal("12.50"), "USD")
    1250
    """
    scale = 10 ** minor_digits(currency) if measure.is_money else UNIT_SCALE
    scaled = Fraction(value) * scale
    return int(scaled) if scaled.denominator == 1 else None
