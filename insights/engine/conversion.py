"""Cohorts of deals: the months or quarters that they began in, the order of their stages, and shares of enough deals."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from insights.engine.hygiene import FEWEST
from spm.core.money import RATE_SCALE, round_half_away


class By(StrEnum):
    """How long a cohort is, by the calendar."""

    MONTH = "month"
    QUARTER = "quarter"


SHOWN = {By.MONTH: 12, By.QUARTER: 8}
"""How many cohorts are shown, the one of the day included."""
_MONTHS = {By.MONTH: 1, By.QUARTER: 3}


def cohorts(by: By, day: date) -> tuple[date, ...]:
    """Give the first days of the cohorts until a day, the latest first.

    >>> [one.isoformat() for one in cohorts(By.QUARTER, date(2026, 5, 9))[:3]]
    ['2026-04-01', '2026-01-01', '2025-10-01']
    """
    months, last = _MONTHS[by], day.year * 12 + day.month - 1
    last -= last % months
    return tuple(date(*_year_month(last - place * months), 1) for place in range(SHOWN[by]))


def _year_month(number: int) -> tuple[int, int]:
    return number // 12, number % 12 + 1


def cohort_name(by: By, first: date) -> str:
    """Give what a cohort is called.

    >>> cohort_name(By.MONTH, date(2026, 4, 1)), cohort_name(By.QUARTER, date(2026, 4, 1))
    ('2026-04', '2026-Q2')
    """
    return f"{first:%Y-%m}" if by is By.MONTH else f"{first.year}-Q{(first.month + 2) // 3}"


def stage_order(stages: Iterable[str], before: Mapping[tuple[str, str], int]) -> list[str]:
    """Give stages in the order in which deals enter them: one stands before those that more deals entered after it than before it.

    `before` counts deals that entered the first of two stages on an earlier day than the second.

    >>> stage_order(["Offer", "Lead", "Demo"], {("Lead", "Demo"): 5, ("Demo", "Offer"): 2, ("Lead", "Offer"): 3, ("Offer", "Demo"): 1})
    ['Lead', 'Demo', 'Offer']
    """
    names = sorted(set(stages))
    leads = {
        one: sum(before.get((one, other), 0) > before.get((other, one), 0) for other in names)
        - sum(before.get((other, one), 0) > before.get((one, other), 0) for other in names)
        for one in names
    }
    return sorted(names, key=lambda one: (-leads[one], one))


def share(part: int, whole: int) -> int | None:
    """Give a share at 10**8; None of too few deals to say.

    >>> share(5, 10), share(5, 9)
    (50000000, None)
    """
    return round_half_away(part * RATE_SCALE, whole) if whole >= FEWEST else None
