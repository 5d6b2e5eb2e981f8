"""Bands of discount, and whether deals of deeper discounts are won more often: statistics of counts, never a cause.

A discount is what was given away of the list price. Bands end with the percentage that they are named by, so that a discount of exactly the
limit is within it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from insights.engine.effectiveness import NORMAL
from spm.core.money import RATE_SCALE

EDGES = (5, 10, 15, 20, 30, 40, 50)
"""Upper ends of the bands, in percent of the list price."""
ABOVE, NONE, BEYOND = "above", "none", "beyond"
BANDS = (ABOVE, NONE, *(str(edge) for edge in EDGES), BEYOND)
"""The bands, the smallest discount first: above the list price, exactly the list price, up to each edge, over the last."""
FEWEST = 10
"""Deals that closed below which a win rate says too little."""
APART = RATE_SCALE // 10
"""How far the shares of won and of lost deals whose discount is known may lie apart (at 10**8), for their win rates to be told."""


def band_of(list_minor: int, net_minor: int) -> str:
    """Give the band of what was sold for `net_minor` at a list price above 0.

    >>> [band_of(100, net) for net in (101, 100, 99, 95, 94, 50, 49)]
    ['above', 'none', '5', '5', '10', '50', 'beyond']
    """
    given = list_minor - net_minor
    if given <= 0:
        return NONE if given == 0 else ABOVE
    return next((str(edge) for edge in EDGES if given * 100 <= edge * list_minor), BEYOND)


def band_name(band: str) -> str:
    """Give what a band is called.

    >>> band_name("above"), band_name("5"), band_name("10"), band_name("beyond")
    ('Above the list price', 'Up to 5 %', 'Over 5 to 10 %', 'Over 50 %')
    """
    if band in (ABOVE, NONE):
        return "Above the list price" if band == ABOVE else "No discount"
    if band == BEYOND:
        return f"Over {EDGES[-1]} %"
    below = BANDS[BANDS.index(band) - 1]
    return f"Up to {band} %" if below == NONE else f"Over {below} to {band} %"


def bands_over(edge: int) -> tuple[str, ...]:
    """Give the bands of discounts deeper than an edge.

    >>> bands_over(40)
    ('50', 'beyond')
    """
    return BANDS[BANDS.index(str(edge)) + 1 :]


def wilson(won: int, closed: int) -> tuple[int, int]:
    """Give the 95 % interval of a share of counts, at 10**8. Source: E. B. Wilson, JASA 22 (1927) 209.

    >>> wilson(5, 10), wilson(0, 10)
    ((23659309, 76340691), (0, 27753280))
    """
    share, square = won / closed, NORMAL * NORMAL
    middle = (share + square / (2 * closed)) / (1 + square / closed)
    reach = NORMAL / (1 + square / closed) * sqrt(share * (1 - share) / closed + square / (4 * closed * closed))
    return max(0, round((middle - reach) * RATE_SCALE)), min(RATE_SCALE, round((middle + reach) * RATE_SCALE))


@dataclass(frozen=True)
class Outcome:
    """How many deals of a band, by their place among the bands, were won and lost."""

    place: int
    won: int
    lost: int

    @property
    def closed(self) -> int:
        """All that were decided."""
        return self.won + self.lost


def trend(outcomes: Sequence[Outcome]) -> int | None:
    """Tell whether deals of deeper discounts were won more (1) or less (-1) often, or no more than chance would make it (0).

    None where it can't be told: fewer than two bands with enough deals, or all won, or none. Source: P. Armitage, Biometrics 11 (1955) 375.
    """
    found = [one for one in outcomes if one.closed >= FEWEST]
    closed, won = sum(one.closed for one in found), sum(one.won for one in found)
    if len(found) < 2 or won in (0, closed):
        return None
    scores = sum(one.closed * one.place for one in found)
    leaning = closed * sum(one.won * one.place for one in found) - won * scores
    spread = closed * sum(one.closed * one.place**2 for one in found) - scores**2
    distance = leaning / sqrt(won * (closed - won) * spread / closed)
    return 0 if abs(distance) < NORMAL else 1 if distance > 0 else -1


def is_comparable(known: Outcome, unknown: Outcome) -> bool:
    """Tell whether the discount is known of won and of lost deals alike: else one of them would be missing from every rate."""
    won, lost = known.won + unknown.won, known.lost + unknown.lost
    if not known.won or not known.lost:
        return False
    return abs(known.won * RATE_SCALE // won - known.lost * RATE_SCALE // lost) <= APART
