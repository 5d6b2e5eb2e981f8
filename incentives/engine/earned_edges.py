"""Tiers that end where a sum has been earned: what MARGINAL tiers pay grows with the value, so the sum says at which value they end."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from incentives.engine.plan import Measure, Payment, RateTable, Tier
from incentives.engine.reading import Reader
from incentives.engine.words import Per, TierMode

FIELD = "until_earned"


def earned_tier(reader: Reader, before: Sequence[Tier], pays: Payment, measure: Measure, currency: str) -> Tier:
    """A tier that ends at the value at which the tiers up to it have paid a sum."""
    earned = Fraction(reader.money(FIELD, currency) or 0)
    start = (before[-1].upper if before else None) or Fraction(0)
    so_far = sum((_pay(tier, measure) for tier in before), Fraction(0))
    rate = _rate(pays.rate, pays.each, measure)
    if rate <= 0 or earned <= so_far:
        what = "Nothing more is earned in this tier, so the sum that ends it is never reached."
        reader.find("EARNED_EDGE", what, "Give a rate above 0, and a sum above that of the tier before.", at=FIELD)
        rate, earned = Fraction(1), so_far + 1
    return Tier(start, start + (earned - so_far) / rate, pays.rate, pays.amount, pays.each, earned)


def _rate(rate: Fraction | None, each: Fraction | None, measure: Measure) -> Fraction:
    return rate if rate is not None else (each or Fraction(0)) / measure.scale


def _pay(tier: Tier, measure: Measure) -> Fraction:
    """What a whole marginal tier pays."""
    width = (tier.upper if tier.upper is not None else tier.lower) - tier.lower
    return (tier.amount or Fraction(0)) + width * _rate(tier.rate, tier.each, measure)


def check_earned(reader: Reader, table: RateTable) -> None:
    """A finding where such edges stand in tiers that do not pay a sum of the period which grows with the value."""
    if all(tier.earned is None for tier in table.tiers):
        return
    others = [name for name in ("tiers_on", "target") if reader.has(name)]
    others += ["per: DEAL"] if str(reader.document.get("per", "")).upper() == Per.DEAL else []
    others += [f"tier_mode: {table.mode}"] if table.mode != TierMode.MARGINAL else []
    if others:
        what = f"{FIELD} is what MARGINAL tiers of a period pay, and here stands {others[0]}."
        reader.find("EARNED_EDGE", what, f"Write until, or remove {others[0]}.", at="tiers")
