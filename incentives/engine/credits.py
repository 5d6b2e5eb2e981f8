"""The credits of one plan, measure by measure: rules applied to deals, in the plan's currency, as columns and as a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from incentives.engine.attainment import Windows
from incentives.engine.bounding import BEYOND
from incentives.engine.coming_back import ComingBack
from incentives.engine.conditions import (
    column_of,
    is_stated,
    missing_columns,
    sales_hold,
    sales_undecided,
    stated_by_none,
    unknown_to,
)
from incentives.engine.covering import ACCOUNT
from incentives.engine.credited import Credited, no_credits, stacked
from incentives.engine.crediting import (
    DATE_COLUMNS,
    Crediting,
    Lines,
    Wholes,
    deduplicated,
    paid_by,
    sale_days,
)
from incentives.engine.exchange import Exchange
from incentives.engine.fact_words import deals_said
from incentives.engine.language.deals import Amounts
from incentives.engine.language.tree import Formula
from incentives.engine.language.values import Reason
from incentives.engine.manual import RULE as MANUAL_RULE
from incentives.engine.manual import is_manual, manual_rows
from incentives.engine.measure_formulas import Computed, compute_deals
from incentives.engine.plan import UNIT_SCALE, Condition, CreditRule, Measure, Plan
from incentives.engine.returning import Payers, settle, taken_back
from incentives.engine.words import CreditDate, CreditKind, DealOwner, DuplicatePolicy, MeasureKind, ReversalRate
from spm.core.columns import order_of, repeated
from spm.core.dated import FOREVER, LONG_AGO
from spm.core.findings import Finding, Severity
from spm.core.money import RATE_SCALE, multiply_columns, round_columns

MONEY_COLUMNS = {MeasureKind.AMOUNT: "amount_minor", MeasureKind.MARGIN: "margin_minor"}


@dataclass
class CreditLines:
    """The candidate lines of one plan, made once per credit date and hierarchy and kept for its components."""

    crediting: Crediting
    windows: Windows
    plan: Plan
    number: int
    plans: Sequence[Plan]
    findings: list[Finding] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    """The measures of which the facts lack a column, once they are credited: what they sum is unknown of everybody."""
    exchange: Exchange | None = None
    """The rates into the plan's currency, once an amount was in another one."""
    _lines: dict[object, tuple[Lines, np.ndarray]] = field(default_factory=dict)
    _amounts: dict[tuple[str, CreditDate], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    _computed: dict[tuple[Formula, CreditDate], Computed] = field(default_factory=dict)

    @property
    def sold(self) -> np.ndarray:
        """For each deal the row of the deal that it reverses; see `sold_rows`."""
        return self.crediting.sold

    @cached_property
    def beyond(self) -> np.ndarray:
        """True for deals with an amount beyond any that is kept, in their currency or in the plan's."""
        deals = self.crediting.facts.deals
        return deals[BEYOND].to_numpy(bool).copy() if BEYOND in deals.columns else np.zeros(len(deals), dtype=bool)

    @property
    def payers(self) -> Payers:
        """Which plans of the calculation pay whom."""
        return Payers(self.plans, self.crediting.seats, self.crediting.people)

    def direct(self, rule: CreditRule, days: np.ndarray) -> tuple[Lines, np.ndarray]:
        """The lines that carry the amounts: revenue or overlay, and whether this plan pays each."""
        if rule.kind == CreditKind.OVERLAY:
            return self._kept((rule.kind, rule.credit_date), lambda: self.crediting.overlay(days))
        key = (CreditKind.DIRECT, rule.credit_date, rule.owner)
        return self._kept(key, lambda: self.crediting.direct(rule.credit_date, rule.owner))

    def lines(self, rule: CreditRule, days: np.ndarray) -> tuple[Lines, np.ndarray]:
        """The lines of a rule before its conditions, and whether this plan pays each."""
        direct = self.direct(rule, days)
        if rule.kind == CreditKind.ROLLUP:
            return self._kept(
                (rule.kind, rule.credit_date, rule.owner, rule.depth, rule.level),
                lambda: self._rolled_up(direct[0], rule),
            )
        if rule.kind == CreditKind.ROLLOVER:
            way = (rule.kind, rule.credit_date, rule.owner, rule.relation)
            return self._kept(way, lambda: self.crediting.rolled_over(direct[0], rule))
        return direct

    def _rolled_up(self, direct: Lines, rule: CreditRule) -> Lines:
        found, findings = self.crediting.rolled_up(direct, rule)
        self.findings += findings
        return found

    def _kept(self, key: object, make: Callable[[], Lines]) -> tuple[Lines, np.ndarray]:
        if key not in self._lines:
            lines = make()
            paid = paid_by(self.crediting.seats, lines, self.number)
            self._lines[key] = (lines, paid & (self.windows.holding(lines.day) >= 0))
        return self._lines[key]

    def amounts(self, column: str, policy: CreditDate = CreditDate.CREDITED) -> tuple[np.ndarray, np.ndarray] | None:
        """A money column of every deal in the plan's currency, and which deals have none or no rate; None when the facts lack it.

        The rate is that of the credit date, which the policy of the rule names, as the plan's own policy takes it; of a return that of
        its sale.
        """
        if (column, policy) not in self._amounts:
            days, found = self.crediting.days(policy), column_of(self.crediting.facts.deals, column)
            if found is None or days is None:
                return None
            unknown = found.isna().to_numpy()
            known = (found.fillna(0) if unknown.any() else found).to_numpy(np.int64)
            if any(name != self.plan.currency for name in self.crediting.currency[1]):
                known, unpriced = self._exchanged(known, days)
                unknown = unpriced | unknown
            self._amounts[column, policy] = (known, unknown)
        return self._amounts[column, policy]

    def _exchanged(self, amounts: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Amounts in the plan's currency, and which deals have no rate; returns of one deal and currency are rounded together."""
        back = ComingBack.of(self.sold, days, self.crediting.currency[0])
        upto, before = back.upto(amounts)
        days = sale_days(days, self.sold)
        known, unpriced, beyond = self._exchange().convert(upto, self.crediting.currency, days)
        self.beyond |= beyond
        if len(back):
            known = known - self._exchange().convert(before, self.crediting.currency, days)[0]
        return known, unpriced

    def _exchange(self) -> Exchange:
        if self.exchange is None:
            fx = self.crediting.facts.fx
            assert fx is not None
            self.exchange = Exchange.of(fx, self.plan, self.windows)
        return self.exchange

    def amounts_by(self, policy: CreditDate) -> Amounts:
        """Gives the amounts at the rate of the date that a policy names."""
        return partial(self.amounts, policy=policy)

    def computed(self, formula: Formula, policy: CreditDate) -> Computed:
        """What a measure's formula makes of every deal, at the rates of the date that a policy names; of a return, its part of what it
        makes of the deal that it returns."""
        key = (formula, policy)
        if key not in self._computed:
            made = compute_deals(self.crediting.facts.deals, formula, self.amounts_by(policy))
            known = self.crediting.days(policy) is not None
            self._computed[key] = self._of_sales(made, self.crediting.back(policy)) if known else made
        return self._computed[key]

    def _of_sales(self, made: Computed, back: ComingBack) -> Computed:
        if not len(back):
            return made
        amounts = self.crediting.facts.deals["amount_minor"].to_numpy(np.int64)
        upto, before = back.in_part(made.values, amounts)
        worthless = amounts[back.sale] == 0  # of such a sale the first return takes all
        rows, whole = back.row[worthless], made.values[back.sale[worthless]]
        upto[rows], before[rows] = -whole, np.where(back.first[worthless], 0, -whole)
        of_sale = dict(zip(back.row.tolist(), back.sale.tolist(), strict=True))
        asked = {row: of_sale.get(row, row) for row in {*made.reasons, *of_sale}}
        return replace(
            made,
            values=upto - before,
            reasons={row: made.reasons[sale] for row, sale in asked.items() if sale in made.reasons},
        )

    def undecided(self, measure: Measure, rule: CreditRule) -> dict[int, Reason]:
        """The deals (row numbers) that the formula of a measure or the conditions of its rule can't be computed for."""
        deals = self.crediting.facts.deals
        formula, found = measure.formula, {}
        if formula is not None and not missing_columns(deals, formula):
            found = dict(self.computed(formula, rule.credit_date).reasons)
        return found | sales_undecided(deals, rule.where, self.amounts_by(rule.credit_date), self.sold)


def credit_measure(lines: CreditLines, measure: Measure) -> tuple[Credited, list[Finding]]:
    """All credits of a measure, and findings about facts that its rules need."""
    parts, findings = [], []
    for number, rule in enumerate(measure.credit):
        days = lines.crediting.days(rule.credit_date)
        if (missing := _facts_missing(lines, measure, rule)) or days is None:
            lines.unknown |= {measure.key} if missing else set()
            findings += [_column_missing(lines, measure, rule, column) for column in missing]
            continue
        mask, _ = sales_hold(lines.crediting.facts.deals, rule.where, lines.amounts_by(rule.credit_date), lines.sold)
        findings += _uncompared(lines, measure, rule, days, mask)
        manual = is_manual(lines.crediting.facts.deals)
        parts.append(_credit_rule(lines, measure, rule, number, days, mask if manual is None else mask & ~manual))
    granted = manual_rows(lines.crediting.facts.deals, measure)
    if len(granted):
        parts.append(_granted(lines, measure, granted))
    credited = stacked(parts) if parts else no_credits()
    if measure.kind == MeasureKind.DISTINCT:
        credited = _counted_once(lines, measure, credited)
    return credited, findings


def _facts_missing(lines: CreditLines, measure: Measure, rule: CreditRule) -> list[str]:
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


def _credit_rule(
    lines: CreditLines, measure: Measure, rule: CreditRule, number: int, days: np.ndarray, mask: np.ndarray
) -> Credited:
    direct, _ = lines.direct(rule, days)
    candidates, paid = lines.lines(rule, days)
    wholes = Wholes.of(_amounts(lines, measure, rule), rule, lines.crediting.back(rule.credit_date))
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
        *_values(lines, measure, rule, found.deal, share, (amount, before)),
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
    value, before = _values(lines, measure, rule, taken.deal, sale.share, (amount, before))
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


def _amounts(lines: CreditLines, measure: Measure, rule: CreditRule) -> np.ndarray:
    """The money of every deal that a measure credits; counts credit the amount for information."""
    if measure.formula is not None and measure.is_money:
        return lines.computed(measure.formula, rule.credit_date).values
    column = MONEY_COLUMNS.get(measure.kind, measure.column if measure.kind == MeasureKind.COLUMN else "amount_minor")
    found = lines.amounts(column, rule.credit_date)
    assert found is not None
    return found[0]


def _values(
    lines: CreditLines,
    measure: Measure,
    rule: CreditRule,
    deal: np.ndarray,
    share: np.ndarray,
    amount: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """What each credit adds to the measure, in its smallest unit, and of a return what those before it took back of its sale."""
    if measure.is_money:
        return amount
    upto, before = (
        round_columns(multiply_columns(units[deal], share), RATE_SCALE) for units in _units(lines, measure, rule)
    )
    return upto - before, before


def _units(lines: CreditLines, measure: Measure, rule: CreditRule) -> tuple[np.ndarray, np.ndarray]:
    """What every deal counts at UNIT_SCALE, of a return together with those before it, and of these."""
    back = lines.crediting.back(rule.credit_date)
    if measure.formula is None and measure.kind == MeasureKind.UNITS:
        quantity = column_of(lines.crediting.facts.deals, "quantity")
        assert quantity is not None
        return back.upto(quantity_units(quantity))
    counts = repeated(UNIT_SCALE, len(lines.sold))
    if measure.formula is not None:
        counts = lines.computed(measure.formula, rule.credit_date).values
    return _counted(lines, counts, back)


def _counted(lines: CreditLines, values: np.ndarray, back: ComingBack) -> tuple[np.ndarray, np.ndarray]:
    """What is counted of every deal; returns take back their part of what their deal counts, whatever they say themselves: all of it
    where the part is unknown."""
    lost = np.flatnonzero(lines.sold == -2)
    if not len(lost) and not len(back):
        return values, np.zeros(len(values), dtype=np.int64)
    amounts = lines.crediting.facts.deals["amount_minor"].to_numpy(np.int64)
    whole, base = np.abs(amounts[back.sale]), values[back.sale]
    upto, before = values.copy(), np.zeros(len(values), dtype=np.int64)
    upto[lost] = -np.abs(values[lost])
    for column, sums in zip((upto, before), back.upto(amounts), strict=True):
        part = np.where(whole > 0, np.minimum(np.abs(sums[back.row]), whole), 1)
        column[back.row] = -round_columns(multiply_columns(base, part), np.maximum(whole, 1))
    before[back.row] = np.where((whole == 0) & back.first, 0, before[back.row])
    return upto, before


def quantity_units(quantity: pd.Series) -> np.ndarray:
    """Quantities (whole numbers or Decimals) as integers at UNIT_SCALE."""
    if pd.api.types.is_integer_dtype(quantity.dtype) and not quantity.hasnans:
        return quantity.to_numpy(np.int64) * UNIT_SCALE
    return np.array(
        [
            0 if gone else int(round(value * UNIT_SCALE))
            for value, gone in zip(quantity.tolist(), quantity.isna(), strict=True)
        ],
        dtype=np.int64,
    )


def _counted_once(lines: CreditLines, measure: Measure, credited: Credited) -> Credited:
    """Each distinct value counts once per participant and period, at the first of its credits; a return counts none."""
    column = column_of(lines.crediting.facts.deals, measure.column)
    if column is None:
        return credited
    code = np.where(lines.sold != -1, -1, pd.factorize(column)[0])[credited.deal]
    order = order_of(credited.participant, credited.period, code, credited.day, credited.deal)
    found = credited.take(order)
    code = code[order]
    same = (np.diff(found.participant) == 0) & (np.diff(found.period) == 0) & (np.diff(code) == 0)
    again = np.concatenate([np.zeros(min(1, len(order)), dtype=bool), same])
    value = np.where(again | (code < 0), 0, UNIT_SCALE).astype(np.int64)
    return replace(found, value=value, before=repeated(0, len(order)))


def _uncompared(
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
    where, why = f"{lines.plan.key}, {measure.key}, {rule.key}", "The rule did not credit them."
    fix = "Complete these deals, or let the rule ask first whether the value is given (NOT_EMPTY; in a formula NOT ISEMPTY)."
    return [Finding("FACT_EMPTY", where, what, why, fix, severity=Severity.WARNING, about=keys)]


def _empty_names(deals: pd.DataFrame, rule: CreditRule, silent: list[Condition]) -> list[str]:
    """What the comparisons of a rule ask and some of the deals do not have, or not as a number."""
    found = set()
    for condition in (each for each in rule.where if each in silent or unknown_to(deals, [each]).any()):
        columns = {name: column_of(deals, name) for name in condition.columns}
        empty = {name for name, column in columns.items() if column is not None and column.isna().any()}
        found |= empty or {f"{name} as a number" for name in columns}
    return sorted(found)


def _column_missing(lines: CreditLines, measure: Measure, rule: CreditRule, column: str) -> Finding:
    return Finding(
        "FACT_COLUMN_MISSING",
        f"{lines.plan.key}, {measure.key}, {rule.key}",
        f"The rule asks for {column} of a deal, and the facts do not have it.",
        f"Nobody was calculated by {measure.key}.",
        "Import the column, or correct the condition.",
        about=(("plan_key", lines.plan.key), ("component_key", measure.key)),
    )
