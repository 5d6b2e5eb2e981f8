"""Own dashboards: which a member sees, and their figures, worked out with the rights of whoever looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from insights.engine.dashboards import Shows, Tile
from insights.engine.kpis import KPIS, Kpi, Unit
from insights.models import Dashboard
from insights.selectors.measure_groups import GROUP_LABELS, LACKS, Group, Kept, kept_of, kept_team, kept_words
from insights.selectors.measures import Window
from insights.selectors.performance import KpiTable, kpi_tables, lines_sorted, windows_of
from spm.core.money import RATE_SCALE, round_half_away
from spm.roles.policy import Viewer, members_with

KEPT = timedelta(days=30)
"""How long a dashboard that was removed can be brought back."""
SHOWN = 10
"""Groups that a chart shows; its figure's page has all."""


def dashboard_list(viewer: Viewer) -> QuerySet[Dashboard]:
    """Give the dashboards that the viewer made or shares by a role with a maker who may share, by name."""
    shared = Q()
    for role in sorted(viewer.roles):
        shared |= Q(roles__contains=[role])
    own = Q(membership_id=viewer.membership_id or 0)
    seen = own | shared & Q(membership__in=members_with("dashboard.share", on=viewer.on)) if shared else own
    return Dashboard.objects.filter(seen, removed_at=None).order_by("name", "pk")


def dashboards_removed(viewer: Viewer) -> QuerySet[Dashboard]:
    """Give the viewer's own dashboards that were removed and can be brought back, the latest first."""
    since = timezone.now() - KEPT
    own = Dashboard.objects.filter(membership_id=viewer.membership_id or 0)
    return own.filter(removed_at__gt=since).order_by("-removed_at", "pk")


def tiles_of(dashboard: Dashboard) -> tuple[Tile, ...]:
    """Give the tiles of a dashboard, without those whose figure the catalogue has no more."""
    return tuple(Tile(one["kpi"], Shows(one["shows"]), one["by"]) for one in dashboard.tiles if one["kpi"] in KPIS)


@dataclass(frozen=True)
class TileShown:
    """A tile with its figure; `chart` is drawn where it has one, `address` leads to the figure's page and its rows."""

    tile: Tile
    place: int
    table: KpiTable
    chart: dict[str, Any] | None

    @property
    def kpi(self) -> Kpi:
        """The figure of the catalogue."""
        return self.table.kpi

    @property
    def title(self) -> str:
        """What the page calls the tile."""
        name = _(self.kpi.name)
        if self.tile.by:
            words = {"figure": name, "group": _(GROUP_LABELS[Group(self.tile.by)]).lower()}
            return _("%(figure)s by %(group)s") % words
        return _("%(figure)s over the last periods") % {"figure": name} if self.chart else name

    @property
    def id(self) -> str:
        """What the page calls the chart."""
        return f"tile-{self.place}"

    @property
    def has_values(self) -> bool:
        """Tell whether the chart has anything to show."""
        return self.chart is not None and any(one is not None for one in self.chart["series"][0]["values"])


@dataclass(frozen=True)
class DashboardShown:
    """A dashboard as somebody sees it: the period, what is kept, the tiles. `has_rows` is False where it keeps nothing within reach."""

    dashboard: Dashboard
    windows: tuple[Window, ...]
    kept: tuple[Kept, ...]
    words: list[str]
    tiles: tuple[TileShown, ...]
    has_rows: bool
    is_period_gone: bool

    @property
    def window(self) -> Window:
        """The period that is shown."""
        return self.windows[0]


def kept_by(dashboard: Dashboard, viewer: Viewer) -> tuple[Kept, ...]:
    """Give what a dashboard keeps on the viewer's day."""
    stored = dict(dashboard.kept)
    return (*kept_team(stored.pop("team", ""), viewer.on), *kept_of(stored.items()))


def dashboard_shown(
    viewer: Viewer, dashboard: Dashboard, period: str = "", periods: Sequence[Any] | None = None
) -> DashboardShown:
    """Give a dashboard with the figures of the viewer's own reach; `period` takes the place of its own.

    `periods` are those that began by the viewer's day, where they are read already.

    Raises KeyError for a period asked that does not exist; one of the dashboard's that is gone gives way to the current one.
    """
    is_gone = False
    try:
        windows = windows_of(viewer, period or dashboard.period, periods)
    except KeyError:
        if period:
            raise
        windows, is_gone = windows_of(viewer, "", periods), True
    kept, tiles = kept_by(dashboard, viewer), tiles_of(dashboard)
    tables = _tables(viewer, tiles, windows, kept)
    shown = tuple(
        TileShown(tile, place, table, _chart(tile, table, viewer.organisation.currency))
        for place, (tile, table) in enumerate(zip(tiles, tables, strict=True))
    )
    has_rows = not tiles or not kept or any(map(_tells, tables))
    return DashboardShown(dashboard, windows, kept, kept_words(viewer, kept), shown, has_rows, is_gone)


def _tells(table: KpiTable) -> bool:
    """Whether a figure has rows in one of the periods, or says itself why it can't keep to what is kept."""
    total = table.total
    return bool(total.rows or any(one.number for one in total.course) or total.value.reason in LACKS)


def _tables(
    viewer: Viewer, tiles: Sequence[Tile], windows: tuple[Window, ...], kept: tuple[Kept, ...]
) -> list[KpiTable]:
    """The figures of the tiles; those that are told by the same are read together."""
    found: dict[tuple[str, str], KpiTable] = {}
    for by in sorted({tile.by for tile in tiles}):
        keys = list(dict.fromkeys(tile.kpi for tile in tiles if tile.by == by))
        group = Group(by) if by else None
        tables = kpi_tables(viewer, [KPIS[key] for key in keys], windows, group=group, kept=kept)
        found |= {(key, by): table for key, table in zip(keys, tables, strict=True)}
    return [found[tile.kpi, tile.by] for tile in tiles]


_CHARTED = {Unit.MONEY: "money", Unit.MONEY_PER_DAY: "money", Unit.RATE: "rate"}


def _chart(tile: Tile, table: KpiTable, currency: str) -> dict[str, Any] | None:
    """The chart of a tile; figures that are neither money nor rates are drawn as whole numbers."""
    if tile.shows is Shows.FIGURE:
        return None
    if tile.shows is Shows.COURSE:
        head, names = _("Period"), [window.key for window in reversed(table.windows)]
        values = [one.number for one in table.total.course]
    else:
        order = "name" if tile.by == Group.DISCOUNT else "-value"
        lines = [one for one in lines_sorted(table.lines, order) if one.value.number is not None][:SHOWN]
        head, names, values = _("Name"), [one.name for one in lines], [one.value.number for one in lines]
    unit = _CHARTED.get(table.kpi.unit, "count")
    if unit == "count":
        values = [None if one is None else round_half_away(one, RATE_SCALE) for one in values]
    return {
        "categories": names,
        "series": [{"name": _(table.kpi.name), "values": values}],
        "unit": unit,
        "currency": currency if unit == "money" else "",
        "labels": {"category": head},
    }
