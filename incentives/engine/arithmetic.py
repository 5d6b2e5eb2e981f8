"""The arithmetic of one value at a rate, an amount for each or a table, as a reader would write it: "40,000.00 USD × 5 %"."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from incentives.engine import rates
from incentives.engine.phrases import money, percent
from incentives.engine.plan import UNIT_SCALE, Component, Measure, Tier
from spm.core.exact import constant


def counted(measure: Measure, value: Fraction, currency: str) -> str:
    """What a measure counts: an amount, or a number."""
    if measure.is_money:
        return money(value, currency)
    exact = value / UNIT_SCALE
    return f"{(Decimal(exact.numerator) / Decimal(exact.denominator)).normalize():f}"


def rated(component: Component, value: Fraction, goal: Fraction | None, currency: str) -> tuple[str, Fraction] | None:
    """The terms of a value and the exact minor units they come to; None where its own value does not decide the pay."""
    pay, measure = component.pay, component.measure
    if pay.target is not None or pay.target_name:
        return None
    if pay.rate is not None or pay.each is not None:
        terms = [_term(measure, value, Tier(Fraction(0), None, pay.rate, each=pay.each), currency)]
    elif pay.table is not None and pay.table.by_own_sum:
        goals = None if goal is None else np.array([int(goal)])
        bands = rates.bands(pay.table, constant(value, 1), goals, scale=measure.scale)
        parts = [
            (band.slice.fraction(0), band.pay.fraction(0), tier)
            for band, tier in zip(bands, pay.table.tiers, strict=True)
        ]
        terms = [_term(measure, part, tier, currency) for part, paid, tier in parts if part or paid]
    else:
        return None
    return " + ".join(text for text, _ in terms), sum((paid for _, paid in terms), Fraction(0))


def climbed(component: Component, parts: Sequence[tuple[Fraction, Tier]], currency: str) -> tuple[str, Fraction]:
    """The terms of a deal whose parts lie in the tiers that all deals climb together."""
    terms = [_term(component.measure, part, tier, currency) for part, tier in parts]
    return " + ".join(text for text, _ in terms), sum((paid for _, paid in terms), Fraction(0))


def _term(measure: Measure, part: Fraction, tier: Tier, currency: str) -> tuple[str, Fraction]:
    shown = counted(measure, part, currency)
    if tier.rate is not None:
        return f"{shown} × {percent(tier.rate)}", part * tier.rate
    if tier.each is not None:
        return f"{shown} × {money(tier.each, currency)}", part * tier.each / measure.scale
    amount = tier.amount or Fraction(0)
    return f"{money(amount, currency)} for {shown}", amount
