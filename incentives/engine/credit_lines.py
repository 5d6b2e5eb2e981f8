"""The candidate credits of one plan, and the money of its deals in the plan's currency; each computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np

from incentives.engine.attainment import Windows
from incentives.engine.bounding import BEYOND
from incentives.engine.candidates import Lines
from incentives.engine.coming_back import ComingBack
from incentives.engine.conditions import (
    column_of,
    missing_columns,
    sales_undecided,
)
from incentives.engine.crediting import Crediting, paid_by, sale_days
from incentives.engine.exchange import Exchange
from incentives.engine.language.deals import Amounts
from incentives.engine.language.tree import Formula
from incentives.engine.language.values import Reason
from incentives.engine.measure_formulas import Computed, compute_deals
from incentives.engine.plan import CreditRule, Measure, Plan
from incentives.engine.returning import Payers
from incentives.engine.words import CreditDate, CreditKind, MeasureKind
from spm.core.findings import Finding

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
