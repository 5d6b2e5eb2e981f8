"""What a lookup or a matrix asks of single deals. Money is compared in the plan's currency, at the rate of the date that credits the deal.

Credits of one deal can have different dates, because each rule names its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd

from incentives.engine.conditions import column_of, conditions_hold, undecided, unknown_to
from incentives.engine.fact_words import lacking
from incentives.engine.language.deals import UNPRICED, Amounts
from incentives.engine.language.values import Reason
from incentives.engine.measuring import Measured
from incentives.engine.plan import Axis, Condition, LookupRow, Pay
from incentives.engine.tiers_per import unstated
from incentives.engine.words import CreditDate


class DatedAmounts(Protocol):
    """Gives a money column of every deal in the plan's currency at the rate of a date, and which deals have none."""

    def __call__(
        self, column: str, policy: CreditDate = CreditDate.CREDITED
    ) -> tuple[np.ndarray, np.ndarray] | None: ...


def by_credit(own: Measured, ask: Callable[[CreditDate], np.ndarray]) -> np.ndarray:
    """What is asked of every deal under a date, for every credit under the date of its rule; manual credits have theirs."""
    credited = own.credited
    dates = [*(rule.credit_date for rule in own.measure.credit), CreditDate.CREDITED]
    used = sorted({dates[number] for number in np.flatnonzero(np.bincount(credited.rule)).tolist()})
    found = ask(used[0] if used else CreditDate.CREDITED)[credited.deal]
    for policy in used[1:]:
        mine = np.isin(credited.rule, [number for number, each in enumerate(dates) if each == policy])
        found[mine] = ask(policy)[credited.deal[mine]]
    return found


def amounts_by_credit(amounts: DatedAmounts, own: Measured) -> Amounts:
    """Gives the money of every credit's deal in the plan's currency, and which credits have none."""

    def read(column: str) -> tuple[np.ndarray, np.ndarray] | None:
        def ask(policy: CreditDate) -> np.ndarray:
            found = amounts(column, policy)
            assert found is not None, column
            return np.column_stack(found)

        if amounts(column) is None:
            return None
        both = by_credit(own, ask)
        return both[:, 0], both[:, 1].astype(bool)

    return read


def lookup_places(
    deals: pd.DataFrame, rows: Sequence[LookupRow], amounts: DatedAmounts | None, own: Measured
) -> np.ndarray:
    """The row of a lookup that pays each credit, -1 where none does."""

    def ask(policy: CreditDate) -> np.ndarray:
        place, is_open = np.full(len(deals), -1, dtype=np.int64), np.ones(len(deals), dtype=bool)
        for number, row in enumerate(rows):
            mask, missing = conditions_hold(deals, row.where, _at(amounts, policy))
            place[mask & is_open] = -1 if missing else number
            is_open &= ~mask
        return place

    return by_credit(own, ask)


def axis_values(deals: pd.DataFrame, axis: Axis, amounts: DatedAmounts | None, own: Measured) -> np.ndarray | None:
    """The deal column of an axis for every credit, 0 where it is not known; None when the facts do not have it."""
    column = column_of(deals, axis.column)
    if column is None:
        return None
    stated = (column.fillna(0) if column.hasnans else column).to_numpy(np.int64)

    def ask(policy: CreditDate) -> np.ndarray:
        priced = _axis_amounts(axis, amounts, policy)
        return stated if priced is None else priced[0]

    return by_credit(own, ask)


def why_unknown(
    deals: pd.DataFrame, pay: Pay, amounts: DatedAmounts | None, own: Measured
) -> tuple[np.ndarray, list[Reason]]:
    """For every credit 0, or one more than the place of the reason for which a lookup or matrix can't tell its rate."""
    reasons: list[Reason] = []

    def ask(policy: CreditDate) -> np.ndarray:
        found = np.zeros(len(deals), dtype=np.int64)
        for rows, reason in _unknown(deals, pay, amounts, policy):
            if reason not in reasons:
                reasons.append(reason)
            found[rows] = reasons.index(reason) + 1
        return found

    return by_credit(own, ask), reasons


def unstated_per(deals: pd.DataFrame, name: str, own: Measured) -> tuple[np.ndarray, list[Reason]]:
    """The same of tiers that each value of a column has for itself."""
    column = column_of(deals, name)
    unknown = np.ones(len(deals), dtype=np.int64) if column is None else column.isna().to_numpy().astype(np.int64)
    return unknown[own.credited.deal], [unstated(name)]


def _unknown(
    deals: pd.DataFrame, pay: Pay, amounts: DatedAmounts | None, policy: CreditDate
) -> Iterator[tuple[np.ndarray, Reason]]:
    """The deals whose rate can't be told, by reason; a later reason holds before an earlier one."""
    rows, at = pay.lookup.rows if pay.lookup is not None else (), _at(amounts, policy)
    yield from _off_rows(deals, rows, at)
    for axis in (pay.matrix.rows, pay.matrix.columns) if pay.matrix is not None else ():
        yield from _off_axis(deals, axis, amounts, policy)


def _off_rows(
    deals: pd.DataFrame, rows: Sequence[LookupRow], amounts: Amounts | None
) -> Iterator[tuple[np.ndarray, Reason]]:
    """The deals about which a row can't decide, where no row before fits them and no other condition of the row rules them out."""
    lacks = [[unknown_to(deals, [condition]) for condition in row.where] for row in rows]
    reasons = [[undecided(deals, [condition], amounts) for condition in row.where] for row in rows]
    is_open = np.ones(len(deals), dtype=bool)
    if not any(each.any() for lack in lacks for each in lack) and not any(each for why in reasons for each in why):
        return
    for row, lack, why in zip(rows, lacks, reasons, strict=True):
        held = [conditions_hold(deals, [condition], amounts)[0] for condition in row.where]
        is_asked = np.logical_and.reduce([is_open, *(fits | unknown for fits, unknown in zip(held, lack, strict=True))])
        for condition, unknown, undecidable in zip(row.where, lack, why, strict=True):
            yield from ((np.array([deal]), reason) for deal, reason in undecidable.items() if is_asked[deal])
            found = np.flatnonzero(unknown & is_asked)
            if len(found):
                yield found, _lacks(deals, condition, found)
        is_open &= ~is_asked


def _off_axis(
    deals: pd.DataFrame, axis: Axis, amounts: DatedAmounts | None, policy: CreditDate
) -> Iterator[tuple[np.ndarray, Reason]]:
    """The deals that stand nowhere on an axis of a matrix."""
    priced = _axis_amounts(axis, amounts, policy)
    if priced is not None:
        yield np.flatnonzero(priced[1]), UNPRICED
    if axis.column:
        column = column_of(deals, axis.column)
        lacks = np.arange(len(deals)) if column is None else np.flatnonzero(column.isna().to_numpy())
        yield lacks, lacking(axis.column)


def _lacks(deals: pd.DataFrame, condition: Condition, unknown: np.ndarray) -> Reason:
    """What the first deal that a condition can't be judged for lacks."""
    columns = ((name, column_of(deals, name)) for name in condition.columns)
    empty = (name for name, column in columns if column is None or column.isna().to_numpy()[unknown[0]])
    return lacking(next(empty, condition.column))


def _axis_amounts(axis: Axis, amounts: DatedAmounts | None, policy: CreditDate) -> tuple[np.ndarray, np.ndarray] | None:
    return amounts(axis.column, policy) if amounts is not None and axis.column.endswith("_minor") else None


def _at(amounts: DatedAmounts | None, policy: CreditDate) -> Amounts | None:
    return None if amounts is None else partial(amounts, policy=policy)
