"""Reads and checks rate tables: tiers without gap or overlap, edges in one unit, each with a rate or an amount."""

from __future__ import annotations

from fractions import Fraction

from incentives.engine.plan import Boundary, RateTable, Tier, TierMode, TierUnit
from incentives.engine.reading import Reader, exact_number


def read_table(reader: Reader, currency: str) -> RateTable | None:
    """The rate table of a component, None when it has no tiers."""
    mode = reader.choice("tier_mode", TierMode, TierMode.MARGINAL)
    boundary = reader.choice("boundary", Boundary, Boundary.LOWER_INCLUSIVE)
    if not reader.has("tiers"):
        return None
    children = reader.children("tiers")
    units = {_unit(child.document.get(name)) for child in children for name in ("from", "until") if _given(child, name)}
    if len(units) > 1:
        reader.find("TIER_UNITS_MIXED", "Some tier edges are percentages of the quota and some are amounts.",
                    "Write all of them with % or none.", at="tiers")  # fmt: skip
        return None
    unit = units.pop() if units else TierUnit.MEASURE
    tiers: list[Tier] = []
    for child in children:
        tiers.append(_read_tier(child, unit, currency, tiers[-1].upper if tiers else Fraction(0)))
    if not tiers:
        reader.find("TIERS_EMPTY", "The component has an empty list of tiers.", "Add tiers or a rate.", at="tiers")
        return None
    _check_order(reader, tiers, children, unit, mode)
    return RateTable(tuple(tiers), unit, mode, boundary)


def _given(reader: Reader, name: str) -> bool:
    """True when an edge is given and says something about the unit: 0 fits both."""
    number = exact_number(reader.document.get(name))
    return reader.has(name) and (number is None or number != 0)


def _unit(value: object) -> TierUnit:
    return TierUnit.ATTAINMENT if "%" in str(value) else TierUnit.MEASURE


def _read_tier(reader: Reader, unit: TierUnit, currency: str, reached: Fraction | None) -> Tier:
    lower = _edge(reader, "from", unit, currency)
    upper = _edge(reader, "until", unit, currency)
    rate, amount = reader.rate("rate"), reader.money("amount", currency)
    if rate is None and amount is None and not (reader.has("rate") or reader.has("amount")):
        reader.find("TIER_WITHOUT_RATE", "The tier has neither rate nor amount.", "Add one of them.", at="rate")
    if rate is not None and amount is not None:
        reader.find("TIER_RATE_AND_AMOUNT", "The tier has both a rate and an amount.", "Keep one of them.", at="amount")
    reader.finish()
    start = lower if lower is not None else reached if reached is not None else Fraction(0)
    return Tier(start, upper, rate, None if amount is None else Fraction(amount))


def _edge(reader: Reader, name: str, unit: TierUnit, currency: str) -> Fraction | None:
    if unit == TierUnit.ATTAINMENT:
        return reader.rate(name)
    amount = reader.money(name, currency)
    return None if amount is None else Fraction(amount)


def _check_order(reader: Reader, tiers: list[Tier], children: list[Reader], unit: TierUnit, mode: TierMode) -> None:
    for earlier, later, child in zip(tiers, tiers[1:], children[1:], strict=False):
        if earlier.upper is None:
            child.find("TIER_OVERLAP", "The tier before this one has no end, so this one is never reached.",
                       "Give the earlier tier an until.", at="from")  # fmt: skip
        elif later.lower > earlier.upper:
            child.find("TIER_GAP", f"There is no rate between {_shown(earlier.upper, unit)} and {_shown(later.lower, unit)}.",
                       f"Start this tier at {_shown(earlier.upper, unit)}.", at="from")  # fmt: skip
        elif later.lower < earlier.upper:
            child.find("TIER_OVERLAP", f"Two tiers hold from {_shown(later.lower, unit)} to {_shown(earlier.upper, unit)}.",
                       f"Start this tier at {_shown(earlier.upper, unit)}.", at="from")  # fmt: skip
    for tier, child in zip(tiers, children, strict=True):
        if tier.upper is not None and tier.upper <= tier.lower:
            child.find("TIER_EMPTY", "The tier ends where it starts or before.", "Correct from or until.", at="until")
    if tiers[-1].upper is not None and mode != TierMode.INTERPOLATED:
        children[-1].find("TIER_TOP_CLOSED", f"There is no rate above {_shown(tiers[-1].upper, unit)}.",
                          "Leave until out of the last tier, or add a tier with rate 0 %.", at="until")  # fmt: skip
    if tiers[-1].upper is None and mode == TierMode.INTERPOLATED:
        children[-1].find("TIER_TOP_OPEN", "An interpolated tier pays the share of its width, and the last one has no end.",
                          "Add until to the last tier.", at="until")  # fmt: skip


def _shown(edge: Fraction, unit: TierUnit) -> str:
    """An edge for a reader: percent of the goal, or minor units as written in the plan."""
    return f"{float(edge * 100):g} %" if unit == TierUnit.ATTAINMENT else f"{float(edge) / 100:,.2f}"
