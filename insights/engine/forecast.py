"""Two plain forecasts of the won amount of a period, each with the record of how wrong it was.

Seasonal naive: what was won in the same period a year before. Weighted pipeline: what is already won in the period, plus each open deal at
its value × the share of decided deals that were won × the share of deals of its age that close in the days that remain. Shares are learned
only from deals decided before the day of the forecast, so that a back-test knows nothing of its future. Amounts are minor units of one
currency; what can't be computed is None with the reason, never 0.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from spm.core.money import RATE_SCALE

LEAST_DECIDED = 20


@dataclass(frozen=True)
class Deals:
    """Deals as arrays of one length, days as day numbers (days since 1970-01-01).

    `created_on` and `close_on` are -1 where unknown; `value_minor` is -1 where the deal has none; `group` codes the product, -1 for none.
    """

    created_on: np.ndarray
    close_on: np.ndarray
    is_won: np.ndarray
    is_lost: np.ndarray
    value_minor: np.ndarray
    group: np.ndarray

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Deals":
        """Take the columns created_on, close_on (day numbers), status (open, won, lost), amount_minor and product_key; NA is unknown."""
        status = frame["status"].to_numpy()
        return cls(
            created_on=frame["created_on"].fillna(-1).to_numpy(dtype=np.int64),
            close_on=frame["close_on"].fillna(-1).to_numpy(dtype=np.int64),
            is_won=status == "won",
            is_lost=status == "lost",
            value_minor=frame["amount_minor"].fillna(-1).to_numpy(dtype=np.int64),
            group=pd.factorize(frame["product_key"], sort=True)[0].astype(np.int64),
        )


@dataclass(frozen=True)
class Span:
    """A period as day numbers, half-open."""

    start: int
    end: int


@dataclass(frozen=True)
class Estimate:
    """A forecast: the amount in minor units, or None and the reason. `unvalued` deals were counted at their product's average."""

    amount_minor: int | None
    reason: str = ""
    unvalued: int = 0
    worth: np.ndarray | None = field(default=None, compare=False)
    """What each deal is expected to bring, where the model looks at deals."""


@dataclass(frozen=True)
class Record:
    """How wrong a model was: WMAPE and bias at scale 10**8, over `tests` past periods; None where there was nothing to test."""

    wmape_rate: int | None
    bias_rate: int | None
    tests: int
    pairs: tuple[tuple[int | None, int], ...] = ()
    """Forecast and actual of each past period, oldest first; None where there was no forecast."""

    @property
    def errors(self) -> tuple[float, ...]:
        """Give |actual − forecast| ÷ forecast of each past period; NaN where the forecast was unknown or 0."""
        return tuple(abs(a - f) / f if f else math.nan for f, a in self.pairs)


def won_amount(deals: Deals, span: Span, *, until: int | None = None) -> int:
    """Sum what was won in the period, up to but not on the day `until`."""
    end = span.end if until is None else min(span.end, until)
    inside = deals.is_won & (deals.close_on >= span.start) & (deals.close_on < end) & (deals.value_minor >= 0)
    return int(deals.value_minor[inside].sum())


def seasonal_naive(deals: Deals, *, year_before: Span | None) -> Estimate:
    """Take what was won in the same period a year before; None where no deal of that time or earlier is known."""
    if year_before is None:
        return Estimate(None, "The calendar has no period a year before.")
    decided = deals.close_on[deals.is_won | deals.is_lost]
    if not len(decided) or decided.min() >= year_before.end or decided.min() > year_before.start:
        return Estimate(None, "No whole period a year before is known yet.")
    return Estimate(won_amount(deals, year_before))


def weighted_pipeline(deals: Deals, *, span: Span, day: int, chance: np.ndarray | None = None) -> Estimate:
    """Weigh the deals open on the day; None where fewer than 20 deals were decided before it.

    `chance` is how likely each deal is won, where that is known better than by the share of its product; NaN is unknown.
    """
    decided = (deals.is_won | deals.is_lost) & (deals.close_on >= 0) & (deals.close_on < day)
    if decided.sum() < LEAST_DECIDED:
        return Estimate(
            None, f"Only {int(decided.sum())} deals were decided before; {LEAST_DECIDED} are needed to learn from."
        )
    won = decided & deals.is_won & (deals.value_minor >= 0)
    if not won.any():
        return Estimate(None, "No deal was won before, so nothing says what an open one is worth.")
    is_open = ~decided & (deals.created_on < day) & ((deals.close_on < 0) | (deals.close_on >= day))
    is_open &= ~((deals.is_won | deals.is_lost) & (deals.close_on < 0))
    value, unvalued = _values(deals, is_open, won)
    share = _share(deals, decided & deals.is_won, decided)[deals.group[is_open]]
    likely = share if chance is None else np.where(np.isnan(chance[is_open]), share, chance[is_open])
    timing = _timing(deals, decided, is_open, day=day, end=span.end)
    worth = np.zeros(len(deals.group))
    worth[is_open] = value * likely * timing
    return Estimate(won_amount(deals, span, until=day) + round(float(worth.sum())), unvalued=unvalued, worth=worth)


def part_weights(deals: Deals, owner: np.ndarray, worth: np.ndarray | None, *, span: Span, day: int) -> dict[str, int]:
    """Give by owner what they have won in the period so far, and what the weighted pipeline expects of their open deals (minor units).

    `worth` is what it expects of each deal, None where it knows nothing.
    """
    inside = (
        deals.is_won & (deals.close_on >= span.start) & (deals.close_on < min(span.end, day)) & (deals.value_minor >= 0)
    )
    names, place = np.unique(owner, return_inverse=True)
    won = np.zeros(len(names), dtype=np.int64)
    np.add.at(won, place[inside], deals.value_minor[inside])
    hoped = np.bincount(place, weights=worth, minlength=len(names)) if worth is not None else np.zeros(len(names))
    return {str(name): int(one) + round(float(two)) for name, one, two in zip(names, won, hoped, strict=True)}


def record(tried: list[tuple[int | None, int]]) -> Record:
    """Compare (forecast, actual) pairs, oldest first. Source: WMAPE = Σ|A−F| / ΣA, bias = Σ(F−A) / ΣA; an unknown forecast is no test."""
    pairs = [(forecast, actual) for forecast, actual in tried if forecast is not None]
    actual = sum(pair[1] for pair in pairs)
    if actual == 0:
        return Record(None, None, len(pairs), tuple(tried))
    wmape = sum(abs(a - f) for f, a in pairs) * RATE_SCALE // actual
    bias = sum(f - a for f, a in pairs)
    return Record(wmape, round(bias * RATE_SCALE / actual), len(pairs), tuple(tried))


def skill(past: Record, naive: Record) -> int | None:
    """Give by which part (scale 10**8) a model was less wrong than seasonal naive in the periods that both forecast; None without any.

    Source: forecast skill 1 − error ÷ error of the reference; below 0 the model was worse than doing nothing.
    """
    both = [
        (f, n, a) for (f, a), (n, _) in zip(past.pairs, naive.pairs, strict=True) if f is not None and n is not None
    ]
    reference = sum(abs(a - n) for _, n, a in both)
    if not reference:
        return None
    return RATE_SCALE - sum(abs(a - f) for f, _, a in both) * RATE_SCALE // reference


def back_test_naive(deals: Deals, pairs: list[tuple[Span, Span | None]]) -> Record:
    """Try seasonal naive on past (period, same period a year before)."""
    tried = [(seasonal_naive(deals, year_before=before), won_amount(deals, span)) for span, before in pairs]
    return record([(estimate.amount_minor, actual) for estimate, actual in tried])


def back_test_pipeline(deals: Deals, spans: list[Span], *, offset: int) -> Record:
    """Try the weighted pipeline on past periods, `offset` days after the start of each (at most its last day)."""
    days = [min(span.start + offset, span.end - 1) for span in spans]
    tried = [
        (weighted_pipeline(deals, span=span, day=day), won_amount(deals, span))
        for span, day in zip(spans, days, strict=True)
    ]
    return record([(estimate.amount_minor, actual) for estimate, actual in tried])


def _values(deals: Deals, is_open: np.ndarray, won: np.ndarray) -> tuple[np.ndarray, int]:
    groups = int(deals.group.max()) + 2
    count = np.bincount(deals.group[won] + 1, minlength=groups)
    total = np.bincount(deals.group[won] + 1, weights=deals.value_minor[won], minlength=groups)
    overall = deals.value_minor[won].mean()
    average = np.where(count > 0, total / np.maximum(count, 1), overall)
    known = deals.value_minor[is_open] >= 0
    value = np.where(known, deals.value_minor[is_open], average[deals.group[is_open] + 1])
    return value, int((~known).sum())


def _share(deals: Deals, part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    groups = int(deals.group.max()) + 1
    parts = np.bincount(deals.group[part & (deals.group >= 0)], minlength=groups)
    wholes = np.bincount(deals.group[whole & (deals.group >= 0)], minlength=groups)
    overall = part.sum() / whole.sum()
    by_group = np.where(wholes >= LEAST_DECIDED, parts / np.maximum(wholes, 1), overall)
    return np.append(by_group, overall)


def _timing(deals: Deals, decided: np.ndarray, is_open: np.ndarray, *, day: int, end: int) -> np.ndarray:
    aged = decided & (deals.created_on >= 0)
    cycle = np.sort((deals.close_on - deals.created_on)[aged])
    created = deals.created_on[is_open]
    if not len(cycle):
        return np.ones(len(created))
    age = np.where(created >= 0, day - created, 0)
    older = len(cycle) - np.searchsorted(cycle, age, side="left")
    closing = np.searchsorted(cycle, age + (end - day), side="left") - np.searchsorted(cycle, age, side="left")
    return np.where(older > 0, closing / np.maximum(older, 1), 0.0)
