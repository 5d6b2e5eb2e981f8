"""What an own dashboard is made of, as data: tiles that each show a figure of the catalogue, and what all of them are kept to."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from insights.engine.kpis import KPIS

MOST_TILES = 12
"""Tiles that a dashboard has at most: more than anybody reads, few enough to be worked out at once."""
BY = ("seller", "unit", "product", "segment", "discount")
"""What a tile may tell its figure by."""


class Shows(StrEnum):
    """How a tile shows its figure: as a number, over the last periods, or by group as a chart."""

    FIGURE = "FIGURE"
    COURSE = "COURSE"
    GROUPS = "GROUPS"


@dataclass(frozen=True)
class Tile:
    """A figure of the catalogue and how it is shown; `by` names the groups of GROUPS and is empty for the others."""

    kpi: str
    shows: Shows
    by: str = ""


def tiles_wrong(tiles: Sequence[Tile]) -> str:
    """Say what is wrong with tiles; empty where nothing is.

    >>> tiles_wrong([Tile("win_rate", Shows.GROUPS, "seller"), Tile("margin", Shows.FIGURE)])
    ''
    >>> tiles_wrong([Tile("luck", Shows.FIGURE)])
    'There is no figure luck in the catalogue.'
    """
    if len(tiles) > MOST_TILES:
        return f"A dashboard has at most {MOST_TILES} tiles. Make another one for the rest."
    for tile in tiles:
        if tile.kpi not in KPIS:
            return f"There is no figure {tile.kpi} in the catalogue."
        if (tile.shows is Shows.GROUPS) != bool(tile.by):
            return f"{KPIS[tile.kpi].name} is told by a group where it is shown by group, and by none otherwise."
        if tile.by and tile.by not in BY:
            return f"{KPIS[tile.kpi].name} can't be told by {tile.by}. Choose one of {', '.join(BY)}."
    if len(set(tiles)) < len(tiles):
        return "A tile stands on the dashboard already."
    return ""


def moved(tiles: Sequence[Tile], place: int, by: int) -> tuple[Tile, ...]:
    """Give tiles with the one at a place moved up (-1) or down (1), as they are where there is nowhere to move to.

    >>> [tile.kpi for tile in moved([Tile("a", Shows.FIGURE), Tile("b", Shows.FIGURE)], 1, -1)]
    ['b', 'a']
    """
    found = list(tiles)
    if 0 <= place < len(found) and 0 <= place + by < len(found):
        found.insert(place + by, found.pop(place))
    return tuple(found)
