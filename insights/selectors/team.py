"""The team table: where everybody within reach stands, as of the viewer's day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum

from incentives.selectors.attainment import Attainment, attainment_list
from insights.selectors.pipeline import open_deals
from spm.core.money import RATE_SCALE
from spm.roles.policy import Viewer

BEHIND = 15 * 10**6
"""How far below pace (as ratio at 10**8, 15 points) an attainment counts as behind."""


@dataclass(frozen=True)
class TeamRow:
    """One person: attainment against pace, and the open deals that could close the gap. `gap_minor` is what is missing to the quota."""

    attainment: Attainment
    open_deals: int
    open_minor: int

    @property
    def gap_minor(self) -> int | None:
        """Give the credit still missing to the quota; None without a quota."""
        quota = self.attainment.quota_minor
        return None if quota is None else max(0, quota - self.attainment.credit_minor)

    @property
    def coverage_rate(self) -> int | None:
        """Give open pipeline ÷ what is missing at scale 10**8; None where nothing is missing. Source: domain.md C8."""
        gap = self.gap_minor
        return None if not gap else self.open_minor * RATE_SCALE // gap

    @property
    def is_behind(self) -> bool:
        """Tell whether the attainment lies more than 15 points below pace."""
        rate, pace = self.attainment.attainment_rate, self.attainment.pace_rate
        return rate is not None and pace is not None and pace - rate > BEHIND

    @property
    def is_ahead(self) -> bool:
        """Tell whether the attainment lies more than 15 points above pace, or the quota is reached."""
        rate, pace = self.attainment.attainment_rate, self.attainment.pace_rate
        return rate is not None and pace is not None and (rate - pace > BEHIND or rate >= RATE_SCALE)


def team_rows(viewer: Viewer, *, period_id: UUID) -> list[TeamRow]:
    """Give the people within reach who have a statement of the period: the furthest behind first, people without a quota last.

    What somebody earns in one currency and is paid in another stands once, in the currency of the earning.
    """
    rows = open_deals(viewer).order_by().values("owner_id").annotate(deals=Count("pk"), amount=Sum("amount_minor"))
    deals = {row["owner_id"]: (row["deals"], row["amount"] or 0) for row in rows}
    listed = attainment_list(viewer, period_id=period_id)
    earning = {one.participant_id for one in listed if one.component}
    found = [
        TeamRow(one, *deals.get(one.participant_id, (0, 0)))
        for one in listed
        if one.component or one.participant_id not in earning
    ]
    return team_sort(found, "")


TEAM_ORDERS: dict[str, Callable[["TeamRow"], Any]] = {
    "": lambda row: (row.attainment.attainment_rate is None, row.attainment.attainment_rate or 0),
    "name": lambda row: row.attainment.participant_name,
    "credit": lambda row: row.attainment.credit_minor,
    "quota": lambda row: row.attainment.quota_minor or 0,
    "pipeline": lambda row: row.open_minor,
    "coverage": lambda row: row.coverage_rate or 0,
    "earned": lambda row: row.attainment.earned_minor,
}


def team_sort(rows: list[TeamRow], order: str) -> list[TeamRow]:
    """Order the rows by a column, `-` for the largest first; equal ones stay by name. An unknown column is the lowest attainment first."""
    by_name = sorted(rows, key=TEAM_ORDERS["name"])
    return sorted(by_name, key=TEAM_ORDERS.get(order.removeprefix("-"), TEAM_ORDERS[""]), reverse=order.startswith("-"))


def team_chart(rows: list[TeamRow]) -> dict[str, Any]:
    """Give the chart data of attainment per person, best first; people without a quota are left out."""
    measured = [row.attainment for row in rows if row.attainment.attainment_rate is not None]
    measured.sort(key=lambda one: (-(one.attainment_rate or 0), one.participant_name))
    return {
        "categories": [one.participant_name for one in measured],
        "series": [{"name": "Attainment", "values": [one.attainment_rate for one in measured]}],
        "unit": "rate",
        "labels": {"category": "Person"},
    }
