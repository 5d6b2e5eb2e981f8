"""What stood on the days on which forecasts were due, within reach, as it was locked."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from insights.models import ForecastSnapshot
from spm.roles.policy import Viewer, visible

Given = dict[str, int | None]


@dataclass(frozen=True)
class LockedLine:
    """A person as locked on a day, with the manager of that day."""

    row: ForecastSnapshot
    name: str
    manager: str

    def in_force(self, category: str) -> int | None:
        """Give the number that held: the override, else what the person said."""
        over: Given = self.row.overridden
        said: Given = self.row.submitted
        found = over.get(category)
        return said.get(category) if found is None else found


def locked_days(viewer: Viewer) -> list[tuple[date, str]]:
    """Give the days that were locked within reach with the key of the period, the latest first."""
    rows = visible(viewer, ForecastSnapshot.objects.filter(day__lte=viewer.on)).order_by("-day", "-period__during")
    return list(rows.values_list("day", "period__key").distinct())


def locked_lines(viewer: Viewer, *, day: date, period_key: str) -> list[LockedLine]:
    """Give everybody within reach as locked on the day, by manager and name; what nobody owned last."""
    rows: Any = visible(viewer, ForecastSnapshot.objects.filter(day=day, period__key=period_key))
    rows = rows.select_related("participant", "manager", "period")
    lines = [
        LockedLine(row, row.participant.name if row.participant else "", row.manager.name if row.manager else "")
        for row in rows
    ]
    return sorted(lines, key=lambda line: (not line.name, line.manager, line.name))
