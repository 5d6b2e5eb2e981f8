"""A plan document (a dictionary, as read from YAML or JSON) becomes a checked Plan, or findings that say why not.

Every finding names the clause, what is wrong, why it matters and the fix. A document with an ERROR gives no Plan: a plan
that does not compile calculates nobody. Fields, words and defaults: docs/plan-language.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from incentives.engine.plan import (
    Accumulation,
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
)
from incentives.engine.reading import Reader
from incentives.engine.tables import read_table
from spm.core.findings import Finding, Severity, errors
from spm.core.money import is_currency
from spm.core.periods import CalendarKind

ABSURD_RATE = Fraction(10)
"""A rate above 1,000 % is a finding that a second person must accept."""


def compile_plan(document: Mapping[str, object]) -> tuple[Plan | None, list[Finding]]:
    """The Plan that the document describes and the findings about it; None in place of the plan when one is an ERROR."""
    findings: list[Finding] = []
    if not isinstance(document, Mapping):
        reader = Reader({}, "", findings)
        reader.find("PLAN_UNREADABLE", "The plan is not a set of fields.", "Write it as “name: value” lines.")
        return None, findings
    plan = _read_plan(Reader(document, "", findings))
    return (None if errors(findings) else plan), findings


def _read_plan(reader: Reader) -> Plan:
    currency = reader.text("currency")
    if currency and not is_currency(currency):
        reader.find(
            "CURRENCY_UNKNOWN", f"{currency} is not an ISO 4217 code.", "Write a code such as USD.", at="currency"
        )
        currency = "XXX"
    start, end = reader.day("from"), reader.day("until")
    if end <= start:
        reader.find(
            "PLAN_EMPTY", "The plan ends before it starts.", "until is the first day after the plan.", at="until"
        )
    plan = Plan(
        key=reader.text("plan"),
        name=reader.text("name", default=str(reader.document.get("plan", ""))),
        currency=currency or "XXX",
        start=start,
        end=end,
        period=str(reader.choice("period", CalendarKind, CalendarKind.QUARTERLY)),
        components=_read_components(reader, currency or "XXX"),
        proration=reader.choice("proration", Proration, Proration.DAYS),
    )
    reader.finish("description", "examples", "version")
    return plan


def _read_components(reader: Reader, currency: str) -> tuple[Component, ...]:
    children = reader.children("components")
    if not children:
        reader.find(
            "PLAN_WITHOUT_COMPONENTS", "The plan has no components.", "Add at least one component.", at="components"
        )
    components = tuple(_read_component(child, currency) for child in children)
    seen: set[str] = set()
    for child, component in zip(children, components, strict=True):
        if component.key in seen:
            child.find(
                "COMPONENT_REPEATED", f"Two components are called {component.key}.", "Give each its own key.", at="key"
            )
        seen.add(component.key)
    return components


def _read_component(reader: Reader, currency: str) -> Component:
    key = reader.text("key")
    rate, table = reader.rate("rate"), read_table(reader, currency)
    quota = reader.text("quota", default="") or None
    if (rate is None) == (table is None) and not (reader.has("rate") and rate is None):
        reader.find("RATE_MISSING", f"The component {key} has {'both a rate and tiers' if rate else 'no rate'}.",
                    "Give either rate or tiers.", at="rate")  # fmt: skip
    if table is not None and table.unit == "ATTAINMENT" and quota is None:
        reader.find("QUOTA_MISSING", f"The tiers of {key} are percentages of a quota, and no quota is named.",
                    "Add quota with the name of the measure, or give the tiers as amounts.", at="quota")  # fmt: skip
    for found in [rate, *([tier.rate for tier in table.tiers] if table else [])]:
        if found is not None and abs(found) > ABSURD_RATE:
            reader.find("RATE_ABSURD", f"A rate of {float(found):.0%} is over 1,000 %.", "Check the rate.",
                        why="A second person must accept it.", severity=Severity.WARNING)  # fmt: skip
    component = Component(
        key=key,
        name=reader.text("name", default=key),
        credit=_read_credit(reader, key),
        quota=quota,
        accumulation=reader.choice("accumulation", Accumulation, Accumulation.PERIOD),
        rate=rate,
        table=table,
    )
    reader.finish("tiers", "tier_mode", "boundary", "clause")
    return component


def _read_credit(reader: Reader, key: str) -> tuple[CreditRule, ...]:
    """The credit rules of a component; without any, the owner of a deal receives full credit."""
    if isinstance(reader.document.get("credit"), list):
        children = reader.children("credit")
    else:
        child = reader.child("credit")
        children = [child] if child else []
    if not children:
        return (CreditRule(key=f"{key}-direct"),)
    return tuple(
        _read_rule(child, f"{key}-{index + 1}" if len(children) > 1 else key) for index, child in enumerate(children)
    )


def _read_rule(reader: Reader, key: str) -> CreditRule:
    kind = reader.choice("kind", CreditKind, CreditKind.DIRECT)
    rule = CreditRule(
        key=reader.text("key", default=f"{key}-{kind.lower()}"),
        kind=kind,
        where=_read_where(reader),
        share=reader.rate("share", default=Fraction(1)) or Fraction(0),
        credit_date=reader.choice("date", CreditDate, CreditDate.CREDITED),
        levels=reader.choice("levels", Levels, Levels.DIRECT_REPORTS),
        duplicates=reader.choice("duplicates", DuplicatePolicy, DuplicatePolicy.SUM),
    )
    if rule.share <= 0:
        reader.find(
            "SHARE_NOT_POSITIVE", "The share of a credit rule is not above 0.", "Write for example 100 %.", at="share"
        )
    reader.finish()
    return rule


def _read_where(reader: Reader) -> tuple[Condition, ...]:
    child = reader.child("where")
    if child is None:
        return ()
    conditions = []
    for column, value in child.document.items():
        values = tuple(value) if isinstance(value, list | tuple) else (value,)
        conditions.append(Condition(str(column), values))
    return tuple(sorted(conditions, key=lambda condition: condition.column))


__all__ = ["Boundary", "RateTable", "TierMode", "compile_plan"]
