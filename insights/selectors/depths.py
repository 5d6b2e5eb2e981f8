"""Whether rates of won and lost deals are told by the depth of their discount: one judgement for every page, tile, file and answer.

A rate by depth says too little of few deals, and misleads where the discount is known of won deals rather than of lost ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from insights.engine.discounts import BANDS, FEWEST, Outcome, is_comparable
from insights.selectors.measure_groups import Group
from insights.selectors.measures import MeasuresAsked, MeasureSums, measure_sums
from spm.roles.policy import Viewer

RELATED = ("won_deals", "lost_deals")
"""The measures that a rate of deals relates."""


@dataclass(frozen=True)
class Depths:
    """The judgement: `untold` says of each window why rates by depth mislead, else ""; `of_total` that all rows are kept to depths."""

    sums: MeasureSums
    untold: tuple[str, ...]
    of_total: bool

    def reason(self, place: int, groups: Sequence[str], *, is_total: bool) -> str:
        """Say why the rate of these groups is not told in a window; "" where it is."""
        if is_total and not self.of_total:
            return ""
        if self.untold[place]:
            return self.untold[place]
        if sum(self.sums.of(place, groups, key).total for key in RELATED) >= FEWEST:
            return ""
        few = _("Fewer than %(fewest)s decided deals are too few to tell a win rate by depth of discount.")
        return few % {"fewest": FEWEST}


def depths_judged(viewer: Viewer, asked: MeasuresAsked, sums: MeasureSums) -> Depths | None:
    """Judge rates by depth where rows are told by it or kept to depths; None where neither is so."""
    is_kept = any(one.group is Group.DISCOUNT for one in asked.kept)
    if not set(RELATED) <= set(asked.measures) or not (is_kept or asked.group is Group.DISCOUNT):
        return None
    known = sums
    if is_kept:
        kept = tuple(one for one in asked.kept if one.group is not Group.DISCOUNT)
        known = measure_sums(viewer, replace(asked, measures=RELATED, group=Group.DISCOUNT, kept=kept))
    return Depths(sums, tuple(_untold(known, place) for place in range(len(asked.windows))), is_kept)


def _untold(sums: MeasureSums, place: int) -> str:
    """Why rates by depth would mislead in a window; empty where they don't."""
    known, unknown = _outcome(sums, place, BANDS), _outcome(sums, place, [""])
    if not known.closed + unknown.closed:
        return _("No deal was won or lost in the period.")
    if is_comparable(known, unknown):
        return ""
    return _(
        "The discount is known of %(won)s of %(all_won)s won and of %(lost)s of %(all_lost)s lost deals. Rates of these alone would "
        "mislead. Import the discount of all deals, as their attribute discount_rate."
    ) % {
        "won": known.won,
        "all_won": known.won + unknown.won,
        "lost": known.lost,
        "all_lost": known.lost + unknown.lost,
    }


def _outcome(sums: MeasureSums, place: int, bands: Sequence[str]) -> Outcome:
    return Outcome(0, *(sums.of(place, bands, key).total for key in RELATED))
