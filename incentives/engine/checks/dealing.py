"""Writes deals that a measure credits: so much of what it sums, with the attributes that its conditions ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import count
from math import ceil

from incentives.engine.checks.asking import Deal, Stage
from incentives.engine.checks.atoms import OTHER, first_fitting
from incentives.engine.language.wording import decimal_text
from incentives.engine.plan import UNIT_SCALE, Component, Condition, CreditRule, Measure, Plan
from incentives.engine.words import CreditKind, MeasureKind
from spm.core.dated import day_number, day_text
from spm.core.money import RATE_SCALE

MOST_DEALS = 40
"""Deals that are written to reach a count."""

EACH = 1_000
"""Major units of a deal whose amount does not matter."""

NAMES = {"amount_minor": "amount", "cost_minor": "cost", "list_minor": "list"}
DATES = ("booked_on", "closed_on", "invoiced_on", "paid_on")


def day_asked(plan: Plan, measure: Measure) -> int:
    """The first day on which the measure credits anything."""
    starts = [max(plan.start, rule.start) for rule in measure.credit if rule.end > plan.start]
    return min([each for each in starts if each < plan.end], default=plan.start)


def open_rules(stage: Stage, measure: Measure) -> list[tuple[CreditRule, Mapping[str, object]]]:
    """The rules of a measure that some deal of the asked periods can fulfil, with the attributes of such a deal."""
    start, end = day_number(stage.periods[0].start), day_number(stage.periods[-1].end)
    found = []
    for rule in measure.credit:
        if rule.end <= start or rule.start >= end:
            continue
        attributes = first_fitting(rule.where)
        if attributes is not None:
            found.append((rule, attributes))
    return found


def deals_worth(
    stage: Stage,
    measure: Measure,
    value: int,
    *,
    owner: str,
    named: str = "deal",
    more: Sequence[Condition] = (),
    period: int = 0,
) -> tuple[Deal, ...] | None:
    """Deals of a person that add a value (in the smallest unit of the measure) to a measure in one period; None where none can.

    `more` are further conditions that the deals are to fulfil, as far as they do not contradict.
    """
    rules = open_rules(stage, measure)
    if not rules or period >= len(stage.periods) or measure.formula is not None:
        return None
    rule, attributes = rules[0]
    if more:
        attributes = first_fitting((*rule.where, *more)) or attributes
    day = max(day_number(stage.periods[period].start), rule.start)
    amounts = [{"amount": _credited(stage, rule, value)}]
    pieces = amounts if measure.is_money else _counted(stage, measure, rule, value)
    numbers = count(1)
    made = []
    for piece in pieces:
        key = named if len(pieces) == 1 else f"{named} {next(numbers)}"
        made.append(_deal(stage, measure, rule, {**piece, "key": key}, attributes, owner, day))
    return tuple(made)


def deal_like(stage: Stage, measure: Measure, attributes: Mapping[str, object], *, owner: str) -> Deal:
    """One deal with given attributes, also its amount where they name one."""
    rule = open_rules(stage, measure)[0][0]
    day = max(day_number(stage.periods[0].start), rule.start)
    amount = attributes.get("amount_minor")
    piece = {"key": "deal", "amount": stage.shown(int(amount)) if isinstance(amount, Fraction) else EACH}
    return _deal(stage, measure, rule, piece, attributes, owner, day)


def _credited(stage: Stage, rule: CreditRule, value: int) -> object:
    """The amount of which the rule credits the value."""
    return stage.shown(ceil(Fraction(value) / rule.share) if value > 0 else int(Fraction(value) / rule.share))


def _counted(stage: Stage, measure: Measure, rule: CreditRule, value: int) -> list[dict[str, object]]:
    if measure.kind == MeasureKind.UNITS:
        units = Fraction(value, UNIT_SCALE) / rule.share
        return [{"amount": EACH, "quantity": _plain(units)}]
    number = min(MOST_DEALS, max(0, value // UNIT_SCALE))
    return [{"amount": EACH} for _ in range(number)]


def _plain(value: Fraction) -> object:
    return int(value) if value.denominator == 1 else decimal_text(value)


def _deal(
    stage: Stage,
    measure: Measure,
    rule: CreditRule,
    piece: Mapping[str, object],
    attributes: Mapping[str, object],
    owner: str,
    day: int,
) -> Deal:
    """One deal with everything that the plan may ask of it."""
    amount = piece["amount"]
    deal: dict[str, object] = {"key": piece["key"], "owner": owner, "amount": amount, "on": day_text(day)}
    deal |= {name: value for name, value in piece.items() if name not in deal}
    asked = columns_asked(stage.plan)
    deal |= {name: day_text(day) for name in DATES if name in asked}
    if "quantity" in asked:
        deal.setdefault("quantity", 1)
    for column in sorted(asked - {*DATES, "quantity"}):
        if column == "cost_minor":
            deal["cost"] = 0
        elif column == "list_minor":
            deal["list"] = amount
        elif column not in attributes:
            deal |= _own_column(stage, measure, column, piece)
    for column, value in attributes.items():
        deal |= _attribute(stage, column, value, amount)
    if rule.kind == CreditKind.OVERLAY:
        deal["overlay"] = {owner: "100 %"}
    return deal


def _own_column(stage: Stage, measure: Measure, column: str, piece: Mapping[str, object]) -> dict[str, object]:
    """The column that a measure sums or tells apart."""
    if column == measure.column and measure.kind == MeasureKind.DISTINCT:
        return {column: piece["key"]}
    if any(each.column == column and each.kind == MeasureKind.COLUMN for each in stage.plan.measures):
        if column.endswith("_minor"):
            return {column: piece["amount"]}
        return {column: int(Fraction(str(piece["amount"])) * stage.step)}
    return {}


def _attribute(stage: Stage, column: str, value: object, amount: object) -> dict[str, object]:
    """What a condition asks for, as an example writes it. The amount stays what was asked for."""
    if value is None or column == "amount_minor":
        return {}
    if not isinstance(value, Fraction):
        return {column: OTHER if value == OTHER else value}
    sold, share = Fraction(str(amount)) * stage.step, value / RATE_SCALE
    derived: dict[str, tuple[str, Fraction]] = {
        "margin_minor": ("cost", sold - value),
        "margin_rate": ("cost", sold * (1 - share)),
        "discount": ("list", sold / (1 - share) if share < 1 else sold),
    }
    if column in derived:
        name, minor = derived[column]
        return {name: stage.shown(int(minor))}
    if column.endswith("_minor"):
        return {NAMES.get(column, column): stage.shown(int(value))}
    return {column: _written(column, value)}


def _written(column: str, value: Fraction) -> object:
    """A day, a rate or a number as an example writes it."""
    if column.endswith("_on"):
        return day_text(int(value))
    if column.endswith("_rate") or column == "share":
        return f"{decimal_text(value / RATE_SCALE * 100)} %"
    return _plain(value)


def columns_asked(plan: Plan) -> set[str]:
    """The columns beside the amount that measures, conditions and matrices of a plan read; derived ones as what they come from."""
    found: set[str] = set()
    for measure in plan.measures:
        found |= {measure.column} | ({"quantity"} if measure.kind == MeasureKind.UNITS else set())
        found |= {"cost_minor"} if measure.kind == MeasureKind.MARGIN else set()
        found |= {name for rule in measure.credit for condition in rule.where for name in condition.columns}
        found |= set(measure.formula.columns) if measure.formula is not None else set()
        found |= {_date_column(rule) for rule in measure.credit}
    for component in plan.components:
        found |= _columns_of_pay(component)
    derived = {"margin_minor": "cost_minor", "margin_rate": "cost_minor", "discount": "list_minor"}
    return {derived.get(column, column) for column in found} - {"", "amount_minor", "credited_on"}


def _date_column(rule: CreditRule) -> str:
    return f"{rule.credit_date.lower()}_on"


def _columns_of_pay(component: Component) -> set[str]:
    pay, found = component.pay, set()
    if pay.lookup is not None:
        found |= {name for row in pay.lookup.rows for condition in row.where for name in condition.columns}
    if pay.formula is not None:
        found |= set(pay.formula.columns)
    if pay.matrix is not None:
        found |= {pay.matrix.rows.column, pay.matrix.columns.column}
    return found
