"""The chance of open deals for scenarios of pay: their likelihood where that is told, else the share won of their stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _

from insights.engine.forecast import LEAST_DECIDED
from insights.models import ChanceSource, DealLikelihood, LikelihoodTrial
from insights.selectors.learned import shares_by_stage
from insights.selectors.past_deals import past_deals
from spm.core.dated import day_number
from spm.core.money import RATE_SCALE
from spm.crm.models import OpportunityVersion


@dataclass(frozen=True)
class Chances:
    """The chance of each deal at scale 10**8, in order; None where none can be told, and `reason` says why.

    `at_share` of the deals have the share of their stage, or that of all where nothing is known of the stage. `source_reason` says why
    they don't have their likelihood.
    """

    rates: np.ndarray | None
    source: str
    source_reason: str
    at_share: int
    reason: str = ""


def chances_of(keys: Sequence[str], day: date) -> Chances:
    """Give the chance of open deals (ids as text), as told on the day."""
    tried = LikelihoodTrial.objects.filter(as_on=day).first()
    refused = _("The likelihood of deals has not been told on this day.") if tried is None else tried.refused
    source = ChanceSource.STAGE_SHARE if refused else ChanceSource.LIKELIHOOD
    told: dict[str, int] = {}
    if not refused:
        rows = DealLikelihood.objects.filter(as_on=day, deal__in=[UUID(key) for key in keys]).values_list(
            "deal_id", "chance_rate"
        )
        told = {str(deal): rate for deal, rate in rows}
    left = [key for key in keys if key not in told]
    shares = _shares(left, day) if left else {}
    if shares is None:
        reason = _(
            "Fewer than %(least)s deals that were open for some weeks were decided before, so the chance of open ones is unknown."
        ) % {"least": LEAST_DECIDED}
        return Chances(None, source, refused, len(left), reason)
    rates = np.array([told[key] if key in told else shares[key] for key in keys], dtype=np.int64)
    return Chances(rates, source, refused, len(left))


def _shares(keys: Sequence[str], day: date) -> dict[str, int] | None:
    found = shares_by_stage(past_deals(day), day_number(day))
    if found is None:
        return None
    stages, base = found
    versions: Any = OpportunityVersion.objects.current()
    rows = versions.filter(fact__in=keys).values_list("fact_id", "stage")
    return {str(deal): round(stages.get(stage, base) * RATE_SCALE) for deal, stage in rows}
