"""The parents of every number: from an earning down to source rows, in words and numbers, on demand.

A trace is a tree. Children of a node either sum to it exactly (`sums` is true) or explain it (a rate, a goal). Amounts are
Decimals in major units of the currency, exact before the one rounding; the rounding is a node of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd

from incentives.engine.plan import Component, Plan
from incentives.engine.prose import component_clauses, percent
from incentives.engine.run import Result
from incentives.engine.slicing import slices_frame
from spm.core.dated import day_text
from spm.core.money import RATE_SCALE, minor_digits, to_major

TRACE_KEYS = ["participant_key", "plan_key", "component_key", "period_key"]


@dataclass(frozen=True)
class TraceNode:
    """One number with its words. `keys` name the thing behind it (deal_key, source_key, clause, tier …)."""

    label: str
    words: str
    amount: Decimal | None = None
    unit: str = ""
    keys: dict[str, object] = field(default_factory=dict)
    children: tuple[TraceNode, ...] = ()
    sums: bool = False

    def check(self) -> bool:
        """True when every node that claims to be the sum of its children is."""
        total = sum((child.amount for child in self.children if child.amount is not None), Decimal(0))
        return (not self.sums or total == self.amount) and all(child.check() for child in self.children)

    def lines(self, depth: int = 0) -> list[str]:
        """The tree as indented text."""
        amount = "" if self.amount is None else f" {self.amount:,f} {self.unit}".rstrip()
        own = f"{'  ' * depth}{self.label}:{amount}{' — ' if self.words else ''}{self.words}"
        return [own, *(line for child in self.children for line in child.lines(depth + 1))]


def trace(
    result: Result, participant_key: object, component_key: str, period_key: object, *, plan_key: str | None = None
) -> TraceNode:
    """The tree behind one earning. `plan_key` is needed only where two plans have a component of that key.

    Raises KeyError when the result has no such earning; its finding says why.
    """
    wanted = {"participant_key": participant_key, "component_key": component_key, "period_key": period_key}
    wanted |= {"plan_key": plan_key} if plan_key is not None else {}
    one = _matching(result.earnings, wanted)
    if len(one) != 1:
        count = "no" if not len(one) else "more than one"
        raise KeyError(f"There is {count} earning of {participant_key} for {component_key} in {period_key}.")
    earning = dict(one.iloc[0])
    plan = next(plan for plan in result.plans if plan.key == earning["plan_key"])
    component = next(each for each in plan.components if each.key == component_key)
    credits_of = _matching(result.credits, {name: earning[name] for name in TRACE_KEYS})
    return _earning_node(plan, component, earning, slices_frame(one, (plan,)), credits_of)


def _matching(frame: pd.DataFrame, wanted: dict[str, object]) -> pd.DataFrame:
    rows = pd.Series(True, index=frame.index)
    for name, value in wanted.items():
        rows &= frame[name] == value
    return frame[rows]


def _earning_node(
    plan: Plan, component: Component, earning: dict[str, object], slices: pd.DataFrame, credits_of: pd.DataFrame
) -> TraceNode:
    earned = to_major(int(str(earning["earned_minor"])), plan.currency)
    paid = _slices_node(plan, component, slices)
    rounding = earned - (paid.amount or Decimal(0))
    parts = [paid]
    if rounding:
        parts.append(TraceNode("Rounding", "once, half away from zero, at the earning line", rounding, plan.currency))
    children = (
        *parts,
        *_attainment_nodes(plan, component, earning),
        _credits_node(plan, component, earning, credits_of),
    )
    clause = " ".join(each.text for each in component_clauses(plan, component))
    explained = TraceNode("Why", clause, keys={"plan_key": plan.key, "component_key": component.key})
    own = TraceNode("Earned from tiers", "", earned, plan.currency, children=tuple(parts), sums=True)
    keys = {name: earning[name] for name in TRACE_KEYS}
    words = f"{component.name} of {plan.name} for {earning['period_key']}"
    return TraceNode("Earned", words, earned, plan.currency, keys, (explained, own, *children[len(parts) :]))


def _slices_node(plan: Plan, component: Component, slices: pd.DataFrame) -> TraceNode:
    digits = minor_digits(plan.currency)
    nodes = []
    for row in slices.to_dict("records"):
        amount = row["amount_exact"].scaleb(-digits)
        credit = row["credit_exact"].scaleb(-digits)
        words = f"{credit:,f} {plan.currency}"
        if not pd.isna(row["rate"]):
            words += f" × {percent(int(row['rate']), RATE_SCALE)}"
        nodes.append(TraceNode(_tier_label(component, row), words, amount, plan.currency, {"tier": int(row["tier"])}))
    total = sum((node.amount for node in nodes if node.amount is not None), Decimal(0))
    return TraceNode("Rates", "the credit in each tier at its rate", total, plan.currency, {}, tuple(nodes), sums=True)


def _tier_label(component: Component, row: dict[str, object]) -> str:
    if component.table is None:
        return "Flat rate"
    label = f"Tier {int(str(row['tier'])) + 1}"
    if not pd.isna(row["from_rate"]):
        end = row["until_rate"]
        until = "" if pd.isna(end) else f" to {percent(int(str(end)), RATE_SCALE)}"
        label += f" (from {percent(int(str(row['from_rate'])), RATE_SCALE)}{until} of quota)"
    return label


def _attainment_nodes(plan: Plan, component: Component, earning: dict[str, object]) -> list[TraceNode]:
    if component.quota is None:
        return []
    quota = to_major(int(str(earning["quota_minor"])), plan.currency)
    credit = to_major(int(str(earning["credit_minor"])), plan.currency)
    shown = percent(int(str(earning["attainment"])), RATE_SCALE)
    parts = (
        TraceNode("Credit", "all credits of the window", credit, plan.currency),
        TraceNode("Quota", f"{component.quota} of {earning['period_key']}", quota, plan.currency),
    )
    return [TraceNode("Attainment", f"{credit:,f} of {quota:,f} {plan.currency} is {shown}", children=parts)]


def _credits_node(plan: Plan, component: Component, earning: dict[str, object], credits_of: pd.DataFrame) -> TraceNode:
    nodes = []
    for row in credits_of.to_dict("records"):
        amount = to_major(int(row["credit_minor"]), plan.currency)
        whose = (
            ""
            if row["from_participant_key"] == row["participant_key"]
            else f", a deal of {row['from_participant_key']}"
        )
        words = f"{percent(int(row['share']), RATE_SCALE)} by rule {row['rule']}, as {row['position_key']} on {day_text(int(row['credit_on']))}{whose}"
        keys = {"deal_key": row["deal_key"], "source_key": row["source_key"], "rule": row["rule"]}
        keys["earned_minor"] = int(row["earned_minor"])
        nodes.append(TraceNode(f"Deal {row['source_key']}", words, amount, plan.currency, keys))
    total = to_major(int(str(earning["credit_minor"])), plan.currency)
    return TraceNode("Credits", f"{len(nodes)} credited deals", total, plan.currency, {}, tuple(nodes), sums=True)
