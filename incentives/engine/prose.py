"""A plan as plain English clauses, made from the data that the engine runs: what people sign is what is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from incentives.engine.plan import (
    Boundary,
    Component,
    Condition,
    CreditDate,
    CreditKind,
    CreditRule,
    DuplicatePolicy,
    Levels,
    Plan,
    Proration,
    RateTable,
    TierMode,
    TierUnit,
)
from spm.core.dated import day_text
from spm.core.money import format_amount
from spm.core.periods import CalendarKind

PERIOD_WORDS = {
    CalendarKind.MONTHLY: "month",
    CalendarKind.QUARTERLY: "quarter",
    CalendarKind.YEARLY: "year",
    CalendarKind.FOUR_FOUR_FIVE: "period of the 4-4-5 calendar",
    CalendarKind.WEEKLY: "week",
    CalendarKind.SEMI_MONTHLY: "half month",
}
DATE_WORDS = {
    CreditDate.CREDITED: "credited",
    CreditDate.BOOKED: "booked",
    CreditDate.CLOSED: "closed",
    CreditDate.INVOICED: "invoiced",
    CreditDate.PAID: "paid",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence or paragraph of the plan document and the place in the plan it comes from."""

    where: str
    text: str


def percent(value: Fraction | int, scale: int = 1) -> str:
    """A share as a percentage with as many decimals as it needs (at most six).

    >>> percent(Fraction(1, 8)), percent(3_000_000, 10**8)
    ('12.5 %', '3 %')
    """
    exact = Fraction(value) / scale * 100
    number = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{round(number, 6).normalize():f} %"


def plan_clauses(plan: Plan) -> list[Clause]:
    """The whole plan in clauses, in the order of its components."""
    until = day_text(plan.end - 1)
    period = PERIOD_WORDS[CalendarKind(plan.period)]
    head = f"{plan.name} holds from {day_text(plan.start)} through {until}. Amounts are in {plan.currency} and are calculated for each {period}."
    clauses = [Clause("plan", head)]
    if any(component.quota for component in plan.components):
        clauses.append(Clause("plan.proration", _proration(plan)))
    for component in plan.components:
        clauses += component_clauses(plan, component)
    return clauses


def _proration(plan: Plan) -> str:
    if plan.proration == Proration.DAYS:
        return "Whoever holds a position for part of a period carries its quota in proportion to the days."
    if plan.proration == Proration.MONTHS:
        return "Whoever holds a position for part of a period carries its quota in proportion to the months."
    return "Whoever holds a position for part of a period carries its whole quota."


def component_clauses(plan: Plan, component: Component) -> list[Clause]:
    """The clauses of one component: who is credited, against which quota, at which rates."""
    where = f"components.{component.key}"
    clauses = [Clause(f"{where}.credit", f"{component.name}: {credit_text(rule)}") for rule in component.credit]
    period = PERIOD_WORDS[CalendarKind(plan.period)]
    if component.rate is not None:
        clauses.append(Clause(f"{where}.rate", f"It pays {percent(component.rate)} of the credit of the {period}."))
    if component.table is not None:
        basis = (
            f"The credit of the {period} is held against the quota of {component.quota}. " if component.quota else ""
        )
        clauses.append(Clause(f"{where}.tiers", basis + table_text(component.table, plan.currency)))
    clauses.append(
        Clause(
            f"{where}.rounding",
            f"The amount is rounded once, to the smallest unit of {plan.currency}, halves away from zero.",
        )
    )
    return clauses


def credit_text(rule: CreditRule) -> str:
    """One credit rule in words."""
    share = "" if rule.share == 1 else f"{percent(rule.share)} of "
    deals = f"deals {conditions_text(rule.where)}" if rule.where else "all deals"
    dated = f"dated when they are {DATE_WORDS[rule.credit_date]}"
    if rule.kind == CreditKind.ROLLUP:
        team = (
            "their direct reports"
            if rule.levels == Levels.DIRECT_REPORTS
            else "everybody who reports to them, directly or through others"
        )
        return f"managers receive {share}the credit of {team} for {deals}, {dated}, by the reporting line of that day.{_duplicates(rule)}"
    if rule.kind == CreditKind.OVERLAY:
        return f"overlay credit of {share}{deals}, {dated}, by the overlay shares of the deal."
    return f"the owner is credited with {share}the amount of {deals}, {dated}; a deal with a revenue split is shared by it."


def _duplicates(rule: CreditRule) -> str:
    return {
        DuplicatePolicy.SUM: " A deal that reaches one manager more than once counts each time.",
        DuplicatePolicy.MAX: " Of a deal that reaches one manager more than once only the largest credit counts.",
        DuplicatePolicy.ONCE: " A deal that reaches one manager more than once counts once, at its full amount.",
    }[rule.duplicates]


def conditions_text(conditions: Sequence[Condition]) -> str:
    """Conditions in words."""
    return "with " + " and ".join(
        f"{condition.column} {'not ' if condition.negated else ''}{' or '.join(str(value) for value in condition.values)}"
        for condition in conditions
    )


def table_text(table: RateTable, currency: str) -> str:
    """A rate table in words."""
    parts = []
    for tier in table.tiers:
        paid = (
            percent(tier.rate)
            if tier.rate is not None
            else f"{format_amount(int(tier.amount or 0), currency)} {currency}"
        )
        parts.append(f"{paid} {_span_text(table, tier.lower, tier.upper, currency)}")
    manner = {
        TierMode.MARGINAL: "Each part of the credit is paid at the rate of its own tier",
        TierMode.WHOLE: "The tier reached pays the whole credit",
        TierMode.INTERPOLATED: "Completed tiers pay in full and the tier reached pays the share of its width",
    }[table.mode]
    edge = "a value exactly on an edge belongs to the upper tier"
    if table.boundary == Boundary.UPPER_INCLUSIVE:
        edge = "a value exactly on an edge belongs to the lower tier"
    return f"{manner}: {', '.join(parts)}; {edge}."


def _span_text(table: RateTable, lower: Fraction, upper: Fraction | None, currency: str) -> str:
    def shown(edge: Fraction) -> str:
        return (
            percent(edge) if table.unit == TierUnit.ATTAINMENT else f"{format_amount(int(edge), currency)} {currency}"
        )

    of_goal = " of the quota" if table.unit == TierUnit.ATTAINMENT else ""
    if upper is None:
        return f"above {shown(lower)}{of_goal}"
    return f"up to {shown(upper)}{of_goal}" if lower == 0 else f"from {shown(lower)} to {shown(upper)}{of_goal}"
