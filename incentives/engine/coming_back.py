"""How much of a deal has come back before each of its returns, so that what returns take of it is rounded together, not one by one.

Of a deal that comes back in parts each return is credited, and takes, what all of them until then come to less what those before it
came to: together exactly what the deal was, when all of it has come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from incentives.engine.assigning import codes_of
from incentives.engine.contracts import NOT_CREDITED
from spm.core.columns import first_rows, order_of, repeated, running_sum
from spm.core.money import AMOUNT_LIMIT, multiply_columns, round_columns

CHAIN = 64
"""So many returns of returns are followed."""


def sold_rows(deals: pd.DataFrame) -> np.ndarray:
    """For each deal the row of the deal that it reverses: -1 where it reverses none, -2 where that is not among the facts.

    What reverses a return changes what came back of the deal that was sold, so that is the one.
    """
    if "reverses_key" not in deals.columns:
        return repeated(-1, len(deals))
    found = np.full(len(deals), -1, dtype=np.int64)
    rows = np.flatnonzero(deals["reverses_key"].notna().to_numpy())
    sold = codes_of(pd.Index(deals["deal_key"]), deals["reverses_key"].to_numpy()[rows])
    found[rows] = np.where(sold < 0, -2, sold)
    for _ in range(CHAIN):
        again = rows[found[rows] >= 0]
        again = again[found[found[again]] != -1]
        if not len(again):
            break
        found[again] = found[found[again]]
    return found


@dataclass(frozen=True)
class ComingBack:
    """The returns of known deals in the order in which they come back, deal by deal: their rows and those of their deals, and where
    those of another deal begin."""

    row: np.ndarray
    sale: np.ndarray
    first: np.ndarray

    @classmethod
    def of(cls, sold: np.ndarray, days: np.ndarray, kind: np.ndarray | None = None) -> ComingBack:
        """Of all deals, what each reverses (see `sold_rows`) and its credit day; what has no day has not come back.

        Returns of another `kind` (a currency, as a code) are added up apart.
        """
        rows = np.flatnonzero((sold >= 0) & (days != NOT_CREDITED))
        keys = (sold[rows],) if kind is None else (sold[rows], kind[rows])
        order = order_of(*keys, days[rows]) if len(rows) else rows
        return cls(rows[order], sold[rows][order], first_rows(*(key[order] for key in keys)))

    def __len__(self) -> int:
        return len(self.row)

    def upto(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of a column of all deals: what has come back of its deal with each return, and before it; where the sum is larger than
        any amount that is kept, each for itself. Other deals: their value, and 0."""
        before = np.zeros(len(values), dtype=np.int64)
        if not len(self):
            return values, before
        own, place = values[self.row], np.cumsum(self.first) - 1
        beyond = np.bincount(place, weights=np.abs(own.astype(np.float64))) >= AMOUNT_LIMIT
        sums, after = np.where(beyond[place], own, running_sum(own, self.first)), values.copy()
        before[self.row], after[self.row] = sums - own, sums
        return after, before

    def in_part(self, whole: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Like `upto` of another column, `whole`, in which a return has its deal's in proportion to `values`; its own where those are 0."""
        after, before = whole.copy(), np.zeros(len(whole), dtype=np.int64)
        if len(self):
            base = values[self.sale]
            rows, base, of_sale = self.row[base != 0], base[base != 0], whole[self.sale][base != 0]
            for column, sums in zip((after, before), self.upto(values), strict=True):
                part = multiply_columns(multiply_columns(of_sale, sums[rows]), np.sign(base))
                column[rows] = round_columns(part, np.abs(base))
        return after, before
