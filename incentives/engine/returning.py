"""Returns and their sales: which credit of the same person a return gives back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from incentives.engine.assigning import codes_of
from incentives.engine.credits import Credited


def original_rows(credited: Credited, deals: pd.DataFrame) -> np.ndarray:
    """For each credit that reverses a deal, the row of the same person's credit for that deal, else -1."""
    found = np.full(len(credited), -1, dtype=np.int64)
    rows = np.flatnonzero(credited.reversal)
    if not len(rows):
        return found
    reversed_deal = codes_of(pd.Index(deals["deal_key"]), deals["reverses_key"])
    asked = reversed_deal[credited.deal[rows]]
    sold = np.flatnonzero(np.isin(credited.deal, asked[asked >= 0]))
    place = dict(zip(_lines_of(credited, sold, credited.deal[sold]), sold.tolist(), strict=True))
    found[rows] = [place.get(key, -1) for key in _lines_of(credited, rows, asked)]
    return found


def _lines_of(credited: Credited, rows: np.ndarray, deal: np.ndarray) -> list[tuple[int, ...]]:
    """What tells the credits of one deal apart: who has it, by which rule, and whose deal it was."""
    columns = (deal, credited.participant[rows], credited.rule[rows], credited.origin[rows])
    return list(zip(*(column.tolist() for column in columns), strict=True))
