"""A plan as plain English clauses, made from the data that the engine runs: what people sign is what is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from incentives.engine.language.context import Table
from incentives.engine.language.units import Kind
from incentives.engine.language.wording import table_rows, words
from incentives.engine.plan import (
    PLAN_CAP,
    PLAN_FLOOR,
    Bounds,
    Component,
    Condition,
    CreditRule,
    Measure,
    Payment,
    Plan,
    RateTable,
)
from incentives.engine.sentences import (
    CONDITION_WORDS,
    DATE_WORDS,
    DRAW_WORDS,
    DUPLICATE_WORDS,
    MEASURE_WORDS,
    MODE_WORDS,
    PERIOD_WORDS,
    PRORATION_WORDS,
    WINDOW_WORDS,
)
from incentives.engine.tables import EdgeText
from incentives.engine.words import Accumulation, Boundary, CreditKind, GoalWindow, Levels, MeasureKind, Per, TierUnit
from spm.core.dated import FOREVER, LONG_AGO, day_text
from spm.core.money import minor_digits
from spm.core.periods import CalendarKind


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


def money(amount: Fraction | int, currency: str) -> str:
    """An amount in words for a reader: grouped, with its currency; more decimals only where it has them."""
    exact = Fraction(amount) / 10 ** minor_digits(currency)
    number = Decimal(exact.numerator) / Decimal(exact.denominator)
    digits = minor_digits(currency)
    shown = f"{number:,.{digits}f}" if number == round(number, digits) else f"{number.normalize():,f}"
    return f"{shown} {currency}"


def plan_clauses(plan: Plan) -> list[Clause]:
    """The whole plan in clauses, in the order of its components."""
    period = PERIOD_WORDS[CalendarKind(plan.period)]
    span = f"{plan.name} holds from {day_text(plan.start)} through {day_text(plan.end - 1)}."
    clauses = [Clause("plan", f"{span} Amounts are in {plan.currency} and are calculated for each {period}.")]
    if any(measure.quota for measure in plan.measures):
        clauses.append(Clause("plan.proration", PRORATION_WORDS[plan.proration]))
    clauses += [Clause(f"tables.{table.key}", table_clause(table, plan.currency)) for table in plan.tables]
    for component in plan.components:
        clauses += component_clauses(plan, component)
    clauses += [*limit_clauses(plan, PLAN_CAP), *limit_clauses(plan, PLAN_FLOOR)]
    if plan.draw is not None:
        text = DRAW_WORDS[plan.draw.kind].format(amount=money(plan.draw.amount, plan.currency), period=period)
        clauses.append(Clause("plan.draw", text))
    return clauses


def limit_clauses(plan: Plan, limit: str) -> list[Clause]:
    """The clauses of the cap or floor of the whole plan."""
    name, bounds = ("cap", plan.cap) if limit == PLAN_CAP else ("floor", plan.floor)
    return [Clause(f"plan.{name}", f"The whole plan {text}") for text in _bounds_texts(name, bounds, plan)]


def component_clauses(plan: Plan, component: Component) -> list[Clause]:
    """The clauses of one component: who is credited, against which quota, at which rates, with which changes."""
    where, measure = f"components.{component.key}", component.measure
    clauses = [
        Clause(f"{where}.credit", f"{component.name}: {credit_text(rule, plan.currency)}") for rule in measure.credit
    ]
    clauses.append(Clause(f"{where}.measure", measure_text(plan, measure)))
    clauses += [Clause(f"{where}.pay", text) for text in pay_texts(plan, component, measure)]
    clauses += [Clause(f"{where}.changes", text) for text in change_texts(plan, component)]
    if not component.paid:
        clauses.append(Clause(f"{where}.paid", "It is not paid itself; other components build on it."))
    rounded = f"The amount is rounded once, to the smallest unit of {plan.currency}, halves away from zero."
    return [*clauses, Clause(f"{where}.rounding", rounded)]


def credit_text(rule: CreditRule, currency: str) -> str:
    """One credit rule in words."""
    share = "" if rule.share == 1 else f"{percent(rule.share)} of "
    deals = f"deals {conditions_text(rule.where, currency)}" if rule.where else "all deals"
    dated = f"dated when they are {DATE_WORDS[rule.credit_date]}{_days_text(rule)}"
    capped = "" if rule.cap is None else f" Of one deal at most {money(rule.cap, currency)} is credited."
    if rule.kind == CreditKind.ROLLUP:
        direct = rule.levels == Levels.DIRECT_REPORTS
        team = "their direct reports" if direct else "everybody who reports to them, directly or through others"
        line = f"managers receive {share}the credit of {team} for {deals}, {dated}, by the reporting line of that day."
        return f"{line} {DUPLICATE_WORDS[rule.duplicates]}{capped}"
    if rule.kind == CreditKind.ROLLOVER:
        return f"whoever is {rule.relation} of the credited person that day receives {share}the credit of {deals}, {dated}.{capped}"
    if rule.kind == CreditKind.OVERLAY:
        return f"overlay credit of {share}{deals}, {dated}, by the overlay shares of the deal.{capped}"
    return f"the owner is credited with {share}the amount of {deals}, {dated}; a deal with a revenue split is shared by it.{capped}"


def _days_text(rule: CreditRule) -> str:
    start = "" if rule.start == LONG_AGO else f" from {day_text(rule.start)}"
    return start if rule.end == FOREVER else f"{start} through {day_text(rule.end - 1)}"


def conditions_text(conditions: Sequence[Condition], currency: str) -> str:
    """Conditions in words."""
    plain = [_condition_text(condition, currency) for condition in conditions if condition.formula is None]
    formulas = [words(condition.formula.tree) for condition in conditions if condition.formula is not None]
    parts = [f"with {' and '.join(plain)}"] * bool(plain) + [f"where {' and '.join(formulas)}"] * bool(formulas)
    return " and ".join(parts)


def _condition_text(condition: Condition, currency: str) -> str:
    values = " or ".join(_value_text(condition.column, value, currency) for value in condition.values)
    name = condition.column.removesuffix("_minor").removesuffix("_key").replace("_", " ")
    return f"{name} {CONDITION_WORDS[condition.operator]}{values}".strip()


def _value_text(column: str, value: object, currency: str) -> str:
    if not isinstance(value, Fraction):
        return str(value)
    if column.endswith("_minor"):
        return money(value, currency)
    if column.endswith("_on"):
        return day_text(int(value))
    return percent(value, 10**8) if column.endswith("_rate") or column in ("discount", "share") else f"{float(value):g}"


def measure_text(plan: Plan, measure: Measure) -> str:
    """What is summed, over which window, against which goal."""
    period = PERIOD_WORDS[CalendarKind(plan.period)]
    column = measure.column if measure.formula is None else words(measure.formula.tree)
    what = MEASURE_WORDS[measure.kind].format(column=column)
    window = WINDOW_WORDS[measure.accumulation].format(period=period)
    if measure.quota is None:
        return f"What counts is {what} {window}."
    whole = measure.accumulation != Accumulation.PERIOD and measure.goal == GoalWindow.WHOLE_WINDOW
    goal = "the quota of the whole window" if whole else "the quota of the same time"
    return f"What counts is {what} {window}, held against {goal} ({measure.quota})."


def pay_texts(plan: Plan, component: Component, measure: Measure) -> list[str]:
    """How the component pays, in words."""
    pay, currency = component.pay, plan.currency
    text = _rate_text(plan, component, measure) or _other_text(component, currency)
    if component.per == Per.DEAL and pay.lookup is None:
        text += " Every deal is rated alone."
    if (pay.target is None and not pay.target_name) or pay.formula is not None:
        return [text]
    target = money(pay.target, currency) if pay.target is not None else f"each person's {pay.target_name}"
    return [text, f"Rates are shares of a target of {target} at 100 % of the quota."]


def _rate_text(plan: Plan, component: Component, measure: Measure) -> str:
    """Payment by a rate, an amount for each, tiers, a lookup or a matrix; empty for the other ways."""
    pay, currency = component.pay, plan.currency
    if pay.rate is not None:
        return f"It pays {percent(pay.rate)} of what counts."
    if pay.each is not None:
        return f"It pays {money(pay.each, currency)} for each."
    if pay.table is not None:
        return table_text(pay.table, plan.measure(pay.table.on) if pay.table.on else measure, currency)
    if pay.lookup is not None:
        rows = "; ".join(
            f"{_row_text(row.where, currency)}: {payment_text(row.pays, currency)}" for row in pay.lookup.rows
        )
        return f"Every deal is paid by the first line that fits: {rows}. A deal that fits none earns nothing."
    if pay.matrix is not None:
        count = len(pay.matrix.cells) * len(pay.matrix.cells[0])
        axes = f"{_axis_text(pay.matrix.rows)} and {_axis_text(pay.matrix.columns)}"
        return f"The rate is found in a table of {count} cells by {axes}."
    return ""


def _other_text(component: Component, currency: str) -> str:
    """Payment that is no rate on what counts."""
    pay = component.pay
    if pay.objectives:
        named = ", ".join(f"{each.name} ({percent(each.weight)})" for each in pay.objectives)
        return f"It pays the target in proportion to the scores of the objectives {named}."
    if pay.contest is not None:
        prizes = ", ".join(
            f"place {place + 1} {money(prize, currency)}" for place, prize in enumerate(pay.contest.prizes)
        )
        return f"Whoever ranks highest by what counts wins: {prizes}."
    if pay.formula is not None:
        return f"It pays {words(pay.formula.tree)}."
    if pay.of:
        return f"It pays the greatest of {', '.join(pay.of)}."
    return f"It pays {money(pay.bonus or 0, currency)}."


def _row_text(conditions: Sequence[Condition], currency: str) -> str:
    return conditions_text(conditions, currency) if conditions else "any other deal"


def _axis_text(axis: object) -> str:
    column, of = getattr(axis, "column", ""), getattr(axis, "of", None)
    return f"the {column.removesuffix('_minor').replace('_', ' ')} of the deal" if column else f"the reach of {of}"


def payment_text(payment: Payment, currency: str) -> str:
    """A rate or an amount in words."""
    if payment.rate is not None:
        return percent(payment.rate)
    if payment.each is not None:
        return f"{money(payment.each, currency)} each"
    return money(payment.amount or 0, currency)


def table_text(table: RateTable, measure: Measure, currency: str) -> str:
    """A rate table in words."""
    shown = EdgeText(table.unit, measure, currency)
    of_goal = " of the quota" if table.unit == TierUnit.ATTAINMENT else ""
    parts = []
    for tier in table.tiers:
        paid = payment_text(Payment(tier.rate, tier.amount, tier.each), currency)
        if tier.upper is None:
            span = f"above {shown(tier.lower)}"
        else:
            span = (
                f"up to {shown(tier.upper)}" if tier.lower == 0 else f"from {shown(tier.lower)} to {shown(tier.upper)}"
            )
        parts.append(f"{paid} {span}{of_goal}")
    edge = "upper" if table.boundary == Boundary.LOWER_INCLUSIVE else "lower"
    by = f" The tier is found by {table.on}." if table.on else ""
    return f"{MODE_WORDS[table.mode]}: {', '.join(parts)}; a value exactly on an edge belongs to the {edge} tier.{by}"


def table_clause(table: Table, currency: str) -> str:
    """A named table of the plan in words."""
    if not isinstance(table.content, RateTable):
        return f"The table {table.key} gives {table_rows(table)}."
    is_number = table.takes[0].kind == Kind.NUMBER
    measure = Measure(table.key, (), MeasureKind.COUNT if is_number else MeasureKind.AMOUNT)
    content = table.content
    if table.takes[0].kind == Kind.PERCENT:
        content = replace(content, unit=TierUnit.ATTAINMENT)
    return f"The table {table.key}. {table_text(content, measure, currency).replace(' of the quota', '')}"


def change_texts(plan: Plan, component: Component) -> list[str]:
    """Multipliers, kickers, gates, floors and caps in words, in the order in which they are applied."""
    currency, found = plan.currency, []
    for multiplier in component.multipliers:
        tiers = table_text(multiplier.table, plan.measure(multiplier.of), currency)
        found.append(f"The amount is multiplied by the reach of {multiplier.of}: {tiers}")
    for kicker in component.kickers:
        extra = payment_text(kicker.pays, currency) + (" of the amount so far" if kicker.pays.rate is not None else "")
        when = (
            ""
            if kicker.at_least is None
            else f" once {kicker.of} reaches {_reach_text(plan, kicker.of, kicker.unit, kicker.at_least)}"
        )
        found.append(f"{extra} is added{when}.")
    for gate in component.gates:
        found.append(
            f"Nothing is paid unless {gate.of} reaches {_reach_text(plan, gate.of, gate.unit, gate.at_least)}."
        )
    for name, bounds in (("floor", component.floor), ("cap", component.cap)):
        found += [f"It {text}" for text in _bounds_texts(name, bounds, plan)]
    return found


def _reach_text(plan: Plan, of: str, unit: TierUnit, at_least: Fraction) -> str:
    goal = " of its quota" if unit == TierUnit.ATTAINMENT else ""
    return f"{EdgeText(unit, plan.measure(of), plan.currency)(at_least)}{goal}"


def _bounds_texts(name: str, bounds: Bounds, plan: Plan) -> list[str]:
    verb = "pays at least" if name == "floor" else "pays at most"
    spans = (
        ("deal", bounds.deal),
        (PERIOD_WORDS[CalendarKind(plan.period)], bounds.period),
        ("fiscal year", bounds.year),
    )
    return [f"{verb} {money(amount, plan.currency)} for a {span}." for span, amount in spans if amount is not None]
