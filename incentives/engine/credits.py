"""The credits of one plan, measure by measure: rules applied to deals, in the plan's currency, as columns and as a frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from incentives.engine.candidates import Lines
from incentives.engine.conditions import (
    sales_hold,
)
from incentives.engine.credit_findings import column_missing, facts_missing, uncompared
from incentives.engine.credit_lines import CreditLines
from incentives.engine.credit_values import amounts_of, counted_once, values_of
from incentives.engine.credited import Credited, no_credits, stacked
from incentives.engine.manual import RULE as MANUAL_RULE
from incentives.engine.manual import is_manual, manual_rows
from incentives.engine.plan import CreditRule, Measure
from incentives.engine.returning import settle, taken_back
from incentives.engine.wholes import Wholes, deduplicated
from incentives.engine.words import CreditKind, DuplicatePolicy, MeasureKind, ReversalRate
from spm.core.columns import repeated
from spm.core.dated import FOREVER, LONG_AGO
from spm.core.findings import Finding
from spm.core.money import RATE_SCALE


def credit_measure(lines: CreditLines, measure: Measure) -> tuple[Credited, list[Finding]]:
    """All credits of a measure, and findings about facts that its rules need."""
    parts, findings = [], []
    for number, rule in enumerate(measure.credit):
        days = lines.crediting.days(rule.credit_date)
        if (missing := facts_missing(lines, measure, rule)) or days is None:
            lines.unknown |= {measure.key} if missing else set()
            findings += [column_missing(lines, measure, rule, column) for column in missing]
            continue
        mask, _ = sales_hold(lines.crediting.facts.deals, rule.where, lines.amounts_by(rule.credit_date), lines.sold)
        findings += uncompared(lines, measure, rule, days, mask)
        manual = is_manual(lines.crediting.facts.deals)
        parts.append(_credit_rule(lines, measure, rule, number, days, mask if manual is None else mask & ~manual))
    granted = manual_rows(lines.crediting.facts.deals, measure)
    if len(granted):
        parts.append(_granted(lines, measure, granted))
    credited = stacked(parts) if parts else no_credits()
    if measure.kind == MeasureKind.DISTINCT:
        credited = counted_once(lines, measure, credited)
    return credited, findings


def _credit_rule(
    lines: CreditLines, measure: Measure, rule: CreditRule, number: int, days: np.ndarray, mask: np.ndarray
) -> Credited:
    direct, _ = lines.direct(rule, days)
    candidates, paid = lines.lines(rule, days)
    wholes = Wholes.of(amounts_of(lines, measure, rule), rule, lines.crediting.back(rule.credit_date))
    shared, shared_before = wholes.shared(direct, rule)
    taken = paid if mask.all() else paid & mask[candidates.deal]
    if (rule.start, rule.end) != (LONG_AGO, FOREVER):
        taken = taken & (candidates.day >= rule.start) & (candidates.day < rule.end)
    own = rule.kind == CreditKind.DIRECT
    if rule.tenure is not None:
        whose = candidates.origin if own else lines.crediting.seats.participant[candidates.holding]
        months, known = lines.crediting.served(rule, candidates.deal, whose)
        short = known & (months < rule.tenure.at_least)
        taken = taken & ~(short if rule.tenure.below is None else short | (known & (months >= rule.tenure.below)))
    found = candidates.take(np.flatnonzero(taken))
    person = found.origin if own else lines.crediting.seats.participant[found.holding]
    if rule.kind == CreditKind.ROLLUP and rule.duplicates != DuplicatePolicy.SUM:
        kept = deduplicated(found, person)
        found, person = found.take(kept), person[kept]
    in_full = rule.is_whole
    if in_full:
        found = replace(found, share=repeated(RATE_SCALE, len(found)))
    amount, before = wholes.in_full(found) if in_full else (shared, shared_before)
    if not in_full and found is not direct:
        amount, before = amount[found.base], before[found.base]
    share = found.share
    if rule.share != 1:
        share = share * rule.share.numerator // rule.share.denominator
    credited = Credited(
        found.deal,
        found.holding,
        person,
        found.origin,
        lines.windows.holding(found.day),
        found.day,
        repeated(number, len(found)),
        share,
        amount,
        *values_of(lines, measure, rule, found.deal, share, (amount, before)),
        repeated(False, len(found), bool),
        repeated(False, len(found), bool),
    )
    if not (lines.sold != -1).any():
        return credited
    return _with_returns(
        lines, measure, rule, credited, days, direct, wholes.in_full(direct) if in_full else (shared, shared_before)
    )


def _with_returns(
    lines: CreditLines,
    measure: Measure,
    rule: CreditRule,
    credited: Credited,
    days: np.ndarray,
    direct: Lines,
    shared: tuple[np.ndarray, np.ndarray],
) -> Credited:
    """The credits of a rule with the returns of their sales: those that it credits on their own day, and those that it does not."""
    own = settle(credited, measure, rule, direct, lines.sold, days, lines.windows, lines.payers)
    if measure.reversal_rate != ReversalRate.ORIGINAL:
        return own
    taken = taken_back(credited, measure, rule, direct, lines.sold, days, lines.windows)
    if not len(taken.sale):
        return own
    sale = own.take(taken.sale)
    amount, before = (each[taken.line] for each in shared)
    day = days[taken.deal]
    value, before = values_of(lines, measure, rule, taken.deal, sale.share, (amount, before))
    more = replace(
        sale,
        deal=taken.deal,
        period=lines.windows.holding(day),
        day=day,
        amount=amount,
        value=value,
        before=before,
        reversal=repeated(True, len(day), bool),
    )
    return stacked([own, more])


def _granted(lines: CreditLines, measure: Measure, rows: np.ndarray) -> Credited:
    """Manual credits: in full to their person, under a rule of their own after the measure's."""
    rule = CreditRule(key=MANUAL_RULE)
    days = lines.crediting.days(rule.credit_date)
    assert days is not None
    candidates, paid = lines.direct(rule, days)
    found = candidates.take(np.flatnonzero(paid & np.isin(candidates.deal, rows)))
    amounts = lines.amounts("amount_minor")
    assert amounts is not None
    amount = amounts[0][found.deal]
    number = repeated(len(measure.credit), len(found))
    return Credited(
        found.deal,
        found.holding,
        found.origin,
        found.origin,
        lines.windows.holding(found.day),
        found.day,
        number,
        found.share,
        amount,
        amount,
        repeated(0, len(found)),
        repeated(False, len(found), bool),
        repeated(False, len(found), bool),
    )
