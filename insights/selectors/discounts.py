"""Price and discount of a period within reach: what was given away by group and by depth, and how deals of each depth ended.

Every figure is one of the catalogue of KPIs, told by group or by the band of the discount, so that each leads to the same rows.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from insights.engine.discounts import BANDS, Outcome, band_name, bands_over, trend, wilson
from insights.engine.kpis import KPIS
from insights.selectors.measure_groups import Group, Kept
from insights.selectors.measures import Window
from insights.selectors.performance import KpiLine, KpiTable, Value, kpi_tables
from spm.core.money import RATE_SCALE, round_half_away
from spm.roles.policy import Viewer

USUAL = 20
"""The depth of a discount, in percent, that is asked where none is named."""
BY = (Group.PRODUCT, Group.SELLER, Group.UNIT, Group.SEGMENT)
"""What discounts are told by."""


@dataclass(frozen=True)
class DiscountLine:
    """Order lines of a group: how many are priced, what they come to, and how many of them were discounted deeper than asked."""

    key: str
    name: str
    lines: int
    left_out: int
    list_minor: int
    net_minor: int
    realisation: Value
    depth: Value
    leakage: Value
    over: int

    @property
    def over_rate(self) -> int | None:
        """The share of the lines that were discounted deeper than asked (at 10**8)."""
        return _share(self.over, self.lines)


@dataclass(frozen=True)
class BandLine:
    """Order lines and decided deals of a depth; the win rate has its 95 % interval and is None of too few deals."""

    band: str
    name: str
    lines: int
    line_rate: int | None
    list_minor: int
    leakage_minor: int
    won: int
    lost: int
    win_rate: int | None
    low_rate: int | None
    high_rate: int | None

    @property
    def closed(self) -> int:
        """Deals that were won or lost."""
        return self.won + self.lost


@dataclass(frozen=True)
class Discounts:
    """Price and discount of a period. `direction` of the win rate by depth: 1 up, -1 down, 0 no more than chance, None not told.

    `untold` says why win rates by depth are not told.
    """

    window: Window
    group: Group
    edge: int
    total: DiscountLine
    groups: tuple[DiscountLine, ...]
    bands: tuple[BandLine, ...]
    unknown: Outcome
    direction: int | None
    untold: str
    as_of: date

    @property
    def over_leakage(self) -> int:
        """What was given away by discounts deeper than asked."""
        deeper = bands_over(self.edge)
        return sum(one.leakage_minor for one in self.bands if one.band in deeper)


def _share(part: int, whole: int) -> int | None:
    return round_half_away(part * RATE_SCALE, whole) if whole else None


def discounts(
    viewer: Viewer, windows: tuple[Window, ...], *, group: Group, edge: int = USUAL, kept: tuple[Kept, ...] = ()
) -> Discounts:
    """Give price and discount of the first window told by a group, of the rows kept; `edge` is one of the engine's, in percent."""
    window = windows[:1]
    prices = [KPIS[key] for key in ("price_realisation", "discount_depth", "leakage")]
    tables = kpi_tables(viewer, prices, window, group=group, kept=kept)
    deeper = (*kept, Kept(Group.DISCOUNT, bands_over(edge)))
    (over,) = kpi_tables(viewer, [KPIS["leakage"]], window, group=group, kept=deeper)
    by_band = kpi_tables(viewer, [KPIS["leakage"], KPIS["win_rate"]], window, group=Group.DISCOUNT, kept=kept)
    outcomes = _outcomes(by_band[1])
    untold = by_band[1].untold
    total, groups = _lines(tables, over)
    known = [one for band, one in outcomes.items() if band]
    return Discounts(
        windows[0],
        group,
        edge,
        total,
        groups,
        tuple(_bands(by_band, outcomes)),
        outcomes.get("", Outcome(0, 0, 0)),
        None if untold else trend(known),
        untold,
        tables[0].as_of,
    )


def _lines(tables: list[KpiTable], over: KpiTable) -> tuple[DiscountLine, tuple[DiscountLine, ...]]:
    deeper = {one.key: one.rows for one in over.lines}
    realisation, depth, leakage = tables

    def line(own: KpiLine, deep: KpiLine, gave: KpiLine, count: int) -> DiscountLine:
        sums = {key: value or 0 for key, value in own.sums.items()}
        priced = own.rows - own.left_out
        values = (own.value, deep.value, gave.value if priced else Value(None, own.value.reason))
        return DiscountLine(
            own.key, own.name, priced, own.left_out, sums["list_amount"], sums["net_amount"], *values, count
        )

    whole = line(realisation.total, depth.total, leakage.total, over.total.rows)
    each = zip(realisation.lines, depth.lines, leakage.lines, strict=True)
    return whole, tuple(line(*three, deeper.get(three[0].key, 0)) for three in each if three[0].rows)


def _outcomes(table: KpiTable) -> dict[str, Outcome]:
    """Won and lost deals by band, of which "" is that of an unknown discount."""
    return {
        one.key: Outcome(
            BANDS.index(one.key) if one.key else 0, one.sums["won_deals"] or 0, one.sums["lost_deals"] or 0
        )
        for one in table.lines
    }


def _bands(tables: list[KpiTable], outcomes: dict[str, Outcome]) -> list[BandLine]:
    priced = {one.key: one for one in tables[0].lines if one.key}
    rates = {one.key: one.value.number for one in tables[1].lines}
    shown = [place for place, band in enumerate(BANDS) if band in priced or outcomes.get(band, Outcome(0, 0, 0)).closed]
    lines = sum(one.rows for one in priced.values())
    found = []
    for band in BANDS[min(shown) : max(shown) + 1] if shown else ():
        sold, ended = priced.get(band), outcomes.get(band, Outcome(0, 0, 0))
        list_minor, net_minor = ((sold.sums[key] or 0) if sold else 0 for key in ("list_amount", "net_amount"))
        rate = rates.get(band)
        interval: Any = (None, None) if rate is None else wilson(ended.won, ended.closed)
        found.append(
            BandLine(
                band,
                _(band_name(band)),
                sold.rows if sold else 0,
                _share(sold.rows if sold else 0, lines),
                list_minor,
                list_minor - net_minor,
                ended.won,
                ended.lost,
                rate,
                *interval,
            )  # fmt: skip
        )
    return found


def bands_chart(found: Discounts) -> dict[str, Any]:
    """Give the chart data of order lines by the depth of their discount."""
    return {
        "categories": [one.name for one in found.bands],
        "series": [{"name": _("Order lines"), "values": [one.lines for one in found.bands]}],
        "unit": "count",
        "labels": {"category": _("Discount")},
    }
