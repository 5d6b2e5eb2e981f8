"""What the components of one plan share while they are computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from incentives.engine.asked_deals import DatedAmounts
from incentives.engine.measuring import Cells, GoalReader, Measured
from incentives.engine.returning import sale_rows
from spm.core.findings import Finding

if TYPE_CHECKING:
    from incentives.engine.earnings import Earned


@dataclass
class Room:
    """What the components of one plan share while they are computed."""

    cells: Cells
    deals: pd.DataFrame
    sold: np.ndarray
    """For each deal the row of the deal that it reverses, see `sold_rows`."""
    measured: Mapping[str, Measured]
    goals: GoalReader
    scores: Mapping[tuple[int, int, str], int]
    totals: dict[str, np.ndarray] = field(default_factory=dict)
    """Earned minor units of the components computed so far, by key."""
    blocked: dict[str, np.ndarray] = field(default_factory=dict)
    earned: dict[str, Earned] = field(default_factory=dict)
    """How those components were computed."""
    findings: list[Finding] = field(default_factory=list)
    amounts: DatedAmounts | None = None
    """Gives the money of deals in the plan's currency."""

    left_out: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """The returns that are taken for not having come (see `Room.returns`)."""
    without: dict[bytes, Room] = field(default_factory=dict)
    """The same plan without some of its returns, by which these are."""

    def originals(self, own: Measured) -> np.ndarray:
        """For each credit that takes back, the row of the credit of its sale, else -1."""
        found, rows = np.full(len(own.credited), -1, dtype=np.int64), np.flatnonzero(own.credited.reversal)
        if len(rows):
            found[rows] = sale_rows(own.credited, own.measure, self.sold, rows)
        if len(self.left_out) and len(rows):
            found[rows[np.isin(self.returns(own, rows, found[rows]), self.left_out)]] = -1
        return found

    def returns(self, of: Measured, rows: np.ndarray, sales: np.ndarray) -> np.ndarray:
        """The group that sold and the deal that returns as one number, of credits of returns and those of their sales; -1 without a sale.

        Where another component credits by another day, a return is the same one if its sale lies in the same group.
        """
        return np.where(sales < 0, -1, of.group[sales] * len(self.deals) + of.credited.deal[rows])
