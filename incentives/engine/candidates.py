"""Candidate credits as columns: which deal credits whom on which day with what share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from spm.core.columns import chosen, is_increasing


@dataclass(frozen=True)
class Lines:
    """Candidate credits as columns: the deal (row number), the holding that receives it, whose deal it was (participant code),
    day, share at RATE_SCALE, the direct line (row number) it comes from, and a working row number."""

    deal: np.ndarray
    holding: np.ndarray
    origin: np.ndarray
    day: np.ndarray
    share: np.ndarray
    base: np.ndarray
    row: np.ndarray

    def __len__(self) -> int:
        return len(self.deal)

    def take(self, rows: np.ndarray) -> Lines:
        """Some of the lines."""
        if len(rows) == len(self) and (not len(rows) or (rows[0] == 0 and is_increasing(rows))):
            return self
        return Lines(*(chosen(getattr(self, each.name), rows) for each in fields(self)))


def joined(parts: Sequence[Lines]) -> Lines:
    """Lines one after another."""
    return Lines(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Lines)))
