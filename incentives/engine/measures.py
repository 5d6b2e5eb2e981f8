"""Reads who is credited and what is summed: credit rules and measures of a plan document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from incentives.engine.conditions import read_conditions
from incentives.engine.language.analysing import analyse
from incentives.engine.language.context import MONEY_NAMES, Context, Place
from incentives.engine.language.tree import Formula
from incentives.engine.plan import CreditRule, Measure, Months
from incentives.engine.reading import Reader, exact_number
from incentives.engine.words import (
    Accumulation,
    CreditDate,
    CreditKind,
    DealOwner,
    DuplicatePolicy,
    GoalWindow,
    Levels,
    MeasureKind,
    ReversalRate,
)
from spm.core.dated import FOREVER, LONG_AGO

MOST_MONTHS = 1_200
"""Months of employment that a rule may ask: a hundred years."""

MOST_LEVELS = 20
"""Levels above a seller at which a rule may credit."""

NEEDS_COLUMN = (MeasureKind.COLUMN, MeasureKind.DISTINCT)


def read_measure(reader: Reader, currency: str) -> Measure:
    """The measure that a component or an entry of `measures` describes; its key is the entry's."""
    key = str(reader.document.get("key", ""))
    kind, column = _read_kind(reader)
    formula = _read_formula(reader, currency) if kind == MeasureKind.FORMULA else None
    measure = Measure(
        key=key,
        credit=_read_credit(reader, key, currency),
        kind=kind,
        column=column,
        quota=_read_quota(reader),
        accumulation=reader.choice("accumulation", Accumulation, Accumulation.PERIOD),
        goal=reader.choice("goal", GoalWindow, GoalWindow.TO_DATE),
        reversal_rate=reader.choice("reversal_rate", ReversalRate, ReversalRate.ORIGINAL),
        reverse_attainment=reader.flag("reverse_attainment", default=False),
        formula=formula,
        name=str(reader.document.get("name") or ""),
        against=reader.text("against", default="") or None,
    )
    if kind == MeasureKind.DISTINCT and measure.accumulation != Accumulation.PERIOD:
        what = "Distinct values are counted within a period and can't be added up over periods."
        fix = f"Leave accumulation out. What counts once in the window is a formula of another measure: DISTINCT({column}) * 5 {currency}."
        reader.find("MEASURE_NOT_ADDITIVE", what, fix, at="accumulation")
    return measure


def _read_quota(reader: Reader) -> str | None:
    """The name of the goal; its amounts are entered for people."""
    name = reader.text("quota", default="")
    if name and exact_number(name) is not None:
        what = f"quota is {name}, an amount, and quota names the goal whose amounts people have."
        fix = f"Write a name, such as quota: revenue; the amounts are entered for people, in an example as quotas: {{revenue: {name}}}."
        reader.find("QUOTA_NAME", what, fix, at="quota")
    return name or None


def check_against(reader: Reader, measure: Measure, measures: Mapping[str, Measure]) -> None:
    """What a measure is held against in place of a quota: another one of the plan, in the same unit and over the same window."""
    if measure.against is None:
        return
    other = measures.get(measure.against)
    if other is None or other.key == measure.key:
        known = ", ".join(sorted(set(measures) - {measure.key})) or "none"
        what = f"{measure.key} is held against {measure.against}, which is no other measure."
        reader.find("MEASURE_UNKNOWN", what, f"Known: {known}.", at="against")
    elif other.is_money != measure.is_money:
        what = (
            f"One of {measure.key} and {other.key} is an amount and the other a number: neither is a part of the other."
        )
        reader.find("UNIT_ERROR", what, "Hold amounts against amounts, and numbers against numbers.", at="against")
    elif other.accumulation != measure.accumulation:
        what = f"{measure.key} and {other.key} are summed over different windows."
        reader.find("AGAINST_WINDOW", what, f"Give both accumulation {other.accumulation}.", at="against")
    for name in ("quota", "goal"):
        if reader.has(name):
            what = f"{measure.key} is held against {measure.against}, so {name} would not be read."
            reader.find("FIELD_UNUSED", what, f"Remove {name}, or against.", at=name)


def _read_kind(reader: Reader) -> tuple[MeasureKind, str]:
    """AMOUNT, UNITS … or {kind: DISTINCT, column: sale_key}."""
    value = reader.value("measure")
    if value is None:
        return MeasureKind.AMOUNT, ""
    if not isinstance(value, Mapping):
        kind = reader.choice("measure", MeasureKind, MeasureKind.AMOUNT)
        if kind == MeasureKind.FORMULA:
            reader.find("FORMULA_EMPTY", "The measure names no formula.", "Write measure: {formula: …}.", at="measure")
            return MeasureKind.AMOUNT, ""
        return kind, ""
    if "formula" in value:
        return MeasureKind.FORMULA, ""
    child = Reader(value, f"{reader.path}.measure", reader.findings)
    kind = child.choice("kind", MeasureKind, MeasureKind.AMOUNT)
    column = child.text("column", default="")
    child.finish()
    if (kind in NEEDS_COLUMN) != bool(column):
        child.find(
            "MEASURE_COLUMN",
            f"A measure {kind} {'needs' if not column else 'has no'} column.",
            "Correct column.",
            at="column",
        )
    column = MONEY_NAMES.get(column, column)
    if kind == MeasureKind.COLUMN and column and not column.endswith("_minor"):
        what = f"{column} is not the name of an amount: those that a plan adds end in _minor."
        child.find("COLUMN_NOT_MONEY", what, f"Write column: {column}_minor, and name it so in the deals.", at="column")
    return kind, column


def _read_formula(reader: Reader, currency: str) -> Formula | None:
    """What a measure makes of each deal: an amount, a count or a number."""
    child = reader.child("measure") or reader
    text = child.text("formula")
    child.choice("kind", MeasureKind, MeasureKind.FORMULA)
    child.finish()
    if not text:
        return None
    analysis = analyse(text, Context(currency, Place.MEASURE, tables=reader.tables), where=f"{child.path}.formula")
    reader.findings.extend(analysis.findings)
    return analysis.formula


def _read_credit(reader: Reader, key: str, currency: str) -> tuple[CreditRule, ...]:
    """The credit rules of a measure; without any, the owner of a deal receives full credit."""
    if isinstance(reader.document.get("credit"), list):
        children = reader.children("credit")
    else:
        child = reader.child("credit")
        children = [child] if child else []
    if not children:
        rules = () if _needs_no_credit(reader) else _dated(reader, (CreditRule(key=f"{key}-direct"),))
        return _served(reader, rules)
    named = [(child, f"{key}-{index + 1}" if len(children) > 1 else key) for index, child in enumerate(children)]
    return _served(reader, _dated(reader, tuple(_read_rule(child, name, currency) for child, name in named)))


def _dated(reader: Reader, rules: tuple[CreditRule, ...]) -> tuple[CreditRule, ...]:
    """The rules within the days of their component, when it has some of its own."""
    if not reader.has("from") and not reader.has("until"):
        return rules
    start, end = reader.day("from", default=LONG_AGO), reader.day("until", default=FOREVER)
    if end <= start:
        reader.find(
            "COMPONENT_EMPTY", "The component ends before it starts.", "until is the first day after it.", at="until"
        )
    return tuple(replace(rule, start=start, end=end) for rule in rules)


def _served(reader: Reader, rules: tuple[CreditRule, ...]) -> tuple[CreditRule, ...]:
    """The rules for the months of employment of their component, when it names some; a rule's own stay."""
    if not reader.has("tenure"):
        return rules
    months = _months(reader)
    if not rules:
        what = "The component credits nobody, so the tenure decides nothing."
        reader.find("TENURE_WITHOUT_CREDIT", what, "Ask TENURE() in a formula, or name a measure.", at="tenure")
    return tuple(rule if rule.tenure is not None else replace(rule, tenure=months) for rule in rules)


def _months(reader: Reader) -> Months | None:
    """`tenure: {at_least: 6, below: 12}`: completed months of employment."""
    child = reader.child("tenure")
    if child is None:
        return None
    least, below = _whole_months(child, "at_least"), _whole_months(child, "below")
    child.finish()
    if not child.has("at_least") and not child.has("below"):
        child.find("FIELD_MISSING", "The tenure names no months.", "Write for example below: 12.")
    elif below is not None and below <= (least or 0):
        child.find("TENURE_EMPTY", "Nobody has such a tenure.", "Let below be more than at_least.", at="below")
    return Months(least or 0, below)


def _whole_months(reader: Reader, name: str) -> int | None:
    number = exact_number(reader.value(name)) if reader.has(name) else None
    if reader.has(name) and (number is None or number != int(number) or number < 0 or number > MOST_MONTHS):
        what = f"{name} is {reader.value(name)!r}, not a number of whole months."
        reader.find("NUMBER_UNREADABLE", what, "Write the months as a number, such as 12.", at=name)
        return None
    return None if number is None else int(number)


def _level(reader: Reader) -> int:
    """`levels: 2`: whoever stands so many levels above; 0 where it is a word."""
    written = str(reader.document.get("levels", "")).strip()
    if not written[:1].isdecimal():
        return 0
    reader.value("levels")
    if not written.isdecimal() or not 1 <= int(written) <= MOST_LEVELS:
        what = f"levels is {written}, not a whole number of levels from 1 to {MOST_LEVELS}."
        reader.find("NUMBER_UNREADABLE", what, "Write for example levels: 2, or SUBTREE.", at="levels")
        return 1
    return int(written)


def _needs_no_credit(reader: Reader) -> bool:
    """True for a component that pays without looking at deals, as a plain bonus does."""
    by_itself = any(reader.has(way) for way in ("bonus", "objectives", "greater_of"))
    return by_itself and not reader.has("quota") and not reader.has("measure")


def _read_rule(reader: Reader, key: str, currency: str) -> CreditRule:
    kind, level = reader.choice("kind", CreditKind, CreditKind.DIRECT), _level(reader)
    rule = CreditRule(
        key=reader.text("key", default=f"{key}-{kind.lower()}"),
        kind=kind,
        where=read_conditions(reader, "where", currency),
        share=reader.rate("share", default=Fraction(1)) or Fraction(0),
        credit_date=reader.choice("date", CreditDate, CreditDate.CREDITED),
        owner=reader.choice("owner", DealOwner, DealOwner.NOW),
        levels=Levels.DIRECT_REPORTS if level else reader.choice("levels", Levels, Levels.DIRECT_REPORTS),
        level=level,
        duplicates=reader.choice("duplicates", DuplicatePolicy, DuplicatePolicy.SUM),
        cap=reader.money("cap", currency),
        relation=reader.text("relation", default=""),
        tenure=_months(reader) if reader.has("tenure") else None,
    )
    if rule.share <= 0:
        reader.find(
            "SHARE_NOT_POSITIVE", "The share of a credit rule is not above 0.", "Write for example 100 %.", at="share"
        )
    if (kind == CreditKind.ROLLOVER) != bool(rule.relation):
        reader.find(
            "RELATION_MISSING",
            "A ROLLOVER, and only it, names a relation.",
            "Add the name of the relation.",
            at="relation",
        )
    reader.finish()
    return rule
