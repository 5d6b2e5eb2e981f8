"""The credits of one plan, component by component: rules applied to deals, in the plan's currency, as columns and as a frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.attainment import Windows
from incentives.engine.crediting import (
    DATE_COLUMNS,
    Crediting,
    Lines,
    conditions_hold,
    deduplicated,
    plans_of_lines,
    share_amounts,
    whole_credit,
)
from incentives.engine.plan import Component, CreditKind, CreditRule, Plan
from spm.core.findings import Finding
from spm.core.fx import RateBook, convert
from spm.core.money import RATE_SCALE


@dataclass(frozen=True)
class Credited:
    """The credits of one component as columns: codes, day, share at RATE_SCALE, amount in minor units of the plan's currency."""

    deal: np.ndarray
    holding: np.ndarray
    participant: np.ndarray
    origin: np.ndarray
    period: np.ndarray
    day: np.ndarray
    rule: np.ndarray
    share: np.ndarray
    amount: np.ndarray

    def frame(
        self, crediting: Crediting, windows: Windows, plan: Plan, component: Component, earned: np.ndarray
    ) -> pd.DataFrame:
        """The credits with their keys."""
        seats, deals = crediting.seats, crediting.facts.deals
        rules = np.array([rule.key for rule in component.credit], dtype=object)
        return pd.DataFrame(
            {
                "deal_key": deals["deal_key"].to_numpy()[self.deal],
                "source_key": deals["source_key"].to_numpy()[self.deal],
                "participant_key": seats.participants.take(self.participant),
                "position_key": seats.positions.take(seats.position[self.holding]),
                "plan_key": plan.key,
                "component_key": component.key,
                "period_key": windows.keys.take(self.period),
                "credit_on": self.day.astype(np.int32),
                "rule": rules[self.rule],
                "share": self.share,
                "credit_minor": self.amount,
                "currency": plan.currency,
                "from_participant_key": seats.participants.take(self.origin),
                "earned_minor": earned,
            }
        )


@dataclass
class CreditLines:
    """The candidate lines of one plan, made once per credit date and hierarchy and kept for its components."""

    crediting: Crediting
    windows: Windows
    plan: Plan
    number: int
    findings: list[Finding] = field(default_factory=list)
    _lines: dict[object, tuple[Lines, np.ndarray]] = field(default_factory=dict)
    _amounts: np.ndarray | None = None
    _unpriced: np.ndarray | None = None
    _blocked: dict[str, set[tuple[int, int]]] = field(default_factory=dict)

    def direct(self, rule: CreditRule, days: np.ndarray) -> tuple[Lines, np.ndarray]:
        """The lines that carry the amounts: revenue or overlay, and whether this plan pays each."""
        kind = CreditKind.OVERLAY if rule.kind == CreditKind.OVERLAY else CreditKind.DIRECT
        make = self.crediting.overlay if kind == CreditKind.OVERLAY else self.crediting.direct
        return self._kept((kind, rule.credit_date), lambda: make(days))

    def lines(self, rule: CreditRule, days: np.ndarray) -> tuple[Lines, np.ndarray]:
        """The lines of a rule before its conditions, and whether this plan pays each."""
        direct = self.direct(rule, days)
        if rule.kind != CreditKind.ROLLUP:
            return direct
        return self._kept((rule.kind, rule.credit_date, rule.levels), lambda: self.crediting.rolled_up(direct[0], rule))

    def _kept(self, key: object, make: object) -> tuple[Lines, np.ndarray]:
        if key not in self._lines:
            lines: Lines = make()  # type: ignore[operator]
            paid = np.zeros(len(lines), dtype=bool)
            for plan in plans_of_lines(self.crediting.seats, lines):
                paid |= plan == self.number
            self._lines[key] = (lines, paid & (self.windows.holding(lines.day) >= 0))
        return self._lines[key]

    def amounts(self) -> tuple[np.ndarray, np.ndarray]:
        """The amount of every deal in the plan's currency, and which deals have no rate."""
        if self._amounts is None or self._unpriced is None:
            self._amounts, self._unpriced = _in_currency(self.crediting, self.plan.currency)
        return self._amounts, self._unpriced

    def block(self, component: Component, people: np.ndarray, periods: np.ndarray) -> None:
        """Marks groups of a component that can't be calculated."""
        self._blocked.setdefault(component.key, set()).update(zip(people.tolist(), periods.tolist(), strict=True))

    def blocked_groups(self, component: Component, keys: tuple[np.ndarray, np.ndarray]) -> list[int]:
        """The rows of blocked groups among the given keys."""
        blocked = self._blocked.get(component.key, set())
        return (
            [row for row, key in enumerate(zip(keys[0].tolist(), keys[1].tolist(), strict=True)) if key in blocked]
            if blocked
            else []
        )


def credit_component(lines: CreditLines, component: Component) -> tuple[Credited, list[Finding]]:
    """All credits of a component, and findings about facts that its rules need and do not have."""
    parts, findings = [], []
    for number, rule in enumerate(component.credit):
        days = lines.crediting.days(rule.credit_date)
        mask, missing = conditions_hold(lines.crediting.facts.deals, rule.where)
        columns = missing + ([] if days is not None else [DATE_COLUMNS[rule.credit_date]])
        if columns or days is None:
            findings += [_column_missing(lines, component, rule, column) for column in columns]
            continue
        part = _credit_rule(lines, rule, number, days, mask)
        findings += _unpriced_findings(lines, component, part)
        parts.append(part)
    if not parts:
        none = np.array([], dtype=np.int64)
        return Credited(*([none] * 9)), findings
    columns_of = (np.concatenate([getattr(part, name) for part in parts]) for name in Credited.__dataclass_fields__)
    return Credited(*columns_of), findings


def _credit_rule(lines: CreditLines, rule: CreditRule, number: int, days: np.ndarray, mask: np.ndarray) -> Credited:
    direct, _ = lines.direct(rule, days)
    candidates, paid = lines.lines(rule, days)
    amounts, _ = lines.amounts()
    shared = share_amounts(direct, amounts, rule)
    chosen = candidates.take(np.flatnonzero(paid & mask[candidates.deal]))
    person = lines.crediting.seats.participant[chosen.holding]
    kept, amount = deduplicated(chosen, shared[chosen.base], person, rule, whole_credit(chosen, amounts, rule))
    chosen = chosen.take(kept)
    share = chosen.share
    if rule.share != 1:
        exact = Fraction(rule.share)
        share = share * exact.numerator // exact.denominator
    return Credited(
        chosen.deal,
        chosen.holding,
        person[kept],
        chosen.origin,
        lines.windows.holding(chosen.day),
        chosen.day,
        np.full(len(kept), number, dtype=np.int64),
        share,
        amount,
    )


def _in_currency(crediting: Crediting, currency: str) -> tuple[np.ndarray, np.ndarray]:
    """Deal amounts in a currency, at the rate of the credit date; unknown rates are marked and count 0 until then."""
    deals, fx = crediting.facts.deals, crediting.facts.fx
    amounts = deals["amount_minor"].to_numpy(np.int64)
    foreign = (deals["currency"] != currency).to_numpy()
    if not foreign.any():
        return amounts, foreign
    assert fx is not None
    book = RateBook.from_frame(fx, pivot=currency)
    amounts, unpriced = amounts.copy(), np.zeros(len(deals), dtype=bool)
    pairs = deals.loc[foreign, ["currency", "credit_on"]]
    for (source, day), rows in pairs.groupby(["currency", "credit_on"], sort=True).indices.items():
        places = np.flatnonzero(foreign)[rows]
        rate = book.rate(str(source), currency, int(day))
        if rate is None:
            amounts[places], unpriced[places] = 0, True
        else:
            amounts[places] = convert(amounts[places], rate=rate, source=str(source), target=currency)
    return amounts, unpriced


def _unpriced_findings(lines: CreditLines, component: Component, part: Credited) -> list[Finding]:
    _, unpriced = lines.amounts()
    rows = np.flatnonzero(unpriced[part.deal])
    if not len(rows):
        return []
    lines.block(component, part.participant[rows], part.period[rows])
    found, deals = [], lines.crediting.facts.deals
    for row in rows.tolist():
        person = lines.crediting.seats.participants[part.participant[row]]
        period = lines.windows.keys[part.period[row]]
        deal = deals.iloc[part.deal[row]]
        found.append(
            Finding(
                "FX_RATE_MISSING",
                f"participant {person}, {component.key}, {period}",
                f"Deal {deal['source_key']} is in {deal['currency']}, and no rate to {lines.plan.currency} is known on its credit date.",
                f"{component.key} of {lines.plan.name} was not calculated for {person} in {period}; the others were.",
                "Enter a currency rate that holds on that day.",
                about=(
                    ("participant_key", person),
                    ("plan_key", lines.plan.key),
                    ("component_key", component.key),
                    ("period_key", period),
                ),
            )
        )
    return found


def _column_missing(lines: CreditLines, component: Component, rule: CreditRule, column: str) -> Finding:
    return Finding(
        "FACT_COLUMN_MISSING",
        f"{lines.plan.key}, {component.key}, {rule.key}",
        f"The rule asks for {column} of a deal, and the facts do not have it.",
        "The rule credited nobody.",
        "Import the column, or correct the condition.",
        about=(("plan_key", lines.plan.key), ("component_key", component.key)),
    )


SHARE_OF_ALL = RATE_SCALE
