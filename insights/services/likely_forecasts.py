"""The forecast from the likelihood of each open deal, tried on past periods with what would have been told then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from insights.engine.forecast import Deals, Estimate, Record, Span, record, weighted_pipeline, won_amount
from insights.models import DealLikelihood, LikelihoodTrial
from insights.selectors.learned import chances_before
from insights.selectors.past_deals import past_deals
from spm.core.dated import day_number
from spm.core.money import RATE_SCALE

TRIED = 8
"""Past periods that it is tried on, the latest."""

UNTOLD = "The likelihood of deals has not been told on this day."


@dataclass(frozen=True)
class Likely:
    """How likely each deal (by place) is won, NaN unknown: on the day, and on the same day of past periods; None: nothing was told."""

    day: int
    now: np.ndarray | None
    reason: str
    past: Sequence[tuple[Span, int, np.ndarray | None]]

    def forecast(self, deals: Deals, place: np.ndarray, span: Span) -> tuple[Estimate, Record]:
        """Give the forecast of some deals at these places, and its record in trials."""
        tried = [(_weighed(deals, chance, place, each, on), won_amount(deals, each)) for each, on, chance in self.past]
        if self.now is None:
            return Estimate(None, self.reason), record(tried)
        return weighted_pipeline(deals, span=span, day=self.day, chance=self.now[place]), record(tried)


def likely(frame: pd.DataFrame, past: Sequence[Span], *, offset: int, day: date) -> Likely:
    """Give what was told of the deals of the frame on the day, and what would have been `offset` days into past periods."""
    keys = frame["opportunity_id"].to_numpy()
    spans = [(span, min(span.start + offset, span.end - 1)) for span in past]
    told = LikelihoodTrial.objects.filter(as_on=day).first()
    if told is None or told.refused:
        return Likely(
            day_number(day), None, UNTOLD if told is None else told.refused, [(span, on, None) for span, on in spans]
        )
    rows = DealLikelihood.objects.filter(as_on=day).values_list("deal_id", "chance_rate")
    deals = past_deals(day)
    found = [chances_before(deals, on) if place >= len(spans) - TRIED else None for place, (_, on) in enumerate(spans)]
    return Likely(
        day_number(day),
        _placed(keys, {str(deal): rate / RATE_SCALE for deal, rate in rows}),
        "",
        [
            (span, on, None if each is None else _placed(keys, each))
            for (span, on), each in zip(spans, found, strict=True)
        ],
    )


def _placed(keys: np.ndarray, chances: dict[str, float]) -> np.ndarray:
    return np.array([chances.get(str(key), np.nan) for key in keys], dtype=float)


def _weighed(deals: Deals, chance: np.ndarray | None, place: np.ndarray, span: Span, day: int) -> int | None:
    if chance is None:
        return None
    return weighted_pipeline(deals, span=span, day=day, chance=chance[place]).amount_minor
