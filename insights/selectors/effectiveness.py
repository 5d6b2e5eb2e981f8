"""Plan effectiveness and fairness of a period: what pay cost, whether it follows performance, and whether groups are paid alike.

It tells of groups and never of a person: figures of fewer than five people are not given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from incentives.selectors.attained import Attained, attained_rows
from insights.engine.effectiveness import (
    SMALLEST,
    Gap,
    Health,
    Person,
    Quarter,
    by_quartile,
    gaps,
    health,
    rank_correlation,
    windfalls,
)
from insights.engine.kpis import Sum
from insights.selectors.measures import MeasuresAsked, Window, measure_sums
from spm.core.money import RATE_SCALE, round_half_away
from spm.people.models import Employment
from spm.people.selectors import participant_directory
from spm.roles.policy import Viewer


class Category(StrEnum):
    """What people are put into groups by, in the order in which they are told: what a later one shows leaves nobody of an earlier one."""

    UNIT = "unit"
    TITLE = "title"
    TENURE = "tenure"


@dataclass(frozen=True)
class Effectiveness:
    """What a period's sales compensation came to, in the company's currency; None is unknown and `reason` says why."""

    window: Window
    category: Category
    people: int
    in_other_currencies: int
    without_quota: int
    earned_minor: int | None
    credit_minor: int | None
    won_minor: int | None
    correlation: int | None
    quarters: tuple[Quarter, ...]
    health: Health
    windfalls: int
    gaps: tuple[Gap, ...]
    reason: str

    @property
    def cost_rate(self) -> int | None:
        """Cost of sales compensation: earned by won amount (at 10**8). Source: domain.md C8."""
        return _share(self.earned_minor, self.won_minor)

    @property
    def effective_rate(self) -> int | None:
        """Earned by credited amount (at 10**8). Source: domain.md C8."""
        return _share(self.earned_minor, self.credit_minor)

    @property
    def flagged(self) -> int:
        """Groups whose gap reaches 5 %."""
        return sum(gap.is_flagged for gap in self.gaps)


def _share(part: int | None, whole: int | None) -> int | None:
    return round_half_away(part * RATE_SCALE, whole) if part is not None and whole else None


def effectiveness(viewer: Viewer, window: Window, category: Category) -> Effectiveness:
    """Give cost, effect and fairness of pay in a period, of everybody who has a statement of it."""
    currency = viewer.organisation.currency
    found = attained_rows(viewer, [window.period_id] if window.period_id else [])
    own = [row for row in found if row.currency == currency]
    measured = [row for row in own if row.attainment_rate is not None]
    people = _people(measured, window)
    few = len({row.participant_id for row in own}) < SMALLEST
    rates = [one.attainment_rate for one in people]
    return Effectiveness(
        window,
        category,
        len(people),
        len(found) - len(own),
        len(own) - len(measured),
        None if few else sum(row.earned_minor for row in own),
        None if few else sum(row.credit_minor or 0 for row in own),
        _won(viewer, window),
        rank_correlation([one.earned_minor for one in people], rates),
        by_quartile(people),
        health(rates),
        len(windfalls(people)),
        gaps(people, category, list(Category)[: list(Category).index(category)]),
        _("Fewer than five people have a statement of the period: a figure of them would tell somebody's pay.") if few else "",
    )  # fmt: skip


def _won(viewer: Viewer, window: Window) -> int | None:
    sums = measure_sums(viewer, MeasuresAsked(("won_amount",), (window,), None))
    if (0, "won_amount") in sums.unknown:
        return None
    total: Sum = sums.of(0, sums.groups, "won_amount")
    return total.value


def _people(rows: Sequence[Attained], window: Window) -> list[Person]:
    """One person each; who has statements of several plans stands once, with the pay of all."""
    earned: dict[UUID, int] = {}
    rates: dict[UUID, int] = {}
    for row in rows:
        earned[row.participant_id] = earned.get(row.participant_id, 0) + row.earned_minor
        rates.setdefault(row.participant_id, row.attainment_rate or 0)
    on = window.end_on - timedelta(days=1)
    directory: Any = participant_directory(on).filter(pk__in=earned)
    names = directory.values_list("pk", "unit_name", "title_name")
    seats = {key: (unit or "", title or "") for key, unit, title in names}
    tenures = _tenures(list(earned), on)
    return [
        Person(str(key), rates[key], pay, dict(zip(Category, (*seats[key], tenures.get(key, "")), strict=True)))
        for key, pay in sorted(earned.items())
    ]


def _tenures(people: Sequence[UUID], on: date) -> dict[UUID, str]:
    rows = Employment.objects.filter(participant__in=people, during__contains=on).values_list(
        "participant_id", "during"
    )
    return {key: _tenure((on - during.lower).days) for key, during in rows if during.lower}


def _tenure(days: int) -> str:
    """The band of a time of employment, so called that names sort by length."""
    if days < 365:
        return _("0 to 1 year")
    return _("1 to 3 years") if days < 3 * 365 else _("3 years and more")


def bands_chart(found: Effectiveness) -> dict[str, Any]:
    """Give the chart data of people per band of attainment."""
    return {
        "categories": [f"{low} %+" if high is None else f"{low}-{high} %" for low, high, _count in found.health.bands],
        "series": [{"name": _("People"), "values": [count for _low, _high, count in found.health.bands]}],
        "unit": "count",
        "labels": {"category": _("Attainment")},
    }
