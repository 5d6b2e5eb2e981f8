"""Credits that can't be measured, because their deal lacks a rate, a quantity or another fact: findings for each deal and person."""

from __future__ import annotations

import numpy as np

from incentives.engine.conditions import DERIVED
from incentives.engine.credit_lines import MONEY_COLUMNS, CreditLines
from incentives.engine.credited import Credited
from incentives.engine.exchange import missing_rate
from incentives.engine.fact_words import fact_said
from incentives.engine.language.values import Reason
from incentives.engine.manual import RULE as MANUAL_RULE
from incentives.engine.plan import CreditRule, Measure
from incentives.engine.tenure import MISSING
from incentives.engine.words import MeasureKind
from spm.core.findings import Finding


def unusable(
    lines: CreditLines, measure: Measure, credited: Credited, beyond: np.ndarray
) -> tuple[np.ndarray, list[Finding]]:
    """Pairs (participant, period), one per row, with a deal that lacks a rate or quantity, and a finding for each deal and person.

    `beyond` are the credits (rows) of people whose sums leave any amount that is kept.
    """
    large = np.flatnonzero(lines.beyond[credited.deal])
    rows = np.concatenate([each[~np.isin(each, large)] for each in _unmeasured(lines, measure, credited)])
    findings = [_unusable_finding(lines, measure, credited, row) for row in rows.tolist()]
    findings += [_large_finding(lines, measure, credited, row) for row in large.tolist()]
    _, first = np.unique(credited.participant[beyond], return_index=True)
    findings += [_sum_finding(lines, measure, credited, row) for row in beyond[first].tolist()]
    unknown, found = _undecided(lines, measure, credited)
    rows = np.concatenate([rows, large, beyond, unknown])
    return np.column_stack([credited.participant[rows], credited.period[rows]]), findings + found


def _large_finding(lines: CreditLines, measure: Measure, credited: Credited, row: int) -> Finding:
    deal = lines.crediting.facts.deals["source_key"].iloc[credited.deal[row]]
    what = f"Deal {deal} states an amount larger than any that is kept."
    return _group_finding(lines, measure, credited, row, "OVERFLOW", what, "Correct the amounts of the deal.")


def _sum_finding(lines: CreditLines, measure: Measure, credited: Credited, row: int) -> Finding:
    person = lines.crediting.seats.participants[credited.participant[row]]
    what = f"The credits of {person} sum to more than any amount that is kept."
    return _group_finding(lines, measure, credited, row, "OVERFLOW", what, "Correct the amounts of these deals.")


def _unmeasured(lines: CreditLines, measure: Measure, credited: Credited) -> list[np.ndarray]:
    """The credits whose deal has no quantity, or no currency rate on the credit date of their rule."""
    deals, found = lines.crediting.facts.deals, [np.array([], dtype=np.int64)]
    if measure.kind == MeasureKind.UNITS and "quantity" in deals.columns:
        found.append(np.flatnonzero(deals["quantity"].isna().to_numpy()[credited.deal]))
    column = MONEY_COLUMNS.get(measure.kind, measure.column)
    rules = (*measure.credit, CreditRule(key=MANUAL_RULE)) if measure.is_money else ()
    for number, rule in enumerate(rules):
        known = lines.amounts(column, rule.credit_date)
        if known is not None and known[1].any():
            found.append(np.flatnonzero(known[1][credited.deal] & (credited.rule == number)))
    return found


def _undecided(lines: CreditLines, measure: Measure, credited: Credited) -> tuple[np.ndarray, list[Finding]]:
    """The credits of deals that their rule, or a formula, can't tell the value of, and a finding for each deal and person."""
    reasons = [lines.undecided(measure, rule) for rule in measure.credit]
    unserved, findings = _unserved(lines, measure, credited)
    found = [
        np.flatnonzero((credited.rule == number) & np.isin(credited.deal, list(each)))
        for number, each in enumerate(reasons)
        if each
    ]
    rows = np.concatenate(found) if found else np.array([], dtype=np.int64)
    for row in rows.tolist():
        reason = reasons[int(credited.rule[row])][int(credited.deal[row])]
        findings.append(_reason_finding(lines, measure, credited, row, reason))
    return np.concatenate([unserved, rows]), findings


def _unserved(lines: CreditLines, measure: Measure, credited: Credited) -> tuple[np.ndarray, list[Finding]]:
    """The credits of people of whom a rule asks the months of employment, and none is known on the day."""
    found = [np.array([], dtype=np.int64)]
    for number, rule in enumerate(measure.credit):
        if rule.tenure is not None:
            rows = np.flatnonzero(credited.rule == number)
            of = credited.take(rows)
            found.append(rows[~lines.crediting.served(rule, of.deal, of.participant)[1]])
    rows = np.concatenate(found)
    return rows, [_reason_finding(lines, measure, credited, row, MISSING) for row in rows.tolist()]


def _reason_finding(lines: CreditLines, measure: Measure, credited: Credited, row: int, reason: Reason) -> Finding:
    deal = lines.crediting.facts.deals["source_key"].iloc[credited.deal[row]]
    return _group_finding(lines, measure, credited, row, reason.code, f"Deal {deal}: {reason.what}.", reason.fix)


def fact_column(measure: Measure) -> str:
    """The column of the facts that the money of a measure is made of."""
    name = MONEY_COLUMNS.get(measure.kind, measure.column)
    return DERIVED.get(name, name)


def _unusable_finding(lines: CreditLines, measure: Measure, credited: Credited, row: int) -> Finding:
    deal = lines.crediting.facts.deals.iloc[credited.deal[row]]
    code, (when, fix) = "FX_RATE_MISSING", missing_rate(lines.plan, lines.windows.keys[credited.period[row]])
    what = f"Deal {deal['source_key']} is in {deal['currency']}, and no rate to {lines.plan.currency} is known {when}."
    if measure.kind == MeasureKind.UNITS:
        code, fix, what = "QUANTITY_MISSING", "Enter its quantity.", f"Deal {deal['source_key']} has no quantity."
    elif lines.crediting.facts.deals[column := fact_column(measure)].iloc[[credited.deal[row]]].isna().any():
        name = fact_said(column)
        code, what, fix = (
            "FACT_EMPTY",
            f"Deal {deal['source_key']} has no {name}.",
            f"Enter the {name} where the deal comes from.",
        )
    return _group_finding(lines, measure, credited, row, code, what, fix)


def _group_finding(
    lines: CreditLines, measure: Measure, credited: Credited, row: int, code: str, what: str, fix: str
) -> Finding:
    """A finding about the person and period of a credit."""
    person = lines.crediting.seats.participants[credited.participant[row]]
    period = lines.windows.keys[credited.period[row]]
    called = lines.plan.called(measure.key)
    why = f"{called} of {lines.plan.name} was not calculated for {person} in {period}; the others were."
    keys = (
        ("participant_key", person),
        ("plan_key", lines.plan.key),
        ("component_key", measure.key),
        ("period_key", period),
    )
    return Finding(code, f"participant {person}, {called}, {period}", what, why, fix, about=keys)
