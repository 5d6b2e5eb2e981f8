"""How long people have been employed on a day: whole months since the first day of the employment that holds on it.

Months are those of the calendar: who began on 31 January has completed one on the last day of February. Who comes back begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from incentives.engine.assigning import codes_of
from incentives.engine.language.values import Reason

MISSING = Reason(
    "HIRE_DATE_MISSING",
    "no employment is known that holds then, so the months of it are not known",
    "Enter the first day of employment.",
)


@dataclass(frozen=True)
class Tenures:
    """Employments by participant (code) and first day, half-open."""

    participant: np.ndarray
    start: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, frame: pd.DataFrame, participants: pd.Index) -> Tenures:
        """The admitted employments of these people; those of others are left out."""
        code = codes_of(participants, frame["participant_key"])
        start, end = (frame[name].to_numpy(np.int64) for name in ("from_on", "until_on"))
        order = np.lexsort((start, code))
        order = order[code[order] >= 0]
        return cls(code[order], start[order], end[order])

    def months(self, participant: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The completed months of each person on a day, and whether an employment holds on it."""
        row, there = self._begun(participant, day)
        known = there & (day < self.end[row]) if len(self.start) else there
        return self._completed(row, day, known), known

    def months_until(self, participant: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same; of who has left by then, on the last day of the employment."""
        row, known = self._begun(participant, day)
        last = np.minimum(day, self.end[row] - 1) if len(self.start) else day
        return self._completed(row, last, known), known

    def _begun(self, participant: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The latest employment of each person that began by a day, and whether there is one."""
        if not len(self.start):
            return np.zeros(len(day), dtype=np.int64), np.zeros(len(day), dtype=bool)
        place = np.searchsorted(_places(self.participant, self.start), _places(participant, day), side="right") - 1
        row = np.maximum(place, 0)
        return row, (place >= 0) & (self.participant[row] == participant)

    def _completed(self, row: np.ndarray, day: np.ndarray, known: np.ndarray) -> np.ndarray:
        found = np.zeros(len(day), dtype=np.int64)
        found[known] = completed_months(self.start[row[known]], day[known])
        return found


def _places(participant: np.ndarray, day: np.ndarray) -> np.ndarray:
    """People and days as one number, in the order of people, then days."""
    return participant.astype(np.int64) * 2**32 + day.astype(np.int64) + 2**31


def completed_months(start: np.ndarray, day: np.ndarray) -> np.ndarray:
    """How many months are complete from a first day to another day, both as day numbers.

    >>> from datetime import date
    >>> from spm.core.dated import day_number
    >>> days = [day_number(date(2026, 2, 27)), day_number(date(2026, 2, 28)), day_number(date(2027, 1, 31))]
    >>> completed_months(np.full(3, day_number(date(2026, 1, 31))), np.array(days)).tolist()
    [0, 1, 12]
    """
    (from_month, from_day), (to_month, to_day) = _parts(start), _parts(day)
    last = (to_month + 1).astype("datetime64[D]") - to_month.astype("datetime64[D]")
    anniversary = np.minimum(from_day, last.astype(np.int64))
    months = to_month.astype(np.int64) - from_month.astype(np.int64)
    return np.asarray(months - (anniversary > to_day))


def _parts(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The month of each day, and its number in the month from 1."""
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    return month, (dates - month.astype("datetime64[D]")).astype(np.int64) + 1
