"""What is learned from decided deals by a day, tried out of time, and how likely the deals that were open then are won."""

from dataclasses import dataclass, replace

import numpy as np

from insights.engine.forecast import LEAST_DECIDED
from insights.engine.likelihood import Fitted, Looks, Trial, deal_looks, fit, look, stage_shares, trial
from insights.selectors.past_deals import LEARNED, PastDeals

WEEKS = 156
"""How far back deals are looked at, once a week."""


@dataclass(frozen=True)
class Learned:
    """The deals as known on a day, decided ones as looked at while they were open, and the trial; None where there are too few."""

    deals: PastDeals
    on: int
    looks: Looks
    decided_on: np.ndarray
    cut: int
    tried: Trial | None

    def fitted(self) -> Fitted:
        """Fit on everything decided by the day."""
        return fit(self.looks, self.decided_on)

    def open_now(self) -> tuple[np.ndarray, Looks]:
        """Give the places of the open deals with a day of creation, and how they stand on the day."""
        place = self.deals.open
        groups = {name: codes[place] for name, codes in self.deals.groups.items()}
        won, today = np.zeros(len(place), dtype=bool), np.full(len(place), self.on)
        return place, _with_stage(look(place, today, won, self.deals.created[place], groups), self.deals)


def learn(deals: PastDeals, on: int) -> Learned:
    """Learn from what was decided before the day."""
    looks, decided_on = _looked_at(deals, on)
    cut = int(np.quantile(decided_on, 2 / 3)) if len(decided_on) else 0
    return Learned(deals, on, looks, decided_on, cut, trial(looks, decided_on, cut) if len(decided_on) else None)


def shares_by_stage(deals: PastDeals, on: int) -> tuple[dict[str, float], float] | None:
    """Give the share of deals decided before the day that were won, by the stage in which they stood while open, and that of all.

    None where fewer than 20 are known that were open for some weeks.
    """
    looks, _decided_on = _looked_at(deals, on)
    if len(np.unique(looks.deal)) < LEAST_DECIDED:
        return None
    shares, base = stage_shares(looks)
    return {name: shares[code] for code, name in enumerate(deals.names["stage"]) if code in shares}, base


def _looked_at(deals: PastDeals, on: int) -> tuple[Looks, np.ndarray]:
    weeks = [on - 7 * back for back in range(WEEKS, 0, -1)]
    looks, decided_on = deal_looks(deals.created, deals.decided, deals.won, deals.groups, days=weeks)
    return _with_stage(looks, deals), decided_on


def chances_before(deals: PastDeals, on: int) -> dict[str, float] | None:
    """Give how likely the deals that were open on an earlier day would have been told to be won, by id; None where nothing would have been.

    None too where more was decided since than is read: then what was known on that day isn't known now.
    """
    if (deals.decided >= 0).sum() >= LEARNED:
        return None
    decided = np.where(deals.decided < on, deals.decided, -1)
    created = np.where(deals.created <= on, deals.created, -1)
    learned = learn(replace(deals, decided=decided, created=created), on)
    if learned.tried is None or learned.tried.refused:
        return None
    place, now = learned.open_now()
    chance = learned.fitted().chance(now)
    return {str(deals.key[deal]): float(each) for deal, each in zip(place, chance, strict=True)}


def _with_stage(looks: Looks, deals: PastDeals) -> Looks:
    stage = deals.stage_on(looks.deal, looks.day)
    return replace(looks, stage=stage, groups=looks.groups | {"stage": stage})
