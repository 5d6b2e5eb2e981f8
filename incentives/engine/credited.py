"""The credits of one measure as columns."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from spm.core.columns import chosen


@dataclass(frozen=True)
class Credited:
    """The credits of one measure as columns: codes, day, share at RATE_SCALE, `amount` in minor units of the plan's currency,
    `value` in the smallest unit of the measure, `before` what returns before this one took back of that of their sale; `reversal` marks
    returns that pay back at their original rate, and `lost` those of them of which no plan is known to have credited the sale."""

    deal: np.ndarray
    holding: np.ndarray
    participant: np.ndarray
    origin: np.ndarray
    period: np.ndarray
    day: np.ndarray
    rule: np.ndarray
    share: np.ndarray
    amount: np.ndarray
    value: np.ndarray
    before: np.ndarray
    reversal: np.ndarray
    lost: np.ndarray

    def __len__(self) -> int:
        return len(self.deal)

    def take(self, rows: np.ndarray) -> Credited:
        """Some of the credits, in the order asked; a column that stands under two names is taken once."""
        columns = {id(column): column for column in (getattr(self, each.name) for each in fields(self))}
        taken = {key: chosen(column, rows) for key, column in columns.items()}
        return Credited(*(taken[id(getattr(self, each.name))] for each in fields(self)))

    def with_returns(self, reversal: np.ndarray, lost: np.ndarray) -> Credited:
        """The same credits, their returns told apart otherwise."""
        return replace(self, reversal=reversal, lost=lost)


def no_credits() -> Credited:
    """No credits at all."""
    none = np.array([], dtype=np.int64)
    return Credited(*(none.astype(bool) if each.name in ("reversal", "lost") else none for each in fields(Credited)))


def stacked(parts: list[Credited]) -> Credited:
    """Credits one after another."""
    if len(parts) == 1:
        return parts[0]
    return Credited(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Credited)))
