"""What a lookup or a matrix asks of single deals. Money is compared in the plan's currency, at the rate of the date that credits the deal.

Credits of one deal can have different dates, because each rule names its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd

from incentives.engine.conditions import column_of, conditions_hold, undecided, unknown_to
from incentives.engine.language.deals import UNPRICED, Amounts
from incentives.engine.language.values import Reason
from incentives.engine.measuring import Measured
from incentives.engine.plan import Axis, LookupRow, Pay
from incentives.engine.tiers_per import unstated
from incentives.engine.words import CreditDate


class DatedAmounts(Protocol):
    """Gives a money column of every deal in the plan's currency at the rate of a date, and which deals have none."""

    def __call__(
        self, column: str, policy: CreditDate = CreditDate.CREDITED
    ) -> tuple[np.ndarray, np.ndarray] | None: ...


EMPTY = Reason(
    "FACT_EMPTY",
    "it lacks a value that decides its rate",
    "Complete the deal: cost, list price or quantity of its order lines.",
)


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
    reasons: list[Reason] = [EMPTY]

    def ask(policy: CreditDate) -> np.ndarray:
        found = np.zeros(len(deals), dtype=np.int64)
        for row in pay.lookup.rows if pay.lookup is not None else ():
            for deal, reason in undecided(deals, row.where, _at(amounts, policy)).items():
                if reason not in reasons:
                    reasons.append(reason)
                found[deal] = reasons.index(reason) + 1
            found[unknown_to(deals, row.where)] = 1
        for axis in (pay.matrix.rows, pay.matrix.columns) if pay.matrix is not None else ():
            priced = _axis_amounts(axis, amounts, policy)
            if priced is not None and priced[1].any():
                reasons.append(UNPRICED)
                found[priced[1]] = len(reasons)
            column = column_of(deals, axis.column) if axis.column else None
            if axis.column:
                found[np.True_ if column is None else column.isna().to_numpy()] = 1
        return found

    return by_credit(own, ask), reasons


def unstated_per(deals: pd.DataFrame, name: str, own: Measured) -> tuple[np.ndarray, list[Reason]]:
    """The same of tiers that each value of a column has for itself."""
    column = column_of(deals, name)
    unknown = np.ones(len(deals), dtype=np.int64) if column is None else column.isna().to_numpy().astype(np.int64)
    return unknown[own.credited.deal], [unstated(name)]


def _axis_amounts(axis: Axis, amounts: DatedAmounts | None, policy: CreditDate) -> tuple[np.ndarray, np.ndarray] | None:
    return amounts(axis.column, policy) if amounts is not None and axis.column.endswith("_minor") else None


def _at(amounts: DatedAmounts | None, policy: CreditDate) -> Amounts | None:
    return None if amounts is None else partial(amounts, policy=policy)
