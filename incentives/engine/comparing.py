"""A result of a former system beside the one calculated here, and why they differ, where it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Cause(StrEnum):
    """Why two results differ; EQUAL where they don't, UNKNOWN where only the why of our line can tell."""

    EQUAL = "equal"
    ROUNDING = "rounding"
    NOT_KNOWN_HERE = "not_known_here"
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    OTHER_CURRENCY = "other_currency"
    ADJUSTMENT = "adjustment"
    LATE_FACT = "late_fact"
    QUOTA = "quota"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Ours:
    """What is known here of a person and component: what it earned (with adjustments), the adjustments in it, its quota, and what earlier
    versions of the statement said, with the day of each. Minor units."""

    earned: int
    adjusted: int = 0
    quota: int | None = None
    before: Sequence[tuple[date, int]] = ()


def cause_of(theirs: int, ours: Ours, *, quota: int | None, within: int) -> tuple[Cause, str]:
    """The first cause that explains a difference whole, and what it names (a day, amounts); `within` minor units are rounding.

    >>> cause_of(100_00, Ours(100_01), quota=None, within=1)
    (<Cause.ROUNDING: 'rounding'>, '')
    >>> cause_of(100_00, Ours(130_00, adjusted=30_00), quota=None, within=1)[0]
    <Cause.ADJUSTMENT: 'adjustment'>
    """
    difference = ours.earned - theirs
    if difference == 0:
        return Cause.EQUAL, ""
    if abs(difference) <= within:
        return Cause.ROUNDING, ""
    if ours.adjusted and abs(difference - ours.adjusted) <= within:
        return Cause.ADJUSTMENT, ""
    day = next((on for on, earned in ours.before if abs(earned - theirs) <= within), None)
    if day is not None:
        return Cause.LATE_FACT, day.isoformat()
    if quota is not None and ours.quota is not None and quota != ours.quota:
        return Cause.QUOTA, ""
    return Cause.UNKNOWN, ""
