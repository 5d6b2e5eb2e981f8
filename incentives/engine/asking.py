"""What plans ask of the facts: which columns of deals, which of their days, which other facts. A run reads that and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from incentives.engine.conditions import DERIVED
from incentives.engine.covering import ACCOUNT
from incentives.engine.credit_lines import MONEY_COLUMNS
from incentives.engine.crediting import DATE_COLUMNS
from incentives.engine.plan import CreditRule, Measure, Plan, columns_of
from incentives.engine.words import CreditDate, DealOwner, MeasureKind


@dataclass(frozen=True, slots=True)
class Asked:
    """The columns of deals by their names in the plans, the other days that credit, whether lines are asked, and former owners."""

    columns: frozenset[str]
    days: frozenset[str]
    by_line: bool
    owners: bool
    objectives: frozenset[str]
    relations: frozenset[str]
    coverage: bool
    """Whether deals are credited by the territory of their account."""
    tenure: bool
    """Whether months of employment decide."""


def asked_of(plans: Iterable[Plan]) -> Asked:
    """What some plans ask together."""
    plans = tuple(plans)
    measures = [measure for plan in plans for measure in plan.measures]
    components = [component for plan in plans for component in plan.components]
    rules = [rule for measure in measures for rule in measure.credit]
    named = {DERIVED.get(name, name) for plan in plans for name in columns_of(plan)}
    return Asked(
        columns=frozenset(named | _of_rules(rules) | {name for each in measures for name in _of_measure(each)}),
        days=frozenset(_days(rules)),
        owners=any(rule.owner == DealOwner.THEN for rule in rules),
        by_line=any(plan.by_line for plan in plans),
        objectives=frozenset(each.key for one in components for each in one.pay.objectives),
        relations=frozenset(rule.relation for rule in rules if rule.relation),
        coverage=any(rule.owner == DealOwner.TERRITORY for rule in rules),
        tenure=asks_tenure(plans),
    )


def asks_tenure(plans: Iterable[Plan]) -> bool:
    """True where a rule or a formula of the plans asks how long people have been employed."""
    return any(
        any(rule.tenure is not None for measure in plan.measures for rule in measure.credit)
        or any(one.pay.formula is not None and one.pay.formula.asks_tenure for one in plan.components)
        for plan in plans
    )


def _of_rules(rules: Iterable[CreditRule]) -> set[str]:
    """What crediting needs of a deal beside conditions."""
    return {ACCOUNT for rule in rules if rule.owner == DealOwner.TERRITORY}


def _of_measure(measure: Measure) -> Iterator[str]:
    if measure.kind == MeasureKind.UNITS:
        yield "quantity"
    if measure.kind in MONEY_COLUMNS:
        yield DERIVED.get(MONEY_COLUMNS[measure.kind], MONEY_COLUMNS[measure.kind])


def _days(rules: Iterable[CreditRule]) -> Iterator[str]:
    return (DATE_COLUMNS[rule.credit_date] for rule in rules if rule.credit_date != CreditDate.CREDITED)
