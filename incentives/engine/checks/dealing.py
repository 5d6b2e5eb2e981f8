"""Writes deals that a measure credits: so much of what it sums, with the attributes that its conditions ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import count
from math import ceil

from incentives.engine.checks.asking import Deal, Stage
from incentives.engine.checks.atoms import OTHER, combinations, first_fitting, fits
from incentives.engine.checks.joined import is_judged
from incentives.engine.checks.stated import stated
from incentives.engine.examples import FACT_KEYS
from incentives.engine.language.wording import decimal_text
from incentives.engine.plan import UNIT_SCALE, Component, Condition, CreditRule, Measure, Plan
from incentives.engine.words import CreditKind, MeasureKind
from spm.core.dated import day_number, day_text
from spm.core.money import RATE_SCALE

MOST_DEALS = 200
"""Deals that are written to reach a value; what needs more is not tried."""

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
    beside: Sequence[Measure] = (),
    lean: bool = False,
    several: bool = False,
) -> tuple[Deal, ...] | None:
    """Deals of a person that add a value (in the smallest unit of the measure) to a measure in one period; None where none can.

    `more` are further conditions that the deals are to fulfil, as far as they do not contradict. `beside` are measures that are
    not to credit the deals, where the conditions leave a choice; `lean` deals are as small as the measure allows, and without
    profit where only `beside` counts it. `several` deals are written where one is too large to be credited in full.
    """
    rules = open_rules(stage, measure)
    if not rules or period >= len(stage.periods) or measure.formula is not None:
        return None
    rule, attributes = next((each for each in _apart(rules, beside)), rules[0]) if beside else rules[0]
    if more:
        attributes = first_fitting((*rule.where, *more)) or attributes
    day = max(day_number(stage.periods[period].start), rule.start)
    each = _each(stage, attributes, lean=lean)
    pieces = _pieces(stage, measure, rule, value, each=each, several=several)
    if pieces is None:
        return None
    numbers = count(1)
    made = []
    for piece in pieces:
        key = named if len(pieces) == 1 else f"{named} {next(numbers)}"
        deal = _deal(stage, measure, rule, {**piece, "key": key}, attributes, owner, day)
        made.append(_lean(stage, measure, beside, deal) if lean else deal)
    return tuple(made)


def judges(stage: Stage, measure: Measure, value: int) -> bool:
    """False where the deals for a value can't be written: what counts or is credited is a formula, or it takes too many deals."""
    if measure.formula is not None or not all(is_judged(rule.where) for rule in measure.credit):
        return False
    return (
        not open_rules(stage, measure) or deals_worth(stage, measure, value, owner="anybody", several=True) is not None
    )


def _apart(
    rules: Sequence[tuple[CreditRule, Mapping[str, object]]], beside: Sequence[Measure]
) -> Iterator[tuple[CreditRule, Mapping[str, object]]]:
    """The rules with attributes that the rules of other measures don't fit. Amounts are no choice: they are what is asked for."""
    theirs = [_chosen(rule.where) for measure in beside for rule in measure.credit]
    for rule, _ in rules:
        own = _chosen(rule.where)
        for deal in combinations([own, *theirs]) or ():
            if fits(own, deal) and not any(fits(where, deal) for where in theirs):
                yield rule, {**(first_fitting(rule.where) or {}), **deal}
                break


def _chosen(where: Sequence[Condition]) -> list[Condition]:
    return [each for each in where if each.column != "amount_minor"]


def _lean(stage: Stage, measure: Measure, beside: Sequence[Measure], deal: Deal) -> Deal:
    """The deal with nothing in the columns that only other measures sum."""
    found = dict(deal)
    for other in beside:
        if other.kind == MeasureKind.MARGIN and measure.kind != MeasureKind.MARGIN and found.get("cost") == 0:
            found["cost"] = found["amount"]
        if other.kind == MeasureKind.COLUMN and other.column != measure.column and other.column in found:
            found[other.column] = 0
    return found


def deal_like(stage: Stage, measure: Measure, attributes: Mapping[str, object], *, owner: str) -> Deal:
    """One deal with given attributes, also its amount where they name one."""
    rule = next((rule for rule, _ in open_rules(stage, measure)), measure.credit[0])
    day = max(day_number(stage.periods[0].start), rule.start)
    amount = attributes.get("amount_minor")
    piece = {"key": "deal", "amount": stage.shown(int(amount)) if isinstance(amount, Fraction) else EACH}
    return _deal(stage, measure, rule, piece, attributes, owner, day)


def _credited(stage: Stage, rule: CreditRule, value: int) -> object:
    """The amount of which the rule credits the value."""
    return stage.shown(ceil(Fraction(value) / rule.share) if value > 0 else int(Fraction(value) / rule.share))


def _pieces(
    stage: Stage, measure: Measure, rule: CreditRule, value: int, *, each: object, several: bool
) -> list[dict[str, object]] | None:
    """Amount and quantity of the deals that add a value; None where it takes too many. Of what is counted each has an amount."""
    if measure.kind == MeasureKind.UNITS:
        return [{"amount": each, "quantity": _plain(Fraction(value, UNIT_SCALE) / rule.share)}]
    number = value // UNIT_SCALE
    if measure.is_money:
        number = _number_of_parts(rule, value) if several else 1
    if number > MOST_DEALS:
        return None
    if not measure.is_money:
        return [{"amount": each} for _ in range(number)]
    parts = [value // number] * (number - 1) + [value - value // number * (number - 1)]
    return [{"amount": _credited(stage, rule, part)} for part in parts]


def _each(stage: Stage, attributes: Mapping[str, object], *, lean: bool) -> object:
    """The amount of a deal that is counted: what the conditions ask, else a usual one, or the smallest."""
    asked = attributes.get("amount_minor")
    if isinstance(asked, Fraction) and asked > 0:
        return stage.shown(int(asked))
    return 1 if lean else EACH


def _number_of_parts(rule: CreditRule, value: int) -> int:
    """How many deals it takes, where a rule credits only so much of one, or only deals up to an amount."""
    upper = [
        Fraction(str(each.values[0]))
        for each in rule.where
        if each.column == "amount_minor" and each.operator in ("BELOW", "AT_MOST")
    ]
    if rule.cap is not None:
        upper.append(Fraction(rule.cap))
    largest = min(upper, default=Fraction(0))
    return ceil(Fraction(value) / largest * Fraction(11, 10)) if largest > 0 and value > largest else 1


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
    usual = stated(stage.plan, amount=amount, day=day_text(day))
    deal |= {name: value for name, value in usual.items() if name not in deal and name not in attributes}
    if rule.kind == CreditKind.OVERLAY:
        deal["overlay"] = {owner: "100 %"}
    return deal


def _own_column(stage: Stage, measure: Measure, column: str, piece: Mapping[str, object]) -> dict[str, object]:
    """The column that a measure sums or tells apart, and the one whose tiers the deals climb: all of one customer."""
    if any(one.pay.table is not None and one.pay.table.per == column for one in stage.plan.components):
        return {column: "A"}
    if column == measure.column and measure.kind == MeasureKind.DISTINCT:
        return {column: piece["key"]}
    if any(each.column == column and each.kind == MeasureKind.COLUMN for each in stage.plan.measures):
        if column.endswith("_minor"):
            return {column: piece["amount"]}
        return {column: int(Fraction(str(piece["amount"])) * stage.step)}
    return {}


def _attribute(stage: Stage, column: str, value: object, amount: object) -> dict[str, object]:
    """What a condition asks for, as an example writes it. The amount stays what was asked for."""
    if value is None or column == "amount_minor" or column in FACT_KEYS:
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
    return found | ({pay.table.per} if pay.table is not None else set())
