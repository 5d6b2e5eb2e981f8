"""The frames that a calculation gives, put together from columns of codes: keys are taken and rows ordered as whole columns.

Text keys of credits are categoricals, because a million rows name a few thousand people. Rows are in the order of participant, plan,
component and period; credits then of day, source key, deal, rule and whose deal it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from incentives.engine.attainment import Windows
from incentives.engine.credited import Credited
from incentives.engine.crediting import Crediting
from incentives.engine.manual import RULE as MANUAL_RULE
from incentives.engine.plan import Component, Plan
from spm.core.columns import order_of, repeated

CREDIT_COLUMNS = [
    "deal_key", "source_key", "participant_key", "position_key", "plan_key", "component_key", "period_key", "credit_on", "rule",
    "share", "credit_minor", "value", "currency", "from_participant_key", "earned_minor",
]  # fmt: skip
EARNING_COLUMNS = [
    "participant_key", "plan_key", "component_key", "period_key", "credit_minor", "value", "quota_minor", "attainment",
    "earned_minor", "currency",
]  # fmt: skip


@dataclass(frozen=True)
class CreditPart:
    """The credits of one component, in the order of its groups, with the part of the earning that each caused.

    `by_line` tells that its deals are those of the frame of lines.
    """

    plan: Plan
    component: Component
    credited: Credited
    earned: np.ndarray
    by_line: bool = False


@dataclass(frozen=True)
class EarningPart:
    """The earnings of one component: the groups (participant and period codes) and their figures by column."""

    plan: Plan
    component: str
    participant: np.ndarray
    period: np.ndarray
    figures: Mapping[str, Any]


def credits_frame(
    parts: Sequence[CreditPart], crediting: Crediting, windows: Windows, lines: pd.DataFrame | None = None
) -> pd.DataFrame:
    """All credits with their keys; those of plans by line name rows of `lines`."""
    filled = [part for part in parts if len(part.credited)]
    if not filled:
        return empty(CREDIT_COLUMNS)
    columns = {
        name: joined([getattr(part.credited, name) for part in filled])
        for name in ("participant", "period", "day", "deal", "origin")
    }
    deals, seats = crediting.facts.deals, crediting.seats
    if lines is not None and any(part.by_line for part in filled):
        columns["deal"] = joined([part.credited.deal + (len(deals) if part.by_line else 0) for part in filled])
        deals = pd.concat([deals[["deal_key", "source_key"]], lines[["deal_key", "source_key"]]], ignore_index=True)
    plan, plans = _named([part.plan.key for part in filled], filled)
    component, components = _named([part.component.key for part in filled], filled)
    names = [MANUAL_RULE, *(rule.key for part in filled for rule in part.component.credit)]
    rules = pd.Index(sorted(set(names)))
    rule = joined([_rule_codes(part, rules) for part in filled])
    order = _order(columns, plan, component, windows.rank(columns["period"]), rule)

    def put(column: np.ndarray) -> np.ndarray:
        return column if order is None else column.take(order)

    def stacked(name: str) -> np.ndarray:
        return put(joined([getattr(part.credited, name) for part in filled]))

    deal, participant = put(columns["deal"]), put(columns["participant"])
    origin = participant if columns["origin"] is columns["participant"] else put(columns["origin"])
    amount = stacked("amount")
    person = keyed(seats.participants, participant)
    currency, currencies = _named([part.plan.currency for part in filled], filled)
    return pd.DataFrame(
        {
            "deal_key": deals["deal_key"].array.take(deal),
            "source_key": deals["source_key"].array.take(deal),
            "participant_key": person,
            "position_key": keyed(seats.positions, seats.position.take(stacked("holding"))),
            "plan_key": keyed(plans, put(plan)),
            "component_key": keyed(components, put(component)),
            "period_key": keyed(windows.ranked, put(windows.rank(columns["period"]))),
            "credit_on": put(columns["day"]).astype(np.int32),
            "rule": keyed(rules, put(rule)),
            "share": stacked("share"),
            "credit_minor": amount,
            "value": amount
            if all(part.credited.value is part.credited.amount for part in filled)
            else stacked("value"),
            "currency": keyed(currencies, put(currency)),
            "from_participant_key": person if origin is participant else keyed(seats.participants, origin),
            "earned_minor": put(joined([part.earned for part in filled])),
        },
        copy=False,
    )


def _order(
    columns: dict[str, np.ndarray], plan: np.ndarray, component: np.ndarray, period: np.ndarray, rule: np.ndarray
) -> np.ndarray | None:
    """The order of the rows, None when they are in it: only credits of one deal and group are told apart by rule and origin."""
    same = np.ones(max(len(plan) - 1, 0), dtype=bool)
    for column in (columns["deal"], columns["participant"], period, component, plan):
        same &= column[1:] == column[:-1]
    blocks = (columns["participant"], plan, component, period)
    if same.any():
        return order_of(*blocks, columns["day"], columns["deal"], rule, columns["origin"])
    order = order_of(*blocks)
    return None if bool((order[1:] > order[:-1]).all()) else order


def _rule_codes(part: CreditPart, rules: pd.Index) -> np.ndarray:
    names = [*(rule.key for rule in part.component.credit), MANUAL_RULE]
    codes = rules.get_indexer(pd.Index(names)).astype(np.int64)
    if len(codes) == 2 and not part.credited.rule.any():
        return repeated(codes[0], len(part.credited))
    return codes.take(part.credited.rule)


def _named(names: list[str], parts: Sequence[CreditPart]) -> tuple[np.ndarray, pd.Index]:
    """One name per part, as a code for each of its rows."""
    index = pd.Index(sorted(set(names)))
    codes = index.get_indexer(pd.Index(names)).tolist()
    return joined([repeated(code, len(part.credited)) for code, part in zip(codes, parts, strict=True)]), index


def joined(columns: list[np.ndarray]) -> np.ndarray:
    """Columns one after another; a single one as it is."""
    return columns[0] if len(columns) == 1 else np.concatenate(columns)


def keyed(index: pd.Index, codes: np.ndarray) -> np.ndarray | pd.Categorical:
    """Keys by their codes: whole numbers as such, text as a categorical."""
    if pd.api.types.is_integer_dtype(index.dtype):
        return index.to_numpy().take(codes)
    narrow = np.int16 if len(index) < 2**15 else np.int32
    return pd.Categorical.from_codes(codes.astype(narrow), categories=index, validate=False)


def earnings_frame(parts: Sequence[EarningPart], people: pd.Index, windows: Windows) -> pd.DataFrame:
    """All earnings with their keys."""
    filled = [part for part in parts if len(part.participant)]
    if not filled:
        return empty(EARNING_COLUMNS)
    participant, period = (joined([getattr(part, name) for part in filled]) for name in ("participant", "period"))
    index = pd.Index(sorted({part.component for part in filled}))
    plan = np.repeat(
        np.unique([part.plan.key for part in filled], return_inverse=True)[1],
        [len(part.participant) for part in filled],
    )
    component = np.repeat(
        index.get_indexer(pd.Index([part.component for part in filled])), [len(part.participant) for part in filled]
    )
    order = order_of(participant, plan, component, windows.rank(period))
    keys = {
        "participant_key": people.take(participant[order]),
        "plan_key": _told(filled, [part.plan.key for part in filled], order),
        "component_key": _told(filled, [part.component for part in filled], order),
        "period_key": windows.keys.take(period[order]),
    }
    names = filled[0].figures
    figures = {
        name: pd.concat([pd.Series(part.figures[name]) for part in filled], ignore_index=True).array.take(order)
        for name in names
    }
    frame = pd.DataFrame({**keys, **figures, "currency": _told(filled, [part.plan.currency for part in filled], order)})
    return frame[EARNING_COLUMNS]


def _told(parts: Sequence[EarningPart], names: list[str], order: np.ndarray) -> pd.Series:
    whole = np.repeat(np.array(names, dtype=object), [len(part.participant) for part in parts])
    return pd.Series(whole[order], dtype="str")


def empty(columns: Sequence[str]) -> pd.DataFrame:
    """A frame without rows."""
    return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
