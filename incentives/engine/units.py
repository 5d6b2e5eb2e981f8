"""Units of a component: a share of money is money, a share of a count is nothing, an amount for each needs a count.

What would compute a number without a meaning, or would be left out silently, is refused here with its clause.
"""

from __future__ import annotations

from collections.abc import Iterable

from incentives.engine.plan import Component, Measure, Payment, Tier
from incentives.engine.reading import Reader
from incentives.engine.words import Per, Rank, TierMode, TierUnit

MEASURE_FIELDS = (
    "credit",
    "measure",
    "quota",
    "accumulation",
    "goal",
    "against",
    "reversal_rate",
    "reverse_attainment",
)
BY_ITSELF = ("bonus", "objectives", "contest", "greater_of")


def check_units(reader: Reader, component: Component, measures: dict[str, Measure]) -> None:
    """Findings about units, quotas that are asked for and not named, and fields that nothing would read."""
    for at, payment in _payments(component):
        _check_payment(reader, component, at, payment)
    for place, kicker in enumerate(component.kickers):
        if kicker.pays.each is not None and kicker.of in measures and measures[kicker.of].is_money:
            what = "amount_each needs a measure UNITS, COUNT or DISTINCT."
            reader.find("UNIT_ERROR", what, "Name a count with of.", at=f"kickers[{place}].amount_each")
    _check_target(reader, component)
    _check_table(reader, component)
    _check_part(reader, component, measures)
    _check_multipliers(reader, component)
    for at, of in _asked(component):
        if of in measures and not measures[of].has_goal:
            what = f"{component.key} asks for the attainment of {of}, which is held against no quota."
            reader.find("QUOTA_MISSING", what, f"Add quota or against to {of}, or ask for an amount.", at=at)
    _check_per(reader, component)


def _payments(component: Component) -> Iterable[tuple[str, Payment]]:
    """Every rate or amount on the component's own measure, with its place. A rate with a target is a share of it."""
    pay = component.pay
    if not _by_target(component):
        yield "", Payment(pay.rate, None, pay.each)
    if pay.table is not None and not _by_target(component):
        yield from ((f"tiers[{place}]", _paid(tier)) for place, tier in enumerate(pay.table.tiers))
    if pay.lookup is not None:
        yield from ((f"lookup[{place}]", row.pays) for place, row in enumerate(pay.lookup.rows))
    if pay.matrix is not None:
        yield from (("matrix", cell) for line in pay.matrix.cells for cell in line)


def _paid(tier: Tier) -> Payment:
    return Payment(tier.rate, tier.amount, tier.each)


def _by_target(component: Component) -> bool:
    return component.pay.target is not None or bool(component.pay.target_name)


def _check_payment(reader: Reader, component: Component, at: str, payment: Payment) -> None:
    is_money, at = component.measure.is_money, f"{at}." if at else ""
    if payment.rate is not None and not is_money:
        what = "A percentage of a number of units is no amount of money."
        reader.find("UNIT_ERROR", what, "Use amount_each, or measure an amount.", at=f"{at}rate")
    if payment.each is not None and is_money:
        what = "amount_each needs a measure UNITS, COUNT or DISTINCT."
        reader.find("UNIT_ERROR", what, "Use rate, or measure: COUNT.", at=f"{at}amount_each")


def _check_target(reader: Reader, component: Component) -> None:
    """A target is paid in the share of a quota, by a rate, tiers or a curve; a curve pays shares of a target."""
    pay = component.pay
    if reader.has("curve") and not _by_target(component):
        reader.find("TARGET_MISSING", "A curve pays shares of a target.", "Add target.", at="target")
    if not _by_target(component) or pay.objectives:
        return
    if pay.formula is not None:
        return
    if pay.rate is None and pay.table is None:
        what = "A target is paid by rate, tiers, curve or objectives; here nothing would read it."
        reader.find("TARGET_UNUSED", what, "Remove target, or pay by one of these.", at="target")
    elif not component.measure.has_goal:
        what = f"{component.key} pays shares of a target by attainment, and no quota is named."
        reader.find("QUOTA_MISSING", what, "Add quota with the name of the measure.", at="quota")
    for place, tier in enumerate(pay.table.tiers if pay.table is not None else ()):
        if tier.rate is None:
            what = "Tiers of a target are shares of it."
            reader.find("UNIT_ERROR", what, "Write a rate.", at=f"tiers[{place}].rate")


def _check_table(reader: Reader, component: Component) -> None:
    table = component.pay.table
    if table is None or table.mode != TierMode.INTERPOLATED:
        return
    for place, tier in enumerate(table.tiers):
        if tier.each is not None:
            what = "An interpolated tier pays the share of an amount or of a rate."
            reader.find("UNIT_ERROR", what, "Write amount or rate.", at=f"tiers[{place}].amount_each")


def _check_part(reader: Reader, component: Component, measures: dict[str, Measure]) -> None:
    """What part a measure is of another one is known of a period, not of a deal: no deals climb it, and none has one alone."""
    table = component.pay.table
    finder = None if table is None else measures.get(table.on or component.measure.key)
    if table is None or finder is None or finder.against is None or table.unit != TierUnit.ATTAINMENT:
        return
    what = f"What part {finder.key} is of {finder.against} is known of a period, not of a single deal."
    if table.climbs:
        reader.find("AGAINST_BY_DEAL", what, "Use tier_mode WHOLE.", at="tier_mode")
    elif component.per == Per.DEAL:
        fix = "Remove per, or ask the deal itself: a matrix or lookup by margin_rate."
        reader.find("AGAINST_BY_DEAL", what, fix, at="per")


def _check_multipliers(reader: Reader, component: Component) -> None:
    for place, multiplier in enumerate(component.multipliers):
        if any(tier.rate is None for tier in multiplier.table.tiers):
            what = "A multiplier is a rate: an amount can't multiply the pay."
            reader.find("UNIT_ERROR", what, "Write a rate such as 120 %.", at=f"multipliers[{place}].tiers")
        if multiplier.table.mode != TierMode.WHOLE:
            what = "The tier that is reached multiplies the whole pay."
            reader.find("MULTIPLIER_MODE", what, "Use tier_mode WHOLE.", at=f"multipliers[{place}].tier_mode")


def _asked(component: Component) -> Iterable[tuple[str, str]]:
    """The measures whose attainment decides something, with the place that asks; its own tiers and gates are checked beside it."""
    named = [(f"multipliers[{place}].of", each.of, each.table.unit) for place, each in enumerate(component.multipliers)]
    named += [
        (f"kickers[{place}].of", each.of, each.unit)
        for place, each in enumerate(component.kickers)
        if each.at_least is not None
    ]
    named += [
        (f"gates[{place}].of", each.of, each.unit)
        for place, each in enumerate(component.gates)
        if each.of != component.measure.key
    ]
    yield from ((at, of) for at, of, unit in [*named, *_asked_by_tables(component)] if unit == TierUnit.ATTAINMENT)


def _asked_by_tables(component: Component) -> list[tuple[str, str, TierUnit]]:
    table, matrix = component.pay.table, component.pay.matrix
    found = [("tiers_on", table.on, table.unit)] if table is not None and table.on is not None else []
    axes = (("rows", matrix.rows), ("columns", matrix.columns)) if matrix is not None else ()
    contest = component.pay.contest
    if contest is not None:
        by = TierUnit.ATTAINMENT if contest.by == Rank.ATTAINMENT else TierUnit.MEASURE
        found += [("contest.minimum", component.measure.key, contest.unit), ("contest.by", component.measure.key, by)]
    return found + [(f"matrix.{name}.of", axis.of, axis.unit) for name, axis in axes if axis.of]


def _check_per(reader: Reader, component: Component) -> None:
    """What only single deals can have, and what they can't."""
    pay = component.pay
    by_cell = pay.matrix is not None and bool(pay.matrix.rows.column or pay.matrix.columns.column)
    if component.per == Per.DEAL:
        by_formula = pay.formula is not None
        unread = next(
            (name for name in (*BY_ITSELF, "target", "tiers_on", "tiers_per") if reader.has(name) and not by_formula),
            None,
        )
        if unread:
            what = f"{unread} is paid once for a period, and per: DEAL rates every deal alone."
            reader.find("PER_DEAL", what, "Remove per.", at="per")
    elif pay.lookup is None and not by_cell and not (pay.table is not None and pay.table.rates_deals):
        for name, bounds in (("floor", component.floor), ("cap", component.cap)):
            if bounds.deal is not None:
                what = f"A {name} of a deal needs a component that rates every deal alone."
                fix = f"Add per: DEAL (each deal then finds its own tier), or write a {name} of the period."
                if name == "cap":
                    fix += " To keep the tiers of the period, cap the credit of one deal instead: credit: {cap: …}."
                reader.find("BOUND_UNUSED", what, fix, at=f"{name}.deal")


def check_borrowed(reader: Reader) -> None:
    """A component that uses a measure of the plan does not describe one of its own."""
    for name in MEASURE_FIELDS:
        if reader.has("of") and reader.has(name):
            what = f"The component uses the measure {reader.document['of']}, so its own {name} would not be read."
            reader.find("FIELD_UNUSED", what, f"Remove {name}, or describe it at the measure.", at=name)
