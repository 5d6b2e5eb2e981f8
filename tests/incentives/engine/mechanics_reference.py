"""A second, independent calculation of the rate mechanics for one person: plain Fractions, one number at a time.

It reads the same plan documents as the engine and shares no code with it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def number(text: object) -> Fraction:
    """'3 %' as 3/100, money in cents, counts as they are."""
    word = str(text)
    return Fraction(word.replace("%", "").strip()) / 100 if "%" in word else Fraction(word) * 100


def cents(amount: Fraction) -> int:
    """To the nearest cent, halves away from zero."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def tiers_of(
    component: dict[str, Any], goal: Fraction | None
) -> list[tuple[Fraction, Fraction | None, dict[str, Any]]]:
    """(lower, upper, tier) in cents."""
    found, lower = [], Fraction(0)
    for tier in component["tiers"]:
        upper = None
        if "until" in tier:
            upper = number(tier["until"]) * (goal if "%" in str(tier["until"]) and goal is not None else 1)
        found.append((lower, upper, tier))
        lower = upper if upper is not None else lower
    return found


def inside(value: Fraction, lower: Fraction, upper: Fraction | None, boundary: str, first: bool) -> bool:
    """Whether a value belongs to a tier."""
    if boundary == "UPPER_INCLUSIVE":
        return (first or value > lower) and (upper is None or value <= upper)
    return (first or value >= lower) and (upper is None or value < upper)


def curve(component: dict[str, Any], value: Fraction, goal: Fraction | None) -> Fraction:
    """Exact pay of a value: F(x)."""
    if "rate" in component:
        return value * number(component["rate"])
    mode, boundary = component.get("tier_mode", "MARGINAL"), component.get("boundary", "LOWER_INCLUSIVE")
    total = Fraction(0)
    for place, (lower, upper, tier) in enumerate(tiers_of(component, goal)):
        first = place == 0
        if mode == "WHOLE":
            if inside(value, lower, upper, boundary, first):
                amount = number(tier.get("amount", 0)) if value >= 0 else Fraction(0)
                total += value * number(tier["rate"]) if "rate" in tier else amount
        elif mode == "MARGINAL":
            top = value if upper is None else min(value, upper)
            part = top - lower if first else max(top - lower, Fraction(0))
            if "rate" in tier:
                total += part * number(tier["rate"])
            elif value >= 0 and inside(value, lower, None, boundary, first):
                total += number(tier["amount"])
        else:
            assert upper is not None
            share = max(min(value, upper) - lower, Fraction(0)) / (upper - lower)
            total += share * number(tier["amount"]) if "amount" in tier else share * number(tier["rate"]) * value
    return total


def pay(component: dict[str, Any], deals: list[list[int]], goals: list[int]) -> list[int]:
    """Earned cents of every period; deals and goals are given by period (four quarters of one year)."""
    found: list[int] = []
    uncapped = 0
    for period, amounts in enumerate(deals):
        start = 0 if component.get("accumulation") == "YTD" else period
        value = Fraction(sum(sum(each) for each in deals[start : period + 1]))
        before = value - sum(amounts)
        whole = component.get("goal") == "WHOLE_WINDOW" and start == 0 and component.get("accumulation") == "YTD"
        goal = Fraction(sum(goals) if whole else sum(goals[start : period + 1]))
        goal_before = Fraction(sum(goals) if whole else sum(goals[start:period]))
        if component.get("per") == "DEAL":
            exact = sum((deal_pay(component, Fraction(amount), goal) for amount in amounts), Fraction(0))
        else:
            exact = curve(component, value, goal)
            if period > start:
                exact -= curve(component, before, goal_before)
        exact = changed(component, exact, value, goal)
        earned = cents(exact)
        if "year" in component.get("cap", {}):
            # to date the year has earned min(uncapped, cap): a return first takes back what the cap had cut off
            limit = int(number(component["cap"]["year"]))
            earned, uncapped = min(uncapped + earned, limit) - min(uncapped, limit), uncapped + earned
        found.append(earned)
    return found


def deal_pay(component: dict[str, Any], amount: Fraction, goal: Fraction) -> Fraction:
    """One deal alone, within its floor and cap."""
    exact = curve(component, amount, goal)
    floor, cap = component.get("floor", {}).get("deal"), component.get("cap", {}).get("deal")
    if floor is not None:
        low = number(floor)
        exact = max(exact, low) if amount > 0 else min(exact, -low) if amount < 0 else exact
    if cap is not None:
        exact = max(min(exact, number(cap)), -number(cap))
    return exact


def changed(component: dict[str, Any], exact: Fraction, value: Fraction, goal: Fraction) -> Fraction:
    """Multipliers, kickers, gates, floor, cap, in this order."""
    for multiplier in component.get("multipliers", []):
        rows = enumerate(tiers_of(multiplier, goal))
        exact *= next(
            number(tier["rate"])
            for place, (low, up, tier) in rows
            if inside(value, low, up, "LOWER_INCLUSIVE", place == 0)
        )
    for kicker in component.get("kickers", []):
        if "at_least" not in kicker or value >= number(kicker["at_least"]) * goal:
            exact += exact * number(kicker["rate"]) if "rate" in kicker else number(kicker["amount"])
    if any(value < number(gate["at_least"]) * goal for gate in component.get("gates", [])):
        exact = Fraction(0)
    return bounded(component, exact)


def bounded(component: dict[str, Any], exact: Fraction) -> Fraction:
    """Floor, then cap of a period."""
    if "period" in component.get("floor", {}):
        exact = max(exact, number(component["floor"]["period"]))
    if "period" in component.get("cap", {}):
        exact = min(exact, number(component["cap"]["period"]))
    return exact
