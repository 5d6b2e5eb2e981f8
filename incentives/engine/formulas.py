"""What the formulas that pay are asked over: single credits, or the groups of a plan with what they have reached to date.

A formula of a component is asked once for each period with everything to date. Where the measure accumulates, a period earns what
the formula gives more than it gave the period before, inside the window of the measure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from incentives.engine.asked_deals import DatedAmounts, amounts_by_credit
from incentives.engine.attainment import periods_before
from incentives.engine.conditions import column_of
from incentives.engine.language.deals import DealSource
from incentives.engine.language.evaluating import Evaluation
from incentives.engine.language.functions import EARLIER
from incentives.engine.language.tree import Node
from incentives.engine.language.units import Kind
from incentives.engine.language.values import Reason, Values, spread, troubled
from incentives.engine.measuring import Cells, GoalReader, Measured, first_of, sum_by, windowed
from incentives.engine.plan import Component
from incentives.engine.tenure import MISSING
from incentives.engine.words import Accumulation, Per
from spm.core.columns import running_sum
from spm.core.exact import Exact, constant

if TYPE_CHECKING:
    from incentives.engine.earnings import Earned

SILENT = Reason("")
"""A row that another finding already explains."""

PERIOD_DAYS = ("PERIOD_START", "PERIOD_END")
NO_MEAN = "Ask first: IF(COUNT() = 0, 0, …)."
NO_PERIOD_BEFORE = Reason(
    "PERIOD_BEFORE_UNKNOWN",
    "the plan does not hold the earlier period that it is compared with",
    "Ask first: IF(period_start < the first day that has one, …, …), or enter the earlier figure as a quota.",
)


@dataclass(frozen=True)
class Asked:
    """What a component's formula is asked over: the groups of the plan, their measures, deals, quotas, earlier components."""

    component: Component
    cells: Cells
    deals: pd.DataFrame
    measured: Mapping[str, Measured]
    goals: GoalReader
    totals: Mapping[str, np.ndarray]
    blocked: Mapping[str, np.ndarray]
    amounts: DatedAmounts | None
    earlier: Mapping[str, Earned]
    """How the components that it builds on were computed."""
    moved: Mapping[str, np.ndarray] | None = None
    """Asked as if the period had no credits of its own: what each earlier component then still earns, because its earlier sales are rated
    anew."""

    @property
    def own(self) -> Measured:
        """The measure of the component."""
        return self.measured[self.component.measure.key]

    def to_date(self, own: Exact, first: np.ndarray) -> Exact:
        """Sums of periods up to each one in its window; up to the one before it, where its own credits are left out."""
        upto = (
            Exact(running_sum(own.top, first), own.bottom) if isinstance(own.bottom, int) else running_exact(own, first)
        )
        return upto if self.moved is None else upto.minus(own)


@dataclass(frozen=True)
class CreditSource:
    """The credits of the component's measure, one row each. Names of groups have the value of the credit's group."""

    asked: Asked
    groups: GroupSource | None = None
    rows: np.ndarray | None = None
    """The credits that are asked, all without it."""

    @property
    def length(self) -> int:
        """How many credits there are."""
        return len(self.asked.own.credited) if self.rows is None else len(self.rows)

    def only(self, rows: np.ndarray) -> CreditSource:
        """Some of the credits."""
        return CreditSource(self.asked, self.groups, rows)

    def _chosen(self, column: np.ndarray) -> np.ndarray:
        return column if self.rows is None else column[self.rows]

    def read(self, node: Node, evaluation: Evaluation) -> Values:
        """A column of the deal, the credit, or something of the group."""
        credited = self.asked.own.credited
        if node.what == "CREDIT":
            value = np.where(credited.reversal, 0, credited.value)
            return Values(Exact(self._chosen(value), self.asked.own.measure.scale))
        if node.what in ("COLUMN", "ISEMPTY"):
            if node.type.kind == Kind.MONEY and self.asked.amounts is not None:
                money = _money_of(self.asked, self.asked.amounts).read(node, evaluation)
                return money if self.rows is None else money.take(self.rows)
            return _deals_of(self.asked).read(node, evaluation).take(self._chosen(credited.deal))
        if node.what == "TENURE":
            months, known = self.asked.cells.tenures.months(credited.participant, credited.day)
            return Values(Exact(self._chosen(months)), evaluation.mark(self._chosen(~known), MISSING))
        if node.what in PERIOD_DAYS:
            return Values(Exact(self._chosen(_days(self.asked, node)[credited.period])))
        assert self.groups is not None
        return spread(self.groups.read(node, evaluation), len(self.asked.cells)).take(
            self._chosen(self.asked.own.group)
        )


def _deals_of(asked: Asked) -> DealSource:
    """The deals, read column by column as they are asked."""
    return DealSource(len(asked.deals), lambda name: column_of(asked.deals, name), asked.amounts)


def _money_of(asked: Asked, amounts: DatedAmounts) -> DealSource:
    """The money of the deal of every credit, at the rate of the date that credits it."""
    credited = asked.own.credited

    def find(name: str) -> pd.Series | None:
        column = column_of(asked.deals, name)
        return None if column is None else column.iloc[credited.deal]

    return DealSource(len(credited), find, amounts_by_credit(amounts, asked.own))


@dataclass(frozen=True)
class GroupSource:
    """The groups of a plan: everybody in every period, with what they have reached to date."""

    asked: Asked

    @property
    def length(self) -> int:
        """How many groups there are."""
        return len(self.asked.cells)

    def read(self, node: Node, evaluation: Evaluation) -> Values:
        """A measure, a component, a quota, a sum over credits …"""
        return _READS[node.what](self.asked, node, evaluation)


def _measure(asked: Asked, node: Node, evaluation: Evaluation) -> Values:
    measured = asked.measured[str(node.value)]
    rated = measured.rated.after if asked.moved is None else measured.rated.before
    return Values(Exact(rated, measured.measure.scale), evaluation.mark(measured.blocked, SILENT))


def _component(asked: Asked, node: Node, evaluation: Evaluation) -> Values:
    """What an earlier component earns, to date in the window of this component."""
    key, first = str(node.value), asked.own.first
    earned = asked.to_date(Exact(asked.totals[key]), first)
    if asked.moved is not None:
        earned = earned.plus(Exact(asked.moved[key]))
    blocked = running_sum(asked.blocked[key].astype(np.int64), first) > 0
    return Values(earned, evaluation.mark(blocked, SILENT))


def _days(asked: Asked, node: Node) -> np.ndarray:
    """The first day of every period, or the first day after it."""
    windows = asked.cells.windows
    return (windows.start if node.what == PERIOD_DAYS[0] else windows.end).astype(np.int64)


def _day(asked: Asked, node: Node, evaluation: Evaluation) -> Values:
    return Values(Exact(_days(asked, node)[asked.cells.period]))


def _quota(asked: Asked, node: Node, evaluation: Evaluation) -> Values:
    measured = asked.measured[str(node.value)]
    goal = measured.goal
    assert goal is not None
    fix = f"Enter the quota of the position or of the person, in {asked.cells.plan.currency} where it is money."
    name = measured.measure.quota
    missing = Reason("QUOTA_MISSING", f"there is no quota of {name}", fix)
    low = Reason("QUOTA_NOT_POSITIVE", f"the quota of {name} is not above 0", fix)
    trouble = troubled(evaluation.mark(measured.blocked, SILENT), evaluation.mark(~measured.known, missing))
    if node.what == "QUOTA":
        return Values(Exact(goal.after, measured.measure.scale), trouble)
    trouble = troubled(trouble, evaluation.mark(goal.after <= 0, low))
    safe = np.where(measured.usable, goal.after, 1)
    # As the tiers of a component are: not lowered by the returns that it takes back itself.
    counted = measured.rated if measured.measure.key == asked.own.measure.key else measured.value
    value = counted.after if asked.moved is None else counted.before
    return Values(Exact(value).divide(Exact(safe)), trouble)


def _target(asked: Asked, node: Node, evaluation: Evaluation) -> Values:
    pay, own = asked.component.pay, asked.own
    if pay.target is not None:
        amounts, known = (
            np.full(len(asked.cells), round(pay.target), dtype=np.int64),
            np.ones(len(asked.cells), dtype=bool),
        )
    else:
        amounts, known = asked.goals(pay.target_name)
    reason = Reason(
        "TARGET_MISSING", f"there is no target {pay.target_name}", "Enter the target of the position or of the person."
    )
    target = windowed(amounts, own.first, own.measure.goal)
    return Values(Exact(target.after), evaluation.mark(~known, reason))


def _tenure(asked: Asked, node: Node, evaluation: Evaluation) -> Values:
    """The months on the last day of the period, or of the employment."""
    cells = asked.cells
    months, known = cells.tenures.months_until(cells.participant, cells.windows.end.astype(np.int64)[cells.period] - 1)
    return Values(Exact(months), evaluation.mark(~known, MISSING))


def _summed(asked: Asked, node: Node, evaluation: Evaluation) -> Values:
    """SUM, COUNT, AVERAGE or DISTINCT over the credits of a window up to the period."""
    assert isinstance(node.value, tuple)
    window, has_condition = node.value
    if window in EARLIER:
        of_period = replace(node, value=(str(Accumulation.PERIOD), has_condition))
        return _earlier(asked, _summed(replace(asked, moved=None), of_period, evaluation), node, evaluation)
    source = CreditSource(asked)
    inner = Evaluation(evaluation.formula, source, evaluation.reasons)
    parts = [spread(inner.of(part), source.length) for part in node.parts]
    chosen = ~asked.own.credited.reversal & (parts[-1].array if has_condition else True)
    value = parts[0] if len(parts) > has_condition else None
    lost = _lost(asked, inner, parts, chosen, has_condition=has_condition)
    first = _window_first(asked, window)
    if first is None:
        words = f"the periods do not say to which {window} they belong"
        reason = Reason("PERIODS_WITHOUT_WINDOW", words, "Give quarter_key and year_key with the periods.")
        return Values(constant(0, len(asked.cells)), evaluation.mark(np.ones(len(asked.cells), dtype=bool), reason))
    trouble = evaluation.mark(asked.own.blocked, SILENT)
    for row, reason in lost.items():
        mask = np.zeros(len(asked.cells), dtype=bool)
        mask[row] = True
        trouble = troubled(trouble, evaluation.mark(_since(mask, first), reason))
    if node.what == "DISTINCT":
        assert value is not None
        return Values(_distinct(asked, value, chosen, first), trouble)
    count = asked.to_date(Exact(sum_by(asked.own.group, chosen.astype(np.int64), len(asked.cells))), first)
    if node.what == "COUNT":
        return Values(count, trouble)
    assert value is not None
    total = _totals(asked, value.exact, chosen, first)
    return Values(total, trouble) if node.what == "SUM" else _mean(evaluation, node, Values(total, trouble), count)


def _earlier(asked: Asked, values: Values, node: Node, evaluation: Evaluation) -> Values:
    """The values of an earlier period of the same person, 0 where the plan did not pay the person then."""
    assert isinstance(node.value, tuple)
    cells = asked.cells
    before = periods_before(cells.windows, node.value[0], since=cells.plan.start)[cells.period]
    place = cells.participant * len(cells.windows.start) + np.maximum(before, 0)
    groups = cells.participant * len(cells.windows.start) + cells.period
    row = np.minimum(np.searchsorted(groups, place), max(len(groups) - 1, 0))
    there = (before >= 0) & (groups[row] == place)
    none = constant(0, len(cells))
    found = values.take(row)
    trouble = None if found.trouble is None else np.where(there, found.trouble, 0)
    trouble = troubled(trouble, evaluation.mark(before < 0, NO_PERIOD_BEFORE))
    if node.what == "AVERAGE":
        words = f"{evaluation.piece(node)} has no credits to average"
        trouble = troubled(trouble, evaluation.mark((before >= 0) & ~there, Reason("FORMULA_DIVISION", words, NO_MEAN)))
    return Values(found.exact.where(there, none), trouble)


def _mean(evaluation: Evaluation, node: Node, total: Values, count: Exact) -> Values:
    none = np.asarray(count.top == 0, dtype=bool)
    words = f"{evaluation.piece(node)} has no credits to average"
    trouble = troubled(total.trouble, evaluation.mark(none, Reason("FORMULA_DIVISION", words, NO_MEAN)))
    return Values(total.exact.divide(Exact(np.where(none, 1, count.top))), trouble)


def _since(mask: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The rows of a window from the first marked one on."""
    return running_sum(mask.astype(np.int64), first) > 0


def _window_first(asked: Asked, window: str | None) -> np.ndarray | None:
    """True where a window begins; without a word it is the window of the measure."""
    codes = asked.cells.window(Accumulation(window)) if window else None
    if window and codes is None:
        return None
    return asked.own.first if codes is None else first_of(asked.cells.participant, codes)


def _lost(
    asked: Asked, inner: Evaluation, parts: list[Values], chosen: np.ndarray, *, has_condition: bool
) -> dict[int, Reason]:
    """The groups with a credit that has no value, each with the first such deal and its reason."""
    trouble = troubled(parts[-1].trouble if has_condition else None)
    if len(parts) > has_condition and parts[0].trouble is not None:
        trouble = troubled(trouble, np.where(chosen, parts[0].trouble, 0))
    if trouble is None:
        return {}
    found: dict[int, Reason] = {}
    for row in np.flatnonzero(trouble).tolist():
        reason = inner.reasons[trouble[row] - 1]
        deal = asked.deals["source_key"].iloc[int(asked.own.credited.deal[row])]
        found.setdefault(int(asked.own.group[row]), Reason(reason.code, f"of deal {deal} {reason.what}", reason.fix))
    return found


def _totals(asked: Asked, value: Exact, chosen: np.ndarray, first: np.ndarray) -> Exact:
    """Sums of the chosen credits by group, to date in the window."""
    kept = Exact(np.where(chosen, value.top, 0), value.bottom)
    return asked.to_date(sum_exact(kept, asked.own.group, len(asked.cells)), first)


def sum_exact(lines: Exact, group: np.ndarray, count: int) -> Exact:
    """Sums of exact values by group. Where every row has its own denominator, each group is summed over its own ones."""
    if isinstance(lines.bottom, int):
        top = lines.top
        if top.dtype != object and len(top) and int(np.abs(top).max()) > 2**62 // len(top):
            top = top.astype(object)
        return Exact(sum_by(group, top, count), lines.bottom)
    totals = [Fraction(0)] * count
    for row, number in enumerate(group.tolist()):
        totals[number] += lines.fraction(row)
    return _apart(totals)


def running_exact(values: Exact, first: np.ndarray) -> Exact:
    """Sums so far inside each window of values with denominators of their own."""
    totals: list[Fraction] = []
    for row in range(len(values)):
        before = Fraction(0) if first[row] else totals[-1]
        totals.append(before + values.fraction(row))
    return _apart(totals)


def _apart(values: list[Fraction]) -> Exact:
    """Fractions, each over its own denominator."""
    top = np.array([value.numerator for value in values], dtype=object)
    return Exact(top, np.array([value.denominator for value in values], dtype=object))


def _distinct(asked: Asked, value: Values, chosen: np.ndarray, first: np.ndarray) -> Exact:
    """Different values among the chosen credits of a window to date: each counts in the period that has it first."""
    if isinstance(value.data, Exact):
        codes = pd.factorize(np.array([value.data.fraction(row) for row in range(len(value.data))], dtype=object))[0]
    else:
        codes = pd.factorize(np.asarray(value.data))[0]
    window = np.cumsum(first) - 1
    rows = np.flatnonzero(chosen & (codes >= 0))
    group = asked.own.group[rows]
    frame = pd.DataFrame({"window": window[group], "code": codes[rows], "group": group})
    new = ~frame.duplicated(["window", "code"]).to_numpy()
    return asked.to_date(Exact(sum_by(group, new.astype(np.int64), len(asked.cells))), first)


_READS: Mapping[str, Callable[[Asked, Node, Evaluation], Values]] = {
    "MEASURE": _measure,
    "COMPONENT": _component,
    **dict.fromkeys(PERIOD_DAYS, _day),
    **dict.fromkeys(("ATTAINMENT", "QUOTA"), _quota),
    "TARGET": _target,
    "TENURE": _tenure,
    **dict.fromkeys(("SUM", "COUNT", "AVERAGE", "DISTINCT"), _summed),
}


def evaluation_of(asked: Asked) -> Evaluation:
    """The evaluation of a component's formula: over its credits where it pays deals, else over the groups of the plan."""
    formula = asked.component.pay.formula
    assert formula is not None
    groups = GroupSource(asked)
    return Evaluation(formula, CreditSource(asked, groups) if asked.component.per == Per.DEAL else groups)
