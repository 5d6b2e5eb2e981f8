"""What the facts lack that a credit rule asks for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from incentives.engine.conditions import (
    column_of,
    is_stated,
    sales_hold,
    stated_by_none,
    unknown_to,
)
from incentives.engine.covering import ACCOUNT
from incentives.engine.credit_lines import MONEY_COLUMNS, CreditLines
from incentives.engine.crediting import DATE_COLUMNS
from incentives.engine.fact_words import deals_said
from incentives.engine.language.meant import name_fix
from incentives.engine.manual import is_manual
from incentives.engine.plan import Condition, CreditRule, Measure
from incentives.engine.words import DealOwner, MeasureKind
from spm.core.findings import Finding, Severity


def facts_missing(lines: CreditLines, measure: Measure, rule: CreditRule) -> list[str]:
    """The columns that a rule and its measure ask and the facts do not have: what the measure sums is then unknown of everybody.

    Without any deals none is missed.
    """
    if not len(lines.crediting.facts.deals):
        return []
    asked = [name for condition in rule.where for name in condition.columns] + _columns_counted(measure)
    asked += [ACCOUNT] if rule.owner == DealOwner.TERRITORY else []
    missing = [name for name in asked if not is_stated(lines.crediting.facts.deals, name)]
    return missing + ([] if lines.crediting.days(rule.credit_date) is not None else [DATE_COLUMNS[rule.credit_date]])


def _columns_counted(measure: Measure) -> list[str]:
    if measure.formula is not None:
        return list(measure.formula.columns)
    if measure.kind == MeasureKind.UNITS:
        return ["quantity"]
    if measure.kind in MONEY_COLUMNS:
        return [MONEY_COLUMNS[measure.kind]]
    return [measure.column] if measure.column else []


def uncompared(
    lines: CreditLines, measure: Measure, rule: CreditRule, days: np.ndarray, holds: np.ndarray
) -> list[Finding]:
    """Deals of the periods of which a comparison of the rule knows nothing: they are not credited by it."""
    deals = lines.crediting.facts.deals
    silent = [] if holds.any() else stated_by_none(deals, rule.where)
    unknown = (unknown_to(deals, rule.where) | bool(silent)) & (lines.windows.holding(days) >= 0)
    manual = is_manual(deals)
    if manual is not None:
        unknown &= ~manual
    for other in (each for each in rule.where if unknown.any() and each not in silent):
        kept, _ = sales_hold(deals, [other], lines.amounts_by(rule.credit_date), lines.sold)
        unknown &= kept | unknown_to(deals, [other])
    if not unknown.any():
        return []
    names = ", ".join(_empty_names(deals[unknown], rule, silent))
    first = deals["source_key"].to_numpy()[unknown][0]
    said = f"{deals_said(int(unknown.sum()))} {'does' if unknown.sum() == 1 else 'do'}"
    what = f"The rule compares {names}, which {said} not have, first {first}."
    keys = (("plan_key", lines.plan.key), ("component_key", measure.key))
    where, why = _where(lines, measure, rule), "The rule did not credit them."
    fix = "Complete these deals, or let the rule ask first whether the value is given (NOT_EMPTY; in a formula NOT ISEMPTY)."
    return [Finding("FACT_EMPTY", where, what, why, fix, severity=Severity.WARNING, about=keys)]


def _where(lines: CreditLines, measure: Measure, rule: CreditRule) -> str:
    """Plan, component and rule as people call them; a rule without a key of its own bears that of its measure."""
    return f"{lines.plan.name}, {lines.plan.called(measure.key)}, rule {rule.key.removeprefix(f'{measure.key}-')}"


def _empty_names(deals: pd.DataFrame, rule: CreditRule, silent: list[Condition]) -> list[str]:
    """What the comparisons of a rule ask and some of the deals do not have, or not as a number."""
    found = set()
    for condition in (each for each in rule.where if each in silent or unknown_to(deals, [each]).any()):
        columns = {name: column_of(deals, name) for name in condition.columns}
        empty = {name for name, column in columns.items() if column is not None and column.isna().any()}
        found |= empty or {f"{name} as a number" for name in columns}
    return sorted(found)


def column_missing(lines: CreditLines, measure: Measure, rule: CreditRule, column: str) -> Finding:
    meant = name_fix(column)
    return Finding(
        "FACT_COLUMN_MISSING",
        _where(lines, measure, rule),
        f"The rule asks for {column} of a deal, and the facts do not have it.",
        f"Nobody was calculated by {lines.plan.called(measure.key)}.",
        "Import the column, or correct the condition." if meant == "" else f"{meant} Or import the column.",
        about=(("plan_key", lines.plan.key), ("component_key", measure.key)),
    )
