"""Tells how likely open deals are won, where that was tried out of time and found better than plain shares, and calibrated."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction

from insights.engine.likelihood import LEAST_TESTED, LEAST_TRAINED, Looks, Trial, deal_looks, fit, look, trial
from insights.engine.likelihood_reasons import Reason, reasons
from insights.models import DealLikelihood, LikelihoodTrial
from insights.selectors.past_deals import PastDeals, past_deals
from spm.core.dated import day_number, day_of
from spm.core.money import RATE_SCALE

WEEKS = 156
"""How far back deals are looked at, once a week."""


@transaction.atomic
def likelihoods_refresh(*, day: date) -> int:
    """Write the trial of the day and the likelihood of every open deal, replacing those before; gives how many are told."""
    deals = past_deals(day)
    looks, decided_on = _looks(deals, day)
    cut = int(np.quantile(decided_on, 2 / 3)) if len(decided_on) else 0
    tried = trial(looks, decided_on, cut) if len(decided_on) else None
    row = _tried(tried, cut, deals, day)
    LikelihoodTrial.objects.filter(as_on=day).delete()
    row.save()
    DealLikelihood.objects.all().delete()
    if row.refused or not len(deals.open):
        return 0
    told = _told(deals, looks, decided_on, day)
    DealLikelihood.objects.bulk_create(told, batch_size=5000)
    return len(told)


def _looks(deals: PastDeals, day: date) -> tuple[Looks, np.ndarray]:
    """The decided deals week by week while they were open, each with what was known of it then."""
    today = day_number(day)
    weeks = [today - 7 * back for back in range(WEEKS, 0, -1)]
    looks, decided_on = deal_looks(deals.created, deals.decided, deals.won, deals.groups, days=weeks)
    return _with_stage(looks, deals), decided_on


def _with_stage(looks: Looks, deals: PastDeals) -> Looks:
    stage = deals.stage_on(looks.deal, looks.day)
    return replace(looks, stage=stage, groups=looks.groups | {"stage": stage})


def _told(deals: PastDeals, looks: Looks, decided_on: np.ndarray, day: date) -> list[DealLikelihood]:
    fitted, place = fit(looks, decided_on), deals.open
    groups = {name: codes[place] for name, codes in deals.groups.items()}
    today = np.full(len(place), day_number(day))
    now = _with_stage(look(place, today, np.zeros(len(place), dtype=bool), deals.created[place], groups), deals)
    why = reasons(fitted, looks, now)
    return [
        DealLikelihood(
            as_on=day,
            deal_id=deals.key[deal],
            chance_rate=_rate(chance),
            reasons=[_reason(one, deals.names) for one in each],
        )
        for deal, chance, each in zip(place, fitted.chance(now), why, strict=True)
    ]


def _reason(one: Reason, names: dict[str, list[str]]) -> dict[str, Any]:
    known = names.get(one.what, [])
    value = known[one.code] if one.what in names and one.code >= 0 else one.value
    return {"what": one.what, "value": value, "moves_rate": _rate(one.moves), "deals": one.deals}


def _tried(tried: Trial | None, cut: int, deals: PastDeals, day: date) -> LikelihoodTrial:
    if tried is None:
        decided = int((deals.decided >= 0).sum())
        reason = (
            f"{decided} deals have been won or lost. {LEAST_TRAINED} that were open for some weeks are needed to learn from, some of them"
            f" won and some lost, and {LEAST_TESTED} later ones to try it on."
        )
        return LikelihoodTrial(as_on=day, refused=reason)
    return LikelihoodTrial(
        as_on=day,
        cut_on=day_of(cut),
        trained=tried.trained,
        tested=tried.tested,
        brier_rate=_rate(tried.model.brier),
        stage_brier_rate=_rate(tried.stage.brier),
        base_brier_rate=_rate(tried.base.brier),
        gap_rate=_rate(tried.worst_bin),
        bins=[[rows, _rate(mean), _rate(share)] for rows, mean, share in tried.bins],
        refused=tried.refused,
    )


def _rate(share: float) -> int:
    return round(share * RATE_SCALE)
