"""The oracle's rates: edges, tiers, curves, payments and shares, one number at a time, in Fractions. It shares no code with the engine."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.incentives.engine.oracle_credits import Row, cents, rounded, share_of


def limit(thing: Row, name: str, span: str) -> Fraction | None:
    """A cap or floor of a deal, period or year; a plain number is of a period."""
    given = thing.get(name, {})
    given = given if isinstance(given, dict) else {"period": given}
    return cents(given[span]) if span in given else None


def by_edges(edges: list[Any]) -> bool:
    """True for edges that are shares of a goal."""
    return "%" in str(edges[-1])


def by_goal(tiers: list[Row]) -> bool:
    """True for tiers whose edges are shares of a goal."""
    return any("%" in str(tier.get("until", "")) for tier in tiers)


def edge(text: object, goal: Fraction | None, count: bool) -> Fraction:
    """An edge in the unit of its measure."""
    if "%" in str(text):
        assert goal is not None
        return share_of(str(text)) * goal
    return Fraction(str(text)) * 10**4 if count else cents(text)


def tiers_of(table: Row, goal: Fraction | None, count: bool) -> list[tuple[Fraction, Fraction | None]]:
    """Lower and upper edge of every tier."""
    found, lower, so_far = [], Fraction(0), Fraction(0)
    for tier in table["tiers"]:
        upper = edge(tier["until"], goal, count) if "until" in tier else None
        if "until_earned" in tier:
            one = share_of(tier["rate"]) if "rate" in tier else cents(tier["amount_each"]) / 10**4
            upper, so_far = lower + (cents(tier["until_earned"]) - so_far) / one, cents(tier["until_earned"])
        found.append((lower, upper))
        lower = upper or Fraction(0)
    return found


def tier_of(table: Row, value: Fraction, goal: Fraction | None, count: bool) -> int | None:
    """The tier that a value reaches; the first one holds also what is below it."""
    upper_inclusive = table.get("boundary") == "UPPER_INCLUSIVE"
    for place, (_, upper) in enumerate(tiers_of(table, goal, count)):
        if upper is None or (value <= upper if upper_inclusive else value < upper):
            return place
    return None


def paid(text: object, word: str, value: int) -> Fraction:
    """A payment of a value."""
    return paid_of({word: text}, value)


def paid_of(row: Row, value: int) -> Fraction:
    """A rate of a value, an amount for each, or an amount with the sign of the value."""
    if "rate" in row:
        return value * share_of(row["rate"])
    if "amount_each" in row:
        return value * cents(row["amount_each"]) / 10**4
    return cents(row["amount"]) * ((value > 0) - (value < 0))


def table_pay(component: Row, value: Fraction, goal: Fraction | None, count: bool) -> Fraction:
    """F of a value by a rate, an amount for each, or tiers."""
    if "rate" in component:
        return value * share_of(component["rate"])
    if "amount_each" in component:
        return value * cents(component["amount_each"]) / 10**4
    mode = component.get("tier_mode", "MARGINAL")
    if mode == "WHOLE":
        return whole_pay(component, value, value, goal, count, count)
    total = Fraction(0)
    for place, (lower, upper) in enumerate(tiers_of(component, goal, count)):
        tier = component["tiers"][place]
        top = value if upper is None else min(value, upper)
        if mode == "INTERPOLATED":
            assert upper is not None
            share = max(top - lower, Fraction(0)) / (upper - lower)
            total += share * (cents(tier["amount"]) if "amount" in tier else share_of(tier["rate"]) * value)
        elif "amount" in tier:
            inclusive = component.get("boundary") != "UPPER_INCLUSIVE"
            is_reached = place == 0 or value > lower or (inclusive and value == lower)
            total += cents(tier["amount"]) if is_reached and value >= 0 else 0
        else:
            part = top - lower if place == 0 else max(top - lower, Fraction(0))
            total += part * (share_of(tier["rate"]) if "rate" in tier else cents(tier["amount_each"]) / 10**4)
    return total


def whole_pay(
    component: Row, value: Fraction, found: Fraction, goal: Fraction | None, count: bool, found_count: bool
) -> Fraction:
    """The tier reached pays the whole value, or its amount."""
    place = tier_of(component, found, goal, found_count)
    if place is None:
        return Fraction(0)
    tier = component["tiers"][place]
    if "amount" in tier:
        return cents(tier["amount"]) if value >= 0 else Fraction(0)
    return value * (share_of(tier["rate"]) if "rate" in tier else cents(tier["amount_each"]) / 10**4)


def curve(points: list[Row], reached: Fraction) -> Fraction:
    """Straight lines between points; nothing below the first, level after the last; of two points at one place the later holds."""
    known = [(share_of(str(each["at"])), share_of(str(each["pays"]))) for each in points]
    if reached < known[0][0]:
        return Fraction(0)
    for (low, start), (high, end) in zip(known, known[1:], strict=False):
        if reached < high:
            return start + (end - start) * (reached - low) / (high - low)
    return known[-1][1]


def proportional(amount: int, values: list[int]) -> list[int]:
    """Sums so far of an amount shared by value, or evenly where the values sum to 0."""
    total = sum(values)
    if total == 0:
        values, total = [1] * len(values), len(values)
    return [rounded(Fraction(amount * sum(values[: place + 1]), total)) for place in range(len(values))]
