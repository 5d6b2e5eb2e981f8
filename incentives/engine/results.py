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
from spm.core.columns import order_of, repeated, side_by_side

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
    deals, seats = crediting.facts.deals, crediting.seats
    deal = [part.credited.deal for part in filled]
    if lines is not None and any(part.by_line for part in filled):
        deal = [part.credited.deal + (len(deals) if part.by_line else 0) for part in filled]
        deals = pd.concat([deals[["deal_key", "source_key"]], lines[["deal_key", "source_key"]]], ignore_index=True)
    plan, plans = _named([part.plan.key for part in filled], filled)
    component, components = _named([part.component.key for part in filled], filled)
    currency, currencies = _named([part.plan.currency for part in filled], filled)
    names = [MANUAL_RULE, *(rule.key for part in filled for rule in part.component.credit)]
    rules = pd.Index(sorted(set(names)))
    rule = [_rule_codes(part, rules) for part in filled]
    period = [windows.rank(part.credited.period) for part in filled]
    rows = _rows(_Unplaced(filled, plan, component, period, deal, rule), len(seats.participants))

    def put(columns: list[np.ndarray]) -> np.ndarray:
        return _put(columns, rows)

    def stacked(name: str) -> np.ndarray:
        return put([getattr(part.credited, name) for part in filled])

    placed, amount = put(deal), stacked("amount")
    person = keyed(seats.participants, stacked("participant"))
    is_own = all(part.credited.origin is part.credited.participant for part in filled)
    is_amount = all(part.credited.value is part.credited.amount for part in filled)
    return pd.DataFrame(
        {
            "deal_key": deals["deal_key"].array.take(placed),
            "source_key": deals["source_key"].array.take(placed),
            "participant_key": person,
            "position_key": keyed(seats.positions, seats.position.take(stacked("holding"))),
            "plan_key": keyed(plans, put(plan)),
            "component_key": keyed(components, put(component)),
            "period_key": keyed(windows.ranked, put(period)),
            "credit_on": stacked("day").astype(np.int32),
            "rule": keyed(rules, put(rule)),
            "share": stacked("share"),
            "credit_minor": amount,
            "value": amount if is_amount else stacked("value"),
            "currency": keyed(currencies, put(currency)),
            "from_participant_key": person if is_own else keyed(seats.participants, stacked("origin")),
            "earned_minor": put([part.earned for part in filled]),
        },
        copy=False,
    )


@dataclass(frozen=True)
class _Unplaced:
    """Credits part by part, and what orders them: codes of plan, component and rule, the rank of the period, and the deal."""

    parts: Sequence[CreditPart]
    plan: list[np.ndarray]
    component: list[np.ndarray]
    period: list[np.ndarray]
    deal: list[np.ndarray]
    rule: list[np.ndarray]

    def of(self, name: str) -> list[np.ndarray]:
        """A column of the credits."""
        return [getattr(part.credited, name) for part in self.parts]

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """Plan and component of each part."""
        return [(int(plan[0]), int(component[0])) for plan, component in zip(self.plan, self.component, strict=True)]


def _rows(credits: _Unplaced, people: int) -> list[np.ndarray] | None:
    """The rows of the frame that the credits of each part take; None where those of the only one are in order."""
    persons, blocks = credits.of("participant"), credits.blocks
    is_sorted, has_same = len(set(blocks)) == len(blocks), False
    for person, period, deal in zip(persons, credits.period, credits.deal, strict=True):
        group = person * (int(period.max()) + 1) + period
        is_sorted &= not (group[1:] < group[:-1]).any()
        has_same |= bool(((group[1:] == group[:-1]) & (deal[1:] == deal[:-1])).any())
    if has_same or not is_sorted:
        return _sorted(credits, one_by_one=has_same)
    if len(blocks) == 1:
        return None
    return side_by_side(persons, sorted(range(len(blocks)), key=blocks.__getitem__), people)


def _sorted(credits: _Unplaced, *, one_by_one: bool) -> list[np.ndarray]:
    """The same where credits are not in order, or several are of one deal and group: those are told apart by rule and origin."""
    keys = [credits.of("participant"), credits.plan, credits.component, credits.period]
    if one_by_one:
        keys += [credits.of("day"), credits.deal, credits.rule, credits.of("origin")]
    order = order_of(*map(np.concatenate, keys))
    row = np.empty(len(order), dtype=np.int64)
    row[order] = np.arange(len(order))
    return np.split(row, np.cumsum([len(each) for each in credits.deal])[:-1])


def _put(columns: list[np.ndarray], rows: list[np.ndarray] | None) -> np.ndarray:
    """A column of all parts in the rows that their credits take."""
    if rows is None:
        return columns[0]
    length = sum(map(len, columns))
    if all(each.strides == (0,) for each in columns) and len({each[0] for each in columns}) == 1:
        return repeated(columns[0][0], length, columns[0].dtype.type)
    whole = np.empty(length, dtype=np.result_type(*columns))
    for each, column in zip(rows, columns, strict=True):
        whole[each] = column
    return whole


def _rule_codes(part: CreditPart, rules: pd.Index) -> np.ndarray:
    names = [*(rule.key for rule in part.component.credit), MANUAL_RULE]
    codes = rules.get_indexer(pd.Index(names)).astype(np.int64)
    if len(codes) == 2 and not part.credited.rule.any():
        return repeated(codes[0], len(part.credited))
    return codes.take(part.credited.rule)


def _named(names: list[str], parts: Sequence[CreditPart]) -> tuple[list[np.ndarray], pd.Index]:
    """One name per part, as a code for each of its rows."""
    index = pd.Index(sorted(set(names)))
    codes = index.get_indexer(pd.Index(names)).tolist()
    return [repeated(code, len(part.credited)) for code, part in zip(codes, parts, strict=True)], index


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
    part_of = np.repeat(np.arange(len(filled)), [len(part.participant) for part in filled])
    plan, component = (
        np.unique(names, return_inverse=True)[1][part_of]
        for names in ([part.plan.key for part in filled], [part.component for part in filled])
    )
    order = order_of(participant, plan, component, windows.rank(period))
    part_of = part_of[order]
    told = {
        "participant_key": people.take(participant[order]),
        "plan_key": _texts([part.plan.key for part in filled], part_of),
        "component_key": _texts([part.component for part in filled], part_of),
        "period_key": windows.keys.take(period[order]),
        "currency": _texts([part.plan.currency for part in filled], part_of),
    }
    told |= {name: _figure([part.figures[name] for part in filled]).take(order) for name in filled[0].figures}
    return pd.DataFrame({name: told[name] for name in EARNING_COLUMNS}, copy=False)


def _figure(parts: list[Any]) -> Any:
    """One figure of all parts: whole numbers, or such with empty cells."""
    if isinstance(parts[0], np.ndarray):
        return joined(parts)
    return pd.concat([pd.Series(part) for part in parts], ignore_index=True).array if len(parts) > 1 else parts[0]


def _texts(names: list[str], part_of: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """The name of the part that each row is of."""
    return pd.array(names, dtype="str").take(part_of)


def empty(columns: Sequence[str]) -> pd.DataFrame:
    """A frame without rows."""
    return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
